//! What is done between the channels of maps in bf16: gated linear units, and maps that are joined.

use super::maps::filled;
use super::vectors::{narrow, wide};
use super::*;
use crate::training::fast_exp;

/// Gated linear units: see [`glu`](crate::training::glu).
pub fn half_glu(x: Tensor<4>) -> Tensor<4> {
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
    /// One half of a place's channels, each times the sigmoid of its partner in the other half.
    fn gate(to: &mut [bf16], x: &[bf16]) {
        let (x, gates) = x.split_at(to.len());
        for ((to, x), gate) in to.iter_mut().zip(x).zip(gates) {
            *to = narrow(wide(*x) / (1.0 + fast_exp(-wide(*gate))));
        }
    }

    fn gate_gradient(to: &mut [bf16], x: &[bf16], pulls: &[bf16]) {
        let (x, gates) = x.split_at(pulls.len());
        let (of_x, of_gates) = to.split_at_mut(pulls.len());
        let given = x.iter().zip(gates).zip(pulls);
        for ((of_x, of_gate), ((x, gate), pull)) in of_x.iter_mut().zip(of_gates).zip(given) {
            let open = 1.0 / (1.0 + fast_exp(-wide(*gate)));
            let pull = wide(*pull) * open;
            *of_x = narrow(pull);
            *of_gate = narrow(pull * wide(*x) * (1.0 - open));
        }
    }
}

impl Between for Flex {
    fn gated_maps(x: FloatTensor<Self>) -> FloatTensor<Self> {
        let [n, c, h, w] = x.shape().dims();
        let (x, half) = (last(x), c / 2);
        let values = elements(&x);
        let y = filled(values.len() / 2, w * half, |start, row| {
            let from = values[2 * start..].chunks_exact(c);
            for (to, x) in row.chunks_exact_mut(half).zip(from) {
                gate(to, x);
            }
        });
        maps(y, [n, half, h, w])
    }

    fn joined_maps(a: FloatTensor<Self>, b: FloatTensor<Self>) -> FloatTensor<Self> {
        let [n, first, h, w] = a.shape().dims();
        let second = b.shape()[1];
        let (a, b) = (last(a), last(b));
        let (a, b, c) = (elements(&a), elements(&b), first + second);
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
}

#[derive(Debug)]
struct GatedBackward;
#[derive(Debug)]
struct JoinedBackward;

impl Backward<Flex, 1> for GatedBackward {
    /// What was given.
    type State = FloatTensor<Flex>;

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = last(grads.consume::<Flex>(&ops.node));
        let x = ops.state;
        let [n, c, h, w] = x.shape().dims();
        let (half, pulls, values) = (c / 2, elements(&gradient), elements(&x));
        let dx = filled(values.len(), w * c, |start, row| {
            let given = values[start..].chunks_exact(c);
            let given = given.zip(pulls[start / 2..].chunks_exact(half));
            for (to, (x, pulls)) in row.chunks_exact_mut(c).zip(given) {
                gate_gradient(to, x, pulls);
            }
        });
        if let [Some(node)] = ops.parents {
            grads.register::<Flex>(node.id, maps(dx, [n, c, h, w]));
        }
    }
}

impl Backward<Flex, 2> for JoinedBackward {
    /// Channels of both.
    type State = [usize; 2];

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = last(grads.consume::<Flex>(&ops.node));
        let [n, c, h, w] = gradient.shape().dims();
        let values = elements(&gradient);
        let mut from = 0;
        for (node, channels) in ops.parents.into_iter().zip(ops.state) {
            if let Some(node) = node {
                let part = filled(n * h * w * channels, w * channels, |start, row| {
                    let given = values[start / channels * c..].chunks_exact(c);
                    for (to, given) in row.chunks_exact_mut(channels).zip(given) {
                        to.copy_from_slice(&given[from..from + channels]);
                    }
                });
                grads.register::<Flex>(node.id, maps(part, [n, channels, h, w]));
            }
            from += channels;
        }
    }
}

impl<C: CheckpointStrategy> Between for Autodiff<Flex, C> {
    fn gated_maps(x: FloatTensor<Self>) -> FloatTensor<Self> {
        let operation = GatedBackward.prepare::<C>([x.node()]);
        let x = last(x.into_primitive());
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
