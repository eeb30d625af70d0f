//! Training on the CPU with oneDNN, where that is installed. Elsewhere, and on other devices, burn's own operations run.

mod meter;
pub mod onednn;

pub use meter::{Convolutions, convolutions};

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
