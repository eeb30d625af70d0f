//! What a training of the generator holds, and how it is kept.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::optim::ModuleOptimizer;
use burn::tensor::Device;
use wordloom::prompt::TextEncoder;
use wordloom::text_to_image::{FORM, TextToImage, TextToImageConfig};

use super::TextToImageTraining;
use crate::networks::{Discriminator, DiscriminatorConfig, FormEncoder, FormEncoderConfig};
use crate::run::{self, Checkpoint};

/// Channels of the first level of a discriminator.
const JUDGE: usize = 32;

/// The conditional autoencoder: what is trained together.
#[derive(Module, Debug)]
pub struct Autoencoder {
    pub(super) encoder: FormEncoder,
    /// Reads sentences, for the prior and for the attention.
    pub text: TextEncoder,
    /// The decoder, and the prior.
    pub generator: TextToImage,
    /// From a condition to the kind of garment (as in Odena, Olah and Shlens, "Auxiliary Classifier GANs", ICML
    /// 2017): without it what is rare, a skirt, stays long where everything is.
    pub(super) kinds: Linear,
}

impl Autoencoder {
    pub fn new(config: &TextToImageTraining, device: &Device) -> Self {
        let TextToImageConfig {
            condition, local, ..
        } = config.generator;
        let encoder = FormEncoderConfig::new(config.generator.size(), condition, local);
        Self {
            encoder: encoder.init(device),
            text: config.text.init(device),
            generator: config.generator.init(device),
            kinds: LinearConfig::new(config.generator.condition, config.kinds).init(device),
        }
    }
}

/// All that a checkpoint holds: the generator, its average, a discriminator for each stage.
pub struct Networks {
    pub(super) autoencoder: Autoencoder,
    pub(super) average: Autoencoder,
    pub(super) discriminators: [Discriminator; 2],
    pub(super) optimiser: ModuleOptimizer,
    pub(super) text_optimiser: ModuleOptimizer,
    pub(super) discriminator_optimisers: [ModuleOptimizer; 2],
}

/// The stages' names in a checkpoint.
const STAGES: [&str; 2] = ["coarse", "fine"];

impl Networks {
    pub fn new(config: &TextToImageTraining, device: &Device) -> Self {
        device.seed(config.seed);
        let autoencoder = Autoencoder::new(config, device);
        let size = config.generator.size();
        let discriminator = |size| {
            let sizes = DiscriminatorConfig::new(size)
                .with_channels(FORM)
                .with_width(JUDGE);
            sizes.with_sentence(config.generator.sentence).init(device)
        };
        Self {
            average: autoencoder.valid(),
            autoencoder,
            discriminators: [discriminator(size / 2), discriminator(size)],
            optimiser: run::optimiser(),
            text_optimiser: run::optimiser(),
            discriminator_optimisers: [run::optimiser(), run::optimiser()],
        }
    }

    pub fn save(&self, checkpoint: &Checkpoint, config: &TextToImageTraining) -> Result<()> {
        checkpoint.save(config, |to| {
            to.put("autoencoder", &self.autoencoder)?;
            to.put("average", &self.average)?;
            to.put_optimiser("optimiser", &self.optimiser)?;
            to.put_optimiser("text-optimiser", &self.text_optimiser)?;
            for (n, stage) in STAGES.iter().enumerate() {
                to.put(stage, &self.discriminators[n])?;
                let optimiser = &self.discriminator_optimisers[n];
                to.put_optimiser(&format!("{stage}-optimiser"), optimiser)?;
            }
            Ok(())
        })
    }

    pub fn load(self, from: &Checkpoint) -> Result<Self> {
        let [coarse, fine] = self.discriminators;
        let state = |name, optimiser| from.get_optimiser(name, optimiser);
        Ok(Self {
            autoencoder: from.get("autoencoder", self.autoencoder)?,
            average: from.get("average", self.average)?,
            discriminators: [from.get("coarse", coarse)?, from.get("fine", fine)?],
            optimiser: state("optimiser", self.optimiser)?,
            text_optimiser: state("text-optimiser", self.text_optimiser)?,
            discriminator_optimisers: [
                state("coarse-optimiser", run::optimiser())?,
                state("fine-optimiser", run::optimiser())?,
            ],
        })
    }

    /// The same with what another run has learnt, as far as it has the same name and shape: from
    /// forms half as large it is all but the levels before the last (as in Karras et al. 2018, "Progressive
    /// Growing of GANs"), and the discriminator of that size. The optimisers begin anew.
    pub fn begin_with(self, run: &Path, config: &TextToImageTraining) -> Result<Self> {
        let from = Checkpoint::new(run, "text-to-image");
        let other: TextToImageTraining = from
            .config()
            .with_context(|| format!("there is no generator in {}", run.display()))?;
        let (size, whole) = (other.generator.size(), config.generator.size());
        ensure!(
            size == whole || 2 * size == whole,
            "the generator in {} makes forms of {size}x{size}: those of {whole}x{whole} cannot begin with it",
            run.display()
        );
        let [coarse, fine] = self.discriminators;
        let same_size = STAGES[usize::from(size < whole)];
        Ok(Self {
            autoencoder: from.get_alike("autoencoder", self.autoencoder)?,
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
/// When it was not trained, or its checkpoint is damaged.
pub fn averaged(run: &Path, device: &Device) -> Result<(Autoencoder, TextToImageTraining)> {
    let checkpoint = Checkpoint::new(run, "text-to-image");
    let config: TextToImageTraining = checkpoint
        .config()
        .context("there is no generator yet: run `cargo loom train text-to-image`")?;
    let autoencoder = Autoencoder::new(&config, device).valid();
    Ok((checkpoint.get("average", autoencoder)?, config))
}
