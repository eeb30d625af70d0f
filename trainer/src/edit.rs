//! `cargo loom edit`: what the page does, on the command line, for one photo or for many.

mod file;
mod many;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use burn::tensor::Device;
use image::{GrayImage, RgbaImage};
use wordloom::engine::{EditModel, Edited as Found, Look, Reading};
use wordloom::prompt::{Clause, Cover, PromptError};

use crate::data::read_photo;

/// Opens a packed model on the CPU.
///
/// # Errors
/// A file that cannot be read, or that the library refuses.
pub fn open(model: &Path) -> Result<EditModel> {
    let bytes = std::fs::read(model).with_context(|| {
        format!(
            "cannot read the model {}: make one with `cargo loom pack`",
            model.display()
        )
    })?;
    pollster::block_on(EditModel::open(&bytes, Device::flex()))
        .with_context(|| format!("cannot use the model {}", model.display()))
}

/// A photo after an edit.
pub struct Edited {
    /// The photo, at its own size.
    pub photo: RgbaImage,
    /// 255 where it was changed.
    pub mask: GrayImage,
    /// What the sentence says.
    pub reading: Reading,
    /// Things that the sentence names and the photo lacks, as they were typed.
    pub missing: Vec<String>,
}

impl Edited {
    /// Edits a photo.
    ///
    /// # Errors
    /// What the engine refuses: see [`EditModel::read`] and
    /// [`EditSession::edit`](wordloom::engine::EditSession::edit).
    pub fn new(
        engine: &EditModel,
        photo: &RgbaImage,
        sentence: &str,
        strength: f32,
    ) -> Result<Self> {
        let (w, h) = photo.dimensions();
        let reading = pollster::block_on(engine.read(sentence))?;
        let look = look(engine, photo)?;
        let (Found { edit, .. }, missing) = found(engine, &look, &reading)?;
        let mask =
            GrayImage::from_raw(w, h, edit.mask(photo)?).context("a mask of another size")?;
        let mut photo = photo.clone();
        edit.apply(&mut photo, strength)?;
        Ok(Self {
            photo,
            mask,
            reading,
            missing,
        })
    }
}

/// What the network sees in a photo.
fn look(engine: &EditModel, photo: &RgbaImage) -> Result<Look> {
    let (w, h) = photo.dimensions();
    let look = engine.session().look(photo, w as usize, h as usize);
    Ok(pollster::block_on(look)?)
}

/// Says what a sentence asks for in vain, whatever the photo.
fn tell(reading: &Reading) {
    if !reading.unknown.is_empty() {
        eprintln!("Nobody here knows: {}.", reading.unknown.join(", "));
    }
    let less = |clause: &Clause| clause.cover == Some(Cover::Less);
    if reading.clauses.iter().any(less) {
        eprintln!("{}", PromptError::Shorter);
    }
}

/// What a sentence does to a photo, and the things that it names and the photo lacks, as they were typed.
fn found(engine: &EditModel, look: &Look, reading: &Reading) -> Result<(Found, Vec<String>)> {
    let found = pollster::block_on(engine.session().edit(look, &reading.condition))?;
    let clauses = reading.clauses.iter().zip(&found.shares);
    let missing = clauses.filter(|(_, share)| **share == 0.0);
    let missing = missing.filter(|(clause, _)| clause.cover != Some(Cover::Less));
    let missing = missing.map(|(clause, _)| clause.typed.clone()).collect();
    Ok((found, missing))
}

/// What `cargo loom edit` is asked for.
#[derive(clap::Args)]
pub struct Options {
    /// The photos: JPEG, PNG or WebP. Without --sentence one, and behind it what to change, for example "the petals
    /// are blue".
    #[arg(required = true, value_name = "PHOTO")]
    photos: Vec<PathBuf>,
    /// What to change in each photo; of each sentence there is a picture. What is in the folder already is not
    /// made again.
    #[arg(long = "sentence", value_name = "SENTENCE")]
    sentences: Vec<String>,
    /// Where to write the edited photo; with --sentence a folder.
    #[arg(short, long)]
    output: PathBuf,
    /// Where to write the mask: white where the photo was changed.
    #[arg(long)]
    mask: Option<PathBuf>,
    /// From 0, nothing, to 1; what is beyond counts as the nearer of the two.
    #[arg(long, default_value_t = 1.0)]
    strength: f32,
    /// The packed model.
    #[arg(long, default_value = "weights/editor.safetensors")]
    model: PathBuf,
}

/// Runs `cargo loom edit`.
///
/// # Errors
/// A file that cannot be read or written, a sentence that makes no sense.
pub fn run(options: &Options) -> Result<()> {
    if !options.sentences.is_empty() {
        return many::run(options);
    }
    let [photo, sentence] = &options.photos[..] else {
        bail!("one photo and what to change in it, or --sentence for many photos");
    };
    let sentence = sentence.to_str().context("the sentence is no text")?;
    let engine = open(&options.model)?;
    let photo = read_photo(photo)?.to_rgba8();
    let edited = Edited::new(&engine, &photo, sentence, options.strength)?;
    tell(&edited.reading);
    if !edited.missing.is_empty() {
        eprintln!(
            "There is none of this in the photo: {}.",
            edited.missing.join(", ")
        );
    }
    file::write(&options.output, &edited.photo.into())?;
    if let Some(path) = &options.mask {
        file::write(path, &edited.mask.into())?;
    }
    Ok(())
}
