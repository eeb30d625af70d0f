//! Kernels of our own on burn's tensors, each checked against burn's operation on random shapes.
//!
//! They exist where burn's generic kernels leave most of a machine idle, or bring more code than an editor needs.
//!
//! - [`inference`]: weights that never change, as a page has them, on the CPU and on WebGPU
//! - `training`: gradients, all cores, bf16, as only the trainer needs them (feature `train`)
//!
//! Neither knows the other, and no feature changes what a name means: whoever calls a kernel chooses it.

#[cfg(feature = "cpu")]
mod flex;
pub mod inference;
#[cfg(feature = "train")]
pub mod training;

#[cfg(feature = "cpu")]
pub use flex::is_flex;

use burn::backend::{Dispatch, ops::FloatTensorOps};
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
