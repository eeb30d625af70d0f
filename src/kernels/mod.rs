//! Kernels of our own, each checked against burn's operation on random shapes.
//!
//! They exist where burn's generic kernels leave most of a machine idle, or bring more code than
//! an editor needs; on every other backend the burn operation runs.

#[cfg(feature = "train")]
mod activation;
#[cfg(feature = "cpu")]
mod conv;
mod laid;
#[cfg(feature = "train")]
mod norm;

#[cfg(feature = "train")]
pub use activation::leaky_relu;
#[cfg(feature = "cpu")]
pub use conv::conv2d;
#[cfg(feature = "train")]
pub use conv::use_bf16;
pub use laid::{Around, LaidConv};
#[cfg(all(feature = "gpu", not(feature = "cpu")))]
pub use laid::{conv2d, matmul};
#[cfg(feature = "train")]
pub use norm::{Normed, norm_relu};

#[cfg(feature = "cpu")]
use burn::backend::{DispatchDevice, Flex, ops::FloatTensorOps, tensor::FloatTensor};
#[cfg(feature = "cpu")]
use burn::tensor::{Tensor, TensorData};

/// The matrix product `[m, k]` by `[k, n]`.
#[cfg(feature = "cpu")]
pub fn matmul(a: Tensor<2>, b: Tensor<2>) -> Tensor<2> {
    a.matmul(b)
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
fn tensor(values: Vec<f32>, shape: [usize; 4]) -> FloatTensor<Flex> {
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
