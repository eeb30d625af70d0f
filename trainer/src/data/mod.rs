//! Data sets, each in the layout in which it is published.

mod birds;
mod clothing;
mod dataset;
mod fabrics;
mod fashion_product;
mod fashion_synthesis;
mod fashiongen;
mod flowers;
mod folder;
mod garment_colour;
mod hdf5;
mod mat;
mod photo;
mod skipped;
mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result, anyhow, bail, ensure};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use wordloom::prompt::Vocabulary;

use crate::captions::{Colour, Outfit};

pub use dataset::{Dataset, Drawn, view};
pub use mat::Mat;
pub use photo::{Photo, read_photo, shrunk};
pub use skipped::Skipped;
pub use table::{Quoting, Table};

#[cfg(test)]
pub use mat::files as mat_files;

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
    /// What is known of a garment, where its data set says more than a sentence.
    pub outfit: Option<Outfit>,
}

impl Item {
    /// A photo of a garment, with the captions that its attributes make.
    fn of_outfit(photo: Photo, outfit: &Outfit) -> Self {
        Self {
            photo,
            captions: outfit.captions(),
            class: outfit.noun.english[0].to_owned(),
            colour: outfit.colour,
            outfit: Some(*outfit),
        }
    }
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Oxford-102: jpg/, text_c10/.
    Flowers,
    /// CUB-200-2011: images/, text_c10/, and its lists.
    Birds,
    /// Fashion Synthesis: G2.h5, language_original.mat, ind.mat.
    FashionSynthesis,
    /// FashionGEN: fashiongen_256_256_train.h5, fashiongen_256_256_validation.h5.
    Fashiongen,
    /// Fashion product images: images/, styles.csv.
    FashionProduct,
    /// The clothing data set: images/, images.csv.
    Clothing,
    /// Clothing Co-Parsing: photos/, annotations/pixel-level/, label_list.mat.
    Street,
    /// Oxford-17 with trimaps: images_256/, labels_256/.
    Oxford17,
    /// Photos of what is not worn, and such things cut out: any JPEG and PNG files.
    Objects,
    /// Close-ups of cloth: checkered/checkered_00001.jpg.
    Fabrics,
    /// Any photos, with a captions.csv.
    Folder,
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

/// `--data` of these layouts, as a command is written down for others: ` --data KIND=FOLDER`, each.
pub fn placeholders(kinds: &[Kind]) -> String {
    let each = kinds
        .iter()
        .map(|kind| format!(" --data {}=FOLDER", kind.name()));
    each.collect()
}

/// Lists the photos of one part of all these data sets.
///
/// # Errors
/// A folder that does not have the layout of its kind, with the name of what is wrong.
pub fn list(sources: &[Source], split: Split) -> Result<Vec<Item>> {
    let mut items = Vec::new();
    for Source { kind, folder: path } in sources {
        items.extend(match kind {
            Kind::Flowers => flowers::list(path, split)?,
            Kind::Birds => birds::list(path, split)?,
            Kind::FashionSynthesis => fashion_synthesis::list(path, split)?,
            Kind::Fashiongen => fashiongen::list(path, split)?,
            Kind::FashionProduct => fashion_product::list(path, split)?,
            Kind::Clothing => clothing::list(path, split)?,
            Kind::Fabrics => fabrics::list(path, split)?,
            Kind::Folder => folder::list(path, split)?,
            Kind::Street | Kind::Oxford17 | Kind::Objects => bail!(
                "{} has masks, no captions: `train trunk` takes it",
                kind.name()
            ),
        });
    }
    Ok(items)
}

/// The part that a photo belongs to where no split is published: it depends on its name only.
pub fn split_of(name: &str) -> Split {
    match usize::from(Sha256::digest(name)[0]) % KEPT_OUT {
        0 => Split::Unseen,
        _ => Split::Train,
    }
}

/// The sentences of a file, one a line.
fn sentences(file: &Path) -> Result<Vec<String>> {
    let text = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let sentences: Vec<String> = String::from_utf8_lossy(&text)
        .lines()
        .map(str::trim)
        .filter(|line| line.chars().any(char::is_alphanumeric))
        .map(String::from)
        .collect();
    ensure!(
        !sentences.is_empty(),
        "there is no caption in {}",
        file.display()
    );
    Ok(sentences)
}

/// The vocabulary of a data set: the words of its captions that occur at least five times.
pub fn vocabulary(items: &[Item]) -> Result<Vocabulary> {
    const MIN_COUNT: u64 = 5;
    let captions: Vec<String> = items
        .iter()
        .flat_map(|item| item.captions.clone())
        .collect();
    Vocabulary::learn(captions.into_iter(), MIN_COUNT).map_err(anyhow::Error::from_boxed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgb, RgbImage};

    /// Writes a file and the folders above it.
    pub fn write(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Writes a small picture of one colour.
    pub fn draw(path: &Path, colour: [u8; 3]) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        RgbImage::from_pixel(9, 8, Rgb(colour)).save(path).unwrap();
    }

    #[test]
    fn about_every_fifth_photo_is_unseen_whatever_the_others_are() {
        let names = (0..1000).map(|n| format!("photo-{n}"));
        let unseen = names.filter(|name| split_of(name) == Split::Unseen).count();
        assert!((150..250).contains(&unseen), "{unseen} of 1000");
    }

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
