//! Clothing Co-Parsing (Yang, Luo and Lin, CVPR 2014), in its published layout: photos of dressed
//! people `photos/0001.jpg`, a label for each pixel `annotations/pixel-level/0001.mat`
//! (`groundtruth`), and the names of the labels `label_list.mat`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use image::RgbImage;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::labels::{BACKGROUND, CENTRE, FLOWER, LEAVES, Settled, label};
use super::{Reading, Scene, UNDECIDED};
use crate::data::{Kind, Mat, Skipped, Split, read_photo};

/// One photo in nine is unseen, about 110 of the 1,004 that have masks, by what its name hashes to.
const KEPT_OUT: u8 = 9;

/// Reads the photos that have masks, on all cores.
///
/// # Errors
/// Names of labels that are missing or unknown; photos of which more than the half are missing or
/// damaged.
pub fn load(folder: &Path, reading: Reading) -> Result<Vec<Scene>> {
    let numbers = numbers(&folder.join("label_list.mat"))?;
    let masks = folder.join("annotations").join("pixel-level");
    let mut files = std::fs::read_dir(&masks)
        .with_context(|| format!("cannot read {}", masks.display()))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<PathBuf>>>()?;
    files.retain(|file| file.extension().is_some_and(|end| end == "mat"));
    files.retain(|file| split_of(&name(file)) == reading.split);
    files.sort();
    let files = reading.some(files);
    let read: Vec<Result<Scene>> = files
        .par_iter()
        .map(|file| scene(folder, file, &numbers, reading.short))
        .collect();
    let mut skipped = Skipped::default();
    let scenes: Vec<Scene> = read
        .into_iter()
        .filter_map(|scene| skipped.ok(scene))
        .collect();
    skipped.tell(scenes.len(), "street photos")?;
    ensure!(
        !scenes.is_empty(),
        "there are no masks in {}",
        masks.display()
    );
    Ok(scenes)
}

/// The part that a photo belongs to.
fn split_of(name: &str) -> Split {
    match Sha256::digest(name)[0] % KEPT_OUT {
        0 => Split::Unseen,
        _ => Split::Train,
    }
}

fn name(file: &Path) -> String {
    let name = file.file_stem().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// The number here of each number there.
fn numbers(list: &Path) -> Result<Vec<u8>> {
    let names = Mat::read(list)?.texts("label_list")?;
    let number = |name: &String| match name.as_str() {
        "null" => Ok(BACKGROUND),
        name => label(name)
            .filter(|label| !matches!(*label, FLOWER | CENTRE | LEAVES))
            .with_context(|| {
                format!(
                    "{} names a label that is not known: “{name}”",
                    list.display()
                )
            }),
    };
    names.iter().map(number).collect()
}

fn scene(folder: &Path, file: &Path, numbers: &[u8], short: u32) -> Result<Scene> {
    let name = name(file);
    let photo = folder.join("photos").join(&name).with_extension("jpg");
    let photo = read_photo(&photo)?.to_rgb8();
    let (rows, columns, mut labels) = Mat::read(file)?.labels("groundtruth")?;
    ensure!(
        (columns as u32, rows as u32) == photo.dimensions(),
        "{}: the mask has another size than the photo",
        file.display()
    );
    for label in &mut labels {
        let number = numbers.get(usize::from(*label));
        *label = number.copied().unwrap_or(UNDECIDED);
    }
    suits(&photo, &mut labels);
    // Every pixel has one of all 59 labels, and there are no flowers: everything is settled.
    Scene::new(
        short,
        photo,
        labels,
        Kind::Street,
        &name,
        Settled::default(),
    )
}

/// What is worn below a jacket.
const BELOW: [&str; 9] = [
    "dress",
    "jeans",
    "leggings",
    "pants",
    "romper",
    "shorts",
    "skirt",
    "stockings",
    "tights",
];
/// Something has a label of its own from this many pixels on.
const SOME: usize = 400;
/// Two things are of one colour when no channel's mean differs by more, of 255.
const LIKE: f32 = 40.0;

/// "Suit" is nearly always said of a jacket here, with a skirt or trousers below that have a label of their own: that
/// is a blazer, as the like are called in the other photos. Trousers of a blazer's colour are the suit's.
fn suits(photo: &RgbImage, labels: &mut [u8]) {
    let [suit, blazer, pants] = ["suit", "blazer", "pants"].map(label);
    let (Some(suit), Some(blazer), Some(pants)) = (suit, blazer, pants) else {
        return;
    };
    let count = |of: u8, labels: &[u8]| labels.iter().filter(|label| **label == of).count();
    let below = |name: &&str| label(name).is_some_and(|label| count(label, labels) >= SOME);
    if BELOW.iter().any(below) {
        let suits = labels.iter_mut().filter(|label| **label == suit);
        suits.for_each(|label| *label = blazer);
    }
    let mean = |of: u8| {
        let pixels = photo.pixels().zip(labels.iter());
        let own = pixels.filter(|(_, label)| **label == of);
        let (mut sums, mut pixels) = ([0.0f32; 3], 0usize);
        for (pixel, _) in own {
            (0..3).for_each(|i| sums[i] += f32::from(pixel.0[i]));
            pixels += 1;
        }
        (pixels >= SOME).then(|| sums.map(|sum| sum / pixels as f32))
    };
    let (Some(above), Some(below)) = (mean(blazer), mean(pants)) else {
        return;
    };
    if above.iter().zip(below).all(|(a, b)| (a - b).abs() < LIKE) {
        let trousers = labels.iter_mut().filter(|label| **label == pants);
        trousers.for_each(|label| *label = suit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::mat_files;
    use image::{Rgb, RgbImage};

    fn published(folder: &Path, names: &[&str]) {
        std::fs::create_dir_all(folder.join("photos")).unwrap();
        std::fs::create_dir_all(folder.join("annotations/pixel-level")).unwrap();
        let list = mat_files::cells("label_list", names);
        mat_files::write(&folder.join("label_list.mat"), &[list]);
    }

    fn person(folder: &Path, name: &str, labels: &[u8], width: u32, height: u32) {
        let photo = RgbImage::from_pixel(width, height, Rgb([90, 90, 90]));
        photo
            .save(folder.join("photos").join(name).with_extension("jpg"))
            .unwrap();
        let truth = mat_files::labels("groundtruth", labels.len() / 60, labels);
        let file = folder.join("annotations/pixel-level").join(name);
        mat_files::write(&file.with_extension("mat"), &[truth]);
    }

    #[test]
    fn masks_are_read_by_the_names_of_their_labels() {
        let folder = tempfile::tempdir().unwrap();
        published(folder.path(), &["null", "hair", "t-shirt"]);
        // Hair in the upper right of 40 x 60, a T-shirt below, a number without a name in a corner.
        let mut labels = vec![0; 40 * 60];
        for y in 0..60 {
            for x in 0..40 {
                labels[y * 40 + x] = match (x, y) {
                    (0, 59) => 9,
                    (20.., ..20) => 1,
                    (.., 30..) => 2,
                    _ => 0,
                };
            }
        }
        for n in 0..60 {
            person(folder.path(), &format!("{n:04}"), &labels, 40, 60);
        }
        person(folder.path(), "other-size", &labels, 41, 60);
        let train = load(folder.path(), Reading::of(Split::Train)).unwrap();
        let unseen = load(folder.path(), Reading::of(Split::Unseen)).unwrap();
        assert_eq!(train.len() + unseen.len(), 60);
        assert!((2..15).contains(&unseen.len()), "{}", unseen.len());
        let scene = &train[0];
        let at = |x: usize, y: usize| scene.labels[y * 40 + x];
        assert_eq!((at(5, 5), at(30, 5), at(30, 40)), (0, 19, 51));
        assert_eq!(at(0, 59), UNDECIDED);
        assert_eq!(scene.settled.labels(), [true; 65]);
    }

    #[test]
    fn a_suit_is_a_blazer_and_trousers_of_its_colour() {
        let [suit, blazer, pants] = ["suit", "blazer", "pants"].map(|name| label(name).unwrap());
        let named = |below: u8, colour: u8| {
            let photo = RgbImage::from_fn(40, 60, |_, y| match y {
                ..30 => Rgb([60, 60, 70]),
                _ => Rgb([colour; 3]),
            });
            let mut labels: Vec<u8> = (0..40 * 60)
                .map(|at| if at < 40 * 30 { suit } else { below })
                .collect();
            suits(&photo, &mut labels);
            [labels[0], labels[40 * 59]]
        };
        assert_eq!(named(pants, 70), [blazer, suit]);
        assert_eq!(named(pants, 200), [blazer, pants]);
        let jeans = label("jeans").unwrap();
        assert_eq!(named(jeans, 70), [blazer, jeans]);
        // In one piece.
        assert_eq!(named(BACKGROUND, 70), [suit, BACKGROUND]);
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
        assert!(error().contains("label_list.mat"), "{}", error());
        published(folder.path(), &["null", "spacesuit"]);
        assert!(error().contains("“spacesuit”"), "{}", error());
        published(folder.path(), &["null"]);
        assert!(error().contains("no masks"), "{}", error());
    }
}
