//! People in front of something else: up to five of the street photos, upright, from whole figures to faces, where no
//! street is. Photos of strangers are taken in rooms, on stages and at tables.

use rand::Rng;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;

use super::compose::{Stock, lay_upright};
use super::cutout::Cutout;
use super::labels::{LABELS, LabelSet, Settled};
use super::warp::Frame;
use super::{Scene, light, shapes};

/// How tall somebody is, in sides of the picture: a quarter show half of a figure or less.
const TALL: [f32; 2] = [0.42, 3.4];
/// How many of the things behind them are cut out of photos, where there are such.
const REAL: f64 = 0.6;
/// What a cut out pixel is enlarged at most.
const MAX_ENLARGED: f32 = 2.2;

/// Paints a picture of people of these scenes; gives the last one's scene and what is settled.
///
/// - `picture`: `[size, size, 3]`
/// - `labels`: `[size, size]`
pub fn people(
    stock: &Stock,
    (scenes, of_kind): (&[Scene], &[usize]),
    size: usize,
    rng: &mut SmallRng,
    picture: &mut [u8],
    labels: &mut [u8],
) -> Option<(usize, Settled)> {
    let mut perhaps_leaves = stock.backdrops.paint(scenes, size, rng, picture, labels);
    for _ in 0..rng.random_range(0..4) {
        let thing = rng.random_bool(REAL).then(|| stock.thing(rng)).flatten();
        match thing.map(|thing| &scenes[thing]) {
            Some(thing) => {
                lay_upright(&Cutout::thing(thing), size, rng, (picture, labels));
                perhaps_leaves = true;
            }
            None => shapes::paint(size, 1.0, rng, picture, labels),
        }
    }
    // Out of focus, as lenses have it.
    if rng.random_bool(0.4) {
        (0..rng.random_range(1..8)).for_each(|_| light::blur(picture, size));
    }
    // Now and then nobody is there.
    let count = *[0, 1, 1, 1, 1, 1, 2, 2, 3, 5].choose(rng)?;
    // Friends are about as near as each other.
    let tall = TALL[0] * (TALL[1] / TALL[0]).powf(rng.random());
    let nobody = (*of_kind.choose(rng)?, Settled::default());
    let mut found = (count == 0).then_some(nobody);
    for n in 0..count {
        let scene = *of_kind.choose(rng)?;
        let Some(figure) = Cutout::new(&scenes[scene], everything()) else {
            continue;
        };
        let across = (n as f32 + rng.random_range(0.25..0.75)) / count as f32;
        let frame = standing(
            &figure,
            tall * rng.random_range(0.85..1.15),
            across,
            size,
            rng,
        );
        figure.paste(&frame, size, rng, (picture, labels), |_, _, _| {});
        let of = Settled {
            open: LabelSet::default(),
            ..scenes[scene].settled
        };
        found = Some((scene, of));
    }
    let settled = |(scene, of): (usize, Settled)| (scene, of.perhaps_leaves(perhaps_leaves));
    found.map(settled)
}

/// All that a street photo names.
fn everything() -> LabelSet {
    (1..LABELS.len() as u8).collect()
}

/// Upright, so tall, the head within the picture, and the middle at a place across it.
fn standing(figure: &Cutout, tall: f32, across: f32, size: usize, rng: &mut SmallRng) -> Frame {
    let (window, side) = (figure.window, size as f32);
    let enlarged = (tall * side / window.height as f32).min(MAX_ENLARGED);
    let room = (1.0 - enlarged * window.height as f32 / side).max(0.0);
    let above = rng.random_range(-0.05..room.max(0.25));
    let top = [
        window.left as f32 + 0.5 * window.width as f32,
        window.top as f32,
    ];
    // One in six is tilted, as who bends over is.
    let tilt = if rng.random_bool(1.0 / 6.0) {
        40.0
    } else {
        8.0
    };
    let angle: f32 = rng.random_range(-tilt..tilt);
    Frame::new(
        top,
        1.0 / enlarged,
        [across * side, above * side],
        angle.to_radians(),
        rng.random_bool(0.5),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Kind;
    use crate::scenes::{BACKGROUND, UNDECIDED, label};
    use image::{Rgb, RgbImage};
    use rand::SeedableRng;
    use std::sync::Arc;

    #[test]
    fn people_stand_upright_at_many_sizes_and_nothing_else_has_a_label() {
        let [hair, coat] = ["hair", "coat"].map(|name| label(name).unwrap());
        let what = |x: u32, y: u32| match (x, y) {
            (90..110, 20..50) => (hair, [0, 0, 0]),
            (70..130, 50..280) => (coat, [200, 0, 0]),
            _ => (BACKGROUND, [0, 200, 0]),
        };
        let photo = RgbImage::from_fn(200, 300, |x, y| Rgb(what(x, y).1));
        let names = (0..60_000).map(|at| what(at % 200, at / 200).0).collect();
        let settled = Settled::default();
        // Behind them a blue thing, now and then.
        let mut thing = vec![BACKGROUND; 60_000];
        thing[..9000].fill(UNDECIDED);
        let blue = RgbImage::from_pixel(200, 300, Rgb([0, 0, 200]));
        let scene =
            |photo, labels, kind| Scene::new(300, photo, labels, kind, "a", settled).unwrap();
        let scenes = [
            scene(photo, names, Kind::Street),
            scene(blue, thing, Kind::Objects),
        ];
        let stock = Stock::new(&scenes, Arc::default());
        let mut rng = SmallRng::seed_from_u64(1);
        let (mut near, mut far, mut above, mut nobody, mut things) = (0, 0, 0, 0, 0);
        for _ in 0..100 {
            let (mut picture, mut labels) = (vec![0; 3 * 64 * 64], vec![9; 64 * 64]);
            let on = (&scenes[..], &[0][..]);
            let made = people(&stock, on, 64, &mut rng, &mut picture, &mut labels);
            let (of, known) = made.unwrap();
            assert_eq!(of, 0);
            things += usize::from(known != settled);
            assert!([settled, settled.perhaps_leaves(true)].contains(&known));
            let rows = |label: u8| {
                let places = (0..64 * 64).filter(|at| labels[*at] == label);
                let rows: Vec<usize> = places.map(|at| at / 64).collect();
                rows.iter().sum::<usize>() as f32 / rows.len().max(1) as f32
            };
            let known = [BACKGROUND, hair, coat, UNDECIDED];
            assert!(labels.iter().all(|name| known.contains(name)));
            if labels.iter().all(|name| *name == BACKGROUND) {
                nobody += 1;
                continue;
            }
            let share = labels.iter().filter(|name| **name == coat).count();
            near += usize::from(share > 64 * 64 / 3);
            far += usize::from(share < 64 * 64 / 6);
            above += usize::from(rows(hair) < rows(coat));
        }
        assert!(near > 20 && far > 5, "{near} near, {far} far");
        assert_eq!(above + nobody, 100);
        assert!((3..20).contains(&nobody), "{nobody} empty");
        assert!((30..85).contains(&things), "things behind {things} of 100");
    }
}
