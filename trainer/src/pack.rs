//! `cargo loom pack`: a trained run becomes one file, and a line in the manifest.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use burn::module::Module;
use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use wordloom::weights::{self, Bits, Facts, Model, ModelConfig, SelfTest};

use crate::about::About;
use crate::generator::{self, GeneratorConfig};
use crate::run::{read_json, write_json};
use crate::text::{Matching, TextConfig};

/// What `cargo loom pack` is asked for.
#[derive(clap::Args)]
pub struct Options {
    /// The folder of the training.
    #[arg(long, default_value = "runs/flowers")]
    run: PathBuf,
    /// Where to write the model; `manifest.json` beside it gets its line.
    #[arg(short, long, default_value = "weights/flowers.safetensors")]
    output: PathBuf,
    /// Bits of the editor's weights: 8, or 4 for a smaller file whose edits are further off.
    #[arg(long, default_value = "8", value_parser = bits)]
    bits: Bits,
    /// What it edits, in a few words, where its data do not say it.
    #[arg(long)]
    edits: Option<String>,
    /// What it was trained on, for the file's own record.
    #[arg(long)]
    data: Option<String>,
    /// The licence of the data.
    #[arg(long)]
    licence: Option<String>,
    /// Sentences to try on the page; the first one is the self-test's.
    #[arg(long = "prompt")]
    prompts: Vec<String>,
}

impl Options {
    /// As if the command line had named a run, a file and prompts only.
    pub fn new(run: &Path, output: &Path, prompts: Vec<String>) -> Self {
        Self {
            run: run.into(),
            output: output.into(),
            bits: Bits::Eight,
            edits: None,
            data: None,
            licence: None,
            prompts,
        }
    }
}

fn bits(text: &str) -> Result<Bits, &'static str> {
    match text {
        "4" => Ok(Bits::Four),
        "8" => Ok(Bits::Eight),
        _ => Err("it is 4 or 8"),
    }
}

/// What the page knows before it loads a model.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Manifest {
    models: Vec<Entry>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    name: String,
    file: String,
    bytes: usize,
    sha256: String,
    edits: String,
    prompts: Vec<String>,
    // Entries of other makers may lack the rest.
    #[serde(default)]
    prompts_zh: Vec<String>,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    fusion: String,
    #[serde(default)]
    words: Vec<String>,
}

/// Runs `cargo loom pack`.
///
/// # Errors
/// A run that is not trained, a file that cannot be written.
pub fn run(options: &Options) -> Result<()> {
    let device = Device::flex();
    let (matching, text) = Matching::frozen(&options.run, &device)?;
    let (editor, config) = generator::averaged(&options.run, &device)?;
    let name = options
        .output
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy();
    let size = config.discriminator.size;
    let about: Vec<About> = text.data.iter().map(|kind| kind.about()).collect();
    let first = about.first().context("the run does not say its data")?;
    let told = |of: fn(&About) -> &str, option: &Option<String>| match option {
        Some(told) => told.clone(),
        None => about.iter().map(of).collect::<Vec<_>>().join("; "),
    };
    let words = |list: &[&str]| list.iter().map(|word| word.to_string()).collect::<Vec<_>>();
    let vocabulary = crate::vocabulary(&options.run)?;
    // A page offers only what the model can read.
    let known = |prompts: &[&str]| -> Vec<String> {
        let mut prompts = words(prompts);
        prompts.retain(|prompt| {
            let read = vocabulary.read(prompt);
            read.is_ok_and(|prompt| prompt.unknown.is_empty())
        });
        prompts
    };
    let prompts = match options.prompts.is_empty() {
        true => known(first.prompts),
        false => options.prompts.clone(),
    };
    let fusion = config.editor.fusion.name();
    let command = command(&text, &config);
    let model = Model {
        config: ModelConfig::new(text.text, config.editor).with_short_side(size),
        facts: Facts {
            name: name.to_string(),
            edits: options.edits.clone().unwrap_or_else(|| first.edits.into()),
            data: told(|about| about.data, &options.data),
            licence: format!(
                "{}; weights MIT OR Apache-2.0",
                told(|about| about.licence, &options.licence)
            ),
            command,
            steps: config.step,
            prompts,
            ..Facts::default()
        },
        text: matching.text.valid(),
        editor,
        check: SelfTest::default(),
        vocabulary: vocabulary.clone(),
    };
    let bytes = weights::pack(&model, options.bits)?;
    let (mean, most) = apart(&model, &weights::unpack(&bytes, &device)?)?;
    std::fs::write(&options.output, &bytes)
        .with_context(|| format!("cannot write {}", options.output.display()))?;
    let entry = Entry {
        name: name.to_string(),
        file: options
            .output
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into(),
        bytes: bytes.len(),
        sha256: format!("{:x}", Sha256::digest(&bytes)),
        edits: model.facts.edits,
        prompts: model.facts.prompts,
        prompts_zh: known(first.prompts_zh),
        subject: first.subject.into(),
        // The page's names: a rank says nothing to a visitor.
        fusion: fusion.split(':').next().unwrap_or_default().into(),
        words: words(first.words),
    };
    println!(
        "{}: {} bytes, {} steps; edits of a drawing differ from float by {mean:.2} of 255 on \
         average, {most:.0} at most",
        options.output.display(),
        bytes.len(),
        config.step
    );
    list(&options.output.with_file_name("manifest.json"), entry)
}

/// The commands that trained a run.
fn command(text: &TextConfig, config: &GeneratorConfig) -> String {
    let data: String = text
        .data
        .iter()
        .map(|kind| format!(" --data {}=FOLDER", kind.name()))
        .collect();
    let words = if text.image.regions { " --words" } else { "" };
    format!(
        "cargo loom train text{data} --size {} --epochs {} --seed {}{words} && \
         cargo loom train editor{data} --size {} --steps {} --seed {} --fusion {}",
        text.size,
        text.epochs,
        text.seed,
        config.discriminator.size,
        config.steps,
        config.seed,
        config.editor.fusion.name()
    )
}

/// How far a packed model's edits of a drawing, one for each prompt, are from the full model's:
/// on average and at most, in steps of an 8-bit picture.
fn apart(full: &Model, packed: &Model) -> Result<(f32, f32)> {
    let device = packed.editor.devices().swap_remove(0);
    let edit = |model: &Model, prompt: &str| {
        let condition = model.condition(model.vocabulary.read(prompt)?.ids);
        let edit = model
            .editor
            .forward(weights::drawing(&device), condition.draw(None));
        anyhow::Ok(edit.photo)
    };
    let apart = |prompt: &String| {
        let difference = edit(full, prompt)? - edit(packed, prompt)?;
        Ok((difference.abs() * 127.5).into_data().try_to_vec::<f32>()?)
    };
    let prompts = full.facts.prompts.iter().map(apart);
    let steps = prompts.collect::<Result<Vec<_>>>()?.concat();
    let mean = steps.iter().sum::<f32>() / steps.len() as f32;
    Ok((mean, steps.into_iter().fold(0.0, f32::max)))
}

/// Puts a model's line into the manifest, in the place of one of the same name.
fn list(path: &Path, entry: Entry) -> Result<()> {
    let mut manifest: Manifest = match path.exists() {
        true => read_json(path)?,
        false => Manifest::default(),
    };
    match manifest
        .models
        .iter_mut()
        .find(|model| model.name == entry.name)
    {
        Some(model) => *model = entry,
        None => manifest.models.push(entry),
    }
    write_json(path, &manifest)
}
