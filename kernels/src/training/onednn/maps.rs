//! Feature maps, channels last: what is done with them between convolutions.

use std::mem::MaybeUninit;

use super::vectors::relu;
use super::*;
use burn::backend::ops::FloatTensorOps;
use burn::tensor::TensorData;

/// Values that a core works on at a time.
pub(super) const CHUNK: usize = 1 << 15;

/// A tensor `[n, c, h, w]` of values that lie channels last.
pub(super) fn maps<T: Value>(values: Vec<T>, [n, c, h, w]: [usize; 4]) -> Array {
    let data = TensorData::new(values, [n, h, w, c]);
    let rows = Flex::float_from_data(data, &Default::default());
    Flex::float_permute(rows, &[0, 3, 1, 2])
}

/// The same tensor channels last, whatever it was.
pub(super) fn last<T: Value>(x: Array) -> Array {
    let x = match x.dtype() == T::dtype() {
        true => x,
        false => Flex::float_cast(x, T::dtype().into()),
    };
    let rows = Flex::float_permute(x, &[0, 2, 3, 1]).to_contiguous();
    Flex::float_permute(rows, &[0, 3, 1, 2])
}

/// The values of a tensor that is channels last.
pub(super) fn elements<T: Value>(x: &Array) -> &[T] {
    let start = x.layout().start_offset();
    &T::storage(x)[start..start + x.layout().num_elements()]
}

/// Fills a vector on all cores, chunk by chunk: `fill(start, zeros)`.
pub(super) fn filled<T: Value>(
    count: usize,
    chunk: usize,
    fill: impl Fn(usize, &mut [T]) + Sync,
) -> Vec<T> {
    written(count, chunk, |start, room| {
        room.fill(MaybeUninit::new(T::default()));
        // SAFETY: all of it has just been written.
        let zeros = unsafe { room.assume_init_mut() };
        fill(start, zeros);
        zeros
    })
}

vectors! {
    /// `leaky_relu(a + b)`
    fn sum(to: &mut [T], a: &[T], b: &[T], slope: f32) {
        for ((to, a), b) in to.iter_mut().zip(a).zip(b) {
            *to = T::nearest(relu(a.wide() + b.wide(), slope));
        }
    }

    /// `leaky_relu(x + v)` at every place.
    fn plus(to: &mut [T], x: &[T], v: &[f32], slope: f32) {
        for (to, x) in to.chunks_exact_mut(v.len()).zip(x.chunks_exact(v.len())) {
            for ((to, x), v) in to.iter_mut().zip(x).zip(v) {
                *to = T::nearest(relu(x.wide() + v, slope));
            }
        }
    }

    /// The gradient before a ReLU whose result was `y`.
    fn pass(to: &mut [T], y: &[T], gradient: &[T], slope: f32) {
        for ((to, y), g) in to.iter_mut().zip(y).zip(gradient) {
            let g = g.wide();
            *to = T::nearest(if y.wide() > 0.0 { g } else { slope * g });
        }
    }

    /// Adds all places of a map.
    fn add_up(sums: &mut [f32], places: &[T]) {
        for x in places.chunks_exact(sums.len()) {
            sums.iter_mut().zip(x).for_each(|(sum, x)| *sum += x.wide());
        }
    }

    /// The sum of four places, two of them in each of two rows.
    fn four(to: &mut [T], first: &[T], second: &[T]) {
        let [(a, b), (c, d)] = [first, second].map(|two| two.split_at(to.len()));
        let four = a.iter().zip(b).zip(c.iter().zip(d));
        for (to, ((a, b), (c, d))) in to.iter_mut().zip(four) {
            *to = T::nearest(a.wide() + b.wide() + c.wide() + d.wide());
        }
    }
}

/// `leaky_relu(a + b)`; a slope of 1 leaves the ReLU out.
pub fn add(a: Tensor<4>, b: Tensor<4>, slope: f64) -> Tensor<4> {
    of_two(Sum(slope as f32), a, b)
}

/// `leaky_relu(x[n, c, h, w] + bias[c])`; a slope of 1 leaves the ReLU out.
pub fn add_to_all(x: Tensor<4>, bias: Tensor<1>, slope: f64) -> Tensor<4> {
    let ([n, ..], [c]) = (x.dims(), bias.dims());
    add_to_places(x, bias.reshape([1, c]).expand([n, c]), slope)
}

/// `leaky_relu(x[n, c, h, w] + v[n, c])`; a slope of 1 leaves the ReLU out.
pub fn add_to_places(x: Tensor<4>, v: Tensor<2>, slope: f64) -> Tensor<4> {
    of_two(Plus(slope as f32), x, v)
}

/// Twice the height and width, nearest neighbour.
pub fn upsample(x: Tensor<4>) -> Tensor<4> {
    of_one(Upsampled, x)
}

/// The mean over all places in single precision, `[n, c]`.
pub fn mean_over_places(x: Tensor<4>) -> Tensor<2> {
    of_one(Mean, x)
}

/// Behind it is a ReLU of this slope.
#[derive(Debug)]
struct Sum(f32);

impl Operation<2> for Sum {
    /// The result, and the slope.
    type Kept = (Array, f32);

    fn forward<T: Value>(self, [a, b]: [Array; 2]) -> (Array, Self::Kept) {
        let shape = a.shape().dims();
        assert_eq!(b.shape().dims(), shape, "maps that are added");
        let (a, b) = (last::<T>(a), last::<T>(b));
        let (a, b) = (elements::<T>(&a), elements(&b));
        let y = filled(a.len(), CHUNK, |start, part| {
            sum(part, &a[start..], &b[start..], self.0);
        });
        let y = maps(y, shape);
        (y.clone(), (y, self.0))
    }

    fn backward<T: Value>(kept: Self::Kept, gradient: Array, _: [bool; 2]) -> [Option<Array>; 2] {
        let gradient = passed::<T>(gradient, kept);
        [Some(gradient.clone()), Some(gradient)]
    }
}

/// A gradient behind a ReLU, whose result and slope these were.
fn passed<T: Value>(gradient: Array, (y, slope): (Array, f32)) -> Array {
    let (shape, gradient) = (y.shape().dims(), last::<T>(gradient));
    if slope == 1.0 {
        return gradient;
    }
    let (y, g) = (elements::<T>(&y), elements(&gradient));
    let masked = filled(g.len(), CHUNK, |start, part| {
        pass(part, &y[start..], &g[start..], slope);
    });
    maps(masked, shape)
}

/// A vector at all places of its photo, and a ReLU of this slope.
#[derive(Debug)]
struct Plus(f32);

impl Operation<2> for Plus {
    /// The result, and the slope.
    type Kept = (Array, f32);

    fn forward<T: Value>(self, [x, v]: [Array; 2]) -> (Array, Self::Kept) {
        let [n, c, h, w] = x.shape().dims();
        assert_eq!(v.shape().dims(), [n, c], "a vector for each photo");
        let (x, v) = (last::<T>(x), v.to_contiguous());
        let (x, v) = (elements::<T>(&x), floats(&v));
        let y = filled(x.len(), h * w * c, |start, part| {
            plus(part, &x[start..], &v[start / (h * w)..][..c], self.0);
        });
        let y = maps(y, [n, c, h, w]);
        (y.clone(), (y, self.0))
    }

    fn backward<T: Value>(
        kept: Self::Kept,
        gradient: Array,
        [_, of_v]: [bool; 2],
    ) -> [Option<Array>; 2] {
        let [n, c, _, _] = kept.0.shape().dims();
        let gradient = passed::<T>(gradient, kept);
        let of_v = of_v.then(|| flex(sums::<T>(elements(&gradient), n, c), [n, c]));
        [Some(gradient), of_v]
    }
}

/// The sums over all places, `[n, c]`.
fn sums<T: Value>(values: &[T], n: usize, c: usize) -> Vec<f32> {
    let photo = values.len() / n;
    filled(n * c, c, |start, sums: &mut [f32]| {
        add_up(sums, &values[start / c * photo..][..photo]);
    })
}

#[derive(Debug)]
struct Upsampled;

impl Operation<1> for Upsampled {
    /// The shape of what was given.
    type Kept = [usize; 4];

    fn forward<T: Value>(self, [x]: [Array; 1]) -> (Array, Self::Kept) {
        let [n, c, h, w] = x.shape().dims();
        let x = last::<T>(x);
        let values = elements::<T>(&x);
        let row = w * c;
        let large = filled(4 * values.len(), 4 * row, |start, rows| {
            let from = &values[start / 4..start / 4 + row];
            let (first, second) = rows.split_at_mut(2 * row);
            for (to, x) in first.chunks_exact_mut(2 * c).zip(from.chunks_exact(c)) {
                to[..c].copy_from_slice(x);
                to[c..].copy_from_slice(x);
            }
            second.copy_from_slice(first);
        });
        (maps(large, [n, c, 2 * h, 2 * w]), [n, c, h, w])
    }

    /// The sums of what lies at the four places that one became.
    fn backward<T: Value>(
        [n, c, h, w]: Self::Kept,
        gradient: Array,
        _: [bool; 1],
    ) -> [Option<Array>; 1] {
        let gradient = last::<T>(gradient);
        let (values, row) = (elements::<T>(&gradient), w * c);
        let sums = filled(n * h * row, row, |start, to| {
            let (first, second) = values[4 * start..4 * (start + row)].split_at(2 * row);
            let pairs = first.chunks_exact(2 * c).zip(second.chunks_exact(2 * c));
            for (to, (first, second)) in to.chunks_exact_mut(c).zip(pairs) {
                four(to, first, second);
            }
        });
        [Some(maps(sums, [n, c, h, w]))]
    }
}

#[derive(Debug)]
struct Mean;

impl Operation<1> for Mean {
    /// The shape of what was given.
    type Kept = [usize; 4];

    fn forward<T: Value>(self, [x]: [Array; 1]) -> (Array, Self::Kept) {
        let [n, c, h, w] = x.shape().dims();
        let x = last::<T>(x);
        let mut means = sums(elements::<T>(&x), n, c);
        let share = 1.0 / (h * w) as f32;
        means.iter_mut().for_each(|sum| *sum *= share);
        (flex(means, [n, c]), [n, c, h, w])
    }

    /// An even share of each number for all places.
    fn backward<T: Value>(
        [n, c, h, w]: Self::Kept,
        gradient: Array,
        _: [bool; 1],
    ) -> [Option<Array>; 1] {
        let share = 1.0 / (h * w) as f32;
        let gradient = gradient.to_contiguous();
        let each = floats(&gradient).iter();
        let each: Vec<T> = each.map(|sum| T::nearest(sum * share)).collect();
        let spread = filled(n * c * h * w, c, |start, to| {
            to.copy_from_slice(&each[start / (h * w * c) * c..][..c]);
        });
        [Some(maps(spread, [n, c, h, w]))]
    }
}
