//! Parts of flower photos that nobody marked: leaves by their green, the middles of flowers by
//! their place and their colour.

use image::RgbImage;
use image::imageops::filter3x3;
use palette::{FromColor, Hsv, Lab, Srgb};

use super::components::{self, Component};
use super::labels::{BACKGROUND, CENTRE, FLOWER, LEAVES, LabelSet, Settled, UNDECIDED};

/// Hues of leaves, in degrees.
const GREEN: std::ops::Range<f32> = 60.0..170.0;
/// A flower's middle is looked for from this area on, in pixels.
const MIN_AREA: usize = 500;
/// How far the middle's colour is from the petals', in CIELAB, where colour tells them apart.
const DIFFERENT: f32 = 12.0;

/// Marks the background that is clearly green as leaves; what is perhaps green is undecided. Of
/// each pixel the mean of 5 x 5 around it is looked at: leaves have veins, and photos noise.
pub fn leaves(photo: &RgbImage, labels: &mut [u8]) {
    let smooth = smooth(photo);
    let pixels = smooth.pixels().zip(labels);
    for (pixel, label) in pixels.filter(|(_, label)| **label == BACKGROUND) {
        let hsv = Hsv::from_color(Srgb::from(pixel.0).into_format::<f32>());
        let hue = hsv.hue.into_positive_degrees();
        if GREEN.contains(&hue) && hsv.value > 0.1 {
            *label = match hsv.saturation {
                // In the dark, colours are noise.
                0.22.. if hsv.value > 0.2 => LEAVES,
                0.14.. => UNDECIDED,
                _ => BACKGROUND,
            };
        }
    }
}

/// The mean of 3 x 3 pixels, twice.
fn smooth(photo: &RgbImage) -> RgbImage {
    let once = filter3x3(photo, &[1.0 / 9.0; 9]);
    filter3x3(&once, &[1.0 / 9.0; 9])
}

/// Marks the middle of each flower that shows one: what is nearer to the colour around its middle
/// than to the petals', or a disc where both have one colour. Where one is not found, it is
/// not known either what is petals.
pub fn centres(photo: &RgbImage, labels: &mut [u8]) -> Settled {
    let width = photo.width() as usize;
    let (mut doubt, smooth) = (false, smooth(photo));
    for flower in components::of(labels, width) {
        if flower.label != FLOWER {
            continue;
        }
        match centre(&smooth, labels, &flower) {
            Some(middle) => middle.into_iter().for_each(|at| labels[at] = CENTRE),
            None => doubt = true,
        }
    }
    let both: LabelSet = [FLOWER, CENTRE].into_iter().collect();
    match doubt {
        true => Settled {
            doubtful: both,
            doubted: both,
            ..Settled::default()
        },
        false => Settled::default(),
    }
}

/// The pixels of a flower's middle, if it can be told where that is.
fn centre(photo: &RgbImage, labels: &[u8], flower: &Component) -> Option<Vec<usize>> {
    let width = photo.width() as usize;
    let pixels = components::pixels(labels, width, flower);
    if pixels.len() < MIN_AREA {
        return None;
    }
    let count = pixels.len() as f32;
    let place = |at: usize| [(at % width) as f32, (at / width) as f32];
    let sum = pixels.iter().fold([0.0; 2], |[x, y], at| {
        let [u, v] = place(*at);
        [x + u, y + v]
    });
    let middle = sum.map(|sum| sum / count);
    let radius = (count / std::f32::consts::PI).sqrt();
    // Distances from the middle, one is the radius of a disc of the same area.
    let distance = |at: usize| {
        let [x, y] = place(at);
        (x - middle[0]).hypot(y - middle[1]) / radius
    };
    let near = |range: std::ops::Range<f32>| -> Vec<usize> {
        let near = |at: &usize| range.contains(&distance(*at));
        pixels.iter().copied().filter(near).collect()
    };
    // Two flowers that touch, or one from its side, have no middle in the middle.
    let disc = near(0.0..0.25);
    let round = near(0.0..1.2).len() as f32 / count;
    let whole = disc.len() as f32 / (count * 0.25 * 0.25);
    if round < 0.8 || whole < 0.8 {
        return None;
    }
    let colour = |at: usize| {
        let pixel = photo.as_raw()[3 * at..3 * at + 3].iter();
        let bytes: Vec<f32> = pixel.map(|byte| f32::from(*byte) / 255.0).collect();
        let lab = Lab::from_color(Srgb::new(bytes[0], bytes[1], bytes[2]));
        [lab.l, lab.a, lab.b]
    };
    let inner = median(disc.iter().map(|at| colour(*at)));
    let outer = median(near(0.5..0.9).into_iter().map(colour));
    if far(inner, outer) > DIFFERENT {
        let alike = |at: &usize| {
            let colour = colour(*at);
            far(colour, inner) < far(colour, outer)
        };
        let alike = near(0.0..0.75).into_iter().filter(alike).collect();
        let found = connected(alike, &disc, width);
        // Scattered, it is light and shadow on the petals.
        let extent = (found.len() as f32 / count).sqrt();
        let compact = found
            .iter()
            .filter(|at| distance(**at) < 1.25 * extent)
            .count();
        if (0.1..0.67).contains(&extent) && compact * 5 > found.len() * 4 {
            return Some(found);
        }
    }
    Some(near(0.0..0.22))
}

/// Those of these pixels that are connected with some of the others, by edges.
fn connected(pixels: Vec<usize>, seeds: &[usize], width: usize) -> Vec<usize> {
    let mut left: std::collections::HashSet<usize> = pixels.into_iter().collect();
    let mut stack: Vec<usize> = seeds.iter().copied().filter(|at| left.remove(at)).collect();
    let mut found = stack.clone();
    while let Some(at) = stack.pop() {
        // Flowers do not reach around the photo's edge: within 0.75 of its radius there is flower.
        for next in [
            at.wrapping_sub(1),
            at + 1,
            at.wrapping_sub(width),
            at + width,
        ] {
            if left.remove(&next) {
                stack.push(next);
                found.push(next);
            }
        }
    }
    found
}

fn median(colours: impl Iterator<Item = [f32; 3]>) -> [f32; 3] {
    let mut channels = [const { Vec::new() }; 3];
    for colour in colours {
        for (channel, value) in channels.iter_mut().zip(colour) {
            channel.push(value);
        }
    }
    channels.map(|mut channel: Vec<f32>| {
        let middle = channel.len() / 2;
        match channel.is_empty() {
            true => 0.0,
            false => *channel.select_nth_unstable_by(middle, f32::total_cmp).1,
        }
    })
}

fn far(one: [f32; 3], other: [f32; 3]) -> f32 {
    let squares = one
        .iter()
        .zip(other)
        .map(|(one, other)| (one - other).powi(2));
    squares.sum::<f32>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    /// A disc of petals around a middle.
    fn flower(petals: [u8; 3], inner: [u8; 3]) -> (RgbImage, Vec<u8>) {
        let distance = |x: u32, y: u32| (x as f32 - 40.0).hypot(y as f32 - 40.0);
        let photo = RgbImage::from_fn(80, 80, |x, y| match distance(x, y) {
            0.0..9.0 => Rgb(inner),
            9.0..30.0 => Rgb(petals),
            _ => Rgb([30, 110, 30]),
        });
        let labels = (0..6400).map(|at| match distance(at % 80, at / 80) {
            0.0..30.0 => FLOWER,
            _ => BACKGROUND,
        });
        (photo, labels.collect())
    }

    fn marked(labels: &[u8], label: u8) -> usize {
        labels.iter().filter(|at| **at == label).count()
    }

    #[test]
    fn a_middle_of_another_colour_is_found_as_it_is() {
        let (photo, mut labels) = flower([240; 3], [230, 190, 20]);
        assert_eq!(centres(&photo, &mut labels), Settled::default());
        let area = std::f32::consts::PI * 81.0;
        let found = marked(&labels, CENTRE) as f32;
        assert!((found - area).abs() < 20.0, "{found} of {area}");
    }

    #[test]
    fn a_flower_of_one_colour_has_a_disc() {
        let (photo, mut labels) = flower([240, 200, 20], [240, 200, 20]);
        assert_eq!(centres(&photo, &mut labels), Settled::default());
        let share = marked(&labels, CENTRE) as f32 / (std::f32::consts::PI * 900.0);
        assert!((share - 0.22 * 0.22).abs() < 0.005, "{share}");
    }

    #[test]
    fn a_flower_without_a_middle_is_in_doubt() {
        let (photo, mut labels) = flower([240; 3], [230, 190, 20]);
        // Its left half only.
        for (at, label) in labels.iter_mut().enumerate() {
            if at % 80 > 20 {
                *label = BACKGROUND;
            }
        }
        let settled = centres(&photo, &mut labels);
        let word = |labels: &[u8]| settled.word(labels.iter().copied().collect());
        assert!(word(&[FLOWER, CENTRE]) && !word(&[FLOWER]) && !word(&[CENTRE]));
        assert_eq!(marked(&labels, CENTRE), 0);
    }

    #[test]
    fn leaves_are_green_background() {
        let (mut photo, mut labels) = flower([30, 150, 40], [30, 150, 40]);
        for (at, colour) in [(0, [120, 120, 125]), (70, [120, 145, 120])] {
            for (x, y) in (0..9).flat_map(|x| (0..9).map(move |y| (x, y))) {
                photo.put_pixel(at + x, y, Rgb(colour));
            }
        }
        leaves(&photo, &mut labels);
        let at = |x: usize| labels[4 * 80 + x];
        assert_eq!([at(4), at(40), at(74)], [BACKGROUND, LEAVES, UNDECIDED]);
        assert_eq!(labels[40 * 80 + 40], FLOWER);
    }
}
