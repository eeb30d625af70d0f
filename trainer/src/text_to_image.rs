//! The generator as the decoder of a conditional variational autoencoder, against discriminators, one for each stage
//! (Larsen et al., "Autoencoding beyond pixels using a learned similarity metric", ICML 2016; AttnGAN, section 3).
//!
//! Every form becomes itself again, from what the encoder sees in it. Discriminators that have weight judge its light;
//! without them a step is shorter.

mod forms;
mod networks;
mod seen;
mod sheet;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::activation::log_softmax;
use burn::tensor::module::avg_pool2d;
use burn::tensor::ops::AvgPoolOptions;
use burn::tensor::{Device, Int, Tensor};
use serde::{Deserialize, Serialize};
use wordloom::conditioning::Distribution;
use wordloom::prompt::{Batch, TextEncoderConfig, Vocabulary};
use wordloom::text_to_image::TextToImageConfig;

use crate::data::{self, Kind};
use crate::losses::{self, cross_entropy};
use crate::networks::Posterior;
use crate::run::{self, Checkpoint, average, random};

pub use forms::Forms;
use networks::Networks;
pub use networks::{Autoencoder, averaged};
use seen::{apart, augmented, lit, seen, weighed};

/// The share of the garments of a kind that may become exemplars.
const USUAL: f64 = 0.5;

/// Everything that the result depends on but the forms.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TextToImageTraining {
    /// The kinds of data that it is trained on.
    pub data: Vec<Kind>,
    /// Those that it keeps exemplars of.
    #[serde(default)]
    pub exemplars: Vec<Kind>,
    /// Sizes of the text encoder.
    pub text: TextEncoderConfig,
    /// Sizes of the generator.
    pub generator: TextToImageConfig,
    /// Forms in a batch.
    pub batch: usize,
    /// Steps of the whole training; the learning rate falls to zero over the last third.
    pub steps: usize,
    /// Learning rate of the generator.
    pub learning_rate: f64,
    /// The text encoder's, as a multiple of that: every word is rare.
    pub text_factor: f64,
    /// The discriminators', as a share of it.
    pub discriminator_factor: f64,
    /// Share of itself that the exponential moving average of the weights keeps at each step, in the end.
    pub ema_decay: f64,
    /// Weight of the Kullback-Leibler divergences: of the encoder's condition from what the sentence says, and of local
    /// latents from a standard normal distribution.
    pub kl: f64,
    /// Weight of the discriminators' judgement of light.
    pub adversarial: f64,
    /// Weight of what conditions say of the kind of garment.
    pub kind: f64,
    /// Kinds of garments.
    pub kinds: usize,
    /// The run whose networks it began with, if it did not begin with random ones.
    #[serde(default)]
    pub from: Option<PathBuf>,
    /// Where the random numbers start.
    pub seed: u64,
    /// The next step.
    pub step: usize,
}

impl TextToImageTraining {
    /// The recipe's values.
    pub fn new(
        vocabulary: &Vocabulary,
        generator: TextToImageConfig,
        steps: usize,
        seed: u64,
    ) -> Self {
        Self {
            data: Vec::new(),
            exemplars: Vec::new(),
            text: TextEncoderConfig::new(vocabulary.size())
                .with_embedding(64)
                .with_dropout(0.1)
                .with_hidden(generator.sentence / 2),
            generator,
            batch: 32,
            steps,
            learning_rate: 4e-4,
            text_factor: 5.0,
            discriminator_factor: 0.3,
            ema_decay: 0.998,
            kl: 0.01,
            adversarial: 0.05,
            kind: 0.1,
            kinds: 0,
            from: None,
            seed,
            step: 0,
        }
    }

    /// The command of this training, without its data.
    pub fn command(&self) -> String {
        let option = |chosen: bool, option: &'static str| if chosen { option } else { "" };
        format!(
            "text-to-image --size {} --steps {} --seed {} --kl {} --adversarial {}{}{}{}",
            self.generator.size(),
            self.steps,
            self.seed,
            self.kl,
            self.adversarial,
            option(!self.generator.attention, " --no-attention"),
            run::begun_with(self.from.as_deref()),
            data::placeholders(&self.exemplars).replace("--data", "--exemplars"),
        )
    }

    fn learning_rate(&self, step: usize) -> f64 {
        run::falling(self.learning_rate, step, self.steps)
    }
}

/// Trains, or goes on where the checkpoint in `run` stops. The model keeps latents of `exemplars`.
///
/// # Errors
/// A checkpoint that cannot be read or written, a training that fails.
pub fn train(
    run: &Path,
    mut config: TextToImageTraining,
    [forms, exemplars]: [&Forms; 2],
    vocabulary: &Vocabulary,
    resume: bool,
    device: &Device,
) -> Result<()> {
    let device = device.clone().autodiff();
    let checkpoint = Checkpoint::new(run, "text-to-image");
    if let Some(saved) = checkpoint.resume::<TextToImageTraining>(resume)? {
        ensure!(
            saved.generator.size() == config.generator.size(),
            "this training is of forms of {0}x{0}: say --size {0}",
            saved.generator.size()
        );
        ensure!(
            saved.exemplars == config.exemplars,
            "this training keeps exemplars of other data: say --exemplars as it began"
        );
        // The number of steps may be changed; all else is the run's own.
        config = TextToImageTraining {
            steps: config.steps,
            ..saved
        };
    }
    config.kinds = forms.classes();
    run::keep_vocabulary(run, vocabulary)?;
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
        checkpoint,
        forms,
        usual: exemplars.by_outline(),
        exemplars,
        vocabulary,
        device,
    };
    run::train(&mut training, run, steps, batch)
}

/// The networks, and all that a step of them needs.
struct Training<'a> {
    networks: Networks,
    config: TextToImageTraining,
    checkpoint: Checkpoint,
    forms: &'a Forms,
    exemplars: &'a Forms,
    /// These, the usual ones of each kind first.
    usual: Vec<usize>,
    vocabulary: &'a Vocabulary,
    device: Device,
}

impl run::Training for Training<'_> {
    /// One step of each discriminator and one of the autoencoder, on the same forms.
    fn step(&mut self, step: usize) -> Result<Vec<(&'static str, Tensor<1>)>> {
        let (networks, config, device) = (&mut self.networks, &self.config, &self.device);
        let mut rng = random(config.seed, step, device);
        let drawn = self.forms.draw(config.batch, device, &mut rng);
        let half = avg_pool2d(drawn.forms.clone(), AvgPoolOptions::new([2, 2]));
        let real = [half, drawn.forms.clone()].map(seen);

        let Autoencoder {
            encoder,
            text,
            generator,
            kinds,
        } = &networks.autoencoder;
        let batch = Batch::new(&drawn.sentences, device);
        let read = text.forward(&batch);
        let prior = generator.condition(read.pooled.clone());
        let posterior = encoder.forward(drawn.forms);
        let generated = generator.forward(posterior.sample(), read.words, &batch.mask);
        let generated = [generated.coarse, generated.fine];
        let made = generated.clone().map(seen);

        let stage = |n: usize| apart(weighed(made[n].clone() - real[n].clone()));
        let rebuilt = stage(0) + stage(1);
        let Posterior { whole, local } = posterior;
        let standard = Distribution {
            mu: local.mu.zeros_like(),
            log_sigma: local.mu.zeros_like(),
        };
        let divergence = losses::divergence(&whole, &prior);
        let locally = losses::divergence(&local, &standard);
        let classes = Tensor::<1, Int>::from_ints(drawn.classes.as_slice(), device);
        let named = |of: &Distribution| {
            let logits = log_softmax(kinds.forward(of.mu.clone()), 1);
            -logits.gather(1, classes.clone().unsqueeze_dim(1)).mean()
        };
        let kind = named(&whole) + named(&prior);
        let together = divergence.clone() + locally.clone();
        let mut loss = rebuilt.clone() + together * config.kl;
        loss = loss + kind.clone() * config.kind;
        let mut told = vec![
            ("form", rebuilt),
            ("KL", divergence),
            ("local KL", locally),
            ("kind", kind),
        ];

        let own = read.pooled.detach();
        let wrong = Tensor::<1, Int>::from_ints(drawn.wrong.as_slice(), device);
        let wrong = own.clone().select(0, wrong);
        let stages = real.into_iter().zip(generated.map(lit)).enumerate();
        let judged = if config.adversarial > 0.0 { 2 } else { 0 };
        for (n, (real, made)) in stages.take(judged) {
            let (real, made) = (augmented(real, &mut rng), augmented(made, &mut rng));
            let against = losses::discriminator(
                &networks.discriminators[n],
                real,
                made.clone().detach(),
                own.clone(),
                wrong.clone(),
                own.clone(),
            );
            let discriminator = networks.discriminators[n].clone();
            let gradients = GradientsParams::from_grads(against.backward(), &discriminator);
            let optimiser = &mut networks.discriminator_optimisers[n];
            let rate = config.discriminator_factor * config.learning_rate(step);
            networks.discriminators[n] = optimiser.step(rate, discriminator, gradients);

            let judge = networks.discriminators[n].clone().no_grad();
            let features = judge.features(made);
            let fits = cross_entropy(judge.matching(features.clone(), own.clone()), 1.0);
            let real = cross_entropy(judge.real(features), 1.0);
            told.extend([
                (["D 1", "D 2"][n], against),
                (["G 1", "G 2"][n], fits.clone()),
            ]);
            loss = loss + (fits + real) * config.adversarial;
        }

        let mut autoencoder = networks.autoencoder.clone();
        let (rate, mut gradients) = (config.learning_rate(step), loss.backward());
        let of_text = GradientsParams::from_module(&mut gradients, &autoencoder.text);
        let text = autoencoder.text.clone();
        autoencoder.text = networks
            .text_optimiser
            .step(config.text_factor * rate, text, of_text);
        let others = GradientsParams::from_grads(gradients, &autoencoder);
        networks.autoencoder = networks.optimiser.step(rate, autoencoder, others);
        networks.average = average(
            networks.average.clone(),
            &networks.autoencoder.valid(),
            run::ema_decay(config.ema_decay, step),
        );
        told.push(("G", loss));
        Ok(told)
    }

    fn save(&mut self, next: usize) -> Result<()> {
        self.config.step = next;
        self.keep_exemplars()?;
        self.networks.save(&self.checkpoint, &self.config)
    }

    fn sheet(&mut self, path: &Path) -> Result<()> {
        self.keep_exemplars()?;
        sheet::write(path, &self.networks.average, self.vocabulary)
    }
}

impl Training<'_> {
    /// What the averaged encoder sees in garments of all kinds becomes the averaged generator's exemplars: of each kind
    /// those whose outline is most like that of all of them, so that none is folded, cut off or another kind.
    fn keep_exemplars(&mut self) -> Result<()> {
        let average = &self.networks.average;
        let device = average.generator.devices().swap_remove(0);
        let all: Vec<usize> = (0..self.exemplars.len()).collect();
        let batches = all.chunks(self.config.batch);
        let seen = batches.map(|some| {
            let forms = self.exemplars.batch(some, &device);
            average.encoder.forward(forms).mean()
        });
        let latents = seen.collect();
        let count = self.config.generator.exemplars;
        let kept = self.exemplars.evenly(self.usual.clone(), USUAL, count);
        let kept: Vec<i32> = kept.into_iter().map(|form| form as i32).collect();
        let kept = Tensor::<1, Int>::from_ints(kept.as_slice(), &device);
        let exemplars = Tensor::cat(latents, 0).select(0, kept);
        let average = &mut self.networks.average;
        average.generator = average.generator.clone().with_exemplars(exemplars);
        Ok(())
    }
}
