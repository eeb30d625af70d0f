//! Sheets of pictures: photos across, sentences down.

pub mod tiles;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use image::{RgbImage, RgbaImage, imageops};

use crate::data::read_photo;
use crate::edit::{self, Edited};
use tiles::Tile;

/// What a sheet asks for when nothing else is said.
const SENTENCES: [&str; 4] = [
    "make the top red",
    "a navy skirt",
    "white trousers",
    "a mustard dress",
];

/// Height and width of a made picture on a sheet.
const TILE: u32 = 192;
/// In a sentence, the thing of each photo.
const THING: &str = "{}";
/// Pixels across a sheet of pairs, at most.
const ACROSS: u32 = 2000;

/// What `cargo loom sheet` is asked for.
#[derive(clap::Args)]
pub struct Options {
    /// The photos, across.
    #[arg(required = true)]
    photos: Vec<PathBuf>,
    /// A sentence, down; may be given several times. `{}` in it is each photo's thing.
    #[arg(long = "sentence", default_values_t = SENTENCES.map(String::from))]
    sentences: Vec<String>,
    /// The thing in the first photo, then that in the second...: what `{}` in a sentence stands for.
    #[arg(long = "thing")]
    things: Vec<String>,
    /// Pixels of a picture from its top to its bottom.
    #[arg(long, default_value_t = tiles::HEIGHT)]
    height: u32,
    /// The first sentence is for the first photo alone, the second for the second: each photo above its
    /// edit.
    #[arg(long)]
    pairs: bool,
    /// Where to write the sheet.
    #[arg(short, long)]
    output: PathBuf,
    /// The packed model.
    #[arg(long, default_value = "weights/editor.safetensors")]
    model: PathBuf,
}

/// Runs `cargo loom sheet`: what a packed model makes of photos on disk, at their own resolution.
///
/// # Errors
/// A photo that cannot be read, a sentence that the model refuses, not as many sentences as photos for
/// pairs or not as many things for `{}`, a file that cannot be written.
pub fn run(options: &Options) -> Result<()> {
    let engine = edit::open(&options.model)?;
    let photos = options
        .photos
        .iter()
        .map(|photo| Ok(read_photo(photo)?.to_rgba8()))
        .collect::<Result<Vec<_>>>()?;
    let edited = |photo: &RgbaImage, sentence: &str| {
        anyhow::Ok(Edited::new(&engine, photo, sentence, 1.0)?.photo)
    };
    let wanting = options.sentences.iter().any(|s| s.contains(THING));
    ensure!(
        options.things.len() == if wanting { photos.len() } else { 0 },
        "sentences with {THING} need a --thing for each photo, others none: there are {} photos and {} \
         things",
        photos.len(),
        options.things.len()
    );
    let said = |sentence: &str, photo: usize| match options.things.get(photo) {
        Some(thing) => sentence.replace(THING, thing),
        None => sentence.to_owned(),
    };
    let rows = if options.pairs {
        ensure!(
            photos.len() == options.sentences.len(),
            "pairs need a --sentence for each photo: there are {} photos and {} sentences",
            photos.len(),
            options.sentences.len()
        );
        let pairs = photos.iter().zip(&options.sentences).enumerate();
        let pairs = pairs.map(|(n, (photo, sentence))| {
            let sentence = said(sentence, n);
            let edit = edited(photo, &sentence)?;
            Ok(Tile::pair(photo, &edit, &sentence, options.height))
        });
        tiles::flow(pairs.collect::<Result<_>>()?, ACROSS)
    } else {
        let first = photos.iter();
        let first = first.map(|photo| Tile::new(photo, "", options.height));
        let mut rows = vec![first.collect()];
        for sentence in &options.sentences {
            let edits = photos.iter().enumerate().map(|(n, photo)| {
                let sentence = said(sentence, n);
                let edit = edited(photo, &sentence)?;
                Ok(Tile::new(&edit, &sentence, options.height))
            });
            rows.push(edits.collect::<Result<_>>()?);
        }
        rows
    };
    tiles::write(&options.output, rows)
}

/// Writes pictures of any size, cropped to squares, in rows of `columns`.
///
/// # Errors
/// A file that cannot be written.
pub fn of_pictures(path: &Path, pictures: &[RgbaImage], columns: usize) -> Result<()> {
    let tile = |picture: &RgbaImage| {
        let picture = image::DynamicImage::from(picture.clone());
        picture
            .resize_to_fill(TILE, TILE, imageops::FilterType::Triangle)
            .to_rgb8()
    };
    let tiles: Vec<RgbImage> = pictures.iter().map(tile).collect();
    write(path, &tiles, columns)
}

/// Puts tiles of one size into rows of `columns`.
///
/// # Errors
/// A file that cannot be written.
pub fn write(path: &Path, tiles: &[RgbImage], columns: usize) -> Result<()> {
    let (w, h) = tiles.first().map_or((0, 0), RgbImage::dimensions);
    let rows = tiles.len().div_ceil(columns.max(1));
    let mut sheet = RgbImage::new(columns as u32 * w, rows as u32 * h);
    for (n, tile) in tiles.iter().enumerate() {
        let (row, column) = (n / columns, n % columns);
        imageops::replace(
            &mut sheet,
            tile,
            i64::from(w) * column as i64,
            i64::from(h) * row as i64,
        );
    }
    std::fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
    sheet
        .save(path)
        .with_context(|| format!("cannot write {}", path.display()))
}
