//! From burn's tensors to maps that lie channels last, and back.

use burn::backend::ops::FloatTensorOps;
use burn::tensor::FloatDType;

use super::maps::{CHUNK, elements, filled, last, maps};
use super::*;

/// A tensor in single precision as maps of this type.
pub(super) fn maps_of(x: Tensor<4>, of: Type) -> Tensor<4> {
    of_one(MapsOf(of), x)
}

/// The places of maps in single precision, `[n, h w, c]`.
pub fn float(x: Tensor<4>) -> Tensor<3> {
    of_one(Places, x)
}

vectors! {
    fn widen(to: &mut [f32], from: &[T]) {
        to.iter_mut().zip(from).for_each(|(to, x)| *to = x.wide());
    }

    fn narrow(to: &mut [T], from: &[f32]) {
        to.iter_mut().zip(from).for_each(|(to, x)| *to = T::nearest(*x));
    }
}

#[derive(Debug)]
struct MapsOf(Type);

impl Operation<1> for MapsOf {
    type Kept = ();

    fn forward<T: Value>(self, [x]: [Array; 1]) -> (Array, ()) {
        let maps = match self.0 {
            Type::Bf16 => last::<bf16>(x),
            Type::F32 => last::<f32>(x),
        };
        (maps, ())
    }

    fn backward<T: Value>((): (), gradient: Array, _: [bool; 1]) -> [Option<Array>; 1] {
        [Some(Flex::float_cast(
            gradient.to_contiguous(),
            FloatDType::F32,
        ))]
    }
}

#[derive(Debug)]
struct Places;

impl Operation<1> for Places {
    /// The maps' shape.
    type Kept = [usize; 4];

    fn forward<T: Value>(self, [x]: [Array; 1]) -> (Array, Self::Kept) {
        let [n, c, h, w] = x.shape().dims();
        let x = last::<T>(x);
        let values = elements::<T>(&x);
        let wide = filled(values.len(), CHUNK, |start, part| {
            widen(part, &values[start..]);
        });
        (flex(wide, [n, h * w, c]), [n, c, h, w])
    }

    fn backward<T: Value>(shape: Self::Kept, gradient: Array, _: [bool; 1]) -> [Option<Array>; 1] {
        let gradient = gradient.to_contiguous();
        let values = floats(&gradient);
        let narrowed = filled(values.len(), CHUNK, |start, part: &mut [T]| {
            narrow(part, &values[start..]);
        });
        [Some(maps(narrowed, shape))]
    }
}
