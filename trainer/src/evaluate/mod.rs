//! `cargo loom evaluate`: how good are the edits or the pictures of a packed model, on photos that it
//! was not trained on?
//!
//! At the photos' own resolution, by the same engine as in the page. `docs/evaluation.md` says
//! what each figure means.

mod boundary;
mod classifier;
mod editing;
mod edits;
mod inception;
pub mod judges;
mod labelling;
mod making;
mod masks;
mod matching;
pub mod patterns;
mod presence;
mod report;
mod seen;
mod shown;

use std::path::PathBuf;

use anyhow::{Context, Result};
use image::RgbaImage;
use indicatif::ProgressStyle;

use crate::data::{self, Item, Source, Split};
use crate::{edit, make};
use judges::Judges;

/// What `cargo loom evaluate` is asked for.
#[derive(clap::Args)]
pub struct Options {
    /// The data set as KIND=FOLDER; may be given several times. An editor needs masks: street,
    /// clothing, oxford17; or objects, where nothing is worn.
    #[arg(long, required = true, value_name = "KIND=FOLDER")]
    data: Vec<Source>,
    /// The packed model: an editor, or one that makes garments.
    #[arg(long, default_value = "weights/editor.safetensors")]
    model: PathBuf,
    /// Where to write report.json, report.md and sheets.
    #[arg(short, long)]
    output: Option<PathBuf>,
    /// Photos of each data set with masks, at most, evenly spread.
    #[arg(long, default_value_t = 150)]
    photos: usize,
    /// For one that makes garments: the judges that `cargo loom train judges` has trained.
    #[arg(long)]
    judges: Option<PathBuf>,
    /// For fabrics: the judge that `cargo loom train patterns` has trained. Data with masks is edited, and the
    /// judge names what becomes of it; other data says how often it is right of real cloth.
    #[arg(long, conflicts_with = "judges")]
    patterns: Option<PathBuf>,
    /// Photos for the judges, at most.
    #[arg(long, default_value_t = 1000)]
    judged: usize,
    /// Where the random numbers start: the same seed gives the same figures.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Runs `cargo loom evaluate` and prints the report.
///
/// # Errors
/// Data, a model or judges that cannot be read.
pub fn run(options: &Options) -> Result<()> {
    let output = options.output.as_deref();
    if let Some(judge) = &options.patterns {
        let judge = patterns::Judge::open(judge)?;
        let report = patterns::evaluate(&edit::open(&options.model)?, &judge, options)?;
        print!("{}", report.markdown());
        return Ok(());
    }
    if !make::makes(&options.model)? {
        let report = editing::evaluate(&edit::open(&options.model)?, options)?;
        print!("{}", report.markdown());
        return Ok(());
    }
    let judges = options.judges.as_deref().map(Judges::open).transpose()?;
    let judges =
        judges.context("pictures need judges: `cargo loom train judges`, then --judges")?;
    let unseen = data::list(&options.data, Split::Unseen)?;
    let judged = spread(&judges::split(&unseen).1, options.judged);
    let report = making::evaluate(&options.model, &judges, &judged, options.seed, output)?;
    print!("{}", report.markdown());
    Ok(())
}

/// A photo's pixels. One that cannot be read is left out, and said so.
fn pixels(item: &Item) -> Option<RgbaImage> {
    let photo = item.photo.read();
    let photo = photo
        .map_err(|error| eprintln!("left out: {error:#}"))
        .ok()?;
    Some(photo.to_rgba8())
}

/// At most `count` of a list, evenly spread over it.
fn spread<T: Copy>(list: &[T], count: usize) -> Vec<T> {
    let count = count.min(list.len());
    (0..count).map(|n| list[n * list.len() / count]).collect()
}

/// The style of a progress bar with this name.
fn progress(name: &str) -> Result<ProgressStyle> {
    let template = format!("{name} {{wide_bar}} {{pos}}/{{len}}");
    Ok(ProgressStyle::with_template(&template)?)
}
