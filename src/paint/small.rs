//! The photo as the paint looks at it: small, in CIELAB.

use crate::colour::{LINEAR, lab_of};
use crate::shrink::Size;

/// The small photo in CIELAB.
pub struct Small {
    pub(super) size: Size,
    /// Linear sRGB, 0 to 1
    pub(super) linear: Vec<[f32; 3]>,
    pub(super) lab: Vec<[f32; 3]>,
}

impl Small {
    /// # Shapes
    /// - `photo`: `[3, size.height, size.width]` in [-1, 1]
    pub fn new(photo: &[f32], size: Size) -> Self {
        let area = size.width * size.height;
        let value = |i: usize, c: usize| (0.5 * photo[c * area + i] + 0.5).clamp(0.0, 1.0);
        let linear = (0..area).map(|i| [0, 1, 2].map(|c| decoded(value(i, c))));
        let linear: Vec<_> = linear.collect();
        let lab = linear.iter().map(|linear| lab_of(*linear)).collect();
        Self { size, linear, lab }
    }

    /// The lightness of each pixel.
    pub fn lightness(&self) -> impl Iterator<Item = f32> {
        self.lab.iter().map(|lab| lab[0])
    }
}

/// The linear value of an sRGB one, between those of its bytes.
fn decoded(value: f32) -> f32 {
    let at = 255.0 * value;
    let byte = at as usize;
    let [before, after] = [byte, byte + 1].map(|byte| LINEAR[byte.min(255)]);
    before + (at - byte as f32) * (after - before)
}

/// Weighted quantiles of a channel of CIELAB, by a histogram of quarter steps.
pub fn quantiles<const N: usize>(
    values: impl Iterator<Item = f32>,
    weights: &[f32],
    at: [f32; N],
) -> [f32; N] {
    const STEP: f32 = 0.25;
    const FIRST: f32 = -128.0;
    let mut bins = vec![0.0; 1024];
    for (value, weight) in values.zip(weights) {
        let bin = ((value - FIRST) / STEP) as usize;
        bins[bin.min(1023)] += weight;
    }
    let total: f32 = bins.iter().sum();
    at.map(|at| {
        let mut left = at * total;
        for (bin, weight) in bins.iter().enumerate() {
            if left < *weight {
                return FIRST + STEP * (bin as f32 + left / weight);
            }
            left -= weight;
        }
        0.0
    })
}
