//! The features that all heads are trained on, and what they are asked for.

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
use wordloom::editor::Editor;
use wordloom::fusion::FusionForm;
use wordloom::head::{Head, HeadConfig};
use wordloom::prompt::{Batch as Sentences, Clause, Thing};
use wordloom::trunk::STRIDE;
use wordloom::weights::Model;

use super::Options;
use super::report::Score;
use crate::asking::{self, Asked};
use crate::data::{self, Split};
use crate::run::{Accelerator, random};
use crate::scenes::{self, Batch, Batches, SamplingConfig, Scene, UNDECIDED};
use crate::trunk::photos;

/// Fusing layers of each head but the plain one.
const LAYERS: usize = 2;
/// Crops in a step.
const BATCH: usize = 32;
/// Places across and down of what a step sees of a crop.
const WINDOW: usize = 32;

/// Where the random numbers of the crops start.
const SEED: u64 = 0xc0de;

/// What the heads share.
pub struct Shared {
    /// Whose trunk and text encoder they see.
    pub model: Model<Editor>,
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
    /// Computes the features.
    ///
    /// # Errors
    /// Data without masks.
    pub fn new(mut model: Model<Editor>, options: &Options) -> Result<Self> {
        model.generator = model.generator.prepack();
        let (editor, size) = (&model.generator, model.config.side);
        let scenes = Arc::new(scenes::load(&options.data, Split::Train)?);
        let sampling = SamplingConfig {
            size,
            batch: BATCH,
            ..SamplingConfig::default()
        };
        let mut batches = Batches::new(scenes, sampling, SEED, 0)?;
        let mut crops = Vec::with_capacity(options.crops);
        while crops.len() < options.crops {
            let batch = batches.next()?;
            let pixels = size * size;
            let more: Vec<Crop> = (0..BATCH)
                .into_par_iter()
                .map(|n| {
                    let bytes = &batch.photos[3 * n * pixels..][..3 * pixels];
                    let photo = photos(bytes, size, &Device::flex());
                    let places = editor.look(photo).places.into_data();
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
            .map(|scene| whole(editor, scene, size))
            .collect::<Result<_>>()?;
        Ok(Self {
            model,
            everything: asking::everything(),
            crops,
            unseen,
        })
    }

    /// The sentence embeddings of clauses, `[n, sentence]`.
    fn queries(&self, clauses: &[Clause]) -> Result<Tensor<2>> {
        let Model {
            text, vocabulary, ..
        } = &self.model;
        let batch = Sentences::of_clauses(clauses, vocabulary, &Device::flex());
        Ok(text.forward(&batch).pooled)
    }

    /// Trains a head with these layers.
    ///
    /// # Errors
    /// A vocabulary that cannot be made.
    pub fn train(&self, form: &FusionForm, steps: usize, seed: u64) -> Result<Head> {
        let device = Accelerator::Cpu.device()?.autodiff();
        device.seed(seed);
        let mut head = self.head(form).init(&device);
        let mut optimiser = AdamWConfig::new().with_weight_decay(1e-3).init();
        for step in 0..steps {
            let mut rng = random(seed, step, &device);
            let (places, clauses, targets, weights) = self.batch(&mut rng);
            let t = Tensor::from_data(self.queries(&clauses)?.into_data(), &device);
            let embedding = self.model.generator.head.embedding();
            let shape = [BATCH, embedding, WINDOW, WINDOW];
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
        Ok(head
            .valid()
            .with_presence_of(self.model.generator.head.clone()))
    }

    /// The sizes of a head with these layers.
    pub fn head(&self, form: &FusionForm) -> HeadConfig {
        HeadConfig {
            fusion: form.clone(),
            layers: LAYERS,
            ..self.model.config.generator.head()
        }
    }

    /// Windows of crops, an order for each, what its mask should be and what each place counts.
    fn batch(&self, rng: &mut SmallRng) -> (Vec<f32>, Vec<Clause>, Vec<f32>, Vec<f32>) {
        let side = self.model.config.side / 2;
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
    ///
    /// # Errors
    /// As [`train`](Self::train).
    pub fn score(&self, head: &Head) -> Result<Score> {
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
fn whole(editor: &Editor, scene: Scene, short_side: usize) -> Result<Whole> {
    let (w, h) = scene.photo.dimensions();
    let scale = short_side as f64 / f64::from(w.min(h));
    let side =
        |side: u32| ((f64::from(side) * scale / STRIDE as f64).round().max(1.0) as usize) * STRIDE;
    let (width, height) = (side(w), side(h));
    let small = data::shrunk(&scene.photo.clone().into(), [width as u32, height as u32])?;
    let small = TensorData::new(small, [1, 3, height, width]);
    let photo = Tensor::<4>::from_data(small, &Device::flex());
    let (across, down) = (width / 2, height / 2);
    let at =
        |place: usize, places: usize, side: u32| (2 * place + 1) * side as usize / (2 * places);
    let labels = (0..down).flat_map(|y| (0..across).map(move |x| (y, x)));
    let labels = labels.map(|(y, x)| scene.labels[at(y, down, h) * w as usize + at(x, across, w)]);
    Ok(Whole {
        labels: labels.collect(),
        places: editor.look(photo).places,
        scene,
    })
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
