//! Step 1 of the editor: the trunk, the text encoder and the plain bilinear head, by true masks.
//!
//! Each step draws a sentence for each of many words, reads them once, and asks all of them of all photos
//! of the batch; the answer for what is not there is an empty mask.

mod adversary;
mod presence;
mod recipe;
#[cfg(test)]
mod tests;
mod unfold;

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use burn::grad_clipping::GradientClippingConfig;
use burn::module::Module;
use burn::optim::{AdamWConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Tensor, TensorData};
use wordloom::head::{Answers, Head};
use wordloom::prompt::{Batch as Sentences, Clause, TextEncoder, Vocabulary};
use wordloom::trunk::Trunk;
use wordloom_kernels::training::onednn;

pub use self::recipe::TrunkTraining;

use self::adversary::{Adversary, Edits};
use crate::asking::{self, Asked, MaskLoss, Targets};
use crate::run::{self, Checkpoint, average, random};
use crate::scenes::{Batch, Batches, SamplingConfig, Scene};

/// A step that no training reaches: its batch gives batch norms their first statistics.
const STATISTICS_STEP: u64 = u64::MAX / 2;

/// All that looks and reads.
#[derive(Module, Debug)]
pub struct Networks {
    /// Photos to embeddings.
    pub trunk: Trunk,
    /// Sentences to queries.
    pub text: TextEncoder,
    /// Both to masks.
    pub head: Head,
}

impl Networks {
    /// Draws the weights.
    pub fn new(config: &TrunkTraining, device: &Device) -> Self {
        device.seed(config.seed);
        Self {
            trunk: config.trunk.init(device),
            text: config.text.init_with_colours(device),
            head: config.head.init(device),
        }
    }
}

/// The averaged networks of a run, and what they were trained with.
///
/// # Errors
/// When they were not trained, or the checkpoint is damaged.
pub fn averaged(run: &Path, device: &Device) -> Result<(Networks, TrunkTraining)> {
    let checkpoint = Checkpoint::new(run, "trunk");
    let config: TrunkTraining = checkpoint
        .config()
        .context("there is no trunk yet: run `cargo loom train trunk`")?;
    let networks = Networks::new(&config, device).valid();
    Ok((checkpoint.get("average", networks)?, config))
}

/// The vocabulary of the editor's text encoder.
///
/// # Errors
/// None that is known.
pub fn vocabulary() -> Result<Vocabulary> {
    Vocabulary::new(asking::words()).map_err(anyhow::Error::from_boxed)
}

/// Photos `[b, size, size, 3]` in sRGB as the trunk sees them, `[b, 3, size, size]` in [-1, 1].
pub fn photos(bytes: &[u8], size: usize, device: &Device) -> Tensor<4> {
    let count = bytes.len() / (3 * size * size);
    let values: Vec<f32> = bytes
        .iter()
        .map(|byte| f32::from(*byte) / 127.5 - 1.0)
        .collect();
    let photos = Tensor::<4>::from_data(TensorData::new(values, [count, size, size, 3]), device);
    photos.permute([0, 3, 1, 2])
}

/// Trains, or goes on where the checkpoint in `run` stops.
///
/// # Errors
/// A checkpoint that cannot be read or written, a training that fails.
pub fn train(
    run: &Path,
    mut config: TrunkTraining,
    scenes: Vec<Scene>,
    resume: bool,
    device: &Device,
) -> Result<()> {
    let device = device.clone().autodiff();
    let checkpoint = Checkpoint::new(run, "trunk");
    if let Some(saved) = checkpoint.resume::<TrunkTraining>(resume)? {
        // The number of steps may be changed; all else is the run's own.
        config = TrunkTraining {
            steps: config.steps,
            ..saved
        };
    }
    let vocabulary = vocabulary()?;
    run::keep_vocabulary(run, &vocabulary)?;
    let sampling = SamplingConfig {
        size: config.size,
        batch: config.batch,
        plain: config.plain,
        ..SamplingConfig::default()
    };
    let scenes = Arc::new(scenes);
    let mut networks = Networks::new(&config, &device);
    let mut adversary = (config.adversarial > 0.0)
        .then(|| Adversary::new(config.size, config.head.sentence, &device));
    let mut averaged = networks.valid();
    let mut optimiser = AdamWConfig::new()
        .with_weight_decay(1e-3)
        .with_epsilon(1e-8)
        .with_grad_clipping(Some(GradientClippingConfig::Norm(5.0)))
        .init();
    if resume {
        networks = checkpoint.get("networks", networks)?;
        averaged = checkpoint.get("average", averaged)?;
        optimiser = checkpoint.get_optimiser("optimiser", optimiser)?;
        adversary = adversary
            .map(|adversary| adversary.load(&checkpoint))
            .transpose()?;
    } else if let Some(file) = config.from.clone().filter(|from| from.is_file()) {
        let batch = Batches::new(
            scenes.clone(),
            sampling.clone(),
            config.seed,
            STATISTICS_STEP,
        )?
        .next()?;
        let photos = photos(&batch.photos, config.size, &device);
        let (begun, command) = unfold::packed(&file, &config, photos)?;
        (averaged, networks) = (begun.valid(), begun);
        config.before = Some(command);
    } else if let Some(from) = config.from.clone() {
        let from = Checkpoint::new(&from, "trunk");
        config.before = Some(from.config::<TrunkTraining>()?.command());
        networks = from.get_alike("average", networks)?;
        averaged = from.get_alike("average", averaged)?;
    }
    let batches = Batches::new(scenes, sampling, config.seed, config.step as u64)?;
    let (steps, batch) = (config.step..config.steps, config.batch);
    let mut training = Training {
        everything: asking::everything(),
        vocabulary,
        networks,
        averaged,
        optimiser,
        adversary,
        config,
        checkpoint,
        batches,
        device,
    };
    run::train(&mut training, run, steps, batch)
}

struct Training {
    networks: Networks,
    averaged: Networks,
    optimiser: ModuleOptimizer,
    adversary: Option<Adversary>,
    config: TrunkTraining,
    checkpoint: Checkpoint,
    batches: Batches,
    everything: Vec<Asked>,
    vocabulary: Vocabulary,
    device: Device,
}

impl Training {
    /// Asks all sentences of all pictures.
    fn forward(&self, pictures: &Batch, sentences: &[Clause]) -> Answers {
        let (networks, device) = (&self.networks, &self.device);
        let photo = photos(&pictures.photos, self.config.size, device);
        let features = networks.trunk.forward(onednn::given(photo));
        let sentences = Sentences::of_clauses(sentences, &self.vocabulary, device);
        let t = networks.text.forward(&sentences).pooled;
        networks.head.ask(features.planes(), features.whole, t)
    }

    /// What masks cost, and a number whose gradient is that of the cost.
    fn masks(&self, logits: Tensor<3>, targets: &Targets) -> Result<(MaskLoss, Tensor<1>)> {
        let values = logits.clone().into_data().try_into_vec::<f32>();
        let mut loss = targets.loss(&values.context("the logits of the masks")?);
        let gradient = std::mem::take(&mut loss.gradient);
        if onednn::takes_single(&logits) {
            return Ok((loss, onednn::with_gradient(logits, gradient)));
        }
        let gradient = TensorData::new(gradient, targets.shape);
        let pulled = (logits * Tensor::from_data(gradient, &self.device)).sum();
        Ok((loss, pulled))
    }
}

impl run::Training for Training {
    fn step(&mut self, step: usize) -> Result<Vec<(&'static str, Tensor<1>)>> {
        let mut rng = random(self.config.seed, step, &self.device);
        let pictures = self.batches.next()?;
        let asked = asking::choose(&pictures, &self.everything, self.config.asked, &mut rng);
        let asked: Vec<&Asked> = asked.into_iter().map(|at| &self.everything[at]).collect();
        let sentences: Vec<Clause> = asked
            .iter()
            .map(|asked| asking::order(asked, &mut rng))
            .collect();
        let targets = Targets::new(&pictures, self.config.size, &asked);
        let answers = self.forward(&pictures, &sentences);
        let (_, first) = self.masks(answers.first, &targets)?;
        let logits = answers.masks.clone();
        let (masks, pulled) = self.masks(answers.masks, &targets)?;
        let there = presence::loss(answers.presence, &targets, &self.device);
        let mut loss = pulled + first * self.config.first + there.clone() * self.config.presence;
        let judged = match &mut self.adversary {
            Some(adversary) => {
                let edits = Edits::choose(&pictures, &targets, &asked, &mut rng, &self.device)?;
                let read = |clauses: &[Clause]| {
                    let clauses = Sentences::of_clauses(clauses, &self.vocabulary, &self.device);
                    self.networks.text.forward(&clauses).pooled
                };
                adversary.judge(&edits, logits, read, self.config.learning_rate(step))
            }
            None => None,
        };
        if let Some([_, made]) = &judged {
            loss = loss + made.clone() * self.config.adversarial;
        }

        let networks = self.networks.clone();
        let gradients = GradientsParams::from_grads(loss.backward(), &networks);
        self.networks = self
            .optimiser
            .step(self.config.learning_rate(step), networks, gradients);
        self.averaged = average(
            self.averaged.clone(),
            &self.networks.valid(),
            run::ema_decay(self.config.ema_decay, step),
        );
        let number = |value: f32| Tensor::<1>::from_floats([value], &Device::flex());
        let mut losses = vec![
            ("entropy", number(masks.entropy)),
            ("dice", number(masks.dice)),
            ("presence", there),
        ];
        losses.extend(["D", "G"].into_iter().zip(judged.into_iter().flatten()));
        Ok(losses)
    }

    fn save(&mut self, next: usize) -> Result<()> {
        self.config.step = next;
        self.checkpoint.save(&self.config, |to| {
            to.put("networks", &self.networks)?;
            to.put("average", &self.averaged)?;
            if let Some(adversary) = &self.adversary {
                adversary.save(to)?;
            }
            to.put_optimiser("optimiser", &self.optimiser)
        })
    }
}
