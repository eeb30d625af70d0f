//! Does a model know what is in a photo and what is not?

use serde::Serialize;
use wordloom::engine::{LIKELY, SHARE};

/// A word asked of a photo of which the answer is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sighting {
    /// Whether it is there.
    pub there: bool,
    /// Whether the engine finds it, or what it may be instead.
    pub found: bool,
    /// How likely the model says that is, in [0, 1].
    pub likely: f32,
    /// The share of the photo that the model's mask has.
    pub share: f32,
}

/// What another threshold of likelihood would give.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Threshold {
    /// From here on a thing is said to be there.
    pub likely: f32,
    /// The share of the words that are not there and said to be missing.
    pub missing: Option<f64>,
    /// The share of the words that are there and found.
    pub found: Option<f64>,
}

impl Threshold {
    /// What the engine does now.
    pub fn now(sightings: &[Sighting]) -> Self {
        Self::by(sightings, LIKELY, |seen| seen.found)
    }

    /// What this one would give, by the word's own mask alone.
    pub fn of(sightings: &[Sighting], likely: f32) -> Self {
        Self::by(sightings, likely, |seen| {
            seen.likely >= likely && seen.share >= SHARE
        })
    }

    fn by(sightings: &[Sighting], likely: f32, found: impl Fn(&Sighting) -> bool) -> Self {
        let share = |there: bool| {
            let asked = sightings.iter().filter(|seen| seen.there == there);
            let right = asked.clone().filter(|seen| found(seen) == there);
            let count = asked.count();
            (count > 0).then(|| right.count() as f64 / count as f64)
        };
        Self {
            likely,
            missing: share(false),
            found: share(true),
        }
    }

    /// The lowest, in steps of 0.02, by which nine in ten of the absent words are said to be missing.
    pub fn proposed(sightings: &[Sighting]) -> Option<Self> {
        (1..50)
            .map(|step| Self::of(sightings, step as f32 / 50.0))
            .find(|threshold| threshold.missing.is_some_and(|share| share >= 0.9))
    }
}

/// The area under the ROC curve: how often a word that is there is likelier than one that is not, an
/// equal one counted by a half. None where there are not both.
pub fn roc_area(sightings: &[Sighting]) -> Option<f64> {
    let mut sorted: Vec<_> = sightings.iter().map(|s| (s.likely, s.there)).collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let there = sorted.iter().filter(|(_, there)| *there).count();
    let absent = sorted.len() - there;
    // The sum of ranks (Mann and Whitney 1947), equal ones sharing theirs.
    let mut ranks = 0.0;
    let mut first = 0;
    for equal in sorted.chunk_by(|a, b| a.0 == b.0) {
        let rank = first as f64 + (equal.len() + 1) as f64 / 2.0;
        ranks += rank * equal.iter().filter(|(_, there)| *there).count() as f64;
        first += equal.len();
    }
    let least = there as f64 * (there + 1) as f64 / 2.0;
    (there > 0 && absent > 0).then(|| (ranks - least) / (there * absent) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sightings(there: &[f32], absent: &[f32]) -> Vec<Sighting> {
        let of = |there: bool| {
            move |likely: &f32| Sighting {
                there,
                found: there,
                likely: *likely,
                share: 0.1,
            }
        };
        there
            .iter()
            .map(of(true))
            .chain(absent.iter().map(of(false)))
            .collect()
    }

    #[test]
    fn the_area_is_the_share_of_pairs_in_order() {
        let area = |there: &[f32], absent: &[f32]| roc_area(&sightings(there, absent));
        assert_eq!(area(&[0.9, 0.8], &[0.1, 0.2, 0.3]), Some(1.0));
        assert_eq!(area(&[0.1], &[0.9]), Some(0.0));
        assert_eq!(area(&[0.5, 0.5], &[0.5]), Some(0.5));
        // Of four pairs one is the wrong way round and one equal.
        assert_eq!(area(&[0.6, 0.4], &[0.4, 0.5]), Some(2.5 / 4.0));
        assert_eq!(area(&[0.6], &[]), None);
    }

    #[test]
    fn a_threshold_says_who_is_missing_and_who_is_found() {
        let absent: Vec<f32> = (0..10).map(|n| n as f32 / 10.0).collect();
        let mut all = sightings(&[0.95, 0.3, 0.99], &absent);
        let at = Threshold::of(&all, 0.5);
        assert_eq!((at.missing, at.found), (Some(0.5), Some(2.0 / 3.0)));
        let proposed = Threshold::proposed(&all).unwrap();
        assert!((0.8..=0.9).contains(&proposed.likely), "{proposed:?}");
        // Who has no mask is missing, however likely.
        all[2].share = 0.0;
        assert_eq!(Threshold::of(&all, 0.5).found, Some(1.0 / 3.0));
        assert_eq!(Threshold::of(&[], 0.5).found, None);
        let now = Threshold::now(&all);
        assert_eq!((now.missing, now.found), (Some(1.0), Some(1.0)));
    }
}
