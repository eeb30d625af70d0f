//! A training picture: a square crop of one photo.

use rand::Rng;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;

use super::Scene;
use super::portrait::head;
use super::warp::{self, Beyond, Frame, Window};

/// How much a pixel of a photo is enlarged at most.
const MAX_ENLARGED: f32 = 2.5;

/// A picture of so many pixels sees the shares of a photo that are named here; a larger one sees more.
const USUAL_SIZE: f32 = 128.0;
/// The short side of what is seen of a photo at most, as a share of the photo's.
const MAX_SEEN: f32 = 1.35;

/// How many pictures of people are portraits, and how much of a photo's short side these see.
const PORTRAITS: f64 = 0.3;
const PORTRAIT: std::ops::Range<f32> = 0.25..0.65;

/// Cuts a picture out of a photo: 0.42 to 1.05 of its short side, one in eight a close-up of 0.15
/// to 0.4, at 128 pixels; four in five around something that has a label; mirrored half of the time, and one in
/// three turned by up to 12 degrees. Where somebody has hair, three in ten are portraits, as most photos of people are.
/// Beyond the photo its edge goes on. Plain ones are neither portraits nor close-ups, nor turned.
///
/// - `picture`: `[size, size, 3]`
/// - `labels`: `[size, size]`
pub fn crop(
    scene: &Scene,
    size: usize,
    plain: bool,
    rng: &mut SmallRng,
    picture: &mut [u8],
    labels: &mut [u8],
) {
    let (width, height) = scene.photo.dimensions();
    let (width, height) = (width as f32, height as f32);
    let share: f32 = match !plain && rng.random_bool(0.125) {
        true => rng.random_range(0.15..0.4),
        false => rng.random_range(0.42..1.05),
    };
    let head = (!plain && rng.random_bool(PORTRAITS)).then(|| head(scene));
    let head = head.flatten();
    let share = match head {
        Some(_) => rng.random_range(PORTRAIT),
        None => (share * size as f32 / USUAL_SIZE).min(MAX_SEEN),
    };
    // Enlarged further, a small photo shows nothing that a camera would.
    let side = (share * width.min(height)).max(size as f32 / MAX_ENLARGED);
    let [x, y] = match thing(scene, rng) {
        _ if let Some([x, top]) = head => [
            x + side * rng.random_range(-0.25..0.25),
            top + side * rng.random_range(0.25..0.5),
        ],
        Some(place) if rng.random_bool(0.8) => {
            let shift = 0.3 * side;
            place.map(|place| place + rng.random_range(-shift..shift))
        }
        _ => [width, height].map(|length| rng.random_range(0.0..length)),
    };
    let centre = [inside(x, width, side), inside(y, height, side)];
    let angle: f32 = match !plain && rng.random_bool(1.0 / 3.0) {
        true => rng.random_range(-12.0..12.0),
        false => 0.0,
    };
    let frame = Frame::new(
        centre,
        side / size as f32,
        [size as f32 / 2.0; 2],
        angle.to_radians(),
        rng.random_bool(0.5),
    );
    let (all, edge) = (Window::of(&scene.photo), Beyond::Edge);
    warp::photo(&scene.photo, all, edge, &frame, size, picture);
    let columns = scene.photo.width() as usize;
    warp::labels(&scene.labels, columns, all, edge, &frame, size, labels);
}

/// A place in something of the photo. Each label has the same share, whatever its size, and each
/// of its components by its extent.
fn thing(scene: &Scene, rng: &mut SmallRng) -> Option<[f32; 2]> {
    let mut labels: Vec<u8> = scene.components.iter().map(|c| c.label).collect();
    labels.sort_unstable();
    labels.dedup();
    let label = *labels.choose(rng)?;
    let components: Vec<_> = scene
        .components
        .iter()
        .filter(|c| c.label == label)
        .collect();
    let component = components
        .choose_weighted(rng, |c| (c.area as f32).sqrt())
        .ok()?;
    let place = |from: usize, to: usize, rng: &mut SmallRng| {
        let (from, to) = (from as f32, to as f32);
        from + (to - from) * rng.random_range(0.2..0.8)
    };
    Some([
        place(component.left, component.right, rng),
        place(component.top, component.bottom, rng),
    ])
}

/// The nearest place to `centre` of which a crop reaches beyond the photo by a twentieth at most.
fn inside(centre: f32, length: f32, side: f32) -> f32 {
    let margin = 0.45 * side;
    if 2.0 * margin >= length {
        return length / 2.0;
    }
    centre.clamp(margin, length - margin)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Kind;
    use crate::scenes::Settled;
    use image::{Rgb, RgbImage};
    use rand::SeedableRng;

    #[test]
    fn labels_stay_on_their_things_and_small_ones_get_their_share() {
        // A red coat with label 13 and small blue shoes with label 39 on grey.
        let what = |x: u32, y: u32| match (x, y) {
            (60..140, 40..160) => (13, [200, 0, 0]),
            (80..96, 170..180) => (39, [0, 0, 200]),
            _ => (0, [90, 90, 90]),
        };
        let photo = RgbImage::from_fn(200, 200, |x, y| Rgb(what(x, y).1));
        let labels = (0..40_000).map(|at| what(at % 200, at / 200).0).collect();
        let scene = Scene::new(300, photo, labels, Kind::Street, "a", Settled::default()).unwrap();
        let mut rng = SmallRng::seed_from_u64(1);
        let (mut wrong, mut all, mut shoes) = (0, 0, 0);
        for _ in 0..200 {
            let (mut picture, mut labels) = (vec![0; 3 * 128 * 128], vec![9; 128 * 128]);
            crop(&scene, 128, false, &mut rng, &mut picture, &mut labels);
            for (pixel, label) in picture.chunks(3).zip(&labels) {
                all += 1;
                wrong += usize::from(match *label {
                    13 => pixel[0] < 130,
                    39 => pixel[2] < 130,
                    0 => pixel[1] < 40,
                    _ => true,
                });
            }
            shoes += usize::from(labels.contains(&39));
        }
        // What lies on an edge has half of each colour.
        assert!(
            wrong * 100 < all,
            "{wrong} of {all} pixels are something else"
        );
        assert!(shoes > 90, "shoes in {shoes} of 200");
    }

    #[test]
    fn portraits_show_a_head_from_near() {
        use crate::scenes::label;
        let hair = label("hair").unwrap();
        let inside = |at: usize| (140..160).contains(&(at % 300)) && (30..60).contains(&(at / 300));
        let photo = RgbImage::new(300, 450);
        let labels = (0..300 * 450).map(|at| if inside(at) { hair } else { 0 });
        let settled = Settled::default();
        let scene = Scene::new(300, photo, labels.collect(), Kind::Street, "a", settled).unwrap();
        let large = |plain| {
            let mut rng = SmallRng::seed_from_u64(2);
            let shown = (0..200).filter(|_| {
                let (mut picture, mut labels) = (vec![0; 3 * 192 * 192], vec![9; 192 * 192]);
                crop(&scene, 192, plain, &mut rng, &mut picture, &mut labels);
                labels.iter().filter(|label| **label == hair).count() > 600
            });
            shown.count()
        };
        let [portraits, plain] = [large(false), large(true)];
        assert!(portraits > 50 && plain < 30, "{portraits} and {plain}");
    }

    #[test]
    fn crops_stay_in_the_photo() {
        assert_eq!(inside(0.0, 100.0, 50.0), 22.5);
        assert_eq!(inside(99.0, 100.0, 50.0), 77.5);
        assert_eq!(inside(10.0, 100.0, 120.0), 50.0);
    }
}
