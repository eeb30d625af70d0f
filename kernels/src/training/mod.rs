//! Kernels for training: convolution, batch norm and activations with their gradients, on all cores of a CPU, in
//! single precision or in bf16. On other devices, which a trainer may have, burn's own operations run.

mod activations;
mod conv;
mod meter;
mod norm;
pub mod onednn;

pub use activations::{glu, leaky_relu};
pub use conv::conv2d;
pub use meter::{Convolutions, convolutions};
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

/// `e^x` to four digits, in code of which the compiler makes vectors: an integer power of two by its bits,
/// and a polynomial for the rest.
pub fn fast_exp(x: f32) -> f32 {
    let power = (x * std::f32::consts::LOG2_E).clamp(-80.0, 80.0);
    // Adding this leaves the nearest integer in the low bits.
    const ROUND: f32 = 12_582_912.0;
    let whole = (power + ROUND) - ROUND;
    let rest = power - whole;
    let part = 1.0
        + rest
            * (std::f32::consts::LN_2
                + rest * (0.240_226_5 + rest * (0.055_504_1 + rest * 0.009_618_1)));
    let bits = ((whole as i32 + 127) as u32) << 23;
    part * f32::from_bits(bits)
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
