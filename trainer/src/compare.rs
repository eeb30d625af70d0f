//! `cargo loom compare`: the paper's table. Every fusion layer on the same data, steps and seed,
//! measured in the same way.
//!
//! ```text
//! RUN/text/, RUN/judges/     shared by all
//! RUN/layers/LAYER/          a run, LAYER.safetensors, evaluation/
//! RUN/comparison/            comparison.json, comparison.md, ranks.svg
//! ```
//!
//! What is there already is not trained again, so the command can be stopped and called again.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Serialize;
use wordloom::fusion::FusionForm;

use crate::data::{self, Dataset, Split};
use crate::evaluate::judges::{self, Judges};
use crate::evaluate::report::{Report, comparison};
use crate::evaluate::{Extent, evaluate, prompts};
use crate::generator::{self, GeneratorConfig};
use crate::pack;
use crate::plot;
use crate::run::{Checkpoint, write_json};
use crate::text::{self, TextConfig};

/// What `cargo loom compare` is asked for.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    training: crate::Options,
    /// Steps of 32 photos for each generator.
    #[arg(long, default_value_t = 2500)]
    steps: usize,
    /// Passes over the photos for the text encoder that they share.
    #[arg(long, default_value_t = 10)]
    epochs: usize,
    /// The fusion layers; may be given several times.
    #[arg(long = "fusion", default_values = ["concat", "film", "bilinear", "bilinear:16", "bilinear:64", "bilinear:256"])]
    layers: Vec<FusionForm>,
    #[command(flatten)]
    extent: Extent,
}

/// A layer and what was measured.
#[derive(Serialize)]
struct Line {
    layer: String,
    #[serde(flatten)]
    report: Report,
}

/// Runs `cargo loom compare` and prints the table.
///
/// # Errors
/// What [`text::train`], [`generator::train`], [`pack::run`] and [`evaluate`] refuse.
pub fn run(options: &Options) -> Result<()> {
    let crate::Options {
        data,
        run,
        size,
        device,
        seed,
    } = &options.training;
    let accelerator = device;
    let device = accelerator.device()?;
    let (train, unseen) = (
        data::list(data, Split::Train)?,
        data::list(data, Split::Unseen)?,
    );
    let begun = Checkpoint::new(run, "text").exists();
    let vocabulary = match begun {
        true => crate::vocabulary(run)?,
        false => data::vocabulary(&train)?,
    };
    let seen = Dataset::load(&train, &vocabulary, *size)?;
    let new = Dataset::load(&unseen, &vocabulary, *size)?;
    let config = TextConfig {
        data: crate::kinds(data),
        ..TextConfig::new(&vocabulary, *size, options.epochs, *seed)
    };
    text::train(run, config, &seen, &new, &vocabulary, begun, &device)?;
    let judges = run.join("judges");
    judges::train(
        &judges,
        [train.clone(), unseen.clone()],
        *size,
        *seed,
        &device,
    )?;
    let judges = Judges::open(&judges)?;

    let mut lines = Vec::new();
    for fusion in &options.layers {
        let layer = fusion.name();
        eprintln!("{layer}:");
        let name = layer.replace(':', "-");
        let folder = run.join("layers").join(&name);
        share_text(run, &folder)?;
        let config = GeneratorConfig::new(fusion.clone(), *size, options.steps, *seed);
        let begun = Checkpoint::new(&folder, "editor").exists();
        let device = accelerator.device()?; // the evaluation before may have changed its precision
        generator::train(&folder, config, &seen, &new, &vocabulary, begun, &device)?;
        let model = folder.join(&name).with_extension("safetensors");
        let prompts = prompts(&unseen, &vocabulary);
        pack::run(&pack::Options::new(&folder, &model, prompts))?;
        let report = evaluate(
            &model,
            [&train, &unseen],
            Some(&judges),
            &options.extent,
            *seed,
            Some(&folder.join("evaluation")),
        )?;
        lines.push(Line { layer, report });
    }
    write(&run.join("comparison"), &lines, options.steps)
}

/// Gives a layer's run the text encoder of step 1.
fn share_text(run: &Path, layer: &Path) -> Result<()> {
    let shared = ["vocabulary.json", "text/config.json", "text/matching.bpk"];
    fs::create_dir_all(layer.join("text"))
        .with_context(|| format!("cannot make {}", layer.display()))?;
    for file in shared.map(PathBuf::from) {
        fs::copy(run.join(&file), layer.join(&file))
            .with_context(|| format!("cannot copy {}", run.join(&file).display()))?;
    }
    Ok(())
}

fn write(folder: &Path, lines: &[Line], steps: usize) -> Result<()> {
    let reports: Vec<&Report> = lines.iter().map(|line| &line.report).collect();
    let table = format!(
        "{}\n{steps} steps each, on the same data, text encoder and seed.\n",
        comparison(&reports)
    );
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let text = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    };
    write_json(&folder.join("comparison.json"), &lines)?;
    text("comparison.md", &table)?;
    text("ranks.svg", &ranks(lines))?;
    print!("\n{table}");
    Ok(())
}

/// Colour following by rank, with the layers that have none as lines across.
fn ranks(lines: &[Line]) -> String {
    let (mut points, mut levels) = (Vec::new(), Vec::new());
    for Line { layer, report } in lines {
        if let Some(colours) = report.colours() {
            match layer.strip_prefix("bilinear:") {
                Some(rank) => points.push((rank.to_string(), colours)),
                None => levels.push((layer.as_str(), colours)),
            }
        }
    }
    plot::sweep(
        "Share of edits that have the colour that was asked for",
        "rank of the bilinear layer",
        &points,
        &levels,
    )
}
