//! Where a photo's flower or garment is, as far as a model can tell.

use image::{GrayImage, RgbaImage};

/// A mask counts as changed from this value on: a tenth.
pub const CHANGED: u8 = 26;

/// Pixels of a photo.
#[derive(Debug)]
pub struct Area(Vec<(u32, u32)>);

impl Area {
    /// What edits to several colours change: where the mean of their masks is at least three
    /// quarters of its largest value, and not under a tenth.
    pub fn of(masks: &[&GrayImage]) -> Self {
        let Some(first) = masks.first() else {
            return Self(Vec::new());
        };
        let mut sums = vec![0; first.as_raw().len()];
        for mask in masks {
            for (sum, m) in sums.iter_mut().zip(mask.as_raw()) {
                *sum += u32::from(*m);
            }
        }
        let most = sums.iter().copied().max().unwrap_or(0);
        let least = masks.len() as u32 * u32::from(CHANGED);
        let pixels = first.enumerate_pixels().zip(sums);
        let high = pixels.filter(|(_, sum)| *sum >= least && 4 * sum >= 3 * most);
        Self(high.map(|((x, y, _), _)| (x, y)).collect())
    }

    /// The colours of a photo's pixels in this area.
    pub fn pixels(&self, photo: &RgbaImage) -> impl Iterator<Item = [u8; 3]> {
        self.0.iter().map(|(x, y)| {
            let [r, g, b, _] = photo.get_pixel(*x, *y).0;
            [r, g, b]
        })
    }

    /// The part of a photo that is nearer to the centroid than half of the radius that a disc of
    /// this area has, and the area without it. An edit's mask may leave out a flower's centre: the
    /// first part has it all the same.
    pub fn parts(&self, photo: &RgbaImage) -> (Self, Self) {
        let count = self.0.len().max(1) as f64;
        let mean = |of: fn(&(u32, u32)) -> u32| {
            self.0.iter().map(|pixel| f64::from(of(pixel))).sum::<f64>() / count
        };
        let (x, y) = (mean(|pixel| pixel.0), mean(|pixel| pixel.1));
        let half = (self.0.len() as f64 / std::f64::consts::PI).sqrt() / 2.0;
        let is_inner =
            |pixel: &(u32, u32)| (f64::from(pixel.0) - x).hypot(f64::from(pixel.1) - y) < half;
        let (width, height) = photo.dimensions();
        let all = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let outer = self.0.iter().copied().filter(|pixel| !is_inner(pixel));
        (Self(all.filter(is_inner).collect()), Self(outer.collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Luma, Rgba};

    /// A mask with one value up to a column and another one from there on.
    fn halves(left: u8, right: u8) -> GrayImage {
        GrayImage::from_fn(40, 10, |x, _| Luma([if x < 15 { left } else { right }]))
    }

    fn columns(masks: &[GrayImage]) -> Option<(u32, u32)> {
        let area = Area::of(&masks.iter().collect::<Vec<_>>()).0;
        let columns = area.iter().map(|pixel| pixel.0);
        columns.clone().min().zip(columns.max())
    }

    #[test]
    fn the_area_is_where_most_masks_are_high() {
        assert_eq!(columns(&[halves(200, 149)]), Some((0, 14)));
        assert_eq!(columns(&[halves(200, 150)]), Some((0, 39)));
        // One that leaks, and one that hardly changes anything.
        let masks = [halves(200, 200), halves(220, 10), halves(30, 5)];
        assert_eq!(columns(&masks), Some((0, 14)));
        assert_eq!(columns(&[halves(25, 0)]), None);
        assert_eq!(columns(&[]), None);
    }

    #[test]
    fn the_inner_part_is_a_quarter_of_a_disc_and_has_no_hole() {
        let from = |x: u32, y: u32| (f64::from(x) - 70.0).hypot(f64::from(y) - 50.0);
        let photo = RgbaImage::from_pixel(140, 100, Rgba([0; 4]));
        for hole in [0.0, 8.0] {
            let ring = |x, y| {
                Luma([if (hole..40.0).contains(&from(x, y)) {
                    255
                } else {
                    0
                }])
            };
            let mask = GrayImage::from_fn(140, 100, ring);
            let (inner, outer) = Area::of(&[&mask]).parts(&photo);
            let share = inner.0.len() as f64 / (inner.0.len() + outer.0.len()) as f64;
            assert!((share - 0.25).abs() < 0.02, "{share}");
            assert!(inner.0.contains(&(70, 50)));
            assert!(inner.0.iter().all(|(x, y)| from(*x, *y) < 21.0));
        }
        let (inner, outer) = Area::of(&[]).parts(&photo);
        assert!(inner.0.is_empty() && outer.0.is_empty());
    }
}
