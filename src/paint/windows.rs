//! Ridge regression in every window of three by three pixels of a picture.

use crate::shrink::Size;

/// Means over windows of 3 x 3 pixels clipped to the picture. `value` gives the values of a pixel
/// and `mean` takes the means around it, row by row.
pub fn box_means<const M: usize>(
    size: Size,
    value: impl Fn(usize) -> [f32; M],
    mut mean: impl FnMut(usize, [f32; M]),
) {
    let add = |sum: &mut [f32; M], values: &[f32; M]| {
        for (sum, value) in sum.iter_mut().zip(values) {
            *sum += value;
        }
    };
    let around = |at: usize, side: usize| at.saturating_sub(1)..(at + 2).min(side);
    let Size { width, height } = size;
    let mut columns = vec![[0.0; M]; width];
    for y in 0..height {
        columns.fill([0.0; M]);
        for row in around(y, height) {
            for (x, column) in columns.iter_mut().enumerate() {
                add(column, &value(row * width + x));
            }
        }
        for x in 0..width {
            let near = &columns[around(x, width)];
            let mut sum = [0.0; M];
            near.iter().for_each(|column| add(&mut sum, column));
            let share = 1.0 / (near.len() * around(y, height).len()) as f32;
            mean(y * width + x, sum.map(|sum| share * sum));
        }
    }
}

/// `L D L^T` of a covariance with `eps` added to its diagonal.
#[derive(Debug, Clone, Copy)]
pub struct Factor {
    /// One over D's entries.
    pivots: [f32; 3],
    /// L's entries below the diagonal: (1, 0), (2, 0), (2, 1).
    lower: [f32; 3],
}

impl Factor {
    pub fn new(s: [[f32; 3]; 3], eps: f32) -> Self {
        // No pivot is below eps, whatever the covariance, but for rounding.
        let d0 = (s[0][0] + eps).max(eps);
        let (l10, l20) = (s[1][0] / d0, s[2][0] / d0);
        let d1 = (s[1][1] + eps - l10 * s[1][0]).max(eps);
        let l21 = (s[2][1] - l20 * s[1][0]) / d1;
        let d2 = (s[2][2] + eps - l20 * s[2][0] - l21 * l21 * d1).max(eps);
        Self {
            pivots: [d0, d1, d2].map(|d| 1.0 / d),
            lower: [l10, l20, l21],
        }
    }

    pub fn solve(&self, [r, g, b]: [f32; 3]) -> [f32; 3] {
        let ([d0, d1, d2], [l10, l20, l21]) = (self.pivots, self.lower);
        let g = g - l10 * r;
        let b = (b - l20 * r - l21 * g) * d2;
        let g = g * d1 - l21 * b;
        [r * d0 - l10 * g - l20 * b, g, b]
    }
}
