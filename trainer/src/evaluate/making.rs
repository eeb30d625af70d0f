//! How good are the pictures that a packed generator makes? `docs/evaluation.md` says what each figure
//! means.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use image::RgbaImage;
use indicatif::ParallelProgressIterator;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use rayon::prelude::*;
use serde::Serialize;
use wordloom::engine::GarmentModel;

use super::inception::{frechet_distance, inception_score};
use super::judges::{Judges, Looks};
use super::matching::{self, Trial};
use super::{pixels, progress};
use crate::data::{Item, view};
use crate::run::write_json;
use crate::{make, sheet};

/// Parts of the Inception Score.
const SPLITS: usize = 10;
/// Pictures of each sentence that names a colour and a garment.
const SEEDS: u32 = 8;
/// Colours that are asked for, and garments.
const COLOURS: [&str; 8] = [
    "red", "blue", "green", "yellow", "pink", "purple", "black", "white",
];
const GARMENTS: [&str; 3] = ["t-shirt", "shirt", "dress"];

/// Everything that an evaluation of one generator found.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The model's name.
    pub model: String,
    /// Bytes of its file.
    pub bytes: usize,
    /// Where the random numbers start.
    pub seed: u64,
    /// Photos whose captions were asked for.
    pub photos: usize,
    /// The photos themselves, and the pictures of their captions.
    pub real: Score,
    /// The pictures.
    pub made: Score,
    /// Colour and garment following, a row for each colour.
    pub followed: Vec<Row>,
    /// Mean absolute difference of two pictures of one sentence, as a share of the range.
    pub diversity: f64,
}

/// The judges' figures of one set of pictures; none where there are too few.
#[derive(Debug, Serialize)]
pub struct Score {
    /// Inception Score, mean and deviation over ten parts.
    pub inception: Option<(f64, f64)>,
    /// Fréchet distance of the classifier's features to those of the other photos.
    pub fid: Option<f64>,
    /// R-precision: the share whose sentence is first among 100.
    pub top_1: Option<f64>,
    /// The share whose colour the classifier names, where the caption has one.
    pub colour: f64,
    /// The share whose garment it names.
    pub garment: f64,
}

/// What pictures of one colour came to.
#[derive(Debug, Serialize)]
pub struct Row {
    /// The colour that was asked for.
    pub colour: &'static str,
    /// Pictures that were made.
    pub pictures: usize,
    /// The share that has the colour, by the classifier.
    pub coloured: f64,
    /// The share that has the garment.
    pub shaped: f64,
}

/// Makes a picture of each photo's caption, and of the colours and garments, and asks the judges.
///
/// # Errors
/// A photo or a model that cannot be read, a picture that fails, a file that cannot be written.
pub fn evaluate(
    model: &Path,
    judges: &Judges,
    items: &[&Item],
    seed: u64,
    output: Option<&Path>,
) -> Result<Report> {
    let garments_of = make::open(model)?;
    let bytes = fs::metadata(model).with_context(|| format!("cannot read {}", model.display()))?;
    let mut rng = SmallRng::seed_from_u64(seed);
    let captions: Vec<String> = items
        .iter()
        .map(|item| item.captions.choose(&mut rng).cloned().unwrap_or_default())
        .collect();
    let view = |picture: &RgbaImage| view(&picture.clone().into(), judges.size());
    let pairs = (0..items.len())
        .into_par_iter()
        .progress_with_style(progress("pictures for the judges")?)
        .map(|n| {
            let Some(photo) = pixels(items[n]) else {
                return Ok(None);
            };
            let made = make::on_white(&garments_of, &captions[n], n as u32 + 1)?;
            Ok(Some((n, view(&photo)?, view(&made)?)))
        })
        .collect::<Result<Vec<_>>>()?;
    let pairs: Vec<_> = pairs.into_iter().flatten().collect();
    let photos: Vec<_> = pairs.iter().map(|(_, photo, _)| photo.clone()).collect();
    let pictures: Vec<_> = pairs.iter().map(|(_, _, made)| made.clone()).collect();
    let (real, made) = (judges.look(&photos)?, judges.look(&pictures)?);
    let sentences = judges.read(&captions)?;

    let mut score = |looks: &Looks| {
        let similarities = matching::similarities(&looks.embeddings, &sentences);
        let trials: Vec<Trial> = pairs
            .iter()
            .map(|(n, ..)| Trial::new(*n, &captions, &mut rng))
            .collect();
        let own = pairs.iter().map(|(n, ..)| items[*n]);
        let colours = judges.colours(looks);
        let coloured = own.clone().zip(colours);
        let coloured = coloured.filter_map(|(item, named)| Some(item.colour?.group == named));
        let shaped = own.zip(judges.classes(looks));
        Score {
            inception: inception_score(&looks.probabilities, SPLITS),
            fid: frechet_distance(&real.features, &looks.features),
            top_1: matching::top_1(&similarities, &trials),
            colour: share(coloured),
            garment: share(shaped.map(|(item, named)| item.class == named)),
        }
    };
    let (real_score, made_score) = (score(&real), score(&made));

    let rows = COLOURS
        .into_par_iter()
        .map(|colour| garments(&garments_of, judges, colour).map(|row| (colour, row)))
        .collect::<Result<Vec<_>>>()?;
    if let Some(folder) = output {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let pictures: Vec<_> = rows
            .iter()
            .flat_map(|(_, row)| row.pictures.clone())
            .collect();
        let columns = GARMENTS.len() * SEEDS as usize;
        sheet::of_pictures(&folder.join("sheet.png"), &pictures, columns)?;
    }
    let apart: Vec<f64> = rows.iter().map(|(_, row)| row.apart).collect();
    let report = Report {
        model: model
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into(),
        bytes: bytes.len() as usize,
        seed,
        photos: pairs.len(),
        real: real_score,
        made: made_score,
        followed: rows
            .into_iter()
            .map(|(colour, row)| row.told(colour))
            .collect(),
        diversity: apart.iter().sum::<f64>() / apart.len() as f64,
    };
    if let Some(folder) = output {
        write_json(&folder.join("report.json"), &report)?;
        let path = folder.join("report.md");
        fs::write(&path, report.markdown())
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(report)
}

/// The pictures of one colour.
struct Garments {
    pictures: Vec<RgbaImage>,
    coloured: f64,
    shaped: f64,
    /// Mean absolute difference of two pictures of one sentence.
    apart: f64,
}

impl Garments {
    fn told(self, colour: &'static str) -> Row {
        Row {
            colour,
            pictures: self.pictures.len(),
            coloured: self.coloured,
            shaped: self.shaped,
        }
    }
}

/// Every garment in one colour.
fn garments(model: &GarmentModel, judges: &Judges, colour: &str) -> Result<Garments> {
    let (mut pictures, mut apart) = (Vec::new(), Vec::new());
    for garment in GARMENTS {
        let sentence = format!("a {colour} {garment}");
        let made = (1..=SEEDS).map(|seed| make::on_white(model, &sentence, seed));
        let made = made.collect::<Result<Vec<_>>>()?;
        for (n, one) in made.iter().enumerate() {
            apart.extend(made[n + 1..].iter().map(|other| difference(one, other)));
        }
        pictures.extend(made);
    }
    let views = pictures
        .iter()
        .map(|picture| view(&picture.clone().into(), judges.size()));
    let looks = judges.look(&views.collect::<Result<Vec<_>>>()?)?;
    let shapes = judges.classes(&looks).into_iter().enumerate();
    Ok(Garments {
        coloured: share(
            judges
                .colours(&looks)
                .into_iter()
                .map(|named| named == colour),
        ),
        shaped: share(shapes.map(|(n, named)| GARMENTS[n / SEEDS as usize] == named)),
        apart: apart.iter().sum::<f64>() / apart.len() as f64,
        pictures,
    })
}

/// The share of what is true; 0 of nothing.
fn share(all: impl Iterator<Item = bool>) -> f64 {
    let (mut right, mut count) = (0, 0);
    for one in all {
        right += usize::from(one);
        count += 1;
    }
    right as f64 / count.max(1) as f64
}

impl Report {
    /// The tables.
    pub fn markdown(&self) -> String {
        let percent = |share: f64| format!("{:.0} %", 100.0 * share);
        let number =
            |value: Option<f64>| value.map_or(String::new(), |value| format!("{value:.2}"));
        let line = |name: &str, score: &Score, diversity: String, bytes: String| {
            let inception = score.inception.map_or(String::new(), |(mean, deviation)| {
                format!("{mean:.2} ± {deviation:.2}")
            });
            format!(
                "| {name} | {inception} | {} | {} | {} | {} | {diversity} | {bytes} |\n",
                number(score.fid),
                score.top_1.map_or(String::new(), percent),
                percent(score.colour),
                percent(score.garment),
            )
        };
        let mut text = String::from(
            "| model | Inception Score | FID | R-precision | colour | garment | diversity | bytes |\n\
             |---|---|---|---|---|---|---|---|\n",
        );
        let diversity = format!("{:.3}", self.diversity);
        text += &line(&self.model, &self.made, diversity, self.bytes.to_string());
        text += &line(
            "the photos themselves",
            &self.real,
            String::new(),
            String::new(),
        );
        text += "\n| asked for | pictures | colour | garment |\n|---|---|---|---|\n";
        for row in &self.followed {
            text += &format!(
                "| {} | {} | {} | {} |\n",
                row.colour,
                row.pictures,
                percent(row.coloured),
                percent(row.shaped)
            );
        }
        let mean = |of: fn(&Row) -> f64| {
            self.followed.iter().map(of).sum::<f64>() / self.followed.len() as f64
        };
        text += &format!(
            "| all | {} | {} | {} |\n\n{} captions of photos that were not trained on; each colour with {} and {} seeds.\n",
            self.followed.iter().map(|row| row.pictures).sum::<usize>(),
            percent(mean(|row| row.coloured)),
            percent(mean(|row| row.shaped)),
            self.photos,
            GARMENTS.join(", "),
            SEEDS,
        );
        text
    }
}

/// Mean absolute difference of two photos of one size, as a share of the range.
pub fn difference(photo: &RgbaImage, edit: &RgbaImage) -> f64 {
    let bytes = photo.iter().zip(edit.iter());
    let sum: f64 = bytes.map(|(a, b)| f64::from(a.abs_diff(*b))).sum();
    // Alpha is the same in both.
    sum / 255.0 / (3 * photo.width() * photo.height()).max(1) as f64
}
