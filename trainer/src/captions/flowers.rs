//! What captions of flowers say of colours.

use super::colours::{Colour, named};
use super::{agreed, words};

/// The colours of petals. Green is missing: captions say it of leaves and stems.
const PETALS: [&str; 7] = ["red", "orange", "yellow", "blue", "purple", "pink", "white"];

/// What captions call the middle of a flower.
const CENTRE: [&str; 20] = [
    "center",
    "centers",
    "centre",
    "centres",
    "middle",
    "stamen",
    "stamens",
    "pistil",
    "pistils",
    "stigma",
    "stigmas",
    "anther",
    "anthers",
    "filament",
    "filaments",
    "pollen",
    "disc",
    "disk",
    "core",
    "cone",
];

/// Words between the centre and a colour behind it: "the center of it is bright yellow".
const LINKS: [&str; 19] = [
    "is", "are", "that", "which", "of", "it", "the", "in", "a", "has", "have", "bright", "light",
    "dark", "pale", "deep", "color", "colored", "being",
];

/// Words between a colour and a centre that does not have it.
const BREAKS: [&str; 8] = [
    "with",
    "has",
    "have",
    "around",
    "surrounding",
    "surround",
    "by",
    "whose",
];

/// A colour stands at most this many words from the centre that has it.
const NEAR: usize = 4;

/// The colour of the petals, if at least two in five captions agree on it.
pub fn colour(captions: &[String]) -> Option<&'static Colour> {
    let read: Vec<Colours> = captions.iter().map(|caption| petals(caption)).collect();
    agreed(read.iter().map(Vec::as_slice), 2.0 / 5.0, |colour| {
        PETALS.contains(&colour.group)
    })
}

type Colours = Vec<&'static Colour>;

/// The colours that a caption names but does not give to the centre.
fn petals(caption: &str) -> Colours {
    let words = words(caption);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut of_centre = vec![false; words.len()];
    for (at, _) in words
        .iter()
        .enumerate()
        .filter(|(_, word)| CENTRE.contains(word))
    {
        // "bright yellow stamen", but not "yellow petals and stamen" or "yellow with long stamen".
        let before = (at.saturating_sub(NEAR)..at).rev();
        let before = before
            .take_while(|&i| !is_part(words[i]) && !BREAKS.contains(&words[i]))
            .find(|&i| named(words[i]).is_some());
        // "the center is yellow", but not "a center and yellow petals".
        let mut behind = at + 1..words.len().min(at + 1 + NEAR);
        let behind = behind.find(|&i| !LINKS.contains(&words[i])).filter(|&i| {
            named(words[i]).is_some() && !words.get(i + 1).is_some_and(|word| is_part(word))
        });
        if let Some(i) = behind.or(before) {
            of_centre[i] = true;
        }
    }
    let others = words.iter().zip(of_centre).filter(|(_, centre)| !centre);
    others.filter_map(|(word, _)| named(word)).collect()
}

/// Whether a word names a part of the plant, so that a colour beyond it belongs to that part.
fn is_part(word: &str) -> bool {
    const PARTS: [&str; 12] = [
        "petal", "petals", "flower", "flowers", "leaf", "leaves", "stem", "stems", "sepal",
        "sepals", "edges", "tips",
    ];
    PARTS.contains(&word) || CENTRE.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word_of(captions: &[&str]) -> Option<&'static str> {
        let captions: Vec<String> = captions.iter().map(|caption| (*caption).into()).collect();
        colour(&captions).map(|colour| colour.word)
    }

    #[test]
    fn the_colour_is_what_most_captions_agree_on() {
        let captions = [
            "this flower has purple petals and a yellow centre",
            "the petals are Purple.",
            "a purple, spiky flower with green leaves",
            "long pointed petals",
        ];
        assert_eq!(word_of(&captions), Some("purple"));
        let unclear = [
            "a redwood flower",
            "green leaves",
            "thin petals",
            "yellow stamen",
        ];
        assert_eq!(word_of(&unclear), None);
        assert_eq!(word_of(&[]), None);
    }

    #[test]
    fn the_centre_has_the_colour_that_is_said_of_it() {
        for (caption, petals) in [
            ("white petals with bright yellow stamen", "white"),
            ("the petals are white, the center is yellow", "white"),
            ("pink petals around a center that is dark brown", "pink"),
            ("a red flower with green pistil and long anthers", "red"),
            ("a blue flower whose middle is white", "blue"),
            ("yellow petals and long stamen", "yellow"),
            ("a visible stamen and purple petals", "purple"),
            ("violet petals, purple stamen", "violet"),
            ("petals that are pink with long stamen", "pink"),
        ] {
            assert_eq!(word_of(&[caption]), Some(petals), "{caption}");
        }
    }

    #[test]
    fn the_petals_are_white_though_more_captions_say_yellow_of_the_centre() {
        let captions = [
            "a flower with a yellow center",
            "white petals and yellow stamen",
            "yellow stamen, white petals",
        ];
        assert_eq!(word_of(&captions), Some("white"));
    }
}
