//! The weaver against its discriminators, one for each stage (AttnGAN, section 3; the recipe's
//! constants).

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use burn::module::Module;
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::module::avg_pool2d;
use burn::tensor::ops::{AvgPoolOptions, PadMode};
use burn::tensor::{Device, Distribution, Tensor};
use rand::Rng;
use serde::{Deserialize, Serialize};
use wordloom::prompt::Vocabulary;
use wordloom::weaver::{Weaver, WeaverConfig, Woven};

use crate::data::Dataset;
use crate::losses::{self, Loss, cross_entropy};
use crate::networks::{Discriminator, DiscriminatorConfig};
use crate::run::{self, Checkpoint, average, random};
use crate::sheet;
use crate::text::{Matching, Read, photos};

/// Pictures are shifted by up to this share of their size before a discriminator sees them.
const SHIFT: usize = 8;

/// Everything that the result depends on but the data and step 1.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WeavingConfig {
    /// Sizes of the generator.
    pub weaver: WeaverConfig,
    /// Pictures in a batch.
    pub batch: usize,
    /// Steps of the whole training; the learning rate falls to zero over the last third.
    pub steps: usize,
    /// Learning rate of all networks.
    pub rate: f64,
    /// Share of itself that the average of the generator's weights keeps at each step, in the end.
    pub keep: f64,
    /// Weight of the condition's divergence.
    pub divergence: f64,
    /// Weight of the matching losses of step 1.
    pub matching: f64,
    /// The run whose networks it began with, if it did not begin with random ones.
    #[serde(default)]
    pub from: Option<PathBuf>,
    /// Where the random numbers start.
    pub seed: u64,
    /// The next step.
    pub step: usize,
}

impl WeavingConfig {
    /// The recipe's values.
    pub fn new(weaver: WeaverConfig, steps: usize, seed: u64) -> Self {
        Self {
            weaver,
            batch: 32,
            steps,
            rate: 2e-4,
            keep: 0.998,
            divergence: 1.0,
            matching: 1.0,
            from: None,
            seed,
            step: 0,
        }
    }

    /// The command of this training, without its data.
    pub fn command(&self) -> String {
        let option = |chosen: bool, option: &'static str| if chosen { option } else { "" };
        format!(
            "weaver --size {} --steps {} --seed {}{}{}{}",
            self.weaver.size(),
            self.steps,
            self.seed,
            option(!self.weaver.attention, " --no-attention"),
            option(self.matching == 0.0, " --no-matching"),
            run::begun_with(self.from.as_deref()),
        )
    }

    fn rate(&self, step: usize) -> f64 {
        run::falling(self.rate, step, self.steps)
    }
}

/// All that a checkpoint holds: the generator, its average, a discriminator for each stage.
struct Networks {
    weaver: Weaver,
    average: Weaver,
    discriminators: [Discriminator; 2],
    weaver_optimiser: ModuleOptimizer,
    discriminator_optimisers: [ModuleOptimizer; 2],
}

/// The stages' names in a checkpoint.
const STAGES: [&str; 2] = ["coarse", "fine"];

impl Networks {
    fn new(config: &WeavingConfig, device: &Device) -> Self {
        device.seed(config.seed);
        let weaver = config.weaver.init(device);
        let size = config.weaver.size();
        let discriminator = |size| DiscriminatorConfig::new(size).init(device);
        Self {
            average: weaver.valid(),
            weaver,
            discriminators: [discriminator(size / 2), discriminator(size)],
            weaver_optimiser: run::optimiser(),
            discriminator_optimisers: [run::optimiser(), run::optimiser()],
        }
    }

    fn save(&self, checkpoint: &Checkpoint, config: &WeavingConfig) -> Result<()> {
        checkpoint.save(config, |to| {
            to.put("weaver", &self.weaver)?;
            to.put("average", &self.average)?;
            to.put_optimiser("weaver-optimiser", &self.weaver_optimiser)?;
            for (n, stage) in STAGES.iter().enumerate() {
                to.put(stage, &self.discriminators[n])?;
                let optimiser = &self.discriminator_optimisers[n];
                to.put_optimiser(&format!("{stage}-optimiser"), optimiser)?;
            }
            Ok(())
        })
    }

    fn load(self, from: &Checkpoint) -> Result<Self> {
        let [coarse, fine] = self.discriminators;
        let state = |name, optimiser| from.get_optimiser(name, optimiser);
        Ok(Self {
            weaver: from.get("weaver", self.weaver)?,
            average: from.get("average", self.average)?,
            discriminators: [from.get("coarse", coarse)?, from.get("fine", fine)?],
            weaver_optimiser: state("weaver-optimiser", self.weaver_optimiser)?,
            discriminator_optimisers: [
                state("coarse-optimiser", run::optimiser())?,
                state("fine-optimiser", run::optimiser())?,
            ],
        })
    }

    /// The same with what another run has learnt, as far as it has the same name and shape: from
    /// pictures half as large it is all but one level (as in Karras et al. 2018, "Progressive
    /// Growing of GANs"), and the discriminator of that size. The optimisers begin anew.
    fn begin_with(self, run: &Path, config: &WeavingConfig) -> Result<Self> {
        let from = Checkpoint::new(run, "weaver");
        let other: WeavingConfig = from
            .config()
            .with_context(|| format!("there is no weaver in {}", run.display()))?;
        let (size, whole) = (other.weaver.size(), config.weaver.size());
        ensure!(
            size == whole || 2 * size == whole,
            "the weaver in {} makes pictures of {size}x{size}: those of {whole}x{whole} cannot begin with it",
            run.display()
        );
        let [coarse, fine] = self.discriminators;
        let same_size = STAGES[usize::from(size < whole)];
        Ok(Self {
            weaver: from.get_alike("weaver", self.weaver)?,
            average: from.get_alike("average", self.average)?,
            discriminators: [
                from.get_alike(same_size, coarse)?,
                from.get_alike("fine", fine)?,
            ],
            ..self
        })
    }
}

/// The averaged generator of a run, and what it was trained with.
///
/// # Errors
/// When the weaver was not trained, or its checkpoint is damaged.
pub fn averaged(run: &Path, device: &Device) -> Result<(Weaver, WeavingConfig)> {
    let checkpoint = Checkpoint::new(run, "weaver");
    let config: WeavingConfig = checkpoint
        .config()
        .context("there is no weaver yet: run `cargo loom train weaver`")?;
    let weaver = config.weaver.init(device).valid();
    Ok((checkpoint.get("average", weaver)?, config))
}

/// Trains, or goes on where the checkpoint in `run` stops.
///
/// # Errors
/// Step 1 that is missing, a checkpoint that cannot be read or written, a training that fails.
pub fn train(
    run: &Path,
    mut config: WeavingConfig,
    data: &Dataset,
    vocabulary: &Vocabulary,
    resume: bool,
    device: &Device,
) -> Result<()> {
    let device = device.clone().autodiff();
    let (matching, text) = Matching::frozen(run, &device)?;
    let checkpoint = Checkpoint::new(run, "weaver");
    if let Some(saved) = checkpoint.resume(resume)? {
        // The number of steps may be changed; all else is the run's own.
        config = WeavingConfig {
            steps: config.steps,
            ..saved
        };
    }
    data.is_of(config.weaver.size())?;
    let mut networks = Networks::new(&config, &device);
    if resume {
        networks = networks.load(&checkpoint)?;
    } else if let Some(from) = &config.from {
        networks = networks.begin_with(from, &config)?;
    }
    let (steps, batch) = (config.step..config.steps, config.batch);
    let mut training = Training {
        networks,
        config,
        matching,
        looked_at: text.size,
        checkpoint,
        data,
        vocabulary,
        device,
    };
    run::train(&mut training, run, steps, batch)
}

/// The networks, and all that a step of them needs.
struct Training<'a> {
    networks: Networks,
    config: WeavingConfig,
    matching: Matching,
    /// Height and width at which the matching network looks at pictures.
    looked_at: usize,
    checkpoint: Checkpoint,
    data: &'a Dataset,
    vocabulary: &'a Vocabulary,
    device: Device,
}

impl run::Training for Training<'_> {
    /// One step of each discriminator and one of the generator, on the same pictures.
    fn step(&mut self, step: usize) -> Result<Vec<(&'static str, Tensor<1>)>> {
        let (networks, config, device) = (&mut self.networks, &self.config, &self.device);
        let mut rng = random(config.seed, step, device);
        let drawn = self.data.draw(config.batch, &mut rng)?;
        let photo = photos(&drawn, config.weaver.size(), device);
        let half = avg_pool2d(photo.clone(), AvgPoolOptions::new([2, 2]));
        let text = self.matching.read(&drawn.sentences, device).roll(0);
        let sentence = text.features.sentence.clone();
        // Another photo's sentence, for what a discriminator is to call wrong.
        let other = sentence.clone().roll_dim(drawn.shift() as i64, 0);

        let condition = networks.weaver.condition(sentence.clone());
        let woven = weave(&networks.weaver, &condition, &text, config);
        let made = [woven.coarse, woven.fine];

        let mut losses = Vec::new();
        let mut loss = losses::divergence(&condition) * config.divergence;
        for (n, (real, made)) in [half, photo].into_iter().zip(&made).enumerate() {
            let (real, fake) = (shifted(real, &mut rng), shifted(made.clone(), &mut rng));
            let against = losses::discriminator(
                &networks.discriminators[n],
                real,
                fake.clone().detach(),
                sentence.clone(),
                other.clone(),
                sentence.clone(),
            );
            let discriminator = networks.discriminators[n].clone();
            let gradients = GradientsParams::from_grads(against.backward(), &discriminator);
            let optimiser = &mut networks.discriminator_optimisers[n];
            networks.discriminators[n] =
                optimiser.step(config.rate(step), discriminator, gradients);

            let judge = networks.discriminators[n].clone().no_grad();
            let features = judge.features(fake);
            let fits = cross_entropy(judge.matching(features.clone(), sentence.clone()), 1.0);
            let real = cross_entropy(judge.real(features), 1.0);
            losses.extend([
                (["D 1", "D 2"][n], against),
                (["G 1", "G 2"][n], fits.clone()),
            ]);
            loss = loss + fits + real;
        }
        let [_, fine] = made;
        // It may be trained on smaller pictures, as AttnGAN's is on others than it judges.
        let times = (config.weaver.size() / self.looked_at).max(1);
        let fine = avg_pool2d(fine, AvgPoolOptions::new([times, times]));
        let features = self.matching.image.features(fine);
        let matched = self.matching.loss(features, &text, Loss::Contrastive);
        let loss = loss + matched.clone() * config.matching;

        let weaver = networks.weaver.clone();
        let gradients = GradientsParams::from_grads(loss.backward(), &weaver);
        let optimiser = &mut networks.weaver_optimiser;
        networks.weaver = optimiser.step(config.rate(step), weaver, gradients);
        networks.average = average(
            networks.average.clone(),
            &networks.weaver.valid(),
            run::kept(config.keep, step),
        );
        losses.extend([("match", matched), ("G", loss)]);
        Ok(losses)
    }

    fn save(&mut self, next: usize) -> Result<()> {
        self.config.step = next;
        self.networks.save(&self.checkpoint, &self.config)
    }

    fn sheet(&self, path: &Path) -> Result<()> {
        let text = self.matching.text.valid();
        let weaver = &self.networks.average;
        sheet::of_weaving(path, weaver, &text, self.vocabulary)
    }
}

/// A picture for each sentence of a batch, from noise of its own.
fn weave(
    weaver: &Weaver,
    condition: &wordloom::conditioning::Distribution,
    text: &Read,
    config: &WeavingConfig,
) -> Woven {
    let device = condition.mu.device();
    let normal = |size| {
        let [b, _] = condition.mu.dims();
        Tensor::random([b, size], Distribution::Normal(0.0, 1.0), &device)
    };
    let t = condition.draw(Some(normal(config.weaver.condition)));
    let z = normal(config.weaver.noise);
    weaver.forward(t, z, text.features.words.clone(), &text.mask)
}

/// Each picture moved at random by up to an eighth, with white behind it: the few thousand pictures
/// there are cannot be learnt by heart (Zhao et al. 2020, "Differentiable Augmentation").
fn shifted(pictures: Tensor<4>, rng: &mut impl Rng) -> Tensor<4> {
    let [b, _, h, w] = pictures.dims();
    let most = h / SHIFT;
    let larger = pictures.pad((most, most, most, most), PadMode::Constant(1.0));
    let mut side = |size| {
        let from = rng.random_range(0..=2 * most);
        from..from + size
    };
    let each = (0..b).map(|n| {
        let (rows, columns) = (side(h), side(w));
        larger.clone().slice([n..n + 1, 0..3, rows, columns])
    });
    Tensor::cat(each.collect(), 0)
}
