//! What is done between the channels of maps: gated linear units, and maps that are joined.

use super::maps::filled;
use super::*;
use crate::training::fast_exp;

/// Gated linear units (Dauphin et al., "Language Modeling with Gated Convolutional Networks", ICML 2017): the first half
/// of the channels, times the sigmoid of the second.
pub fn glu(x: Tensor<4>) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as Between>::gated_maps(x.into_dispatch()))
}

/// The channels of `a`, and behind them those of `b`.
pub fn join(a: Tensor<4>, b: Tensor<4>) -> Tensor<4> {
    let (a, b) = (a.into_dispatch(), b.into_dispatch());
    Tensor::from_dispatch(<Dispatch as Between>::joined_maps(a, b))
}

#[backend_extension(Flex, Autodiff)]
trait Between: Backend {
    fn gated_maps(x: FloatTensor<Self>) -> FloatTensor<Self>;
    fn joined_maps(a: FloatTensor<Self>, b: FloatTensor<Self>) -> FloatTensor<Self>;
}

vectors! {
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

impl Between for Flex {
    fn gated_maps(x: FloatTensor<Self>) -> FloatTensor<Self> {
        typed!(x, gated(x))
    }

    fn joined_maps(a: FloatTensor<Self>, b: FloatTensor<Self>) -> FloatTensor<Self> {
        typed!(a, joined(a, b))
    }
}

fn gated<T: Value>(x: FloatTensor<Flex>) -> FloatTensor<Flex> {
    let [n, c, h, w] = x.shape().dims();
    let x = last::<T>(x);
    let values = elements::<T>(&x);
    let y = filled(values.len() / 2, w * c / 2, |start, row| {
        gate(row, &values[2 * start..], c / 2);
    });
    maps(y, [n, c / 2, h, w])
}

fn joined<T: Value>(a: FloatTensor<Flex>, b: FloatTensor<Flex>) -> FloatTensor<Flex> {
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
    maps(y, [n, c, h, w])
}

#[derive(Debug)]
struct GatedBackward;
#[derive(Debug)]
struct JoinedBackward;

impl Backward<Flex, 1> for GatedBackward {
    /// What was given.
    type State = FloatTensor<Flex>;

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let (gradient, x) = (grads.consume::<Flex>(&ops.node), ops.state);
        if let [Some(node)] = ops.parents {
            grads.register::<Flex>(node.id, typed!(x, pulled(gradient, x)));
        }
    }
}

fn pulled<T: Value>(gradient: FloatTensor<Flex>, x: FloatTensor<Flex>) -> FloatTensor<Flex> {
    let [n, c, h, w] = x.shape().dims();
    let (gradient, x) = (last::<T>(gradient), last::<T>(x));
    let (pulls, values) = (elements::<T>(&gradient), elements(&x));
    let dx = filled(values.len(), w * c, |start, row| {
        gate_gradient(row, &values[start..], &pulls[start / 2..], c / 2);
    });
    maps(dx, [n, c, h, w])
}

impl Backward<Flex, 2> for JoinedBackward {
    /// Channels of both.
    type State = [usize; 2];

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<Flex>(&ops.node);
        let mut from = 0;
        for (node, channels) in ops.parents.into_iter().zip(ops.state) {
            if let Some(node) = node {
                let part = typed!(gradient, part(gradient.clone(), from, channels));
                grads.register::<Flex>(node.id, part);
            }
            from += channels;
        }
    }
}

/// So many channels of a map, from one on.
fn part<T: Value>(x: FloatTensor<Flex>, from: usize, channels: usize) -> FloatTensor<Flex> {
    let [n, c, h, w] = x.shape().dims();
    let x = last::<T>(x);
    let values = elements::<T>(&x);
    let part = filled(n * h * w * channels, w * channels, |start, row| {
        let given = values[start / channels * c..].chunks_exact(c);
        for (to, given) in row.chunks_exact_mut(channels).zip(given) {
            to.copy_from_slice(&given[from..from + channels]);
        }
    });
    maps(part, [n, channels, h, w])
}

impl<C: CheckpointStrategy> Between for Autodiff<Flex, C> {
    fn gated_maps(x: FloatTensor<Self>) -> FloatTensor<Self> {
        let operation = GatedBackward.prepare::<C>([x.node()]);
        let x = x.into_primitive();
        let y = Flex::gated_maps(x.clone());
        match operation.compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(x, y),
            OpsKind::UnTracked(prep) => prep.finish(y),
        }
    }

    fn joined_maps(a: FloatTensor<Self>, b: FloatTensor<Self>) -> FloatTensor<Self> {
        let operation = JoinedBackward.prepare::<C>([a.node(), b.node()]);
        let (a, b) = (a.into_primitive(), b.into_primitive());
        let channels = [&a, &b].map(|map| map.shape()[1]);
        let y = Flex::joined_maps(a, b);
        match operation.compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(channels, y),
            OpsKind::UnTracked(prep) => prep.finish(y),
        }
    }
}
