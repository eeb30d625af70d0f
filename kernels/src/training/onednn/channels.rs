//! Sigmoids, gated linear units, and maps whose channels are joined.

use super::maps::{CHUNK, filled};
use super::*;
use crate::training::fast_exp;

/// Gated linear units (Dauphin et al., "Language Modeling with Gated Convolutional Networks", ICML 2017): the first half
/// of the channels, times the sigmoid of the second.
pub fn glu(x: Tensor<4>) -> Tensor<4> {
    of_one(Gated, x)
}

/// The sigmoid of each logit, in single precision.
pub fn sigmoid(x: Tensor<3>) -> Tensor<3> {
    of_one(Opened, x)
}

/// The channels of `a`, and behind them those of `b`.
pub fn join(a: Tensor<4>, b: Tensor<4>) -> Tensor<4> {
    of_two(Joined, a, b)
}

vectors! {
    fn open(to: &mut [T], x: &[T]) {
        for (to, x) in to.iter_mut().zip(x) {
            *to = T::nearest(1.0 / (1.0 + fast_exp(-x.wide())));
        }
    }

    fn open_gradient(to: &mut [T], y: &[T], pulls: &[T]) {
        for (to, (y, pull)) in to.iter_mut().zip(y.iter().zip(pulls)) {
            *to = T::nearest(pull.wide() * y.wide() * (1.0 - y.wide()));
        }
    }

    /// The first half of each place's channels, times the sigmoid of the second.
    fn gate(to: &mut [T], x: &[T], half: usize) {
        for (to, x) in to.chunks_exact_mut(half).zip(x.chunks_exact(2 * half)) {
            let (x, gates) = x.split_at(half);
            for ((to, x), gate) in to.iter_mut().zip(x).zip(gates) {
                *to = T::nearest(x.wide() / (1.0 + fast_exp(-gate.wide())));
            }
        }
    }

    fn gate_gradient(to: &mut [T], x: &[T], pulls: &[T], half: usize) {
        let given = x.chunks_exact(2 * half).zip(pulls.chunks_exact(half));
        for (to, (x, pulls)) in to.chunks_exact_mut(2 * half).zip(given) {
            let (x, gates) = x.split_at(half);
            let (of_x, of_gates) = to.split_at_mut(half);
            let given = x.iter().zip(gates).zip(pulls);
            for ((of_x, of_gate), ((x, gate), pull)) in of_x.iter_mut().zip(of_gates).zip(given) {
                let open = 1.0 / (1.0 + fast_exp(-gate.wide()));
                let pull = pull.wide() * open;
                *of_x = T::nearest(pull);
                *of_gate = T::nearest(pull * x.wide() * (1.0 - open));
            }
        }
    }
}

#[derive(Debug)]
struct Opened;

impl Operation<1> for Opened {
    /// The result.
    type Kept = Array;

    fn forward<T: Value>(self, [x]: [Array; 1]) -> (Array, Array) {
        let x = x.to_contiguous();
        let given = floats(&x);
        let y = filled(given.len(), CHUNK, |start, to| open(to, &given[start..]));
        let y = flex(y, x.shape());
        (y.clone(), y)
    }

    fn backward<T: Value>(y: Array, gradient: Array, _: [bool; 1]) -> [Option<Array>; 1] {
        let gradient = gradient.to_contiguous();
        let (y, pulls) = (floats(&y), floats(&gradient));
        let dx = filled(y.len(), CHUNK, |start, to| {
            open_gradient(to, &y[start..], &pulls[start..]);
        });
        [Some(flex(dx, gradient.shape()))]
    }
}

#[derive(Debug)]
struct Gated;

impl Operation<1> for Gated {
    /// What was given.
    type Kept = Array;

    fn forward<T: Value>(self, [x]: [Array; 1]) -> (Array, Array) {
        let [n, c, h, w] = x.shape().dims();
        let x = last::<T>(x);
        let values = elements::<T>(&x);
        let y = filled(values.len() / 2, w * c / 2, |start, row| {
            gate(row, &values[2 * start..], c / 2);
        });
        (maps(y, [n, c / 2, h, w]), x)
    }

    fn backward<T: Value>(x: Array, gradient: Array, _: [bool; 1]) -> [Option<Array>; 1] {
        let [n, c, h, w] = x.shape().dims();
        let gradient = last::<T>(gradient);
        let (pulls, values) = (elements::<T>(&gradient), elements(&x));
        let dx = filled(values.len(), w * c, |start, row| {
            gate_gradient(row, &values[start..], &pulls[start / 2..], c / 2);
        });
        [Some(maps(dx, [n, c, h, w]))]
    }
}

#[derive(Debug)]
struct Joined;

impl Operation<2> for Joined {
    /// Channels of both.
    type Kept = [usize; 2];

    fn forward<T: Value>(self, [a, b]: [Array; 2]) -> (Array, Self::Kept) {
        let [n, first, h, w] = a.shape().dims();
        let second = b.shape()[1];
        assert_eq!(b.shape().dims(), [n, second, h, w], "maps that are joined");
        let (a, b) = (last::<T>(a), last::<T>(b));
        let (a, b, c) = (elements::<T>(&a), elements(&b), first + second);
        let y = filled(n * h * w * c, w * c, |start, row| {
            let place = start / c;
            let a = a[place * first..].chunks_exact(first);
            let b = b[place * second..].chunks_exact(second);
            for (to, (a, b)) in row.chunks_exact_mut(c).zip(a.zip(b)) {
                to[..first].copy_from_slice(a);
                to[first..].copy_from_slice(b);
            }
        });
        (maps(y, [n, c, h, w]), [first, second])
    }

    fn backward<T: Value>(
        [first, second]: Self::Kept,
        gradient: Array,
        [of_a, of_b]: [bool; 2],
    ) -> [Option<Array>; 2] {
        let gradient = last::<T>(gradient);
        [
            of_a.then(|| part::<T>(&gradient, 0, first)),
            of_b.then(|| part::<T>(&gradient, first, second)),
        ]
    }
}

/// So many channels of a map, from one on.
fn part<T: Value>(x: &Array, from: usize, channels: usize) -> Array {
    let [n, c, h, w] = x.shape().dims();
    let values = elements::<T>(x);
    let part = filled(n * h * w * channels, w * channels, |start, row| {
        let given = values[start / channels * c..].chunks_exact(c);
        for (to, given) in row.chunks_exact_mut(channels).zip(given) {
            to.copy_from_slice(&given[from..from + channels]);
        }
    });
    maps(part, [n, channels, h, w])
}
