//! Does an edit have the colour that was asked for?

use std::collections::BTreeMap;

use anyhow::Result;
use image::{GrayImage, RgbaImage};
use indicatif::ParallelProgressIterator;
use rayon::prelude::*;
use serde::Serialize;
use wordloom::engine::Engine;

use super::area::Area;
use super::colour::{Naming, Nearest, TERMS};
use super::names::{self, Names};
use super::preserve::Preserved;
use super::sentences::{Order, Set, Wanted};
use super::{edit, pixels, progress, spread};
use crate::data::Item;
use crate::edit::Edited;

/// Real photos of a colour that are looked at, at most.
const REAL: usize = 40;
/// Photos that a colour's term is learnt from, at most.
const LEARNT: usize = 40;
/// So many of such a photo's captions may name another colour: more than of the real photos that
/// are judged, or there were hardly any blue flowers.
const DISAGREE: f64 = 0.3;
/// Edits to other colours that say where the flower or the garment is.
const OTHERS: usize = 3;

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
    /// How many of the same photos have them before the edit.
    pub before: Count,
    /// How many photos that people agree to have these colours have them.
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
    /// The part by the nearest basic terms.
    pub strictly: usize,
    /// All of them.
    pub photos: usize,
}

impl Count {
    /// The part's share; none of no photos.
    pub fn share(self) -> Option<f64> {
        (self.photos > 0).then(|| self.followed as f64 / self.photos as f64)
    }

    /// The part's share by the nearest basic terms; none of no photos.
    pub fn strict_share(self) -> Option<f64> {
        (self.photos > 0).then(|| self.strictly as f64 / self.photos as f64)
    }

    /// Both together.
    pub fn and(self, other: Self) -> Self {
        Self {
            followed: self.followed + other.followed,
            strictly: self.strictly + other.strictly,
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

    /// All rows' photos before the edit.
    pub fn before(&self) -> Count {
        let counts = self.rows.iter().map(|row| row.before);
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

/// A photo, and what edits of it change.
pub struct Subject<'a> {
    /// What is known of it.
    pub item: &'a Item,
    /// Its pixels.
    pub photo: RgbaImage,
    /// The masks of edits to other colours than it has.
    masks: Vec<(&'static str, GrayImage)>,
}

impl<'a> Subject<'a> {
    /// Reads a photo, if it can be read, and edits it to the first colours of `orders` that it
    /// does not have: to one more than an area needs, so that there are enough without any.
    ///
    /// # Errors
    /// An edit that fails.
    pub fn new(engine: &Engine, item: &'a Item, orders: &[Order]) -> Result<Option<Self>> {
        Self::with_masks(engine, item, orders, OTHERS + 1)
    }

    /// The same for a photo that is not edited to a colour: its area is that without its own.
    fn real(engine: &Engine, item: &'a Item, orders: &[Order]) -> Result<Option<Self>> {
        Self::with_masks(engine, item, orders, OTHERS)
    }

    fn with_masks(
        engine: &Engine,
        item: &'a Item,
        orders: &[Order],
        count: usize,
    ) -> Result<Option<Self>> {
        let Some(photo) = pixels(item) else {
            return Ok(None);
        };
        let others = orders.iter().filter(|order| !order.wanted.is_main_of(item));
        let mask = |order: &Order| {
            let edited = edit(engine, &photo, &order.of(item)).transpose()?;
            Some(edited.map(|edited| (order.wanted.main(), edited.mask)))
        };
        let masks = others.filter_map(mask).take(count);
        let masks = masks.collect::<Result<_>>()?;
        Ok(Some(Self { item, photo, masks }))
    }

    /// Where the flower or the garment is, by edits to other colours than its own and this one.
    fn area(&self, asked: &str) -> Area {
        let others = self.masks.iter().filter(|(colour, _)| *colour != asked);
        let others: Vec<_> = others.take(OTHERS).map(|(_, mask)| mask).collect();
        Area::of(&others)
    }
}

/// Learns from photos that the model was trained on what people call their colours.
///
/// # Errors
/// An edit that fails.
pub fn learn(engine: &Engine, items: &[Item], orders: &[Order]) -> Result<Names> {
    let clear: Vec<_> = items
        .par_iter()
        .filter_map(|item| Some((item.clear_colour(DISAGREE)?, item)))
        .collect();
    let examples = TERMS.iter().flat_map(|(term, _)| {
        let own = clear.iter().filter(|(colour, _)| colour == term);
        spread(&own.copied().collect::<Vec<_>>(), LEARNT)
    });
    let examples: Vec<_> = examples.collect();
    let photos = examples
        .par_iter()
        .progress_with_style(progress("what colours are called")?)
        .map(|(term, item)| {
            let subject = Subject::real(engine, item, orders)?;
            let median = subject.and_then(|of| names::median(&of.area(term), &of.photo));
            Ok(median.map(|median| (*term, median)))
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(Names::learn(
        &photos.into_iter().flatten().collect::<Vec<_>>(),
    ))
}

/// What the edits of an evaluation are measured with.
pub struct Measure<'a> {
    /// The model.
    pub engine: &'a Engine,
    /// What people call colours.
    pub names: &'a Names,
    /// Orders in one colour, which tell where things are.
    pub orders: &'a [Order],
}

impl Measure<'_> {
    /// Asks every sentence of a set of every photo that does not have its colours already: one
    /// that has them measures nothing. For the real photos all of `items` may serve.
    ///
    /// # Errors
    /// An edit that fails.
    pub fn set(&self, subjects: &[Subject], items: &[Item], set: &Set) -> Result<Followed> {
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
                    let edit = edit(self.engine, &subject.photo, &order.of(subject.item))?;
                    Ok(edit.map(|edit| Outcome::new(self.names, subject, &edit, order.wanted)))
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
                before: Count::default(),
                real: None,
                instead: BTreeMap::new(),
                preserved: Preserved::default(),
            };
            for outcome in outcomes {
                row.edits = row.edits.and(outcome.edit);
                row.before = row.before.and(outcome.before);
                row.preserved = row.preserved.and(outcome.preserved);
                if let Some(came) = outcome.instead {
                    *row.instead.entry(came).or_default() += 1;
                }
            }
            if set.with_real {
                row.real = Some(self.real(items, order.wanted)?);
            }
            followed.rows.push(row);
        }
        Ok(followed)
    }

    /// The same measure of photos that people agree to have the colours already, as they are: how
    /// far it can be trusted.
    fn real(&self, items: &[Item], wanted: Wanted) -> Result<Count> {
        let fitting: Vec<&Item> = items.iter().filter(|item| wanted.is_of(item)).collect();
        let counts = spread(&fitting, REAL)
            .into_par_iter()
            .map(|item| {
                let subject = Subject::real(self.engine, item, self.orders)?;
                let count =
                    |of: Subject| count(self.names, wanted, &of.area(wanted.main()), &of.photo).0;
                Ok(subject.map(count))
            })
            .collect::<Result<Vec<_>>>()?;
        let counts = counts.into_iter().flatten();
        Ok(counts.fold(Count::default(), Count::and))
    }
}

/// Whether one photo has the colours, and what it has instead if it has not.
fn count(names: &Names, wanted: Wanted, area: &Area, photo: &RgbaImage) -> (Count, Option<String>) {
    let instead = |naming: &dyn Naming| wanted.instead(naming, area, photo);
    let called = instead(names);
    let count = Count {
        followed: usize::from(called.is_none()),
        strictly: usize::from(instead(&Nearest).is_none()),
        photos: 1,
    };
    (count, called)
}

/// What one edit came to.
struct Outcome {
    edit: Count,
    before: Count,
    /// What came out if it is not what was asked for.
    instead: Option<String>,
    preserved: Preserved,
}

impl Outcome {
    fn new(names: &Names, subject: &Subject, edited: &Edited, wanted: Wanted) -> Self {
        let area = subject.area(wanted.main());
        let (edit, instead) = count(names, wanted, &area, &edited.photo);
        let (before, _) = count(names, wanted, &area, &subject.photo);
        Self {
            edit,
            before,
            instead,
            preserved: Preserved::new(&subject.photo, &edited.photo, &edited.mask),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::captions::{self, named};
    use crate::data::Photo;
    use image::{Luma, Rgba};

    const LEAF: [u8; 3] = [60, 130, 40];
    const RED: [u8; 3] = [200, 20, 30];
    /// Basic terms' typical colours say grey; the photos that were learnt from, white.
    const SHADE: [u8; 3] = [160, 160, 150];

    /// A photo whose left part, up to a column, has a colour.
    fn photo(petals: [u8; 3], end: u32) -> RgbaImage {
        RgbaImage::from_fn(40, 20, |x, _| {
            let [r, g, b] = if x < end { petals } else { LEAF };
            Rgba([r, g, b, 255])
        })
    }

    fn mask(end: u32) -> GrayImage {
        GrayImage::from_fn(40, 20, |x, _| Luma([if x < end { 220 } else { 0 }]))
    }

    #[test]
    fn an_edit_is_measured_on_the_whole_flower_by_what_people_call_white() {
        let item = Item {
            photo: Photo::File("red.jpg".into()),
            captions: vec!["red petals".into()],
            class: "rose".into(),
            colour: named("red"),
            measured: false,
            subject: captions::Subject::Flower { centre: None },
        };
        // The edit to white changes less than the flower, as its own mask says: that does not count.
        let masks = [("blue", 16), ("white", 6), ("pink", 16), ("orange", 16)];
        let subject = Subject {
            item: &item,
            photo: photo(RED, 16),
            masks: masks.map(|(colour, end)| (colour, mask(end))).into(),
        };
        let shades = (0..20).map(|n| SHADE.map(|v| v - 10 + n));
        let white = shades.map(|[r, g, b]| RgbaImage::from_pixel(1, 1, Rgba([r, g, b, 255])));
        let one = Area::of(&[&GrayImage::from_pixel(1, 1, Luma([255]))]);
        let white: Vec<_> = white
            .filter_map(|pixel| Some(("white", names::median(&one, &pixel)?)))
            .collect();
        let outcome = |names: &Names, end| {
            let mut edited = photo(RED, 16);
            for (x, y, pixel) in photo(SHADE, end).enumerate_pixels().filter(|p| p.0 < end) {
                edited.put_pixel(x, y, *pixel);
            }
            let edited = Edited {
                photo: edited,
                mask: mask(end),
                unknown: Vec::new(),
            };
            let outcome = Outcome::new(names, &subject, &edited, Wanted::One("white"));
            assert_eq!((outcome.before.followed, outcome.before.strictly), (0, 0));
            assert_eq!(outcome.edit.strictly, 0);
            (outcome.edit.followed, outcome.instead)
        };
        let learnt = Names::learn(&white);
        assert_eq!(outcome(&learnt, 16), (1, None));
        assert_eq!(outcome(&learnt, 6), (0, Some("red".into())));
        let unlearnt = Names::learn(&[]);
        assert_eq!(outcome(&unlearnt, 16), (0, Some("grey".into())));
    }
}
