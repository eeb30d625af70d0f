//! `cargo loom pack`: a trained run becomes one file, and a line in the manifest.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use burn::module::Module;
use burn::tensor::Device;
use sha2::{Digest, Sha256};
use wordloom::weights::{self, Bits, Facts, Generator, Model, ModelConfig, SelfTest};

use crate::about::{About, Offer};
use crate::manifest::{self, Entry};
use crate::run::{Checkpoint, begun_with};
use crate::text::{Matching, TextConfig};
use crate::{generator, weaver};

/// What a generator is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Task {
    /// Photos and sentences.
    Editor,
    /// Sentences alone.
    Weaver,
}

/// What `cargo loom pack` is asked for.
#[derive(clap::Args)]
pub struct Options {
    /// The folder of the training.
    #[arg(long, default_value = "runs/flowers")]
    run: PathBuf,
    /// Where to write the model; `manifest.json` beside it gets its line.
    #[arg(short, long, default_value = "weights/flowers.safetensors")]
    output: PathBuf,
    /// Which of the run's generators; may be left out where there is one only.
    #[arg(long, value_enum)]
    generator: Option<Task>,
    /// Bits of the generator's weights: 8, or 4 for a smaller file whose pictures are further off.
    #[arg(long, default_value = "8", value_parser = bits)]
    bits: Bits,
    /// What it edits or makes, in a few words, where its data do not say it.
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
            generator: None,
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

/// A trained generator, and what the page is told of it.
struct Trained<G: Generator> {
    generator: G,
    config: G::Config,
    /// Height and width of the photos.
    size: usize,
    steps: usize,
    /// The command of step 2, without its data.
    command: String,
    task: &'static str,
    fusion: String,
    offer: fn(&About) -> &Offer,
}

/// Runs `cargo loom pack`.
///
/// # Errors
/// A run that is not trained, a file that cannot be written.
pub fn run(options: &Options) -> Result<()> {
    let device = Device::flex();
    let trained = Matching::frozen(&options.run, &device)?;
    let there = |name| Checkpoint::new(&options.run, name).exists();
    let task = match (options.generator, there("editor"), there("weaver")) {
        (Some(task), ..) => task,
        (None, true, true) => bail!("the run has two generators: choose with --generator"),
        (None, false, true) => Task::Weaver,
        (None, ..) => Task::Editor,
    };
    match task {
        Task::Editor => {
            let (generator, config) = generator::averaged(&options.run, &device)?;
            let fusion = config.editor.fusion.name();
            let size = config.discriminator.size;
            pack(
                options,
                trained,
                Trained {
                    generator,
                    size,
                    steps: config.step,
                    command: config.command(),
                    task: "edit",
                    // The page's names: a rank says nothing to a visitor.
                    fusion: fusion.split(':').next().unwrap_or_default().into(),
                    offer: |about| &about.edits,
                    config: config.editor,
                },
            )
        }
        Task::Weaver => {
            let (generator, config) = weaver::averaged(&options.run, &device)?;
            let size = config.weaver.size();
            pack(
                options,
                trained,
                Trained {
                    generator,
                    size,
                    steps: config.step,
                    command: config.command(),
                    task: "make",
                    fusion: String::new(),
                    offer: |about| &about.makes,
                    config: config.weaver,
                },
            )
        }
    }
}

fn pack<G: Generator>(
    options: &Options,
    (matching, text): (Matching, TextConfig),
    trained: Trained<G>,
) -> Result<()> {
    let device = Device::flex();
    let name =
        |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let about: Vec<About> = text.data.iter().map(|kind| kind.about()).collect();
    let first = about.first().context("the run does not say its data")?;
    let offer = (trained.offer)(first);
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
        true => known(offer.prompts),
        false => options.prompts.clone(),
    };
    let model = Model {
        config: ModelConfig::new(text.text.clone(), trained.config).with_side(trained.size),
        facts: Facts {
            name: name(options.output.file_stem()),
            edits: options.edits.clone().unwrap_or_else(|| offer.what.into()),
            data: told(|about| about.data, &options.data),
            licence: format!(
                "{}; weights MIT OR Apache-2.0",
                told(|about| about.licence, &options.licence)
            ),
            command: command(&text, &trained.command),
            steps: trained.steps,
            prompts,
            ..Facts::default()
        },
        text: matching.text.valid(),
        generator: trained.generator,
        check: SelfTest::default(),
        vocabulary: vocabulary.clone(),
    };
    let bytes = weights::pack(&model, options.bits)?;
    let (mean, most) = apart(&model, &weights::unpack::<G>(&bytes, &device)?)?;
    std::fs::write(&options.output, &bytes)
        .with_context(|| format!("cannot write {}", options.output.display()))?;
    println!(
        "{}: {} bytes, {} steps; pictures differ from float by {mean:.2} of 255 on average, \
         {most:.0} at most",
        options.output.display(),
        bytes.len(),
        trained.steps
    );
    let entry = Entry {
        name: model.facts.name,
        file: name(options.output.file_name()),
        bytes: bytes.len(),
        sha256: format!("{:x}", Sha256::digest(&bytes)),
        edits: model.facts.edits,
        prompts: model.facts.prompts,
        task: trained.task.into(),
        prompts_zh: known(offer.prompts_zh),
        subject: first.subject.into(),
        fusion: trained.fusion,
        words: words(first.words),
    };
    manifest::list(&options.output.with_file_name("manifest.json"), entry)
}

/// The commands that trained a run, whose step 2 is this one.
fn command(text: &TextConfig, step: &str) -> String {
    let data: String = text
        .data
        .iter()
        .map(|kind| format!(" --data {}=FOLDER", kind.name()))
        .collect();
    let words = if text.image.regions { " --words" } else { "" };
    let from = begun_with(text.from.as_deref());
    format!(
        "cargo loom train text{data} --size {} --epochs {} --seed {}{words}{from} && \
         cargo loom train {step}{data}",
        text.size, text.epochs, text.seed,
    )
}

/// How far what a packed model makes of its prompts, on the self-test's drawing or words, is from
/// what the full model makes: on average and at most, in steps of an 8-bit picture.
fn apart<G: Generator>(full: &Model<G>, packed: &Model<G>) -> Result<(f32, f32)> {
    let pictures = |model: &Model<G>, prompt: &str| {
        let condition = model.condition(model.vocabulary.read(prompt)?.ids);
        anyhow::Ok(
            model
                .generator
                .probe(condition.draw(None), model.config.side),
        )
    };
    let mut steps = Vec::new();
    for prompt in &full.facts.prompts {
        let pairs = pictures(full, prompt)?
            .into_iter()
            .zip(pictures(packed, prompt)?);
        for (full, packed) in pairs {
            // Without the mask, where there is one.
            let difference = (full - packed).narrow(1, 0, 3).abs() * 127.5;
            steps.extend(difference.into_data().try_to_vec::<f32>()?);
        }
    }
    let mean = steps.iter().sum::<f32>() / steps.len() as f32;
    Ok((mean, steps.into_iter().fold(0.0, f32::max)))
}
