//! Photos with a label for each pixel, and the batches that networks are trained on.
//!
//! Photos are decoded once and kept as bytes. [`Batches`] cuts pictures out of them on a thread
//! of its own: crops at many scales ([`sample`]), and things cut out by their masks and laid on
//! other backgrounds ([`compose`]).

mod backdrops;
mod batches;
mod clothing;
mod components;
mod compose;
mod labels;
mod light;
mod oxford17;
mod parts;
pub mod pseudo;
mod sample;
pub mod sheet;
mod street;
mod warp;

use std::path::Path;

use anyhow::{Result, bail, ensure};
use image::{GrayImage, RgbImage};

use crate::data::{Kind, Source, Split};

pub use batches::{Batch, Batches, SamplingConfig};
pub use components::Component;
pub use labels::{BACKGROUND, LABELS, LabelSet, Settled, UNDECIDED, label};

/// The longest that the short side of a photo is kept, in pixels.
const SHORT: u32 = 300;

/// A photo with a label for each of its pixels.
#[derive(Debug, Clone)]
pub struct Scene {
    /// The photo, its short side at most 300 pixels.
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
    /// A photo and its labels, made smaller where it is large.
    ///
    /// # Errors
    /// Labels of another size than the photo, or a photo of fewer than 32 pixels across.
    pub fn new(
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
        let (photo, labels) = warp::fit(photo, labels, SHORT);
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
        Self::new(photo, labels.collect(), source, name, settled)
    }
}

/// Reads the photos of one part of all these data sets, on all cores.
///
/// # Errors
/// A data set that has no masks; a folder that does not have the layout of its kind.
pub fn load(sources: &[Source], split: Split) -> Result<Vec<Scene>> {
    load_with(sources, split, None)
}

/// The same, with pseudo-masks of a folder for training photos of data sets that have none.
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
        let Source { kind, folder } = source;
        scenes.extend(match kind {
            Kind::Street => street::load(folder, split)?,
            Kind::Oxford17 => oxford17::load(folder, split)?,
            Kind::Clothing => clothing::load(folder, split)?,
            _ => match (pseudo_masks, split) {
                (Some(masks), Split::Train) => pseudo::load(source, masks)?,
                _ => bail!(
                    "{} has no masks: street, oxford17 and clothing have them",
                    kind.name()
                ),
            },
        });
    }
    Ok(scenes)
}
