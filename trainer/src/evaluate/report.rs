//! What an evaluation of an editor found, as tables.

use std::collections::BTreeMap;

use serde::Serialize;

use super::edits::{Mean, Measured};
use super::labelling::{AUTHORS, Confusion};
use super::presence::{Sighting, Threshold, roc_area};
use super::seen::{Seen, Share};
use crate::asking::{GARMENTS, SMALL};

/// Everything that an evaluation of one editor found.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The model's name.
    pub model: String,
    /// Bytes of its file.
    pub bytes: u64,
    /// Where the random numbers start.
    pub seed: u64,
    /// One for each data set.
    pub sections: Vec<Section>,
}

/// What the photos of one data set came to.
#[derive(Debug, Serialize)]
pub struct Section {
    /// The data set, or `portraits`.
    pub data: String,
    /// Its photos.
    pub photos: usize,
    /// Of each word, the mean over the photos that show it.
    pub words: BTreeMap<&'static str, Word>,
    /// Words of garments together, weighted by their photos, and the same of the network's masks.
    pub garments: Option<[f64; 2]>,
    /// Words of small things together.
    pub small: Option<[f64; 2]>,
    /// Of the edits to colours.
    pub edits: Edits,
    /// Flowers whose petals and centre had their colours.
    pub both: Share,
    /// Whether words are found.
    pub presence: Presence,
    /// Pixel accuracy and mean recall with all labels of the street photos.
    pub labels: Option<[f64; 2]>,
}

/// A word's masks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Word {
    /// Photos that show it.
    pub photos: usize,
    /// Mean intersection over union.
    pub overlap: f64,
    /// The same of the network's mask, whether it says that the thing is there or not.
    pub mask: f64,
    /// Mean boundary F-measure at 3 pixels.
    pub boundary: Option<f64>,
}

/// The means of edits to colours.
#[derive(Debug, Serialize)]
pub struct Edits {
    /// Edits that were asked for, and those that were made: the others' things were said to be missing.
    pub made: Share,
    /// Edits asked for whose colour was reached.
    pub reached: Share,
    /// Change outside the true mask, of those that were made, as a share of the range.
    pub outside: Option<f64>,
    /// The same on skin and hair.
    pub bare: Option<f64>,
    /// Correlation of lightness inside.
    pub folds: Option<f64>,
    /// The same where it was painted and no outline is near.
    pub light: Option<f64>,
    /// Scatter of a and b inside, before and after.
    pub evenness: Option<[f64; 2]>,
}

/// Whether words are said to be there.
#[derive(Debug, Serialize)]
pub struct Presence {
    /// Words asked that are not there, and those.
    pub absent: usize,
    /// Words asked that are.
    pub there: usize,
    /// The area under the ROC curve.
    pub roc_area: Option<f64>,
    /// As the engine has it.
    pub now: Threshold,
    /// The lowest threshold that gets nine of ten absent words right.
    pub proposed: Option<Threshold>,
    /// Others.
    pub others: Vec<Threshold>,
}

impl Section {
    /// The means over photos.
    pub fn of(data: String, photos: &[Seen]) -> Self {
        let mut met = BTreeMap::<_, Vec<_>>::new();
        for one in photos.iter().flat_map(|photo| &photo.met) {
            met.entry(one.word).or_default().push(one);
        }
        let words: BTreeMap<_, _> = met
            .into_iter()
            .map(|(word, met)| {
                let overlap: Mean = met.iter().map(|met| met.overlap).collect();
                let mask: Mean = met.iter().map(|met| met.mask).collect();
                let boundary: Mean = met.iter().filter_map(|met| met.boundary).collect();
                let found = Word {
                    photos: met.len(),
                    overlap: overlap.mean().unwrap_or(0.0),
                    mask: mask.mean().unwrap_or(0.0),
                    boundary: boundary.mean(),
                };
                (word, found)
            })
            .collect();
        let together = |names: &[&str]| {
            let found: Vec<&Word> = names.iter().filter_map(|name| words.get(name)).collect();
            let count: usize = found.iter().map(|word| word.photos).sum();
            let mean = |of: fn(&Word) -> f64| {
                let sum: f64 = found.iter().map(|w| w.photos as f64 * of(w)).sum();
                sum / count as f64
            };
            (count > 0).then(|| [mean(|word| word.overlap), mean(|word| word.mask)])
        };
        let confusions = photos.iter().filter_map(|photo| photo.confusion.as_ref());
        let confusion = confusions.fold(Confusion::default(), Confusion::and);
        let sightings: Vec<Sighting> = photos.iter().flat_map(|p| p.sightings.clone()).collect();
        Self {
            data,
            photos: photos.len(),
            garments: together(&GARMENTS),
            small: together(&SMALL),
            words,
            edits: Edits::of(photos.iter().flat_map(|photo| &photo.edits)),
            both: photos.iter().filter_map(|photo| photo.both).collect(),
            presence: Presence::of(&sightings),
            labels: confusion.accuracy_and_recall(),
        }
    }
}

impl Edits {
    fn of<'a>(asked: impl Iterator<Item = &'a Option<Measured>> + Clone) -> Self {
        let made = || asked.clone().filter_map(Option::as_ref);
        let mean =
            |of: &dyn Fn(&Measured) -> Option<f64>| made().filter_map(of).collect::<Mean>().mean();
        let evenness = [0, 1].map(|n| mean(&|edit| Some(edit.evenness[n])));
        Self {
            made: asked.clone().map(Option::is_some).collect(),
            reached: asked
                .clone()
                .map(|edit| edit.is_some_and(|edit| edit.reached()))
                .collect(),
            outside: mean(&|edit| Some(edit.outside)),
            bare: mean(&|edit| edit.bare),
            folds: mean(&|edit| edit.folds),
            light: mean(&|edit| edit.light),
            evenness: evenness[0].zip(evenness[1]).map(|(a, b)| [a, b]),
        }
    }
}

impl Presence {
    fn of(sightings: &[Sighting]) -> Self {
        let there = sightings.iter().filter(|seen| seen.there).count();
        let others = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
        Self {
            absent: sightings.len() - there,
            there,
            roc_area: roc_area(sightings),
            now: Threshold::now(sightings),
            proposed: Threshold::proposed(sightings),
            others: others.map(|likely| Threshold::of(sightings, likely)).into(),
        }
    }
}

impl Report {
    /// The tables.
    pub fn markdown(&self) -> String {
        let mut text = format!(
            "# {}\n\n{} bytes; photos that were not trained on, seed {}\n",
            self.model, self.bytes, self.seed
        );
        for section in &self.sections {
            text += &section.markdown();
        }
        text
    }
}

fn number(value: Option<f64>, digits: usize) -> String {
    value.map_or(String::new(), |value| format!("{value:.digits$}"))
}

fn percent(share: Option<f64>) -> String {
    share.map_or(String::new(), |share| format!("{:.1} %", 100.0 * share))
}

fn row(name: &str, value: String) -> String {
    match value.is_empty() {
        true => value,
        false => format!("| {name} | {value} |\n"),
    }
}

impl Section {
    fn markdown(&self) -> String {
        let mut text = format!(
            "\n## {}: {} photos\n\n| | |\n|---|---|\n",
            self.data, self.photos
        );
        let edits = &self.edits;
        let together = [
            ("garments together, IoU", self.garments),
            ("small things together, IoU", self.small),
        ];
        for (name, found) in together {
            let both = found.map(|[found, mask]| format!("{found:.3} (mask alone: {mask:.3})"));
            text += &row(name, both.unwrap_or_default());
        }
        if let Some([accuracy, recall]) = self.labels {
            let labels = [
                ("pixel accuracy, 59 labels", accuracy, AUTHORS[0]),
                ("mean recall, 59 labels", recall, AUTHORS[1]),
            ];
            for (name, ours, theirs) in labels {
                let both = format!(
                    "{} (the data set's authors: {})",
                    percent(Some(ours)),
                    percent(Some(theirs))
                );
                text += &row(name, both);
            }
        }
        if edits.made.all > 0 {
            let of = |share: Share| format!("{} of {} edits", percent(share.value()), share.all);
            text += &row("thing found", of(edits.made));
            text += &row("colour reached", of(edits.reached));
        }
        if let Some(share) = self.both.value() {
            let both = format!("{} of {} edits", percent(Some(share)), self.both.all);
            text += &row("two colours reached", both);
        }
        text += &row("changed outside", number(edits.outside, 4));
        text += &row("changed on skin and hair", number(edits.bare, 4));
        text += &row("folds, correlation", number(edits.folds, 3));
        text += &row("folds where it was painted", number(edits.light, 3));
        if let Some([before, after]) = edits.evenness {
            let both = format!("{after:.1} (before the edit: {before:.1})");
            text += &row("scatter of a and b", both);
        }
        text += &row(
            "presence, area under the ROC",
            number(self.presence.roc_area, 3),
        );
        text += &self.presence.markdown();
        text += "\n| word | photos | IoU | mask alone | boundary F |\n|---|---|---|---|---|\n";
        let mut words: Vec<_> = self.words.iter().collect();
        words.sort_by_key(|(name, word)| (std::cmp::Reverse(word.photos), **name));
        for (name, word) in words {
            text += &format!(
                "| {name} | {} | {:.3} | {:.3} | {} |\n",
                word.photos,
                word.overlap,
                word.mask,
                number(word.boundary, 3)
            );
        }
        text
    }
}

impl Presence {
    fn markdown(&self) -> String {
        let mut text = format!(
            "\n| likely from | absent said to be missing (of {}) | there and found (of {}) |\n\
             |---|---|---|\n",
            self.absent, self.there
        );
        let proposed = self.proposed.iter().map(|one| (one, ", proposed"));
        let mut all: Vec<_> = self
            .others
            .iter()
            .map(|one| (one, ""))
            .chain(proposed)
            .collect();
        all.push((&self.now, ", as the engine has it"));
        all.sort_by(|a, b| a.0.likely.total_cmp(&b.0.likely));
        for (threshold, what) in all {
            text += &format!(
                "| {:.2}{what} | {} | {} |\n",
                threshold.likely,
                percent(threshold.missing),
                percent(threshold.found)
            );
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::super::seen::Met;
    use super::*;

    fn met(word: &'static str, overlap: f64) -> Met {
        Met {
            word,
            overlap,
            mask: 0.5,
            boundary: Some(overlap / 2.0),
        }
    }

    #[test]
    fn words_are_weighted_by_their_photos() {
        let edit = Measured {
            apart: 10.0,
            outside: 0.01,
            ..Measured::default()
        };
        let first = Seen {
            met: vec![met("coat", 0.9), met("skirt", 0.5), met("hat", 0.4)],
            edits: vec![Some(edit), None],
            both: Some(true),
            ..Seen::default()
        };
        let second = Seen {
            met: vec![met("coat", 0.7)],
            edits: vec![Some(Measured {
                apart: 30.0,
                ..edit
            })],
            sightings: vec![Sighting {
                there: false,
                found: false,
                likely: 0.1,
                share: 0.0,
            }],
            ..Seen::default()
        };
        let section = Section::of("street".into(), &[first, second]);
        let near = |value: Option<f64>, expected: f64| (value.unwrap() - expected).abs() < 1e-9;
        let garments = section.garments.unwrap();
        assert!(near(Some(garments[0]), (0.8 * 2.0 + 0.5) / 3.0) && garments[1] == 0.5);
        assert!(near(section.small.map(|small| small[0]), 0.4));
        let coat = section.words["coat"];
        assert!(coat.photos == 2 && near(coat.boundary, 0.4));
        assert_eq!(section.edits.made, Share { right: 2, all: 3 });
        assert_eq!(section.edits.reached, Share { right: 1, all: 3 });
        assert!(near(section.edits.outside, 0.01));
        assert_eq!((section.both.all, section.labels), (1, None));

        let report = Report {
            model: "editor".into(),
            bytes: 7,
            seed: 1,
            sections: vec![section],
        };
        let text = report.markdown();
        for line in [
            "## street: 2 photos",
            "| garments together, IoU | 0.700 (mask alone: 0.500) |",
            "| colour reached | 33.3 % of 3 edits |",
            "| coat | 2 | 0.800 | 0.500 | 0.400 |",
            "| 0.32, as the engine has it | 100.0 % |  |",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
    }
}
