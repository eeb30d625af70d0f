//! `cargo loom evaluate`: does the edit have the colour that was asked for, and is the rest kept?
//!
//! Measured on classes that nobody trained on, at the photos' own resolution, by the same engine
//! as in the page.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Result, ensure};
use image::RgbaImage;
use palette::color_difference::Ciede2000;
use palette::{FromColor, Lab, Srgb};
use wordloom::engine::Engine;

use crate::data::{self, Source, Split};
use crate::edit::{self, Edited};

/// Basic colour terms with a typical colour each; the ones without petals are there to be wrong.
const TERMS: [(&str, [u8; 3]); 11] = [
    ("red", [200, 20, 30]),
    ("orange", [240, 130, 20]),
    ("yellow", [240, 220, 40]),
    ("green", [60, 130, 40]),
    ("blue", [50, 70, 200]),
    ("purple", [130, 50, 160]),
    ("pink", [240, 130, 180]),
    ("white", [240, 240, 240]),
    ("black", [20, 20, 20]),
    ("grey", [128, 128, 128]),
    ("brown", [110, 70, 40]),
];

/// What is asked for, and the term that should come out.
const ASKED: [(&str, &str); 7] = [
    ("this flower has blue petals", "blue"),
    ("the petals are red", "red"),
    ("make it yellow", "yellow"),
    ("purple", "purple"),
    ("white petals", "white"),
    ("make the petals pink", "pink"),
    ("orange", "orange"),
];

/// What `cargo loom evaluate` is asked for.
#[derive(clap::Args)]
pub struct Options {
    /// The data set as KIND=FOLDER; may be given several times.
    #[arg(long, required = true, value_name = "KIND=FOLDER")]
    data: Vec<Source>,
    /// The packed model.
    #[arg(long, default_value = "weights/flowers.safetensors")]
    model: PathBuf,
    /// Number of photos, spread over the classes that were not trained on.
    #[arg(long, default_value_t = 40)]
    photos: usize,
}

/// What one edit came to.
#[derive(Debug, Default)]
struct Measure {
    /// The commonest term in the changed area, if there is one.
    term: Option<&'static str>,
    /// Mean absolute change where the mask is under 0.1, as a share of the range, and its weight.
    outside: (f64, f64),
    /// Mean of the mask.
    mask: f64,
}

/// The basic colour term that is nearest in CIELAB, by CIEDE2000.
fn term(pixel: [u8; 3]) -> &'static str {
    let lab = |[r, g, b]: [u8; 3]| Lab::from_color(Srgb::new(r, g, b).into_format::<f32>());
    let pixel: Lab = lab(pixel);
    let nearest = TERMS.iter().min_by(|a, b| {
        let apart = |term: &(&str, [u8; 3])| pixel.difference(lab(term.1));
        apart(a).total_cmp(&apart(b))
    });
    nearest.expect("there are terms").0
}

impl Measure {
    /// Compares an edit with its photo. The changed area is where the mask is at least half of
    /// its largest value.
    fn new(photo: &RgbaImage, edited: &Edited) -> Self {
        let most = edited.mask.as_raw().iter().copied().max().unwrap_or(0);
        let mut terms: BTreeMap<&str, usize> = BTreeMap::new();
        let (mut outside, mut mask) = ((0.0, 0.0), 0.0);
        for ((before, after), m) in photo
            .pixels()
            .zip(edited.photo.pixels())
            .zip(edited.mask.as_raw())
        {
            let ([r, g, b, _], m) = (after.0, *m);
            mask += f64::from(m) / 255.0;
            if m > 25 && m >= most / 2 {
                *terms.entry(term([r, g, b])).or_default() += 1;
            }
            if m < 26 {
                let change = |c: usize| f64::from(before.0[c].abs_diff(after.0[c])) / 255.0;
                outside.0 += (change(0) + change(1) + change(2)) / 3.0;
                outside.1 += 1.0;
            }
        }
        Self {
            term: terms
                .into_iter()
                .max_by_key(|(_, count)| *count)
                .map(|(term, _)| term),
            outside,
            mask: mask / edited.mask.as_raw().len() as f64,
        }
    }
}

/// Runs `cargo loom evaluate` and prints a Markdown table.
///
/// # Errors
/// Data or a model that cannot be read.
pub fn run(options: &Options) -> Result<()> {
    let engine = edit::open(&options.model)?;
    let items = data::list(&options.data, Split::Unseen)?;
    ensure!(options.photos > 0, "--photos has to be at least 1");
    let count = options.photos.min(items.len());
    let photos = (0..count)
        .map(|n| {
            let item = &items[n * items.len() / count];
            let photo = item.photo.read()?.to_rgba8();
            Ok((photo, item.colour.map(|colour| colour.group)))
        })
        .collect::<Result<Vec<_>>>()?;
    println!("| sentence | photos | colour followed | else | change outside | mask |");
    println!("|---|---|---|---|---|---|");
    let mut all = Vec::new();
    for (sentence, wanted) in ASKED {
        // A flower that has the colour already is right as it is: it measures nothing.
        let others = photos.iter().filter(|(_, own)| *own != Some(wanted));
        let measure = |(photo, _): &_| Ok((measure(&engine, photo, sentence)?, wanted));
        let measures = others.map(measure).collect::<Result<Vec<_>>>()?;
        row(&format!("“{sentence}”"), &measures);
        all.extend(measures);
    }
    row("all", &all);
    println!("\n{count} photos of classes that were not trained on.");
    Ok(())
}

fn measure(engine: &Engine, photo: &RgbaImage, sentence: &str) -> Result<Measure> {
    let edited = Edited::new(engine, photo, sentence, 1.0, None)?;
    Ok(Measure::new(photo, &edited))
}

/// Prints a line of the table: measures, each with the term that was wanted.
fn row(name: &str, measures: &[(Measure, &str)]) {
    let count = measures.len() as f64;
    let sum =
        |of: fn(&Measure) -> f64| measures.iter().map(|(measure, _)| of(measure)).sum::<f64>();
    let followed = measures
        .iter()
        .filter(|(measure, wanted)| measure.term == Some(wanted));
    println!(
        "| {name} | {count} | {:.0} % | {} | {:.4} | {:.2} |",
        100.0 * followed.count() as f64 / count,
        otherwise(measures),
        sum(|measure| measure.outside.0) / sum(|measure| measure.outside.1).max(1.0),
        sum(|measure| measure.mask) / count
    );
}

/// The terms that came out instead of the wanted ones, commonest first: "grey 12, green 3".
fn otherwise(measures: &[(Measure, &str)]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (measure, wanted) in measures {
        if measure.term != Some(wanted) {
            *counts.entry(measure.term.unwrap_or("none")).or_default() += 1;
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let counts = counts.iter().map(|(term, count)| format!("{term} {count}"));
    counts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{GrayImage, Luma, Rgba};

    #[test]
    fn colours_have_the_names_that_people_give_them() {
        for (pixel, name) in [
            ([255, 0, 0], "red"),
            ([255, 255, 0], "yellow"),
            ([30, 40, 220], "blue"),
            ([255, 170, 200], "pink"),
            ([150, 60, 180], "purple"),
            ([255, 150, 0], "orange"),
            ([250, 245, 248], "white"),
            ([40, 110, 30], "green"),
        ] {
            assert_eq!(term(pixel), name, "{pixel:?}");
        }
    }

    #[test]
    fn change_inside_and_outside_the_mask_is_told_apart() {
        let photo = RgbaImage::from_pixel(10, 10, Rgba([100, 100, 100, 255]));
        let left = |x: u32| x < 5;
        let edited = Edited {
            photo: RgbaImage::from_fn(10, 10, |x, _| match left(x) {
                true => Rgba([40, 60, 210, 255]),
                false => Rgba([151, 100, 100, 255]),
            }),
            mask: GrayImage::from_fn(10, 10, |x, _| Luma([if left(x) { 200 } else { 0 }])),
            unknown: Vec::new(),
        };
        let measure = Measure::new(&photo, &edited);
        assert_eq!(measure.term, Some("blue"));
        let outside = measure.outside.0 / measure.outside.1;
        assert!((outside - 51.0 / 255.0 / 3.0).abs() < 1e-9);
        assert!((measure.mask - 0.5 * 200.0 / 255.0).abs() < 1e-9);
    }
}
