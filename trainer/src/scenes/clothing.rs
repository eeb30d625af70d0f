//! The clothing data set of A. Grigorev (`images/UUID.jpg`, `images.csv`) with masks
//! `masks/UUID.png`, white on the garment. Photos without a mask are passed over.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use rayon::prelude::*;

use super::labels::{LabelSet, Settled, label};
use super::{Reading, Scene};
use crate::data::{Kind, Quoting, Skipped, Table, read_photo, split_of};

/// What nobody marked in these photos, and what may be in them: somebody may wear the garment.
const OPEN: [&str; 10] = [
    "accessories",
    "bracelet",
    "earrings",
    "glasses",
    "hair",
    "necklace",
    "ring",
    "skin",
    "sunglasses",
    "watch",
];

/// Their labels, in lower case; ours; and what others call such a garment. Its name in the data
/// set says too little for these, so that they are not asked.
const GARMENTS: [(&str, &str, &[&str]); 14] = [
    ("t-shirt", "t-shirt", &["top"]),
    (
        "longsleeve",
        "longsleeve",
        &[
            "blouse",
            "bodysuit",
            "cardigan",
            "hoodie",
            "jumper",
            "shirt",
            "sweater",
            "sweatshirt",
            "t-shirt",
            "top",
        ],
    ),
    ("polo", "polo", &["shirt", "t-shirt", "top"]),
    (
        "undershirt",
        "undershirt",
        &["bodysuit", "t-shirt", "top", "vest"],
    ),
    ("shirt", "shirt", &["blouse", "jacket"]),
    ("shorts", "shorts", &["swimwear"]),
    ("skirt", "skirt", &[]),
    ("pants", "pants", &["jeans", "leggings", "suit", "tights"]),
    ("dress", "dress", &["romper"]),
    ("blazer", "blazer", &["jacket"]),
    ("blouse", "blouse", &["shirt", "top"]),
    (
        "hoodie",
        "hoodie",
        &["cardigan", "jacket", "sweater", "sweatshirt"],
    ),
    ("outwear", "jacket", &["blazer", "cape", "coat", "vest"]),
    (
        "top",
        "top",
        &["blouse", "bodysuit", "shirt", "t-shirt", "vest"],
    ),
];

/// Reads the photos that have masks, on all cores; every fifth is unseen.
///
/// # Errors
/// A table that is missing or lacks a column; photos of which more than the half are missing or
/// damaged; no masks at all.
pub fn load(folder: &Path, reading: Reading) -> Result<Vec<Scene>> {
    let table = Table::read(&folder.join("images.csv"), Quoting::Quoted)?;
    let columns = table.columns(["image", "label"])?;
    table.broken.tell(table.rows.len(), "lines")?;
    let masks = folder.join("masks");
    let photos: Vec<_> = table
        .rows
        .iter()
        .map(|row| columns.map(|column| row[column].as_str()))
        .filter_map(|[name, label]| Some((name, garment(label)?)))
        .filter(|(name, _)| split_of(name) == reading.split)
        .filter(|(name, _)| masks.join(name).with_extension("png").is_file())
        .collect();
    let photos = reading.some(photos);
    let read: Vec<Result<Scene>> = photos
        .par_iter()
        .map(|&(name, (label, settled))| scene(folder, name, label, settled, reading.short))
        .collect();
    let mut skipped = Skipped::default();
    let scenes: Vec<Scene> = read
        .into_iter()
        .filter_map(|scene| skipped.ok(scene))
        .collect();
    skipped.tell(scenes.len(), "photos of clothes")?;
    ensure!(
        !scenes.is_empty(),
        "there are no masks in {}",
        masks.display()
    );
    Ok(scenes)
}

/// The label that a garment's name means, and what it settles.
fn garment(name: &str) -> Option<(u8, Settled)> {
    let name = name.to_ascii_lowercase();
    let (_, ours, doubtful) = GARMENTS.iter().find(|(known, ..)| *known == name)?;
    let settled = Settled {
        open: LabelSet::of(&OPEN),
        doubtful: LabelSet::of(doubtful),
        doubted: LabelSet::of(&[ours]),
    };
    Some((label(ours)?, settled))
}

fn scene(folder: &Path, name: &str, label: u8, settled: Settled, short: u32) -> Result<Scene> {
    let photo = read_photo(&folder.join("images").join(name).with_extension("jpg"))?;
    let mask = read_photo(&folder.join("masks").join(name).with_extension("png"))?;
    let (photo, mask) = (photo.to_rgb8(), mask.to_luma8());
    Scene::from_mask(short, photo, &mask, label, Kind::Clothing, name, settled)
        .context("a photo of clothes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Split;
    use image::{GrayImage, Luma, Rgb, RgbImage};

    #[test]
    fn masks_get_the_label_of_their_garment() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("images")).unwrap();
        std::fs::create_dir_all(at("masks")).unwrap();
        let mut lines = String::from("image,sender_id,label,kids\n");
        for (n, label) in ["Longsleeve", "Pants", "Hat", "T-Shirt"]
            .iter()
            .cycle()
            .take(40)
            .enumerate()
        {
            lines += &format!("p{n},1,{label},False\n");
            let photo = RgbImage::from_pixel(40, 50, Rgb([9, 9, 9]));
            photo.save(at(&format!("images/p{n}.jpg"))).unwrap();
            let mask = GrayImage::from_fn(40, 50, |x, _| Luma([if x < 20 { 255 } else { 0 }]));
            // The last ones have no mask.
            if n < 32 {
                mask.save(at(&format!("masks/p{n}.png"))).unwrap();
            }
        }
        std::fs::write(at("images.csv"), lines).unwrap();
        let scenes: Vec<Scene> = [Split::Train, Split::Unseen]
            .into_iter()
            .flat_map(|split| load(folder.path(), Reading::of(split)).unwrap())
            .collect();
        assert_eq!(scenes.len(), 24);
        let of = |name: &str| scenes.iter().find(|scene| scene.name == name).unwrap();
        let (long, pants) = (of("p0"), of("p1"));
        assert_eq!((long.labels[0], long.labels[30]), (59, 0));
        let word = |scene: &Scene, names: &[&str]| scene.settled.word(LabelSet::of(names));
        assert!(!word(long, &["sweater"]) && word(long, &["top", "longsleeve", "sweater"]));
        assert!(word(long, &["shoes"]) && word(long, &["flower"]) && !word(long, &["hair"]));
        assert_eq!(pants.labels[0], 31);
        assert!(!word(pants, &["jeans"]) && word(pants, &["pants", "jeans", "leggings"]));
    }

    #[test]
    fn all_garments_have_labels_that_exist() {
        for (name, ours, doubtful) in GARMENTS {
            assert!(label(ours).is_some(), "{ours}");
            assert!(doubtful.iter().all(|name| label(name).is_some()), "{name}");
            assert!(!doubtful.contains(&ours), "{name}");
        }
        assert!(OPEN.iter().all(|name| label(name).is_some()));
    }
}
