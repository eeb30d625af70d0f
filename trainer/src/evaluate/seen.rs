//! What was measured on one photo.

use serde::Serialize;

use super::edits::Measured;
use super::labelling::Confusion;
use super::presence::Sighting;

/// How well one word's mask meets the truth in one photo.
#[derive(Debug, Clone, Copy)]
pub struct Met {
    /// The word.
    pub word: &'static str,
    /// Intersection over union; 0 where the engine says that it is missing.
    pub overlap: f64,
    /// The same of the network's mask, whether it says that the thing is there or not.
    pub mask: f64,
    /// The boundary F-measure.
    pub boundary: Option<f64>,
}

/// What a photo showed.
#[derive(Debug, Default)]
pub struct Seen {
    /// Of each word that is there.
    pub met: Vec<Met>,
    /// Of each edit to a colour; none for one that the engine refused as missing.
    pub edits: Vec<Option<Measured>>,
    /// Of flowers, whether petals and centre had their colours.
    pub both: Option<bool>,
    /// Of each listed thing that is clearly there or not there at all.
    pub sightings: Vec<Sighting>,
    /// Of street photos.
    pub confusion: Option<Confusion>,
}

/// A part of a number of photos, edits or words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Share {
    /// The part.
    pub right: usize,
    /// All.
    pub all: usize,
}

impl Share {
    /// Of nothing it is none.
    pub fn value(self) -> Option<f64> {
        (self.all > 0).then(|| self.right as f64 / self.all as f64)
    }

    /// One more.
    pub fn add(&mut self, right: bool) {
        self.right += usize::from(right);
        self.all += 1;
    }
}

impl FromIterator<bool> for Share {
    fn from_iter<I: IntoIterator<Item = bool>>(all: I) -> Self {
        let mut share = Self::default();
        all.into_iter().for_each(|right| share.add(right));
        share
    }
}
