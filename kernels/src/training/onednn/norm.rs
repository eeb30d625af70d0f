//! A convolution and its batch norm in training, with a leaky ReLU behind them or none, as one operation.

use super::conv::{convolution, forward, gradients};
use super::maps::filled;
use super::operation::of_four;
use super::vectors::relu;
use super::*;

/// What batch norm makes of a feature map.
#[derive(Debug)]
pub struct Normed {
    /// `leaky_relu(gamma (x - mean) / sqrt(variance + epsilon) + beta)`, `[b, c, h, w]`.
    pub output: Tensor<4>,
    /// Mean over batch and positions, `[c]`.
    pub mean: Tensor<1>,
    /// Variance over batch and positions (biased), `[c]`.
    pub variance: Tensor<1>,
}

/// `leaky_relu(norm(conv(x, weight)))`, the norm by the batch's own statistics (Ioffe and Szegedy 2015,
/// algorithm 1).
///
/// # Shapes
/// - `x`: `[b, in, h, w]`
/// - `weight`: `[out, in, k, k]`, `gamma` and `beta`: `[out]`, in single precision
pub fn conv_norm(
    x: Tensor<4>,
    weight: Tensor<4>,
    gamma: Tensor<1>,
    beta: Tensor<1>,
    options: NormOptions,
) -> Normed {
    let device = x.device();
    let (output, kept) = of_four(options, x, weight, [gamma, beta]);
    let statistic = |of: Channels| Tensor::from_data(of.as_slice(), (&device, DType::F32));
    Normed {
        output,
        mean: statistic(kept.mean),
        variance: statistic(kept.variance),
    }
}

/// What such a layer is, beside its weights.
#[derive(Debug, Clone, Copy)]
pub struct NormOptions {
    /// Positions from one to the next.
    pub stride: usize,
    /// Zeros around the source.
    pub padding: usize,
    /// Added to the variance.
    pub epsilon: f32,
    /// Of the ReLU that follows; 1 for none.
    pub slope: f32,
}

/// Values of a map that a core works on at a time, about: they stay in its cache.
const CHUNK: usize = 1 << 14;

/// Numbers of each channel.
type Channels = Vec<f32>;

vectors! {
    /// Adds the values and the squares of all places of a map to those of each channel, less what they are at one place:
    /// squares of what is far from 0 would leave no digits for their differences.
    fn add_squares(sums: &mut [f32], squares: &mut [f32], z: &[T], pivot: &[T]) {
        for z in z.chunks_exact(sums.len()) {
            let sums = sums.iter_mut().zip(squares.iter_mut());
            for ((sum, square), (z, pivot)) in sums.zip(z.iter().zip(pivot)) {
                let z = z.wide() - pivot.wide();
                *sum += z;
                *square += z * z;
            }
        }
    }

    /// `leaky_relu(scale z + shift)` at every place.
    fn scaled(to: &mut [T], z: &[T], by: [&[f32]; 2], slope: f32) {
        let [scale, shift] = by;
        let places = to.chunks_exact_mut(scale.len()).zip(z.chunks_exact(scale.len()));
        for (to, z) in places {
            let normed = z.iter().zip(scale).zip(shift);
            for (to, ((z, scale), shift)) in to.iter_mut().zip(normed) {
                *to = T::nearest(relu(scale * z.wide() + shift, slope));
            }
        }
    }

    /// The gradient before that ReLU.
    fn passed(to: &mut [T], z: &[T], g: &[T], by: [&[f32]; 2], slope: f32) {
        let [scale, shift] = by;
        let given = z.chunks_exact(scale.len()).zip(g.chunks_exact(scale.len()));
        for (to, (z, g)) in to.chunks_exact_mut(scale.len()).zip(given) {
            let normed = z.iter().zip(scale).zip(shift);
            for ((to, g), ((z, scale), shift)) in to.iter_mut().zip(g).zip(normed) {
                let g = g.wide();
                let open = scale * z.wide() + shift > 0.0;
                *to = T::nearest(if open { g } else { slope * g });
            }
        }
    }

    /// Adds the gradients of all places to those of each channel, and what they are along the map, less its mean.
    fn add_pulls(pulls: &mut [f32], along: &mut [f32], z: &[T], g: &[T], mean: &[f32]) {
        let channels = pulls.len();
        for (z, g) in z.chunks_exact(channels).zip(g.chunks_exact(channels)) {
            let sums = pulls.iter_mut().zip(along.iter_mut());
            for ((pull, along), ((z, g), mean)) in sums.zip(z.iter().zip(g).zip(mean)) {
                let g = g.wide();
                *pull += g;
                *along += g * (z.wide() - mean);
            }
        }
    }

    /// `a g + b z + c` at every place.
    fn combined(to: &mut [T], z: &[T], g: &[T], by: [&[f32]; 3]) {
        let [a, b, c] = by;
        let given = z.chunks_exact(a.len()).zip(g.chunks_exact(a.len()));
        for (to, (z, g)) in to.chunks_exact_mut(a.len()).zip(given) {
            let factors = a.iter().zip(b).zip(c);
            let given = z.iter().zip(g).zip(factors);
            for (to, ((z, g), ((a, b), c))) in to.iter_mut().zip(given) {
                *to = T::nearest(a * g.wide() + b * z.wide() + c);
            }
        }
    }
}

/// Whole places of so many channels that a core works on at a time.
fn chunk(channels: usize) -> usize {
    (CHUNK / channels).max(1) * channels
}

/// Two sums for each channel over all places, from those of each chunk of them: `add(start, sums)`.
fn sums(
    count: usize,
    channels: usize,
    add: impl Fn(std::ops::Range<usize>, [&mut [f32]; 2]) + Sync,
) -> [Vec<f64>; 2] {
    let chunk = chunk(channels);
    let parts = (0..count.div_ceil(chunk)).into_par_iter().map(|part| {
        let mut sums = [0, 1].map(|_| vec![0.0f32; channels]);
        let range = part * chunk..((part + 1) * chunk).min(count);
        add(range, sums.each_mut().map(|sums| &mut sums[..]));
        sums
    });
    // In the order of places, however many threads there are.
    let parts: Vec<[Channels; 2]> = parts.collect();
    [0, 1].map(|n| {
        let mut sum = vec![0.0; channels];
        for part in &parts {
            let of = sum.iter_mut().zip(&part[n]);
            of.for_each(|(sum, value)| *sum += f64::from(*value));
        }
        sum
    })
}

/// What the layer computed on the way, for its gradient and its statistics.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    x: Array,
    weight: Array,
    /// The convolution, before the norm.
    z: Array,
    mean: Channels,
    variance: Channels,
    /// What the norm multiplies the convolution by, and then adds to it.
    scale: Channels,
    shift: Channels,
    shape: Convolution,
    options: NormOptions,
}

impl Operation<4> for NormOptions {
    type Kept = Kept;

    fn forward<T: Value>(self, [x, weight, gamma, beta]: [Array; 4]) -> (Array, Kept) {
        let shape = convolution(&x, &weight, self.stride, self.padding);
        let (x, weight, gamma) = (last::<T>(x), weight.to_contiguous(), gamma.to_contiguous());
        let z = forward::<T>(&shape, elements(&x), floats(&weight));
        let channels = shape.weight[0];
        let [sums, squares] = sums(z.len(), channels, |range, [sums, squares]| {
            add_squares(sums, squares, &z[range], &z[..channels]);
        });
        let count = (z.len() / channels) as f64;
        let mean = |(sum, pivot): (&f64, &T)| (sum / count + f64::from(pivot.wide())) as f32;
        let spread =
            |(sum, square): (&f64, &f64)| (square / count - (sum / count).powi(2)).max(0.0);
        let variance: Channels = sums
            .iter()
            .zip(&squares)
            .map(|of| spread(of) as f32)
            .collect();
        let mean: Channels = sums.iter().zip(&z).map(mean).collect();
        let scale = |(gamma, variance): (&f32, &f32)| gamma / (variance + self.epsilon).sqrt();
        let scale: Channels = floats(&gamma).iter().zip(&variance).map(scale).collect();
        let beta = beta.to_contiguous();
        let shift = floats(&beta).iter().zip(mean.iter().zip(&scale));
        let shift: Channels = shift
            .map(|(beta, (mean, scale))| beta - mean * scale)
            .collect();
        let y = filled(z.len(), chunk(channels), |start, y| {
            scaled(y, &z[start..], [&scale, &shift], self.slope);
        });
        let kept = Kept {
            x,
            weight,
            z: maps(z, shape.result()),
            mean,
            variance,
            scale,
            shift,
            shape,
            options: self,
        };
        (maps(y, shape.result()), kept)
    }

    fn backward<T: Value>(kept: Kept, gradient: Array, wanted: [bool; 4]) -> [Option<Array>; 4] {
        let (shape, channels) = (&kept.shape, [kept.mean.len()]);
        let gradient = last::<T>(gradient);
        let (dz, dgamma, dbeta) = kept.of_norm::<T>(elements(&gradient));
        let [of_x, of_weight, ..] = wanted;
        let [dx, dw] = gradients(shape, [&kept.x, &kept.weight], &dz, [of_x, of_weight]);
        [
            dx,
            dw,
            Some(flex(dgamma, channels)),
            Some(flex(dbeta, channels)),
        ]
    }
}

impl Kept {
    /// Gradients of the convolution's result, of gamma and of beta.
    fn of_norm<T: Value>(&self, gradient: &[T]) -> (Vec<T>, Channels, Channels) {
        let (z, channels, slope) = (elements::<T>(&self.z), self.mean.len(), self.options.slope);
        let normed = [&self.scale[..], &self.shift];
        let behind = (slope != 1.0).then(|| {
            filled(z.len(), chunk(channels), |start, to| {
                passed(to, &z[start..], &gradient[start..], normed, slope);
            })
        });
        let gradient = behind.as_deref().unwrap_or(gradient);
        let [pulls, along] = sums(z.len(), channels, |range, [pulls, along]| {
            add_pulls(
                pulls,
                along,
                &z[range.clone()],
                &gradient[range],
                &self.mean,
            );
        });
        let count = (z.len() / channels) as f64;
        let [mut dgamma, mut of_z, mut alone] = [0, 1, 2].map(|_| vec![0.0; channels]);
        for i in 0..channels {
            let deviation = (f64::from(self.variance[i]) + f64::from(self.options.epsilon)).sqrt();
            let (mean, scale) = (f64::from(self.mean[i]), f64::from(self.scale[i]));
            let along = along[i] / deviation;
            // dz = scale (g - mean of g - z normed * mean of g times that)
            let slope = -scale * along / deviation / count;
            dgamma[i] = along as f32;
            of_z[i] = slope as f32;
            alone[i] = (-scale * pulls[i] / count - slope * mean) as f32;
        }
        let factors = [&self.scale[..], &of_z, &alone];
        let dz = filled(z.len(), chunk(channels), |start, dz| {
            combined(dz, &z[start..], &gradient[start..], factors);
        });
        let dbeta = pulls.into_iter().map(|pull| pull as f32).collect();
        (dz, dgamma, dbeta)
    }
}
