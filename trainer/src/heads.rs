//! `cargo loom compare`: the fusing layers beside each other, fairly.
//!
//! The trunk and the text encoder of a packed editor are kept as they are. Their features of many crops are computed
//! once, and heads with every layer are trained on them to the end, with several seeds each; then each is
//! asked for all that is in the photos that nobody trained on. What was trained already is not trained again.

mod report;
mod shared;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use burn::module::Module;
use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use wordloom::editor::Editor;
use wordloom::fusion::FusionForm;
use wordloom::head::{Head, HeadConfig};
use wordloom::weights::{self, Model};

use crate::data::{self, Kind, Source};
use crate::run::{Checkpoint, read_json, write_json};
use report::{Report, Row};
use shared::Shared;

/// What `cargo loom compare` is asked for.
#[derive(clap::Args)]
pub struct Options {
    /// The data sets with masks, as KIND=FOLDER.
    #[arg(long, required = true, value_name = "KIND=FOLDER")]
    data: Vec<Source>,
    /// The packed editor whose trunk and text encoder are shared.
    #[arg(long, default_value = "weights/editor.safetensors")]
    model: PathBuf,
    /// Where the heads are kept.
    #[arg(long, default_value = "runs/layers")]
    run: PathBuf,
    /// A layer: concat, film, bilinear or bilinear:RANK; may be given several times.
    #[arg(long = "fusion", default_values_t = FORMS.map(String::from))]
    fusions: Vec<String>,
    /// Trainings of each layer, with other random numbers.
    #[arg(long, default_value_t = 3)]
    seeds: u64,
    /// Steps of each training, of 32 crops.
    #[arg(long, default_value_t = 1500)]
    steps: usize,
    /// Crops whose features are kept.
    #[arg(long, default_value_t = 1536)]
    crops: usize,
}

const FORMS: [&str; 6] = [
    "concat",
    "film",
    "bilinear:16",
    "bilinear:64",
    "bilinear:256",
    "bilinear",
];

/// What of them the page shows.
const SHOWN: [&str; 4] = ["concat", "film", "bilinear:64", "bilinear"];

/// Where the scores are, in the run.
const REPORT: &str = "report.json";

/// Runs `cargo loom compare`.
///
/// # Errors
/// A model that is no editor, data without masks, a layer that nobody knows.
pub fn run(options: &Options) -> Result<()> {
    let device = Device::flex();
    let (model, digest) = editor(&options.model)?;
    let forms = options.fusions.iter().map(|name| {
        let form = name.parse::<FusionForm>().map_err(anyhow::Error::msg);
        form.with_context(|| format!("--fusion {name}"))
    });
    let forms = forms.collect::<Result<Vec<_>>>()?;
    let shared = Shared::new(model, options)?;
    let mut report = Report::default();
    report.rows.push(Row::of(
        "plain",
        [shared.score(&shared.model.generator.head)?].into_iter(),
    ));
    for (form, name) in forms.iter().zip(&options.fusions) {
        let scores = (0..options.seeds).map(|seed| {
            let kept = Kept {
                head: shared.head(form),
                data: options.data.iter().map(|source| source.kind).collect(),
                fusion: name.clone(),
                crops: options.crops,
                steps: options.steps,
                seed,
                model: digest.clone(),
            };
            let place = format!("{}-{seed}", name.replace(':', "-"));
            let head = match trained(&options.run, &place, &device) {
                Ok((head, before)) if before.is_alike(&kept) => head,
                _ => {
                    let head = shared.train(form, options.steps, seed)?;
                    Checkpoint::new(&options.run, &place)
                        .save(&kept, |to| to.put("head", &head))?;
                    head
                }
            };
            let score = shared.score(&head)?;
            eprintln!(
                "{name}, seed {seed}: garments {:.3}, small things {:.3}",
                score.garments, score.small
            );
            Ok(score)
        });
        let scores = scores.collect::<Result<Vec<_>>>()?;
        report.rows.push(Row::of(name, scores.into_iter()));
    }
    print!("{}", report.markdown());
    write_json(&options.run.join(REPORT), &report)
}

/// An editor, and its file's digest.
///
/// # Errors
/// A file that is none.
pub fn editor(path: &Path) -> Result<(Model<Editor>, String)> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let model = weights::unpack::<Editor>(&bytes, &Device::flex());
    let model = model.with_context(|| format!("{} is no editor", path.display()))?;
    Ok((model, format!("{:x}", Sha256::digest(&bytes))))
}

/// A head, and what it was trained with.
pub type Trained = (Head, Kept);

/// Heads of these layers, the first training of each, and the IoU of garments that was measured of each, by name.
///
/// # Errors
/// When they were not trained.
pub fn compared(run: &Path, device: &Device) -> Result<(Vec<Trained>, BTreeMap<String, f64>)> {
    let names = SHOWN.iter().map(|name| name.replace(':', "-"));
    let heads = names.map(|name| trained(run, &format!("{name}-0"), device));
    let report: Report = read_json(&run.join(REPORT))?;
    Ok((heads.collect::<Result<_>>()?, report.garments()))
}

/// What a head was trained with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Kept {
    /// Its sizes.
    pub head: HeadConfig,
    data: Vec<Kind>,
    fusion: String,
    crops: usize,
    /// Steps of its training.
    pub steps: usize,
    seed: u64,
    /// The digest of the editor whose embeddings it knows.
    pub model: String,
}

impl Kept {
    /// Whether a training of this kind would come to the same.
    fn is_alike(&self, other: &Self) -> bool {
        self.model == other.model && self.command() == other.command()
    }

    /// The command that trained it.
    pub fn command(&self) -> String {
        format!(
            "cargo loom compare{} --fusion {} --crops {} --steps {} --seeds {}",
            data::placeholders(&self.data),
            self.fusion,
            self.crops,
            self.steps,
            self.seed + 1,
        )
    }
}

/// A head that was trained, and what with.
fn trained(run: &Path, name: &str, device: &Device) -> Result<Trained> {
    let checkpoint = Checkpoint::new(run, name);
    let kept: Kept = checkpoint
        .config()
        .with_context(|| format!("there is no head {name}: run `cargo loom compare`"))?;
    let head = kept.head.init(device).valid();
    Ok((checkpoint.get("head", head)?, kept))
}
