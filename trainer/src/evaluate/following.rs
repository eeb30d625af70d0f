//! Does an edit have the colour that was asked for?

use std::collections::BTreeMap;

use anyhow::Result;
use image::RgbaImage;
use indicatif::ParallelProgressIterator;
use rayon::prelude::*;
use serde::Serialize;
use wordloom::engine::Engine;

use super::colour::Area;
use super::preserve::Preserved;
use super::sentences::{Order, Set, Wanted};
use super::{edit, pixels, progress, spread};
use crate::data::Item;
use crate::edit::Edited;

/// Real photos of a colour that are looked at, at most.
const REAL: usize = 40;

/// What the edits to a set of sentences came to.
#[derive(Debug, Serialize)]
pub struct Followed {
    /// What the sentences have in common.
    pub name: &'static str,
    /// A row for each sentence.
    pub rows: Vec<Row>,
    /// Sentences without a word that the model knows.
    pub unread: Vec<&'static str>,
}

/// What the edits to one sentence came to.
#[derive(Debug, Serialize)]
pub struct Row {
    /// The sentence.
    pub sentence: &'static str,
    /// The colours that it asks for.
    pub wanted: Wanted,
    /// How many edits have them.
    pub edits: Count,
    /// How many photos that are said to have these colours have them, in the area of an edit.
    pub real: Option<Count>,
    /// What came out instead, and how often.
    pub instead: BTreeMap<String, usize>,
    /// What the edits left as it was.
    pub preserved: Preserved,
}

/// A part of a number of photos.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Count {
    /// The part.
    pub followed: usize,
    /// All of them.
    pub photos: usize,
}

impl Count {
    /// The part's share; none of no photos.
    pub fn share(self) -> Option<f64> {
        (self.photos > 0).then(|| self.followed as f64 / self.photos as f64)
    }

    /// Both together.
    pub fn and(self, other: Self) -> Self {
        Self {
            followed: self.followed + other.followed,
            photos: self.photos + other.photos,
        }
    }
}

impl Followed {
    /// All rows' edits.
    pub fn edits(&self) -> Count {
        let counts = self.rows.iter().map(|row| row.edits);
        counts.fold(Count::default(), Count::and)
    }

    /// All rows' real photos, if there are any.
    pub fn real(&self) -> Option<Count> {
        let counts = self.rows.iter().filter_map(|row| row.real);
        counts.reduce(Count::and)
    }

    /// What all edits left as it was.
    pub fn preserved(&self) -> Preserved {
        let preserved = self.rows.iter().map(|row| row.preserved);
        preserved.fold(Preserved::default(), Preserved::and)
    }

    /// What came out instead, over all rows.
    pub fn instead(&self) -> BTreeMap<String, usize> {
        let mut all = BTreeMap::new();
        for (name, count) in self.rows.iter().flat_map(|row| &row.instead) {
            *all.entry(name.clone()).or_default() += count;
        }
        all
    }
}

/// A photo that is edited.
pub struct Subject<'a> {
    /// What is known of it.
    pub item: &'a Item,
    /// Its pixels.
    pub photo: RgbaImage,
}

impl<'a> Subject<'a> {
    /// Reads a photo, if it can be read.
    pub fn new(item: &'a Item) -> Option<Self> {
        let photo = pixels(item)?;
        Some(Self { item, photo })
    }
}

/// Asks every sentence of a set of every photo that does not have its colours already: one that
/// has them measures nothing. For the real photos all of `items` may serve.
///
/// # Errors
/// An edit that fails.
pub fn measure(
    engine: &Engine,
    subjects: &[Subject],
    items: &[Item],
    set: &Set,
) -> Result<Followed> {
    let mut followed = Followed {
        name: set.name,
        rows: Vec::new(),
        unread: Vec::new(),
    };
    for order in &set.orders {
        let others: Vec<_> = subjects
            .iter()
            .filter(|subject| !order.wanted.is_main_of(subject.item))
            .collect();
        let outcomes = others
            .par_iter()
            .progress_with_style(progress(order.sentence)?)
            .map(|subject| {
                let edit = edit(engine, &subject.photo, &order.of(subject.item))?;
                Ok(edit.map(|edit| Outcome::new(&subject.photo, &edit, order.wanted)))
            })
            .collect::<Result<Vec<_>>>()?;
        let outcomes: Vec<Outcome> = outcomes.into_iter().flatten().collect();
        if outcomes.is_empty() && !others.is_empty() {
            followed.unread.push(order.sentence);
            continue;
        }
        let mut row = Row {
            sentence: order.sentence,
            wanted: order.wanted,
            edits: Count::default(),
            real: None,
            instead: BTreeMap::new(),
            preserved: Preserved::default(),
        };
        for outcome in outcomes {
            row.edits.photos += 1;
            row.preserved = row.preserved.and(outcome.preserved);
            match outcome.instead {
                Some(came) => *row.instead.entry(came).or_default() += 1,
                None => row.edits.followed += 1,
            }
        }
        if set.with_real {
            row.real = Some(real(engine, items, order)?);
        }
        followed.rows.push(row);
    }
    Ok(followed)
}

/// What one edit came to.
struct Outcome {
    /// What came out if it is not what was asked for.
    instead: Option<String>,
    preserved: Preserved,
}

impl Outcome {
    fn new(photo: &RgbaImage, edit: &Edited, wanted: Wanted) -> Self {
        let area = Area::changed(&edit.mask);
        Self {
            instead: wanted.instead(&area, &edit.photo),
            preserved: Preserved::new(photo, &edit.photo, &edit.mask),
        }
    }
}

/// The same measure of photos that have the colours already, as they are, in the area that an edit
/// would change: what the best edit can be expected to reach.
fn real(engine: &Engine, items: &[Item], order: &Order) -> Result<Count> {
    let fitting: Vec<&Item> = items
        .iter()
        .filter(|item| order.wanted.is_of(item))
        .collect();
    let followed = spread(&fitting, REAL)
        .into_par_iter()
        .filter_map(Subject::new)
        .map(|Subject { item, photo }| {
            let edit = edit(engine, &photo, &order.of(item))?;
            let area = edit.map(|edit| Area::changed(&edit.mask));
            // Where the photo would be left as it is, there is nothing to measure.
            let area = area.filter(|area| !area.is_empty());
            Ok(area.map(|area| order.wanted.instead(&area, &photo).is_none()))
        })
        .collect::<Result<Vec<_>>>()?;
    let followed: Vec<bool> = followed.into_iter().flatten().collect();
    Ok(Count {
        followed: followed.iter().filter(|followed| **followed).count(),
        photos: followed.len(),
    })
}
