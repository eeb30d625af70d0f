//! Composites: things cut out by their masks and laid on other backgrounds, so that a network
//! learns clothes that lie on floors and beds, shoes and hats that nobody wears, and things that are no clothes at all.

use std::sync::Arc;

use image::RgbImage;
use rand::Rng;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;

use super::backdrops::Backdrops;
use super::cutout::{Cutout, MIN_SIDE, extent};
use super::labels::{LABELS, LabelSet, Settled};
use super::warp::Frame;
use super::{Scene, objects};
use crate::data::Kind;

/// What is shown alone, one of these kinds as often as another. Hats twice: a person has two shoes and a bag, and one in
/// nine a hat.
const SMALL: [&[&str]; 4] = [
    &[
        "boots", "clogs", "flats", "heels", "loafers", "pumps", "sandals", "shoes", "sneakers",
        "wedges",
    ],
    &["hat"],
    &["hat"],
    &["bag", "purse", "wallet"],
];
/// What part of the street photos' composites are such things. An editor that saw teapots and tools more often than these said
/// that lone shoes and hats are not there.
const SMALL_SHARE: f64 = 0.5;
/// What a cut out pixel is enlarged at most; of small things, whose owners fill a picture with them, at most.
const MAX_ENLARGED: f32 = 2.2;
const SMALL_ENLARGED: f32 = 4.5;

/// What composites are made of.
pub struct Stock {
    pub(super) backdrops: Backdrops,
    /// For each kind of small things, the scenes that have them.
    small: Vec<(LabelSet, Vec<usize>)>,
    /// The scenes of things that are not worn, cut out.
    things: Vec<usize>,
}

impl Stock {
    /// Looks for small things and for backdrops.
    pub fn new(scenes: &[Scene], textures: Arc<Vec<RgbImage>>) -> Self {
        let small = SMALL.iter().map(|names| {
            let labels = LabelSet::of(names);
            let whole = [Kind::Street, Kind::Objects];
            let shows =
                |scene: &Scene| whole.contains(&scene.source) && extent(scene, labels).is_some();
            let of: Vec<usize> = (0..scenes.len()).filter(|at| shows(&scenes[*at])).collect();
            (labels, of)
        });
        Self {
            backdrops: Backdrops::new(scenes, textures),
            small: small.filter(|(_, of)| !of.is_empty()).collect(),
            things: (0..scenes.len())
                .filter(|at| objects::is_cut_out(&scenes[*at]))
                .collect(),
        }
    }

    /// Something that is not worn.
    pub(super) fn thing(&self, rng: &mut SmallRng) -> Option<usize> {
        self.things.choose(rng).copied()
    }

    /// Some small thing.
    fn small(&self, rng: &mut SmallRng) -> Option<(usize, LabelSet)> {
        let (labels, scenes) = self.small.choose(rng)?;
        Some((*scenes.choose(rng)?, *labels))
    }
}

/// Lays something of a photo on another background: a garment, all clothes, the whole person, or
/// shoes, a hat or a bag, then perhaps of another photo; or a thing that is not worn. Gives the scene that it is of and
/// what is settled, or nothing where nothing in that photo is large enough, or cut out.
///
/// - `picture`: `[size, size, 3]`
/// - `labels`: `[size, size]`
pub fn compose(
    stock: &Stock,
    scenes: &[Scene],
    scene: usize,
    size: usize,
    rng: &mut SmallRng,
    picture: &mut [u8],
    labels: &mut [u8],
) -> Option<(usize, Settled)> {
    if scenes[scene].source == Kind::Objects {
        let thing = objects::is_cut_out(&scenes[scene]).then(|| Cutout::thing(&scenes[scene]))?;
        stock.backdrops.paint(scenes, size, rng, picture, labels);
        lay_upright(&thing, size, rng, (picture, labels));
        return Some((scene, scenes[scene].settled));
    }
    let street = scenes[scene].source == Kind::Street;
    let small = (street && rng.random_bool(SMALL_SHARE)).then(|| stock.small(rng));
    let small = small.flatten();
    let (scene, what) = match small {
        Some(small) => small,
        None => (scene, garment(&scenes[scene], rng)?),
    };
    let first = Cutout::new(&scenes[scene], what)?;
    let mut perhaps_leaves = stock.backdrops.paint(scenes, size, rng, picture, labels);
    // A teapot behind the hat: that something lies alone says nothing.
    if small.is_some()
        && rng.random_bool(0.4)
        && let Some(thing) = stock.thing(rng)
    {
        let thing = Cutout::thing(&scenes[thing]);
        lay_upright(&thing, size, rng, (&mut *picture, &mut *labels));
        perhaps_leaves = true;
    }
    let share = rng.random_range(0.55..1.05);
    let enlarged = if small.is_some() {
        SMALL_ENLARGED
    } else {
        MAX_ENLARGED
    };
    lay(
        &first,
        (share, enlarged),
        quarters(rng),
        size,
        rng,
        (picture, labels),
    );
    // Shoes beside the trousers. A small thing may hide part of the garment, as it would.
    if rng.random_bool(0.2)
        && let Some((of, what)) = stock.small(rng)
        && let Some(second) = Cutout::new(&scenes[of], what)
    {
        let share = (rng.random_range(0.22..0.45), MAX_ENLARGED);
        lay(&second, share, quarters(rng), size, rng, (picture, labels));
    }
    // What nobody marked elsewhere in the photo of the garment was not cut out with it.
    let of = Settled {
        open: LabelSet::default(),
        ..scenes[scene].settled
    };
    Some((scene, of.perhaps_leaves(perhaps_leaves)))
}

/// Which labels of a photo to cut out.
fn garment(scene: &Scene, rng: &mut SmallRng) -> Option<LabelSet> {
    let all = (1..LABELS.len() as u8).collect::<LabelSet>();
    if scene.source != Kind::Street {
        return Some(all);
    }
    let body = LabelSet::of(&["hair", "skin"]);
    let clothes = (1..LABELS.len() as u8).filter(|label| !body.has(*label));
    match rng.random_range(0.0..1.0) {
        0.0..0.2 => Some(all),
        0.2..0.5 => Some(clothes.collect()),
        _ => {
            let large = |c: &&super::Component| {
                let side = (c.right - c.left).min(c.bottom - c.top);
                !body.has(c.label) && side >= MIN_SIDE && c.area >= 900
            };
            let garments: Vec<_> = scene.components.iter().filter(large).collect();
            let garment = garments.choose(rng)?;
            Some([garment.label].into_iter().collect())
        }
    }
}

/// How many quarter turns something that lies is turned by.
fn quarters(rng: &mut SmallRng) -> f32 {
    f32::from(*[0u8, 0, 1, 2, 3].choose(rng).unwrap_or(&0))
}

/// Sets something that is not worn on a picture, upright, of any size.
pub(super) fn lay_upright(
    thing: &Cutout,
    size: usize,
    rng: &mut SmallRng,
    on: (&mut [u8], &mut [u8]),
) {
    let share = (rng.random_range(0.2..1.2), MAX_ENLARGED);
    lay(thing, share, 0.0, size, rng, on);
}

/// Lays something on a picture, so large that its longer side takes this share of the picture's if its pixels need no more
/// enlarging for that than they may have, turned by quarter turns and up to 15 degrees more, with a shadow.
fn lay(
    what: &Cutout,
    (share, enlarged): (f32, f32),
    quarters: f32,
    size: usize,
    rng: &mut SmallRng,
    on: (&mut [u8], &mut [u8]),
) {
    let window = what.window;
    let side = size as f32;
    let length = window.width.max(window.height) as f32;
    let enlarged = (share * side / length).min(enlarged);
    let angle = 90.0 * quarters + rng.random_range(-15.0f32..15.0);
    // A little may reach beyond the picture.
    let room = (0.5 - 0.45 * enlarged * length / side).max(0.04);
    let place = [0; 2].map(|_| side * (0.5 + rng.random_range(-room..room)));
    let centre = [
        window.left as f32 + 0.5 * window.width as f32,
        window.top as f32 + 0.5 * window.height as f32,
    ];
    let mirrored = rng.random_bool(0.5);
    let frame = Frame::new(centre, 1.0 / enlarged, place, angle.to_radians(), mirrored);
    what.paste(&frame, size, rng, on, |shares, rng, picture| {
        shadow(shares, size, rng, picture);
    });
}

/// Darkens a picture where something that covers `shares` of its pixels keeps the light off.
fn shadow(shares: &[u8], size: usize, rng: &mut SmallRng, picture: &mut [u8]) {
    let dark = rng.random_range(0.0f32..0.55);
    let radius = rng.random_range(0.008f32..0.05) * size as f32;
    let [dx, dy] = [0; 2].map(|_| rng.random_range(-1.0f32..1.0) * 1.5 * radius);
    let (dx, dy) = (dx.round() as i32, dy.round() as i32);
    let last = size as i32 - 1;
    let mut plane = vec![0.0f32; size * size];
    for (y, row) in (0..).zip(plane.chunks_exact_mut(size)) {
        for (x, value) in (0..).zip(row) {
            let (x, y): (i32, i32) = (x - dx, y - dy);
            if (0..=last).contains(&x) && (0..=last).contains(&y) {
                *value = f32::from(shares[y as usize * size + x as usize]) / 255.0;
            }
        }
    }
    // Two box blurs are nearly a Gaussian one.
    let radius = (radius as usize).max(1);
    for _ in 0..2 {
        box_blur(&mut plane, size, radius);
    }
    for (pixel, shade) in picture.as_chunks_mut::<3>().0.iter_mut().zip(plane) {
        let left = 1.0 - dark * shade;
        *pixel = pixel.map(|byte| (f32::from(byte) * left + 0.5) as u8);
    }
}

/// The mean over `2 radius + 1` values across, then down; beyond the plane there is nothing.
fn box_blur(plane: &mut [f32], size: usize, radius: usize) {
    let mut line = vec![0.0; size];
    let mut pass = |start: usize, step: usize| {
        for (i, value) in line.iter_mut().enumerate() {
            *value = plane[start + i * step];
        }
        let mut sum: f32 = line[..radius.min(size)].iter().sum();
        for i in 0..size {
            sum += line.get(i + radius).unwrap_or(&0.0);
            plane[start + i * step] = sum / (2 * radius + 1) as f32;
            sum -= i.checked_sub(radius).map_or(0.0, |i| line[i]);
        }
    };
    (0..size).for_each(|y| pass(y * size, 1));
    (0..size).for_each(|x| pass(x, size));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenes::UNDECIDED;
    use image::Rgb;
    use rand::SeedableRng;

    /// A person: a red coat over blue shoes on green.
    fn person() -> Scene {
        let what = |x: u32, y: u32| match (x, y) {
            (60..140, 40..160) => (13, [200, 0, 0]),
            (70..100, 180..190) | (110..130, 180..190) => (39, [0, 0, 200]),
            _ => (0, [0, 200, 0]),
        };
        let photo = RgbImage::from_fn(200, 300, |x, y| Rgb(what(x, y).1));
        let labels = (0..60_000).map(|at| what(at % 200, at / 200).0).collect();
        Scene::new(300, photo, labels, Kind::Street, "a", Settled::default()).unwrap()
    }

    #[test]
    fn things_keep_their_label_and_lose_their_background() {
        let scenes = [person()];
        let stock = Stock::new(&scenes, Arc::default());
        let mut rng = SmallRng::seed_from_u64(1);
        let (mut shoes_alone, mut coats, mut wrong, mut all) = (0, 0, 0, 0);
        for _ in 0..200 {
            let (mut picture, mut labels) = (vec![0; 3 * 64 * 64], vec![9; 64 * 64]);
            let made = compose(&stock, &scenes, 0, 64, &mut rng, &mut picture, &mut labels);
            assert_eq!(made, Some((0, Settled::default())));
            for (pixel, label) in picture.chunks(3).zip(&labels) {
                all += 1;
                wrong += usize::from(match *label {
                    13 => pixel[0] < 100 || pixel[1] > 100,
                    39 => pixel[2] < 100 || pixel[1] > 100,
                    0 | UNDECIDED => false,
                    _ => true,
                });
            }
            let has = |label: u8| labels.iter().filter(|at| **at == label).count() > 20;
            assert!(has(13) || has(39));
            coats += usize::from(has(13));
            shoes_alone += usize::from(has(39) && !has(13));
        }
        assert!(
            wrong * 200 < all,
            "{wrong} of {all} pixels are something else"
        );
        assert!(shoes_alone > 30 && coats > 80, "{shoes_alone}, {coats}");
    }

    #[test]
    fn what_is_not_worn_is_laid_on_another_background_as_background() {
        // A blue disc, cut out, and a grey photo of nothing worn.
        let disc = |x: u32, y: u32| (x as f32 - 50.0).hypot(y as f32 - 50.0) < 45.0;
        let plain = |colour| RgbImage::from_pixel(100, 100, Rgb(colour));
        let own = (0..10_000).map(|at| match disc(at % 100, at / 100) {
            true => 0,
            false => UNDECIDED,
        });
        let settled = Settled::default().perhaps_leaves(true);
        let objects =
            |photo, labels| Scene::new(300, photo, labels, Kind::Objects, "a", settled).unwrap();
        let scenes = [
            objects(plain([0, 0, 200]), own.collect()),
            objects(plain([90; 3]), vec![0; 10_000]),
            person(),
        ];
        let stock = Stock::new(&scenes, Arc::default());
        let mut rng = SmallRng::seed_from_u64(3);
        let mut blues = 0;
        for _ in 0..40 {
            let (mut picture, mut labels) = (vec![0; 3 * 64 * 64], vec![9; 64 * 64]);
            let made = compose(&stock, &scenes, 0, 64, &mut rng, &mut picture, &mut labels);
            assert_eq!(made, Some((0, settled)));
            assert!(labels.iter().all(|label| matches!(*label, 0 | UNDECIDED)));
            let is_blue = |pixel: &&[u8]| pixel[2] > 60 && pixel[0] < 40 && pixel[1] < 40;
            let area = picture.chunks(3).filter(is_blue).count();
            blues += usize::from((60..4000).contains(&area));
            assert_eq!(
                compose(&stock, &scenes, 1, 64, &mut rng, &mut picture, &mut labels),
                None
            );
        }
        assert!(blues > 30, "{blues} of 40");
        // What is alone in its photo is nothing to lay things on.
        let alone = Stock::new(&scenes[..1], Arc::default());
        let backdrops = &alone.backdrops;
        for _ in 0..20 {
            let (mut picture, mut labels) = (vec![0; 3 * 64 * 64], vec![9; 64 * 64]);
            let on = (&mut picture[..], &mut labels[..]);
            assert!(!backdrops.paint(&scenes[..1], 64, &mut rng, on.0, on.1));
        }
    }

    #[test]
    fn what_is_too_small_is_not_cut_out() {
        assert_eq!(extent(&person(), LabelSet::of(&["hat"])), None);
        let shoes = extent(&person(), LabelSet::of(&["shoes", "boots"])).unwrap();
        assert_eq!(
            (shoes.left, shoes.top, shoes.width, shoes.height),
            (70, 180, 60, 10)
        );
    }

    #[test]
    fn shadows_darken_what_is_near_and_nothing_else() {
        let mut rng = SmallRng::seed_from_u64(4);
        let shares: Vec<u8> = (0..64 * 64)
            .map(|at| {
                if (24..40).contains(&(at % 64)) && (24..40).contains(&(at / 64)) {
                    255
                } else {
                    0
                }
            })
            .collect();
        let mut picture = vec![200; 3 * 64 * 64];
        shadow(&shares, 64, &mut rng, &mut picture);
        assert!(picture[3 * (32 * 64 + 32)] < 195);
        assert_eq!(picture[0], 200);
    }
}
