//! What is not worn: photos of animals, buildings, tools and landscapes, and things cut out of photos, in any folders. A PNG
//! with transparency is such a thing, any other JPEG or PNG a photo without people.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use image::{DynamicImage, GenericImageView};
use rayon::prelude::*;

use super::labels::{BACKGROUND, LEAVES, LabelSet, Settled, UNDECIDED};
use super::{Reading, Scene, parts};
use crate::data::{Kind, Skipped, Split, read_photo, split_of};

/// What is less opaque is not of a thing.
const OPAQUE: u8 = 200;

/// Reads them on all cores; every fifth is unseen, of these photos only.
///
/// # Errors
/// A folder that cannot be read, or has no pictures; pictures of which more than the half are too small or damaged.
pub fn load(folder: &Path, reading: Reading) -> Result<Vec<Scene>> {
    let files = pictures(folder)?;
    let inside = |file: &PathBuf| {
        let inside = file.strip_prefix(folder).unwrap_or(file);
        inside.with_extension("").to_string_lossy().into_owned()
    };
    let of_split = files
        .iter()
        .filter(|file| split_of(&inside(file)) == reading.split);
    let read: Vec<Result<Scene>> = reading
        .some(of_split.collect())
        .par_iter()
        .map(|file| scene(&read_photo(file)?, &inside(file), reading.short))
        .collect();
    let mut skipped = Skipped::default();
    let mut scenes: Vec<Scene> = read
        .into_iter()
        .filter_map(|scene| skipped.ok(scene))
        .collect();
    skipped.tell(scenes.len(), "photos of things that are not worn")?;
    if reading.split == Split::Unseen {
        scenes.retain(|scene| !is_cut_out(scene));
    }
    ensure!(
        !scenes.is_empty(),
        "there are no pictures in {}",
        folder.display()
    );
    Ok(scenes)
}

/// Whether a scene is a thing alone: all around it is undecided.
pub fn is_cut_out(scene: &Scene) -> bool {
    scene.source == Kind::Objects && scene.labels.contains(&UNDECIDED)
}

/// A photo is background, and leaves where it is green. Of a thing nobody knows whether its green is leaves.
fn scene(picture: &DynamicImage, name: &str, short: u32) -> Result<Scene> {
    let photo = picture.to_rgb8();
    let cut_out =
        picture.color().has_alpha() && picture.pixels().any(|(_, _, pixel)| pixel.0[3] < OPAQUE);
    let (labels, settled) = if cut_out {
        let labels = picture.to_rgba8();
        let labels = labels.pixels().map(|pixel| match pixel.0[3] {
            OPAQUE.. => BACKGROUND,
            _ => UNDECIDED,
        });
        let settled = Settled {
            open: [LEAVES].into_iter().collect(),
            ..Settled::default()
        };
        (labels.collect(), settled)
    } else {
        let mut labels = vec![BACKGROUND; photo.as_raw().len() / 3];
        parts::leaves(&photo, &mut labels);
        // What may be leaves is no garment, whichever it is.
        for label in labels.iter_mut().filter(|label| **label == UNDECIDED) {
            *label = LEAVES;
        }
        (labels, Settled::default())
    };
    Scene::new(short, photo, labels, Kind::Objects, name, settled)
}

/// What of a thing's scene is the thing.
pub fn thing() -> LabelSet {
    [BACKGROUND].into_iter().collect()
}

/// The pictures of a folder and of those in it, in the order of their names.
///
/// # Errors
/// A folder that cannot be read.
pub fn pictures(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder);
        for entry in entries.with_context(|| format!("cannot read {}", folder.display()))? {
            let path = entry?.path();
            let picture = path
                .extension()
                .is_some_and(|end| end == "jpg" || end == "png");
            if path.is_dir() {
                folders.push(path);
            } else if picture {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgb, RgbImage, Rgba, RgbaImage};

    /// Thirty photos, half grey and half green, and ten red discs cut out.
    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: String| folder.path().join(name);
        std::fs::create_dir_all(at("animals/birds".into())).unwrap();
        for n in 0..30 {
            let half = |x: u32, _| {
                if x < 32 {
                    Rgb([90; 3])
                } else {
                    Rgb([30, 150, 40])
                }
            };
            let photo = RgbImage::from_fn(64, 48, half);
            photo.save(at(format!("animals/birds/{n}.png"))).unwrap();
            let disc = |x: u32, y: u32| {
                let inside = (x as f32 - 32.0).hypot(y as f32 - 32.0) < 25.0;
                Rgba([200, 0, 0, if inside { 255 } else { 0 }])
            };
            let thing = RgbaImage::from_fn(64, 64, disc);
            thing.save(at(format!("animals/{n}.png"))).unwrap();
        }
        folder
    }

    #[test]
    fn photos_are_background_and_leaves_and_things_end_where_they_are_transparent() {
        let folder = folder();
        let scenes = load(folder.path(), Reading::of(Split::Train)).unwrap();
        let (things, photos): (Vec<_>, Vec<_>) = scenes.iter().partition(|scene| is_cut_out(scene));
        assert!(things.len() > 15 && photos.len() > 15);
        let count =
            |scene: &Scene, label: u8| scene.labels.iter().filter(|is| **is == label).count();
        let area = std::f32::consts::PI * 25.0 * 25.0;
        for thing in things {
            assert!((count(thing, BACKGROUND) as f32 - area).abs() < 60.0);
            assert_eq!(count(thing, LEAVES), 0);
            assert!(!thing.settled.word([LEAVES].into_iter().collect()));
        }
        for photo in photos {
            let leaves = count(photo, LEAVES);
            assert!(
                (64 * 48 * 2 / 5..64 * 48 * 3 / 5).contains(&leaves),
                "{leaves}"
            );
            assert_eq!(count(photo, UNDECIDED), 0);
        }
    }

    #[test]
    fn unseen_are_other_photos_and_no_things() {
        let folder = folder();
        let [seen, unseen] = [Split::Train, Split::Unseen]
            .map(|split| load(folder.path(), Reading::of(split)).unwrap());
        assert!(!unseen.iter().any(is_cut_out));
        let named = |scene: &Scene| seen.iter().any(|other| other.name == scene.name);
        assert!(!unseen.is_empty() && !unseen.iter().any(named));
    }

    #[test]
    fn a_folder_without_pictures_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let error = load(folder.path(), Reading::of(Split::Train)).unwrap_err();
        assert!(error.to_string().contains("no pictures"), "{error}");
    }
}
