//! Pseudo-masks: in photos without masks, what a trained editor is sure of (Lee, "Pseudo-Label", 2013).
//!
//! `cargo loom pseudo-masks` asks each photo for the thing that its data set says it shows, and keeps the
//! masks that are mostly decided: white on the thing, black beside it, grey where the editor is not sure.
//! Of photos with masks it writes what puts these in doubt ([`super::doubts`]).

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use image::imageops::{self, FilterType};
use image::{GrayImage, Luma, RgbImage};
use indicatif::ParallelProgressIterator;
use rayon::prelude::*;
use wordloom::engine::EditModel;
use wordloom::prompt::{THINGS, Thing};

use super::labels::{BACKGROUND, CENTRE, FLOWER, LEAVES, LabelSet, Settled, UNDECIDED, label};
use super::{LABELS, Scene, doubts, has_masks};
use crate::data::{self, Item, Kind, Photo, Source, Split};
use crate::edit;

/// What `cargo loom pseudo-masks` is asked for.
#[derive(clap::Args)]
pub struct Options {
    /// The data sets without masks, as KIND=FOLDER: fashion-product, flowers; or with masks to doubt: street, clothing.
    #[arg(long, required = true, value_name = "KIND=FOLDER")]
    data: Vec<Source>,
    /// The packed editor that is asked.
    #[arg(long, default_value = "weights/editor.safetensors")]
    model: PathBuf,
    /// Photos of each data set without masks, at most, spread over it.
    #[arg(long, default_value_t = 5000)]
    photos: usize,
    /// The folder for the masks: KIND/NAME.png.
    #[arg(short, long)]
    output: PathBuf,
}

/// Surer than this is the thing, and less than one minus this is beside it.
const SURE: f32 = 0.85;
/// What is smaller, as a share of the photo, is not kept.
const SMALLEST: f64 = 0.03;
/// What may be undecided, as a share of what is decided to be the thing.
const UNSURE: f64 = 0.35;
const GREY: u8 = 128;

/// Runs `cargo loom pseudo-masks`.
///
/// # Errors
/// Data or a model that cannot be read, files that cannot be written.
pub fn run(options: &Options) -> Result<()> {
    let engine = edit::open(&options.model)?;
    for source in &options.data {
        let folder = options.output.join(source.kind.name());
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        if has_masks(source.kind) {
            let photos = doubts::write(&engine, source, &folder)?;
            println!("{}: {photos} photos", source.kind.name());
            continue;
        }
        let items = data::list(std::slice::from_ref(source), Split::Train)?;
        let step = items.len().div_ceil(options.photos.max(1)).max(1);
        let asked: Vec<&Item> = items.iter().step_by(step).collect();
        let kept = asked
            .par_iter()
            .progress()
            .map(|item| {
                let (Some(thing), Some(name)) = (thing(item), name(item)) else {
                    return Ok(0);
                };
                match mask(&engine, item, source.kind, thing)? {
                    Some(mask) => mask
                        .save(folder.join(name).with_extension("png"))
                        .map(|()| 1)?,
                    None => 0,
                };
                Ok(1)
            })
            .collect::<Result<Vec<usize>>>()?;
        let masks = fs::read_dir(&folder)?.count();
        println!(
            "{}: {masks} masks of {} photos",
            source.kind.name(),
            kept.len()
        );
    }
    Ok(())
}

/// The thing that a photo is said to show.
pub fn thing(item: &Item) -> Option<&'static Thing> {
    let named = |name: &str| {
        THINGS
            .iter()
            .find(|thing| thing.words().any(|word| word == name))
    };
    // A long-sleeved shirt is a shirt.
    let last = || item.class.split(' ').next_back().and_then(named);
    let flowers = ["flower", "petal"];
    let flower = || {
        let mut captions = item.captions.iter();
        captions.any(|caption| flowers.iter().any(|word| caption.contains(word)))
    };
    named(&item.class)
        .or_else(last)
        .or_else(|| flower().then(|| named("flower")).flatten())
}

/// The name of its photo, where that is a file of its own.
pub fn name(item: &Item) -> Option<String> {
    match &item.photo {
        Photo::File(path) => Some(path.file_stem()?.to_string_lossy().into_owned()),
        Photo::Row(..) => None,
    }
}

/// What the editor says, where it is sure enough.
fn mask(
    engine: &EditModel,
    item: &Item,
    kind: Kind,
    thing: &'static Thing,
) -> Result<Option<GrayImage>> {
    let photo = photograph(item, kind)?;
    let (w, h) = photo.dimensions();
    // A name as narrow as "polo" divides what the editor is sure of: tops are asked for as tops, too.
    let wider = Thing::named("top")
        .filter(|top| thing.labels.iter().all(|label| top.labels.contains(label)));
    let names = [Some(thing), wider].into_iter().flatten();
    let names: Vec<&str> = names.map(|thing| thing.name).collect();
    let mut mask = doubts::likely(engine, &photo, &names)?;
    for Luma([value]) in mask.pixels_mut() {
        *value = match f32::from(*value) / 255.0 {
            p if p > SURE => 255,
            p if p < 1.0 - SURE => 0,
            _ => GREY,
        };
    }
    let count = |of: u8| mask.iter().filter(|value| **value == of).count() as f64;
    let (is, unsure) = (count(255), count(GREY));
    let good = is >= SMALLEST * mask.len() as f64 && unsure <= UNSURE * is;
    Ok(good.then(|| imageops::resize(&mask, w, h, FilterType::Nearest)))
}

/// A shop's photos were squeezed from 3:4 to a square.
fn photograph(item: &Item, kind: Kind) -> Result<RgbImage> {
    let photo = item.photo.read()?.to_rgb8();
    let (w, h) = photo.dimensions();
    let squeezed = kind == Kind::FashionProduct && w == h;
    Ok(if squeezed {
        imageops::resize(&photo, 3 * w / 4, h, FilterType::Triangle)
    } else {
        photo
    })
}

/// The photos that have pseudo-masks in `masks`.
///
/// # Errors
/// A data set or a mask that cannot be read.
pub fn load(source: &Source, masks: &Path) -> Result<Vec<Scene>> {
    let folder = masks.join(source.kind.name());
    let items = data::list(std::slice::from_ref(source), Split::Train)?;
    items
        .par_iter()
        .filter_map(|item| {
            let (thing, name) = (thing(item)?, name(item)?);
            let file = folder.join(&name).with_extension("png");
            file.is_file()
                .then(|| scene(item, thing, &name, &file, source.kind))
        })
        .collect()
}

fn scene(item: &Item, thing: &Thing, name: &str, mask: &Path, kind: Kind) -> Result<Scene> {
    let photo = photograph(item, kind)?;
    let mask = data::read_photo(mask)?.to_luma8();
    let (w, h) = photo.dimensions();
    let mask = imageops::resize(&mask, w, h, FilterType::Nearest);
    let (is, settled) = settled(thing);
    let labels = mask.iter().map(|value| match value {
        255 => is,
        0 => BACKGROUND,
        _ => UNDECIDED,
    });
    Scene::new(super::SHORT, photo, labels.collect(), kind, name, settled)
}

/// The label of a thing, and what a mask of it alone settles: the words of its family, and that there are
/// no flowers where there are clothes, and no clothes where there are flowers.
fn settled(thing: &Thing) -> (u8, Settled) {
    let of = |name: &str| Thing::named(name).map_or(&[][..], |thing| thing.labels);
    let own = LabelSet::of(thing.labels);
    let is = label(thing.name)
        .or_else(|| label(thing.labels.first()?))
        .unwrap_or(BACKGROUND);
    let flowers: LabelSet = [FLOWER, CENTRE, LEAVES].into_iter().collect();
    let clothes = LabelSet::of(of("clothes"));
    let all: LabelSet = (0..LABELS.len() as u8).collect();
    let tops = LabelSet::of(of("top"));
    let without = |set: LabelSet, less: LabelSet| -> LabelSet {
        (0..LABELS.len() as u8)
            .filter(|label| set.has(*label) && !less.has(*label))
            .collect()
    };
    let (known, family) = match (own.has(FLOWER), own.and(tops).is_empty()) {
        (true, _) => (flowers.or(clothes), flowers),
        (false, true) => (own.or(flowers), own),
        (false, false) => (tops.or(flowers), tops),
    };
    let doubtful = without(family, [is].into_iter().collect());
    let settled = Settled {
        open: without(all, known),
        doubtful,
        doubted: [is].into_iter().collect(),
    };
    (is, settled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_of_a_shirt_answers_for_tops_and_flowers_only() {
        let (is, settled) = settled(Thing::named("shirt").unwrap());
        assert_eq!(LABELS[usize::from(is)], "shirt");
        let word = |name: &str| settled.word(LabelSet::of(Thing::named(name).unwrap().labels));
        assert!(word("top") && word("shirt") && word("flower"));
        assert!(!word("trousers") && !word("hair") && !word("background") && !word("sweater"));
    }

    #[test]
    fn a_mask_of_a_flower_says_that_there_are_no_clothes() {
        let (is, settled) = settled(Thing::named("flower").unwrap());
        assert_eq!(is, FLOWER);
        let word = |name: &str| settled.word(LabelSet::of(Thing::named(name).unwrap().labels));
        assert!(word("flower") && word("skirt") && word("clothes"));
        assert!(!word("centre") && !word("background"));
    }

    #[test]
    fn square_photos_of_a_shop_get_their_shape_back() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.png");
        RgbImage::new(40, 40).save(&file).unwrap();
        let item = Item {
            photo: Photo::File(file),
            captions: Vec::new(),
            class: String::new(),
            colour: None,
            outfit: None,
        };
        let size = |kind| photograph(&item, kind).unwrap().dimensions();
        assert_eq!(size(Kind::FashionProduct), (30, 40));
        assert_eq!(size(Kind::Flowers), (40, 40));
    }
}
