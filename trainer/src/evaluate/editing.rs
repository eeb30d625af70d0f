//! An editor on photos whose masks are known: every thing is asked for, and some are coloured.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use image::RgbaImage;
use indicatif::ParallelProgressIterator;
use pollster::block_on;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use rayon::prelude::*;
use wordloom::engine::{EditModel, Look, Reading};
use wordloom::prompt::sentence::Change;
use wordloom::prompt::{THINGS, Thing};

use super::edits::{Measured, distance, median_in};
use super::labelling::Confusion;
use super::masks::{Truth, enlarged, overlap};
use super::presence::Sighting;
use super::report::{Report, Section};
use super::seen::{Met, Seen};
use super::shown::{COLOURS, rgba};
use super::{Options, boundary, edits, progress, shown};
use crate::asking::GARMENTS;
use crate::data::{Kind, Split};
use crate::run::write_json;
use crate::scenes::{self, LABELS, LabelSet, Scene, label};

/// Colours that each garment of a photo is made.
const EACH: usize = 2;
/// A thing of this share of a photo is measured; one of that share has to be found.
const MEASURED: f64 = 0.002;
const FOUND: f64 = 0.005;

/// Labels that are no garments by their own names, and the word for each: its pixels are coloured, too.
const NAMES: [(&str, &str); 2] = [("pants", "trousers"), ("longsleeve", "top")];
/// Further garments that are coloured.
const MORE: [&str; 12] = [
    "cape",
    "cardigan",
    "hoodie",
    "jeans",
    "jumper",
    "leggings",
    "polo",
    "romper",
    "sweatshirt",
    "undershirt",
    "vest",
    "flower",
];

/// A thing, the labels that it covers, and how it is asked for.
struct Asked {
    thing: &'static Thing,
    labels: LabelSet,
}

/// Measures an editor, and writes report and sheets.
///
/// # Errors
/// Data without masks, a device that fails, a file that cannot be written.
pub fn evaluate(engine: &EditModel, options: &Options) -> Result<Report> {
    let things: Vec<Asked> = THINGS
        .iter()
        .map(|thing| Asked {
            thing,
            labels: LabelSet::of(thing.labels),
        })
        .collect();
    // All things in one condition, each by its own name.
    let every = block_on(engine.queries_for(THINGS.iter().collect()))?.condition;
    let mut sections = Vec::new();
    for source in &options.data {
        let scenes = scenes::load_whole(source, Split::Unseen, options.photos)?;
        let mut parts = vec![(source.kind.name(), scenes)];
        if source.kind == Kind::Street {
            let portraits = parts[0].1.iter().filter_map(scenes::portrait).collect();
            parts.push(("portraits".into(), portraits));
        }
        for (name, scenes) in parts {
            let seen = scenes
                .par_iter()
                .enumerate()
                .progress_with_style(progress(&name)?)
                .map(|(n, scene)| {
                    let rng = SmallRng::seed_from_u64(options.seed ^ ((n as u64 + 1) << 32));
                    look(engine, scene, &things, &every, rng)
                        .with_context(|| format!("photo {}", scene.name))
                })
                .collect::<Result<Vec<Seen>>>()?;
            if let Some(folder) = &options.output {
                fs::create_dir_all(folder)
                    .with_context(|| format!("cannot make {}", folder.display()))?;
                shown::sheet(&folder.join(file(&name)), engine, &scenes)?;
            }
            sections.push(Section::of(name, &seen));
        }
    }
    let report = Report {
        model: name(&options.model),
        bytes: fs::metadata(&options.model)?.len(),
        seed: options.seed,
        sections,
    };
    if let Some(folder) = &options.output {
        write_json(&folder.join("report.json"), &report)?;
        let path = folder.join("report.md");
        fs::write(&path, report.markdown())
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(report)
}

/// The name of a sheet.
fn file(name: &str) -> String {
    let name = match name {
        "oxford17" => "flowers",
        name => name,
    };
    format!("{name}.png")
}

pub fn name(model: &Path) -> String {
    let name = model.file_stem().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// "make the coat red", read.
fn order(engine: &EditModel, thing: &'static Thing, colour: &str) -> Result<Reading> {
    let sentence = format!("make the {} {colour}", thing.name);
    let reading = block_on(engine.read(&sentence))?;
    let named = reading.clauses.iter().map(|clause| clause.thing);
    ensure!(
        named.eq([Some(thing)]),
        "“{sentence}” is read as something else"
    );
    Ok(reading)
}

fn look(
    engine: &EditModel,
    scene: &Scene,
    things: &[Asked],
    every: &[f32],
    mut rng: SmallRng,
) -> Result<Seen> {
    let (photo, session) = (rgba(scene), engine.session());
    let (width, height) = photo.dimensions();
    let look = block_on(session.look(&photo, width as usize, height as usize))?;
    let masks = block_on(session.masks(&look, every))?;
    let likely = block_on(session.sees(&look, every))?.into_iter();
    let likely = likely.map(|[likely, _]| likely);
    let mut seen = Seen::default();
    let own_names = own_names(scene);
    let (small, size) = (look.small(), look.photo());
    for ((asked, small_mask), likely) in things.iter().zip(&masks).zip(likely) {
        if !scene.settled.word(asked.labels) {
            continue;
        }
        let truth = Truth::of(scene, asked.labels);
        let share = truth.share();
        if asked.thing.listed && (share == 0.0 || share >= FOUND) {
            let reading = order(engine, asked.thing, COLOURS[0])?;
            let edited = block_on(session.edit(&look, &reading.condition))?;
            seen.sightings.push(Sighting {
                there: share > 0.0,
                found: edited.shares.iter().any(|share| *share > 0.0),
                likely,
                share: small_mask.iter().sum::<f32>() / small_mask.len().max(1) as f32,
            });
        }
        if share < MEASURED {
            continue;
        }
        let coloured = own_names.contains(&asked.thing.name);
        let colours = COLOURS.choose_multiple(&mut rng, EACH);
        let colours = colours.take(if coloured { EACH } else { 1 });
        for (n, colour) in colours.enumerate() {
            let reading = order(engine, asked.thing, colour)?;
            let edited = block_on(session.edit(&look, &reading.condition))?;
            let missing = edited.shares.iter().all(|share| *share == 0.0);
            let mask = edited.edit.mask(&photo)?;
            if n == 0 {
                let boundary = boundary::f_measure(&mask, &truth);
                seen.met.push(Met {
                    word: asked.thing.name,
                    overlap: if missing { 0.0 } else { overlap(&mask, &truth) },
                    mask: overlap(&enlarged(small_mask, small, size), &truth),
                    boundary,
                });
            }
            if coloured && missing {
                seen.edits.push(None);
            } else if coloured {
                let mut edit = photo.clone();
                edited.edit.apply(&mut edit, 1.0)?;
                let bare = |at: usize| BARE.iter().any(|bare| scene.labels[at] == *bare);
                let asked = lab(&reading, 0);
                let edit = (&edit, &mask[..]);
                seen.edits
                    .push(Measured::of(&photo, edit, &truth, bare, asked));
            }
        }
    }
    match scene.source {
        Kind::Street => {
            seen.confusion = Some(Confusion::of(scene, &masks, small));
        }
        Kind::Oxford17 => seen.both = both(engine, scene, &photo, &look, &mut rng)?,
        _ => {}
    }
    Ok(seen)
}

/// The labels of skin and hair.
const BARE: [u8; 2] = [41, 19];

/// The words of the garments that a photo has by their own labels, and "flower".
pub fn own_names(scene: &Scene) -> Vec<&'static str> {
    let own = |label: &str| NAMES.iter().find(|(from, _)| *from == label);
    let mut counts = [0usize; 256];
    for label in &scene.labels {
        counts[usize::from(*label)] += 1;
    }
    let there = (0..LABELS.len())
        .filter(|label| counts[*label] as f64 >= FOUND * scene.labels.len() as f64);
    there
        .map(|label| own(LABELS[label]).map_or(LABELS[label], |(_, word)| word))
        .filter(|word| GARMENTS.contains(word) || MORE.contains(word))
        .collect()
}

/// The colour that a clause asks for, in CIELAB.
fn lab(reading: &Reading, clause: usize) -> [f32; 3] {
    match reading.clauses.get(clause).map(|clause| clause.change) {
        Some(Change::Colour(srgb)) => wordloom::colour::srgb_to_lab(srgb),
        _ => [f32::INFINITY; 3],
    }
}

/// Whether a flower whose centre is known gets the colours of "red petals with a blue centre".
fn both(
    engine: &EditModel,
    scene: &Scene,
    photo: &RgbaImage,
    look: &Look,
    rng: &mut SmallRng,
) -> Result<Option<bool>> {
    let truth = |name: &str| {
        let labels: LabelSet = label(name).into_iter().collect();
        Some(Truth::of(scene, labels)).filter(|truth| truth.share() >= FOUND)
    };
    let (Some(petals), Some(centre)) = (truth("flower"), truth("centre")) else {
        return Ok(None);
    };
    let colours: Vec<_> = COLOURS.choose_multiple(rng, 2).collect();
    let sentence = format!("{} petals with a {} centre", colours[0], colours[1]);
    let reading = block_on(engine.read(&sentence))?;
    let edited = block_on(engine.session().edit(look, &reading.condition))?;
    let mut edit = photo.clone();
    edited.edit.apply(&mut edit, 1.0)?;
    let has = |truth: &Truth, clause: usize| {
        let median = median_in(&edit, truth);
        median.is_some_and(|median| distance(median, lab(&reading, clause)) <= edits::REACHED)
    };
    Ok(Some(has(&petals, 0) && has(&centre, 1)))
}
