//! The colour of a garment in a photo that nobody described.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};
use palette::color_difference::Ciede2000;
use palette::{FromColor, Lab, Srgb};

use crate::captions::{Colour, named};

/// Colours of fabrics in photos, and what they are called. What people would not agree on has no
/// name: denim, pale blue, mint, the pink of skin. Without these, half of the pale fabrics would
/// be grey.
const EXAMPLES: [(&str, [u8; 3]); 39] = [
    ("red", [200, 20, 30]),
    ("maroon", [105, 25, 40]),
    ("", [215, 60, 95]),
    ("orange", [240, 130, 20]),
    ("peach", [245, 180, 145]),
    ("yellow", [240, 220, 40]),
    ("mustard", [200, 150, 40]),
    ("", [238, 232, 170]),
    ("green", [60, 130, 40]),
    ("green", [30, 75, 50]),
    ("green", [120, 200, 60]),
    ("olive", [95, 95, 60]),
    ("", [160, 215, 185]),
    ("", [20, 115, 120]),
    ("blue", [50, 70, 200]),
    ("blue", [40, 110, 190]),
    ("navy", [30, 35, 75]),
    ("", [160, 190, 220]),
    ("", [95, 120, 155]),
    ("purple", [130, 50, 160]),
    ("purple", [80, 50, 110]),
    ("lavender", [175, 160, 210]),
    ("pink", [240, 130, 180]),
    ("pink", [235, 90, 150]),
    ("", [225, 190, 190]),
    ("white", [240, 240, 240]),
    ("white", [218, 218, 222]),
    ("cream", [235, 225, 200]),
    ("black", [20, 20, 20]),
    ("black", [42, 42, 45]),
    ("grey", [128, 128, 128]),
    ("grey", [165, 165, 168]),
    ("charcoal", [80, 80, 84]),
    ("", [145, 155, 170]),
    ("", [72, 82, 98]),
    ("brown", [110, 70, 40]),
    ("brown", [75, 50, 40]),
    ("beige", [200, 180, 150]),
    ("tan", [165, 125, 85]),
];

/// Height and width at which a photo is looked at.
const SIDE: u32 = 32;
/// A pixel this far from the background, by CIEDE2000, belongs to the garment.
const APART: f32 = 12.0;
/// So much of the centre has to be garment.
const COVER: f64 = 0.3;
/// So much of the garment has to have colours of one basic term.
const AGREED: f64 = 0.65;

/// The colour of the garment in the middle of a photo, where it is clear: what most of the photo's
/// middle is called, without the pixels that look like the photo's border.
pub fn measure(photo: &RgbImage) -> Option<&'static Colour> {
    let small = imageops::resize(photo, SIDE, SIDE, FilterType::Triangle);
    let background = background(&small);
    let middle = SIDE / 4..SIDE * 3 / 4;
    let pixels = middle
        .clone()
        .flat_map(|y| middle.clone().map(move |x| (x, y)));
    let pixels: Vec<[u8; 3]> = pixels.map(|(x, y)| small.get_pixel(x, y).0).collect();
    let pixels = pixels.into_iter().map(lab);
    let garment: Vec<Lab> = pixels
        .clone()
        .filter(|pixel| pixel.difference(background) > APART)
        .collect();
    if (garment.len() as f64) < COVER * pixels.len() as f64 {
        return None;
    }
    // The pixels of each basic term, and of each colour among them.
    let mut groups: BTreeMap<&str, (usize, BTreeMap<&str, usize>)> = BTreeMap::new();
    for colour in garment.iter().filter_map(|pixel| nearest(*pixel)) {
        let (count, words) = groups.entry(colour.group).or_default();
        *count += 1;
        *words.entry(colour.word).or_default() += 1;
    }
    let (count, words) = groups.into_values().max_by_key(|(count, _)| *count)?;
    let (word, _) = words.into_iter().max_by_key(|(_, count)| *count)?;
    (count as f64 >= AGREED * garment.len() as f64)
        .then(|| named(word))
        .flatten()
}

/// The name of the nearest example in CIELAB, by CIEDE2000.
fn nearest(pixel: Lab) -> Option<&'static Colour> {
    type Example = (Option<&'static Colour>, Lab);
    static KNOWN: LazyLock<[Example; 39]> =
        LazyLock::new(|| EXAMPLES.map(|(word, colour)| (named(word), lab(colour))));
    let apart = |(_, example): &&Example| pixel.difference(*example);
    let nearest = KNOWN.iter().min_by(|a, b| apart(a).total_cmp(&apart(b)));
    nearest?.0
}

fn lab([r, g, b]: [u8; 3]) -> Lab {
    Lab::from_color(Srgb::new(r, g, b).into_format::<f32>())
}

/// The median colour of a photo's border.
fn background(photo: &RgbImage) -> Lab {
    let border = |x: u32, y: u32| x.min(y) < 2 || x.max(y) >= SIDE - 2;
    let border: Vec<Rgb<u8>> = photo
        .enumerate_pixels()
        .filter(|(x, y, _)| border(*x, *y))
        .map(|(_, _, pixel)| *pixel)
        .collect();
    lab([0, 1, 2].map(|channel| {
        let mut values: Vec<u8> = border.iter().map(|pixel| pixel.0[channel]).collect();
        values.sort_unstable();
        values[values.len() / 2]
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photo(garment: impl Fn(u32, u32) -> [u8; 3]) -> RgbImage {
        RgbImage::from_fn(96, 96, |x, y| {
            let inside = (20..76).contains(&x) && (14..82).contains(&y);
            Rgb(if inside {
                garment(x, y)
            } else {
                [225, 222, 215]
            })
        })
    }

    fn measure(photo: &RgbImage) -> Option<&'static str> {
        super::measure(photo).map(|colour| colour.word)
    }

    #[test]
    fn clear_colours_are_named_and_others_are_not() {
        assert_eq!(measure(&photo(|_, _| [190, 20, 30])), Some("red"));
        assert_eq!(measure(&photo(|_, _| [20, 20, 25])), Some("black"));
        assert_eq!(measure(&photo(|_, _| [28, 34, 80])), Some("navy"));
        assert_eq!(measure(&photo(|_, _| [98, 122, 158])), None, "denim");
        let spotted = |x: u32, y: u32| match x % 10 < 2 && y % 10 < 2 {
            true => [250, 250, 250],
            false => [40, 60, 190],
        };
        assert_eq!(measure(&photo(spotted)), Some("blue"));
        let half = |x: u32, _: u32| if x < 48 { [190, 20, 30] } else { [40, 60, 190] };
        assert_eq!(measure(&photo(half)), None, "two colours");
        assert_eq!(measure(&photo(|_, _| [222, 220, 214])), None, "no garment");
    }
}
