//! Training on the CPU: feature maps that lie channels last, in bf16 or in single precision, whose convolutions are
//! oneDNN's, which PyTorch uses too.
//!
//! A map `[n, c, h, w]` is a view of a tensor `[n, h, w, c]`, and stays so from layer to layer; weights are in single
//! precision. The operations here are those of the networks that are trained, with their gradients, on all cores; whatever else
//! is done with a map is burn's, and slow.

#[macro_use]
mod vectors;
mod casts;
mod channels;
mod conv;
mod known;
mod library;
mod maps;
mod norm;
mod operation;
#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use burn::backend::tensor::FloatTensor;
use burn::backend::{Flex, TensorMetadata};
use burn::tensor::{DType, Tensor};
use half::bf16;
use rayon::prelude::*;

pub use casts::float;
pub use channels::{glu, join, sigmoid};
pub use conv::conv2d;
pub use known::with_gradient;
pub use maps::{add, add_to_all, add_to_places, mean_over_places, upsample};
pub use norm::{NormOptions, Normed, conv_norm};

use super::meter::metered;
use crate::flex::{flex, floats, is_flex};
use library::{Convolution, Plan, Type, Value, arg, library, load, written};
use maps::{elements, last, maps};
use operation::{Operation, of_one, of_two};

/// A tensor as burn-flex has it.
type Array = FloatTensor<Flex>;

/// What networks are trained in with the library; none without it.
static PRECISION: OnceLock<Type> = OnceLock::new();

/// Has networks on the CPU be trained with the library from now on, in bf16 or in single precision; says whether they are:
/// the library has to be there, and for bf16 a processor with AVX-512. Whoever says so first is obeyed.
pub fn use_library(half: bool) -> bool {
    let of = if half { Type::Bf16 } else { Type::F32 };
    (of == Type::F32 || has_bf16()) && load() && *PRECISION.get_or_init(|| of) == of
}

/// How many times as long as in single precision a convolution and its weight's gradient take in bf16 on this processor: some
/// without AMX are slower in bf16 (docs/performance.md). None where [`use_library`] would refuse it.
pub fn bf16_takes() -> Option<f64> {
    (has_bf16() && load()).then(|| conv::seconds::<bf16>() / conv::seconds::<f32>())
}

#[cfg(target_arch = "x86_64")]
fn has_bf16() -> bool {
    vectors::has_avx512()
}

#[cfg(not(target_arch = "x86_64"))]
fn has_bf16() -> bool {
    true
}

/// What a network is given, as maps where networks are trained with the library.
pub fn given(x: Tensor<4>) -> Tensor<4> {
    match PRECISION.get() {
        Some(of) if trained(&x) => casts::maps_of(x, *of),
        _ => x,
    }
}

/// Whether a layer that is given this computes here.
pub fn takes(x: &Tensor<4>) -> bool {
    match PRECISION.get() {
        Some(Type::Bf16) => x.dtype() == DType::BF16,
        Some(Type::F32) => trained(x),
        None => false,
    }
}

/// Whether numbers in single precision are computed with here, beside maps of either type.
pub fn takes_single<const D: usize>(x: &Tensor<D>) -> bool {
    PRECISION.get().is_some() && trained(x)
}

fn trained<const D: usize>(x: &Tensor<D>) -> bool {
    let device = x.device();
    device.is_autodiff() && is_flex(&device)
}
