//! Doubts about the masks of others: where a trained editor says the contrary, nobody has decided
//! (after Northcutt et al., "Confident Learning", 2021).
//!
//! Street photos name nobody but the one whom they are of; masks of clothes at home leave out sleeves and hoods, and
//! hold the floor between trouser legs.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use image::{DynamicImage, GrayImage, Luma, RgbImage, imageops};
use rayon::prelude::*;
use wordloom::engine::EditModel;

use super::labels::{BACKGROUND, UNDECIDED};
use super::{SHORT, Scene};
use crate::data::{Kind, Source, Split, read_photo};

/// What was left black is in doubt where it is more likely than this to be something worn, hair or skin.
const LIKELY: u8 = 128;
/// What was marked is in doubt where it is less likely than this.
const UNLIKELY: u8 = 38;
/// So near to what is marked, in pixels, street photos are right: edges are no doubts.
const NEAR: usize = 8;

/// What the editor is asked of these photos, where they can be in doubt.
fn asked(kind: Kind) -> Option<&'static [&'static str]> {
    match kind {
        Kind::Street => Some(&["clothes", "skin", "hair"]),
        Kind::Clothing => Some(&["clothes"]),
        _ => None,
    }
}

/// Writes how likely each pixel of the training photos is something to edit, as `NAME.png`, and gives their number.
///
/// # Errors
/// Photos that cannot be read, files that cannot be written.
pub fn write(engine: &EditModel, source: &Source, folder: &Path) -> Result<usize> {
    let Some(names) = asked(source.kind) else {
        return Ok(0);
    };
    let scenes = super::load(std::slice::from_ref(source), Split::Train)?;
    let write = |scene: &Scene| {
        let likely = likely(engine, &scene.photo, names)?;
        let (width, height) = scene.photo.dimensions();
        let likely = imageops::resize(&likely, width, height, imageops::FilterType::Triangle);
        let file = folder.join(&scene.name).with_extension("png");
        likely
            .save(&file)
            .with_context(|| format!("cannot write {}", file.display()))
    };
    scenes.par_iter().try_for_each(write)?;
    Ok(scenes.len())
}

/// How likely each pixel of a photo is any of these things, 255 for certain, at the resolution of the trunk.
///
/// # Errors
/// A photo that the editor refuses.
pub fn likely(engine: &EditModel, photo: &RgbImage, names: &[&str]) -> Result<GrayImage> {
    let (w, h) = photo.dimensions();
    let photo = DynamicImage::from(photo.clone()).to_rgba8();
    let look = pollster::block_on(engine.session().look(&photo, w as usize, h as usize))?;
    let order: Vec<String> = names.iter().map(|name| format!("{name} red")).collect();
    let asked = pollster::block_on(engine.read(&order.join(" and ")))?;
    let mut masks = pollster::block_on(engine.session().masks(&look, &asked.condition))?;
    masks.truncate(asked.clauses.len());
    let small = look.small();
    Ok(GrayImage::from_fn(
        small.width as u32,
        small.height as u32,
        |x, y| {
            let place = y as usize * small.width + x as usize;
            let most = masks
                .iter()
                .fold(0.0, |most: f32, mask| most.max(mask[place]));
            Luma([(255.0 * most + 0.5) as u8])
        },
    ))
}

/// Leaves undecided what is in doubt, where there is a file about it.
///
/// # Errors
/// A file that cannot be read, or is of another size.
pub fn apply(scene: Scene, folder: &Path) -> Result<Scene> {
    let file = folder.join(&scene.name).with_extension("png");
    if !file.is_file() {
        return Ok(scene);
    }
    let likely = read_photo(&file)?.to_luma8();
    ensure!(
        likely.dimensions() == scene.photo.dimensions(),
        "{} is not of its photo's size: made by an earlier version?",
        file.display()
    );
    let labels = doubted(&scene, &likely);
    let marked = |labels: &[u8]| {
        let marked = labels
            .iter()
            .filter(|label| !matches!(**label, BACKGROUND | UNDECIDED));
        marked.count()
    };
    // An editor that does not know a thing says nothing of its mask.
    if 2 * marked(&labels) < marked(&scene.labels) {
        return Ok(scene);
    }
    let Scene {
        photo,
        source,
        name,
        settled,
        ..
    } = scene;
    Scene::new(SHORT, photo, labels, source, &name, settled)
}

/// The labels of a photo less those in doubt.
fn doubted(scene: &Scene, likely: &GrayImage) -> Vec<u8> {
    let columns = scene.photo.width() as usize;
    let mut labels = scene.labels.clone();
    for (at, label) in labels.iter_mut().enumerate() {
        let (x, y) = (at % columns, at / columns);
        let likely = likely.get_pixel(x as u32, y as u32).0[0];
        let doubt = match *label {
            BACKGROUND if scene.source == Kind::Street => {
                likely >= LIKELY && !marked_near(scene, x, y)
            }
            BACKGROUND => scene.source == Kind::Clothing && likely >= LIKELY,
            _ => scene.source == Kind::Clothing && likely < UNLIKELY,
        };
        if doubt {
            *label = UNDECIDED;
        }
    }
    labels
}

/// Whether anything is marked in a square around a place.
fn marked_near(scene: &Scene, x: usize, y: usize) -> bool {
    let (width, height) = scene.photo.dimensions();
    let columns = x.saturating_sub(NEAR)..(x + NEAR + 1).min(width as usize);
    let mut rows = y.saturating_sub(NEAR)..(y + NEAR + 1).min(height as usize);
    rows.any(|y| {
        let row = &scene.labels[y * width as usize..];
        row[columns.clone()]
            .iter()
            .any(|label| *label != BACKGROUND)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenes::{Settled, label};

    /// Somebody's coat on the left; the editor sees it, somebody else on the right, and nothing in rows from 60 on.
    fn labels(kind: Kind) -> [u8; 4] {
        let coat = label("coat").unwrap();
        let own = |at: usize| if at % 100 < 30 { coat } else { BACKGROUND };
        let labels = (0..100 * 80).map(own).collect();
        let photo = RgbImage::new(100, 80);
        let scene = Scene::new(300, photo, labels, kind, "a", Settled::default()).unwrap();
        let seen = |x: u32, y: u32| y < 60 && (x < 34 || (60..90).contains(&x));
        let likely = GrayImage::from_fn(100, 80, |x, y| Luma([if seen(x, y) { 250 } else { 3 }]));
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(
            apply(scene.clone(), folder.path()).unwrap().labels,
            scene.labels
        );
        likely.save(folder.path().join("a.png")).unwrap();
        let found = apply(scene.clone(), folder.path()).unwrap();
        GrayImage::new(100, 80)
            .save(folder.path().join("a.png"))
            .unwrap();
        let unknown = apply(scene.clone(), folder.path()).unwrap();
        assert_eq!(unknown.labels, scene.labels, "nothing is known of coats");
        GrayImage::new(99, 80)
            .save(folder.path().join("a.png"))
            .unwrap();
        let error = apply(scene, folder.path()).unwrap_err().to_string();
        assert!(error.contains("its photo's size"), "{error}");
        [(10, 10), (32, 10), (70, 10), (10, 70)].map(|(x, y)| found.labels[y * 100 + x])
    }

    #[test]
    fn what_the_editor_sees_beside_the_mask_is_undecided() {
        let coat = label("coat").unwrap();
        // Edges are right, and what is marked is there.
        assert_eq!(labels(Kind::Street), [coat, BACKGROUND, UNDECIDED, coat]);
        assert_eq!(
            labels(Kind::Clothing),
            [coat, UNDECIDED, UNDECIDED, UNDECIDED]
        );
        assert_eq!(labels(Kind::Oxford17), [coat, BACKGROUND, BACKGROUND, coat]);
    }
}
