//! Somebody from near: most photos of people are portraits, and the street photos show all of everybody.

use image::imageops::{self, FilterType};

use super::Scene;
use super::labels::label;

/// How far down somebody is seen, of the height, and what there is above, of that.
const DOWN: f32 = 0.45;
const ABOVE: f32 = 0.06;

/// The width of a portrait, of its height.
const WIDE: f32 = 0.8;

/// The middle column of somebody's hair, and its first row.
pub fn head(scene: &Scene) -> Option<[f32; 2]> {
    let hair = label("hair")?;
    let hair = scene.components.iter().filter(|c| c.label == hair);
    let hair = hair.max_by_key(|c| c.area)?;
    Some([(hair.left + hair.right) as f32 / 2.0, hair.top as f32])
}

/// What is seen from the hair to the waist, as wide as the photo was; nothing where nobody's hair is seen.
pub fn portrait(scene: &Scene) -> Option<Scene> {
    let [x, top] = head(scene)?;
    let bottom = scene.components.iter().map(|c| c.bottom).max()?;
    let (width, height) = scene.photo.dimensions();
    let seen = DOWN * (bottom as f32 - top);
    let first = (top - ABOVE * seen).max(0.0);
    let tall = seen.min(height as f32 - first);
    let wide = (WIDE * tall).min(width as f32);
    let left = (x - wide / 2.0).clamp(0.0, width as f32 - wide);
    let [left, first, wide, tall] = [left, first, wide, tall].map(|length| length as u32);
    if wide < 32 || tall < 32 {
        return None;
    }
    let to = (width, width * tall / wide);
    let photo = imageops::crop_imm(&scene.photo, left, first, wide, tall).to_image();
    let labels = (0..to.0 * to.1).map(|at| {
        let (x, y) = (at % to.0, at / to.0);
        let (x, y) = (left + x * wide / to.0, first + y * tall / to.1);
        scene.labels[(y * width + x) as usize]
    });
    Scene::new(
        u32::MAX,
        imageops::resize(&photo, to.0, to.1, FilterType::Lanczos3),
        labels.collect(),
        scene.source,
        &scene.name,
        scene.settled,
    )
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Kind;
    use crate::scenes::Settled;
    use image::{Rgb, RgbImage};

    /// Somebody with black hair and a red coat on grey.
    fn person(hair: &str) -> Scene {
        let [hair, coat] = [hair, "coat"].map(|name| label(name).unwrap());
        let what = |x: u32, y: u32| match (x, y) {
            (90..110, 30..50) => (hair, [0, 0, 0]),
            (80..120, 50..230) => (coat, [200, 0, 0]),
            _ => (0, [90, 90, 90]),
        };
        let photo = RgbImage::from_fn(200, 300, |x, y| Rgb(what(x, y).1));
        let labels = (0..200 * 300).map(|at| what(at % 200, at / 200).0);
        let settled = Settled::default();
        Scene::new(300, photo, labels.collect(), Kind::Street, "a", settled).unwrap()
    }

    #[test]
    fn a_portrait_is_from_the_hair_to_the_waist() {
        let (whole, near) = (person("hair"), portrait(&person("hair")).unwrap());
        assert_eq!(near.photo.width(), whole.photo.width());
        let share = |scene: &Scene, name| {
            let label = label(name).unwrap();
            let count = scene.labels.iter().filter(|l| **l == label).count();
            count as f32 / scene.labels.len() as f32
        };
        assert!(share(&near, "hair") > 6.0 * share(&whole, "hair"));
        assert!(share(&near, "coat") > 0.25, "{}", share(&near, "coat"));
        // Photo and labels are of the same places.
        let red = |at: &usize| near.photo.as_raw()[3 * at] > 150;
        let coat = |at: &usize| near.labels[*at] == label("coat").unwrap();
        let wrong = (0..near.labels.len())
            .filter(|at| red(at) != coat(at))
            .count();
        assert!(100 * wrong < 2 * near.labels.len(), "{wrong}");
        assert!(portrait(&person("shoes")).is_none());
    }
}
