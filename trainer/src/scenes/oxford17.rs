//! Oxford-17 flowers with trimaps (Nilsback and Zisserman, CVPR 2006), in its published layout
//! with both made 256 x 256: `images_256/image_0001.jpg`, `labels_256/image_0001.png`. There are
//! 17 classes of 80 photos each, one after the other.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use image::GrayImage;
use rayon::prelude::*;

use super::labels::{BACKGROUND, CENTRE, FLOWER, Settled, UNDECIDED};
use super::{Reading, Scene, parts};
use crate::data::{Kind, Skipped, Split, read_photo};

/// Photos of a class.
const PER_CLASS: usize = 80;
/// Every fourth class is unseen, four of the 17: bluebells, tulips, coltsfoot and windflowers.
const KEPT_OUT: usize = 4;

/// Classes whose flowers show a middle: daffodils, sunflowers, daisies, coltsfoot, dandelions,
/// buttercups, windflowers. Who asks for the middle of an iris is not answered.
const WITH_CENTRE: [usize; 7] = [1, 10, 11, 12, 13, 15, 16];

/// What the trimaps say.
const MARKED_FLOWER: u8 = 1;
const MARKED_LEAVES: u8 = 2;
const MARKED_BACKGROUND: u8 = 3;
const MARKED_SKY: u8 = 4;

/// Reads the photos that have trimaps, on all cores; every fourth class is unseen.
///
/// # Errors
/// A folder without trimaps; photos of which more than the half are missing or damaged.
pub fn load(folder: &Path, reading: Reading) -> Result<Vec<Scene>> {
    let masks = folder.join("labels_256");
    let mut files = std::fs::read_dir(&masks)
        .with_context(|| format!("cannot read {}", masks.display()))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<PathBuf>>>()?;
    files.retain(|file| file.extension().is_some_and(|end| end == "png"));
    files.sort();
    let of_split: Vec<&PathBuf> = files
        .iter()
        .filter(|file| {
            class(file)
                .is_none_or(|class| (class % KEPT_OUT == 0) == (reading.split == Split::Unseen))
        })
        .collect();
    let of_split = reading.some(of_split);
    let read: Vec<Result<Scene>> = of_split
        .par_iter()
        .map(|file| scene(folder, file, reading.short))
        .collect();
    let mut skipped = Skipped::default();
    let scenes: Vec<Scene> = read
        .into_iter()
        .filter_map(|scene| skipped.ok(scene))
        .collect();
    skipped.tell(scenes.len(), "photos of flowers with trimaps")?;
    ensure!(
        !scenes.is_empty(),
        "there are no trimaps in {}",
        masks.display()
    );
    Ok(scenes)
}

/// The class of `image_0081.png` is 2.
fn class(file: &Path) -> Option<usize> {
    let name = file.file_stem()?.to_str()?;
    let number: usize = name.strip_prefix("image_")?.parse().ok()?;
    Some(number.checked_sub(1)? / PER_CLASS + 1)
}

fn scene(folder: &Path, file: &Path, short: u32) -> Result<Scene> {
    let class = class(file);
    ensure!(class.is_some(), "{} is no image_NUMBER.png", file.display());
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let photo = folder.join("images_256").join(&*name).with_extension("jpg");
    let photo = read_photo(&photo)?.to_rgb8();
    let trimap = read_photo(file)?.to_luma8();
    ensure!(
        trimap.dimensions() == photo.dimensions(),
        "{}: the trimap has another size than the photo",
        file.display()
    );
    let mut labels = labels(&trimap);
    parts::leaves(&photo, &mut labels);
    let settled = if class.is_some_and(|class| WITH_CENTRE.contains(&class)) {
        parts::centres(&photo, &mut labels)
    } else {
        // All of it is petals, and "flower" covers both.
        Settled {
            doubtful: [CENTRE].into_iter().collect(),
            doubted: [FLOWER].into_iter().collect(),
            ..Settled::default()
        }
    };
    Scene::new(short, photo, labels, Kind::Oxford17, &name, settled)
}

/// Our labels for those of a trimap. It was made smaller by mixing numbers: between background
/// (3) and what is undecided (0) runs a thin line of leaves (2) and flower (1) that is neither.
fn labels(trimap: &GrayImage) -> Vec<u8> {
    let (width, height) = trimap.dimensions();
    let marked = trimap.as_raw();
    let solid = |x: u32, y: u32| {
        let mark = trimap.get_pixel(x, y).0[0];
        let rows = y.saturating_sub(1)..(y + 2).min(height);
        rows.flat_map(|y| (x.saturating_sub(1)..(x + 2).min(width)).map(move |x| (x, y)))
            .all(|(x, y)| trimap.get_pixel(x, y).0[0] == mark)
    };
    // What has the mark and is inside of some of it, or beside that.
    let thick = |x: u32, y: u32, mark: u8| {
        let rows = y.saturating_sub(1)..(y + 2).min(height);
        rows.flat_map(|y| (x.saturating_sub(1)..(x + 2).min(width)).map(move |x| (x, y)))
            .any(|(x, y)| trimap.get_pixel(x, y).0[0] == mark && solid(x, y))
    };
    let label = |at: usize| {
        let (x, y) = (at as u32 % width, at as u32 / width);
        match marked[at] {
            MARKED_FLOWER if thick(x, y, MARKED_FLOWER) => FLOWER,
            // Leaves are told by their green afterwards.
            MARKED_LEAVES if solid(x, y) => BACKGROUND,
            MARKED_BACKGROUND | MARKED_SKY => BACKGROUND,
            _ => UNDECIDED,
        }
    };
    (0..marked.len()).map(label).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenes::labels::{LEAVES, LabelSet};
    use image::{Luma, Rgb, RgbImage};

    /// A white flower with a yellow middle on green, and a stone.
    fn photo(x: u32, y: u32) -> (u8, [u8; 3]) {
        let distance = (x as f32 - 64.0).hypot(y as f32 - 64.0);
        match distance as u32 {
            ..10 => (MARKED_FLOWER, [240, 200, 30]),
            10..36 => (MARKED_FLOWER, [245, 245, 245]),
            36..40 => (0, [120, 140, 120]),
            40 => (1, [40, 130, 40]),
            41 => (2, [40, 130, 40]),
            _ if y > 115 => (MARKED_BACKGROUND, [130, 125, 120]),
            _ => (MARKED_BACKGROUND, [40, 130, 40]),
        }
    }

    fn published(folder: &Path, numbers: impl Iterator<Item = usize>) {
        for sub in ["images_256", "labels_256"] {
            std::fs::create_dir_all(folder.join(sub)).unwrap();
        }
        for n in numbers {
            let image = RgbImage::from_fn(128, 128, |x, y| Rgb(photo(x, y).1));
            image
                .save(folder.join(format!("images_256/image_{n:04}.jpg")))
                .unwrap();
            let trimap = GrayImage::from_fn(128, 128, |x, y| Luma([photo(x, y).0]));
            trimap
                .save(folder.join(format!("labels_256/image_{n:04}.png")))
                .unwrap();
        }
    }

    #[test]
    fn flowers_have_middles_and_leaves() {
        let folder = tempfile::tempdir().unwrap();
        published(folder.path(), (1..=1).chain(241..=242));
        let train = load(folder.path(), Reading::of(Split::Train)).unwrap();
        let unseen = load(folder.path(), Reading::of(Split::Unseen)).unwrap();
        assert_eq!((train.len(), unseen.len()), (1, 2));
        assert_eq!(unseen[0].name, "image_0241");
        let scene = &train[0];
        let at = |x: usize, y: usize| scene.labels[y * 128 + x];
        assert_eq!((at(64, 64), at(64, 70)), (CENTRE, CENTRE));
        assert_eq!((at(64, 84), at(44, 64)), (FLOWER, FLOWER));
        assert_eq!((at(10, 10), at(10, 124)), (LEAVES, BACKGROUND));
        assert_eq!((at(64, 102), at(64, 104)), (UNDECIDED, UNDECIDED));
        assert!(scene.settled.labels().iter().all(|settled| *settled));
        // Nobody knows the middle of a bluebell.
        let word = |labels: &[u8]| {
            let labels: LabelSet = labels.iter().copied().collect();
            unseen[0].settled.word(labels)
        };
        assert!(word(&[FLOWER]) && word(&[FLOWER, CENTRE]) && !word(&[CENTRE]));
    }

    #[test]
    fn a_wrong_folder_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let error = || {
            format!(
                "{:#}",
                load(folder.path(), Reading::of(Split::Train)).unwrap_err()
            )
        };
        assert!(error().contains("labels_256"), "{}", error());
        std::fs::create_dir_all(folder.path().join("labels_256")).unwrap();
        assert!(error().contains("no trimaps"), "{}", error());
        published(folder.path(), 1..=1);
        std::fs::remove_file(folder.path().join("images_256/image_0001.jpg")).unwrap();
        assert!(error().contains("image_0001.jpg"), "{}", error());
    }
}
