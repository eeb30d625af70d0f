//! What colour a part of a photo has, in the words that people use for colours.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::sync::atomic::AtomicU8;
use std::sync::atomic::Ordering::Relaxed;

use image::RgbaImage;
use palette::color_difference::Ciede2000;
use palette::{FromColor, Lab, Srgb};

use super::area::Area;

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

/// The typical colour of a basic term.
pub fn typical(term: &str) -> Option<[u8; 3]> {
    let mut terms = TERMS.iter();
    terms.find_map(|(name, typical)| (*name == term).then_some(*typical))
}

/// A way to name the colours of a photo.
pub trait Naming: Sync {
    /// The term of a single colour.
    fn term(&self, pixel: [u8; 3]) -> &'static str;

    /// The term of a part of a photo, if it has a pixel at all.
    fn of(&self, area: &Area, photo: &RgbaImage) -> Option<&'static str>;

    /// The share of a part's pixels that have a term; none of no pixels.
    fn share(&self, area: &Area, photo: &RgbaImage, term: &str) -> f64 {
        let (mut count, mut all) = (0, 0);
        for pixel in area.pixels(photo) {
            count += usize::from(self.term(pixel) == term);
            all += 1;
        }
        f64::from(count as u32) / f64::from(all.max(1))
    }
}

/// The strict way: the basic term whose typical colour is nearest in CIELAB by CIEDE2000, and of
/// a part the term that most of its pixels have.
pub struct Nearest;

impl Naming for Nearest {
    fn term(&self, pixel: [u8; 3]) -> &'static str {
        /// For each colour the number of its term, plus one, once it is known: most colours come
        /// often.
        static KNOWN: [AtomicU8; 1 << 24] = [const { AtomicU8::new(0) }; 1 << 24];
        let [r, g, b] = pixel.map(usize::from);
        let known = &KNOWN[(r << 16) | (g << 8) | b];
        if known.load(Relaxed) == 0 {
            known.store(nearest(pixel) as u8 + 1, Relaxed);
        }
        TERMS[usize::from(known.load(Relaxed)) - 1].0
    }

    fn of(&self, area: &Area, photo: &RgbaImage) -> Option<&'static str> {
        let mut counts = BTreeMap::<_, usize>::new();
        for pixel in area.pixels(photo) {
            *counts.entry(self.term(pixel)).or_default() += 1;
        }
        let commonest = counts.into_iter().max_by_key(|(_, count)| *count);
        commonest.map(|(term, _)| term)
    }
}

/// A colour in CIELAB.
pub fn lab([r, g, b]: [u8; 3]) -> Lab {
    Lab::from_color(Srgb::new(r, g, b).into_format::<f32>())
}

fn nearest(pixel: [u8; 3]) -> usize {
    static TYPICAL: LazyLock<[Lab; 11]> = LazyLock::new(|| TERMS.map(|(_, typical)| lab(typical)));
    let pixel = lab(pixel);
    let apart = |n: &usize| pixel.difference(TYPICAL[*n]);
    let nearest = (0..TERMS.len()).min_by(|a, b| apart(a).total_cmp(&apart(b)));
    nearest.expect("there are terms")
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{GrayImage, Luma, Rgba};

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
            assert_eq!(Nearest.term(pixel), name, "{pixel:?}");
        }
    }

    #[test]
    fn an_area_has_the_commonest_term_of_its_pixels() {
        let photo = RgbaImage::from_fn(40, 10, |x, _| match x {
            0..10 => Rgba([50, 70, 200, 255]),
            10..15 => Rgba([240, 220, 40, 255]),
            _ => Rgba([60, 130, 40, 255]),
        });
        let mask = GrayImage::from_fn(40, 10, |x, _| Luma([if x < 15 { 255 } else { 0 }]));
        let area = Area::of(&[&mask]);
        assert_eq!(Nearest.of(&area, &photo), Some("blue"));
        assert_eq!(Nearest.share(&area, &photo, "green"), 0.0);
        assert_eq!(Nearest.share(&area, &photo, "yellow"), 1.0 / 3.0);
        let nothing = Area::of(&[]);
        assert_eq!(Nearest.of(&nothing, &photo), None);
        assert_eq!(Nearest.share(&nothing, &photo, "blue"), 0.0);
    }
}
