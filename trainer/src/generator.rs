//! Step 2: the editor against its discriminator (Mao et al. 2019, section 3, with the recipe's
//! additions: a mask, a reconstruction and a matching loss).

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use burn::module::Module;
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Distribution, Tensor, TensorData};
use serde::{Deserialize, Serialize};
use wordloom::editor::{Editor, EditorConfig};
use wordloom::fusion::FusionForm;
use wordloom::prompt::Vocabulary;

use crate::data::Dataset;
use crate::losses::{self, Loss, least_squares};
use crate::networks::{Discriminator, DiscriminatorConfig};
use crate::run::{self, Checkpoint, average, random};
use crate::sheet;
use crate::text::{Matching, photos};

/// The weight of changes on backdrops, where none is asked for.
pub const BACKDROP: f64 = 6.0;
/// The weight of other colours than the one that a sentence names.
pub const COLOURS: f64 = 1.5;

/// Everything that the result depends on but the data and step 1.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GeneratorConfig {
    /// Sizes of the generator.
    pub editor: EditorConfig,
    /// Sizes of the discriminator.
    pub discriminator: DiscriminatorConfig,
    /// Photos in a batch.
    pub batch: usize,
    /// Steps of the whole training; the learning rate falls to zero over the last third.
    pub steps: usize,
    /// Learning rate of both networks.
    pub rate: f64,
    /// Share of itself that the average of the generator's weights keeps at each step, in the end.
    pub keep: f64,
    /// Weight of the condition's divergence.
    pub divergence: f64,
    /// Weight of the reconstruction of a photo under its own sentence.
    pub reconstruction: f64,
    /// Weight of the matching loss of step 1.
    pub matching: f64,
    /// Weight of masks and changes on [backdrops](Dataset::grounds), which no sentence asks to
    /// change.
    #[serde(default)]
    pub backdrop: f64,
    /// Weight of masks that are [unlike things](losses::segmentation).
    #[serde(default)]
    pub things: f64,
    /// Weight of the [colours](losses::colours) that sentences name.
    #[serde(default)]
    pub colours: f64,
    /// The run whose networks it began with, if it did not begin with random ones.
    #[serde(default)]
    pub from: Option<PathBuf>,
    /// Where the random numbers start.
    pub seed: u64,
    /// The next step.
    pub step: usize,
}

impl GeneratorConfig {
    /// The recipe's values, at a size of photos; from 128 on, the encoder has a level more.
    pub fn new(fusion: FusionForm, size: usize, steps: usize, seed: u64) -> Self {
        let mut widths = vec![32, 64, 128];
        if size >= 128 {
            widths.push(128);
        }
        Self {
            editor: EditorConfig::new().with_widths(widths).with_fusion(fusion),
            discriminator: DiscriminatorConfig::new(size),
            batch: 32,
            steps,
            rate: 2e-4,
            keep: 0.995,
            divergence: 0.1,
            reconstruction: 2.0,
            matching: 0.2,
            backdrop: BACKDROP,
            things: 5.0,
            colours: COLOURS,
            from: None,
            seed,
            step: 0,
        }
    }

    /// The command of this training, without its data.
    pub fn command(&self) -> String {
        let mut command = format!(
            "editor --size {} --steps {} --seed {} --fusion {}",
            self.discriminator.size,
            self.steps,
            self.seed,
            self.editor.fusion.name()
        );
        if self.backdrop != BACKDROP {
            command += &format!(" --backdrop {}", self.backdrop);
        }
        if self.colours != COLOURS {
            command += &format!(" --colours {}", self.colours);
        }
        command + &run::begun_with(self.from.as_deref())
    }

    fn rate(&self, step: usize) -> f64 {
        run::falling(self.rate, step, self.steps)
    }
}

/// All that a checkpoint holds.
struct Networks {
    editor: Editor,
    average: Editor,
    discriminator: Discriminator,
    editor_optimiser: ModuleOptimizer,
    discriminator_optimiser: ModuleOptimizer,
}

impl Networks {
    fn new(config: &GeneratorConfig, device: &Device) -> Self {
        device.seed(config.seed);
        let editor = config.editor.init(device);
        Self {
            average: editor.valid(),
            editor,
            discriminator: config.discriminator.init(device),
            editor_optimiser: run::optimiser(),
            discriminator_optimiser: run::optimiser(),
        }
    }

    fn save(&self, checkpoint: &Checkpoint, config: &GeneratorConfig) -> Result<()> {
        checkpoint.save(config, |to| {
            to.put("editor", &self.editor)?;
            to.put("average", &self.average)?;
            to.put("discriminator", &self.discriminator)?;
            to.put_optimiser("editor-optimiser", &self.editor_optimiser)?;
            to.put_optimiser("discriminator-optimiser", &self.discriminator_optimiser)
        })
    }

    fn load(self, from: &Checkpoint) -> Result<Self> {
        Ok(Self {
            editor: from.get("editor", self.editor)?,
            average: from.get("average", self.average)?,
            discriminator: from.get("discriminator", self.discriminator)?,
            editor_optimiser: from.get_optimiser("editor-optimiser", self.editor_optimiser)?,
            discriminator_optimiser: from
                .get_optimiser("discriminator-optimiser", self.discriminator_optimiser)?,
        })
    }

    /// The same with what another run has learnt; the optimisers begin anew.
    fn begin_with(self, run: &Path, config: &GeneratorConfig) -> Result<Self> {
        let from = Checkpoint::new(run, "editor");
        let other: GeneratorConfig = from
            .config()
            .with_context(|| format!("there is no generator in {}", run.display()))?;
        let sizes = |of: &GeneratorConfig| {
            serde_json::to_string(&(&of.editor, &of.discriminator)).context("sizes")
        };
        ensure!(
            sizes(&other)? == sizes(config)?,
            "the generator in {} has another size or fusing layer",
            run.display()
        );
        Ok(Self {
            editor: from.get("editor", self.editor)?,
            average: from.get("average", self.average)?,
            discriminator: from.get("discriminator", self.discriminator)?,
            ..self
        })
    }
}

/// The averaged generator of a run, and what it was trained with.
///
/// # Errors
/// When step 2 was not trained, or its checkpoint is damaged.
pub fn averaged(run: &Path, device: &Device) -> Result<(Editor, GeneratorConfig)> {
    let checkpoint = Checkpoint::new(run, "editor");
    let config: GeneratorConfig = checkpoint
        .config()
        .context("there is no generator yet: run `cargo loom train editor`")?;
    let editor = config.editor.init(device).valid();
    Ok((checkpoint.get("average", editor)?, config))
}

/// Trains, or goes on where the checkpoint in `run` stops.
///
/// # Errors
/// Step 1 that is missing, a checkpoint that cannot be read or written, a training that fails.
pub fn train(
    run: &Path,
    mut config: GeneratorConfig,
    data: &Dataset,
    unseen: &Dataset,
    vocabulary: &Vocabulary,
    resume: bool,
    device: &Device,
) -> Result<()> {
    let device = device.clone().autodiff();
    let (matching, text) = Matching::frozen(run, &device)?;
    let kind = text.data.first();
    let checkpoint = Checkpoint::new(run, "editor");
    if let Some(saved) = checkpoint.resume(resume)? {
        // The number of steps may be changed; all else is the run's own.
        config = GeneratorConfig {
            steps: config.steps,
            ..saved
        };
    }
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
        checkpoint,
        data,
        unseen,
        vocabulary,
        prompts: kind.map_or(&[], |kind| kind.about().edits.prompts),
        device,
    };
    run::train(&mut training, run, steps, batch)
}

/// The networks, and all that a step of them needs.
struct Training<'a> {
    networks: Networks,
    config: GeneratorConfig,
    matching: Matching,
    checkpoint: Checkpoint,
    data: &'a Dataset,
    unseen: &'a Dataset,
    vocabulary: &'a Vocabulary,
    /// What the sheets ask for.
    prompts: &'static [&'static str],
    device: Device,
}

impl run::Training for Training<'_> {
    /// One step of the discriminator and one of the generator, on the same edits.
    fn step(&mut self, step: usize) -> Result<Vec<(&'static str, Tensor<1>)>> {
        let (networks, device) = (&mut self.networks, &self.device);
        let config = &self.config;
        let mut rng = random(config.seed, step, device);
        let drawn = self.data.draw(config.batch, &mut rng)?;
        let size = config.discriminator.size;
        let photo = photos(&drawn, size, device);
        let [backdrops, things, around] = self.data.grounds(&drawn).map(|planes| {
            let planes = TensorData::new(planes, [config.batch, 1, size, size]);
            Tensor::from_data(planes, device)
        });
        // Each photo's own sentence, and another's: the batch, rolled.
        let asked = self.data.asked(&drawn, drawn.shift(), &mut rng)?;
        let (asked, colours): (Vec<_>, Vec<_>) = asked.into_iter().unzip();
        let colours = losses::named_colours(&colours, device);
        let hard = self.data.wrong(&drawn, &mut rng)?;
        // Behind what is asked the hard negatives, which take its place where they are.
        let mut wrong: Vec<i64> = (0..config.batch as i64).collect();
        for (n, (photo, _)) in (config.batch as i64..).zip(&hard) {
            wrong[*photo] = n;
        }
        let hard = hard.into_iter().map(|(_, sentence)| sentence);
        let asked: Vec<_> = asked.into_iter().chain(hard).collect();
        let [sentences, others] = [&drawn.sentences, &asked].map(|sentences| {
            // No gradient goes through the frozen encoder.
            self.matching.read(sentences, device).roll(0)
        });
        let own = sentences.features.sentence;
        let asked = others.features.sentence.clone();
        let wrong = asked
            .clone()
            .select(0, Tensor::from_ints(wrong.as_slice(), device));
        let other = asked.narrow(0, 0, config.batch);

        // The last quarter of what the generator sees is to stay what it is.
        let kept = config.batch / 4;
        let seen = Tensor::cat(vec![photo.clone(), photo.clone().narrow(0, 0, kept)], 0);
        let asked = Tensor::cat(vec![other.clone(), own.clone().narrow(0, 0, kept)], 0);
        let condition = networks.editor.condition(asked);
        // Visitors see the mean edit unless they ask for another: half of the batch trains that.
        let [seen_photos, _] = condition.mu.dims();
        let drawn = Tensor::random([seen_photos, 1], Distribution::Bernoulli(0.5), device);
        let z = Tensor::random(condition.mu.dims(), Distribution::Normal(0.0, 1.0), device) * drawn;
        let made = networks.editor.forward(seen, condition.draw(Some(z)));
        let edit = made.photo.clone().narrow(0, 0, config.batch);
        let same = made.photo.narrow(0, config.batch, kept);

        let against = losses::discriminator(
            &networks.discriminator,
            least_squares,
            photo.clone(),
            edit.clone().detach(),
            own,
            wrong,
            other.clone(),
        );
        let discriminator = networks.discriminator.clone();
        let gradients = GradientsParams::from_grads(against.backward(), &discriminator);
        let optimiser = &mut networks.discriminator_optimiser;
        networks.discriminator = optimiser.step(config.rate(step), discriminator, gradients);

        // The discriminator passes gradients on to the edit and takes none itself.
        let judge = networks.discriminator.clone().no_grad();
        let features = judge.features(edit.clone());
        let fits = least_squares(judge.matching(features.clone(), other.clone()), 1.0);
        let real = least_squares(judge.real(features), 1.0);
        let kl = losses::divergence(&condition);
        // Near 1 a mask has hardly a gradient; what it lets through has one.
        let masks = made.mask.clone().narrow(0, 0, config.batch);
        let change = (edit.clone() - photo.clone()).abs().mean_dim(1);
        let unlike = losses::segmentation(masks.clone(), things.clone(), around);
        let leak = ((masks.clone() + change) * backdrops).mean();
        let colours = losses::colours(edit.clone(), masks.detach(), things, colours);
        let reconstruction = (same - photo.narrow(0, 0, kept)).abs().mean();
        let matching = &self.matching;
        let matched = matching.loss(matching.image.features(edit), &others, Loss::Contrastive);
        let loss = fits.clone()
            + real.clone() * 0.5
            + kl * config.divergence
            + reconstruction.clone() * config.reconstruction
            + matched.clone() * config.matching
            + leak.clone() * config.backdrop
            + unlike.clone() * config.things
            + colours.clone() * config.colours;
        let editor = networks.editor.clone();
        let gradients = GradientsParams::from_grads(loss.backward(), &editor);
        let optimiser = &mut networks.editor_optimiser;
        networks.editor = optimiser.step(config.rate(step), editor, gradients);
        networks.average = average(
            networks.average.clone(),
            &networks.editor.valid(),
            run::kept(config.keep, step),
        );
        Ok(vec![
            ("D", against),
            ("G text", fits),
            ("G real", real),
            ("same", reconstruction),
            ("match", matched),
            ("mask", made.mask.mean()),
            ("leak", leak),
            ("unlike", unlike),
            ("colours", colours),
            ("G", loss),
        ])
    }

    fn save(&mut self, next: usize) -> Result<()> {
        self.config.step = next;
        self.networks.save(&self.checkpoint, &self.config)
    }

    fn sheet(&self, path: &Path) -> Result<()> {
        let text = self.matching.text.valid();
        sheet::of_training(
            path,
            &self.networks.average,
            &text,
            self.vocabulary,
            self.unseen,
            self.prompts,
        )
    }
}
