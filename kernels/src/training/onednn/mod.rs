//! Training on the CPU by oneDNN, which PyTorch uses too: feature maps in bf16, channels last.
//!
//! A tensor `[n, c, h, w]` of bf16 lies channels last in memory, as a view, and stays so from layer to
//! layer: a layer that is given one computes in bf16, and its weights stay in single precision. The
//! operations here are those of the trunk; whatever else is done with such a tensor is burn's, and slow. Other networks
//! keep burn's tensors in single precision, and have their convolutions computed by [`planar`].

mod library;
mod maps;
mod norm;
pub mod planar;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{
    Autodiff, AutodiffBackend, Backend, Dispatch, Flex, TensorMetadata, backend_extension,
};
use burn::tensor::{DType, Tensor};
use half::bf16;

pub use library::load;
pub use maps::{add, add_to_all, add_to_places, float, half_maps, mean_over_places, upsample};
pub use norm::{NormOptions, conv_norm};

use crate::flex::{flex, floats};
pub(super) use library::Convolution;
use library::{Plan, Type, Value, arg, library};
use maps::{elements, last, maps};

/// Whether this tensor is one of those that are computed here.
pub fn takes<const D: usize>(x: &Tensor<D>) -> bool {
    x.dtype() == DType::BF16 && library().is_some()
}

/// A convolution with all that brings its weight from and to the trainer's order.
#[derive(Debug)]
struct Convolving {
    forward: Plan,
    input: Plan,
    weight: Plan,
    pack_forward: Plan,
    pack_input: Plan,
    unpack: Plan,
}

/// Making a plan takes milliseconds: each is made once.
fn plan_of(shape: Convolution) -> Arc<Convolving> {
    static PLANS: LazyLock<Mutex<HashMap<Convolution, Arc<Convolving>>>> =
        LazyLock::new(Mutex::default);
    let mut plans = PLANS.lock().unwrap_or_else(PoisonError::into_inner);
    let make = || Arc::new(Convolving::new(&shape, Type::Bf16));
    plans.entry(shape).or_insert_with(make).clone()
}

impl Convolving {
    fn new(shape: &Convolution, of: Type) -> Self {
        let library = library().expect("plans are made where the library is");
        let [forward, input, weight] = library.convolution(shape, of);
        let order = library.contiguous(shape.weight, Type::F32);
        Self {
            pack_forward: library.reorder(order, forward.layout(arg::WEIGHT)),
            pack_input: library.reorder(order, input.layout(arg::WEIGHT)),
            unpack: library.reorder(weight.layout(arg::WEIGHT_GRADIENT), order),
            forward,
            input,
            weight,
        }
    }

    fn forward<T: Value>(&self, x: &[T], weight: &[f32]) -> Vec<T> {
        let weight = reordered::<T>(&self.pack_forward, weight);
        let mut y = self.forward.room(arg::RESULT);
        self.forward.run(
            &[(arg::SOURCE, &x), (arg::WEIGHT, &&weight[..])],
            &mut [(arg::RESULT, &mut y)],
        );
        y.values()
    }

    fn input_gradient<T: Value>(&self, gradient: &[T], weight: &[f32]) -> Vec<T> {
        let weight = reordered::<T>(&self.pack_input, weight);
        let mut dx = self.input.room(arg::SOURCE_GRADIENT);
        self.input.run(
            &[
                (arg::RESULT_GRADIENT, &gradient),
                (arg::WEIGHT, &&weight[..]),
            ],
            &mut [(arg::SOURCE_GRADIENT, &mut dx)],
        );
        dx.values()
    }

    fn weight_gradient<T: Value>(&self, x: &[T], gradient: &[T]) -> Vec<f32> {
        let mut dw = self.weight.room::<f32>(arg::WEIGHT_GRADIENT);
        self.weight.run(
            &[(arg::SOURCE, &x), (arg::RESULT_GRADIENT, &gradient)],
            &mut [(arg::WEIGHT_GRADIENT, &mut dw)],
        );
        reordered(&self.unpack, &dw.values())
    }
}

fn reordered<T: Value>(plan: &Plan, from: &[impl Value]) -> Vec<T> {
    let mut to = plan.room(arg::RESULT);
    plan.run(&[(arg::SOURCE, &from)], &mut [(arg::RESULT, &mut to)]);
    to.values()
}

/// The convolution of a map in bf16 with a weight `[out, in, k, k]` in single precision.
pub fn half_conv2d(x: Tensor<4>, weight: Tensor<4>, stride: usize, padding: usize) -> Tensor<4> {
    let (x, weight) = (x.into_dispatch(), weight.into_dispatch());
    Tensor::from_dispatch(<Dispatch as HalfConv>::half_conv(
        x, weight, stride, padding,
    ))
}

#[backend_extension(Flex, Autodiff)]
trait HalfConv: Backend {
    fn half_conv(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        stride: usize,
        padding: usize,
    ) -> FloatTensor<Self>;
}

impl HalfConv for Flex {
    fn half_conv(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        stride: usize,
        padding: usize,
    ) -> FloatTensor<Self> {
        let shape = convolution(&x, &weight, stride, padding);
        let (x, weight) = (last(x), weight.to_contiguous());
        maps(
            plan_of(shape).forward(elements(&x), floats(&weight)),
            shape.result(),
        )
    }
}

fn convolution(
    x: &FloatTensor<Flex>,
    weight: &FloatTensor<Flex>,
    stride: usize,
    padding: usize,
) -> Convolution {
    Convolution {
        source: x.shape().dims(),
        weight: weight.shape().dims(),
        stride,
        padding,
    }
}

#[derive(Debug)]
struct HalfConvBackward;

impl Backward<Flex, 2> for HalfConvBackward {
    type State = (FloatTensor<Flex>, FloatTensor<Flex>, Convolution);

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let [x_node, weight_node] = ops.parents;
        let gradient = last(grads.consume::<Flex>(&ops.node));
        let (x, weight, shape) = ops.state;
        let plan = plan_of(shape);
        let gradient = elements(&gradient);
        if let Some(node) = x_node {
            let dx = plan.input_gradient(gradient, floats(&weight));
            grads.register::<Flex>(node.id, maps(dx, shape.source));
        }
        if let Some(node) = weight_node {
            let dw = plan.weight_gradient(elements(&x), gradient);
            grads.register::<Flex>(node.id, flex(dw, shape.weight));
        }
    }
}

impl<C: CheckpointStrategy> HalfConv for Autodiff<Flex, C> {
    fn half_conv(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        stride: usize,
        padding: usize,
    ) -> FloatTensor<Self> {
        let operation = HalfConvBackward.prepare::<C>([x.node(), weight.node()]);
        let (x, weight) = (
            last(x.into_primitive()),
            weight.into_primitive().to_contiguous(),
        );
        let shape = convolution(&x, &weight, stride, padding);
        let y = Flex::half_conv(x.clone(), weight.clone(), stride, padding);
        match operation.compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((x, weight, shape), y),
            OpsKind::UnTracked(prep) => prep.finish(y),
        }
    }
}
