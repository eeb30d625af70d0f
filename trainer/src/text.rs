//! Step 1: photos and sentences into one space. The text encoder that comes out is frozen in
//! step 2, and the pair of them is the matching loss there.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Int, Tensor, TensorData};
use serde::{Deserialize, Serialize};
use wordloom::prompt::{Batch, TextEncoder, TextEncoderConfig, TextFeatures, Vocabulary};

use crate::captions::Colour;
use crate::data::{Dataset, Drawn, Kind, Said};
use crate::evaluate::colour::TERMS;
use crate::losses::{Loss, similarities, similarities_by_words};
use crate::networks::{ImageEncoder, ImageEncoderConfig};
use crate::run::{self, Checkpoint, random};

/// Everything that the result depends on but the data.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TextConfig {
    /// The kinds of data that it is trained on.
    pub data: Vec<Kind>,
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
    /// What brings photos and sentences together.
    pub loss: Loss,
    /// The largest learning rate of the cycle.
    pub rate: f64,
    /// The run whose network it began with, if it did not begin with a random one.
    #[serde(default)]
    pub from: Option<PathBuf>,
    /// Where the random numbers start.
    pub seed: u64,
    /// The next step.
    pub step: usize,
}

impl TextConfig {
    /// The recipe's values, without a kind of data.
    pub fn new(vocabulary: &Vocabulary, size: usize, epochs: usize, seed: u64) -> Self {
        Self {
            data: Vec::new(),
            text: TextEncoderConfig::new(vocabulary.size()),
            image: ImageEncoderConfig::new(),
            size,
            batch: 64,
            epochs,
            loss: Loss::Contrastive,
            rate: 2e-3,
            from: None,
            seed,
            step: 0,
        }
    }
}

/// The matching network: two halves that put a photo and its sentence at the same place.
#[derive(Module, Debug)]
pub struct Matching {
    /// The text half, which is packed with the generator.
    pub text: TextEncoder,
    /// The image half, which is not.
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

    /// The network of another run with the same words and sizes; its image half may lack regions.
    fn of_run(
        run: &Path,
        config: &TextConfig,
        words: &Vocabulary,
        device: &Device,
    ) -> Result<Self> {
        let checkpoint = Checkpoint::new(run, "text");
        let other: TextConfig = checkpoint
            .config()
            .with_context(|| format!("there is no text encoder in {}", run.display()))?;
        let text = |config: &TextConfig| serde_json::to_string(&config.text).context("sizes");
        ensure!(
            text(&other)? == text(config)?
                && crate::vocabulary(run)?.to_json()? == words.to_json()?,
            "the text encoder in {} has other words or another size",
            run.display()
        );
        let new = Self::new(config, device);
        let old = checkpoint.get("matching", Self::new(&other, device))?;
        Ok(Self {
            text: old.text,
            image: new.image.with_levels_of(old.image),
        })
    }

    /// Reads a batch of sentences.
    pub fn read(&self, sentences: &[Vec<u32>], device: &Device) -> Read {
        let batch = Batch::new(sentences, device);
        Read {
            features: self.text.forward(&batch),
            mask: batch.mask,
        }
    }

    /// How far a batch of photos, by their feature maps, is from its sentences: by the whole, and
    /// by words and regions where the network has them (AttnGAN, section 3.2). Sentences behind the
    /// photos' own are nobody's.
    pub fn loss(&self, image: Tensor<4>, text: &Read, loss: Loss) -> Tensor<1> {
        let whole = self.image.whole(image.clone());
        let by_sentence = loss.of(similarities(whole, text.features.sentence.clone()));
        match self.image.regions(image) {
            Some(regions) => {
                let words = text.features.words.clone();
                let by_words = similarities_by_words(words, &text.mask, regions);
                by_sentence + loss.of(by_words)
            }
            None => by_sentence,
        }
    }

    /// Reads the trained network of a run, frozen, onto a training device.
    ///
    /// # Errors
    /// When step 1 was not trained, or its checkpoint is damaged.
    pub fn frozen(run: &Path, device: &Device) -> Result<(Self, TextConfig)> {
        let checkpoint = Checkpoint::new(run, "text");
        let config: TextConfig = checkpoint
            .config()
            .context("the text encoder comes first: run `cargo loom train text`")?;
        let network = checkpoint.get("matching", Self::new(&config, device))?;
        Ok((network.freeze(), config))
    }
}

/// Tells from a sentence's embedding which colours it gives to what: captions say little of a
/// flower's centre, and a network that brings sentences and photos together may forget it.
#[derive(Module, Debug)]
struct Colours {
    petals: Linear,
    centre: Linear,
}

impl Colours {
    /// For embeddings of this size; there is one answer for each of [`TERMS`], and one for none.
    fn new(embedding: usize, device: &Device) -> Self {
        let map = || LinearConfig::new(embedding, TERMS.len() + 1).init(device);
        Self {
            petals: map(),
            centre: map(),
        }
    }

    /// Cross entropies of the petals' and of the centre's colours, added; embeddings are `[b, d]`.
    fn loss(&self, sentence: Tensor<2>, said: &[Said]) -> Tensor<1> {
        let loss = |map: &Linear, part: usize| {
            let answers = said.iter().map(|said| {
                let place =
                    |colour: &Colour| TERMS.iter().position(|(term, _)| *term == colour.group);
                said[part].and_then(place).unwrap_or(TERMS.len()) as i32
            });
            let answers: Vec<i32> = answers.collect();
            let answers = Tensor::<1, Int>::from_ints(answers.as_slice(), &sentence.device());
            let logits = log_softmax(map.forward(sentence.clone()), 1);
            -logits.gather(1, answers.unsqueeze_dim(1)).mean()
        };
        loss(&self.petals, 0) + loss(&self.centre, 1)
    }
}

/// A batch of sentences, read.
#[derive(Debug, Clone)]
pub struct Read {
    /// Of its words and of the whole.
    pub features: TextFeatures,
    /// 1 at a word and 0 behind the last, `[b, t]`.
    pub mask: Tensor<2>,
}

impl Read {
    /// The same sentences, moved on by `shift` places in the batch; gradients stay behind.
    pub fn roll(&self, shift: usize) -> Self {
        let shift = shift as i64;
        Self {
            features: TextFeatures {
                words: self.features.words.clone().detach().roll_dim(shift, 0),
                sentence: self.features.sentence.clone().detach().roll_dim(shift, 0),
                pooled: self.features.pooled.clone().detach().roll_dim(shift, 0),
            },
            mask: self.mask.clone().roll_dim(shift, 0),
        }
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
    let mut colours = Colours::new(2 * config.text.hidden, &device);
    let network;
    if let Some(saved) = checkpoint.resume(resume)? {
        config = saved;
        network = checkpoint.get("matching", Matching::new(&config, &device))?;
        colours = checkpoint.get("colours", colours)?;
        optimiser = checkpoint.get_optimiser("optimiser", optimiser)?;
    } else {
        device.seed(config.seed);
        network = match &config.from {
            Some(from) => Matching::of_run(from, &config, vocabulary, &device)?,
            None => Matching::new(&config, &device),
        };
    }
    data.is_of(config.size)?;
    run::keep_vocabulary(run, vocabulary)?;

    let steps = config.epochs * data.len() / config.batch;
    let (steps, batch) = (config.step..steps, config.batch);
    let mut training = Training {
        network,
        colours,
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
    colours: Colours,
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
        let image = network.image.features(photos(&drawn, config.size, device));
        let orders = self.data.orders(&drawn, &mut rng)?;
        let wrong = self.data.wrong(&drawn, &mut rng)?.into_iter();
        let wrong = wrong.map(|(_, sentence)| sentence);
        let sentences: Vec<_> = drawn.sentences.into_iter().chain(wrong).collect();
        let text = network.read(&sentences, device);
        let matching = network.loss(image, &text, config.loss);
        let (orders, said): (Vec<_>, Vec<_>) = orders.into_iter().unzip();
        let named = match orders.is_empty() {
            true => Tensor::zeros([1], device),
            false => {
                let orders = network.read(&orders, device).features.sentence;
                self.colours.loss(orders, &said)
            }
        };
        let loss = matching.clone() + named.clone();
        let networks = (network.clone(), self.colours.clone());
        let gradients = GradientsParams::from_grads(loss.backward(), &networks);
        let rate = one_cycle(config.rate, step, self.last);
        (self.network, self.colours) = self.optimiser.step(rate, networks, gradients);
        Ok(vec![("matching", matching), ("colours", named)])
    }

    fn save(&mut self, next: usize) -> Result<()> {
        self.config.step = next;
        self.checkpoint.save(&self.config, |to| {
            to.put("matching", &self.network)?;
            to.put("colours", &self.colours)?;
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
        let text = network.read(&drawn.sentences, &device).features.sentence;
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
