//! From burn's tensors to maps that lie channels last, and back.

use burn::backend::ops::FloatTensorOps;
use burn::tensor::FloatDType;

use super::maps::{CHUNK, elements, filled, last, maps};
use super::*;

/// A tensor in single precision as maps of this type.
pub(super) fn maps_of(x: Tensor<4>, of: Type) -> Tensor<4> {
    let half = of == Type::Bf16;
    Tensor::from_dispatch(<Dispatch as Casts>::maps_of(x.into_dispatch(), half))
}

/// The places of maps in single precision, `[n, h w, c]`.
pub fn float(x: Tensor<4>) -> Tensor<3> {
    Tensor::from_dispatch(<Dispatch as Casts>::places(x.into_dispatch()))
}

vectors! {
    fn widen(to: &mut [f32], from: &[T]) {
        to.iter_mut().zip(from).for_each(|(to, x)| *to = x.wide());
    }

    fn narrow(to: &mut [T], from: &[f32]) {
        to.iter_mut().zip(from).for_each(|(to, x)| *to = T::nearest(*x));
    }
}

#[backend_extension(Flex, Autodiff)]
trait Casts: Backend {
    fn maps_of(x: FloatTensor<Self>, half: bool) -> FloatTensor<Self>;
    fn places(x: FloatTensor<Self>) -> FloatTensor<Self>;
}

impl Casts for Flex {
    fn maps_of(x: FloatTensor<Self>, half: bool) -> FloatTensor<Self> {
        match half {
            true => last::<bf16>(x),
            false => last::<f32>(x),
        }
    }

    fn places(x: FloatTensor<Self>) -> FloatTensor<Self> {
        typed!(x, widened(x))
    }
}

fn widened<T: Value>(x: FloatTensor<Flex>) -> FloatTensor<Flex> {
    let [n, c, h, w] = x.shape().dims();
    let x = last::<T>(x);
    let values = elements::<T>(&x);
    let wide = filled(values.len(), CHUNK, |start, part| {
        widen(part, &values[start..]);
    });
    flex(wide, [n, h * w, c])
}

fn narrowed<T: Value>(values: &[f32], shape: [usize; 4]) -> FloatTensor<Flex> {
    let narrowed = filled(values.len(), CHUNK, |start, part: &mut [T]| {
        narrow(part, &values[start..]);
    });
    maps(narrowed, shape)
}

#[derive(Debug)]
struct MapsBackward;
#[derive(Debug)]
struct PlacesBackward;

impl Backward<Flex, 1> for MapsBackward {
    type State = ();

    fn backward(self, ops: Ops<(), 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<Flex>(&ops.node).to_contiguous();
        if let [Some(node)] = ops.parents {
            grads.register::<Flex>(node.id, Flex::float_cast(gradient, FloatDType::F32));
        }
    }
}

impl Backward<Flex, 1> for PlacesBackward {
    /// Shape and type of the map.
    type State = ([usize; 4], DType);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<Flex>(&ops.node).to_contiguous();
        let (shape, of) = ops.state;
        if let [Some(node)] = ops.parents {
            grads.register::<Flex>(node.id, by_type!(of, narrowed(floats(&gradient), shape)));
        }
    }
}

impl<C: CheckpointStrategy> Casts for Autodiff<Flex, C> {
    fn maps_of(x: FloatTensor<Self>, half: bool) -> FloatTensor<Self> {
        let operation = MapsBackward.prepare::<C>([x.node()]);
        let y = Flex::maps_of(x.into_primitive(), half);
        match operation.compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((), y),
            OpsKind::UnTracked(prep) => prep.finish(y),
        }
    }

    fn places(x: FloatTensor<Self>) -> FloatTensor<Self> {
        let operation = PlacesBackward.prepare::<C>([x.node()]);
        let x = x.into_primitive();
        let of = (x.shape().dims(), x.dtype());
        let y = Flex::places(x);
        match operation.compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(of, y),
            OpsKind::UnTracked(prep) => prep.finish(y),
        }
    }
}
