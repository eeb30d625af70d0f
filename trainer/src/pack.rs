//! `cargo loom pack`: a trained run becomes one file, and a line in the manifest.

mod mean;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use burn::tensor::Device;
use sha2::{Digest, Sha256};
use wordloom::comparison::{Comparison, ComparisonConfig};
use wordloom::editor::Editor;
use wordloom::weights::{self, Bits, Facts, Generator, Model, ModelConfig, SelfTest};

use crate::about::{self, About, Offer};
use crate::manifest::{self, Entry};
use crate::run::Checkpoint;
use crate::{data, heads, text_to_image, trunk};

/// What `cargo loom pack` is asked for.
#[derive(clap::Args)]
pub struct Options {
    /// The folder of the training [default: runs/editor, or runs/layers with --layers].
    #[arg(
        long,
        default_value = "runs/editor",
        default_value_if("layers", clap::builder::ArgPredicate::IsPresent, "runs/layers"),
        hide_default_value = true
    )]
    run: PathBuf,
    /// Where to write the model; `manifest.json` beside it gets its line.
    #[arg(short, long, default_value = "weights/editor.safetensors")]
    output: PathBuf,
    /// Bits of the generator's weights: 8, or 4 for a smaller file whose pictures are further off.
    #[arg(long, default_value = "8", value_parser = bits)]
    bits: Bits,
    /// The heads that `cargo loom compare` trained in this run on this editor, for the page to show beside each other.
    #[arg(long, value_name = "EDITOR")]
    layers: Option<PathBuf>,
    /// A packed editor; with two and more of them, trained from each other, the mean of their weights instead of a run's.
    #[arg(long, value_name = "EDITOR", conflicts_with_all = ["run", "layers"])]
    mean: Vec<PathBuf>,
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

fn bits(text: &str) -> Result<Bits, &'static str> {
    match text {
        "4" => Ok(Bits::Four),
        "8" => Ok(Bits::Eight),
        _ => Err("it is 4 or 8"),
    }
}

/// Runs `cargo loom pack`.
///
/// # Errors
/// A run that is not trained, a file that cannot be written.
pub fn run(options: &Options) -> Result<()> {
    match &options.layers {
        Some(editor) => pack_layers(options, editor),
        None if !options.mean.is_empty() => pack_mean(options),
        None if Checkpoint::new(&options.run, "trunk").exists() => pack_editor(options),
        None => pack_generator(options),
    }
}

fn pack_layers(options: &Options, editor: &Path) -> Result<()> {
    let (editor, digest) = heads::editor(editor)?;
    let (compared, metrics) = heads::compared(&options.run, &Device::flex())?;
    let (heads, kept): (Vec<_>, Vec<_>) = compared.into_iter().unzip();
    ensure!(
        kept.iter().all(|kept| kept.model == digest),
        "these heads were trained on another editor: run `cargo loom compare` with this one"
    );
    let trained = kept.iter().map(heads::Kept::command);
    let commands: Vec<String> = std::iter::once(editor.facts.command)
        .chain(trained)
        .collect();
    let about = about::EDITOR;
    let offer = Offer {
        what: "the fusing layers beside each other",
        ..about.offer
    };
    write(
        options,
        &about,
        &offer,
        Model {
            config: ModelConfig::new(
                editor.config.text,
                ComparisonConfig {
                    heads: kept.iter().map(|kept| kept.head.clone()).collect(),
                },
            )
            .with_side(editor.config.side),
            facts: Facts {
                command: commands.join(" && "),
                steps: kept.iter().map(|kept| kept.steps).max().unwrap_or_default(),
                metrics,
                ..Facts::default()
            },
            text: editor.text,
            generator: Comparison { heads },
            check: SelfTest::default(),
            vocabulary: editor.vocabulary,
        },
        "compare",
    )
}

fn pack_editor(options: &Options) -> Result<()> {
    let (networks, config) = trunk::averaged(&options.run, &Device::flex())?;
    let trunk::Networks { trunk, text, head } = networks;
    let about = about::EDITOR;
    write(
        options,
        &about,
        &about.offer,
        Model {
            config: ModelConfig::new(config.text.clone(), config.editor())
                .with_side(about::SHORT_SIDE),
            facts: Facts {
                command: config.command(),
                steps: config.step,
                ..Facts::default()
            },
            text,
            generator: Editor { trunk, head },
            check: SelfTest::default(),
            vocabulary: trunk::vocabulary()?,
        },
        "edit",
    )
}

fn pack_mean(options: &Options) -> Result<()> {
    let about = about::EDITOR;
    write(
        options,
        &about,
        &about.offer,
        mean::of(&options.mean)?,
        "edit",
    )
}

fn pack_generator(options: &Options) -> Result<()> {
    let (networks, config) = text_to_image::averaged(&options.run, &Device::flex())?;
    let about = about::GARMENTS;
    let data = data::placeholders(&config.data);
    let size = config.generator.size();
    write(
        options,
        &about,
        &about.offer,
        Model {
            config: ModelConfig::new(config.text.clone(), config.generator.clone()).with_side(size),
            facts: Facts {
                command: format!("cargo loom train {}{data}", config.command()),
                steps: config.step,
                ..Facts::default()
            },
            text: networks.text,
            generator: networks.generator,
            check: SelfTest::default(),
            vocabulary: crate::vocabulary(&options.run)?,
        },
        "make",
    )
}

/// Packs a model, and lists it in the manifest.
fn write<G: Generator>(
    options: &Options,
    about: &About,
    offer: &Offer,
    mut model: Model<G>,
    task: &str,
) -> Result<()> {
    let name =
        |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let words = |list: &[&str]| list.iter().map(|word| word.to_string()).collect::<Vec<_>>();
    // A page offers only what the model can read.
    let known = |prompts: &[&str]| -> Vec<String> {
        let mut prompts = words(prompts);
        prompts.retain(|prompt| model.generator.knows(&model.vocabulary, prompt));
        prompts
    };
    let prompts_zh = known(offer.prompts_zh);
    let prompts = match options.prompts.is_empty() {
        true => known(offer.prompts),
        false => options.prompts.clone(),
    };
    let licence = options.licence.as_deref().unwrap_or(about.licence);
    model.facts = Facts {
        name: name(options.output.file_stem()),
        edits: options.edits.clone().unwrap_or_else(|| offer.what.into()),
        data: options.data.clone().unwrap_or_else(|| about.data.into()),
        licence: format!("{licence}; weights MIT OR Apache-2.0"),
        prompts,
        ..model.facts
    };
    let bytes = weights::pack(&model, options.bits)?;
    let packed = weights::unpack::<G>(&bytes, &Device::flex())?;
    let (mean, most) = apart(&model, &packed)?;
    std::fs::write(&options.output, &bytes)
        .with_context(|| format!("cannot write {}", options.output.display()))?;
    println!(
        "{}: {} bytes, {} steps; it differs from float by {mean:.2} of 255 on average, \
         {most:.0} at most",
        options.output.display(),
        bytes.len(),
        model.facts.steps
    );
    let entry = Entry {
        name: model.facts.name,
        file: name(options.output.file_name()),
        bytes: bytes.len(),
        sha256: format!("{:x}", Sha256::digest(&bytes)),
        edits: model.facts.edits,
        prompts: model.facts.prompts,
        prompts_zh,
        task: task.into(),
    };
    manifest::list(&options.output.with_file_name("manifest.json"), entry)
}

/// How far what a packed model makes of its prompts, on the self-test's drawing or words, is from
/// what the full model makes: on average and at most, in steps of an 8-bit picture.
fn apart<G: Generator>(full: &Model<G>, packed: &Model<G>) -> Result<(f32, f32)> {
    let pictures = |model: &Model<G>, prompt: &str| {
        let read = model
            .generator
            .read(&model.text, &model.vocabulary, prompt)?;
        anyhow::Ok(model.generator.probe(read, model.config.side))
    };
    let mut steps = Vec::new();
    for prompt in &full.facts.prompts {
        let pairs = pictures(full, prompt)?
            .into_iter()
            .zip(pictures(packed, prompt)?);
        for (full, packed) in pairs {
            let difference = (full - packed).abs() * 127.5;
            steps.extend(difference.into_data().try_to_vec::<f32>()?);
        }
    }
    let mean = steps.iter().sum::<f32>() / steps.len() as f32;
    Ok((mean, steps.into_iter().fold(0.0, f32::max)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Kind;
    use crate::{Cli, Command, Train};
    use clap::Parser;
    use wordloom::text_to_image::TextToImageConfig;

    /// The commands of a line, as the command line reads them.
    fn parsed(line: &str) -> Vec<Command> {
        let commands = line.split(" && ").map(|command| {
            let words = command
                .strip_prefix("cargo ")
                .expect("a command of cargo's");
            Cli::try_parse_from(words.split(' '))
                .expect(command)
                .command
        });
        commands.collect()
    }

    #[test]
    fn the_command_of_a_generator_has_all_of_its_flags() {
        let vocabulary = wordloom::prompt::Vocabulary::new(["shirt".to_owned()]).unwrap();
        let sizes = TextToImageConfig::of_size(128).with_attention(false);
        let training = text_to_image::TextToImageTraining {
            kl: 0.5,
            adversarial: 0.25,
            from: Some("runs/small".into()),
            exemplars: vec![Kind::Folder],
            ..text_to_image::TextToImageTraining::new(&vocabulary, sizes, 5, 4)
        };
        let command = format!(
            "cargo loom train {} --data folder=FORMS",
            training.command()
        );
        let [
            Command::Train(Train::TextToImage {
                options,
                steps: 5,
                no_attention: true,
                kl: 0.5,
                adversarial: 0.25,
                from: Some(from),
                exemplars,
                ..
            }),
        ] = &parsed(&command)[..]
        else {
            panic!("another command")
        };
        assert_eq!(exemplars.len(), 1);
        assert_eq!((options.size, options.seed), (Some(128), 4));
        assert_eq!(from, Path::new("small"));
    }

    #[test]
    fn the_command_of_an_editor_has_all_of_its_flags() {
        let first = trunk::TrunkTraining {
            data: vec![Kind::Street],
            ..trunk::TrunkTraining::new(5, 2)
        };
        let training = trunk::TrunkTraining {
            data: vec![Kind::Street, Kind::Clothing],
            pseudo_masks: true,
            size: 64,
            batch: 8,
            asked: 12,
            plain: true,
            from: Some("runs/before".into()),
            before: Some(first.command()),
            ..trunk::TrunkTraining::new(9, 2)
        };
        let commands = parsed(&training.command());
        let [
            _,
            Command::Train(Train::Trunk {
                options,
                steps: 9,
                batch: 8,
                asked: 12,
                plain: true,
                pseudo_masks: Some(_),
                from: Some(_),
                ..
            }),
        ] = &commands[..]
        else {
            panic!("another command")
        };
        assert_eq!((options.size, options.seed), (Some(64), 2));
        assert_eq!(options.data.len(), 2);
    }
}
