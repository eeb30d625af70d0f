//! Data sets, each in the layout in which it is published.

mod dataset;
mod flowers;
mod photo;

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Result, anyhow};
use clap::ValueEnum;
use wordloom::prompt::Vocabulary;

use crate::captions::{Colour, Subject};

pub use dataset::{Dataset, Drawn, view};
pub use photo::{Photo, read_photo};

/// Every fifth class, or photo, is kept out of training.
const KEPT_OUT: usize = 5;

/// One photo and what people say of it.
#[derive(Debug, Clone)]
pub struct Item {
    /// Where it is.
    pub photo: Photo,
    /// What people say of it, at least one sentence.
    pub captions: Vec<String>,
    /// The name or the folder of its class.
    pub class: String,
    /// The colour of what it shows, where that is known.
    pub colour: Option<&'static Colour>,
    /// What it shows, for orders.
    pub subject: Subject,
}

/// Which part of a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// What to train on.
    Train,
    /// What nobody trains on: other classes, or other photos.
    Unseen,
}

/// The layouts that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Oxford-102: jpg/ and text_c10/.
    Flowers,
}

impl Kind {
    /// Its name on the command line.
    pub fn name(self) -> String {
        let value = self.to_possible_value().expect("no kind is hidden");
        value.get_name().to_owned()
    }
}

/// A data set on disk: `--data KIND=FOLDER`.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its layout.
    pub kind: Kind,
    /// Its folder.
    pub folder: PathBuf,
}

impl FromStr for Source {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let known = || {
            let names: Vec<_> = Kind::value_variants()
                .iter()
                .map(|kind| kind.name())
                .collect();
            format!(
                "say which layout it has, KIND=FOLDER; known are {}",
                names.join(", ")
            )
        };
        let (kind, folder) = text.split_once('=').ok_or_else(|| anyhow!(known()))?;
        let kind = Kind::from_str(kind, false).map_err(|_| anyhow!(known()))?;
        let folder = PathBuf::from(folder);
        Ok(Self { kind, folder })
    }
}

/// Lists the photos of one part of all these data sets.
///
/// # Errors
/// A folder that does not have the layout of its kind, with the name of what is wrong.
pub fn list(sources: &[Source], split: Split) -> Result<Vec<Item>> {
    let mut items = Vec::new();
    for Source { kind, folder } in sources {
        items.extend(match kind {
            Kind::Flowers => flowers::list(folder, split)?,
        });
    }
    Ok(items)
}

/// The vocabulary of a data set: the words of its captions that occur at least five times, and
/// those of every order that suits at least five of its photos.
pub fn vocabulary(items: &[Item]) -> Result<Vocabulary> {
    const MIN_COUNT: u64 = 5;
    let reader = Vocabulary::new([]).map_err(anyhow::Error::from_boxed)?;
    let mut orders: HashMap<(Subject, &Colour), String> = HashMap::new();
    let mut sentences = Vec::new();
    for item in items {
        sentences.extend(item.captions.iter().cloned());
        if let Some(colour) = item.colour {
            // Each word of the orders once a photo, however many of them have it.
            let words = orders.entry((item.subject, colour)).or_insert_with(|| {
                let all = item.subject.all_orders(colour).into_iter();
                let words = all.flat_map(|order| reader.words(&order).unwrap_or_default());
                let words: BTreeSet<String> = words.map(|(word, _)| word).collect();
                words.into_iter().collect::<Vec<_>>().join(" ")
            });
            sentences.push(words.clone());
        }
    }
    Vocabulary::learn(sentences.into_iter(), MIN_COUNT).map_err(anyhow::Error::from_boxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_needs_its_kind() {
        let source: Source = "flowers=a/b=c".parse().unwrap();
        assert_eq!(
            (source.kind, source.folder),
            (Kind::Flowers, "a/b=c".into())
        );
        for wrong in ["a/b", "stones=a/b", "=a", ""] {
            let error = wrong.parse::<Source>().unwrap_err().to_string();
            assert!(
                error.contains("KIND=FOLDER") && error.contains("flowers"),
                "{error}"
            );
        }
    }
}
