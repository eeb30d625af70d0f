//! A training run: a folder with its configuration, its checkpoints and its sheets.
//!
//! ```text
//! RUN/vocabulary.json
//! RUN/text/     config.json, the two halves of the matching network, optimiser, step
//! RUN/editor/   config.json, generator, its average, discriminator, optimisers, step
//! RUN/sheets/   what the generator makes of unseen photos, every 500 steps
//! ```

#[cfg(test)]
mod tests;

use std::fs;
use std::io::IsTerminal;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::optim::{AdamConfig, ModuleOptimizer};
use burn::store::ModuleRecord;
use burn::tensor::{Device, Tensor};
use indicatif::{ProgressBar, ProgressStyle};
use rand::SeedableRng;
use rand::rngs::SmallRng;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wordloom::kernels::use_bf16;
use wordloom::prompt::Vocabulary;

/// Where `--device` says that the tensors live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Accelerator {
    /// burn-flex, with the fastest instruction set that the machine has.
    Cpu,
    /// The same, with convolutions rounded to bf16, where the processor has instructions for it.
    Bf16,
    /// Any GPU, through wgpu; needs a build with `--features wgpu`.
    Wgpu,
    /// An NVIDIA GPU; needs a build with `--features cuda`.
    Cuda,
}

impl Accelerator {
    /// # Errors
    /// When this build or this machine does not have it.
    pub fn device(self) -> Result<Device> {
        match self {
            Self::Cpu => Ok(Device::flex()),
            Self::Bf16 => {
                ensure!(
                    use_bf16(true),
                    "this processor has no products in bf16 (AVX512-BF16 or AMX): use --device cpu"
                );
                Ok(Device::flex())
            }
            #[cfg(feature = "wgpu")]
            Self::Wgpu => Ok(Device::wgpu(Default::default())),
            #[cfg(feature = "cuda")]
            Self::Cuda => Ok(Device::cuda(0)),
            #[allow(unreachable_patterns)] // which are left depends on the features
            other => anyhow::bail!(
                "this build cannot use {other:?}: run `cargo loom` with `--features {}`",
                format!("{other:?}").to_lowercase()
            ),
        }
    }
}

/// The generator of random numbers of one step: a run that is resumed draws what it would have
/// drawn without the break.
pub fn random(seed: u64, step: usize, device: &Device) -> SmallRng {
    let seed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ step as u64;
    device.seed(seed);
    SmallRng::seed_from_u64(seed)
}

/// A folder NAME that is replaced as a whole: written as NAME.next, the one before kept as NAME.last.
/// A run that dies while it writes keeps the checkpoint before; where it dies between the two renames
/// there is no NAME, and NAME.next is whole.
pub struct Checkpoint(PathBuf);

impl Checkpoint {
    /// The checkpoint in `run` of a training named `name`.
    pub fn new(run: &Path, name: &str) -> Self {
        Self(run.join(name))
    }

    /// The configuration of the training to go on with; none where one begins.
    ///
    /// # Errors
    /// Nothing to go on with, or a training in the place of a new one.
    pub fn resume<C: DeserializeOwned>(&self, resume: bool) -> Result<Option<C>> {
        if resume {
            return self
                .config()
                .context("there is nothing to resume")
                .map(Some);
        }
        ensure!(
            !self.exists(),
            "{} holds a training already: go on with --resume, or choose another --run",
            self.0.display()
        );
        Ok(None)
    }

    /// Whether there is one.
    pub fn exists(&self) -> bool {
        is_whole(&self.whole())
    }

    /// The folder that is whole: the last one that was.
    fn whole(&self) -> PathBuf {
        let others = ["next", "last"].map(|name| self.0.with_extension(name));
        let mut folders = std::iter::once(self.0.clone()).chain(others);
        folders
            .find(|folder| is_whole(folder))
            .unwrap_or_else(|| self.0.clone())
    }

    /// Writes the files with `write`, then puts them in the place of the last checkpoint.
    pub fn save(
        &self,
        config: &impl Serialize,
        write: impl FnOnce(&Self) -> Result<()>,
    ) -> Result<()> {
        let [next, last] = ["next", "last"].map(|name| self.0.with_extension(name));
        let saved = || -> Result<()> {
            // What a run that died has left may be all there is.
            if !self.0.exists() && is_whole(&next) {
                fs::rename(&next, &self.0)?;
            }
            if next.exists() {
                fs::remove_dir_all(&next)?;
            }
            fs::create_dir_all(&next)?;
            write(&Self(next.clone()))?;
            // Written at the end, it says that the folder is whole.
            write_json(&next.join("config.json"), config)?;
            if self.0.exists() {
                if last.exists() {
                    fs::remove_dir_all(&last)?;
                }
                fs::rename(&self.0, &last)?;
            }
            Ok(fs::rename(&next, &self.0)?)
        };
        saved().with_context(|| format!("cannot write the checkpoint {}", self.0.display()))
    }

    /// The configuration it was written with.
    pub fn config<C: DeserializeOwned>(&self) -> Result<C> {
        read_json(&self.whole().join("config.json"))
    }

    /// Writes a module.
    pub fn put(&self, name: &str, module: &impl Module) -> Result<()> {
        let path = of(&self.0, name);
        // `valid` brings running statistics up to date.
        let record = module.valid().into_record();
        record
            .save(&path)
            .map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))
    }

    /// Reads a module.
    pub fn get<M: Module>(&self, name: &str, module: M) -> Result<M> {
        let path = self.path(name);
        ModuleRecord::load(&path)
            .and_then(|record| module.try_load_record(record))
            .map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))
    }

    /// Reads those parts of a module that have the same name and shape there; the others stay.
    pub fn get_alike<M: Module>(&self, name: &str, module: M) -> Result<M> {
        let path = self.path(name);
        ModuleRecord::load(&path)
            .map(|record| {
                record
                    .validate(false)
                    .allow_partial(true)
                    .allow_unused(true)
            })
            .and_then(|record| module.try_load_record(record))
            .map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))
    }

    /// Writes an optimiser's state.
    pub fn put_optimiser(&self, name: &str, optimiser: &ModuleOptimizer) -> Result<()> {
        let path = of(&self.0, name);
        optimiser
            .save(&path)
            .map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))
    }

    /// Reads an optimiser's state.
    pub fn get_optimiser(&self, name: &str, optimiser: ModuleOptimizer) -> Result<ModuleOptimizer> {
        let path = self.path(name);
        optimiser
            .load(&path)
            .map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))
    }

    /// Where a part is read.
    fn path(&self, name: &str) -> PathBuf {
        of(&self.whole(), name)
    }
}

fn of(folder: &Path, name: &str) -> PathBuf {
    folder.join(name).with_extension("bpk")
}

fn is_whole(folder: &Path) -> bool {
    folder.join("config.json").is_file()
}

/// The vocabulary of a run, which it keeps: its ids mean nothing in another one.
///
/// # Errors
/// Another one than the run has; a file that cannot be read or written.
pub fn keep_vocabulary(run: &Path, vocabulary: &Vocabulary) -> Result<()> {
    let path = run.join("vocabulary.json");
    let json = vocabulary.to_json()?;
    if path.exists() {
        let kept = fs::read_to_string(&path);
        ensure!(
            kept.with_context(|| format!("cannot read {}", path.display()))? == json,
            "the words that sentences are read as have changed since {} was written: train anew",
            path.display()
        );
        return Ok(());
    }
    let written = || fs::create_dir_all(run).and_then(|()| fs::write(&path, json));
    written().with_context(|| format!("cannot write {}", path.display()))
}

/// The part of a command that says with which run's networks a training began.
pub fn begun_with(run: Option<&Path>) -> String {
    let name = run.and_then(Path::file_name).map(Path::new);
    name.map_or_else(String::new, |name| format!(" --from {}", name.display()))
}

/// Writes a value as readable JSON.
pub fn write_json(path: &Path, value: &impl Serialize) -> Result<()> {
    let json = serde_json::to_string_pretty(value)?;
    fs::write(path, json + "\n").with_context(|| format!("cannot write {}", path.display()))
}

/// Reads a value from JSON.
pub fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let json = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&json).with_context(|| format!("{} is damaged", path.display()))
}

/// Adam as GANs are trained with it.
pub fn optimiser() -> ModuleOptimizer {
    let adam = AdamConfig::new().with_beta_1(0.5).with_epsilon(1e-8);
    adam.init()
}

/// The learning rate of a step: it falls to zero over the last third.
pub fn falling(rate: f64, step: usize, steps: usize) -> f64 {
    let left = (steps - step) as f64 / steps as f64;
    rate * (3.0 * left).min(1.0)
}

/// A training in progress, one step after the other.
pub trait Training {
    /// Makes a step and gives its losses, by name.
    ///
    /// # Errors
    /// A batch that cannot be drawn.
    fn step(&mut self, step: usize) -> Result<Vec<(&'static str, Tensor<1>)>>;

    /// Writes a checkpoint from which `next` would be the next step.
    ///
    /// # Errors
    /// A file that cannot be written.
    fn save(&mut self, next: usize) -> Result<()>;

    /// Writes a sheet of pictures, where there are any.
    ///
    /// # Errors
    /// A file that cannot be written.
    fn sheet(&self, _path: &Path) -> Result<()> {
        Ok(())
    }
}

/// Makes the steps of a training, of `batch` photos each: losses on the terminal, a checkpoint every
/// four minutes and at the end, a sheet in `run` every 500 steps.
///
/// # Errors
/// What the training refuses, and a loss that is not a number.
pub fn train(
    training: &mut impl Training,
    run: &Path,
    steps: Range<usize>,
    batch: usize,
) -> Result<()> {
    let progress = Progress::new(steps.start, steps.end, batch)?;
    let mut clock = Clock::new();
    for step in steps.clone() {
        let losses = training.step(step)?;
        if progress.wants(step) {
            let losses = losses.into_iter();
            let losses: Vec<_> = losses
                .map(|(name, loss)| (name, loss.into_scalar()))
                .collect();
            progress.tell(step, &losses)?;
        }
        let next = step + 1;
        if clock.due() || next == steps.end {
            training.save(next)?;
        }
        if next.is_multiple_of(500) {
            training.sheet(&run.join(format!("sheets/{next:06}.png")))?;
        }
    }
    Ok(())
}

/// Shows losses and speed: a bar on a terminal, a line now and then in a log.
struct Progress {
    bar: ProgressBar,
    started: Instant,
    first: usize,
    batch: usize,
    lines: bool,
}

impl Progress {
    /// For steps from `first` to `steps`, of `batch` photos each.
    fn new(first: usize, steps: usize, batch: usize) -> Result<Self> {
        let style = "{wide_bar} {pos}/{len} {msg} {eta} left";
        let bar = ProgressBar::new(steps as u64).with_style(ProgressStyle::with_template(style)?);
        bar.set_position(first as u64);
        Ok(Self {
            bar,
            started: Instant::now(),
            first,
            batch,
            lines: !std::io::stderr().is_terminal(),
        })
    }

    /// Whether losses of this step will be shown: reading them stops a GPU for a moment.
    fn wants(&self, step: usize) -> bool {
        step.is_multiple_of(10)
    }

    /// Tells the losses of a step; a run that has failed is stopped.
    fn tell(&self, step: usize, losses: &[(&str, f32)]) -> Result<()> {
        let photos = ((step - self.first + 1) * self.batch) as f64;
        let speed = photos / self.started.elapsed().as_secs_f64();
        let list = losses
            .iter()
            .map(|(name, value)| format!("{name} {value:.3}"));
        let text = format!(
            "{} | {speed:.1} photos/s",
            list.collect::<Vec<_>>().join("  ")
        );
        ensure!(
            losses.iter().all(|(_, value)| value.is_finite()),
            "the training has failed at step {step}: {text}"
        );
        self.bar.set_position(step as u64);
        self.bar.set_message(text.clone());
        // In the beginning more often: how fast it is, is soon known.
        if self.lines && step.is_multiple_of(if step < 50 { 10 } else { 50 }) {
            eprintln!("step {step}: {text}");
        }
        Ok(())
    }
}

/// Says when the next checkpoint is due: every four minutes.
struct Clock(Instant);

impl Clock {
    fn new() -> Self {
        Self(Instant::now())
    }

    /// Whether one is due; starts again if so.
    fn due(&mut self) -> bool {
        let due = self.0.elapsed() > Duration::from_secs(240);
        if due {
            self.0 = Instant::now();
        }
        due
    }
}

/// The share that an average keeps of itself at a step: little at first, so that the weights that a
/// training began with are soon forgotten.
pub fn kept(keep: f64, step: usize) -> f64 {
    keep.min((step + 1) as f64 / (step + 10) as f64)
}

/// Moves every parameter and statistic of `average` towards `model`: `average` keeps the share
/// `keep` of itself. Both are off the training device.
pub fn average<M: Module>(average: M, model: &M, keep: f64) -> M {
    struct Flatten(Vec<Tensor<1>>);
    impl ModuleVisitor for Flatten {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            self.0.push(param.val().flatten(0, D - 1));
        }
    }
    struct Towards {
        model: std::vec::IntoIter<Tensor<1>>,
        keep: f64,
    }
    impl ModuleMapper for Towards {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            let model = self.model.next();
            param.map(|tensor| match model {
                Some(model) => {
                    let model = model.reshape(tensor.dims());
                    tensor * self.keep + model * (1.0 - self.keep)
                }
                None => tensor,
            })
        }
    }
    let mut flat = Flatten(Vec::new());
    model.visit(&mut flat);
    average.map(&mut Towards {
        model: flat.0.into_iter(),
        keep,
    })
}
