//! What an edit does to a photo, by the thing's true mask: colour, light, and what is beside it.

use image::RgbaImage;
use serde::Serialize;
use wordloom::colour::srgb_to_lab;

use super::boundary::within;
use super::masks::{Mark, Truth, is_in};

/// A colour is reached by a median within this distance of it in CIELAB (Delta E 1976).
pub const REACHED: f64 = 25.0;

/// What an edit to one colour came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Measured {
    /// Distance of the true mask's median colour from the one that was asked for, Delta E 1976.
    pub apart: f64,
    /// Mean absolute difference of all pixels outside the true mask, as a share of the range.
    pub outside: f64,
    /// The same of skin and hair.
    pub bare: Option<f64>,
    /// Correlation of lightness before and after, inside the true mask.
    pub folds: Option<f64>,
    /// The same where it was painted and the true mask's outline is not near.
    pub light: Option<f64>,
    /// Standard deviation of a and b inside the true mask, together, before and after.
    pub evenness: [f64; 2],
}

impl Measured {
    /// Compares a photo with its edit to a colour, and where that has painted. None where the truth is empty.
    pub fn of(
        photo: &RgbaImage,
        (edit, painted): (&RgbaImage, &[u8]),
        truth: &Truth,
        bare: impl Fn(usize) -> bool,
        asked: [f32; 3],
    ) -> Option<Self> {
        let (mut before, mut after) = (Vec::new(), Vec::new());
        let (mut lit, within) = ([Vec::new(), Vec::new()], within(truth));
        let (mut outside, mut skin) = (Mean::default(), Mean::default());
        let pixels = photo.as_raw().as_chunks::<4>().0.iter();
        let pixels = pixels.zip(edit.as_raw().as_chunks::<4>().0);
        for (at, ((from, to), mark)) in pixels.zip(&truth.marks).enumerate() {
            if *mark == Mark::Inside {
                before.push(lab(*from));
                after.push(lab(*to));
                if is_in(painted[at]) && within(at) {
                    lit[0].push(lab(*from));
                    lit[1].push(lab(*to));
                }
                continue;
            }
            let apart: u32 = (0..3).map(|c| u32::from(from[c].abs_diff(to[c]))).sum();
            let apart = f64::from(apart) / (3.0 * 255.0);
            if *mark == Mark::Outside {
                outside.add(apart);
            }
            if bare(at) {
                skin.add(apart);
            }
        }
        if after.is_empty() {
            return None;
        }
        let lightness = |labs: &[[f32; 3]]| labs.iter().map(|lab| lab[0]).collect::<Vec<_>>();
        Some(Self {
            apart: distance(median(&after), asked),
            outside: outside.mean().unwrap_or(0.0),
            bare: skin.mean(),
            folds: correlation(&lightness(&before), &lightness(&after)),
            light: correlation(&lightness(&lit[0]), &lightness(&lit[1])),
            evenness: [scatter(&before), scatter(&after)],
        })
    }

    /// Whether it has the colour.
    pub fn reached(&self) -> bool {
        self.apart <= REACHED
    }
}

/// The mean of a number of values.
#[derive(Debug, Default, Clone, Copy)]
pub struct Mean {
    sum: f64,
    count: usize,
}

impl Mean {
    /// Another value.
    pub fn add(&mut self, value: f64) {
        self.sum += value;
        self.count += 1;
    }

    /// None of no values.
    pub fn mean(self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }
}

impl FromIterator<f64> for Mean {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut mean = Self::default();
        values.into_iter().for_each(|value| mean.add(value));
        mean
    }
}

fn lab([r, g, b, _]: [u8; 4]) -> [f32; 3] {
    srgb_to_lab([r, g, b])
}

/// The median of each coordinate of the pixels that a label's mask has, in CIELAB.
pub fn median_in(photo: &RgbaImage, truth: &Truth) -> Option<[f32; 3]> {
    let pixels = photo.as_raw().as_chunks::<4>().0.iter().zip(&truth.marks);
    let inside = pixels.filter(|(_, mark)| **mark == Mark::Inside);
    let labs: Vec<_> = inside.map(|(pixel, _)| lab(*pixel)).collect();
    (!labs.is_empty()).then(|| median(&labs))
}

/// The median of each coordinate.
///
/// # Panics
/// Of no colours.
fn median(labs: &[[f32; 3]]) -> [f32; 3] {
    [0, 1, 2].map(|c| {
        let mut values: Vec<f32> = labs.iter().map(|lab| lab[c]).collect();
        let middle = values.len() / 2;
        *values.select_nth_unstable_by(middle, f32::total_cmp).1
    })
}

/// Delta E 1976.
pub fn distance(one: [f32; 3], other: [f32; 3]) -> f64 {
    let squares = one.iter().zip(other).map(|(a, b)| f64::from(a - b).powi(2));
    squares.sum::<f64>().sqrt()
}

/// Pearson's correlation; none where one side is flat.
fn correlation(one: &[f32], other: &[f32]) -> Option<f64> {
    let mean = |values: &[f32]| {
        values
            .iter()
            .copied()
            .map(f64::from)
            .collect::<Mean>()
            .mean()
    };
    let (one_mean, other_mean) = (mean(one)?, mean(other)?);
    let (mut both, mut first, mut second) = (0.0, 0.0, 0.0);
    for (a, b) in one.iter().zip(other) {
        let (a, b) = (f64::from(*a) - one_mean, f64::from(*b) - other_mean);
        both += a * b;
        first += a * a;
        second += b * b;
    }
    let below = (first * second).sqrt();
    (below > 1e-6 * one.len() as f64).then(|| both / below)
}

/// The root of the variances of a and b, added.
fn scatter(labs: &[[f32; 3]]) -> f64 {
    let variance = |c: usize| {
        let values = || labs.iter().map(|lab| f64::from(lab[c]));
        let mean = values().collect::<Mean>().mean().unwrap_or(0.0);
        values()
            .map(|value| (value - mean).powi(2))
            .collect::<Mean>()
            .mean()
            .unwrap_or(0.0)
    };
    (variance(1) + variance(2)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgba;

    /// A striped cloth on the left half, skin in the last column.
    fn photo() -> (RgbaImage, Truth) {
        let photo = RgbaImage::from_fn(8, 8, |x, y| match x {
            0..4 => Rgba([90 + 10 * y as u8, 30, 30, 255]),
            _ => Rgba([200, 180, 160, 255]),
        });
        let marks = (0..64).map(|at| match at % 8 {
            0..4 => Mark::Inside,
            4 => Mark::Undecided,
            _ => Mark::Outside,
        });
        let marks = marks.collect();
        (photo, Truth { width: 8, marks })
    }

    fn measured(edit: &RgbaImage, asked: [u8; 3]) -> Measured {
        let (photo, truth) = photo();
        let (edit, bare) = ((edit, &[255; 64][..]), |at: usize| at % 8 == 7);
        Measured::of(&photo, edit, &truth, bare, srgb_to_lab(asked)).unwrap()
    }

    #[test]
    fn no_edit_changes_nothing_and_reaches_only_its_own_colour() {
        let (photo, _) = photo();
        let own = measured(&photo, [130, 30, 30]);
        assert!(own.reached() && own.outside == 0.0 && own.bare == Some(0.0));
        assert!((own.folds.unwrap() - 1.0).abs() < 1e-6);
        assert_eq!(own.evenness[0], own.evenness[1]);
        assert!(!measured(&photo, [30, 30, 200]).reached());
    }

    #[test]
    fn what_is_beside_and_what_is_flat_is_told() {
        let (mut edit, _) = photo();
        for (x, _, pixel) in edit.enumerate_pixels_mut() {
            match x {
                0..4 => *pixel = Rgba([30, 40, 200, 255]),
                7 => pixel.0[1] -= 51,
                _ => {}
            }
        }
        let flat = measured(&edit, [30, 40, 200]);
        assert!(flat.apart < 0.1 && flat.reached());
        // A fifth of a channel in a third of the decided pixels outside.
        assert!((flat.outside - 0.2 / 9.0).abs() < 1e-9, "{}", flat.outside);
        assert!((flat.bare.unwrap() - 0.2 / 3.0).abs() < 1e-9);
        assert_eq!(flat.folds, None);
        assert!(flat.evenness[0] > 1.0 && flat.evenness[1] < 1e-3);
    }

    #[test]
    fn light_is_told_where_cloth_was_painted_and_beside_no_outline() {
        let side = 16;
        let fold = |y: u32, grey: u8| Rgba([grey + 5 * y as u8, grey, grey, 255]);
        let photo = RgbaImage::from_fn(side, side, |_, y| fold(y, 60));
        // The lower part is left as it is, and a rim of the rest is white.
        let edit = RgbaImage::from_fn(side, side, |x, y| match (x, y) {
            (_, 10..) => fold(y, 60),
            (0..2, _) => Rgba([255; 4]),
            _ => fold(y, 120),
        });
        let painted: Vec<u8> = (0..256).map(|at| if at < 160 { 255 } else { 0 }).collect();
        let marks = (0..256).map(|at| match at % 16 {
            15 => Mark::Outside,
            0 => Mark::Undecided,
            _ => Mark::Inside,
        });
        let truth = Truth {
            width: 16,
            marks: marks.collect(),
        };
        let edit = (&edit, &painted[..]);
        let measured = Measured::of(&photo, edit, &truth, |_| false, [0.0; 3]).unwrap();
        assert!(measured.folds.unwrap() < 0.5, "{measured:?}");
        assert!(measured.light.unwrap() > 0.99, "{measured:?}");
    }

    #[test]
    fn turned_folds_have_a_negative_correlation() {
        let (photo, _) = photo();
        let turned = RgbaImage::from_fn(8, 8, |x, y| *photo.get_pixel(x, 7 - y));
        let folds = measured(&turned, [0; 3]).folds.unwrap();
        // Lightness is nearly even from row to row.
        assert!((folds + 1.0).abs() < 1e-3, "{folds}");
    }
}
