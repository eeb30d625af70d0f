//! The trainer's command line: `cargo loom ...`.

mod about;
mod asking;
mod captions;
mod data;
mod edit;
mod evaluate;
mod export;
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
mod trunk;
mod weaver;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Args, Parser, Subcommand};
use wordloom::prompt::Vocabulary;
use wordloom::weaver::WeaverConfig;

use data::{Dataset, Kind, Source, Split};
use evaluate::{judges, patterns};
use losses::Loss;
use networks::ImageEncoderConfig;
use run::Accelerator;
use text::TextConfig;
use weaver::WeavingConfig;

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
        /// Begins with the networks of another run.
        #[arg(long, value_name = "RUN", conflicts_with = "resume")]
        from: Option<PathBuf>,
        /// Masks made by `cargo loom pseudo-masks`, for data sets that have none.
        #[arg(long, value_name = "FOLDER")]
        pseudo_masks: Option<PathBuf>,
        /// Crops in a step.
        #[arg(long, default_value_t = 32)]
        batch: usize,
        /// The learning rate; it falls to zero over the second half.
        #[arg(long, default_value_t = 2e-3)]
        rate: f64,
        /// Photos as they are, to begin with: no composites, close-ups, turns or blur.
        #[arg(long)]
        plain: bool,
        /// How much a discriminator's judgement of edits counts beside the masks' losses.
        #[arg(long, default_value_t = 0.0)]
        adversarial: f64,
        /// Words that are asked of each of them: at most 64.
        #[arg(long, default_value_t = 48, value_parser = clap::value_parser!(u8).range(8..=64))]
        asked: u8,
    },
    /// Step 1: brings photos and sentences into one space.
    Text {
        #[command(flatten)]
        options: Options,
        /// Goes on from the run's last checkpoint.
        #[arg(long)]
        resume: bool,
        /// Passes over the photos.
        #[arg(long, default_value_t = 10)]
        epochs: usize,
        /// What brings photos and sentences together.
        #[arg(long, value_enum, default_value = "contrastive")]
        loss: Loss,
        /// Compares words with regions as well, here and in the matching loss of step 2.
        #[arg(long)]
        words: bool,
        /// Begins with the network of another run on the same data.
        #[arg(long, value_name = "RUN", conflicts_with = "resume")]
        from: Option<PathBuf>,
    },
    /// Step 2 for pictures from sentences alone: trains the weaver.
    Weaver {
        #[command(flatten)]
        options: Options,
        /// Goes on from the run's last checkpoint.
        #[arg(long)]
        resume: bool,
        /// Steps of 32 pictures.
        #[arg(long, default_value_t = 2500)]
        steps: usize,
        /// Leaves the words' attention out, to see what it is good for.
        #[arg(long)]
        no_attention: bool,
        /// Leaves the matching losses out, to see what they are good for.
        #[arg(long)]
        no_matching: bool,
        /// Begins with the networks of another run, which may make pictures of half the size.
        #[arg(long, value_name = "RUN", conflicts_with = "resume")]
        from: Option<PathBuf>,
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
    /// Height and width of the photos: 64 or 128, 64 when nothing is said. For the trunk any multiple of 16 from 32
    /// to 512, 128 when nothing is said.
    #[arg(long, value_parser = size)]
    size: Option<usize>,
    /// Where to compute.
    #[arg(long, value_enum, default_value = "cpu")]
    device: Accelerator,
    /// Where the random numbers start: the same seed gives the same weights.
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
                rate,
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
        Command::Train(Train::Text {
            options,
            resume,
            epochs,
            loss,
            words,
            from,
        }) => {
            let size = options.size()?;
            // A run that goes on reads its own words.
            let vocabulary = match resume {
                true => vocabulary(&options.run)?,
                false => data::vocabulary(&data::list(&options.data, Split::Train)?)?,
            };
            let (train, unseen) = datasets(&options, &vocabulary)?;
            let config = TextConfig {
                data: kinds(&options.data),
                image: ImageEncoderConfig::new().with_regions(words),
                loss,
                from,
                ..TextConfig::new(&vocabulary, size, epochs, options.seed)
            };
            let device = options.device.device()?;
            text::train(
                &options.run,
                config,
                &train,
                &unseen,
                &vocabulary,
                resume,
                &device,
            )
        }
        Command::Train(Train::Weaver {
            options,
            resume,
            steps,
            no_attention,
            no_matching,
            from,
        }) => {
            let size = options.size()?;
            let vocabulary = vocabulary(&options.run)?;
            let (train, _) = datasets(&options, &vocabulary)?;
            let weaver = WeaverConfig::of_size(size).with_attention(!no_attention);
            let mut config = WeavingConfig::new(weaver, steps, options.seed);
            config.from = from;
            if no_matching {
                config.matching = 0.0;
            }
            let device = options.device.device()?;
            weaver::train(&options.run, config, &train, &vocabulary, resume, &device)
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

fn kinds(sources: &[Source]) -> Vec<Kind> {
    sources.iter().map(|source| source.kind).collect()
}

fn vocabulary(run: &Path) -> Result<Vocabulary> {
    let json = std::fs::read_to_string(run.join("vocabulary.json"))
        .context("the text encoder comes first: run `cargo loom train text`")?;
    Vocabulary::from_json(&json).context("vocabulary.json is damaged")
}

fn datasets(options: &Options, vocabulary: &Vocabulary) -> Result<(Dataset, Dataset)> {
    let load = |split| {
        let items = data::list(&options.data, split)?;
        Dataset::load(&items, vocabulary, options.size()?)
    };
    Ok((load(Split::Train)?, load(Split::Unseen)?))
}
