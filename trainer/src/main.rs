//! The trainer's command line: `cargo loom ...`.

mod about;
mod asking;
mod captions;
mod data;
mod edit;
mod evaluate;
mod export;
mod garments;
mod heads;
mod losses;
mod make;
mod manifest;
mod networks;
mod pack;
mod run;
mod scenes;
mod sheet;
mod text;
mod text_to_image;
mod trunk;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Args, Parser, Subcommand};
use wordloom::prompt::Vocabulary;
use wordloom::text_to_image::TextToImageConfig;

use data::{Source, Split};
use evaluate::{judges, patterns};
use run::Accelerator;
use text_to_image::{Forms, TextToImageTraining};

/// Large tensors come and go at every step: mimalloc keeps their pages.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Trains, packs and tries Wordloom's models.
#[derive(Parser)]
#[command(name = "loom")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Trains a model, in two steps, and the judges of its evaluation.
    #[command(subcommand)]
    Train(Train),
    /// Packs a trained run into one file for the page.
    Pack(pack::Options),
    /// Edits a photo from a sentence, as the page does.
    Edit(edit::Options),
    /// Makes pictures from a sentence alone, as the page does.
    Make(make::Options),
    /// Measures a packed model on photos that were not trained on.
    Evaluate(evaluate::Options),
    /// Writes a packed model in another format.
    #[command(subcommand)]
    Export(Export),
    /// Draws pictures as the training on masks sees them, with their labels as colours.
    #[command(hide = true)]
    Scenes(scenes::sheet::Options),
    /// Asks an editor for masks of photos that have none, to train on.
    PseudoMasks(scenes::pseudo::Options),
    /// Cuts garments out of photos, for `train text-to-image` to learn their form from.
    Garments(garments::Options),
    /// Trains heads with every fusing layer on the same features, and measures them in the same way.
    Compare(heads::Options),
    /// Puts photos and what sentences make of them on one sheet.
    Sheet(sheet::Options),
}

#[derive(Subcommand)]
enum Export {
    /// An editor as two ONNX graphs: the trunk, and the head for one sentence.
    Onnx(export::Options),
}

#[derive(Subcommand)]
enum Train {
    /// Step 1 of the editor: trunk, text encoder and the plain bilinear head, by true masks.
    Trunk {
        #[command(flatten)]
        options: Options,
        /// Goes on from the run's last checkpoint.
        #[arg(long)]
        resume: bool,
        /// Steps.
        #[arg(long, default_value_t = 7000)]
        steps: usize,
        /// Begins with the networks of another run, or of a packed editor.
        #[arg(long, value_name = "RUN|FILE", conflicts_with = "resume")]
        from: Option<PathBuf>,
        /// What `cargo loom pseudo-masks` made: masks for data sets that have none, doubts about the others'.
        #[arg(long, value_name = "FOLDER")]
        pseudo_masks: Option<PathBuf>,
        /// Crops in a step.
        #[arg(long, default_value_t = 32)]
        batch: usize,
        /// The learning rate; it falls to zero over the second half.
        #[arg(long, default_value_t = 2e-3)]
        rate: f64,
        /// Photos as they are, to begin with: no composites, people, portraits, close-ups, turns or blur.
        #[arg(long)]
        plain: bool,
        /// How much a discriminator's judgement of edits counts beside the masks' losses.
        #[arg(long, default_value_t = 0.0)]
        adversarial: f64,
        /// Words that are asked of each of them: at most 64.
        #[arg(long, default_value_t = 48, value_parser = clap::value_parser!(u8).range(8..=64))]
        asked: u8,
    },
    /// The generator of garments, by the forms that `cargo loom garments` cut out.
    TextToImage {
        #[command(flatten)]
        options: Options,
        /// Goes on from the run's last checkpoint.
        #[arg(long)]
        resume: bool,
        /// Steps of 32 forms.
        #[arg(long, default_value_t = 9000)]
        steps: usize,
        /// Leaves the words' attention out, to see what it is good for.
        #[arg(long)]
        no_attention: bool,
        /// How much the Kullback-Leibler divergences of the latents count beside the forms.
        #[arg(long, default_value_t = 0.01)]
        kl: f64,
        /// How much the discriminators' judgement of light counts beside them.
        #[arg(long, default_value_t = 0.05)]
        adversarial: f64,
        /// Begins with the networks of another run, which may make forms of half the size.
        #[arg(long, value_name = "RUN", conflicts_with = "resume")]
        from: Option<PathBuf>,
        /// The forms whose latents the model keeps and draws from, when not all of --data: pictures show what they were,
        /// so let it be data that may be published.
        #[arg(long, value_name = "KIND=FOLDER")]
        exemplars: Vec<Source>,
    },
    /// For `cargo loom evaluate`: a classifier and another matching network, in RUN/judges. What
    /// is there already is not trained again.
    Judges {
        #[command(flatten)]
        options: Options,
    },
    /// For `cargo loom evaluate --patterns`: a judge of fabrics, in RUN. What is there already is not trained
    /// again.
    Patterns {
        #[command(flatten)]
        options: Options,
    },
}

#[derive(Args)]
struct Options {
    /// The data set as KIND=FOLDER; several are trained on together.
    #[arg(long, required = true, value_name = "KIND=FOLDER")]
    data: Vec<Source>,
    /// The folder of this training: checkpoints, vocabulary, sheets.
    #[arg(long, default_value = "runs/editor")]
    run: PathBuf,
    /// Height and width of the photos, or forms: 64 or 128, 64 when nothing is said. For the trunk any multiple of 16 from 32
    /// to 512, 128 when nothing is said.
    #[arg(long, value_parser = size)]
    size: Option<usize>,
    /// Where to compute.
    #[arg(long, value_enum, default_value = "cpu")]
    device: Accelerator,
    /// Where the random numbers start: the same seed gives the same weights on the same machine.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl Options {
    /// Height and width of the photos that a model without masks is trained on.
    ///
    /// # Errors
    /// When nothing is made for it.
    fn size(&self) -> Result<usize> {
        match self.size.unwrap_or(64) {
            size @ (64 | 128) => Ok(size),
            size => bail!("--size {size}: it is 64 or 128"),
        }
    }
}

fn size(text: &str) -> Result<usize, &'static str> {
    match text.parse() {
        Ok(size) if (32..=512).contains(&size) && size % 16 == 0 => Ok(size),
        _ => Err("it is a multiple of 16 from 32 to 512"),
    }
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Not as `main` would: that adds a stack trace where RUST_BACKTRACE asks for one.
            eprintln!("Error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Pack(options) => pack::run(&options),
        Command::Evaluate(options) => evaluate::run(&options),
        Command::Edit(options) => edit::run(&options),
        Command::Make(options) => make::run(&options),
        Command::PseudoMasks(options) => scenes::pseudo::run(&options),
        Command::Garments(options) => garments::run(&options),
        Command::Compare(options) => heads::run(&options),
        Command::Sheet(options) => sheet::run(&options),
        Command::Export(Export::Onnx(options)) => export::run(&options),
        Command::Scenes(options) => scenes::sheet::run(&options),
        Command::Train(Train::Trunk {
            options,
            resume,
            steps,
            from,
            pseudo_masks,
            batch,
            rate,
            plain,
            adversarial,
            asked,
        }) => {
            let masks = pseudo_masks.as_deref();
            let scenes = scenes::load_with(&options.data, Split::Train, masks)?;
            let config = trunk::TrunkTraining {
                data: options.data.iter().map(|source| source.kind).collect(),
                pseudo_masks: masks.is_some(),
                size: options.size.unwrap_or(128),
                batch,
                learning_rate: rate,
                plain,
                adversarial,
                asked: usize::from(asked),
                from,
                ..trunk::TrunkTraining::new(steps, options.seed)
            };
            trunk::train(
                &options.run,
                config,
                scenes,
                resume,
                &options.device.device()?,
            )
        }
        Command::Train(Train::TextToImage {
            options,
            resume,
            steps,
            no_attention,
            kl,
            adversarial,
            from,
            exemplars,
        }) => {
            let size = options.size()?;
            let items = data::list(&options.data, Split::Train)?;
            // A run that goes on reads its own words.
            let vocabulary = match resume {
                true => vocabulary(&options.run)?,
                false => data::vocabulary(&items)?,
            };
            let sizes = TextToImageConfig::of_size(size).with_attention(!no_attention);
            let config = TextToImageTraining {
                data: options.data.iter().map(|source| source.kind).collect(),
                exemplars: exemplars.iter().map(|source| source.kind).collect(),
                kl,
                adversarial,
                from,
                ..TextToImageTraining::new(&vocabulary, sizes, steps, options.seed)
            };
            let forms = Forms::load(&items, &vocabulary, size)?;
            let kept = data::list(&exemplars, Split::Train)?;
            let kept = match kept.is_empty() {
                true => None,
                false => Some(Forms::load(&kept, &vocabulary, size)?),
            };
            let forms = [&forms, kept.as_ref().unwrap_or(&forms)];
            let device = options.device.device()?;
            text_to_image::train(&options.run, config, forms, &vocabulary, resume, &device)
        }
        Command::Train(Train::Judges { options }) => {
            let size = options.size()?;
            let items = |split| data::list(&options.data, split);
            judges::train(
                &options.run.join("judges"),
                [items(Split::Train)?, items(Split::Unseen)?],
                size,
                options.seed,
                &options.device.device()?,
            )
        }
        Command::Train(Train::Patterns { options }) => {
            let device = options.device.device()?;
            patterns::train(&options.run, &options.data, options.seed, &device)
        }
    }
}

fn vocabulary(run: &Path) -> Result<Vocabulary> {
    let path = run.join("vocabulary.json");
    let json = std::fs::read_to_string(&path)
        .with_context(|| format!("there is no training in {}", run.display()))?;
    Vocabulary::from_json(&json).with_context(|| format!("{} is damaged", path.display()))
}
