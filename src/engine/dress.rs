//! A form becomes a picture: its light and alpha, enlarged, and colour and cloth laid on as in an edit.

use super::{EngineError, connected};
use crate::colour::{encode, srgb_to_lab};
use crate::paint::{Change, Edit, Paint};
use crate::shrink::Size;

/// Where a sentence names no colour, a garment has one of these.
const PALETTE: [[u8; 3]; 8] = [
    [38, 55, 94],
    [201, 176, 138],
    [157, 52, 58],
    [94, 117, 92],
    [226, 222, 212],
    [62, 63, 68],
    [193, 122, 74],
    [118, 138, 163],
];

/// How far light departs from its mean at most, in L*: the network's holes are deeper than cloth that lies flat has any.
const DEPTH: f32 = 16.0;

/// The form of a garment, as a network makes it.
#[derive(Debug, Clone)]
pub struct Form {
    /// Pixels across and down.
    pub side: usize,
    /// Brightness of the cloth, CIELAB's L*: 0 to 100, `[side, side]`
    pub(super) light: Vec<f32>,
    /// 1 where there is cloth, 0 where there is none, `[side, side]`
    pub(super) alpha: Vec<f32>,
    /// The seed that it was drawn from first.
    pub(super) seed: u32,
}

impl Form {
    /// From a network's planes `[2, side, side]` in [-1, 1], light first.
    pub(super) fn new(planes: &[f32], side: usize, seed: u32) -> Self {
        let (light, alpha) = planes.split_at(side * side);
        let alpha = alpha.iter().map(|a| (0.5 * a + 0.5).clamp(0.0, 1.0));
        let alpha = whole(alpha.collect(), side);
        let light: Vec<f32> = light
            .iter()
            .map(|l| (50.0 * l + 50.0).clamp(0.0, 100.0))
            .collect();
        Self {
            side,
            light: spread(&light, &alpha, side),
            alpha,
            seed,
        }
    }

    /// The garment in colour and cloth, on nothing: rows of red, green, blue and alpha, `to * to * 4` bytes.
    /// Without paint it has a colour that depends on its seed.
    ///
    /// # Errors
    /// For a picture of no pixels, or of too many.
    pub fn dressed(&self, paint: Option<Paint>, to: usize) -> Result<Vec<u8>, EngineError> {
        let full = Size {
            width: to,
            height: to,
        };
        let small = Size {
            width: self.side,
            height: self.side,
        };
        if to == 0 {
            return Err(EngineError::NoPixels {
                width: 0,
                height: 0,
            });
        }
        let paint = self.paint(paint);
        let grey = |lightness: f32| {
            let lightness = lightness.clamp(0.0, 100.0);
            let f = (lightness + 16.0) / 116.0;
            encode(if lightness > 8.0 {
                f * f * f
            } else {
                lightness / 903.3
            })
        };
        let photo: Vec<f32> = self.light.iter().map(|l| 2.0 * grey(*l) - 1.0).collect();
        // The whole edge is painted; how much of it is seen, alpha says.
        let mask = grown(&self.alpha, self.side);
        let edit = Edit::fit(&photo.repeat(3), small, &[(mask, paint)], full)?;
        let light = enlarged(&self.light, self.side, to, catmull_rom);
        let alpha = enlarged(&self.alpha, self.side, to, b_spline);
        let mut rgba: Vec<u8> = light
            .iter()
            .flat_map(|l| {
                let value = (255.0 * grey(*l)).round() as u8;
                [value, value, value, 255]
            })
            .collect();
        edit.apply(&mut rgba, 1.0)?;
        // An edge as narrow as a pixel of the picture, or of the form where that is finer.
        let contrast = (to as f32 / self.side as f32).max(1.0);
        for (pixel, alpha) in rgba.chunks_exact_mut(4).zip(alpha) {
            let alpha = contrast * (alpha - 0.5) + 0.5;
            pixel[3] = (255.0 * alpha.clamp(0.0, 1.0)).round() as u8;
        }
        Ok(rgba)
    }

    /// There is no colour of its own that a paint could leave.
    fn paint(&self, paint: Option<Paint>) -> Paint {
        let own = PALETTE[self.seed as usize % PALETTE.len()];
        let own = Change::Colour {
            lab: srgb_to_lab(own),
        };
        match paint {
            Some(
                paint @ Paint {
                    change: Change::Colour { .. },
                    ..
                },
            ) => paint,
            Some(paint) => Paint {
                change: own,
                ..paint
            },
            None => Paint {
                change: own,
                plain: false,
                fabric: None,
            },
        }
    }
}

/// The largest piece of a garment without its pinholes: a network that is not sure leaves shreds and gaps.
fn whole(mut alpha: Vec<f32>, side: usize) -> Vec<f32> {
    /// A hole of this share of the garment is between its legs, or behind an arm.
    const HOLE: f32 = 0.01;
    let inside: Vec<bool> = alpha.iter().map(|a| *a > 0.5).collect();
    let mut pieces = connected(&inside, side, true);
    pieces.sort_by_key(Vec::len);
    let area = pieces.pop().map_or(0, |garment| garment.len());
    // What belongs to a shred at its soft edge goes with it.
    let near = |i: usize| [i, i.wrapping_sub(1), i + 1, i.wrapping_sub(side), i + side];
    for i in pieces.into_iter().flatten().flat_map(near) {
        if let Some(alpha) = alpha.get_mut(i) {
            *alpha = 0.0;
        }
    }
    let holes = connected(&inside, side, false).into_iter();
    for hole in holes.filter(|hole| (hole.len() as f32) < HOLE * area as f32) {
        for i in hole.into_iter().flat_map(near) {
            if let Some(alpha) = alpha.get_mut(i) {
                *alpha = 1.0;
            }
        }
    }
    alpha
}

/// The light of the cloth, less deep, which goes on where there is none as it is at the nearest edges: what is behind
/// an edge does not dim it.
fn spread(light: &[f32], alpha: &[f32], side: usize) -> Vec<f32> {
    const RADIUS: usize = 4;
    // Edges are mixed with what is behind them.
    let sure: Vec<f32> = alpha.iter().map(|a| (2.0 * a - 1.0).max(0.0)).collect();
    let weighed: Vec<f32> = light.iter().zip(&sure).map(|(l, a)| l * a).collect();
    let (mut sums, mut weights) = (weighed, sure.clone());
    for _ in 0..2 {
        sums = blurred(&sums, side, RADIUS);
        weights = blurred(&weights, side, RADIUS);
    }
    let total: f32 = sure.iter().sum::<f32>().max(1e-6);
    let mean = light.iter().zip(&sure).map(|(l, a)| l * a).sum::<f32>() / total;
    let each = light.iter().zip(&sure).zip(sums.iter().zip(&weights));
    each.map(|((light, sure), (sum, weight))| {
        let around = (sum + 1e-3 * mean) / (weight + 1e-3);
        let light = around + sure * (light - around);
        mean + DEPTH * ((light - mean) / DEPTH).tanh()
    })
    .collect()
}

/// The mean of a square around each pixel, over what of it is in the picture.
fn blurred(values: &[f32], side: usize, radius: usize) -> Vec<f32> {
    let along = |values: &[f32], step: usize, line: usize| {
        let mut means = vec![0.0; values.len()];
        for first in (0..side).map(|n| n * line) {
            for at in 0..side {
                let range = at.saturating_sub(radius)..(at + radius + 1).min(side);
                let count = range.len() as f32;
                let sum: f32 = range.map(|i| values[first + i * step]).sum();
                means[first + at * step] = sum / count;
            }
        }
        means
    };
    along(&along(values, 1, side), side, 1)
}

/// The largest alpha of three by three pixels, twice, and surer: all that can be seen of the cloth.
fn grown(alpha: &[f32], side: usize) -> Vec<f32> {
    let mut grown: Vec<f32> = alpha.iter().map(|a| (2.0 * a).min(1.0)).collect();
    for _ in 0..2 {
        let before = grown.clone();
        for (i, value) in grown.iter_mut().enumerate() {
            let (x, y) = (i % side, i / side);
            let rows = y.saturating_sub(1)..(y + 2).min(side);
            let most = rows.flat_map(|y| {
                &before[y * side + x.saturating_sub(1)..y * side + (x + 2).min(side)]
            });
            *value = most.fold(0.0, |most: f32, a| most.max(*a));
        }
    }
    grown
}

/// The weights of four pixels for a place that is `t` of the way from the second to the third: a cubic B-spline, which
/// rounds off the steps of a small picture.
fn b_spline(t: f32) -> [f32; 4] {
    let (s, t2, t3) = (1.0 - t, t * t, t * t * t);
    [
        s * s * s,
        3.0 * t3 - 6.0 * t2 + 4.0,
        3.0 * (t + t2 - t3) + 1.0,
        t3,
    ]
    .map(|w| w / 6.0)
}

/// A Catmull-Rom spline, which goes through the pixels: seams stay sharp.
fn catmull_rom(t: f32) -> [f32; 4] {
    let (t2, t3) = (t * t, t * t * t);
    [
        2.0 * t2 - t - t3,
        3.0 * t3 - 5.0 * t2 + 2.0,
        4.0 * t2 - 3.0 * t3 + t,
        t3 - t2,
    ]
    .map(|w| w / 2.0)
}

/// Enlarges or shrinks by a spline.
fn enlarged(values: &[f32], side: usize, to: usize, weights: impl Fn(f32) -> [f32; 4]) -> Vec<f32> {
    let taps: Vec<([usize; 4], [f32; 4])> = (0..to)
        .map(|at| {
            let place = (at as f32 + 0.5) * side as f32 / to as f32 - 0.5;
            let first = place.floor();
            let near = |n: isize| (first as isize + n).clamp(0, side as isize - 1) as usize;
            (
                [near(-1), near(0), near(1), near(2)],
                weights(place - first),
            )
        })
        .collect();
    let mut wide = vec![0.0; side * to];
    for (row, wide) in values.chunks_exact(side).zip(wide.chunks_exact_mut(to)) {
        for ((places, weights), value) in taps.iter().zip(wide) {
            *value = (0..4).map(|n| weights[n] * row[places[n]]).sum();
        }
    }
    let mut large = vec![0.0; to * to];
    for ((places, weights), row) in taps.iter().zip(large.chunks_exact_mut(to)) {
        let rows = places.map(|y| &wide[y * to..][..to]);
        for (x, value) in row.iter_mut().enumerate() {
            *value = (0..4).map(|n| weights[n] * rows[n][x]).sum();
        }
    }
    large
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIDE: usize = 32;

    /// A square of cloth in the middle, brighter on the left.
    fn square() -> Form {
        let inside = |at: usize| (8..24).contains(&at);
        let planes = (0..2 * SIDE * SIDE).map(|i| {
            let (x, y, channel) = (i % SIDE, i / SIDE % SIDE, i / SIDE / SIDE);
            match (channel, inside(x) && inside(y)) {
                (0, true) => 0.3 - 0.02 * x as f32,
                (1, true) => 1.0,
                // Light where no cloth is means nothing.
                (0, false) => -0.9,
                _ => -1.0,
            }
        });
        Form::new(&planes.collect::<Vec<_>>(), SIDE, 1)
    }

    fn colour(rgb: [u8; 3]) -> Option<Paint> {
        Some(Paint {
            change: Change::Colour {
                lab: srgb_to_lab(rgb),
            },
            plain: false,
            fabric: None,
        })
    }

    fn at(rgba: &[u8], side: usize, x: usize, y: usize) -> [u8; 4] {
        rgba[4 * (y * side + x)..][..4].try_into().unwrap()
    }

    #[test]
    fn cloth_has_its_colour_to_the_edge_and_nothing_is_behind_it() {
        let rgba = square().dressed(colour([200, 30, 40]), 256).unwrap();
        assert_eq!(rgba.len(), 256 * 256 * 4);
        assert_eq!(at(&rgba, 256, 20, 128)[3], 0);
        assert_eq!(at(&rgba, 256, 128, 128)[3], 255);
        let mut edge = 0;
        for pixel in rgba.chunks_exact(4).filter(|pixel| pixel[3] > 0) {
            let [r, g, b, alpha] = pixel.try_into().unwrap();
            assert!(r > 2 * g.max(b), "{pixel:?}");
            edge += usize::from(alpha < 255);
        }
        // As narrow as a pixel or two, whatever the form's are.
        assert!((400..2200).contains(&edge), "{edge}");
    }

    #[test]
    fn light_stays_and_every_seed_has_a_colour_where_none_is_named() {
        let rgba = square().dressed(colour([40, 90, 200]), 64).unwrap();
        let blue = |x| at(&rgba, 64, x, 32)[2];
        assert!(blue(20) > blue(44) + 5, "{} {}", blue(20), blue(44));
        let own = square().dressed(None, 64).unwrap();
        let mut other = square();
        other.seed = 2;
        assert_ne!(
            at(&own, 64, 32, 32),
            at(&other.dressed(None, 64).unwrap(), 64, 32, 32)
        );
        assert!(square().dressed(None, 0).is_err());
    }

    #[test]
    fn shreds_go_and_pinholes_are_filled() {
        let drawn = |inside: &dyn Fn(usize, usize) -> bool| -> Vec<f32> {
            let pixels = (0..SIDE * SIDE).map(|i| inside(i % SIDE, i / SIDE));
            pixels.map(f32::from).collect()
        };
        let cloth = |x: usize, y: usize| (8..28).contains(&x) && (4..28).contains(&y);
        let gap = |x: usize, y: usize| (14..18).contains(&x) && (10..14).contains(&y);
        let pinhole = |x: usize, y: usize| x == 22 && y == 20;
        let shred = |x: usize, y: usize| x == 2 && (2..5).contains(&y);
        let torn = drawn(&|x, y| cloth(x, y) && !gap(x, y) && !pinhole(x, y) || shred(x, y));
        assert_eq!(whole(torn, SIDE), drawn(&|x, y| cloth(x, y) && !gap(x, y)));
        assert_eq!(whole(vec![0.2; 16], 4), [0.2; 16]);
    }

    #[test]
    fn a_spline_keeps_what_is_even_and_stays_between_what_there_is() {
        for spline in [b_spline, catmull_rom] {
            let even = enlarged(&[0.25; 64], 8, 20, spline);
            assert!(even.iter().all(|v| (v - 0.25).abs() < 1e-6));
        }
        let step: Vec<f32> = (0..64).map(|i| f32::from(i % 8 > 3)).collect();
        let large = enlarged(&step, 8, 24, b_spline);
        assert!(large.iter().all(|v| (-1e-6..1.0 + 1e-6).contains(v)));
        assert!(large[..24].windows(2).all(|pair| pair[1] > pair[0] - 1e-6));
        let through = enlarged(&step, 8, 24, catmull_rom);
        assert!((0..8).all(|x| (through[24 + 3 * x + 1] - step[x]).abs() < 1e-6));
    }
}
