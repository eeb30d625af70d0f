//! Training on the CPU by oneDNN, which PyTorch uses too: feature maps in bf16, channels last.
//!
//! A tensor `[n, c, h, w]` of bf16 lies channels last in memory, as a view, and stays so from layer to
//! layer: a layer that is given one computes in bf16, and its weights stay in single precision. The
//! operations here are those of the networks that are trained; whatever else is done with such a tensor is burn's, and
//! slow. Networks in single precision keep burn's tensors, and have their convolutions computed by [`planar`].

#[macro_use]
mod vectors;
mod casts;
mod channels;
mod library;
mod maps;
mod norm;
pub mod planar;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{
    Autodiff, AutodiffBackend, Backend, Dispatch, Flex, TensorMetadata, backend_extension,
};
use burn::tensor::{DType, Tensor};
use half::bf16;
use rayon::prelude::*;

pub use casts::{float, half_maps};
pub use channels::{half_glu, join};
pub use library::load;
pub use maps::{add, add_to_all, add_to_places, mean_over_places, upsample};
pub use norm::{NormOptions, conv_norm};

use super::meter::metered;
use crate::flex::{flex, floats};
pub(super) use library::Convolution;
use library::{Plan, Type, Value, arg, library, written};
use maps::{elements, last, maps};

static HALF: AtomicBool = AtomicBool::new(false);

/// Has networks that are trained on the CPU compute in bf16 from now on; says whether they do.
pub fn use_half() -> bool {
    HALF.store(load(), Ordering::Relaxed);
    HALF.load(Ordering::Relaxed)
}

/// What a network is given, in bf16 where networks are trained so.
pub fn given(x: Tensor<4>) -> Tensor<4> {
    match HALF.load(Ordering::Relaxed) && x.device().is_autodiff() {
        true => half_maps(x),
        false => x,
    }
}

/// Whether this tensor is one of those that are computed here.
pub fn takes<const D: usize>(x: &Tensor<D>) -> bool {
    x.dtype() == DType::BF16 && library().is_some()
}

/// A convolution of a thread's photos, with all that brings its weight from and to the trainer's order.
#[derive(Debug)]
struct Convolving {
    forward: Plan,
    input: Plan,
    weight: Plan,
    pack_forward: Plan,
    pack_input: Plan,
    unpack: Plan,
}

/// Making a plan takes milliseconds: each thread makes it once.
fn plan_of<T: Value>(shape: Convolution) -> Rc<Convolving> {
    thread_local! {
        static PLANS: RefCell<HashMap<(Convolution, Type), Rc<Convolving>>> = RefCell::default();
    }
    PLANS.with_borrow_mut(|plans| {
        let make = || Rc::new(Convolving::new(&shape, T::TYPE));
        plans.entry((shape, T::TYPE)).or_insert_with(make).clone()
    })
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
}

/// The convolution of maps that lie channels last, each thread some of the photos, with a weight `[out, in, k, k]`.
fn forward<T: Value>(shape: &Convolution, x: &[T], weight: &[f32]) -> Vec<T> {
    let ([n, ..], [from, to]) = (shape.source, shape.photo());
    let all = || {
        written(n * to, shape.share() * to, |start, room| {
            let (first, photos) = (start / to, room.len() / to);
            let plan = plan_of::<T>(shape.of(photos));
            let weight: Vec<T> = plan.pack_forward.made(&[weight]);
            let x = &x[first * from..][..photos * from];
            plan.forward.run(&[x, &weight], room)
        })
    };
    metered(shape.operations(), all)
}

/// The gradient of what a convolution was given.
fn input_gradient<T: Value>(shape: &Convolution, gradient: &[T], weight: &[f32]) -> Vec<T> {
    let ([n, ..], [from, to]) = (shape.source, shape.photo());
    let all = || {
        written(n * from, shape.share() * from, |start, room| {
            let (first, photos) = (start / from, room.len() / from);
            let plan = plan_of::<T>(shape.of(photos));
            let weight: Vec<T> = plan.pack_input.made(&[weight]);
            let gradient = &gradient[first * to..][..photos * to];
            plan.input.run(&[gradient, &weight], room)
        })
    };
    metered(shape.operations(), all)
}

/// The gradient of its weight.
fn weight_gradient<T: Value>(shape: &Convolution, x: &[T], gradient: &[T]) -> Vec<f32> {
    let [from, to] = shape.photo();
    let share = shape.share();
    let each = x.par_chunks(share * from);
    let each = each.zip(gradient.par_chunks(share * to));
    let parts = each.map(|(x, gradient)| {
        let plan = plan_of::<T>(shape.of(x.len() / from));
        let packed: Vec<f32> = plan.weight.made(&[x, gradient]);
        plan.unpack.made(&[&packed])
    });
    let parts: Vec<Vec<f32>> = metered(shape.operations(), || parts.collect());
    let sum = |mut sum: Vec<f32>, part: Vec<f32>| {
        sum.iter_mut()
            .zip(part)
            .for_each(|(sum, part)| *sum += part);
        sum
    };
    parts.into_iter().reduce(sum).unwrap_or_default()
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
            forward(&shape, elements(&x), floats(&weight)),
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
        let gradient = elements(&gradient);
        if let Some(node) = x_node {
            let dx = input_gradient(&shape, gradient, floats(&weight));
            grads.register::<Flex>(node.id, maps(dx, shape.source));
        }
        if let Some(node) = weight_node {
            let dw = weight_gradient(&shape, elements(&x), gradient);
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
