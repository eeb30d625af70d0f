//! `cargo loom make`: what the page's second tab does, on the command line.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use burn::tensor::Device;
use image::RgbaImage;
use wordloom::engine::{self, GarmentModel};
use wordloom::text_to_image::TextToImage;
use wordloom::weights::{self, WeightsError};

use crate::sheet;

/// Most pictures of a row on a sheet.
const COLUMNS: usize = 8;

/// Side of a picture by itself, in pixels.
const SIDE: u32 = 512;

/// What `cargo loom make` is asked for.
#[derive(clap::Args)]
pub struct Options {
    /// What to make, for example "a red polo t-shirt"; several sentences make rows.
    #[arg(required = true)]
    sentences: Vec<String>,
    /// Pictures of each sentence, of the seeds from 1 on.
    #[arg(long, default_value_t = COLUMNS as u32)]
    seeds: u32,
    /// Instead of a sheet the picture of one sentence and this seed, as large as the page hands it to its
    /// editor.
    #[arg(long, conflicts_with = "seeds")]
    seed: Option<u32>,
    /// Pictures of a row on the sheet: where nothing is said, those of one sentence.
    #[arg(long, conflicts_with = "seed", value_parser = clap::value_parser!(u32).range(1..=100))]
    columns: Option<u32>,
    /// Where to write the sheet, or the picture.
    #[arg(short, long)]
    output: PathBuf,
    /// The packed model.
    #[arg(long, default_value = "weights/garments.safetensors")]
    model: PathBuf,
}

/// Opens a packed model on the CPU.
///
/// # Errors
/// A file that cannot be read, or that the library refuses.
pub fn open(model: &Path) -> Result<GarmentModel> {
    let bytes = std::fs::read(model).with_context(|| {
        format!(
            "cannot read the model {}: make one with `cargo loom train text-to-image` and `cargo loom pack`",
            model.display()
        )
    })?;
    pollster::block_on(GarmentModel::open(&bytes, Device::flex()))
        .with_context(|| format!("cannot use the model {}", model.display()))
}

/// Whether a packed model makes pictures; one that edits photos does not.
///
/// # Errors
/// A file that cannot be read, or that holds neither.
pub fn makes(model: &Path) -> Result<bool> {
    let bytes = std::fs::read(model).with_context(|| format!("cannot read {}", model.display()))?;
    match weights::unpack_generator::<TextToImage>(&bytes, &Device::flex()) {
        Ok(_) => Ok(true),
        Err(WeightsError::OtherKind(_)) => Ok(false),
        Err(error) => Err(error).with_context(|| format!("cannot use {}", model.display())),
    }
}

/// The picture of a sentence and a seed, on nothing.
///
/// # Errors
/// What the engine refuses: see [`GarmentModel::read`].
pub fn picture(model: &GarmentModel, sentence: &str, seed: u32) -> Result<RgbaImage> {
    let rgba = pollster::block_on(async {
        let wording = model.read(sentence).await?;
        let noise = [(seed, 1.0)];
        let sketch = model
            .sketch(&wording.condition, &wording.features, &noise)
            .await?;
        let finished = sketch.finish().await?;
        finished
            .form
            .dressed(engine::paint(&wording.paint), SIDE as usize)
    })?;
    RgbaImage::from_raw(SIDE, SIDE, rgba).context("a picture of another size")
}

/// A picture on white.
///
/// # Errors
/// As [`picture`].
pub fn on_white(model: &GarmentModel, sentence: &str, seed: u32) -> Result<RgbaImage> {
    let mut picture = picture(model, sentence, seed)?;
    for pixel in picture.pixels_mut() {
        let [r, g, b, alpha] = pixel.0;
        let over = |value: u8| 255 - (u32::from(255 - value) * u32::from(alpha) / 255) as u8;
        pixel.0 = [over(r), over(g), over(b), 255];
    }
    Ok(picture)
}

/// Runs `cargo loom make`.
///
/// # Errors
/// A model that cannot be read, a sentence that it refuses, several for one seed, a file that cannot
/// be written.
pub fn run(options: &Options) -> Result<()> {
    let model = open(&options.model)?;
    for sentence in &options.sentences {
        let unknown = model.unknown_words(sentence);
        if !unknown.is_empty() {
            eprintln!("The model does not know: {}.", unknown.join(", "));
        }
    }
    if let Some(seed) = options.seed {
        let [sentence] = &options.sentences[..] else {
            bail!("--seed is for one sentence; --seeds gives several a row each");
        };
        let picture = picture(&model, sentence, seed)?;
        return picture
            .save(&options.output)
            .with_context(|| format!("cannot write {}", options.output.display()));
    }
    let mut pictures = Vec::new();
    for sentence in &options.sentences {
        for seed in 1..=options.seeds {
            pictures.push(on_white(&model, sentence, seed)?);
        }
    }
    let columns = match (options.columns, options.sentences.len()) {
        (Some(columns), _) => columns as usize,
        (None, 1) => COLUMNS.min(options.seeds as usize),
        _ => options.seeds as usize,
    };
    sheet::of_pictures(&options.output, &pictures, columns)
}
