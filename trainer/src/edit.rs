//! `cargo loom edit`: what the page does, on the command line.

use std::path::Path;

use anyhow::{Context, Result};
use burn::tensor::Device;
use image::{GrayImage, RgbaImage};
use wordloom::engine::Engine;

use crate::data::read_photo;
use crate::manifest;

/// What models there are.
const MANIFEST: &str = "weights/manifest.json";

/// Opens a packed model on the CPU.
///
/// # Errors
/// A file that cannot be read, or that the library refuses.
pub fn open(model: &Path) -> Result<Engine> {
    let bytes = std::fs::read(model).with_context(|| {
        format!(
            "cannot read the model {}: make one with `cargo loom pack`",
            model.display()
        )
    })?;
    pollster::block_on(Engine::open(&bytes, Device::flex()))
        .with_context(|| format!("cannot use the model {}", model.display()))
}

/// A photo after an edit.
pub struct Edited {
    /// The photo, at its own size.
    pub photo: RgbaImage,
    /// 255 where it was changed.
    pub mask: GrayImage,
    /// Words that the model does not know.
    pub unknown: Vec<String>,
}

impl Edited {
    /// Edits a photo.
    ///
    /// # Errors
    /// What the engine refuses: see [`Engine::read`] and
    /// [`Painter::edit`](wordloom::engine::Painter::edit).
    pub fn new(
        engine: &Engine,
        photo: &RgbaImage,
        sentence: &str,
        strength: f32,
        seed: Option<u32>,
    ) -> Result<Self> {
        let (w, h) = photo.dimensions();
        let reading = pollster::block_on(engine.read(sentence, seed))?;
        let painter = engine.painter();
        let edit = painter.edit(photo, w as usize, h as usize, &reading.condition);
        let edit = pollster::block_on(edit)?;
        let mask =
            GrayImage::from_raw(w, h, edit.mask(photo)?).context("a mask of another size")?;
        let mut photo = photo.clone();
        edit.apply(&mut photo, strength)?;
        Ok(Self {
            photo,
            mask,
            unknown: reading.unknown,
        })
    }
}

/// What `cargo loom edit` is asked for.
#[derive(clap::Args)]
pub struct Options {
    /// The photo: JPEG, PNG or WebP.
    photo: std::path::PathBuf,
    /// What to change, for example "the petals are blue".
    sentence: String,
    /// Where to write the edited photo.
    #[arg(short, long)]
    output: std::path::PathBuf,
    /// Where to write the mask: white where the photo was changed.
    #[arg(long)]
    mask: Option<std::path::PathBuf>,
    /// From 0, nothing, to 1.
    #[arg(long, default_value_t = 1.0)]
    strength: f32,
    /// Another reading of the sentence for every number.
    #[arg(long)]
    seed: Option<u32>,
    /// The packed model; without it, that of `weights/manifest.json` which knows most words of the
    /// sentence.
    #[arg(long)]
    model: Option<std::path::PathBuf>,
}

/// The model to edit with that knows most words of a sentence; the first of several.
fn chosen(sentence: &str) -> Result<Engine> {
    let mut best = None;
    for model in manifest::editors(Path::new(MANIFEST))? {
        let engine = open(&model)?;
        let unknown = engine.unknown_words(sentence).len();
        if best.as_ref().is_none_or(|(fewest, _)| unknown < *fewest) {
            best = Some((unknown, engine));
        }
    }
    let (_, engine) = best.with_context(|| format!("{MANIFEST} lists no model that edits"))?;
    Ok(engine)
}

/// Runs `cargo loom edit`.
///
/// # Errors
/// A file that cannot be read or written, a sentence or a strength that makes no sense.
pub fn run(options: &Options) -> Result<()> {
    let engine = match &options.model {
        Some(model) => open(model)?,
        None => chosen(&options.sentence)?,
    };
    let photo = read_photo(&options.photo)?.to_rgba8();
    let edited = Edited::new(
        &engine,
        &photo,
        &options.sentence,
        options.strength,
        options.seed,
    )?;
    if !edited.unknown.is_empty() {
        eprintln!("The model does not know: {}.", edited.unknown.join(", "));
    }
    let save = |path: &Path| format!("cannot write {}", path.display());
    edited
        .photo
        .save(&options.output)
        .with_context(|| save(&options.output))?;
    if let Some(path) = &options.mask {
        edited.mask.save(path).with_context(|| save(path))?;
    }
    Ok(())
}
