//! Photos with a label for each pixel, and the batches that networks are trained on.
//!
//! Photos are decoded once and kept as bytes. [`Batches`] cuts pictures out of them on a thread
//! of its own: crops at many scales ([`sample`]), things cut out by their masks and laid on
//! other backgrounds ([`compose`]), and people in front of them ([`people`]).

mod backdrops;
mod batches;
mod clothing;
mod components;
mod compose;
mod cutout;
mod doubts;
mod fabric;
mod labels;
mod light;
mod objects;
mod oxford17;
mod parts;
mod people;
mod portrait;
pub mod pseudo;
mod sample;
mod shapes;
pub mod sheet;
mod street;
mod warp;

use std::path::Path;

use anyhow::{Result, bail, ensure};
use image::{GrayImage, RgbImage};
use rayon::prelude::*;

use crate::data::{Kind, Source, Split};

pub use batches::{Batch, Batches, SamplingConfig};
pub use components::Component;
pub use labels::{BACKGROUND, LABELS, LabelSet, Settled, UNDECIDED, label};
pub use portrait::portrait;

/// The longest that the short side of a photo is kept for training, in pixels.
const SHORT: u32 = 300;

/// Which photos of a data set are read, and how large they are kept.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// The part of the data set.
    split: Split,
    /// The longest that a short side is kept, in pixels.
    short: u32,
    /// The most photos, evenly spread over the list.
    most: usize,
}

impl Reading {
    /// All photos of a part, small enough to train on.
    fn of(split: Split) -> Self {
        Self {
            split,
            short: SHORT,
            most: usize::MAX,
        }
    }

    /// At most so many of a list.
    fn some<T>(self, list: Vec<T>) -> Vec<T> {
        let (all, count) = (list.len(), self.most.min(list.len()));
        let mut taken = (0..count).map(|n| n * all / count).peekable();
        let list = list.into_iter().enumerate();
        let list = list.filter(|(n, _)| taken.next_if_eq(n).is_some());
        list.map(|(_, one)| one).collect()
    }
}

/// A photo with a label for each of its pixels.
#[derive(Debug, Clone)]
pub struct Scene {
    /// The photo.
    pub photo: RgbImage,
    /// `[height, width]`: indices into [`LABELS`], or [`UNDECIDED`].
    pub labels: Vec<u8>,
    /// The data set that it is of.
    pub source: Kind,
    /// The name of its file, without what comes behind the dot.
    pub name: String,
    /// Which words its labels answer.
    pub settled: Settled,
    /// The connected things in it.
    pub components: Vec<Component>,
}

impl Scene {
    /// A photo and its labels, made smaller where its short side is longer than `short`.
    ///
    /// # Errors
    /// Labels of another size than the photo, or a photo of fewer than 32 pixels across.
    pub fn new(
        short: u32,
        photo: RgbImage,
        labels: Vec<u8>,
        source: Kind,
        name: &str,
        settled: Settled,
    ) -> Result<Self> {
        let (width, height) = photo.dimensions();
        ensure!(
            labels.len() == width as usize * height as usize,
            "{name}: {} labels for a photo of {width} x {height} pixels",
            labels.len()
        );
        ensure!(
            width.min(height) >= 32,
            "{name}: a photo of {width} x {height} pixels is too small"
        );
        let (photo, labels) = warp::fit(photo, labels, short);
        let components = components::of(&labels, photo.width() as usize);
        Ok(Self {
            photo,
            labels,
            source,
            name: name.to_owned(),
            settled,
            components,
        })
    }

    /// A photo and one mask, white on what has the label; black is background.
    ///
    /// # Errors
    /// As for [`Scene::new`].
    pub fn from_mask(
        short: u32,
        photo: RgbImage,
        mask: &GrayImage,
        label: u8,
        source: Kind,
        name: &str,
        settled: Settled,
    ) -> Result<Self> {
        ensure!(
            mask.dimensions() == photo.dimensions(),
            "{name}: its mask has another size"
        );
        let labels = mask.iter().map(|white| match white {
            128.. => label,
            _ => BACKGROUND,
        });
        Self::new(short, photo, labels.collect(), source, name, settled)
    }
}

/// Whether a data set has masks, or needs none: nothing is worn in it.
pub fn has_masks(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Street | Kind::Oxford17 | Kind::Clothing | Kind::Objects
    )
}

/// Reads the photos of one part of all these data sets, on all cores.
///
/// # Errors
/// A data set that has no masks; a folder that does not have the layout of its kind.
pub fn load(sources: &[Source], split: Split) -> Result<Vec<Scene>> {
    load_with(sources, split, None)
}

/// The same, with pseudo-masks of a folder for training photos of data sets that have none, and without what is in doubt
/// by it of the others.
///
/// # Errors
/// As [`load`].
pub fn load_with(
    sources: &[Source],
    split: Split,
    pseudo_masks: Option<&Path>,
) -> Result<Vec<Scene>> {
    let mut scenes = Vec::new();
    for source in sources {
        scenes.extend(match (has_masks(source.kind), pseudo_masks, split) {
            (false, Some(masks), Split::Train) => pseudo::load(source, masks)?,
            (true, Some(masks), Split::Train) => {
                let scenes = read(source, Reading::of(split))?;
                let folder = masks.join(source.kind.name());
                let scenes = scenes
                    .into_par_iter()
                    .map(|scene| doubts::apply(scene, &folder));
                scenes.collect::<Result<_>>()?
            }
            _ => read(source, Reading::of(split))?,
        });
    }
    Ok(scenes)
}

/// Reads photos of one part of a data set at their own size, at most `most`.
///
/// # Errors
/// As for [`load`].
pub fn load_whole(source: &Source, split: Split, most: usize) -> Result<Vec<Scene>> {
    let reading = Reading {
        split,
        short: u32::MAX,
        most,
    };
    read(source, reading)
}

fn read(Source { kind, folder }: &Source, reading: Reading) -> Result<Vec<Scene>> {
    match kind {
        Kind::Street => street::load(folder, reading),
        Kind::Oxford17 => oxford17::load(folder, reading),
        Kind::Clothing => clothing::load(folder, reading),
        Kind::Objects => objects::load(folder, reading),
        _ => bail!(
            "{} has no masks: street, oxford17, clothing and objects have them",
            kind.name()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_of_a_list_are_evenly_spread() {
        let some = |most| {
            let reading = Reading {
                most,
                ..Reading::of(Split::Unseen)
            };
            reading.some((0..10).collect())
        };
        assert_eq!(some(3), [0, 3, 6]);
        assert_eq!(some(20), (0..10).collect::<Vec<_>>());
        assert!(some(0).is_empty());
    }
}
