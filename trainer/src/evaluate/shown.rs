//! Sheets for the eye: photos that nobody chose, each above its edit, with the sentence below.

use std::path::Path;

use anyhow::Result;
use image::{DynamicImage, RgbaImage};
use rayon::prelude::*;
use wordloom::engine::EditModel;
use wordloom::prompt::THINGS;

use super::masks::Truth;
use super::spread;
use crate::data::Kind;
use crate::edit::Edited;
use crate::scenes::{LabelSet, Scene};
use crate::sheet::tiles::{self, Tile};

/// What things are made, in words that are read as these colours.
pub const COLOURS: [&str; 12] = [
    "red", "orange", "mustard", "green", "teal", "blue", "navy", "purple", "pink", "brown",
    "white", "black",
];

/// Photos on a sheet.
const PHOTOS: usize = 20;
/// What is asked for is at least this share of a photo.
const LEAST: f64 = 0.01;
/// Pixels across, at most.
const ACROSS: u32 = 1700;

/// How an order is put: `T` is the thing, `C` the colour.
const FORMS: [&str; 7] = [
    "make the T C",
    "C T",
    "the T should be C",
    "plain C T",
    "turn the T C",
    "make the T darker",
    "change the T to C",
];

/// Writes a sheet of evenly spread photos. Where nothing is done, the edit is the photo, and the line says so.
///
/// # Errors
/// A sentence or a photo that the engine refuses, a file that cannot be written.
pub fn sheet(path: &Path, engine: &EditModel, scenes: &[Scene]) -> Result<()> {
    let scenes = spread(&scenes.iter().collect::<Vec<_>>(), PHOTOS);
    let pairs = scenes
        .into_par_iter()
        .enumerate()
        .map(|(n, scene)| {
            let (photo, sentence) = (rgba(scene), sentence(scene, n));
            let edited = Edited::new(engine, &photo, &sentence, 1.0)?;
            let line = match edited.missing.is_empty() {
                true => sentence,
                false => format!("{sentence} (missing)"),
            };
            Ok(Tile::pair(&photo, &edited.photo, &line, tiles::HEIGHT))
        })
        .collect::<Result<Vec<_>>>()?;
    tiles::write(path, tiles::flow(pairs, ACROSS))
}

/// A sentence for the n-th photo, of something that it has by its labels.
fn sentence(scene: &Scene, n: usize) -> String {
    let things: Vec<&str> = match scene.source {
        Kind::Oxford17 => vec!["flower", "petals", "flower", "background"],
        _ => {
            let passed = ["background", "leaves", "skin", "watch", "ring"];
            let listed = THINGS.iter().filter(|thing| thing.listed);
            listed
                .filter(|thing| !passed.contains(&thing.name))
                .filter(|thing| {
                    let labels = LabelSet::of(thing.labels);
                    let settled = scene.settled.word(labels);
                    settled && Truth::of(scene, labels).share() >= LEAST
                })
                .map(|thing| thing.name)
                .collect()
        }
    };
    // A garment of which only its group is settled, or nothing worn: clothes should be said to be missing there.
    let thing = match things.len() {
        0 => "clothes",
        count => things[n % count],
    };
    let (form, colour) = (FORMS[n % FORMS.len()], COLOURS[5 * n % COLOURS.len()]);
    form.replace('T', thing).replace('C', colour)
}

/// A photo as the engine takes it.
pub fn rgba(scene: &Scene) -> RgbaImage {
    DynamicImage::from(scene.photo.clone()).to_rgba8()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenes::{Settled, label};
    use image::RgbImage;

    #[test]
    fn sentences_name_in_turn_what_a_photo_has() {
        let [coat, hair, skin] = ["coat", "hair", "skin"].map(|name| label(name).unwrap());
        let labels = (0..64 * 64).map(|at| match at % 64 {
            0..20 => coat,
            20..30 => hair,
            30..40 => skin,
            _ => 0,
        });
        let (photo, settled) = (RgbImage::new(64, 64), Settled::default());
        let scene = Scene::new(300, photo, labels.collect(), Kind::Street, "a", settled).unwrap();
        // "Jacket" is coats as well.
        let said: Vec<String> = (0..21).map(|n| sentence(&scene, n)).collect();
        for word in ["coat", "jacket", "hair"] {
            assert!(
                said.iter().any(|said| said.contains(word)),
                "{word} in {said:?}"
            );
        }
        assert!(said.iter().all(|said| !said.contains("skin")));
        assert_eq!(said[0], "make the jacket red");
        for said in said {
            let read = wordloom::prompt::sentence::read(&said).unwrap();
            assert!(read.unknown.is_empty() && read.clauses.len() == 1, "{said}");
        }
    }
}
