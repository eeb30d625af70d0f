//! Photos with captions, in the layout in which Oxford-102 is published.
//!
//! `jpg/image_00001.jpg`, and the captions of Reed et al., one a line, in
//! `text_c10/class_00001/image_06734.txt`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use image::imageops::{self, FilterType};
use image::{DynamicImage, ImageDecoder, ImageReader, RgbImage};
use indicatif::{ParallelProgressIterator, ProgressStyle};
use rand::Rng;
use rand::seq::{IndexedRandom, index};
use rayon::prelude::*;
use wordloom::prompt::{UNKNOWN, Vocabulary};

use crate::captions;

/// Words of a caption that are read in training.
const LONGEST: usize = 24;
/// A known word is hidden this often, so that unknown words do no harm.
const HIDDEN: f64 = 0.1;
/// An order takes a caption's place this often, where the photo's colour is known.
const ORDERED: f64 = 0.4;
/// Every fifth class is kept out of training.
const KEPT_OUT: usize = 5;

/// One photo on disk and what people say of it.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its file.
    pub photo: PathBuf,
    /// What people say of it, at least one sentence.
    pub captions: Vec<String>,
}

/// Which part of a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// Classes to train on.
    Train,
    /// Classes that nobody trains on.
    Unseen,
}

/// Lists the photos of Oxford-102.
///
/// # Errors
/// A folder that is missing or empty, a caption file without captions, a photo without file:
/// each with its name.
pub fn oxford_102(folder: &Path, split: Split) -> Result<Vec<Item>> {
    let texts = folder.join("text_c10");
    let classes = sorted(&texts, "class_")?;
    let mut items = Vec::new();
    for (class, path) in classes.iter().enumerate() {
        let unseen = class % KEPT_OUT == KEPT_OUT - 1;
        if unseen == (split == Split::Unseen) {
            for file in sorted(path, "image_")? {
                if file.extension().is_some_and(|end| end == "txt") {
                    items.push(item(folder, &file)?);
                }
            }
        }
    }
    ensure!(
        !items.is_empty(),
        "there are no captions in {}",
        texts.display()
    );
    Ok(items)
}

fn item(folder: &Path, file: &Path) -> Result<Item> {
    let text = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let text = String::from_utf8_lossy(&text);
    let captions: Vec<String> = text
        .lines()
        .map(str::trim)
        .filter(|line| line.chars().any(char::is_alphanumeric))
        .map(String::from)
        .collect();
    ensure!(
        !captions.is_empty(),
        "there is no caption in {}",
        file.display()
    );
    let name = file.file_stem().unwrap_or_default();
    let photo = folder.join("jpg").join(name).with_extension("jpg");
    if !photo.is_file() {
        bail!(
            "{} has captions but {} is missing",
            file.display(),
            photo.display()
        );
    }
    Ok(Item { photo, captions })
}

/// The entries of a folder whose name starts with `prefix`, by name.
fn sorted(folder: &Path, prefix: &str) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| {
        format!(
            "cannot open {}: is --data the folder that holds jpg/ and text_c10/?",
            folder.display()
        )
    })?;
    let mut paths = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    paths.retain(|path| {
        let name = path.file_name().unwrap_or_default();
        name.to_string_lossy().starts_with(prefix)
    });
    paths.sort();
    Ok(paths)
}

/// Reads a photo as it is meant to be seen: turned as its EXIF data says.
pub fn read_photo(path: &Path) -> Result<DynamicImage> {
    let read = || -> image::ImageResult<DynamicImage> {
        let mut decoder = ImageReader::open(path)?
            .with_guessed_format()?
            .into_decoder()?;
        let orientation = decoder.orientation()?;
        let mut photo = DynamicImage::from_decoder(decoder)?;
        photo.apply_orientation(orientation);
        Ok(photo)
    };
    read().with_context(|| format!("cannot read the photo {}", path.display()))
}

/// The centre square of a photo, `side` high and wide.
fn square(photo: &DynamicImage, side: u32) -> RgbImage {
    let photo = photo.to_rgb8();
    let (w, h) = photo.dimensions();
    let short = w.min(h);
    let centre = imageops::crop_imm(&photo, (w - short) / 2, (h - short) / 2, short, short);
    imageops::resize(&centre.to_image(), side, side, FilterType::Triangle)
}

/// Photos in memory with their sentences as ids, ready to be drawn from.
pub struct Dataset {
    /// Height and width of what is drawn.
    size: usize,
    /// Height and width of what is kept: a little more, for random crops.
    side: usize,
    photos: Vec<RgbImage>,
    sentences: Vec<Sentences>,
    vocabulary: Vocabulary,
}

struct Sentences {
    captions: Vec<Vec<u32>>,
    colour: Option<&'static str>,
}

/// Photos `[b, 3, size, size]` in [-1, 1] and a sentence for each.
pub struct Drawn {
    /// Plane by plane.
    pub photos: Vec<f32>,
    /// At least one id each.
    pub sentences: Vec<Vec<u32>>,
}

impl Dataset {
    /// Decodes all photos, on all cores.
    ///
    /// # Errors
    /// A photo that does not decode, by its name.
    pub fn load(items: &[Item], vocabulary: &Vocabulary, size: usize) -> Result<Self> {
        let side = size * 19 / 16;
        let style = ProgressStyle::with_template("reading photos {wide_bar} {pos}/{len}")?;
        let photos = items
            .par_iter()
            .progress_with_style(style)
            .map(|item| Ok(square(&read_photo(&item.photo)?, side as u32)))
            .collect::<Result<Vec<_>>>()?;
        let sentences = items
            .iter()
            .map(|item| {
                Ok(Sentences {
                    captions: item
                        .captions
                        .iter()
                        .map(|caption| ids(vocabulary, caption))
                        .collect::<Result<_>>()?,
                    colour: captions::colour(&item.captions),
                })
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            size,
            side,
            photos,
            sentences,
            vocabulary: vocabulary.clone(),
        })
    }

    /// Number of photos.
    pub fn len(&self) -> usize {
        self.photos.len()
    }

    /// `count` different photos with a sentence each: a random crop, flipped half of the time;
    /// a caption, or an order, with some words hidden.
    pub fn draw(&self, count: usize, rng: &mut impl Rng) -> Result<Drawn> {
        ensure!(
            count <= self.len(),
            "a batch of {count} photos cannot be drawn from {}",
            self.len()
        );
        let mut photos = Vec::with_capacity(count * 3 * self.size * self.size);
        let mut sentences = Vec::with_capacity(count);
        for photo in index::sample(rng, self.len(), count) {
            let slack = self.side - self.size;
            let corner = (rng.random_range(0..=slack), rng.random_range(0..=slack));
            self.crop(photo, corner, rng.random(), &mut photos);
            sentences.push(self.sentence(&self.sentences[photo], rng)?);
        }
        Ok(Drawn { photos, sentences })
    }

    /// The centre of a photo, as planes in [-1, 1].
    pub fn centre(&self, photo: usize) -> Vec<f32> {
        let corner = (self.side - self.size) / 2;
        let mut planes = Vec::new();
        self.crop(photo, (corner, corner), false, &mut planes);
        planes
    }

    fn crop(&self, photo: usize, (x0, y0): (usize, usize), flip: bool, planes: &mut Vec<f32>) {
        let pixels = self.photos[photo].as_raw();
        for channel in 0..3 {
            for y in y0..y0 + self.size {
                planes.extend((0..self.size).map(|x| {
                    let x = x0 + if flip { self.size - 1 - x } else { x };
                    let value = pixels[(y * self.side + x) * 3 + channel];
                    f32::from(value) / 127.5 - 1.0
                }));
            }
        }
    }

    fn sentence(&self, of: &Sentences, rng: &mut impl Rng) -> Result<Vec<u32>> {
        let mut sentence = match of.colour {
            Some(colour) if rng.random_bool(ORDERED) => {
                ids(&self.vocabulary, &captions::order(colour, rng))?
            }
            _ => of.captions.choose(rng).cloned().unwrap_or_default(),
        };
        // One word says nothing when it is hidden.
        if sentence.len() > 1 {
            for id in &mut sentence {
                if rng.random_bool(HIDDEN) {
                    *id = UNKNOWN;
                }
            }
        }
        Ok(sentence)
    }
}

fn ids(vocabulary: &Vocabulary, sentence: &str) -> Result<Vec<u32>> {
    let words = vocabulary
        .words(sentence)
        .map_err(anyhow::Error::from_boxed)?;
    let ids = words.into_iter().take(LONGEST).map(|(_, id)| id);
    Ok(ids.collect())
}

/// The vocabulary of a data set: what its captions say at least five times, and every order.
pub fn vocabulary(items: &[Item]) -> Result<Vocabulary> {
    const MIN_COUNT: usize = 5;
    let captions = items.iter().flat_map(|item| item.captions.iter().cloned());
    let orders = captions::all_orders().flat_map(|order| std::iter::repeat_n(order, MIN_COUNT));
    let sentences: Vec<String> = captions.chain(orders).collect();
    Vocabulary::learn(sentences.into_iter(), MIN_COUNT as u64).map_err(anyhow::Error::from_boxed)
}
