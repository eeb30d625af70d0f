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

#[cfg(test)]
mod tests {
    use super::*;

    /// Any values in [-1, 1], the same on every run.
    fn noise(len: usize, seed: u32) -> Vec<f32> {
        let mut state = seed;
        (0..len)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1 << 23) as f32 - 1.0
            })
            .collect()
    }

    #[test]
    fn means_are_those_of_the_clipped_window() {
        for (width, height) in [(1, 1), (1, 9), (7, 1), (3, 2), (9, 12)] {
            let values = noise(width * height, 1);
            let mut next = 0;
            box_means(
                Size { width, height },
                |i| [values[i], 1.0],
                |i, [mean, one]| {
                    let near = |j: &usize| {
                        (j % width).abs_diff(i % width) <= 1 && (j / width).abs_diff(i / width) <= 1
                    };
                    let window: Vec<_> = (0..values.len()).filter(near).collect();
                    let sum: f32 = window.iter().map(|j| values[*j]).sum();
                    assert!((mean - sum / window.len() as f32).abs() < 1e-6);
                    assert!((one - 1.0).abs() < 1e-6);
                    assert_eq!(i, next);
                    next += 1;
                },
            );
            assert_eq!(next, values.len());
        }
    }

    #[test]
    fn solutions_solve() {
        for seed in 0..50 {
            let v = noise(12, seed);
            let rows: Vec<_> = v.chunks(3).map(|row| [row[0], row[1], row[2]]).collect();
            // Of rank one to three.
            let rows = &rows[..1 + seed as usize % 4];
            let entry = |i: usize, j: usize| rows.iter().map(|row| row[i] * row[j]).sum::<f32>();
            let s = [0, 1, 2].map(|i| [0, 1, 2].map(|j| entry(i, j)));
            let eps = 1e-3;
            let right = [0, 1, 2].map(|i| entry(i, 0) - 0.5 * entry(i, 2));
            let x = Factor::new(s, eps).solve(right);
            for i in 0..3 {
                let left = s[i][0] * x[0] + s[i][1] * x[1] + s[i][2] * x[2] + eps * x[i];
                assert!((left - right[i]).abs() < 1e-4, "{seed}: {left} {right:?}");
            }
        }
    }

    #[test]
    fn a_singular_covariance_is_no_obstacle() {
        for value in [0.0, 0.3, 1.0] {
            let x = Factor::new([[value; 3]; 3], 1e-3).solve([value; 3]);
            assert!(x.iter().all(|x| x.is_finite()), "{value}: {x:?}");
            let sum: f32 = x.iter().sum();
            assert!(value == 0.0 || (sum - 1.0).abs() < 0.02, "{value}: {sum}");
        }
    }
}
