//! Many photos and several sentences: a picture of each in a folder, on all cores.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use rayon::prelude::*;
use wordloom::engine::{EditModel, Reading};

use super::file::{is_jpeg, write};
use super::{Options, found, look, open, tell};
use crate::data::read_photo;

/// Characters of a file's name.
const LONGEST: usize = 80;

/// A photo and the files that are made of it, one for each sentence.
#[derive(Debug)]
struct Job<'a> {
    photo: &'a Path,
    files: Vec<PathBuf>,
}

/// Edits all photos.
///
/// # Errors
/// A sentence that says nothing and a folder that cannot be written, before anything is made; in the end, the
/// number of photos that could not be edited: of each it is said why.
pub fn run(options: &Options) -> Result<()> {
    ensure!(options.mask.is_none(), "--mask is for one photo");
    let folder = &options.output;
    let engine = open(&options.model)?;
    let read = |sentence: &String| {
        pollster::block_on(engine.read(sentence)).with_context(|| format!("\"{sentence}\""))
    };
    let readings: Vec<Reading> = options.sentences.iter().map(read).collect::<Result<_>>()?;
    for reading in &readings {
        tell(reading);
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;

    let jobs = jobs(&options.photos, &options.sentences, folder);
    let (there, made, failed) = (
        jobs.iter().filter(|job| job.done()).count(),
        counter(),
        counter(),
    );
    let began = Instant::now();
    jobs.par_iter().filter(|job| !job.done()).for_each(|job| {
        match job.edit(&engine, &readings, options.strength) {
            Ok(()) => &made,
            Err(error) => {
                eprintln!("{error:#}");
                &failed
            }
        }
        .fetch_add(1, Ordering::Relaxed);
    });
    let (made, failed) = (made.into_inner(), failed.into_inner());
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "{made} photos in {seconds:.1} s, {:.2} photos/s; {there} were there already.",
        made as f64 / seconds.max(1e-9)
    );
    ensure!(
        failed == 0,
        "{failed} of {} photos could not be edited",
        jobs.len()
    );
    Ok(())
}

fn counter() -> AtomicUsize {
    AtomicUsize::new(0)
}

impl Job<'_> {
    fn done(&self) -> bool {
        self.files.iter().all(|file| file.exists())
    }

    /// Writes what is not there yet. What the photo lacks is said, and makes no file.
    fn edit(&self, engine: &EditModel, readings: &[Reading], strength: f32) -> Result<()> {
        let name = self.photo.display();
        let photo = read_photo(self.photo)?.to_rgba8();
        let look = look(engine, &photo).with_context(|| name.to_string())?;
        for (file, reading) in self.files.iter().zip(readings) {
            if file.exists() {
                continue;
            }
            let (found, missing) =
                found(engine, &look, reading).with_context(|| name.to_string())?;
            if !missing.is_empty() {
                eprintln!("{name}: there is none of this: {}.", missing.join(", "));
            }
            if found.shares.iter().any(|share| *share > 0.0) {
                let mut edited = photo.clone();
                found.edit.apply(&mut edited, strength)?;
                write(file, &edited.into())?;
            }
        }
        Ok(())
    }
}

/// Which files come of which photo. Photos of one name have a number behind it.
fn jobs<'a>(photos: &'a [PathBuf], sentences: &[String], folder: &Path) -> Vec<Job<'a>> {
    let mut taken = HashSet::new();
    let jobs = photos.iter().map(|photo| {
        let files = sentences.iter().map(|sentence| {
            let names = (1..).map(|count| folder.join(file_name(photo, sentence, count)));
            let mut free = names.filter(|name| taken.insert(name.clone()));
            free.next().unwrap_or_default()
        });
        let files = files.collect();
        Job { photo, files }
    });
    jobs.collect()
}

/// "garden.jpg" and "Make it blue!" are "garden-make-it-blue.jpg", and the second of these "-2.jpg".
fn file_name(photo: &Path, sentence: &str, count: usize) -> String {
    let stem = photo.file_stem().unwrap_or_default().to_string_lossy();
    let lower = sentence.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric());
    let parts: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let name: String = format!("{stem}-{}", parts.join("-"))
        .chars()
        .take(LONGEST)
        .collect();
    let number = if count > 1 {
        format!("-{count}")
    } else {
        String::new()
    };
    let kind = if is_jpeg(photo) { "jpg" } else { "png" };
    format!("{name}{number}.{kind}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_is_in_the_files_and_none_is_there_twice() {
        let photos = ["a/garden.jpg", "b/garden.jpg", "c/garden.png"].map(PathBuf::from);
        let sentences = ["Make it blue!", "把裙子变成红色"].map(str::to_owned);
        let jobs = jobs(&photos, &sentences, Path::new("out"));
        let names: Vec<Vec<&str>> = jobs
            .iter()
            .map(|job| {
                job.files
                    .iter()
                    .filter_map(|file| file.file_name()?.to_str())
                    .collect()
            })
            .collect();
        assert_eq!(
            names,
            [
                ["garden-make-it-blue.jpg", "garden-把裙子变成红色.jpg"],
                ["garden-make-it-blue-2.jpg", "garden-把裙子变成红色-2.jpg"],
                ["garden-make-it-blue.png", "garden-把裙子变成红色.png"],
            ]
        );
        let long = file_name(&photos[0], &"blue ".repeat(100), 12);
        assert!(
            long.len() <= LONGEST + 7 && long.ends_with("-12.jpg"),
            "{long}"
        );
    }
}
