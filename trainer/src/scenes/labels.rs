//! What the pixels of the data sets are labelled with, and what a photo settles of it.

/// The labels: those of the street photos, in their order and by their names (their "null" is
/// the background), then those of the photos of clothes at home, then the parts of flowers.
pub const LABELS: [&str; 65] = [
    "background",
    "accessories",
    "bag",
    "belt",
    "blazer",
    "blouse",
    "bodysuit",
    "boots",
    "bra",
    "bracelet",
    "cape",
    "cardigan",
    "clogs",
    "coat",
    "dress",
    "earrings",
    "flats",
    "glasses",
    "gloves",
    "hair",
    "hat",
    "heels",
    "hoodie",
    "intimate",
    "jacket",
    "jeans",
    "jumper",
    "leggings",
    "loafers",
    "necklace",
    "panties",
    "pants",
    "pumps",
    "purse",
    "ring",
    "romper",
    "sandals",
    "scarf",
    "shirt",
    "shoes",
    "shorts",
    "skin",
    "skirt",
    "sneakers",
    "socks",
    "stockings",
    "suit",
    "sunglasses",
    "sweater",
    "sweatshirt",
    "swimwear",
    "t-shirt",
    "tie",
    "tights",
    "top",
    "vest",
    "wallet",
    "watch",
    "wedges",
    "longsleeve",
    "polo",
    "undershirt",
    "flower",
    "centre",
    "leaves",
];

/// A pixel of which nobody said what it is.
pub const UNDECIDED: u8 = 255;

/// The label of what is none of the others.
pub const BACKGROUND: u8 = 0;
/// The petals of a flower.
pub const FLOWER: u8 = 62;
/// The middle of a flower.
pub const CENTRE: u8 = 63;
/// Green leaves and stems.
pub const LEAVES: u8 = 64;

/// The number of a label, if there is one of that name.
pub fn label(name: &str) -> Option<u8> {
    LABELS
        .iter()
        .position(|known| *known == name)
        .map(|number| number as u8)
}

/// A set of labels: bit `n` for label `n`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LabelSet(u128);

impl LabelSet {
    /// The labels of these names; other names are passed over.
    pub fn of(names: &[&str]) -> Self {
        names.iter().filter_map(|name| label(name)).collect()
    }

    /// Whether a label belongs to it.
    pub fn has(self, label: u8) -> bool {
        label < 128 && self.0 >> label & 1 == 1
    }

    /// What belongs to either.
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What belongs to both.
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether nothing belongs to it.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<u8> for LabelSet {
    fn from_iter<I: IntoIterator<Item = u8>>(labels: I) -> Self {
        let bits = labels.into_iter().filter(|label| *label < 128);
        Self(bits.fold(0, |set, label| set | 1 << label))
    }
}

/// Which words a photo's labels answer. A word stands for several labels, and is answered when
/// its pixels are known; that there are none is an answer as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settled {
    /// Labels that nobody marked, and that may be anywhere in the photo.
    pub open: LabelSet,
    /// Labels that something marked may have instead of, or besides, the one that it has: a
    /// "longsleeve" may be a sweater.
    pub doubtful: LabelSet,
    /// What a word has to cover so that this doubt is none of its business: the sweater is a top
    /// in any case, and "top" covers "longsleeve".
    pub doubted: LabelSet,
}

impl Settled {
    /// The same where some of the background is perhaps leaves. Where there is another doubt already, nobody is asked for
    /// the background either.
    pub fn perhaps_leaves(self, perhaps: bool) -> Self {
        if !perhaps {
            return self;
        }
        let [leaves, background]: [LabelSet; 2] =
            [LEAVES, BACKGROUND].map(|label| [label].into_iter().collect());
        if self.doubted.is_empty() {
            Self {
                doubtful: leaves,
                doubted: background,
                ..self
            }
        } else {
            Self {
                open: self.open.or(leaves),
                ..self
            }
        }
    }

    /// Whether it is known which pixels are any of these labels.
    pub fn word(&self, labels: LabelSet) -> bool {
        let covers = labels.and(self.doubted) == self.doubted;
        labels.and(self.open).is_empty() && (covers || labels.and(self.doubtful).is_empty())
    }

    /// The same for each label alone.
    #[cfg(test)]
    pub fn labels(&self) -> [bool; LABELS.len()] {
        std::array::from_fn(|label| self.word([label as u8].into_iter().collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_have_their_published_numbers() {
        let numbers = [
            ("background", BACKGROUND),
            ("hair", 19),
            ("skin", 41),
            ("t-shirt", 51),
            ("wedges", 58),
            ("longsleeve", 59),
            ("flower", FLOWER),
            ("centre", CENTRE),
            ("leaves", LEAVES),
        ];
        for (name, number) in numbers {
            assert_eq!(label(name), Some(number), "{name}");
        }
        assert_eq!(label("null"), None);
    }

    #[test]
    fn what_may_be_leaves_is_background_in_any_case() {
        let word = |settled: Settled, names: &[&str]| settled.word(LabelSet::of(names));
        let perhaps = Settled::default().perhaps_leaves(true);
        assert!(word(perhaps, &["background", "leaves"]) && word(perhaps, &["coat"]));
        assert!(!word(perhaps, &["leaves"]));
        let sleeve = Settled {
            doubtful: LabelSet::of(&["sweater"]),
            doubted: LabelSet::of(&["longsleeve"]),
            ..Settled::default()
        };
        let both = sleeve.perhaps_leaves(true);
        assert!(word(both, &["longsleeve", "sweater"]) && word(both, &["coat"]));
        assert!(!word(both, &["sweater"]) && !word(both, &["leaves"]));
    }

    #[test]
    fn a_doubt_touches_only_the_words_that_it_divides() {
        let settled = Settled {
            open: LabelSet::of(&["skin"]),
            doubtful: LabelSet::of(&["sweater", "shirt"]),
            doubted: LabelSet::of(&["longsleeve"]),
        };
        let word = |names: &[&str]| settled.word(LabelSet::of(names));
        assert!(word(&["longsleeve", "sweater", "shirt", "top"]), "a top");
        assert!(!word(&["sweater", "jumper"]), "perhaps a sweater");
        assert!(word(&["pants", "jeans"]), "surely no trousers");
        assert!(!word(&["skin"]) && !word(&["skin", "longsleeve"]));
        assert!(Settled::default().word(LabelSet::of(&["skin"])));
        let labels = settled.labels();
        assert!(labels[usize::from(BACKGROUND)] && !labels[48] && !labels[41]);
    }
}
