//! Garments of street photos in other fabrics, as the judge names them.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result, ensure};
use image::RgbaImage;
use image::imageops::{self, FilterType};
use indicatif::ParallelProgressIterator;
use pollster::block_on;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use rayon::prelude::*;
use serde::Serialize;
use wordloom::colour::srgb_to_lab;
use wordloom::engine::EditModel;
use wordloom::prompt::{THINGS, Thing};

use super::cloth::Cloth;
use super::sharpness::fine;
use super::{Judge, KINDS, read};
use crate::data::Split;
use crate::evaluate::editing::{name, own_names};
use crate::evaluate::edits::{Mean, Measured};
use crate::evaluate::masks::{Truth, overlap};
use crate::evaluate::seen::Share;
use crate::evaluate::shown::rgba;
use crate::evaluate::{Options, progress};
use crate::run::write_json;
use crate::scenes::{self, LabelSet, Scene};

/// What is asked for, `{}` being a garment, and what a judge has to call it.
const FABRICS: [(&str, &str); 5] = [
    ("a navy and white striped {}", "striped"),
    ("a red gingham {}", "checked"),
    ("a polka-dot {}, white on black", "dotted"),
    ("a green tartan {}", "checked"),
    ("a denim {}", "denim"),
];
/// The share of a photo that a garment has at least: of smaller ones a pattern cannot be told at these photos'
/// size.
const LEAST: f64 = 0.02;
/// Photos that are measured at twelve megapixels, evenly spread.
const LARGE: usize = 6;
const PIXELS: f64 = 12e6;
/// Height and width of what is measured of them.
const SIDE: usize = 256;

/// What an evaluation of fabrics found.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The model's name.
    model: String,
    /// For each kind of real cloth that the judge has not seen, how often it names it.
    real: BTreeMap<&'static str, Share>,
    /// For each sentence.
    asked: Vec<Asked>,
}

/// What became of one sentence for all garments.
#[derive(Debug, Serialize)]
struct Asked {
    sentence: &'static str,
    kind: &'static str,
    /// Edits that were made.
    made: Share,
    /// Those that the judge calls by the kind that was asked for, and what it calls them.
    named: Share,
    called: BTreeMap<&'static str, usize>,
    /// The same of the photos before.
    before: Share,
    /// Change outside the true mask, as a share of the range.
    outside: Option<f64>,
    /// Intersection over union of the mask with the true one; 0 where nothing was found.
    overlap: Option<f64>,
    /// Of twelve megapixels the share of energy from a quarter of the highest frequency on: in the edit, and in the
    /// fabric drawn alone.
    fine: [Option<f64>; 2],
}

/// One edit.
struct Worn {
    fabric: usize,
    overlap: f64,
    /// What the judge calls it, what it called the photo, and the change outside; none where nothing was found.
    made: Option<(Option<usize>, Option<usize>, f64)>,
}

/// Has the judge name real cloth and edits, and writes the report.
///
/// # Errors
/// Data that cannot be read, a device that fails, a file that cannot be written.
pub fn evaluate(engine: &EditModel, judge: &Judge, options: &Options) -> Result<Report> {
    let real = real(judge, options)?;
    let masked = (options.data.iter()).filter(|source| scenes::has_masks(source.kind));
    let mut all = Vec::new();
    for source in masked {
        all.extend(scenes::load_whole(source, Split::Unseen, options.photos)?);
    }
    ensure!(
        !all.is_empty(),
        "edits need photos with masks: --data street=..."
    );
    let worn = all
        .par_iter()
        .progress_with_style(progress("fabrics")?)
        .map(|scene| worn(engine, judge, scene).with_context(|| format!("photo {}", scene.name)))
        .collect::<Result<Vec<_>>>()?;
    let worn: Vec<Worn> = worn.into_iter().flatten().collect();
    let large = super::super::spread(&all.iter().collect::<Vec<_>>(), LARGE);
    let sharp = large
        .iter()
        .map(|scene| sharp(engine, scene))
        .collect::<Result<Vec<_>>>()?;
    let asked = FABRICS.iter().enumerate().map(|(n, (sentence, kind))| {
        let of = || worn.iter().filter(move |worn| worn.fabric == n);
        let made = || of().filter_map(|worn| worn.made);
        let is = |named: usize| KINDS[named] == *kind;
        let mut called = BTreeMap::new();
        for named in made().filter_map(|made| made.0) {
            *called.entry(KINDS[named]).or_default() += 1;
        }
        let fine = |c: usize| {
            let values = sharp.iter().flatten().filter(|(fabric, _)| *fabric == n);
            values.map(|(_, both)| both[c]).collect::<Mean>().mean()
        };
        Asked {
            sentence,
            kind,
            made: of().map(|worn| worn.made.is_some()).collect(),
            named: made().filter_map(|made| made.0).map(is).collect(),
            called,
            before: made().filter_map(|made| made.1).map(is).collect(),
            outside: made().map(|made| made.2).collect::<Mean>().mean(),
            overlap: of().map(|worn| worn.overlap).collect::<Mean>().mean(),
            fine: [fine(0), fine(1)],
        }
    });
    let report = Report {
        model: name(&options.model),
        real,
        asked: asked.collect(),
    };
    if let Some(folder) = &options.output {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        write_json(&folder.join("fabrics.json"), &report)?;
        let path = folder.join("fabrics.md");
        fs::write(&path, report.markdown())
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(report)
}

/// How often the judge is right of photos that it has not seen.
fn real(judge: &Judge, options: &Options) -> Result<BTreeMap<&'static str, Share>> {
    let cloths = read(&options.data, Split::Unseen)?;
    let named = cloths.par_iter().map(|cloth| {
        Ok(judge
            .names(cloth)?
            .map(|named| (cloth.kind, named == cloth.kind)))
    });
    let named = named.collect::<Result<Vec<_>>>()?;
    let mut real = BTreeMap::<_, Share>::new();
    for (kind, right) in named.into_iter().flatten() {
        real.entry(KINDS[kind]).or_default().add(right);
    }
    Ok(real)
}

/// The garments of a photo by their own names, that are large enough, each with its true mask.
fn garments(scene: &Scene) -> Vec<(&'static Thing, Truth)> {
    let own = own_names(scene);
    let things = THINGS.iter().filter(|thing| own.contains(&thing.name));
    things
        .map(|thing| (thing, Truth::of(scene, LabelSet::of(thing.labels))))
        .filter(|(_, truth)| truth.share() >= LEAST)
        .collect()
}

/// Every fabric on every garment of a photo.
fn worn(engine: &EditModel, judge: &Judge, scene: &Scene) -> Result<Vec<Worn>> {
    let (photo, session) = (rgba(scene), engine.session());
    let (width, height) = photo.dimensions();
    let look = block_on(session.look(&photo, width as usize, height as usize))?;
    let mut all = Vec::new();
    for (thing, truth) in garments(scene) {
        let before = judge.names(&Cloth::of_garment(&photo, &truth, 0))?;
        for (fabric, (sentence, _)) in FABRICS.iter().enumerate() {
            let sentence = sentence.replace("{}", thing.name);
            let reading = block_on(engine.read(&sentence))?;
            let edited = block_on(session.edit(&look, &reading.condition))?;
            let found = edited.shares.iter().any(|share| *share > 0.0);
            let mut edit = photo.clone();
            edited.edit.apply(&mut edit, 1.0)?;
            let named = judge.names(&Cloth::of_garment(&edit, &truth, 0))?;
            let mask = edited.edit.mask(&photo)?;
            let measured = Measured::of(&photo, (&edit, &mask), &truth, |_| false, [0.0; 3]);
            all.push(Worn {
                fabric,
                overlap: match found {
                    true => overlap(&mask, &truth),
                    false => 0.0,
                },
                made: measured
                    .filter(|_| found)
                    .map(|measured| (named, before, measured.outside)),
            });
        }
    }
    Ok(all)
}

/// How fine each fabric is on the largest garment of a photo that is enlarged to twelve megapixels, and the fabric
/// alone.
fn sharp(engine: &EditModel, scene: &Scene) -> Result<Vec<(usize, [f64; 2])>> {
    let garments = garments(scene);
    let largest = garments
        .iter()
        .max_by(|a, b| a.1.share().total_cmp(&b.1.share()));
    let Some((thing, truth)) = largest else {
        return Ok(Vec::new());
    };
    let small = rgba(scene);
    let (width, height) = small.dimensions();
    let times = (PIXELS / (f64::from(width) * f64::from(height))).sqrt();
    let [wide, high] = [width, height].map(|side| (times * f64::from(side)).round() as u32);
    let photo = imageops::resize(&small, wide, high, FilterType::CatmullRom);
    let cloth = Cloth::of_garment(&small, truth, 0);
    let windows = cloth.windows(1, 1.0, &mut SmallRng::seed_from_u64(1));
    let Some(window) = windows.first() else {
        return Ok(Vec::new());
    };
    let start = |first: u32, end: u32| {
        let middle = times * (f64::from(first) + 0.5 * f64::from(window.side));
        (middle as u32)
            .saturating_sub(SIDE as u32 / 2)
            .min(end.saturating_sub(SIDE as u32))
    };
    let (left, top) = (start(window.left, wide), start(window.top, high));
    let look = block_on(engine.session().look(&photo, wide as usize, high as usize))?;
    let mut all = Vec::new();
    for (fabric, (sentence, _)) in FABRICS.iter().enumerate() {
        let reading = block_on(engine.read(&sentence.replace("{}", thing.name)))?;
        let edited = block_on(engine.session().edit(&look, &reading.condition))?.edit;
        let Some(cloth) = edited.layers().first().and_then(|layer| layer.cloth()) else {
            continue;
        };
        let mut edit = photo.clone();
        edited.apply(&mut edit, 1.0)?;
        let places = || {
            let place = |i: usize| (left + (i % SIDE) as u32, top + (i / SIDE) as u32);
            (0..SIDE * SIDE).map(place)
        };
        let seen: Vec<f32> = places().map(|(x, y)| lightness(&edit, x, y)).collect();
        let alone = places().map(|(x, y)| {
            let at = cloth.axes().map(|[a, b]| a * x as f32 + b * y as f32);
            cloth.tile().at(at)[0]
        });
        let alone: Vec<f32> = alone.collect();
        all.push((fabric, [fine(&seen, SIDE), fine(&alone, SIDE)]));
    }
    Ok(all)
}

fn lightness(photo: &RgbaImage, x: u32, y: u32) -> f32 {
    let [r, g, b, _] = photo.get_pixel(x, y).0;
    srgb_to_lab([r, g, b])[0]
}

impl Report {
    /// The tables.
    pub fn markdown(&self) -> String {
        let of = |share: Share| match share.value() {
            Some(value) => format!("{:.1} % of {}", 100.0 * value, share.all),
            None => String::new(),
        };
        let number = |value: Option<f64>, digits: usize| {
            value.map_or(String::new(), |value| format!("{value:.digits$}"))
        };
        let mut text = format!(
            "# Fabrics of {}\n\n| sentence | found | named right | of the photos before | changed outside | IoU | \
             fine, % (alone) |\n|---|---|---|---|---|---|---|\n",
            self.model
        );
        for asked in &self.asked {
            let [edit, alone] = asked.fine.map(|share| number(share.map(|s| 100.0 * s), 2));
            let outside = number(asked.outside, 4);
            let cells = [
                asked.sentence.replace("{}", "{garment}"),
                of(asked.made),
                of(asked.named),
                of(asked.before),
                outside,
                number(asked.overlap, 3),
                format!("{edit} ({alone})"),
            ];
            text += &format!("| {} |\n", cells.join(" | "));
        }
        let all = self
            .asked
            .iter()
            .fold(Share::default(), |sum, asked| Share {
                right: sum.right + asked.named.right,
                all: sum.all + asked.named.all,
            });
        text += &format!("\nOf all edits {} are named right.\n", of(all));
        text += "\n| real cloth | named right |\n|---|---|\n";
        for (kind, share) in &self.real {
            text += &format!("| {kind} | {} |\n", of(*share));
        }
        text += "\n| asked for | called |\n|---|---|\n";
        for asked in &self.asked {
            let called = (asked.called.iter()).map(|(kind, count)| format!("{kind} {count}"));
            let called: Vec<String> = called.collect();
            text += &format!("| {} | {} |\n", asked.kind, called.join(", "));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_says_what_was_named() {
        let asked = Asked {
            sentence: FABRICS[0].0,
            kind: FABRICS[0].1,
            made: Share { right: 3, all: 4 },
            named: Share { right: 2, all: 3 },
            called: BTreeMap::from([("checked", 1), ("striped", 2)]),
            before: Share { right: 0, all: 3 },
            outside: Some(0.00512),
            overlap: Some(0.6),
            fine: [Some(0.01), None],
        };
        let report = Report {
            model: "editor".into(),
            real: BTreeMap::from([("striped", Share { right: 3, all: 4 })]),
            asked: vec![asked],
        };
        let text = report.markdown();
        for line in [
            "| a navy and white striped {garment} | 75.0 % of 4 | 66.7 % of 3 | 0.0 % of 3 | 0.0051 | 0.600 | 1.00 () |",
            "Of all edits 66.7 % of 3 are named right.",
            "| striped | 75.0 % of 4 |",
            "| striped | checked 1, striped 2 |",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
    }

    #[test]
    fn every_sentence_asks_for_a_kind_that_the_judge_knows() {
        for (sentence, kind) in FABRICS {
            assert!(
                sentence.contains("{}") && KINDS.contains(&kind),
                "{sentence}"
            );
        }
    }
}
