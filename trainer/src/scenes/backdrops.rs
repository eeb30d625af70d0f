//! What cut out things are laid on: floors, beds, streets and meadows without anything on them,
//! textures, plain colours.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use image::RgbImage;
use rand::Rng;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use rayon::prelude::*;

use super::labels::{BACKGROUND, LEAVES};
use super::light::Light;
use super::warp::{self, Beyond, Frame, Window};
use super::{Scene, has_masks, objects};
use crate::data::{Kind, read_photo};

/// A rectangle of a photo is of use from this many pixels across.
const MIN_SIDE: usize = 44;
/// How far it stays away from what is marked, in pixels: masks are not exact.
const MARGIN: usize = 5;
/// How much more often than another photo is one of what is not worn: behind street photos' people there are streets.
const OBJECTS_TIMES: usize = 3;

/// The backdrops that there are.
pub struct Backdrops {
    /// Rectangles of photos that show nothing but background.
    empty: Vec<(usize, Window)>,
    textures: Arc<Vec<RgbImage>>,
}

impl Backdrops {
    /// Looks for them in photos.
    pub fn new(scenes: &[Scene], textures: Arc<Vec<RgbImage>>) -> Self {
        // What pseudo-masks leave black is not what was asked for, and may be a face or trousers.
        let known = scenes.par_iter().enumerate();
        let known =
            known.filter(|(_, scene)| has_masks(scene.source) && !objects::is_cut_out(scene));
        let times = |scene: &Scene| match scene.source {
            Kind::Objects => OBJECTS_TIMES,
            _ => 1,
        };
        let empty = |(at, scene)| Some(vec![(at, emptiest(scene)?); times(scene)]);
        let empty = known.filter_map(empty).flatten().collect();
        Self { empty, textures }
    }

    /// Paints one, and says whether some of it may be leaves though it has another label.
    ///
    /// - `picture`: `[size, size, 3]`
    /// - `labels`: `[size, size]`
    pub fn paint(
        &self,
        scenes: &[Scene],
        size: usize,
        rng: &mut SmallRng,
        picture: &mut [u8],
        labels: &mut [u8],
    ) -> bool {
        labels.fill(BACKGROUND);
        let mut perhaps_leaves = false;
        let kind = rng.random_range(0.0..1.0);
        if kind < 0.2 && !self.textures.is_empty() {
            if let Some(texture) = self.textures.choose(rng) {
                let window = Window::of(texture);
                let frame = anywhere(window, size, rng);
                warp::photo(texture, window, Beyond::Mirror, &frame, size, picture);
            }
        } else if kind < 0.75
            && let Some((scene, window)) = self.empty.choose(rng)
        {
            let (scene, window, mirror) = (&scenes[*scene], *window, Beyond::Mirror);
            perhaps_leaves = scene.source == Kind::Objects;
            let frame = anywhere(window, size, rng);
            warp::photo(&scene.photo, window, mirror, &frame, size, picture);
            let columns = scene.photo.width() as usize;
            warp::labels(&scene.labels, columns, window, mirror, &frame, size, labels);
        } else {
            gradient(size, rng, picture);
        }
        Light::lamp(rng).apply(picture, size);
        perhaps_leaves
    }
}

/// Some part of a rectangle, or several times all of it: a photo's pixel is half to two of the
/// picture's.
fn anywhere(window: Window, size: usize, rng: &mut SmallRng) -> Frame {
    let scale = rng.random_range(0.5f32..2.0);
    let centre = [(window.left, window.width), (window.top, window.height)]
        .map(|(from, length)| from as f32 + length as f32 * rng.random_range(0.0f32..1.0));
    let angle = rng.random_range(-0.4..0.4);
    Frame::new(
        centre,
        scale,
        [size as f32 / 2.0; 2],
        angle,
        rng.random_bool(0.5),
    )
}

/// From one colour to a near one, with a little grain.
fn gradient(size: usize, rng: &mut SmallRng, picture: &mut [u8]) {
    let grey = rng.random_range(40.0f32..250.0);
    let colour: [f32; 3] = std::array::from_fn(|_| grey + rng.random_range(-28.0..28.0));
    let change = match rng.random_bool(0.5) {
        true => rng.random_range(0.0..60.0),
        false => 0.0,
    };
    let (sin, cos) = rng.random_range(0.0..std::f32::consts::TAU).sin_cos();
    let grain = rng.random_range(0.0f32..5.0);
    for (at, pixel) in picture.as_chunks_mut::<3>().0.iter_mut().enumerate() {
        let place = [at % size, at / size].map(|at| at as f32 / size as f32 - 0.5);
        let shift =
            change * (place[0] * cos + place[1] * sin) + grain * (rng.random::<f32>() - 0.5);
        *pixel = colour.map(|value| (value + shift).clamp(0.0, 255.0) as u8);
    }
}

/// The largest rectangle of a photo in which nothing is marked, or undecided.
fn emptiest(scene: &Scene) -> Option<Window> {
    let (width, height) = (scene.photo.width() as usize, scene.photo.height() as usize);
    // Leaves are backdrops as well; their label is kept.
    let marked = |at: usize| !matches!(scene.labels[at], BACKGROUND | LEAVES);
    let mut near = vec![false; width * height];
    for at in (0..width * height).filter(|at| marked(*at)) {
        let (x, y) = (at % width, at / width);
        // Inside of a run of marked pixels only the rows above and below are not marked yet.
        let ends = x == 0 || x + 1 == width || !marked(at - 1) || !marked(at + 1);
        let reach = if ends { MARGIN } else { 0 };
        let columns = x.saturating_sub(reach)..(x + reach + 1).min(width);
        for y in y.saturating_sub(MARGIN)..(y + MARGIN + 1).min(height) {
            near[y * width..][columns.clone()].fill(true);
        }
    }
    largest(&near, width).filter(|window| window.width.min(window.height) >= MIN_SIDE)
}

/// The largest rectangle without a `true`: for each row, the free pixels above each of its places
/// are a histogram, whose largest rectangle is found with a stack.
fn largest(taken: &[bool], width: usize) -> Option<Window> {
    let mut heights = vec![0; width + 1];
    let (mut best, mut most) = (None, 0);
    for (y, row) in taken.chunks_exact(width).enumerate() {
        for (height, taken) in heights.iter_mut().zip(row) {
            *height = if *taken { 0 } else { *height + 1 };
        }
        let mut open: Vec<(usize, usize)> = Vec::new();
        // The last height stays 0 and closes all that is open.
        for (x, height) in heights.iter().enumerate() {
            let mut left = x;
            while let Some(&(from, tall)) = open.last()
                && tall >= *height
            {
                open.pop();
                left = from;
                if tall * (x - from) > most {
                    most = tall * (x - from);
                    best = Some(Window {
                        left: from,
                        top: y + 1 - tall,
                        width: x - from,
                        height: tall,
                    });
                }
            }
            open.push((left, *height));
        }
    }
    best
}

/// The pictures of a folder and of those in it, their white balanced: the mean of each is grey.
///
/// # Errors
/// A folder that cannot be read, or a picture.
pub fn textures(folder: &Path) -> Result<Vec<RgbImage>> {
    let files = objects::pictures(folder)?;
    let read = |file: &std::path::PathBuf| Ok(balanced(read_photo(file)?.to_rgb8()));
    files.par_iter().map(read).collect()
}

/// Brings a picture's mean three quarters of the way to grey.
fn balanced(mut picture: RgbImage) -> RgbImage {
    let mut sums = [1.0f32; 3];
    for pixel in picture.pixels() {
        for (sum, byte) in sums.iter_mut().zip(pixel.0) {
            *sum += f32::from(byte);
        }
    }
    let mean = (sums[0] + sums[1] + sums[2]) / 3.0;
    let gains = sums.map(|sum| 0.25 + 0.75 * mean / sum);
    for pixel in picture.pixels_mut() {
        for (byte, gain) in pixel.0.iter_mut().zip(gains) {
            *byte = (f32::from(*byte) * gain + 0.5) as u8;
        }
    }
    picture
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Kind;
    use crate::scenes::Settled;
    use image::Rgb;

    #[test]
    fn the_largest_free_rectangle_is_found() {
        let map = ["..#.....", "..#.....", "#.......", "........", "...#...."];
        let taken: Vec<bool> = map.concat().bytes().map(|byte| byte == b'#').collect();
        let window = largest(&taken, 8).unwrap();
        let found = (window.left, window.top, window.width, window.height);
        assert_eq!(found, (3, 0, 5, 4));
        assert_eq!(largest(&[true; 16], 8), None);
    }

    #[test]
    fn backdrops_keep_away_from_what_is_marked() {
        // A garment in the middle of 200 x 120; the free parts are 100 and 60 wide.
        let photo = RgbImage::from_fn(200, 120, |x, _| match x {
            100..140 => Rgb([255, 0, 0]),
            _ => Rgb([90; 3]),
        });
        let marked = |at: usize| (100..140).contains(&(at % 200));
        let labels = (0..24_000)
            .map(|at| if marked(at) { 14 } else { 0 })
            .collect();
        let scene =
            Scene::new(300, photo, labels, Kind::Clothing, "a", Settled::default()).unwrap();
        let window = emptiest(&scene).unwrap();
        let found = (window.left, window.top, window.width, window.height);
        assert_eq!(found, (0, 0, 95, 120));
        let scenes = [scene];
        let backdrops = Backdrops::new(&scenes, Arc::default());
        let mut rng = rand::SeedableRng::seed_from_u64(1);
        for _ in 0..50 {
            let (mut picture, mut labels) = (vec![0; 3 * 32 * 32], vec![9; 32 * 32]);
            backdrops.paint(&scenes, 32, &mut rng, &mut picture, &mut labels);
            assert!(labels.iter().all(|label| *label == BACKGROUND));
            let reds = picture
                .chunks(3)
                .filter(|pixel| pixel[0].saturating_sub(pixel[1]) > 120);
            assert_eq!(reds.count(), 0);
        }
    }

    #[test]
    fn what_pseudo_masks_leave_black_is_no_backdrop() {
        let scene = |kind| {
            let photo = RgbImage::new(120, 120);
            let labels = vec![BACKGROUND; 120 * 120];
            Scene::new(300, photo, labels, kind, "a", Settled::default()).unwrap()
        };
        let scenes = [scene(Kind::FashionProduct), scene(Kind::Street)];
        let backdrops = Backdrops::new(&scenes, Arc::default());
        let of: Vec<usize> = backdrops.empty.iter().map(|(scene, _)| *scene).collect();
        assert_eq!(of, [1]);
    }

    #[test]
    fn textures_are_balanced() {
        let folder = tempfile::tempdir().unwrap();
        let bluish = RgbImage::from_pixel(8, 8, Rgb([100, 110, 180]));
        std::fs::create_dir_all(folder.path().join("dotted")).unwrap();
        bluish.save(folder.path().join("dotted/a.png")).unwrap();
        let found = textures(folder.path()).unwrap();
        let [r, g, b] = found[0].get_pixel(3, 3).0;
        assert!(b - r < 30 && g - r < 10, "{r} {g} {b}");
    }
}
