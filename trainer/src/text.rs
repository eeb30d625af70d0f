//! The matching network of the judges: photos and sentences in one space.

use std::path::Path;

use anyhow::{Context, Result};
use burn::module::Module;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};
use wordloom::prompt::{Batch, TextEncoder, TextEncoderConfig, Vocabulary};

use crate::data::{Dataset, Drawn};
use crate::losses::{contrastive, similarities};
use crate::networks::{ImageEncoder, ImageEncoderConfig};
use crate::run::{self, Checkpoint, random};

/// Everything that the result depends on but the data.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TextConfig {
    /// Sizes of the text half.
    pub text: TextEncoderConfig,
    /// Sizes of the image half.
    pub image: ImageEncoderConfig,
    /// Height and width of the photos.
    pub size: usize,
    /// Photos in a batch.
    pub batch: usize,
    /// Passes over the data.
    pub epochs: usize,
    /// The largest learning rate of the cycle.
    #[serde(alias = "rate")]
    pub learning_rate: f64,
    /// Where the random numbers start.
    pub seed: u64,
    /// The next step.
    pub step: usize,
}

impl TextConfig {
    /// The recipe's values.
    pub fn new(vocabulary: &Vocabulary, size: usize, epochs: usize, seed: u64) -> Self {
        Self {
            text: TextEncoderConfig::new(vocabulary.size()),
            image: ImageEncoderConfig::new(),
            size,
            batch: 64,
            epochs,
            learning_rate: 2e-3,
            seed,
            step: 0,
        }
    }
}

/// The matching network: two halves that put a photo and its sentence at the same place.
#[derive(Module, Debug)]
pub struct Matching {
    /// The text half.
    pub text: TextEncoder,
    /// The image half.
    pub image: ImageEncoder,
}

impl Matching {
    /// Draws the weights.
    pub fn new(config: &TextConfig, device: &Device) -> Self {
        Self {
            text: config.text.init(device),
            image: config.image.init(device),
        }
    }

    /// The embeddings of a batch of sentences.
    fn read(&self, sentences: &[Vec<u32>], device: &Device) -> Tensor<2> {
        self.text.forward(&Batch::new(sentences, device)).sentence
    }

    /// How far a batch of photos is from its sentences. Sentences behind the photos' own are nobody's.
    fn loss(&self, photos: Tensor<4>, sentences: Tensor<2>) -> Tensor<1> {
        let image = self.image.whole(self.image.features(photos));
        contrastive(similarities(image, sentences))
    }

    /// Reads the trained network of a run, frozen, onto a training device.
    ///
    /// # Errors
    /// When it was not trained, or its checkpoint is damaged.
    pub fn frozen(run: &Path, device: &Device) -> Result<(Self, TextConfig)> {
        let checkpoint = Checkpoint::new(run, "text");
        let config: TextConfig = checkpoint
            .config()
            .context("there are no judges yet: run `cargo loom train judges`")?;
        let network = checkpoint.get("matching", Self::new(&config, device))?;
        Ok((network.freeze(), config))
    }
}

/// Photos of a batch as a tensor `[b, 3, size, size]`.
pub fn photos(drawn: &Drawn, size: usize, device: &Device) -> Tensor<4> {
    let shape = [drawn.sentences.len(), 3, size, size];
    Tensor::from_data(TensorData::new(drawn.photos.clone(), shape), device)
}

/// One-cycle: up to `peak` in the first third as half a cosine, then down to nothing.
pub fn one_cycle(peak: f64, step: usize, steps: usize) -> f64 {
    let at = step as f64 / steps as f64;
    let turn = 0.3;
    let (from, to, part) = match at < turn {
        true => (peak / 25.0, peak, at / turn),
        false => (peak, 0.0, (at - turn) / (1.0 - turn)),
    };
    from + (to - from) * (1.0 - (std::f64::consts::PI * part).cos()) / 2.0
}

fn optimiser() -> ModuleOptimizer {
    AdamConfig::new().with_epsilon(1e-8).init()
}

/// Trains, or goes on where the checkpoint in `run` stops.
///
/// # Errors
/// A checkpoint that cannot be read or written, a training that fails.
pub fn train(
    run: &Path,
    mut config: TextConfig,
    data: &Dataset,
    unseen: &Dataset,
    vocabulary: &Vocabulary,
    resume: bool,
    device: &Device,
) -> Result<()> {
    let device = device.clone().autodiff();
    let checkpoint = Checkpoint::new(run, "text");
    let mut optimiser = optimiser();
    let network;
    if let Some(saved) = checkpoint.resume(resume)? {
        config = saved;
        network = checkpoint.get("matching", Matching::new(&config, &device))?;
        optimiser = checkpoint.get_optimiser("optimiser", optimiser)?;
    } else {
        device.seed(config.seed);
        network = Matching::new(&config, &device);
    }
    data.is_of(config.size)?;
    run::keep_vocabulary(run, vocabulary)?;

    let steps = config.epochs * data.len() / config.batch;
    let (steps, batch) = (config.step..steps, config.batch);
    let mut training = Training {
        network,
        optimiser,
        config,
        checkpoint,
        data,
        last: steps.end,
        device,
    };
    run::train(&mut training, run, steps, batch)?;
    let share = top_1(&training.network.valid(), unseen, &training.config)?;
    println!(
        "own sentence first among 100, unseen classes: {:.0} %",
        100.0 * share
    );
    Ok(())
}

/// The network, and all that a step of it needs.
struct Training<'a> {
    network: Matching,
    optimiser: ModuleOptimizer,
    config: TextConfig,
    checkpoint: Checkpoint,
    data: &'a Dataset,
    last: usize,
    device: Device,
}

impl run::Training for Training<'_> {
    fn step(&mut self, step: usize) -> Result<Vec<(&'static str, Tensor<1>)>> {
        let (network, config, device) = (&self.network, &self.config, &self.device);
        let mut rng = random(config.seed, step, device);
        let drawn = self.data.draw(config.batch, &mut rng)?;
        let sentences = network.read(&drawn.sentences, device);
        let loss = network.loss(photos(&drawn, config.size, device), sentences);
        let gradients = GradientsParams::from_grads(loss.backward(), network);
        let rate = one_cycle(config.learning_rate, step, self.last);
        self.network = self.optimiser.step(rate, network.clone(), gradients);
        Ok(vec![("matching", loss)])
    }

    fn save(&mut self, next: usize) -> Result<()> {
        self.config.step = next;
        self.checkpoint.save(&self.config, |to| {
            to.put("matching", &self.network)?;
            to.put_optimiser("optimiser", &self.optimiser)
        })
    }
}

/// The share of photos that find their own sentence among 100, over ten draws.
fn top_1(network: &Matching, data: &Dataset, config: &TextConfig) -> Result<f64> {
    const DRAWS: usize = 10;
    let device = network.image.devices()[0].clone();
    let config = TextConfig {
        batch: 100.min(data.len()),
        ..config.clone()
    };
    let mut right = 0;
    for draw in 0..DRAWS {
        let mut rng = random(config.seed, draw, &device);
        let drawn = data.draw(config.batch, &mut rng)?;
        let image = network.image.features(photos(&drawn, config.size, &device));
        let text = network.read(&drawn.sentences, &device);
        let scores = similarities(network.image.whole(image), text);
        let best = scores.argmax(1).into_data();
        let best = best.iter::<i64>();
        right += best
            .enumerate()
            .filter(|(i, best)| *i as i64 == *best)
            .count();
    }
    Ok(right as f64 / (DRAWS * config.batch) as f64)
}
