//! A checkpoint: a folder that is always whole.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use burn::module::Module;
use burn::optim::ModuleOptimizer;
use burn::store::ModuleRecord;
use serde::Serialize;
use serde::de::DeserializeOwned;

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

#[cfg(test)]
mod tests {
    use super::*;

    /// The checkpoint of a training in a folder that is its own.
    fn checkpoint(folder: &tempfile::TempDir) -> Checkpoint {
        Checkpoint::new(folder.path(), "trunk")
    }

    /// Saves a checkpoint that says `number`, in its configuration and in a part.
    fn save(checkpoint: &Checkpoint, number: u32) {
        let part = |to: &Checkpoint| Ok(fs::write(of(&to.0, "part"), number.to_string())?);
        checkpoint.save(&number, part).unwrap();
    }

    /// What is read of it: both say the same number.
    fn read(checkpoint: &Checkpoint) -> u32 {
        let number: u32 = checkpoint.resume(true).unwrap().unwrap();
        let part = fs::read_to_string(checkpoint.path("part")).unwrap();
        assert_eq!(part, number.to_string());
        number
    }

    /// A run that ends while it writes.
    fn dies(checkpoint: &Checkpoint) {
        let half = |to: &Checkpoint| {
            fs::write(of(&to.0, "part"), "half")?;
            anyhow::bail!("no more room")
        };
        let error = checkpoint.save(&9, half).unwrap_err();
        assert!(format!("{error:#}").contains("no more room"), "{error:#}");
    }

    #[test]
    fn a_run_that_dies_while_it_writes_keeps_the_checkpoint_before() {
        let folder = tempfile::tempdir().unwrap();
        let checkpoint = checkpoint(&folder);
        dies(&checkpoint);
        assert!(!checkpoint.exists());
        for number in 1..4 {
            save(&checkpoint, number);
            dies(&checkpoint);
            assert_eq!(read(&checkpoint), number);
        }
    }

    #[test]
    fn a_run_that_dies_between_the_renames_loses_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let checkpoint = checkpoint(&folder);
        save(&checkpoint, 1);
        save(&checkpoint, 2);
        // As it is after the first of them.
        let next = folder.path().join("trunk.next");
        fs::rename(folder.path().join("trunk"), &next).unwrap();
        assert!(checkpoint.exists());
        assert_eq!(read(&checkpoint), 2);
        let anew = checkpoint.resume::<u32>(false).unwrap_err().to_string();
        assert!(anew.contains("--resume"), "{anew}");

        // The run goes on, and dies again before its next checkpoint is whole.
        dies(&checkpoint);
        assert_eq!(read(&checkpoint), 2);
        save(&checkpoint, 3);
        assert_eq!(read(&checkpoint), 3);

        // What is left when somebody has removed the others.
        fs::remove_dir_all(folder.path().join("trunk")).unwrap();
        assert_eq!(read(&checkpoint), 2);
    }
}
