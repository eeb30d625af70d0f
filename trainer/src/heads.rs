//! `cargo loom compare`: the fusing layers beside each other, fairly.
//!
//! The trunk and the text encoder of a run are kept as they are. Their features of many crops are computed
//! once, and heads with every layer are trained on them to the end, with several seeds each; then each is
//! asked for all that is in the photos that nobody trained on.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use burn::module::Module;
use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Tensor, TensorData};
use half::f16;
use rand::Rng;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use wordloom::fusion::FusionForm;
use wordloom::head::{Head, HeadConfig};
use wordloom::prompt::{Batch as Sentences, Clause, Thing};
use wordloom::trunk::{STRIDE, Trunk};

use crate::asking::{self, Asked};
use crate::data::{Source, Split};
use crate::run::{Checkpoint, random, write_json};
use crate::scenes::{self, Batch, Batches, SamplingConfig, Scene, UNDECIDED};
use crate::trunk::{self, Networks, TrunkTraining, photos};

/// What `cargo loom compare` is asked for.
#[derive(clap::Args)]
pub struct Options {
    /// The data sets with masks, as KIND=FOLDER.
    #[arg(long, required = true, value_name = "KIND=FOLDER")]
    data: Vec<Source>,
    /// The run whose trunk and text encoder are shared.
    #[arg(long, default_value = "runs/editor")]
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
    /// Where the report goes.
    #[arg(short, long)]
    output: Option<PathBuf>,
}

const FORMS: [&str; 6] = [
    "concat",
    "film",
    "bilinear:16",
    "bilinear:64",
    "bilinear:256",
    "bilinear",
];

/// Fusing layers of each head but the plain one.
const LAYERS: usize = 2;
/// Crops in a step.
const BATCH: usize = 32;
/// Places across and down of what a step sees of a crop.
const WINDOW: usize = 32;

/// Runs `cargo loom compare`.
///
/// # Errors
/// A run without a trunk, data without masks, a layer that nobody knows.
pub fn run(options: &Options) -> Result<()> {
    let device = Device::flex();
    let (networks, config) = trunk::averaged(&options.run, &device)?;
    let forms = options.fusions.iter().map(|name| {
        let form = name.parse::<FusionForm>().map_err(anyhow::Error::msg);
        form.with_context(|| format!("--fusion {name}"))
    });
    let forms = forms.collect::<Result<Vec<_>>>()?;
    let shared = Shared::new(networks, config, options)?;
    let mut report = Report::default();
    report.rows.push(Row::of(
        "plain",
        [shared.score(&shared.networks.head)?].into_iter(),
    ));
    for (form, name) in forms.iter().zip(&options.fusions) {
        let scores = (0..options.seeds).map(|seed| {
            let head = shared.train(form, options.steps, seed)?;
            let kept = Kept {
                head: shared.head(form),
                steps: options.steps,
                seed,
            };
            Checkpoint::new(
                &options.run,
                &format!("heads/{}-{seed}", name.replace(':', "-")),
            )
            .save(&kept, |to| to.put("head", &head))?;
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
    match &options.output {
        Some(path) => write_json(path, &report),
        None => Ok(()),
    }
}

/// What a head was trained with.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    head: HeadConfig,
    steps: usize,
    seed: u64,
}

/// A head that `cargo loom compare` trained for a run, and its sizes.
///
/// # Errors
/// When there is none of that name, or it is damaged.
pub fn trained(run: &Path, name: &str, device: &Device) -> Result<(Head, HeadConfig)> {
    let checkpoint = Checkpoint::new(run, &format!("heads/{name}"));
    let kept: Kept = checkpoint
        .config()
        .with_context(|| format!("there is no head {name}: run `cargo loom compare`"))?;
    let head = kept.head.init(device).valid();
    Ok((checkpoint.get("head", head)?, kept.head))
}

/// Mean IoU of the things that are there.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Score {
    garments: f64,
    small: f64,
}

/// One layer's scores.
#[derive(Debug, Serialize, Deserialize)]
struct Row {
    fusion: String,
    scores: Vec<Score>,
}

impl Row {
    fn of(fusion: &str, scores: impl Iterator<Item = Score>) -> Self {
        Self {
            fusion: fusion.to_owned(),
            scores: scores.collect(),
        }
    }
}

/// All of them.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Report {
    rows: Vec<Row>,
}

impl Report {
    fn markdown(&self) -> String {
        let mut text = String::from(
            "| layer | garments IoU | small things IoU | trainings |\n|---|---|---|---|\n",
        );
        for row in &self.rows {
            let told = |of: fn(&Score) -> f64| {
                let values: Vec<f64> = row.scores.iter().map(of).collect();
                let mean = values.iter().sum::<f64>() / values.len() as f64;
                let around = values.iter().map(|x| (x - mean).abs()).fold(0.0, f64::max);
                format!("{mean:.3} ± {around:.3}")
            };
            let (garments, small) = (told(|s| s.garments), told(|s| s.small));
            // Writing to a string does not fail.
            let _ = writeln!(
                text,
                "| {} | {garments} | {small} | {} |",
                row.fusion,
                row.scores.len()
            );
        }
        text
    }
}

/// What the heads share.
struct Shared {
    networks: Networks,
    config: TrunkTraining,
    everything: Vec<Asked>,
    crops: Vec<Crop>,
    unseen: Vec<Whole>,
}

/// A crop's features, and its labels.
struct Crop {
    /// `[embedding, side, side]`
    places: Vec<f16>,
    labels: Batch,
}

/// A whole photo that nobody trained on.
struct Whole {
    /// `[1, embedding, h, w]`
    places: Tensor<4>,
    /// `[h, w]`, of each place
    labels: Vec<u8>,
    scene: Scene,
}

impl Shared {
    fn new(networks: Networks, config: TrunkTraining, options: &Options) -> Result<Self> {
        let folded = networks.trunk.clone().fold().lay_out();
        let scenes = Arc::new(scenes::load(&options.data, Split::Train)?);
        let sampling = SamplingConfig {
            size: config.size,
            batch: BATCH,
            ..SamplingConfig::default()
        };
        let mut batches = Batches::new(scenes, sampling, config.seed ^ 0xc0de, 0)?;
        let mut crops = Vec::with_capacity(options.crops);
        while crops.len() < options.crops {
            let batch = batches.next()?;
            let pixels = config.size * config.size;
            let more: Vec<Crop> = (0..BATCH)
                .into_par_iter()
                .map(|n| {
                    let bytes = &batch.photos[3 * n * pixels..][..3 * pixels];
                    let photo = photos(bytes, config.size, &Device::flex());
                    let places = folded.forward(photo).places.into_data();
                    let places = places.try_into_vec::<f32>().context("features of a crop")?;
                    Ok(Crop {
                        places: places.into_iter().map(f16::from_f32).collect(),
                        labels: Batch {
                            photos: Vec::new(),
                            labels: batch.labels[n * pixels..][..pixels].to_vec(),
                            scenes: vec![batch.scenes[n]],
                            settled: vec![batch.settled[n]],
                        },
                    })
                })
                .collect::<Result<_>>()?;
            crops.extend(more);
        }
        let unseen = scenes::load(&options.data, Split::Unseen)?;
        let unseen = unseen
            .into_par_iter()
            .map(|scene| whole(&folded, scene))
            .collect();
        Ok(Self {
            networks,
            config,
            everything: asking::everything(),
            crops,
            unseen,
        })
    }

    /// The sentence embeddings of clauses, `[n, sentence]`.
    fn queries(&self, clauses: &[Clause]) -> Result<Tensor<2>> {
        let batch = Sentences::of_clauses(clauses, &trunk::vocabulary()?, &Device::flex());
        Ok(self.networks.text.forward(&batch).sentence)
    }

    /// Trains a head with these layers.
    fn train(&self, form: &FusionForm, steps: usize, seed: u64) -> Result<Head> {
        let device = Device::flex().autodiff();
        device.seed(seed);
        let mut head = self.head(form).init(&device);
        let mut optimiser = AdamWConfig::new().with_weight_decay(1e-3).init();
        for step in 0..steps {
            let mut rng = random(seed, step, &device);
            let (places, clauses, targets, weights) = self.batch(&mut rng);
            let t = Tensor::from_data(self.queries(&clauses)?.into_data(), &device);
            let shape = [BATCH, self.config.trunk.embedding, WINDOW, WINDOW];
            let places = Tensor::<4>::from_data(TensorData::new(places, shape), &device);
            let map = |values| {
                Tensor::<4>::from_data(TensorData::new(values, [BATCH, 1, WINDOW, WINDOW]), &device)
            };
            let loss = loss(head.mask(places, t), map(targets), map(weights));
            let gradients = GradientsParams::from_grads(loss.backward(), &head);
            let left = (steps - step) as f64 / steps as f64;
            let rise = ((step + 1) as f64 / 50.0).min(1.0);
            head = optimiser.step(2e-3 * rise * (2.0 * left).min(1.0), head, gradients);
        }
        Ok(head.valid().with_presence_of(self.networks.head.clone()))
    }

    /// The sizes of a head with these layers.
    fn head(&self, form: &FusionForm) -> HeadConfig {
        HeadConfig {
            fusion: form.clone(),
            layers: LAYERS,
            ..self.config.head.clone()
        }
    }

    /// Windows of crops, an order for each, what its mask should be and what each place counts.
    fn batch(&self, rng: &mut SmallRng) -> (Vec<f32>, Vec<Clause>, Vec<f32>, Vec<f32>) {
        let side = self.config.size / 2;
        let area = side * side;
        let (mut places, mut clauses) = (Vec::new(), Vec::new());
        let (mut targets, mut weights) = (Vec::new(), Vec::new());
        for _ in 0..BATCH {
            let crop = &self.crops[rng.random_range(0..self.crops.len())];
            let asked = self.ask(&crop.labels, rng);
            clauses.push(asking::order(asked, rng));
            let [top, left] = [0, 1].map(|_| rng.random_range(0..=side - WINDOW));
            for channel in crop.places.chunks_exact(area) {
                for y in top..top + WINDOW {
                    places.extend(
                        channel[y * side + left..][..WINDOW]
                            .iter()
                            .map(|x| x.to_f32()),
                    );
                }
            }
            for y in top..top + WINDOW {
                for x in left..left + WINDOW {
                    let label = crop.labels.labels[2 * y * 2 * side + 2 * x];
                    targets.push(f32::from(asked.labels.has(label)));
                    weights.push(f32::from(label != UNDECIDED));
                }
            }
        }
        (places, clauses, targets, weights)
    }

    /// Three times in four a thing that a crop shows, else one that it does not.
    fn ask(&self, crop: &Batch, rng: &mut SmallRng) -> &Asked {
        let settled = self
            .everything
            .iter()
            .filter(|asked| crop.settled[0].word(asked.labels));
        let shows = |asked: &&Asked| crop.labels.iter().any(|label| asked.labels.has(*label));
        let (there, absent): (Vec<&Asked>, Vec<&Asked>) = settled.partition(shows);
        let from = match (there.is_empty(), rng.random_bool(0.75)) {
            (false, true) => &there,
            _ => &absent,
        };
        from.choose(rng).copied().unwrap_or(&self.everything[0])
    }

    /// Asks for every garment and small thing that is there.
    fn score(&self, head: &Head) -> Result<Score> {
        let of = |names: &[&'static str]| -> Result<f64> {
            let mut ious = Vec::new();
            for asked in self
                .everything
                .iter()
                .filter(|asked| names.contains(&asked.name))
            {
                let Some(thing) = Thing::named(asked.name) else {
                    continue;
                };
                let t = self.queries(&[Clause::naming(thing)])?;
                ious.par_extend(
                    self.unseen
                        .par_iter()
                        .filter_map(|whole| whole.iou(head, t.clone(), asked)),
                );
            }
            Ok(ious.iter().sum::<f64>() / ious.len().max(1) as f64)
        };
        Ok(Score {
            garments: of(&asking::GARMENTS)?,
            small: of(&asking::SMALL)?,
        })
    }
}

/// Cross entropy and soft Dice, as the trunk's.
fn loss(logits: Tensor<4>, target: Tensor<4>, weight: Tensor<4>) -> Tensor<1> {
    let sums = |x: Tensor<4>| -> Tensor<2> { x.flatten::<2>(1, 3).sum_dim(1) };
    let there = sums(target.clone() * weight.clone()).clamp(0.0, 1.0);
    let entropy = logits.clone().abs().neg().exp().log1p() + logits.clone().clamp_min(0.0)
        - logits.clone() * target.clone();
    let entropy = sums(entropy * weight.clone()) * (there.clone() * 0.7 + 0.3);
    let p = sigmoid(logits) * weight;
    let both = sums(p.clone() * target.clone());
    let dice = (both * 2.0 + 1.0) / (sums(p) + sums(target) + 1.0);
    let dice = (dice * -1.0 + 1.0) * there.clone();
    let count = there.sum().clamp_min(1.0);
    entropy.mean() * (3.0 / (WINDOW * WINDOW) as f64) + dice.sum() / count
}

/// A photo as the page would look at it.
fn whole(trunk: &Trunk, scene: Scene) -> Whole {
    let (w, h) = scene.photo.dimensions();
    let scale = crate::about::SHORT_SIDE as f64 / f64::from(w.min(h));
    let side =
        |side: u32| ((f64::from(side) * scale / STRIDE as f64).round().max(1.0) as usize) * STRIDE;
    let (width, height) = (side(w), side(h));
    let filter = image::imageops::FilterType::Triangle;
    let small = image::imageops::resize(&scene.photo, width as u32, height as u32, filter);
    let values: Vec<f32> = small
        .iter()
        .map(|byte| f32::from(*byte) / 127.5 - 1.0)
        .collect();
    let photo = Tensor::<4>::from_data(
        TensorData::new(values, [1, height, width, 3]),
        &Device::flex(),
    );
    let (across, down) = (width / 2, height / 2);
    let at =
        |place: usize, places: usize, side: u32| (2 * place + 1) * side as usize / (2 * places);
    let labels = (0..down).flat_map(|y| (0..across).map(move |x| (y, x)));
    let labels = labels.map(|(y, x)| scene.labels[at(y, down, h) * w as usize + at(x, across, w)]);
    Whole {
        labels: labels.collect(),
        places: trunk.forward(photo.permute([0, 3, 1, 2])).places,
        scene,
    }
}

impl Whole {
    /// The IoU of a thing; none where it is not there, or nobody knows.
    fn iou(&self, head: &Head, t: Tensor<2>, asked: &Asked) -> Option<f64> {
        let count = self
            .labels
            .iter()
            .filter(|label| asked.labels.has(**label))
            .count();
        if !self.scene.settled.word(asked.labels) || count * 500 < self.labels.len() {
            return None;
        }
        let logits = head
            .mask(self.places.clone(), t)
            .into_data()
            .try_into_vec::<f32>()
            .ok()?;
        let (mut both, mut either) = (0usize, 0usize);
        for (label, logit) in self
            .labels
            .iter()
            .zip(&logits)
            .filter(|(label, _)| **label != UNDECIDED)
        {
            let (a, b) = (asked.labels.has(*label), *logit > 0.0);
            both += usize::from(a && b);
            either += usize::from(a || b);
        }
        Some(both as f64 / either.max(1) as f64)
    }
}
