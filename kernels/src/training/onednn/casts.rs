//! From single precision to maps in bf16, and back.

use burn::backend::ops::FloatTensorOps;
use burn::tensor::FloatDType;

use super::maps::{CHUNK, elements, filled, last, maps};
use super::vectors::{narrow, wide};
use super::*;

/// A tensor in single precision as maps in bf16.
pub fn half_maps(x: Tensor<4>) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as Casts>::half_maps(x.into_dispatch()))
}

/// The places of maps in single precision, `[n, h w, c]`.
pub fn float(x: Tensor<4>) -> Tensor<3> {
    Tensor::from_dispatch(<Dispatch as Casts>::places(x.into_dispatch()))
}

vectors! {
    fn widen(to: &mut [f32], from: &[bf16]) {
        to.iter_mut().zip(from).for_each(|(to, x)| *to = wide(*x));
    }

    fn narrow_all(to: &mut [bf16], from: &[f32]) {
        to.iter_mut().zip(from).for_each(|(to, x)| *to = narrow(*x));
    }
}

#[backend_extension(Flex, Autodiff)]
trait Casts: Backend {
    fn half_maps(x: FloatTensor<Self>) -> FloatTensor<Self>;
    fn places(x: FloatTensor<Self>) -> FloatTensor<Self>;
}

impl Casts for Flex {
    fn half_maps(x: FloatTensor<Self>) -> FloatTensor<Self> {
        last(x)
    }

    fn places(x: FloatTensor<Self>) -> FloatTensor<Self> {
        let [n, c, h, w] = x.shape().dims();
        let x = last(x);
        let values = elements(&x);
        let wide = filled(values.len(), CHUNK, |start, part: &mut [f32]| {
            widen(part, &values[start..]);
        });
        flex(wide, [n, h * w, c])
    }
}

#[derive(Debug)]
struct HalfBackward;
#[derive(Debug)]
struct PlacesBackward;

impl Backward<Flex, 1> for HalfBackward {
    type State = ();

    fn backward(self, ops: Ops<(), 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<Flex>(&ops.node).to_contiguous();
        if let [Some(node)] = ops.parents {
            grads.register::<Flex>(node.id, Flex::float_cast(gradient, FloatDType::F32));
        }
    }
}

impl Backward<Flex, 1> for PlacesBackward {
    type State = [usize; 4];

    fn backward(self, ops: Ops<[usize; 4], 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<Flex>(&ops.node).to_contiguous();
        let values = floats(&gradient);
        let narrow = filled(values.len(), CHUNK, |start, part: &mut [bf16]| {
            narrow_all(part, &values[start..]);
        });
        if let [Some(node)] = ops.parents {
            grads.register::<Flex>(node.id, maps(narrow, ops.state));
        }
    }
}

impl<C: CheckpointStrategy> Casts for Autodiff<Flex, C> {
    fn half_maps(x: FloatTensor<Self>) -> FloatTensor<Self> {
        let operation = HalfBackward.prepare::<C>([x.node()]);
        let y = Flex::half_maps(x.into_primitive());
        match operation.compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((), y),
            OpsKind::UnTracked(prep) => prep.finish(y),
        }
    }

    fn places(x: FloatTensor<Self>) -> FloatTensor<Self> {
        let operation = PlacesBackward.prepare::<C>([x.node()]);
        let x = x.into_primitive();
        let shape = x.shape().dims();
        let y = Flex::places(x);
        match operation.compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(shape, y),
            OpsKind::UnTracked(prep) => prep.finish(y),
        }
    }
}
