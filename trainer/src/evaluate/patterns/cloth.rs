//! Cloth in a photo, and the pieces that are cut out of it.

use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage, RgbaImage};
use rand::Rng;
use rand::rngs::SmallRng;

use super::SIZE;
use crate::evaluate::masks::{Mark, Truth};

/// The side of a piece, in sides of a garment (the root of its area).
const PIECE: f64 = 0.6;
/// The same, by the height of what a shop photo shows.
const OF_SHOP: f64 = 0.27;
/// Pixels of a side below which nothing can be told.
const LEAST: u32 = 20;
/// A piece has at least this share of cloth.
const COVERED: f64 = 0.8;
/// Places that are tried for each piece.
const TRIES: usize = 16;
/// What lies outside the cloth.
const GREY: [u8; 3] = [128; 3];

/// A photo, and where its cloth is.
pub struct Cloth {
    pub photo: RgbImage,
    /// For each pixel.
    pub inside: Vec<bool>,
    /// Its place in [`KINDS`](super::KINDS), where that is known.
    pub kind: usize,
    /// Whether nothing but cloth is seen.
    pub close: bool,
    /// The usual side of a piece.
    side: f64,
}

/// A square of a photo: its left and upper end, and its side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    pub left: u32,
    pub top: u32,
    pub side: u32,
}

/// A piece of cloth, `SIZE` high and wide.
pub struct Piece(pub RgbImage);

impl Cloth {
    /// A close-up, or a shop photo with its white background, by what is in the photo's corners.
    pub fn of_photo(photo: &RgbImage, kind: usize) -> Option<Self> {
        let (width, height) = photo.dimensions();
        let corners = [(0, 0), (width - 1, 0)];
        match corners
            .iter()
            .any(|(x, y)| is_white(photo.get_pixel(*x, *y)))
        {
            true => Self::of_shop(photo.clone(), kind),
            false => Some(Self {
                inside: vec![true; photo.len() / 3],
                side: 0.5 * f64::from(width.min(height)),
                photo: balanced(photo.clone()),
                kind,
                close: true,
            }),
        }
    }

    /// What somebody wears from the chest down to the knees, between its outlines.
    fn of_shop(photo: RgbImage, kind: usize) -> Option<Self> {
        let width = photo.width() as usize;
        let ends: Vec<Option<[usize; 2]>> = (photo.rows())
            .map(|mut row| {
                let shown = |pixel: &Rgb<u8>| !is_white(pixel);
                let first = row.clone().position(shown)?;
                Some([first, row.rposition(shown)? + 1])
            })
            .collect();
        let top = ends.iter().position(Option::is_some)?;
        let high = (ends.iter().rposition(Option::is_some)? + 1 - top) as f64;
        let [left, right] = ends
            .iter()
            .flatten()
            .fold([width, 0], |[a, b], [from, to]| [a.min(*from), b.max(*to)]);
        let (middle, wide) = ((left + right) as f64 / 2.0, (right - left) as f64);
        let inside = (0..photo.len() / 3).map(|at| {
            let (x, y) = (at % width, at / width);
            let down = (y as f64 - top as f64) / high;
            let aside = (x as f64 + 0.5 - middle).abs() / wide;
            let within = (0.42..0.78).contains(&down) && aside < 0.27;
            within && ends[y].is_some_and(|[from, to]| (from..to).contains(&x))
        });
        Some(Self {
            inside: inside.collect(),
            photo,
            kind,
            close: false,
            side: OF_SHOP * high,
        })
    }

    /// A garment by its true mask.
    pub fn of_garment(photo: &RgbaImage, truth: &Truth, kind: usize) -> Self {
        let inside: Vec<bool> = truth.marks.iter().map(|m| *m == Mark::Inside).collect();
        let area = inside.iter().filter(|inside| **inside).count();
        Self {
            photo: image::DynamicImage::from(photo.clone()).to_rgb8(),
            inside,
            kind,
            close: false,
            side: PIECE * (area as f64).sqrt(),
        }
    }

    /// At most `count` squares that are mostly cloth, so many times as large as usual.
    pub fn windows(&self, count: usize, times: f64, rng: &mut SmallRng) -> Vec<Window> {
        let (width, height) = self.photo.dimensions();
        let side = ((times * self.side).round() as u32).min(width).min(height);
        if side < LEAST {
            return Vec::new();
        }
        let places: Vec<u32> = (0..self.inside.len() as u32)
            .filter(|at| self.inside[*at as usize])
            .collect();
        if places.is_empty() {
            return Vec::new();
        }
        let mut draw = || {
            // Around a place of the cloth.
            let at = places[rng.random_range(0..places.len())];
            let start = |middle: u32, end: u32| middle.saturating_sub(side / 2).min(end - side);
            Window {
                left: start(at % width, width),
                top: start(at / width, height),
                side,
            }
        };
        let best = |tried: Vec<Window>| {
            let covered = |window: &Window| (self.covered(*window), *window);
            let tried = tried.iter().map(covered);
            tried.max_by(|a, b| a.0.total_cmp(&b.0))
        };
        let mut windows = Vec::new();
        for _ in 0..count {
            let tried = (0..TRIES).map(|_| draw()).collect();
            if let Some((share, window)) = best(tried)
                && (share >= COVERED || windows.is_empty() && share >= 0.6)
            {
                windows.push(window);
            }
        }
        windows
    }

    /// The share of a square that is cloth, by every other pixel.
    fn covered(&self, Window { left, top, side }: Window) -> f64 {
        let width = self.photo.width();
        let rows = (top..top + side).step_by(2);
        let places = rows.flat_map(|y| (left..left + side).step_by(2).map(move |x| y * width + x));
        let (mut cloth, mut all) = (0usize, 0usize);
        for at in places {
            cloth += usize::from(self.inside[at as usize]);
            all += 1;
        }
        cloth as f64 / all.max(1) as f64
    }

    /// A square of it. What is no cloth is grey.
    pub fn piece(&self, Window { left, top, side }: Window) -> Piece {
        let width = self.photo.width();
        let cut = RgbImage::from_fn(side, side, |x, y| {
            let (x, y) = (left + x, top + y);
            match self.inside[(y * width + x) as usize] {
                true => *self.photo.get_pixel(x, y),
                false => Rgb(GREY),
            }
        });
        let size = SIZE as u32;
        Piece(imageops::resize(&cut, size, size, FilterType::Triangle))
    }
}

impl Piece {
    /// Adds its planes `[3, SIZE, SIZE]` in [-1, 1].
    pub fn planes(&self, planes: &mut Vec<f32>) {
        for channel in 0..3 {
            let values = self.0.pixels();
            planes.extend(values.map(|pixel| f32::from(pixel.0[channel]) / 127.5 - 1.0));
        }
    }
}

/// Whether it is a shop photo's background.
fn is_white(Rgb(pixel): &Rgb<u8>) -> bool {
    pixel.iter().all(|value| *value > 244)
}

/// The camera of the close-ups sees all cloth bluish: by so much, in the mean over its photos.
fn balanced(mut photo: RgbImage) -> RgbImage {
    const CAMERA: [f32; 3] = [1.26, 0.97, 0.85];
    for pixel in photo.pixels_mut() {
        for (value, gain) in pixel.0.iter_mut().zip(CAMERA) {
            *value = (f32::from(*value) * gain).min(255.0) as u8;
        }
    }
    photo
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn pieces_are_cut_out_of_the_cloth() {
        // A red garment on the left half of a blue photo.
        let photo = RgbaImage::from_fn(200, 100, |x, _| match x {
            0..100 => image::Rgba([200, 0, 0, 255]),
            _ => image::Rgba([0, 0, 200, 255]),
        });
        let marks = (0..200 * 100).map(|at| match at % 200 {
            0..100 => Mark::Inside,
            _ => Mark::Outside,
        });
        let marks = marks.collect();
        let cloth = Cloth::of_garment(&photo, &Truth { width: 200, marks }, 0);
        let mut rng = SmallRng::seed_from_u64(3);
        let windows = cloth.windows(4, 1.0, &mut rng);
        assert_eq!(windows.len(), 4);
        for window in windows {
            assert_eq!(window.side, 60);
            let piece = cloth.piece(window).0;
            assert_eq!(piece.dimensions(), (64, 64));
            let red = piece.pixels().filter(|pixel| pixel.0 == [200, 0, 0]);
            assert!(red.count() > 64 * 64 * 3 / 4, "{window:?}");
            assert!(piece.pixels().all(|pixel| pixel.0[2] <= 128), "no blue");
        }
        assert!(cloth.windows(4, 0.1, &mut rng).is_empty(), "too small");
    }

    #[test]
    fn a_shop_photo_is_looked_at_where_the_garment_is() {
        let photo = RgbImage::from_fn(120, 200, |x, y| match (x, y) {
            (30..90, 20..180) => Rgb([10, 90, 10]),
            _ => Rgb([255; 3]),
        });
        let cloth = Cloth::of_photo(&photo, 1).unwrap();
        let inside = (0..120 * 200).filter(|at| cloth.inside[*at]);
        let (mut count, mut rows) = (0, Vec::new());
        for at in inside {
            assert_eq!(
                photo.get_pixel(at as u32 % 120, at as u32 / 120).0,
                [10, 90, 10]
            );
            rows.push(at / 120);
            count += 1;
        }
        assert!(
            count > 1500 && rows[0] > 80 && rows[rows.len() - 1] < 150,
            "{count}"
        );
        assert!(Cloth::of_photo(&RgbImage::from_pixel(9, 9, Rgb([255; 3])), 0).is_none());
        assert!(
            Cloth::of_photo(&RgbImage::from_pixel(90, 90, Rgb([20; 3])), 0)
                .unwrap()
                .close
        );
    }
}
