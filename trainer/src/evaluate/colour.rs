//! What colour a part of a photo has, in the words that people use for colours.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::sync::atomic::AtomicU8;
use std::sync::atomic::Ordering::Relaxed;

use image::{GrayImage, RgbaImage};
use palette::color_difference::Ciede2000;
use palette::{FromColor, Lab, Srgb};

/// The basic colour terms (Berlin and Kay 1969) with a typical colour each.
pub const TERMS: [(&str, [u8; 3]); 11] = [
    ("red", [200, 20, 30]),
    ("orange", [240, 130, 20]),
    ("yellow", [240, 220, 40]),
    ("green", [60, 130, 40]),
    ("blue", [50, 70, 200]),
    ("purple", [130, 50, 160]),
    ("pink", [240, 130, 180]),
    ("white", [240, 240, 240]),
    ("black", [20, 20, 20]),
    ("grey", [128, 128, 128]),
    ("brown", [110, 70, 40]),
];

/// A mask counts as changed from this value on: a tenth.
pub const CHANGED: u8 = 26;

fn lab([r, g, b]: [u8; 3]) -> Lab {
    Lab::from_color(Srgb::new(r, g, b).into_format::<f32>())
}

/// The basic colour term that is nearest in CIELAB, by CIEDE2000.
pub fn term(pixel: [u8; 3]) -> &'static str {
    /// For each colour the number of its term, plus one, once it is known: most colours come often.
    static KNOWN: [AtomicU8; 1 << 24] = [const { AtomicU8::new(0) }; 1 << 24];
    let [r, g, b] = pixel.map(usize::from);
    let known = &KNOWN[(r << 16) | (g << 8) | b];
    if known.load(Relaxed) == 0 {
        known.store(nearest(pixel) as u8 + 1, Relaxed);
    }
    TERMS[usize::from(known.load(Relaxed)) - 1].0
}

fn nearest(pixel: [u8; 3]) -> usize {
    static TYPICAL: LazyLock<[Lab; 11]> = LazyLock::new(|| TERMS.map(|(_, typical)| lab(typical)));
    let pixel = lab(pixel);
    let apart = |n: &usize| pixel.difference(TYPICAL[*n]);
    let nearest = (0..TERMS.len()).min_by(|a, b| apart(a).total_cmp(&apart(b)));
    nearest.expect("there are terms")
}

/// How many pixels of a part of a photo have each term.
#[derive(Debug, Default)]
pub struct Terms(BTreeMap<&'static str, usize>);

impl Terms {
    /// The commonest term, if there is a pixel at all.
    pub fn commonest(&self) -> Option<&'static str> {
        let commonest = self.0.iter().max_by_key(|(_, count)| **count);
        commonest.map(|(term, _)| *term)
    }

    /// The share of the pixels that have a term; none of no pixels.
    pub fn share(&self, term: &str) -> f64 {
        let all: usize = self.0.values().sum();
        self.0.get(term).map_or(0.0, |n| *n as f64 / all as f64)
    }
}

/// Pixels of a photo: where an edit changed it, or a part of that.
#[derive(Debug)]
pub struct Area(Vec<(u32, u32)>);

impl Area {
    /// Where the mask is at least half of its largest value, and not under a tenth.
    pub fn changed(mask: &GrayImage) -> Self {
        let most = mask.as_raw().iter().copied().max().unwrap_or(0);
        let pixels = mask.enumerate_pixels();
        let changed = pixels.filter(|(_, _, m)| m.0[0] >= CHANGED && m.0[0] >= most / 2);
        Self(changed.map(|(x, y, _)| (x, y)).collect())
    }

    /// Whether there is not a single pixel.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The terms of a photo's pixels in this area.
    pub fn terms(&self, photo: &RgbaImage) -> Terms {
        let mut terms = Terms::default();
        for (x, y) in &self.0 {
            let [r, g, b, _] = photo.get_pixel(*x, *y).0;
            *terms.0.entry(term([r, g, b])).or_default() += 1;
        }
        terms
    }

    /// The inner part, nearer to the centroid than half of the radius that a disc of this area
    /// has, and the outer part.
    pub fn parts(&self) -> (Self, Self) {
        let count = self.0.len().max(1) as f64;
        let mean = |of: fn(&(u32, u32)) -> u32| {
            self.0.iter().map(|pixel| f64::from(of(pixel))).sum::<f64>() / count
        };
        let (x, y) = (mean(|pixel| pixel.0), mean(|pixel| pixel.1));
        let half = (count / std::f64::consts::PI).sqrt() / 2.0;
        let inner =
            |pixel: &(u32, u32)| (f64::from(pixel.0) - x).hypot(f64::from(pixel.1) - y) < half;
        let (inner, outer) = self.0.iter().copied().partition(inner);
        (Self(inner), Self(outer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Luma, Rgba};

    #[test]
    fn colours_have_the_names_that_people_give_them() {
        for (pixel, name) in [
            ([255, 0, 0], "red"),
            ([255, 255, 0], "yellow"),
            ([30, 40, 220], "blue"),
            ([255, 170, 200], "pink"),
            ([150, 60, 180], "purple"),
            ([255, 150, 0], "orange"),
            ([250, 245, 248], "white"),
            ([40, 110, 30], "green"),
        ] {
            assert_eq!(term(pixel), name, "{pixel:?}");
        }
    }

    #[test]
    fn the_changed_area_is_where_the_mask_is_high() {
        let photo = RgbaImage::from_fn(40, 10, |x, _| match x {
            0..10 => Rgba([50, 70, 200, 255]),
            10..15 => Rgba([240, 220, 40, 255]),
            _ => Rgba([60, 130, 40, 255]),
        });
        let masked = |high, low| {
            let mask = GrayImage::from_fn(40, 10, |x, _| Luma([if x < 15 { high } else { low }]));
            Area::changed(&mask).terms(&photo)
        };
        let terms = masked(200, 99);
        assert_eq!(terms.commonest(), Some("blue"));
        assert_eq!(terms.share("green"), 0.0);
        assert_eq!(terms.share("yellow"), 1.0 / 3.0);
        assert_eq!(masked(200, 100).commonest(), Some("green"));

        let nothing = masked(25, 0);
        assert_eq!(nothing.commonest(), None);
        assert_eq!(nothing.share("blue"), 0.0);
    }

    #[test]
    fn the_inner_part_is_a_quarter_of_a_disc() {
        let from = |x: u32, y: u32| (f64::from(x) - 70.0).hypot(f64::from(y) - 50.0);
        let disc = |x, y| Luma([if from(x, y) < 40.0 { 255 } else { 0 }]);
        let (inner, outer) = Area::changed(&GrayImage::from_fn(140, 100, disc)).parts();
        let share = inner.0.len() as f64 / (inner.0.len() + outer.0.len()) as f64;
        assert!((share - 0.25).abs() < 0.01, "{share}");
        assert!(inner.0.iter().all(|(x, y)| from(*x, *y) < 21.0));
    }
}
