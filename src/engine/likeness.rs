//! Places that look alike belong together: a mask is evened over what has one colour, and ends where that does.
//!
//! A conditional random field between each place and all around it (Krähenbühl and Koltun, "Efficient Inference
//! in Fully Connected CRFs with Gaussian Edge Potentials", NIPS 2011, the appearance kernel of equation 3), by a
//! few steps of mean field: `m_i + W sum_j k_ij (2 q_j - 1) / sum_j k_ij`, where `m` are the logits, `q` what
//! they were made, as probabilities, and `k_ij` falls with the distance of two places and of their colours.

use super::ground;
use crate::colour::srgb_to_lab;
use crate::shrink::Size;

/// How far a place looks, in places, and every how many of them.
const REACH: usize = 8;
const EACH: usize = 2;
/// The deviation of colours that are alike, in units of CIELAB.
const ALIKE: f32 = 4.0;
/// How much the others weigh against a place's own logit.
const WEIGHT: f32 = 3.0;
/// Steps of mean field.
const STEPS: usize = 3;

/// How alike the places of a photo are, at half of the small photo's resolution.
#[derive(Debug, Clone)]
pub struct Likeness {
    size: Size,
    /// In CIELAB.
    colours: Vec<[f32; 3]>,
    /// For each place one of the others, down or right of it: how many rows and columns away, and `k` for each
    /// of the places, 0 where the other is outside.
    kernels: Vec<([isize; 2], Vec<f32>)>,
    /// The sum of all `k` of a place.
    total: Vec<f32>,
}

impl Likeness {
    /// # Shapes
    /// - `planes`: `[3, small.height, small.width]` in [-1, 1], both even
    pub fn of(planes: &[f32], small: Size) -> Self {
        let size = Size {
            width: small.width / 2,
            height: small.height / 2,
        };
        let colours = colours(planes, small, size);
        let reach = REACH as isize;
        let around = (-reach..=reach).step_by(EACH);
        let offsets = around
            .clone()
            .flat_map(|y| around.clone().map(move |x| [y, x]));
        let offsets = offsets.filter(|offset| *offset > [0, 0]);
        let mut total = vec![1e-6; colours.len()];
        let kernels = offsets.map(|[y, x]| {
            let near = (y * y + x * x) as f32 / (2 * reach * reach) as f32;
            let mut kernel = vec![0.0; colours.len()];
            each_pair(size, [y, x], |a, b| {
                let square: f32 = (0..3)
                    .map(|c| (colours[a][c] - colours[b][c]).powi(2))
                    .sum();
                let k = (-near - square / (2.0 * ALIKE * ALIKE)).exp();
                kernel[a] = k;
                total[a] += k;
                total[b] += k;
            });
            ([y, x], kernel)
        });
        let kernels = kernels.collect();
        Self {
            size,
            colours,
            kernels,
            total,
        }
    }

    /// Logits of a thing that lies alone, after what its colours and those of its ground say.
    pub fn told_apart(&self, logits: &[f32]) -> Vec<f32> {
        ground::told_apart(logits, &self.colours, self.size)
    }

    /// Logits `[height, width]`, evened.
    pub fn even(&self, logits: &[f32]) -> Vec<f32> {
        let mut evened = logits.to_vec();
        for _ in 0..STEPS {
            let votes: Vec<f32> = evened.iter().map(|logit| (0.5 * logit).tanh()).collect();
            let mut sums = vec![0.0; votes.len()];
            for (offset, kernel) in &self.kernels {
                each_pair(self.size, *offset, |a, b| {
                    sums[a] += kernel[a] * votes[b];
                    sums[b] += kernel[a] * votes[a];
                });
            }
            for ((evened, logit), (sum, total)) in evened
                .iter_mut()
                .zip(logits)
                .zip(sums.iter().zip(&self.total))
            {
                *evened = logit + WEIGHT * sum / total;
            }
        }
        evened
    }
}

/// Every place and the one so many rows and columns further, where that is inside.
#[inline(always)]
fn each_pair(size: Size, [down, right]: [isize; 2], mut pair: impl FnMut(usize, usize)) {
    let (width, height) = (size.width as isize, size.height as isize);
    let columns = (-right).max(0)..width - right.max(0);
    for y in 0..height - down {
        for x in columns.clone() {
            let a = y * width + x;
            pair(a as usize, (a + down * width + right) as usize);
        }
    }
}

/// The CIELAB colour of each place: the mean of its four pixels.
fn colours(planes: &[f32], small: Size, size: Size) -> Vec<[f32; 3]> {
    let area = small.width * small.height;
    let byte = |c: usize, y: usize, x: usize| {
        let at = |dy, dx| planes[c * area + (2 * y + dy) * small.width + 2 * x + dx];
        let mean = 0.25 * (at(0, 0) + at(0, 1) + at(1, 0) + at(1, 1));
        (127.5 * (mean + 1.0)).round() as u8
    };
    let places = (0..size.height).flat_map(|y| (0..size.width).map(move |x| (y, x)));
    let places = places.map(|(y, x)| srgb_to_lab([0, 1, 2].map(|c| byte(c, y, x))));
    places.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Size = Size {
        width: 48,
        height: 32,
    };

    /// Red on the left, blue on the right.
    fn halves() -> Likeness {
        let plane = |left: f32, right: f32| {
            let pixels = (0..32 * 48).map(move |at| if at % 48 < 24 { left } else { right });
            pixels.collect::<Vec<f32>>()
        };
        let planes = [plane(0.8, -0.8), plane(-0.8, -0.8), plane(-0.8, 0.8)].concat();
        Likeness::of(&planes, SMALL)
    }

    #[test]
    fn a_hole_in_one_colour_is_filled_and_what_leaks_into_another_goes() {
        // The red half is marked, but for a hole; a part of the blue half is, too.
        let logit = |at: usize| match (at / 24, at % 24) {
            (6..9, 4..7) => -0.5,
            (_, 0..12) => 2.0,
            (4..6, 15..17) => 0.5,
            _ => -3.0,
        };
        let logits: Vec<f32> = (0..16 * 24).map(logit).collect();
        let evened = halves().even(&logits);
        for (at, value) in evened.iter().enumerate() {
            assert_eq!(*value > 0.0, at % 24 < 12, "{at}: {value}");
        }
    }

    #[test]
    fn a_sure_place_stays_and_nothing_to_say_changes_nothing() {
        let likeness = halves();
        assert!(
            likeness
                .even(&[0.0; 16 * 24])
                .iter()
                .all(|logit| *logit == 0.0)
        );
        let mut logits = [-4.0; 16 * 24];
        logits[100] = 9.0;
        assert!(likeness.even(&logits)[100] > 3.0);
    }

    #[test]
    fn a_photo_smaller_than_the_reach_is_evened() {
        let small = Size {
            width: 16,
            height: 16,
        };
        let likeness = Likeness::of(&[0.3; 3 * 256], small);
        let evened = likeness.even(&[1.0; 64]);
        assert!(
            evened
                .iter()
                .all(|logit| (logit - evened[0]).abs() < 1e-4 && *logit > 1.0)
        );
    }
}
