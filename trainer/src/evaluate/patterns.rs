//! The judge of fabrics: a classifier that names the pattern of a piece of cloth. It learns from real cloth
//! that no loom of ours has drawn: shop photos by their names, and close-ups.

mod cloth;
mod photos;
mod sharpness;
mod worn;

use std::path::Path;

use anyhow::{Context, Result, ensure};
use burn::tensor::{Device, Tensor, TensorData};
use indicatif::ParallelProgressIterator;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use rayon::prelude::*;

use super::classifier::{self, Classifier, ClassifierConfig};
use super::progress;
use crate::data::{self, Item, Source, Split};
use crate::scenes;
use cloth::Cloth;
use photos::Pieces;

pub use worn::evaluate;

/// What a cloth is called.
pub const KINDS: [&str; 6] = ["plain", "striped", "checked", "dotted", "printed", "denim"];

/// Height and width of a piece.
const SIZE: usize = 64;
/// Pieces of a garment that are looked at together.
const LOOKS: usize = 6;
/// Passes over the photos.
const EPOCHS: usize = 30;

/// The pattern of an item, where its name or its folder says it.
fn kind(item: &Item) -> Option<usize> {
    let pattern = item.outfit.and_then(|outfit| outfit.pattern);
    let pattern = pattern.map(|pattern| pattern.english);
    let name = match (item.class.as_str(), pattern) {
        ("jeans", _) => "denim",
        (_, Some("solid")) | ("solid", _) => "plain",
        (_, Some("striped")) | ("striped", _) => "striped",
        (_, Some("checked")) | ("checkered", _) => "checked",
        (_, Some("dotted")) | ("dotted", _) => "dotted",
        (_, Some("printed" | "floral")) | ("floral", _) => "printed",
        _ => return None,
    };
    KINDS.iter().position(|kind| *kind == name)
}

/// Real cloth of known kinds: one part of those data sets that have no masks.
fn read(sources: &[Source], split: Split) -> Result<Vec<Cloth>> {
    let sources = sources.iter();
    let sources: Vec<Source> = sources
        .filter(|source| !scenes::has_masks(source.kind))
        .cloned()
        .collect();
    let items = data::list(&sources, split)?;
    let known = items
        .par_iter()
        .progress_with_style(progress("reading cloth")?)
        .filter_map(|item| Some((kind(item)?, item)))
        .map(|(kind, item)| Ok(Cloth::of_photo(&item.photo.read()?.to_rgb8(), kind)));
    let cloths = known.collect::<Result<Vec<Option<Cloth>>>>()?;
    Ok(cloths.into_iter().flatten().collect())
}

/// Trains the judge, or goes on where its checkpoint in `judge` stops.
///
/// # Errors
/// Data that cannot be read or lacks a kind, a checkpoint that cannot be written, a training that fails.
pub fn train(judge: &Path, sources: &[Source], seed: u64, device: &Device) -> Result<()> {
    let cloths = read(sources, Split::Train)?;
    let count = cloths.len();
    let pieces = Pieces::new(cloths)?;
    let classes = KINDS.map(String::from).into();
    let config = ClassifierConfig {
        epochs: EPOCHS,
        ..ClassifierConfig::new(classes, Vec::new(), SIZE, seed)
    };
    println!("{count} photos of cloth");
    classifier::train(judge, config, &pieces, device)
}

/// A trained judge, on the CPU.
pub struct Judge {
    classifier: Classifier,
    device: Device,
}

impl Judge {
    /// Reads one.
    ///
    /// # Errors
    /// When there is none, or it knows other kinds.
    pub fn open(judge: &Path) -> Result<Self> {
        let device = Device::flex();
        let (classifier, config) = Classifier::open(judge, &device)
            .context("the judge of fabrics comes first: run `cargo loom train patterns`")?;
        ensure!(
            config.classes == KINDS && config.size == SIZE,
            "the judge in {} knows other kinds",
            judge.display()
        );
        Ok(Self { classifier, device })
    }

    /// The place in [`KINDS`] of the likeliest kind, by a few pieces of a cloth. None where it is too small.
    ///
    /// # Errors
    /// When the device fails.
    fn names(&self, cloth: &Cloth) -> Result<Option<usize>> {
        // The same photo is always looked at in the same places.
        let mut rng = SmallRng::seed_from_u64(1);
        let windows = cloth.windows(LOOKS, 1.0, &mut rng);
        if windows.is_empty() {
            return Ok(None);
        }
        let mut planes = Vec::new();
        for window in &windows {
            cloth.piece(*window).planes(&mut planes);
        }
        let shape = [windows.len(), 3, SIZE, SIZE];
        let pieces = Tensor::from_data(TensorData::new(planes, shape), &self.device);
        let seen = self.classifier.see(pieces).probabilities;
        let likely: Vec<f32> = seen.log().sum_dim(0).into_data().try_to_vec()?;
        let likely = likely.iter().enumerate();
        let best = likely.max_by(|a, b| a.1.total_cmp(b.1));
        Ok(best.map(|(kind, _)| kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::RgbImage;

    #[test]
    fn names_and_folders_say_the_kind() {
        let folder = tempfile::tempdir().unwrap();
        for (class, expected) in [
            ("checkered", Some("checked")),
            ("floral", Some("printed")),
            ("solid", Some("plain")),
            ("zigzag", None),
        ] {
            let photo = folder.path().join(format!("{class}/a_00001.jpg"));
            std::fs::create_dir_all(photo.parent().unwrap()).unwrap();
            RgbImage::new(9, 8).save(photo).unwrap();
            let source: Source = format!("fabrics={}", folder.path().display())
                .parse()
                .unwrap();
            let items = data::list(&[source], Split::Train).unwrap();
            let item = items.iter().find(|item| item.class == class).unwrap();
            assert_eq!(kind(item).map(|kind| KINDS[kind]), expected);
        }
    }
}
