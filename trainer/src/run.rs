//! A training run: a folder with its configuration, its checkpoints and its sheets.
//!
//! ```text
//! RUN/vocabulary.json
//! RUN/trunk/    config.json, the editor's networks, their average, optimisers, step
//! RUN/text-to-image/   config.json, the garments' networks, their average, discriminators, optimisers, step
//! RUN/sheets/   what they make, every 500 steps
//! ```

mod checkpoint;
#[cfg(test)]
mod tests;

use std::fs;
use std::io::IsTerminal;
use std::ops::Range;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::optim::{AdamConfig, ModuleOptimizer};
use burn::tensor::{Device, Tensor};
use indicatif::{ProgressBar, ProgressStyle};
use rand::SeedableRng;
use rand::rngs::SmallRng;
use wordloom::prompt::Vocabulary;
use wordloom_kernels::training::{Convolutions, convolutions, onednn};

pub use checkpoint::{Checkpoint, read_json, write_json};

/// Where bf16 takes this many times as long as single precision, one is told: maps of half the size make up for less.
const SLOWER: f64 = 1.2;

/// Where `--device` says that the tensors live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Accelerator {
    /// burn-flex, with convolutions by oneDNN where that is installed.
    Cpu,
    /// The same, with networks that are trained in bf16; needs oneDNN.
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
            Self::Cpu => {
                let named = std::env::var_os("ONEDNN").is_some();
                ensure!(
                    onednn::use_library(false) || !named,
                    "the file that ONEDNN names is no oneDNN of version 3"
                );
                Ok(Device::flex())
            }
            Self::Bf16 => {
                let takes = onednn::bf16_takes().context(
                    "this needs oneDNN (libdnnl.so.3, or the file that ONEDNN names) and a processor with AVX-512: use --device cpu",
                )?;
                if takes > SLOWER {
                    eprintln!(
                        "bf16 takes {takes:.1} times as long as single precision on this processor: try --device cpu"
                    );
                }
                ensure!(
                    onednn::use_library(true),
                    "another precision was chosen before"
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
    fn sheet(&mut self, _path: &Path) -> Result<()> {
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
    /// What was computed before that.
    before: Convolutions,
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
            before: convolutions(),
            first,
            batch,
            lines: !std::io::stderr().is_terminal(),
        })
    }

    /// Whether losses of this step will be shown: reading them stops a GPU for a moment.
    fn wants(&self, step: usize) -> bool {
        step.is_multiple_of(10)
    }

    /// How fast the CPU computes convolutions, and which share of the time that takes.
    fn computed(&self) -> String {
        let (before, now) = (self.before, convolutions());
        let operations = now.operations - before.operations;
        if operations == 0 {
            return String::new();
        }
        let time = now.time - before.time;
        let speed = operations as f64 / time.as_nanos() as f64;
        let share = 100.0 * time.as_secs_f64() / self.started.elapsed().as_secs_f64();
        format!(", {speed:.0} GFLOP/s in convolutions, {share:.0} % of the time")
    }

    /// Tells the losses of a step; a run that has failed is stopped.
    fn tell(&self, step: usize, losses: &[(&str, f32)]) -> Result<()> {
        let photos = ((step - self.first + 1) * self.batch) as f64;
        let speed = photos / self.started.elapsed().as_secs_f64();
        let list = losses
            .iter()
            .map(|(name, value)| format!("{name} {value:.3}"));
        let text = format!(
            "{} | {speed:.1} photos/s{}",
            list.collect::<Vec<_>>().join("  "),
            self.computed(),
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
pub fn ema_decay(decay: f64, step: usize) -> f64 {
    decay.min((step + 1) as f64 / (step + 10) as f64)
}

/// Moves every parameter and statistic of `average` towards `model`: `average` keeps the share
/// `decay` of itself. Both are off the training device.
pub fn average<M: Module>(average: M, model: &M, decay: f64) -> M {
    struct Flatten(Vec<Tensor<1>>);
    impl ModuleVisitor for Flatten {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            self.0.push(param.val().flatten(0, D - 1));
        }
    }
    struct Towards {
        model: std::vec::IntoIter<Tensor<1>>,
        decay: f64,
    }
    impl ModuleMapper for Towards {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            let model = self.model.next();
            param.map(|tensor| match model {
                Some(model) => {
                    let model = model.reshape(tensor.dims());
                    tensor * self.decay + model * (1.0 - self.decay)
                }
                None => tensor,
            })
        }
    }
    let mut flat = Flatten(Vec::new());
    model.visit(&mut flat);
    average.map(&mut Towards {
        model: flat.0.into_iter(),
        decay,
    })
}
