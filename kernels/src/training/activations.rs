//! The leaky ReLU and gated linear units in training, on all cores: one pass forward and one backward.
//!
//! burn's leaky ReLU takes its gradient through a mask of its own and a choice by it, on one thread; its gated linear
//! units are five operations, and eight backward.

use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::Tensor;
use burn::tensor::activation::{leaky_relu as burn_leaky_relu, sigmoid};
use rayon::prelude::*;

use super::{fast_exp, zeros};
use crate::flex::{flex, floats, is_flex};

/// Values that a thread takes at once.
const CHUNK: usize = 1 << 14;

/// `x` where it is positive and `slope x` where it is not.
pub fn leaky_relu(x: Tensor<4>, slope: f64) -> Tensor<4> {
    if !is_flex(&x.device()) {
        return burn_leaky_relu(x, slope);
    }
    let y = <Dispatch as ActivationKernels>::leaky(x.into_dispatch(), slope as f32);
    Tensor::from_dispatch(y)
}

/// Gated linear units (Dauphin et al., "Language Modeling with Gated Convolutional Networks", ICML 2017): the first half
/// of the channels, times the sigmoid of the second.
///
/// # Panics
/// For an odd number of channels.
pub fn glu(x: Tensor<4>) -> Tensor<4> {
    assert!(
        x.dims()[1].is_multiple_of(2),
        "half of an odd number of channels"
    );
    if !is_flex(&x.device()) {
        let half = x.dims()[1] / 2;
        return x.clone().narrow(1, 0, half) * sigmoid(x.narrow(1, half, half));
    }
    let y = <Dispatch as ActivationKernels>::gated(x.into_dispatch());
    Tensor::from_dispatch(y)
}

#[backend_extension(Flex, Autodiff)]
trait ActivationKernels: Backend {
    fn leaky(x: FloatTensor<Self>, slope: f32) -> FloatTensor<Self>;
    fn gated(x: FloatTensor<Self>) -> FloatTensor<Self>;
}

/// What `of` makes of each pair of values.
fn each(a: &[f32], b: &[f32], of: impl Fn(f32, f32) -> f32 + Sync) -> Vec<f32> {
    let mut y = zeros(a.len());
    y.par_chunks_mut(CHUNK)
        .zip(a.par_chunks(CHUNK).zip(b.par_chunks(CHUNK)))
        .for_each(|(y, (a, b))| {
            for (y, (a, b)) in y.iter_mut().zip(a.iter().zip(b)) {
                *y = of(*a, *b);
            }
        });
    y
}

impl ActivationKernels for Flex {
    fn leaky(x: FloatTensor<Self>, slope: f32) -> FloatTensor<Self> {
        let x = x.to_contiguous();
        let values = floats(&x);
        let y = each(values, values, |x, _| if x > 0.0 { x } else { slope * x });
        flex(y, x.shape())
    }

    fn gated(x: FloatTensor<Self>) -> FloatTensor<Self> {
        let [b, c, h, w] = x.shape().dims();
        let x = x.to_contiguous();
        let photo = c / 2 * h * w;
        let mut y = zeros(b * photo);
        let photos = y.par_chunks_mut(photo);
        photos
            .zip(floats(&x).par_chunks(2 * photo))
            .for_each(|(y, x)| {
                let (values, gates) = x.split_at(photo);
                for ((y, value), gate) in y.iter_mut().zip(values).zip(gates) {
                    *y = value / (1.0 + fast_exp(-gate));
                }
            });
        flex(y, [b, c / 2, h, w])
    }
}

#[derive(Debug)]
struct LeakyBackward;

impl Backward<Flex, 1> for LeakyBackward {
    type State = (NodeId, f32);

    fn backward(
        self,
        ops: Ops<Self::State, 1>,
        grads: &mut Gradients,
        checkpointer: &mut Checkpointer,
    ) {
        let [node] = ops.parents;
        let grad = grads.consume::<Flex>(&ops.node).to_contiguous();
        let (x, slope) = ops.state;
        let x: FloatTensor<Flex> = checkpointer.retrieve_node_output(x);
        let x = x.to_contiguous();
        if let Some(node) = node {
            let pass = |x, grad| if x > 0.0 { grad } else { slope * grad };
            let dx = each(floats(&x), floats(&grad), pass);
            grads.register::<Flex>(node.id, flex(dx, x.shape()));
        }
    }
}

#[derive(Debug)]
struct GatedBackward;

impl Backward<Flex, 1> for GatedBackward {
    type State = NodeId;

    fn backward(self, ops: Ops<NodeId, 1>, grads: &mut Gradients, checkpointer: &mut Checkpointer) {
        let [node] = ops.parents;
        let grad = grads.consume::<Flex>(&ops.node).to_contiguous();
        let x: FloatTensor<Flex> = checkpointer.retrieve_node_output(ops.state);
        let x = x.to_contiguous();
        let Some(node) = node else { return };
        let [b, c, h, w] = x.shape().dims();
        let photo = c / 2 * h * w;
        let mut dx = zeros(2 * b * photo);
        let photos = dx.par_chunks_mut(2 * photo);
        let seen = floats(&x).par_chunks(2 * photo);
        let pulls = floats(&grad).par_chunks(photo);
        photos.zip(seen.zip(pulls)).for_each(|(dx, (x, pull))| {
            let (values, gates) = x.split_at(photo);
            let (of_values, of_gates) = dx.split_at_mut(photo);
            let given = values.iter().zip(gates).zip(pull);
            let slopes = of_values.iter_mut().zip(of_gates);
            for ((to_value, to_gate), ((value, gate), pull)) in slopes.zip(given) {
                let open = 1.0 / (1.0 + fast_exp(-gate));
                *to_value = pull * open;
                *to_gate = pull * value * open * (1.0 - open);
            }
        });
        grads.register::<Flex>(node.id, flex(dx, [b, c, h, w]));
    }
}

impl<C: CheckpointStrategy> ActivationKernels for Autodiff<Flex, C> {
    fn leaky(x: FloatTensor<Self>, slope: f32) -> FloatTensor<Self> {
        match LeakyBackward
            .prepare::<C>([x.node()])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(mut prep) => {
                let state = (prep.checkpoint(&x), slope);
                prep.finish(state, Flex::leaky(x.into_primitive(), slope))
            }
            OpsKind::UnTracked(prep) => prep.finish(Flex::leaky(x.into_primitive(), slope)),
        }
    }

    fn gated(x: FloatTensor<Self>) -> FloatTensor<Self> {
        match GatedBackward
            .prepare::<C>([x.node()])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(mut prep) => {
                let state = prep.checkpoint(&x);
                prep.finish(state, Flex::gated(x.into_primitive()))
            }
            OpsKind::UnTracked(prep) => prep.finish(Flex::gated(x.into_primitive())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, Distribution, Tolerance};

    #[test]
    fn gated_linear_units_agree_with_burn() {
        let device = Device::flex().autodiff();
        let random = |channels| {
            let normal = Distribution::Normal(0.0, 2.0);
            Tensor::<4>::random([3, channels, 20, 21], normal, &device)
        };
        let (x, pull) = (random(10).require_grad(), random(5));
        let ours = glu(x.clone());
        let burns = x.clone().narrow(1, 0, 5) * sigmoid(x.clone().narrow(1, 5, 5));
        let near = Tolerance::<f32>::rel_abs(3e-4, 1e-4);
        ours.to_data().assert_approx_eq(&burns.to_data(), near);
        let gradient = |y: Tensor<4>| {
            let gradients = (y * pull.clone()).sum().backward();
            x.grad(&gradients).expect("a gradient").into_data()
        };
        gradient(ours).assert_approx_eq(&gradient(burns), near);
    }

    #[test]
    fn leaky_relus_agree_with_burn() {
        let device = Device::flex().autodiff();
        let random = || {
            let normal = Distribution::Normal(0.0, 1.0);
            Tensor::<4>::random([3, 5, 40, 41], normal, &device)
        };
        for slope in [0.0, 0.2] {
            let (x, pull) = (random().require_grad(), random());
            let (ours, burns) = (
                leaky_relu(x.clone(), slope),
                burn_leaky_relu(x.clone(), slope),
            );
            ours.to_data().assert_eq(&burns.to_data(), true);
            let gradient = |y: Tensor<4>| {
                let gradients = (y * pull.clone()).sum().backward();
                x.grad(&gradients).expect("a gradient").into_data()
            };
            gradient(ours).assert_eq(&gradient(burns), true);
        }
    }
}
