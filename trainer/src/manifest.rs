//! `weights/manifest.json`: what the page knows before it loads a model.

use std::path::Path;

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
}

fn edit() -> String {
    "edit".into()
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
