//! `cargo loom evaluate`: how good are the edits or the pictures of a packed model, on photos that it
//! was not trained on?
//!
//! At the photos' own resolution, by the same engine as in the page. `docs/evaluation.md` says
//! what each figure means.

mod area;
mod classifier;
pub mod colour;
mod following;
mod inception;
pub mod judges;
mod making;
mod matching;
mod names;
mod preserve;
pub mod report;
mod scores;
mod sentences;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use image::RgbaImage;
use indicatif::ProgressStyle;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use wordloom::engine::{Engine, EngineError};
use wordloom::kernels::use_bf16;
use wordloom::prompt::Vocabulary;

use crate::data::{self, Item, Source, Split};
use crate::edit::{self, Edited};
use crate::{make, sheet};
use following::{Measure, Subject};
use judges::Judges;
use report::Report;
use sentences::{Order, Set, Wanted};

/// Photos across on a sheet.
const ON_SHEET: usize = 8;

/// What `cargo loom evaluate` is asked for.
#[derive(clap::Args)]
pub struct Options {
    /// The data set as KIND=FOLDER; may be given several times.
    #[arg(long, required = true, value_name = "KIND=FOLDER")]
    data: Vec<Source>,
    /// The packed model.
    #[arg(long, default_value = "weights/flowers.safetensors")]
    model: PathBuf,
    /// The judges that `cargo loom train judges` has trained; without them only colours and what
    /// is preserved are measured.
    #[arg(long)]
    judges: Option<PathBuf>,
    /// Where to write report.json, report.md, the plots and a sheet.
    #[arg(short, long)]
    output: Option<PathBuf>,
    #[command(flatten)]
    extent: Extent,
    /// Where the random numbers start: the same seed gives the same figures.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// How much is measured.
#[derive(clap::Args)]
pub struct Extent {
    /// Photos that are asked for every colour, spread over those that were not trained on.
    #[arg(long, default_value_t = 80)]
    photos: usize,
    /// Photos for the judges, at most.
    #[arg(long, default_value_t = 1000)]
    judged: usize,
}

/// Runs `cargo loom evaluate` and prints the report.
///
/// # Errors
/// Data, a model or judges that cannot be read.
pub fn run(options: &Options) -> Result<()> {
    let judges = options.judges.as_deref().map(Judges::open).transpose()?;
    let items = |split| data::list(&options.data, split);
    if make::makes(&options.model)? {
        let judges =
            judges.context("pictures need judges: `cargo loom train judges`, then --judges")?;
        let unseen = items(Split::Unseen)?;
        let judged = spread(&judges::split(&unseen).1, options.extent.judged);
        let output = options.output.as_deref();
        let report = making::evaluate(&options.model, &judges, &judged, options.seed, output)?;
        print!("{}", report.markdown());
        return Ok(());
    }
    let report = evaluate(
        &options.model,
        [&items(Split::Train)?, &items(Split::Unseen)?],
        judges.as_ref(),
        &options.extent,
        options.seed,
        options.output.as_deref(),
    )?;
    print!("{}", report.markdown());
    Ok(())
}

/// Measures a packed model on photos that were not trained on, and writes the report, the plots
/// and a sheet into a folder if there is one. What colours are called is learnt from the photos that
/// it was trained on, which come first.
///
/// # Errors
/// A photo or a model that cannot be read, an edit that fails, a file that cannot be written.
pub fn evaluate(
    model: &Path,
    [train, items]: [&[Item]; 2],
    judges: Option<&Judges>,
    extent: &Extent,
    seed: u64,
    output: Option<&Path>,
) -> Result<Report> {
    ensure!(extent.photos > 0, "--photos has to be at least 1");
    // Figures are those of floats, whatever a training before them rounded to.
    use_bf16(false);
    let engine = edit::open(model)?;
    let bytes = std::fs::read(model).with_context(|| format!("cannot read {}", model.display()))?;
    let all: Vec<&Item> = items.iter().collect();
    let first = items.first().context("there are no photos")?;
    let sets = sentences::sets(first.subject);
    let one_colour = sets.iter().flat_map(|set| &set.orders).copied();
    let one_colour = one_colour.filter(|order| matches!(order.wanted, Wanted::One(_)));
    let orders: Vec<Order> = one_colour.collect();
    let subjects = spread(&all, extent.photos)
        .into_par_iter()
        .filter_map(|item| Subject::new(&engine, item, &orders).transpose())
        .collect::<Result<Vec<_>>>()?;
    let names = following::learn(&engine, train, &orders)?;
    let measure = Measure {
        engine: &engine,
        names: &names,
        orders: &orders,
    };
    let followed = sets
        .iter()
        .map(|set| measure.set(&subjects, items, set))
        .collect::<Result<Vec<_>>>()?;
    let scores = judges.map(|judges| {
        let (_, never_seen) = judges::split(items);
        let judged = spread(&never_seen, extent.judged);
        scores::measure(&engine, judges, &judged, seed)
    });
    let name = model.file_stem().unwrap_or_default();
    let report = Report {
        model: name.to_string_lossy().into(),
        bytes: bytes.len(),
        sha256: format!("{:x}", Sha256::digest(&bytes)),
        seed,
        photos: subjects.len(),
        names,
        followed,
        scores: scores.transpose()?,
    };
    if let Some(folder) = output {
        report.write(folder)?;
        let shown = spread(&subjects.iter().collect::<Vec<_>>(), ON_SHEET);
        sheet(&folder.join("sheet.png"), &engine, &shown, &sets)?;
    }
    Ok(report)
}

/// The orders in one colour for the first of these photos, as far as a vocabulary has words of them.
pub fn prompts(items: &[Item], vocabulary: &Vocabulary) -> Vec<String> {
    let Some(item) = items.first() else {
        return Vec::new();
    };
    let one_colour = sentences::sets(item.subject).swap_remove(0);
    let orders = one_colour.orders.iter().map(|order| order.of(item));
    orders
        .filter(|sentence| vocabulary.read(sentence).is_ok())
        .collect()
}

/// A sheet of photos and of what the orders make of them, as far as the model can read them.
fn sheet(path: &Path, engine: &Engine, subjects: &[&Subject], sets: &[Set]) -> Result<()> {
    let mut rows: Vec<RgbaImage> = subjects
        .iter()
        .map(|subject| subject.photo.clone())
        .collect();
    for order in sets.iter().flat_map(|set| &set.orders) {
        let edit = |subject: &&Subject| edit(engine, &subject.photo, &order.of(subject.item));
        let edits = subjects
            .iter()
            .map(edit)
            .collect::<Result<Option<Vec<_>>>>()?;
        rows.extend(edits.into_iter().flatten().map(|edit| edit.photo));
    }
    sheet::of_pictures(path, &rows, subjects.len())
}

/// A photo's pixels. One that cannot be read is left out, and said so.
fn pixels(item: &Item) -> Option<RgbaImage> {
    let photo = item.photo.read();
    let photo = photo
        .map_err(|error| eprintln!("left out: {error:#}"))
        .ok()?;
    Some(photo.to_rgba8())
}

/// An edit; none for a sentence that the model cannot read.
fn edit(engine: &Engine, photo: &RgbaImage, sentence: &str) -> Result<Option<Edited>> {
    match Edited::new(engine, photo, sentence, 1.0, None) {
        Err(error) if matches!(error.downcast_ref(), Some(EngineError::Prompt(_))) => Ok(None),
        edited => edited.map(Some),
    }
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
