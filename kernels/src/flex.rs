//! burn-flex's tensors, as the slices that kernels on the CPU compute with.

use burn::backend::{DispatchDevice, Flex, ops::FloatTensorOps, tensor::FloatTensor};
use burn::tensor::{Device, Shape, TensorData};

/// Whether tensors of a device are burn-flex's, with or without gradients.
pub fn is_flex(device: &Device) -> bool {
    matches!(
        device.as_dispatch().clone().inner(),
        DispatchDevice::Flex(_)
    )
}

/// The elements of a contiguous tensor (a view may start behind the start of its storage).
pub(crate) fn floats(tensor: &FloatTensor<Flex>) -> &[f32] {
    let start = tensor.layout().start_offset();
    &tensor.storage()[start..start + tensor.layout().num_elements()]
}

/// A tensor of these values.
pub(crate) fn flex(values: Vec<f32>, shape: impl Into<Shape>) -> FloatTensor<Flex> {
    Flex::float_from_data(TensorData::new(values, shape), &Default::default())
}
