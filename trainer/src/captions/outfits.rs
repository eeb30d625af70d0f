//! Captions for garments, made from their attributes.

use super::colours::Colour;
use super::things::{Attribute, Noun};

/// What is known of a garment in a photo.
#[derive(Debug, Clone, Copy)]
pub struct Outfit {
    /// What it is.
    pub noun: &'static Noun,
    /// Its colour.
    pub colour: Option<&'static Colour>,
    /// Its pattern.
    pub pattern: Option<&'static Attribute>,
    /// Its sleeves.
    pub sleeves: Option<&'static Attribute>,
    /// For whom it is made.
    pub wearer: Option<&'static Attribute>,
}

/// English templates. One that has a slot for what is not known is left out. `{all}` is all that
/// is known of the garment itself: "blue striped long-sleeved shirt".
const ENGLISH: [&str; 12] = [
    "{all}",
    "{a} {all}",
    "here {is} {a} {all}",
    "here {is} {a} {colour} {noun}",
    "the {noun} {is} {colour}",
    "{a} {noun} in {colour}",
    "{colour} {noun}",
    "the {noun} {is} {colour} and {pattern}",
    "{a} {pattern} {noun}",
    "{a} {sleeves} {noun}",
    "{a} {all} for {wearer}",
    "{wearer}'s {colour} {noun}",
];

/// Chinese templates, with the same slots.
const CHINESE: [&str; 7] = [
    "{all}",
    "一{measure}{all}",
    "{colour}的{noun}",
    "这{measure}{noun}是{colour}的",
    "{pattern}{noun}",
    "{wearer}{all}",
    "{wearer}{colour}{noun}",
];

impl Outfit {
    /// What it is without what it is made of: no colour, no pattern.
    pub fn form(self) -> Self {
        Self {
            colour: None,
            pattern: None,
            ..self
        }
    }

    /// All captions that suit it, at least one.
    pub fn captions(&self) -> Vec<String> {
        let words = |attribute: Option<&'static Attribute>| {
            attribute.map_or(("", ""), |known| (known.english, known.chinese))
        };
        let colour = self
            .colour
            .map_or(("", ""), |known| (known.word, known.chinese[0]));
        let (pattern, sleeves) = (words(self.pattern), words(self.sleeves));
        let (noun, wearer) = (
            (self.noun.english[0], self.noun.chinese[0]),
            words(self.wearer),
        );
        let all = [colour, pattern, sleeves, noun];
        let all = (
            all.map(|pair| pair.0).join(" "),
            all.map(|pair| pair.1).concat(),
        );
        let slots = [
            ("{all}", (all.0.as_str(), all.1.as_str())),
            ("{colour}", colour),
            ("{pattern}", pattern),
            ("{sleeves}", sleeves),
            ("{wearer}", wearer),
            ("{noun}", noun),
            ("{measure}", (self.noun.measure, self.noun.measure)),
        ];
        let suits = |template: &&&str| {
            slots
                .iter()
                .all(|(slot, (word, _))| !word.is_empty() || !template.contains(slot))
        };
        let of_english = slots.map(|(slot, (word, _))| (slot, word));
        let in_english = ENGLISH.iter().filter(suits);
        let in_english = in_english.map(|template| {
            english(template, &of_english, self.noun.plural).replace("s's ", "s' ")
        });
        let in_chinese = CHINESE.iter().filter(suits).map(|template| {
            slots
                .iter()
                .fold((*template).to_owned(), |sentence, (slot, (_, word))| {
                    sentence.replace(slot, word)
                })
        });
        let mut captions: Vec<String> = in_english.chain(in_chinese).collect();
        captions.sort();
        captions.dedup();
        captions
    }
}

/// Fills an English template: "{a} {} flower" becomes "an orange flower".
fn english(template: &str, slots: &[(&str, &str)], plural: bool) -> String {
    let filled = slots.iter().fold(template.to_owned(), |sentence, slot| {
        sentence.replace(slot.0, slot.1)
    });
    let mut words: Vec<&str> = filled.split_whitespace().collect();
    for i in 0..words.len() {
        words[i] = match words[i] {
            "{is}" if plural => "are",
            "{is}" => "is",
            "{a}" if plural => "",
            "{a}"
                if words
                    .get(i + 1)
                    .is_some_and(|next| next.starts_with(['a', 'e', 'i', 'o', 'u'])) =>
            {
                "an"
            }
            "{a}" => "a",
            word => word,
        };
    }
    words.retain(|word| !word.is_empty());
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::captions::{garment, named, pattern, sleeves, wearer};

    #[test]
    fn captions_say_what_is_known_and_no_more() {
        let outfit = Outfit {
            noun: garment("Shirts").unwrap(),
            colour: named("blue"),
            pattern: pattern("Stripes"),
            sleeves: sleeves("Full Sleeve"),
            wearer: wearer("Men"),
        };
        let captions = outfit.captions();
        for caption in [
            "a blue striped long-sleeved shirt for men",
            "the shirt is blue and striped",
            "men's blue shirt",
            "男士蓝色条纹长袖衬衫",
            "这件衬衫是蓝色的",
        ] {
            assert!(captions.iter().any(|made| made == caption), "{captions:?}");
        }
        let unknown = Outfit {
            noun: garment("Jeans").unwrap(),
            colour: None,
            pattern: None,
            sleeves: None,
            wearer: None,
        };
        assert_eq!(
            unknown.captions(),
            ["here are jeans", "jeans", "一条牛仔裤", "牛仔裤"]
        );
    }

    #[test]
    fn templates_are_filled_as_people_write() {
        let slots = [("{}", "orange"), ("{noun}", "jeans")];
        let filled = |template, plural| english(template, &slots, plural);
        assert_eq!(filled("{a} {} flower", false), "an orange flower");
        assert_eq!(filled("the {noun} {is} {}", true), "the jeans are orange");
        assert_eq!(filled("{a} {} {noun}", true), "orange jeans");
    }
}
