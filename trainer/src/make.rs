//! `cargo loom make`: what the page's second tab does, on the command line.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use burn::tensor::Device;
use image::imageops::{self, FilterType};
use image::{DynamicImage, RgbaImage};
use wordloom::engine::{Maker, Picture, Sketch};
use wordloom::weaver::Weaver;
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
pub fn open(model: &Path) -> Result<Maker> {
    let bytes = std::fs::read(model).with_context(|| {
        format!(
            "cannot read the model {}: make one with `cargo loom train weaver` and `cargo loom pack`",
            model.display()
        )
    })?;
    pollster::block_on(Maker::open(&bytes, Device::flex()))
        .with_context(|| format!("cannot use the model {}", model.display()))
}

/// Whether a packed model makes pictures; one that edits photos does not.
///
/// # Errors
/// A file that cannot be read, or that holds neither.
pub fn makes(model: &Path) -> Result<bool> {
    let bytes = std::fs::read(model).with_context(|| format!("cannot read {}", model.display()))?;
    match weights::unpack_generator::<Weaver>(&bytes, &Device::flex()) {
        Ok(_) => Ok(true),
        Err(WeightsError::OtherKind(_)) => Ok(false),
        Err(error) => Err(error).with_context(|| format!("cannot use {}", model.display())),
    }
}

/// The picture of a sentence and a seed.
///
/// # Errors
/// What the engine refuses: see [`Maker::read`].
pub fn picture(maker: &Maker, sentence: &str, seed: u32) -> Result<RgbaImage> {
    let Picture { rgba, side, .. } = pollster::block_on(async {
        let wording = maker.read(sentence).await?;
        let sketch: Sketch = maker
            .sketch(&wording.condition, &wording.features, seed)
            .await?;
        sketch.finish().await
    })?;
    RgbaImage::from_raw(side as u32, side as u32, rgba).context("a picture of another size")
}

/// Writes one picture, enlarged.
fn write(picture: &RgbaImage, output: &Path) -> Result<()> {
    let picture = imageops::resize(picture, SIDE, SIDE, FilterType::CatmullRom);
    let picture = DynamicImage::from(picture).to_rgb8();
    picture
        .save(output)
        .with_context(|| format!("cannot write {}", output.display()))
}

/// Runs `cargo loom make`.
///
/// # Errors
/// A model that cannot be read, a sentence that it refuses, several for one seed, a file that cannot
/// be written.
pub fn run(options: &Options) -> Result<()> {
    let maker = open(&options.model)?;
    for sentence in &options.sentences {
        let unknown = maker.unknown_words(sentence);
        if !unknown.is_empty() {
            eprintln!("The model does not know: {}.", unknown.join(", "));
        }
    }
    if let Some(seed) = options.seed {
        let [sentence] = &options.sentences[..] else {
            bail!("--seed is for one sentence; --seeds gives several a row each");
        };
        return write(&picture(&maker, sentence, seed)?, &options.output);
    }
    let mut pictures = Vec::new();
    for sentence in &options.sentences {
        for seed in 1..=options.seeds {
            pictures.push(picture(&maker, sentence, seed)?);
        }
    }
    let columns = match options.sentences.len() {
        1 => COLUMNS.min(options.seeds as usize),
        _ => options.seeds as usize,
    };
    sheet::of_pictures(&options.output, &pictures, columns)
}
