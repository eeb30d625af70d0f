//! Photos in memory, and batches of them.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashSet};

use anyhow::{Result, ensure};
use image::{DynamicImage, RgbImage};
use indicatif::{ParallelProgressIterator, ProgressStyle};
use rand::Rng;
use rand::seq::{IndexedRandom, SliceRandom, index};
use rayon::prelude::*;
use wordloom::prompt::{UNKNOWN, Vocabulary};

use super::Item;
use super::photo::square;
use super::skipped::Skipped;

/// Words of a caption that are read in training.
const LONGEST: usize = 24;
/// A known word is hidden this often, so that unknown words do no harm.
const HIDDEN: f64 = 0.1;
/// A colour that fewer than one photo in this many has is not drawn more often than it occurs:
/// the discriminator would learn those few by heart.
const RARE: usize = 200;

/// Photos in memory with their sentences as ids, ready to be drawn from.
pub struct Dataset {
    /// Height and width of what is drawn.
    size: usize,
    /// Height and width of what is kept: a little more, for random crops.
    side: usize,
    /// What is known of each photo.
    pub items: Vec<Item>,
    photos: Vec<RgbImage>,
    /// Each photo's captions as ids.
    captions: Vec<Vec<Vec<u32>>>,
    /// The photos of each colour that is not rare.
    groups: Vec<Vec<usize>>,
}

/// Photos `[b, 3, size, size]` in [-1, 1] and a sentence for each.
pub struct Drawn {
    /// Plane by plane.
    pub photos: Vec<f32>,
    /// At least one id each.
    pub sentences: Vec<Vec<u32>>,
}

impl Dataset {
    /// Decodes all photos, on all cores, and leaves those out that do not decode.
    ///
    /// # Errors
    /// When these are more than the half, with the name of the first.
    pub fn load(items: &[Item], vocabulary: &Vocabulary, size: usize) -> Result<Self> {
        let side = kept_side(size);
        let style = ProgressStyle::with_template("reading photos {wide_bar} {pos}/{len}")?;
        let read: Vec<Result<RgbImage>> = items
            .par_iter()
            .progress_with_style(style)
            .map(|item| square(&item.photo.read()?, side as u32))
            .collect();
        let mut skipped = Skipped::default();
        let (items, photos): (Vec<Item>, Vec<RgbImage>) = items
            .iter()
            .zip(read)
            .filter_map(|(item, photo)| Some((item.clone(), skipped.ok(photo)?)))
            .unzip();
        skipped.tell(photos.len(), "photos")?;
        let captions = items.iter().map(|item| {
            let captions = item.captions.iter();
            captions.map(|caption| ids(vocabulary, caption)).collect()
        });
        let captions = captions.collect::<Result<_>>()?;
        Ok(Self {
            size,
            side,
            groups: groups(&items),
            items,
            photos,
            captions,
        })
    }

    /// Whether what is drawn is so high and wide.
    ///
    /// # Errors
    /// Where it is not, with the option that makes it so.
    pub fn is_of(&self, size: usize) -> Result<()> {
        ensure!(
            self.size == size,
            "this training is of photos of {size}x{size} pixels, not of {0}x{0}: say --size {size}",
            self.size
        );
        Ok(())
    }

    /// Number of photos.
    pub fn len(&self) -> usize {
        self.photos.len()
    }

    /// `count` different photos with a caption each: a random crop, flipped half of the time, and some words
    /// hidden.
    pub fn draw(&self, count: usize, rng: &mut impl Rng) -> Result<Drawn> {
        ensure!(
            count <= self.len(),
            "a batch of {count} photos cannot be drawn from {}",
            self.len()
        );
        let mut photos = Vec::with_capacity(count * 3 * self.size * self.size);
        let mut sentences = Vec::with_capacity(count);
        for photo in self.choose(count, rng) {
            self.random_crop(photo, rng, &mut photos);
            let caption = self.captions[photo].choose(rng);
            sentences.push(hidden(caption.cloned().unwrap_or_default(), rng));
        }
        Ok(Drawn { photos, sentences })
    }

    /// Different photos in random order. Half of them are chosen by a colour of theirs first, so
    /// that rare colours are seen as often as common ones.
    fn choose(&self, count: usize, rng: &mut impl Rng) -> Vec<usize> {
        let mut taken = HashSet::new();
        let mut chosen: Vec<usize> = (0..count / 2)
            .filter_map(|_| self.groups.choose(rng)?.choose(rng).copied())
            .filter(|photo| taken.insert(*photo))
            .collect();
        let others = index::sample(rng, self.len(), count).into_iter();
        chosen.extend(others.filter(|photo| !taken.contains(photo)));
        chosen.truncate(count);
        chosen.shuffle(rng);
        chosen
    }

    /// `count` different photos without sentences, cropped and flipped as in [`draw`](Self::draw),
    /// and their numbers.
    pub fn draw_photos(&self, count: usize, rng: &mut impl Rng) -> (Vec<f32>, Vec<usize>) {
        let numbers = index::sample(rng, self.len(), count.min(self.len())).into_vec();
        let mut planes = Vec::with_capacity(numbers.len() * 3 * self.size * self.size);
        for number in &numbers {
            self.random_crop(*number, rng, &mut planes);
        }
        (planes, numbers)
    }

    fn random_crop(&self, photo: usize, rng: &mut impl Rng, planes: &mut Vec<f32>) {
        let slack = self.side - self.size;
        let corner = (rng.random_range(0..=slack), rng.random_range(0..=slack));
        let photo = &self.photos[photo];
        planes.extend(crop(photo, self.size, corner, rng.random()));
    }
}

/// A sentence with some words hidden. One word says nothing when it is.
fn hidden(mut sentence: Vec<u32>, rng: &mut impl Rng) -> Vec<u32> {
    if sentence.len() > 1 {
        for id in &mut sentence {
            if rng.random_bool(HIDDEN) {
                *id = UNKNOWN;
            }
        }
    }
    sentence
}

/// The centre of a photo, `[3, size, size]` in [-1, 1].
///
/// # Errors
/// A photo without a pixel.
pub fn view(photo: &DynamicImage, size: usize) -> Result<Vec<f32>> {
    Ok(centre(&square(photo, kept_side(size) as u32)?, size))
}

/// The side at which photos are kept for crops of this size.
fn kept_side(size: usize) -> usize {
    size * 19 / 16
}

fn centre(photo: &RgbImage, size: usize) -> Vec<f32> {
    let corner = (photo.width() as usize - size) / 2;
    crop(photo, size, (corner, corner), false).collect()
}

/// The planes `[3, size, size]` in [-1, 1] of a part of a photo.
fn crop(
    photo: &RgbImage,
    size: usize,
    (x0, y0): (usize, usize),
    flip: bool,
) -> impl Iterator<Item = f32> {
    let (pixels, side) = (photo.as_raw(), photo.width() as usize);
    let rows = (0..3).flat_map(move |channel| (y0..y0 + size).map(move |y| (channel, y)));
    rows.flat_map(move |(channel, y)| {
        (0..size).map(move |x| {
            let x = x0 + if flip { size - 1 - x } else { x };
            f32::from(pixels[(y * side + x) * 3 + channel]) / 127.5 - 1.0
        })
    })
}

fn ids(vocabulary: &Vocabulary, sentence: &str) -> Result<Vec<u32>> {
    let words = vocabulary
        .words(sentence)
        .map_err(anyhow::Error::from_boxed)?;
    let ids = words.into_iter().take(LONGEST).map(|(_, id)| id);
    Ok(ids.collect())
}

/// The photos of each basic colour term that is not rare, in the terms' order.
fn groups(items: &[Item]) -> Vec<Vec<usize>> {
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (photo, item) in items.iter().enumerate() {
        if let Some(colour) = item.colour {
            groups.entry(colour.group).or_default().push(photo);
        }
    }
    let groups = groups.into_values();
    groups
        .filter(|photos| photos.len() * RARE >= items.len())
        .collect()
}
