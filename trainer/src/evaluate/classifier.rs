//! The classifier that stands in for Inception: a small network that knows the data set's own
//! classes, and the colours of its photos.

use std::path::Path;

use anyhow::{Context, Result};
use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::activation::{leaky_relu, log_softmax, softmax};
use burn::tensor::{Device, Tensor, TensorData};
use rand::rngs::SmallRng;
use serde::{Deserialize, Serialize};

use crate::networks::{ImageEncoder, ImageEncoderConfig};
use crate::run::{self, Checkpoint, random};
use crate::text::one_cycle;

/// Everything that the classifier depends on but the data.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ClassifierConfig {
    /// Sizes of the network up to the features.
    pub image: ImageEncoderConfig,
    /// The classes' names.
    pub classes: Vec<String>,
    /// The colours' names.
    pub colours: Vec<String>,
    /// Height and width of the photos.
    pub size: usize,
    /// Photos in a batch.
    pub batch: usize,
    /// Passes over the data.
    pub epochs: usize,
    /// The largest learning rate of the cycle.
    pub rate: f64,
    /// Where the random numbers start.
    pub seed: u64,
    /// The next step.
    pub step: usize,
}

impl ClassifierConfig {
    /// Sizes that two cores train in minutes. There are few features, so that some hundred photos
    /// are enough for their covariance.
    pub fn new(classes: Vec<String>, colours: Vec<String>, size: usize, seed: u64) -> Self {
        let widths = [24, 48, 96, 192];
        Self {
            image: ImageEncoderConfig::new()
                .with_widths(widths)
                .with_embedding(64),
            classes,
            colours,
            size,
            batch: 64,
            epochs: 8,
            rate: 2e-3,
            seed,
            step: 0,
        }
    }
}

/// Photos to features to classes and colours.
#[derive(Module, Debug)]
pub struct Classifier {
    image: ImageEncoder,
    classes: Linear,
    colours: Linear,
}

/// What is right for a photo: its class, and its colour where that is known.
pub type Label = (usize, Option<usize>);

/// Photos to learn from.
pub trait Photos {
    /// How many there are.
    fn len(&self) -> usize;

    /// At most `count` photos, planes `[3, size, size]` in [-1, 1] one after the other, and what is right
    /// for each.
    fn draw(&self, count: usize, rng: &mut SmallRng) -> (Vec<f32>, Vec<Label>);
}

/// What the classifier sees in a batch of photos.
pub struct Seen {
    /// The features before the last layer, `[b, 64]`.
    pub features: Tensor<2>,
    /// The classes' probabilities, `[b, classes]`.
    pub probabilities: Tensor<2>,
    /// The colours' probabilities, `[b, colours]`.
    pub colours: Tensor<2>,
}

impl Classifier {
    fn new(config: &ClassifierConfig, device: &Device) -> Self {
        let linear = |outputs| LinearConfig::new(config.image.embedding, outputs).init(device);
        Self {
            image: config.image.init(device),
            classes: linear(config.classes.len()),
            // At least one, so that there is a layer.
            colours: linear(config.colours.len().max(1)),
        }
    }

    /// The trained classifier of some judges.
    ///
    /// # Errors
    /// When there is none, or it is damaged.
    pub fn open(judges: &Path, device: &Device) -> Result<(Self, ClassifierConfig)> {
        let checkpoint = Checkpoint::new(judges, "classifier");
        let config: ClassifierConfig = checkpoint
            .config()
            .context("the judges come first: run `cargo loom train judges`")?;
        let network = checkpoint.get("classifier", Self::new(&config, device))?;
        Ok((network.valid(), config))
    }

    /// Photos `[b, 3, h, w]` in [-1, 1].
    pub fn see(&self, photos: Tensor<4>) -> Seen {
        let features = self.features(photos);
        let share = |layer: &Linear| softmax(layer.forward(features.clone()), 1);
        Seen {
            probabilities: share(&self.classes),
            colours: share(&self.colours),
            features,
        }
    }

    fn features(&self, photos: Tensor<4>) -> Tensor<2> {
        let map = self.image.features(photos);
        leaky_relu(self.image.whole(map), 0.2)
    }

    /// Mean cross entropies of the right classes, and of the colours that are known.
    fn losses(&self, photos: Tensor<4>, right: &[Label]) -> [Tensor<1>; 2] {
        let features = self.features(photos);
        let of = |layer: &Linear, right: Vec<Option<usize>>| {
            let scores = log_softmax(layer.forward(features.clone()), 1);
            let [_, kinds] = scores.dims();
            -(scores * one_hot(&right, kinds, &features.device())).sum()
        };
        [
            of(
                &self.classes,
                right.iter().map(|(class, _)| Some(*class)).collect(),
            ),
            of(
                &self.colours,
                right.iter().map(|(_, colour)| *colour).collect(),
            ),
        ]
    }
}

/// Rows of a 1 at what is right, divided by their number; a row of zeros where nothing is known.
fn one_hot(right: &[Option<usize>], kinds: usize, device: &Device) -> Tensor<2> {
    let known = right.iter().flatten().count().max(1);
    let mut rows = vec![0.0; right.len() * kinds];
    for (row, right) in rows.chunks_mut(kinds).zip(right) {
        if let Some(right) = right {
            row[*right] = 1.0 / known as f32;
        }
    }
    Tensor::from_data(TensorData::new(rows, [right.len(), kinds]), device)
}

/// Trains, or goes on where the checkpoint in `judges` stops.
///
/// # Errors
/// A checkpoint that cannot be read or written, a training that fails.
pub fn train(
    judges: &Path,
    mut config: ClassifierConfig,
    photos: &dyn Photos,
    device: &Device,
) -> Result<()> {
    let device = device.clone().autodiff();
    let checkpoint = Checkpoint::new(judges, "classifier");
    let mut optimiser = AdamConfig::new().with_epsilon(1e-8).init();
    let network;
    if checkpoint.exists() {
        config = checkpoint.config()?;
        network = checkpoint.get("classifier", Classifier::new(&config, &device))?;
        optimiser = checkpoint.get_optimiser("optimiser", optimiser)?;
    } else {
        device.seed(config.seed);
        network = Classifier::new(&config, &device);
    }
    let batch = config.batch.min(photos.len());
    let steps = config.step..config.epochs * photos.len() / batch;
    let mut training = Training {
        network,
        optimiser,
        config,
        checkpoint,
        photos,
        last: steps.end,
        device,
    };
    run::train(&mut training, judges, steps, batch)
}

/// The network, and all that a step of it needs.
struct Training<'a> {
    network: Classifier,
    optimiser: ModuleOptimizer,
    config: ClassifierConfig,
    checkpoint: Checkpoint,
    photos: &'a dyn Photos,
    last: usize,
    device: Device,
}

impl run::Training for Training<'_> {
    fn step(&mut self, step: usize) -> Result<Vec<(&'static str, Tensor<1>)>> {
        let (network, config, device) = (&self.network, &self.config, &self.device);
        let mut rng = random(config.seed, step, device);
        let (planes, right) = self.photos.draw(config.batch, &mut rng);
        let photos = TensorData::new(planes, [right.len(), 3, config.size, config.size]);
        let [classes, colours] = network.losses(Tensor::from_data(photos, device), &right);
        let loss = classes.clone() + colours.clone();
        let gradients = GradientsParams::from_grads(loss.backward(), network);
        let rate = one_cycle(config.rate, step, self.last);
        self.network = self.optimiser.step(rate, network.clone(), gradients);
        Ok(vec![("classes", classes), ("colours", colours)])
    }

    fn save(&mut self, next: usize) -> Result<()> {
        self.config.step = next;
        self.checkpoint.save(&self.config, |to| {
            to.put("classifier", &self.network)?;
            to.put_optimiser("optimiser", &self.optimiser)
        })
    }
}
