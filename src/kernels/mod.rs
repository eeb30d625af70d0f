//! Kernels of our own, each checked against burn's operation on random shapes.
//!
//! They exist where burn's generic CPU kernel leaves most of the machine idle; on every other
//! backend the burn operation runs.

mod conv;
#[cfg(feature = "train")]
mod norm;

pub use conv::conv2d;
#[cfg(feature = "train")]
pub use norm::{Normed, norm_relu};

use burn::backend::tensor::FloatTensor;
use burn::backend::{DispatchDevice, Flex};

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
