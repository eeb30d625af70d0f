//! What is not worn: photos of animals, buildings, tools and landscapes, and things cut out of photos, in any folders. A PNG
//! with transparency is such a thing, any other JPEG or PNG a photo without people. In a folder that is called as a label is,
//! things are that: whole hats, of which photos of people show no more than a brim around a head.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use image::DynamicImage;
use rayon::prelude::*;

use super::labels::{BACKGROUND, Settled, UNDECIDED, label};
use super::{Reading, Scene};
use crate::data::{Kind, Skipped, Split, read_photo, split_of};

/// What is less opaque is not of a thing.
const OPAQUE: u8 = 200;

/// Reads them on all cores; every fifth photo is unseen, and all things are for training.
///
/// # Errors
/// A folder that cannot be read, or has no photos of this part; pictures of which more than the half are too small or
/// damaged.
pub fn load(folder: &Path, reading: Reading) -> Result<Vec<Scene>> {
    let name = |file: &Path| {
        let inside = file.strip_prefix(folder).unwrap_or(file);
        inside.with_extension("").to_string_lossy().into_owned()
    };
    let read = |file: &PathBuf| {
        let (name, picture) = (name(file), read_photo(file)?);
        let wanted = match is_thing(&picture) {
            true => reading.split == Split::Train,
            false => split_of(&name) == reading.split,
        };
        wanted
            .then(|| scene(&picture, &name, reading.short))
            .transpose()
    };
    let read: Vec<Result<Option<Scene>>> = pictures(folder)?.par_iter().map(read).collect();
    let mut skipped = Skipped::default();
    let scenes = read.into_iter().filter_map(|scene| skipped.ok(scene));
    let scenes: Vec<Scene> = scenes.flatten().collect();
    skipped.tell(scenes.len(), "photos of things that are not worn")?;
    ensure!(
        !scenes.is_empty(),
        "there are no photos for this in {}",
        folder.display()
    );
    Ok(reading.some(scenes))
}

fn is_thing(picture: &DynamicImage) -> bool {
    let transparent = |pixel: &image::Rgba<u8>| pixel.0[3] < OPAQUE;
    picture.color().has_alpha() && picture.to_rgba8().pixels().any(transparent)
}

/// Whether a scene is a thing alone: all around it is undecided.
pub fn is_cut_out(scene: &Scene) -> bool {
    scene.source == Kind::Objects && scene.labels.contains(&UNDECIDED)
}

/// All of it is background, if its folder has no label's name; nobody knows what of that is leaves.
fn scene(picture: &DynamicImage, name: &str, short: u32) -> Result<Scene> {
    let folder = Path::new(name).parent().and_then(Path::file_name);
    let named = folder.and_then(|folder| label(folder.to_str()?));
    let is = named.filter(|_| is_thing(picture)).unwrap_or(BACKGROUND);
    let pixels = picture.to_rgba8();
    let labels = pixels.pixels().map(|pixel| match pixel.0[3] {
        OPAQUE.. => is,
        _ => UNDECIDED,
    });
    let settled = Settled::default().perhaps_leaves(true);
    Scene::new(
        short,
        picture.to_rgb8(),
        labels.collect(),
        Kind::Objects,
        name,
        settled,
    )
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
    use crate::scenes::LabelSet;
    use image::{Rgb, RgbImage, Rgba, RgbaImage};

    /// Thirty photos, and as many red discs cut out.
    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: String| folder.path().join(name);
        std::fs::create_dir_all(at("animals/birds".into())).unwrap();
        for n in 0..30 {
            let photo = RgbImage::from_pixel(64, 48, Rgb([30, 150, 40]));
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
    fn photos_are_background_and_things_end_where_they_are_transparent() {
        let folder = folder();
        let scenes = load(folder.path(), Reading::of(Split::Train)).unwrap();
        let (things, photos): (Vec<_>, Vec<_>) = scenes.iter().partition(|scene| is_cut_out(scene));
        assert_eq!(things.len(), 30);
        let area = std::f32::consts::PI * 25.0 * 25.0;
        for thing in things {
            let own = thing.labels.iter().filter(|is| **is == BACKGROUND);
            assert!((own.count() as f32 - area).abs() < 60.0);
        }
        for photo in photos {
            assert!(photo.labels.iter().all(|is| *is == BACKGROUND));
            let word = |names: &[&str]| photo.settled.word(LabelSet::of(names));
            assert!(word(&["coat"]) && word(&["background", "leaves"]) && !word(&["leaves"]));
        }
    }

    #[test]
    fn unseen_are_other_photos_and_no_things() {
        let folder = folder();
        let [seen, unseen] = [Split::Train, Split::Unseen]
            .map(|split| load(folder.path(), Reading::of(split)).unwrap());
        assert_eq!(seen.len() + unseen.len(), 60);
        assert!(!unseen.is_empty() && !unseen.iter().any(is_cut_out));
        let named = |scene: &Scene| seen.iter().any(|other| other.name == scene.name);
        assert!(!unseen.iter().any(named));
    }

    #[test]
    fn things_in_a_folder_of_a_label_s_name_are_that() {
        let folder = folder();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("drawn/hat")).unwrap();
        std::fs::rename(at("animals/1.png"), at("drawn/hat/1.png")).unwrap();
        std::fs::rename(at("animals/birds/2.png"), at("drawn/hat/2.png")).unwrap();
        let splits = [Split::Train, Split::Unseen];
        let scenes = splits.map(|split| load(folder.path(), Reading::of(split)).unwrap());
        let named = |name: &str| {
            let mut scenes = scenes.iter().flatten();
            scenes.find(|scene| scene.name == name).unwrap()
        };
        let hat = label("hat").unwrap();
        assert!(named("drawn/hat/1").labels.contains(&hat));
        assert!(!named("drawn/hat/1").labels.contains(&BACKGROUND));
        let photo = named("drawn/hat/2");
        assert!(photo.labels.iter().all(|is| *is == BACKGROUND));
    }

    #[test]
    fn a_folder_without_pictures_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let error = load(folder.path(), Reading::of(Split::Train)).unwrap_err();
        assert!(error.to_string().contains("no photos"), "{error}");
    }
}
