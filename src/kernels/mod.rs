//! Kernels of our own, each checked against burn's operation on random shapes.
//!
//! They exist where burn's generic kernels leave most of a machine idle, or bring more code than
//! an editor needs; on every other backend the burn operation runs.

#[cfg(feature = "train")]
mod activation;
#[cfg(feature = "train")]
mod conv;
#[cfg(feature = "train")]
mod norm;
#[cfg(feature = "train")]
pub mod onednn;
mod prepacked;
#[cfg(feature = "cpu")]
mod rows;

#[cfg(feature = "train")]
pub use activation::leaky_relu;
#[cfg(feature = "train")]
pub use conv::{conv2d, use_bf16};
#[cfg(feature = "train")]
pub use norm::{Normed, norm_relu};
#[cfg(not(feature = "train"))]
pub use prepacked::conv2d;
#[cfg(not(feature = "cpu"))]
pub use prepacked::matmul;
pub use prepacked::{Fused, PrepackedConv};

use burn::backend::{Dispatch, ops::FloatTensorOps};
#[cfg(feature = "cpu")]
use burn::backend::{DispatchDevice, Flex, tensor::FloatTensor};
#[cfg(feature = "cpu")]
use burn::tensor::Shape;
use burn::tensor::{Device, Tensor, TensorData};

/// What is applied to each number behind a convolution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Activation {
    /// The number itself.
    None,
    /// Itself where it is positive, and elsewhere this share of it: 0 is a ReLU.
    LeakyRelu(f64),
}

impl Activation {
    /// `max(x, 0)`
    pub const RELU: Self = Self::LeakyRelu(0.0);

    /// What a negative number is multiplied by.
    pub fn slope(self) -> f64 {
        match self {
            Self::None => 1.0,
            Self::LeakyRelu(slope) => slope,
        }
    }
}

/// A tensor of these values. burn's `from_data` converts between all types, which would be a tenth of a
/// page's wasm.
pub fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D], device: &Device) -> Tensor<D> {
    let data = TensorData::new(values, shape);
    Tensor::from_dispatch(Dispatch::float_from_data(data, device.as_dispatch()))
}

/// The matrix product `[m, k]` by `[k, n]`.
#[cfg(feature = "cpu")]
pub fn matmul(a: Tensor<2>, b: Tensor<2>) -> Tensor<2> {
    #[cfg(any(feature = "train", feature = "gpu"))]
    {
        /// More rows are worth a general product.
        const FEW: usize = 32;
        let device = a.device();
        if a.dims()[0] > FEW || device.is_autodiff() || !is_flex(device.as_dispatch()) {
            return a.matmul(b);
        }
    }
    rows::matmul(a, b)
}

/// The matrix products of each `[m, k]` with its `[k, n]`, in `[b, m, k]` and `[b, k, n]`.
pub fn matmuls(a: Tensor<3>, b: Tensor<3>) -> Tensor<3> {
    #[cfg(feature = "train")]
    if a.device().is_autodiff() {
        return a.matmul(b);
    }
    let of = |whole: &Tensor<3>, i| whole.clone().narrow(0, i, 1).squeeze_dim(0);
    let each = (0..a.dims()[0]).map(|i| matmul(of(&a, i), of(&b, i)).unsqueeze());
    Tensor::cat(each.collect(), 0)
}

#[cfg(feature = "cpu")]
fn is_flex(device: &DispatchDevice) -> bool {
    match device {
        DispatchDevice::Flex(_) => true,
        #[cfg(feature = "train")]
        DispatchDevice::Autodiff(device) => is_flex(&device.clone().inner()),
        #[allow(unreachable_patterns)] // more backends with the trainer's features
        _ => false,
    }
}

#[cfg(feature = "cpu")]
/// The elements of a contiguous tensor (a view may start behind the start of its storage).
fn floats(tensor: &FloatTensor<Flex>) -> &[f32] {
    let start = tensor.layout().start_offset();
    &tensor.storage()[start..start + tensor.layout().num_elements()]
}

#[cfg(feature = "cpu")]
fn flex(values: Vec<f32>, shape: impl Into<Shape>) -> FloatTensor<Flex> {
    Flex::float_from_data(TensorData::new(values, shape), &Default::default())
}

/// Zeros, written by all cores: fresh memory takes as long as what is computed into it.
#[cfg(feature = "train")]
fn zeros(count: usize) -> Vec<f32> {
    use rayon::prelude::*;
    use std::mem::MaybeUninit;
    const CHUNK: usize = 1 << 16;
    let mut values = Vec::with_capacity(count);
    let room: &mut [MaybeUninit<f32>] = &mut values.spare_capacity_mut()[..count];
    room.par_chunks_mut(CHUNK)
        .for_each(|chunk| chunk.fill(MaybeUninit::new(0.0)));
    // SAFETY: the first `count` values have just been written.
    unsafe { values.set_len(count) };
    values
}
