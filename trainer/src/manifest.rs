//! `weights/manifest.json`: what the page knows before it loads a model.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::run::{read_json, write_json};

#[derive(Debug, Default, Serialize, Deserialize)]
struct Manifest {
    models: Vec<Entry>,
}

/// A model's line.
#[derive(Debug, Serialize, Deserialize)]
pub struct Entry {
    /// A short name.
    pub name: String,
    /// The file, beside the manifest.
    pub file: String,
    /// Its length.
    pub bytes: usize,
    /// Its digest.
    pub sha256: String,
    /// What it edits or makes, in a few words.
    pub edits: String,
    /// Sentences to try.
    pub prompts: Vec<String>,
    // Entries of other makers may lack the rest.
    /// `edit`, or `make`.
    #[serde(default = "edit")]
    pub task: String,
    /// Sentences to try in Chinese.
    #[serde(default)]
    pub prompts_zh: Vec<String>,
    /// What visitors choose between.
    #[serde(default)]
    pub subject: String,
    /// An editor's fusion layer.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub fusion: String,
    /// Words that tell of the subject, beside those in the prompts.
    #[serde(default)]
    pub words: Vec<String>,
}

fn edit() -> String {
    "edit".into()
}

/// The files of the models that visitors edit with: the first of each subject.
///
/// # Errors
/// A manifest that cannot be read.
pub fn editors(path: &Path) -> Result<Vec<PathBuf>> {
    let Manifest { mut models } = read_json(path)?;
    models.retain(|model| model.task == "edit");
    let subject = |model: &Entry| match model.subject.is_empty() {
        true => model.name.clone(),
        false => model.subject.clone(),
    };
    let mut seen = HashSet::new();
    models.retain(|model| seen.insert(subject(model)));
    let files = models.into_iter();
    Ok(files.map(|model| path.with_file_name(model.file)).collect())
}

/// Puts a model's line into a manifest, in the place of one of the same name.
///
/// # Errors
/// A manifest that cannot be read or written.
pub fn list(path: &Path, entry: Entry) -> Result<()> {
    let mut manifest: Manifest = match path.exists() {
        true => read_json(path)?,
        false => Manifest::default(),
    };
    match manifest
        .models
        .iter_mut()
        .find(|model| model.name == entry.name)
    {
        Some(model) => *model = entry,
        None => manifest.models.push(entry),
    }
    write_json(path, &manifest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_each_subject_edits() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("manifest.json");
        let models = [
            ("roses", "flowers", "edit"),
            ("sketches", "flowers", "make"),
            ("tulips", "flowers", "edit"),
            ("shirts", "clothes", "edit"),
            ("birds", "", "edit"),
        ];
        for (name, subject, task) in models {
            let entry = Entry {
                name: name.into(),
                file: format!("{name}.safetensors"),
                bytes: 1,
                sha256: String::new(),
                edits: String::new(),
                prompts: Vec::new(),
                task: task.into(),
                prompts_zh: Vec::new(),
                subject: subject.into(),
                fusion: String::new(),
                words: Vec::new(),
            };
            list(&path, entry).unwrap();
        }
        let files = editors(&path).unwrap();
        let names: Vec<_> = files.iter().map(|file| file.file_stem().unwrap()).collect();
        assert_eq!(names, ["roses", "shirts", "birds"]);
    }
}
