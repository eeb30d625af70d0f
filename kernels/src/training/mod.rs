//! Kernels for training: convolution, batch norm and leaky ReLU with their gradients, on all cores of a CPU, in
//! single precision or in bf16. On other devices, which a trainer may have, burn's own operations run.

mod conv;
mod leaky_relu;
mod norm;
pub mod onednn;

pub use conv::{conv2d, use_bf16};
pub use leaky_relu::leaky_relu;
pub use norm::{Normed, norm_relu};

use std::mem::MaybeUninit;

use rayon::prelude::*;

/// Zeros, written by all cores: fresh memory takes as long as what is computed into it.
fn zeros(count: usize) -> Vec<f32> {
    const CHUNK: usize = 1 << 16;
    let mut values = Vec::with_capacity(count);
    let room: &mut [MaybeUninit<f32>] = &mut values.spare_capacity_mut()[..count];
    room.par_chunks_mut(CHUNK)
        .for_each(|chunk| chunk.fill(MaybeUninit::new(0.0)));
    // SAFETY: the first `count` values have just been written.
    unsafe { values.set_len(count) };
    values
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use crate::is_flex;

    /// Elsewhere burn's operations run, and no other test would tell.
    #[test]
    fn kernels_run_with_gradients_and_without() {
        let device = Device::flex();
        assert!(is_flex(&device) && is_flex(&device.autodiff()));
    }
}
