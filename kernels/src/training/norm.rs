//! Batch norm in training together with the leaky ReLU behind it, on the CPU: two passes over
//! the feature map forward and two backward, on all cores.
//!
//! burn composes both from some twenty elementwise passes on one thread, which is half of a
//! training step once the convolutions are fast.

use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{
    Autodiff, AutodiffBackend, Backend, Dispatch, Flex, TensorMetadata, backend_extension,
};
use burn::tensor::Tensor;
use burn::tensor::activation::leaky_relu;
use burn::tensor::module::batch_norm_train;
use rayon::prelude::*;

use super::zeros;
use crate::flex::{flex, floats, is_flex};

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

/// Batch norm by the batch's own statistics (Ioffe and Szegedy 2015, algorithm 1), then a leaky
/// ReLU; a slope of 1 leaves that out.
///
/// # Shapes
/// - `x`: `[b, c, h, w]`
/// - `gamma`, `beta`: `[c]`
pub fn norm_relu(
    x: Tensor<4>,
    gamma: Tensor<1>,
    beta: Tensor<1>,
    epsilon: f64,
    slope: f64,
) -> Normed {
    if !is_flex(&x.device()) {
        let normed = batch_norm_train(x, gamma, beta, epsilon);
        return Normed {
            output: leaky_relu(normed.output, slope),
            mean: normed.mean,
            variance: normed.variance,
        };
    }
    let (output, mean, variance) = <Dispatch as NormKernels>::norm(
        x.into_dispatch(),
        gamma.into_dispatch(),
        beta.into_dispatch(),
        epsilon as f32,
        slope as f32,
    );
    Normed {
        output: Tensor::from_dispatch(output),
        mean: Tensor::from_dispatch(mean),
        variance: Tensor::from_dispatch(variance),
    }
}

#[backend_extension(Flex, Autodiff)]
trait NormKernels: Backend {
    fn norm(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f32,
        slope: f32,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
}

/// `[b, c, h * w]`
type Shape = [usize; 3];

fn shape(x: &FloatTensor<Flex>) -> Shape {
    let [b, c, h, w] = x.shape().dims();
    [b, c, h * w]
}

impl NormKernels for Flex {
    fn norm(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f32,
        slope: f32,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let dims: [usize; 4] = x.shape().dims();
        let (x, gamma, beta) = (
            x.to_contiguous(),
            gamma.to_contiguous(),
            beta.to_contiguous(),
        );
        let statistics = statistics(floats(&x), shape(&x));
        let lines = lines(&statistics, floats(&gamma), floats(&beta), epsilon);
        let y = forward(floats(&x), shape(&x), &lines, slope);
        let (mean, variance) = statistics.into_iter().unzip();
        (
            flex(y, dims),
            flex(mean, [dims[1]]),
            flex(variance, [dims[1]]),
        )
    }
}

/// Mean and variance of each channel.
fn statistics(x: &[f32], [_, c, area]: Shape) -> Vec<(f32, f32)> {
    let channel = |k: usize| {
        let planes = || {
            x.chunks_exact(c * area)
                .map(|x| &x[k * area..(k + 1) * area])
        };
        let count = (x.len() / c) as f64;
        let total = |of: &dyn Fn(&[f32]) -> f32| planes().map(|x| f64::from(of(x))).sum::<f64>();
        let mean = (total(&|x| sum(x, |x| x)) / count) as f32;
        let variance = total(&|x| sum(x, |x| (x - mean) * (x - mean))) / count;
        (mean, variance as f32)
    };
    (0..c).into_par_iter().map(channel).collect()
}

/// Sums in sixteen lanes, which the compiler keeps in a register or two.
fn sum(x: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0; 16];
    let (chunks, rest) = x.as_chunks::<16>();
    for chunk in chunks {
        for (lane, x) in lanes.iter_mut().zip(chunk) {
            *lane += of(*x);
        }
    }
    lanes.iter().sum::<f32>() + rest.iter().map(|x| of(*x)).sum::<f32>()
}

/// A channel's norm as a line: `scale x + shift`.
#[derive(Clone, Copy)]
struct Line {
    scale: f32,
    shift: f32,
}

fn lines(statistics: &[(f32, f32)], gamma: &[f32], beta: &[f32], epsilon: f32) -> Vec<Line> {
    let line = |((&(mean, variance), gamma), beta): ((&(f32, f32), &f32), &f32)| {
        let scale = gamma / (variance + epsilon).sqrt();
        Line {
            scale,
            shift: beta - mean * scale,
        }
    };
    statistics.iter().zip(gamma).zip(beta).map(line).collect()
}

fn forward(x: &[f32], [_, c, area]: Shape, lines: &[Line], slope: f32) -> Vec<f32> {
    let mut y = zeros(x.len());
    y.par_chunks_mut(area)
        .zip(x.par_chunks(area))
        .enumerate()
        .for_each(|(plane, (y, x))| {
            let Line { scale, shift } = lines[plane % c];
            for (y, x) in y.iter_mut().zip(x) {
                let z = scale * x + shift;
                *y = if z > 0.0 { z } else { slope * z };
            }
        });
    y
}

#[derive(Debug)]
struct NormBackward;

/// The three inputs, epsilon and slope.
type State = (NodeId, NodeId, NodeId, f32, f32);

impl Backward<Flex, 3> for NormBackward {
    type State = State;

    fn backward(
        self,
        ops: Ops<Self::State, 3>,
        grads: &mut Gradients,
        checkpointer: &mut Checkpointer,
    ) {
        let [x_node, gamma_node, beta_node] = ops.parents;
        let grad = grads.consume::<Flex>(&ops.node).to_contiguous();
        let (x, gamma, beta, epsilon, slope) = ops.state;
        let mut input = |id| -> FloatTensor<Flex> {
            let tensor: FloatTensor<Flex> = checkpointer.retrieve_node_output(id);
            tensor.to_contiguous()
        };
        let (x, gamma, beta) = (input(x), input(gamma), input(beta));
        let dims: [usize; 4] = x.shape().dims();
        let of = Gradient {
            x: floats(&x),
            grad: floats(&grad),
            shape: shape(&x),
            slope,
        };
        let statistics = statistics(of.x, of.shape);
        let lines = lines(&statistics, floats(&gamma), floats(&beta), epsilon);
        let sums = of.sums(&statistics, &lines, epsilon);
        if let Some(node) = x_node {
            let dx = of.input(&statistics, &lines, &sums, epsilon);
            grads.register::<Flex>(node.id, flex(dx, dims));
        }
        let (dgamma, dbeta) = sums.into_iter().unzip();
        if let Some(node) = gamma_node {
            grads.register::<Flex>(node.id, flex(dgamma, [dims[1]]));
        }
        if let Some(node) = beta_node {
            grads.register::<Flex>(node.id, flex(dbeta, [dims[1]]));
        }
    }
}

impl<C: CheckpointStrategy> NormKernels for Autodiff<Flex, C> {
    fn norm(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f32,
        slope: f32,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let run = |x: &FloatTensor<Self>, gamma: &FloatTensor<Self>, beta: &FloatTensor<Self>| {
            let inner = |tensor: &FloatTensor<Self>| tensor.primitive().clone();
            Flex::norm(inner(x), inner(gamma), inner(beta), epsilon, slope)
        };
        let (y, mean, variance) = run(&x, &gamma, &beta);
        let output = match NormBackward
            .prepare::<C>([x.node(), gamma.node(), beta.node()])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(mut prep) => {
                let mut keep = |tensor| prep.checkpoint(tensor);
                let state = (keep(&x), keep(&gamma), keep(&beta), epsilon, slope);
                prep.finish(state, y)
            }
            OpsKind::UnTracked(prep) => prep.finish(y),
        };
        (output, Self::from_inner(mean), Self::from_inner(variance))
    }
}

/// What the gradients are made of.
struct Gradient<'a> {
    x: &'a [f32],
    /// Gradient of the output.
    grad: &'a [f32],
    shape: Shape,
    slope: f32,
}

impl Gradient<'_> {
    /// For each channel the gradients of gamma, `sum g x^`, and of beta, `sum g`, where `g` is
    /// the gradient before the ReLU and `x^` the normalised input.
    fn sums(&self, statistics: &[(f32, f32)], lines: &[Line], epsilon: f32) -> Vec<(f32, f32)> {
        let [_, c, area] = self.shape;
        let channel = |k: usize| {
            let (mean, variance) = statistics[k];
            let deviation = 1.0 / (variance + epsilon).sqrt();
            let Line { scale, shift } = lines[k];
            let images = self
                .x
                .chunks_exact(c * area)
                .zip(self.grad.chunks_exact(c * area));
            let (mut dgamma, mut dbeta) = (0.0, 0.0);
            for (x, grad) in images {
                let plane = k * area..(k + 1) * area;
                let (mut centred, mut plain) = ([0.0; 16], [0.0; 16]);
                for (x, grad) in x[plane.clone()].chunks(16).zip(grad[plane].chunks(16)) {
                    for (i, (x, grad)) in x.iter().zip(grad).enumerate() {
                        let z = scale * x + shift;
                        let g = if z > 0.0 { *grad } else { self.slope * grad };
                        centred[i] += g * (x - mean);
                        plain[i] += g;
                    }
                }
                dgamma += f64::from(centred.iter().sum::<f32>());
                dbeta += f64::from(plain.iter().sum::<f32>());
            }
            (dgamma as f32 * deviation, dbeta as f32)
        };
        (0..c).into_par_iter().map(channel).collect()
    }

    /// `scale (g - mean(g) - x^ mean(g x^))`
    fn input(
        &self,
        statistics: &[(f32, f32)],
        lines: &[Line],
        sums: &[(f32, f32)],
        epsilon: f32,
    ) -> Vec<f32> {
        let [_, c, area] = self.shape;
        let count = (self.x.len() / c) as f32;
        let mut dx = zeros(self.x.len());
        dx.par_chunks_mut(area)
            .zip(self.x.par_chunks(area).zip(self.grad.par_chunks(area)))
            .enumerate()
            .for_each(|(plane, (dx, (x, grad)))| {
                let k = plane % c;
                let (mean, variance) = statistics[k];
                let deviation = 1.0 / (variance + epsilon).sqrt();
                let Line { scale, shift } = lines[k];
                let (dgamma, dbeta) = sums[k];
                // scale (g - a - b x), with the means gathered into a line of their own.
                let b = dgamma / count * deviation;
                let a = dbeta / count - b * mean;
                for ((dx, x), grad) in dx.iter_mut().zip(x).zip(grad) {
                    let z = scale * x + shift;
                    let g = if z > 0.0 { *grad } else { self.slope * grad };
                    *dx = scale * (g - a - b * x);
                }
            });
        dx
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, Distribution, TensorData, Tolerance};

    #[test]
    fn agrees_with_burn_on_random_shapes() {
        let device = Device::flex().autodiff();
        let normal = Distribution::Normal(0.3, 1.5);
        for ([b, c, h, w], slope) in [
            ([2, 3, 4, 5], 0.0),
            ([3, 2, 7, 3], 0.2),
            ([1, 4, 3, 5], 1.0),
            ([4, 5, 16, 16], 0.0),
        ] {
            let x = Tensor::<4>::random([b, c, h, w], normal, &device).require_grad();
            let gamma = Tensor::<1>::random([c], normal, &device).require_grad();
            let beta = Tensor::<1>::random([c], normal, &device).require_grad();
            let pull = Tensor::<4>::random([b, c, h, w], normal, &device);
            let near = Tolerance::<f32>::rel_abs(1e-3, 1e-4);

            let ours = norm_relu(x.clone(), gamma.clone(), beta.clone(), 1e-5, slope);
            let burns = batch_norm_train(x.clone(), gamma.clone(), beta.clone(), 1e-5);
            let output = leaky_relu(burns.output, slope);
            ours.output
                .to_data()
                .assert_approx_eq(&output.to_data(), near);
            ours.mean
                .to_data()
                .assert_approx_eq(&burns.mean.to_data(), near);
            ours.variance
                .to_data()
                .assert_approx_eq(&burns.variance.to_data(), near);

            let ours = (ours.output * pull.clone()).sum().backward();
            let burns = (output * pull).sum().backward();
            let same = |ours: Option<TensorData>, burns: Option<TensorData>| {
                ours.expect("a gradient")
                    .assert_approx_eq(&burns.expect("a gradient"), near);
            };
            let data = |tensor: Option<Tensor<1>>| tensor.map(Tensor::into_data);
            same(data(gamma.grad(&ours)), data(gamma.grad(&burns)));
            same(data(beta.grad(&ours)), data(beta.grad(&burns)));
            let data = |tensor: Option<Tensor<4>>| tensor.map(Tensor::into_data);
            same(data(x.grad(&ours)), data(x.grad(&burns)));
        }
    }
}
