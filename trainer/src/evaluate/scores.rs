//! What the judges say of many edits: each photo is edited to another photo's caption.

use anyhow::Result;
use image::RgbaImage;
use indicatif::ParallelProgressIterator;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use rayon::prelude::*;
use serde::Serialize;
use wordloom::engine::Engine;

use super::inception::{frechet_distance, inception_score};
use super::judges::{Judges, Looks};
use super::matching::{self, Trial};
use super::preserve::difference;
use super::{edit, pixels, progress};
use crate::data::{Item, view};

/// Parts of the Inception Score.
const SPLITS: usize = 10;

/// The judges' figures.
#[derive(Debug, Serialize)]
pub struct Scores {
    /// Photos that were edited.
    pub photos: usize,
    /// The share of these photos, as they are, whose class the classifier names.
    pub accuracy: f64,
    /// The photos as they are, each with its own caption.
    pub real: Score,
    /// The edits, each with another photo's caption.
    pub edits: Score,
}

/// The judges' figures of one set of pictures; none where there are too few.
#[derive(Debug, Serialize)]
pub struct Score {
    /// Inception Score, mean and deviation over ten parts.
    pub inception: Option<(f64, f64)>,
    /// Fréchet distance of the classifier's features to those of the photos as they are.
    pub fid: Option<f64>,
    /// The share whose sentence is first among 100.
    pub top_1: Option<f64>,
    /// Similarity x (1 - mean absolute difference to the photo).
    pub precision: Option<f64>,
}

/// One photo and its edit, as the judges are shown them.
struct Pair {
    photo: Vec<f32>,
    edit: Vec<f32>,
    /// Mean absolute difference of the two.
    apart: f64,
    /// Number of the photo, and of the photo whose caption was asked for.
    numbers: (usize, usize),
}

/// Edits every photo and asks the judges. Photos that cannot be read, or whose sentence the model
/// cannot, are left out.
///
/// # Errors
/// An edit that fails.
pub fn measure(engine: &Engine, judges: &Judges, items: &[&Item], seed: u64) -> Result<Scores> {
    let mut rng = SmallRng::seed_from_u64(seed);
    let caption = |item: &Item, rng: &mut _| item.captions.choose(rng).cloned();
    let captions: Vec<String> = items
        .iter()
        .map(|item| caption(item, &mut rng).unwrap_or_default())
        .collect();
    let asked = matching::others(items.len(), &mut rng);
    let pairs = (0..items.len())
        .into_par_iter()
        .progress_with_style(progress("edits for the judges")?)
        .map(|n| {
            let Some(photo) = pixels(items[n]) else {
                return Ok(None);
            };
            let edit = edit(engine, &photo, &captions[asked[n]])?;
            let view = |photo: &RgbaImage| view(&photo.clone().into(), judges.size());
            Ok(edit.map(|edit| Pair {
                photo: view(&photo),
                edit: view(&edit.photo),
                apart: difference(&photo, &edit.photo),
                numbers: (n, asked[n]),
            }))
        })
        .collect::<Result<Vec<_>>>()?;
    let pairs: Vec<Pair> = pairs.into_iter().flatten().collect();

    let looks = |of: fn(&Pair) -> &Vec<f32>| {
        let pictures: Vec<_> = pairs.iter().map(|pair| of(pair).clone()).collect();
        judges.look(&pictures)
    };
    let (real, edits) = (looks(|pair| &pair.photo)?, looks(|pair| &pair.edit)?);
    let sentences = judges.read(&captions)?;
    let mut score = |looks: &Looks, own: &dyn Fn(&Pair) -> (usize, f64)| {
        let owns: Vec<_> = pairs.iter().map(own).collect();
        let similarities = matching::similarities(&looks.embeddings, &sentences);
        let trial = |(own, _): &(usize, f64)| Trial::new(*own, &captions, &mut rng);
        let trials: Vec<Trial> = owns.iter().map(trial).collect();
        let similar = |(n, (own, apart)): (usize, &(usize, f64))| (similarities[(n, *own)], *apart);
        let similar: Vec<_> = owns.iter().enumerate().map(similar).collect();
        Score {
            inception: inception_score(&looks.probabilities, SPLITS),
            fid: frechet_distance(&real.features, &looks.features),
            top_1: matching::top_1(&similarities, &trials),
            precision: matching::manipulative_precision(&similar),
        }
    };
    let classes = pairs
        .iter()
        .map(|pair| items[pair.numbers.0].class.as_str());
    Ok(Scores {
        photos: pairs.len(),
        accuracy: judges.accuracy(&real, &classes.collect::<Vec<_>>()),
        real: score(&real, &|pair| (pair.numbers.0, 0.0)),
        edits: score(&edits, &|pair| (pair.numbers.1, pair.apart)),
    })
}
