//! What an edit leaves as it was: everything outside its mask, one hopes.

use image::imageops::{self, FilterType};
use image::{GrayImage, RgbaImage};
use serde::{Serialize, Serializer};

use super::area::CHANGED;
use crate::data::backdrop;

/// Side of SSIM's windows, in pixels.
const WINDOW: usize = 8;
/// Width and height at which a photo's backdrop is looked for.
const SMALL: usize = 64;

/// A mean that others can be added to.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub struct Mean {
    sum: f64,
    count: f64,
}

impl Mean {
    /// Adds a value.
    pub fn add(&mut self, value: f64) {
        self.sum += value;
        self.count += 1.0;
    }

    /// The mean of what both saw.
    pub fn and(self, other: Self) -> Self {
        Self {
            sum: self.sum + other.sum,
            count: self.count + other.count,
        }
    }

    /// The mean, if there was a value.
    pub fn value(self) -> Option<f64> {
        (self.count > 0.0).then(|| self.sum / self.count)
    }
}

/// As its value.
impl Serialize for Mean {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

impl FromIterator<f64> for Mean {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut mean = Self::default();
        values.into_iter().for_each(|value| mean.add(value));
        mean
    }
}

/// How far a photo and its edit are apart outside the mask. Pixels and windows of all edits of
/// an evaluation count alike.
#[derive(Debug, Default, Clone, Copy, PartialEq, Serialize)]
pub struct Preserved {
    /// Mean absolute difference of the pixels whose mask is under a tenth, as a share of the range.
    pub difference: Mean,
    /// Structural similarity of the windows that lie there as a whole.
    pub ssim: Mean,
    /// Mean absolute difference of the pixels of [backdrops](backdrop), as a share of the range:
    /// what a mask that is too large cannot hide.
    pub backdrop: Mean,
    /// Mean of the mask over the photo.
    pub mask: Mean,
}

impl Preserved {
    /// Compares an edit with its photo.
    pub fn new(photo: &RgbaImage, edit: &RgbaImage, mask: &GrayImage) -> Self {
        let pixels = photo.pixels().zip(edit.pixels()).zip(mask.as_raw());
        let outside = pixels.filter(|(_, m)| **m < CHANGED);
        let share = mask.as_raw().iter().map(|m| f64::from(*m) / 255.0);
        Self {
            difference: outside.map(|((a, b), _)| apart(a.0, b.0)).collect(),
            ssim: ssim(photo, edit, mask),
            backdrop: on_backdrop(photo, edit),
            mask: share.collect::<Mean>().value().into_iter().collect(),
        }
    }

    /// Both together.
    pub fn and(self, other: Self) -> Self {
        Self {
            difference: self.difference.and(other.difference),
            ssim: self.ssim.and(other.ssim),
            backdrop: self.backdrop.and(other.backdrop),
            mask: self.mask.and(other.mask),
        }
    }
}

/// Mean absolute difference of two pixels, as a share of the range.
fn apart(a: [u8; 4], b: [u8; 4]) -> f64 {
    let channel = |c: usize| f64::from(a[c].abs_diff(b[c])) / 255.0;
    (channel(0) + channel(1) + channel(2)) / 3.0
}

/// Mean absolute difference of two photos of one size, as a share of the range.
pub fn difference(photo: &RgbaImage, edit: &RgbaImage) -> f64 {
    let pixels = photo.pixels().zip(edit.pixels());
    let mean: Mean = pixels.map(|(a, b)| apart(a.0, b.0)).collect();
    mean.value().unwrap_or(0.0)
}

/// The differences of the pixels where the photo shows its backdrop.
fn on_backdrop(photo: &RgbaImage, edit: &RgbaImage) -> Mean {
    let small = imageops::resize(photo, SMALL as u32, SMALL as u32, FilterType::Triangle);
    let plane = |channel: usize| small.pixels().map(move |pixel| pixel.0[channel]);
    let planes = (0..3).flat_map(plane);
    let planes: Vec<f32> = planes.map(|value| f32::from(value) / 127.5 - 1.0).collect();
    let found = backdrop(&planes, SMALL);
    let at = |of: u32, all: u32| of as usize * SMALL / all as usize;
    let (w, h) = photo.dimensions();
    let pixels = photo.enumerate_pixels().zip(edit.pixels());
    pixels
        .filter(|((x, y, _), _)| found[at(*y, h) * SMALL + at(*x, w)] == 1.0)
        .map(|((_, _, a), b)| apart(a.0, b.0))
        .collect()
}

/// Structural similarity (Wang et al. 2004, equation 13, on luma in windows of 8 x 8) of the
/// windows that lie outside the mask as a whole.
fn ssim(photo: &RgbaImage, edit: &RgbaImage, mask: &GrayImage) -> Mean {
    let (w, h) = (photo.width() as usize, photo.height() as usize);
    let (a, b) = (luma(photo), luma(edit));
    let table = |value: &dyn Fn(usize) -> u64| Sums::new(w, h, value);
    let inside = table(&|i| u64::from(mask.as_raw()[i] >= CHANGED));
    let sums = [table(&|i| a[i]), table(&|i| b[i])];
    let products = [
        table(&|i| a[i] * a[i]),
        table(&|i| b[i] * b[i]),
        table(&|i| a[i] * b[i]),
    ];
    let mut mean = Mean::default();
    for y in 0..(h + 1).saturating_sub(WINDOW) {
        for x in 0..(w + 1).saturating_sub(WINDOW) {
            if inside.window(x, y) == 0 {
                let [a, b] = sums.each_ref().map(|sum| sum.window(x, y));
                let [aa, bb, ab] = products.each_ref().map(|sum| sum.window(x, y));
                mean.add(of_window([a, b], [aa, bb, ab]));
            }
        }
    }
    mean
}

/// SSIM from a window's sums of `a`, `b`, and of `a^2`, `b^2`, `a b`.
fn of_window(sums: [u64; 2], products: [u64; 3]) -> f64 {
    const COUNT: f64 = (WINDOW * WINDOW) as f64;
    const C1: f64 = (0.01 * 255.0) * (0.01 * 255.0);
    const C2: f64 = (0.03 * 255.0) * (0.03 * 255.0);
    let [a, b] = sums.map(|sum| sum as f64 / COUNT);
    let [aa, bb, ab] = products.map(|sum| sum as f64 / COUNT);
    let (var_a, var_b, covariance) = (aa - a * a, bb - b * b, ab - a * b);
    (2.0 * a * b + C1) * (2.0 * covariance + C2) / ((a * a + b * b + C1) * (var_a + var_b + C2))
}

/// Luma of BT.601, 0 to 255.
fn luma(photo: &RgbaImage) -> Vec<u64> {
    let of = |[r, g, b, _]: [u8; 4]| {
        let sum = 299 * u64::from(r) + 587 * u64::from(g) + 114 * u64::from(b);
        (sum + 500) / 1000
    };
    photo.pixels().map(|pixel| of(pixel.0)).collect()
}

/// A summed-area table: the sum over any window in four look-ups, without rounding.
struct Sums {
    width: usize,
    sums: Vec<u64>,
}

impl Sums {
    fn new(w: usize, h: usize, value: &dyn Fn(usize) -> u64) -> Self {
        let width = w + 1;
        let mut sums = vec![0; width * (h + 1)];
        for y in 0..h {
            let mut row = 0;
            for x in 0..w {
                row += value(y * w + x);
                sums[(y + 1) * width + x + 1] = sums[y * width + x + 1] + row;
            }
        }
        Self { width, sums }
    }

    /// The sum over the window whose first pixel is at `x`, `y`.
    fn window(&self, x: usize, y: usize) -> u64 {
        let at = |x: usize, y: usize| self.sums[y * self.width + x];
        let (x1, y1) = (x + WINDOW, y + WINDOW);
        at(x1, y1) + at(x, y) - at(x, y1) - at(x1, y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Luma, Rgba};

    fn grey(f: impl Fn(u32, u32) -> u8) -> RgbaImage {
        RgbaImage::from_fn(24, 20, |x, y| {
            let v = f(x, y);
            Rgba([v, v, v, 255])
        })
    }

    fn pattern(x: u32, y: u32) -> u8 {
        ((x * 37 + y * 59 + x * y) % 256) as u8
    }

    #[test]
    fn change_inside_and_outside_the_mask_is_told_apart() {
        let photo = RgbaImage::from_pixel(10, 10, Rgba([100, 100, 100, 255]));
        let edit = RgbaImage::from_fn(10, 10, |x, _| match x < 5 {
            true => Rgba([40, 60, 210, 255]),
            false => Rgba([151, 100, 100, 255]),
        });
        let mask = GrayImage::from_fn(10, 10, |x, _| Luma([if x < 5 { 200 } else { 0 }]));
        let preserved = Preserved::new(&photo, &edit, &mask);
        let outside = preserved.difference.value().unwrap();
        assert!((outside - 51.0 / 255.0 / 3.0).abs() < 1e-9);
        assert!((preserved.mask.value().unwrap() - 0.5 * 200.0 / 255.0).abs() < 1e-9);
        // No window of 8 x 8 fits beside the mask.
        assert_eq!(preserved.ssim.value(), None);
    }

    #[test]
    fn a_halo_changes_the_backdrop_though_a_mask_covers_it() {
        let photo = RgbaImage::from_fn(128, 64, |x, _| match (32..96).contains(&x) {
            true => Rgba([40, 60, 210, 255]),
            false => Rgba([240, 240, 240, 255]),
        });
        let changed = |from, to| {
            let mut edit = photo.clone();
            for (x, _, pixel) in edit.enumerate_pixels_mut() {
                if (from..to).contains(&x) {
                    *pixel = Rgba([189, 240, 240, 255]);
                }
            }
            let all = GrayImage::from_pixel(128, 64, Luma([255]));
            let preserved = Preserved::new(&photo, &edit, &all);
            assert_eq!(preserved.difference.value(), None);
            preserved.backdrop.value().unwrap()
        };
        assert_eq!(changed(34, 94), 0.0);
        // An eighth of what is around, by a fifth in one channel of three.
        assert!((changed(24, 94) - 0.125 * 0.2 / 3.0).abs() < 1e-3);
    }

    #[test]
    fn ssim_is_one_for_the_same_and_what_the_equation_says_for_others() {
        let none = GrayImage::new(24, 20);
        let photo = grey(pattern);
        assert!((ssim(&photo, &photo, &none).value().unwrap() - 1.0).abs() < 1e-12);

        // Flat pictures: no variance, so only the first factor is left.
        let flat = ssim(&grey(|_, _| 100), &grey(|_, _| 150), &none);
        let c1 = 2.55f64.powi(2);
        let expected = (2.0 * 100.0 * 150.0 + c1) / (100f64.powi(2) + 150f64.powi(2) + c1);
        assert!((flat.value().unwrap() - expected).abs() < 1e-12);

        // One window, by loops over its definition.
        let other = grey(|x, y| pattern(y, x));
        let mask = GrayImage::from_fn(24, 20, |x, y| {
            Luma([if (3..11).contains(&x) && (5..13).contains(&y) {
                0
            } else {
                255
            }])
        });
        let values = |picture: &RgbaImage| -> Vec<f64> {
            let window = (0..64).map(|i| picture.get_pixel(3 + i % 8, 5 + i / 8));
            window.map(|pixel| f64::from(pixel.0[0])).collect()
        };
        let (a, b) = (values(&photo), values(&other));
        let mean = |v: &[f64]| v.iter().sum::<f64>() / 64.0;
        let (ma, mb) = (mean(&a), mean(&b));
        let covariance = |u: &[f64], mu: f64, v: &[f64], mv: f64| {
            u.iter()
                .zip(v)
                .map(|(u, v)| (u - mu) * (v - mv))
                .sum::<f64>()
                / 64.0
        };
        let c2 = 7.65f64.powi(2);
        let expected = (2.0 * ma * mb + c1) * (2.0 * covariance(&a, ma, &b, mb) + c2)
            / ((ma * ma + mb * mb + c1)
                * (covariance(&a, ma, &a, ma) + covariance(&b, mb, &b, mb) + c2));
        let measured = ssim(&photo, &other, &mask);
        assert!((measured.value().unwrap() - expected).abs() < 1e-9);
    }

    #[test]
    fn the_difference_of_whole_photos_counts_every_pixel() {
        let half = grey(|x, _| if x < 12 { 100 } else { 151 });
        let apart = difference(&grey(|_, _| 100), &half);
        assert!((apart - 0.5 * 51.0 / 255.0).abs() < 1e-12);
    }
}
