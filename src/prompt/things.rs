//! The things that words can name in a photo, and the labels of the data sets that they cover.

mod table;

pub use table::{LABELS, THINGS};

use super::words::{LONGEST, Word, joined};

/// Something in a photo that words can name.
#[derive(Debug, PartialEq, Eq)]
pub struct Thing {
    /// Its canonical English word, singular or plural as people say it of one photo ("skirt",
    /// "trousers", "shoes"); also its token.
    pub name: &'static str,
    /// What a Chinese visitor calls it.
    pub chinese: &'static str,
    /// Further English words and phrases for it, in lower case, with plurals. Hyphens and spaces
    /// are the same to a reader.
    pub english: &'static [&'static str],
    /// Further Chinese words for it.
    pub chinese_words: &'static [&'static str],
    /// The [`LABELS`] that it covers (groups overlap on purpose).
    pub labels: &'static [&'static str],
    /// Whether the page lists it among what it sees. Groups ("clothes", "top") and kinds of a thing
    /// that is listed ("blouse" beside "shirt", "boots" beside "shoes") are not.
    pub listed: bool,
}

impl Thing {
    /// The thing with this canonical name.
    pub fn named(name: &str) -> Option<&'static Self> {
        THINGS.iter().find(|thing| thing.name == name)
    }

    /// The thing whose longest word these words begin with, and how many of them that is.
    pub(crate) fn at(words: &[Word]) -> Option<(usize, &'static Self)> {
        (1..=words.len().min(LONGEST)).rev().find_map(|length| {
            let typed = joined(&words[..length])?;
            let same = |word: &str| same(word, &typed);
            let thing = THINGS.iter().find(|thing| thing.words().any(same))?;
            Some((length, thing))
        })
    }

    /// The listed thing that it is a kind of: "blouse" of "shirt", "boots" of "shoes". No piece is a kind of suit.
    pub fn kind_of(&self) -> Option<&'static Self> {
        let wider = THINGS.iter().filter(|thing| thing.listed && !self.listed);
        let wider = wider.filter(|thing| thing.name != "suit");
        let wider = wider.filter(|thing| self.is_within(thing));
        wider.min_by_key(|thing| thing.labels.len())
    }

    /// Whether it is worn on the body: a garment, and no shoes, bag or jewellery.
    pub fn is_garment(&self) -> bool {
        let carried = [
            "shoes", "bag", "hat", "belt", "scarf", "gloves", "tie", "socks",
        ];
        let mut carried = carried.iter().filter_map(|name| Self::named(name));
        self.is_worn() && !carried.any(|thing| self.is_within(thing))
    }

    /// Whether it is worn or carried: garments, shoes, hats, bags.
    pub fn is_worn(&self) -> bool {
        Self::named("clothes").is_some_and(|clothes| self.is_within(clothes))
    }

    /// Whether it is a flower, or a part of one.
    pub fn is_of_a_flower(&self) -> bool {
        Self::named("flower").is_some_and(|flower| self.is_within(flower))
    }

    pub(crate) fn is_within(&self, thing: &Self) -> bool {
        self.labels.iter().all(|label| thing.labels.contains(label))
    }

    /// Whether it covers the label of this number.
    pub fn covers(&self, label: usize) -> bool {
        LABELS
            .get(label)
            .is_some_and(|name| self.labels.contains(name))
    }

    /// All its words: the canonical ones first, then the further ones.
    pub fn words(&self) -> impl Iterator<Item = &'static str> {
        let further = self.english.iter().chain(self.chinese_words).copied();
        [self.name, self.chinese].into_iter().chain(further)
    }
}

/// Whether a word of the table is what was typed: without regard to capitals and hyphens.
fn same(word: &str, typed: &str) -> bool {
    let plain = |byte: u8| match byte {
        b'-' => b' ',
        byte => byte.to_ascii_lowercase(),
    };
    word.len() == typed.len() && word.bytes().map(plain).eq(typed.bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As a reader compares words: in lower case, with a space for a hyphen.
    fn plain(word: &str) -> String {
        word.to_lowercase().replace('-', " ")
    }

    #[test]
    fn a_word_names_one_thing_only() {
        let mut seen = std::collections::HashMap::new();
        for thing in THINGS {
            for word in thing.words() {
                assert!(!word.is_empty() && word.trim() == word, "{word:?}");
                let other = seen.insert(plain(word), thing.name);
                let same = other.is_none() || other == Some(thing.name);
                assert!(same, "{word}: {} and {other:?}", thing.name);
            }
        }
    }

    #[test]
    fn every_label_is_covered_and_every_label_named_is_there() {
        assert_eq!(LABELS.len(), 65);
        for (name, number) in [
            ("background", 0),
            ("hair", 19),
            ("skin", 41),
            ("leaves", 64),
        ] {
            assert_eq!(LABELS[number], name);
        }
        for (number, label) in LABELS.iter().enumerate() {
            assert_eq!(LABELS.iter().filter(|other| *other == label).count(), 1);
            assert!(THINGS.iter().any(|thing| thing.covers(number)), "{label}");
        }
        for thing in THINGS {
            assert!(
                thing.labels.iter().all(|label| LABELS.contains(label)),
                "{}",
                thing.name
            );
            assert_eq!(Thing::named(thing.name), Some(thing));
        }
    }

    #[test]
    fn kinds_are_kinds_of_what_is_listed() {
        let wider = |name: &str| Thing::named(name)?.kind_of().map(|thing| thing.name);
        for (kind, thing) in [
            ("blouse", "shirt"),
            ("jeans", "trousers"),
            ("boots", "shoes"),
            ("blazer", "jacket"),
            ("purse", "bag"),
        ] {
            assert_eq!(wider(kind), Some(thing), "{kind}");
        }
        for other in ["shirt", "coat", "clothes", "top", "background"] {
            assert_eq!(wider(other), None, "{other}");
        }
    }

    #[test]
    fn garments_are_what_is_worn_on_the_body() {
        let is = |name: &str| Thing::named(name).unwrap().is_garment();
        for garment in [
            "dress", "shirt", "trousers", "jeans", "coat", "suit", "top", "clothes",
        ] {
            assert!(is(garment), "{garment}");
        }
        for other in [
            "shoes",
            "boots",
            "bag",
            "hat",
            "hair",
            "skin",
            "flower",
            "background",
            "watch",
        ] {
            assert!(!is(other), "{other}");
        }
        let worn = |name: &str| Thing::named(name).unwrap().is_worn();
        assert!(worn("boots") && worn("hat") && worn("bag") && worn("dress"));
        assert!(!worn("hair") && !worn("flower"));
    }

    #[test]
    fn groups_overlap_on_purpose() {
        let covers = |thing, label: &str| Thing::named(thing).unwrap().labels.contains(&label);
        assert!(
            covers("shirt", "blouse") && covers("top", "longsleeve") && covers("jacket", "coat")
        );
        assert!(covers("suit", "romper") && !covers("dress", "coat"));
        assert!(covers("clothes", "shoes") && covers("clothes", "skirt"));
        for bare in [
            "skin",
            "hair",
            "ring",
            "background",
            "flower",
            "centre",
            "leaves",
        ] {
            assert!(!covers("clothes", bare), "{bare}");
        }
        assert!(!covers("petals", "centre") && covers("flower", "centre"));
    }
}
