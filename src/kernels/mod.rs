//! Kernels of our own, each checked against burn's operation on random shapes.
//!
//! They exist where burn's generic CPU kernel leaves most of the machine idle; on every other
//! backend the burn operation runs.

mod conv;
mod laid;
#[cfg(feature = "train")]
mod norm;

pub use conv::conv2d;
pub use laid::{Around, LaidConv};
#[cfg(feature = "train")]
pub use norm::{Normed, norm_relu};

use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{DispatchDevice, Flex};
use burn::tensor::TensorData;

fn is_flex(device: &DispatchDevice) -> bool {
    match device {
        DispatchDevice::Flex(_) => true,
        #[cfg(feature = "train")]
        DispatchDevice::Autodiff(device) => is_flex(&device.clone().inner()),
        #[allow(unreachable_patterns)] // more backends with the trainer's features
        _ => false,
    }
}

/// The elements of a contiguous tensor (a view may start behind the start of its storage).
fn floats(tensor: &FloatTensor<Flex>) -> &[f32] {
    let start = tensor.layout().start_offset();
    &tensor.storage()[start..start + tensor.layout().num_elements()]
}

fn tensor(values: Vec<f32>, shape: [usize; 4]) -> FloatTensor<Flex> {
    Flex::float_from_data(TensorData::new(values, shape), &Default::default())
}
