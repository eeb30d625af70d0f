//! The leaky ReLU in training, on all cores: one pass forward and one backward.
//!
//! burn's takes its gradient through a mask of its own and a choice by it, on one thread.

use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::Tensor;
use burn::tensor::activation::leaky_relu as burn_leaky_relu;
use rayon::prelude::*;

use super::zeros;
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

#[backend_extension(Flex, Autodiff)]
trait ActivationKernels: Backend {
    fn leaky(x: FloatTensor<Self>, slope: f32) -> FloatTensor<Self>;
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, Distribution};

    #[test]
    fn agrees_with_burn() {
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
