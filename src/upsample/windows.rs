//! Ridge regression in every window of a picture, at a cost that does not depend on its size.

use crate::shrink::Size;

/// The ridge regression of each window (eq. 19 and 20), `[height, width, C, 4]`.
pub(super) fn regressions<const C: usize>(
    guide: &[f32],
    target: &[f32],
    size: Size,
    radius: usize,
    eps: f64,
) -> Vec<[[f64; 4]; C]> {
    let area = size.width * size.height;
    let colour = |i: usize| [0, 1, 2].map(|c| f64::from(guide[c * area + i]));
    let mut guides = Vec::with_capacity(area);
    box_means(
        size,
        radius,
        |i| {
            let [r, g, b] = colour(i);
            [r, g, b, r * r, r * g, r * b, g * g, g * b, b * b]
        },
        |_, [r, g, b, rr, rg, rb, gg, gb, bb]| {
            let covariance = [
                [rr - r * r, rg - r * g, rb - r * b],
                [rg - r * g, gg - g * g, gb - g * b],
                [rb - r * b, gb - g * b, bb - b * b],
            ];
            guides.push(([r, g, b], Factor::new(covariance, eps)));
        },
    );
    let mut windows = vec![[[0.0; 4]; C]; area];
    for c in 0..C {
        box_means(
            size,
            radius,
            |i| {
                let ([r, g, b], p) = (colour(i), f64::from(target[c * area + i]));
                [r * p, g * p, b * p, p]
            },
            |i, [rp, gp, bp, p]| {
                let ([r, g, b], factor) = &guides[i];
                let a = factor.solve([rp - r * p, gp - g * p, bp - b * p]);
                let offset = p - (a[0] * r + a[1] * g + a[2] * b);
                windows[i][c] = [a[0], a[1], a[2], offset];
            },
        );
    }
    windows
}

/// Means over windows of `2 radius + 1` squared pixels clipped to the picture, by sums that run
/// down the columns and along the rows; in f64, where what running sums lose does not matter.
/// `value` gives the values of a pixel and `mean` takes the means around it, row by row.
pub(super) fn box_means<const M: usize>(
    size: Size,
    radius: usize,
    value: impl Fn(usize) -> [f64; M],
    mut mean: impl FnMut(usize, [f64; M]),
) {
    fn add<const M: usize>(sum: &mut [f64; M], sign: f64, values: &[f64; M]) {
        for (sum, value) in sum.iter_mut().zip(values) {
            *sum += sign * value;
        }
    }
    let Size { width, height } = size;
    let radius = radius.min(width.max(height));
    let covered =
        |at: usize, side: usize| ((at + radius + 1).min(side) - at.saturating_sub(radius)) as f64;
    let mut columns = vec![[0.0; M]; width];
    let row = |columns: &mut [[f64; M]], sign, y: usize| {
        for (x, column) in columns.iter_mut().enumerate() {
            add(column, sign, &value(y * width + x));
        }
    };
    (0..radius.min(height)).for_each(|y| row(&mut columns, 1.0, y));
    for y in 0..height {
        if y + radius < height {
            row(&mut columns, 1.0, y + radius);
        }
        if y > radius {
            row(&mut columns, -1.0, y - radius - 1);
        }
        let mut sum = [0.0; M];
        columns
            .iter()
            .take(radius)
            .for_each(|column| add(&mut sum, 1.0, column));
        for x in 0..width {
            if x + radius < width {
                add(&mut sum, 1.0, &columns[x + radius]);
            }
            if x > radius {
                add(&mut sum, -1.0, &columns[x - radius - 1]);
            }
            let count = covered(x, width) * covered(y, height);
            mean(y * width + x, sum.map(|sum| sum / count));
        }
    }
}

/// `L D L^T` of a covariance with `eps` added to its diagonal.
struct Factor {
    pivots: [f64; 3],
    /// L's entries below the diagonal: (1, 0), (2, 0), (2, 1).
    lower: [f64; 3],
}

impl Factor {
    fn new(s: [[f64; 3]; 3], eps: f64) -> Self {
        // No pivot is below eps, whatever the covariance, but for rounding.
        let d0 = (s[0][0] + eps).max(eps);
        let (l10, l20) = (s[1][0] / d0, s[2][0] / d0);
        let d1 = (s[1][1] + eps - l10 * s[1][0]).max(eps);
        let l21 = (s[2][1] - l20 * s[1][0]) / d1;
        let d2 = (s[2][2] + eps - l20 * s[2][0] - l21 * l21 * d1).max(eps);
        Self {
            pivots: [d0, d1, d2],
            lower: [l10, l20, l21],
        }
    }

    fn solve(&self, [r, g, b]: [f64; 3]) -> [f64; 3] {
        let ([d0, d1, d2], [l10, l20, l21]) = (self.pivots, self.lower);
        let g = g - l10 * r;
        let b = (b - l20 * r - l21 * g) / d2;
        let g = g / d1 - l21 * b;
        [r / d0 - l10 * g - l20 * b, g, b]
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{SIZES, covered, noise};
    use super::*;

    /// Solves `m x = v`, the right-hand side in the last column, by elimination with pivoting.
    fn eliminate(mut m: [[f64; 5]; 4]) -> [f64; 4] {
        for i in 0..4 {
            let largest = (i..4).max_by(|a, b| m[*a][i].abs().total_cmp(&m[*b][i].abs()));
            m.swap(i, largest.expect("a row"));
            let pivot = m[i];
            for (k, row) in m.iter_mut().enumerate().filter(|(k, _)| *k != i) {
                let factor = row[i] / pivot[i];
                assert!(factor.is_finite(), "row {k} of the reference is singular");
                (0..5).for_each(|j| row[j] -= factor * pivot[j]);
            }
        }
        [0, 1, 2, 3].map(|i| m[i][4] / m[i][i])
    }

    /// Minimum over the window's pixels of the sum of `(a I + b - p)^2 + eps |a|^2`, by its
    /// normal equations.
    fn direct(guide: &[f32], target: &[f32], area: usize, window: &[usize], eps: f64) -> [f64; 4] {
        let mut normal = [[0.0; 5]; 4];
        for i in window {
            let colour = [0, 1, 2].map(|c| f64::from(guide[c * area + i]));
            let x = [colour[0], colour[1], colour[2], 1.0, f64::from(target[*i])];
            for (j, row) in normal.iter_mut().enumerate() {
                (0..5).for_each(|k| row[k] += x[j] * x[k]);
                if j < 3 {
                    row[j] += eps;
                }
            }
        }
        eliminate(normal)
    }

    #[test]
    fn every_window_is_a_least_squares_solution() {
        for size in SIZES {
            for (radius, eps) in [(0, 1e-3), (1, 1e-3), (2, 1e-4), (3, 0.1), (1000, 1e-3)] {
                let area = size.width * size.height;
                let guide = noise(3 * area, 1);
                let target = noise(2 * area, 2);
                let ours = regressions::<2>(&guide, &target, size, radius, eps);
                assert_eq!(ours.len(), area);
                for (i, ours) in ours.iter().enumerate() {
                    for (c, ours) in ours.iter().enumerate() {
                        let window = covered(i, size, radius);
                        let target = &target[c * area..];
                        let direct = direct(&guide, target, area, &window, eps);
                        for (ours, direct) in ours.iter().zip(direct) {
                            assert!(
                                (ours - direct).abs() < 1e-8,
                                "{size:?}, radius {radius}, pixel {i}: {ours} {direct}"
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_singular_covariance_is_no_obstacle() {
        // All pixels on one line through the colours, and an eps that rounding swamps.
        let size = Size {
            width: 9,
            height: 7,
        };
        let grey = noise(63, 3);
        for eps in [1e-3, 1e-18, 1e-45] {
            for [a] in regressions::<1>(&grey.repeat(3), &grey, size, 2, eps) {
                let sum = a[0] + a[1] + a[2];
                assert!(a.iter().all(|a| a.is_finite()), "eps {eps}: {a:?}");
                assert!((sum - 1.0).abs() < 0.1, "eps {eps}: {a:?}");
            }
        }
    }
}
