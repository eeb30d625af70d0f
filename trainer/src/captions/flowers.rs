//! What captions of flowers say of colours, and what visitors ask of flowers.

use super::colours::{Colour, named};
use super::orders::Orders;
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

/// What visitors write.
pub static ORDERS: Orders = Orders {
    english: &[
        "{}",
        "{} petals",
        "{} flower",
        "{a} {} flower",
        "{} flowers",
        "a flower with {} petals",
        "make it {}",
        "make the flower {}",
        "make the flowers {}",
        "make the petals {}",
        "turn it {}",
        "turn the flower {}",
        "turn the petals {}",
        "paint it {}",
        "paint the petals {}",
        "change it to {}",
        "change the color to {}",
        "change the colour to {}",
        "change the petals to {}",
        "the petals are {}",
        "the petals should be {}",
        "this flower has {} petals",
        "the flower is {}",
        "i want {} petals",
    ],
    chinese: &[
        "{}",
        "{short}花",
        "{}的花",
        "一朵{}的花",
        "{}花瓣",
        "{}的花瓣",
        "变成{}",
        "改成{}",
        "换成{}",
        "染成{}",
        "变{short}",
        "把它变成{}",
        "把花变成{}",
        "把花改成{}",
        "把花朵变成{}",
        "把花瓣变成{}",
        "把花瓣改成{}",
        "把花瓣涂成{}",
        "将花瓣变为{}",
        "让花瓣变成{}",
        "把颜色改成{}",
        "花是{}的",
        "花瓣是{}的",
        "这朵花有{}的花瓣",
    ],
};

/// The same for petals of one colour and a centre of another.
pub static TWO_COLOURS: Orders = Orders {
    english: &[
        "{} with {a} {centre} center",
        "{} petals with {a} {centre} center",
        "{} petals with {a} {centre} centre",
        "{} petals and {a} {centre} center",
        "{} petals, {centre} center",
        "{} petals and {centre} stamen",
        "{a} {} flower with {a} {centre} center",
        "{a} {} flower with {a} {centre} centre",
        "make the petals {} with {a} {centre} center",
        "make the petals {} with {a} {centre} centre",
        "make the petals {} and the center {centre}",
        "make it {} with {a} {centre} center",
        "the petals are {} and the center is {centre}",
        "this flower has {} petals and {a} {centre} center",
        "this flower has {} petals with {centre} stamen",
    ],
    chinese: &[
        "{}花瓣，{centre}花心",
        "{}的花瓣，{centre}的花心",
        "{}的花瓣和{centre}的花蕊",
        "{}的花，{centre}的花心",
        "花瓣{}，花心{centre}",
        "花瓣是{}的，花心是{centre}的",
        "把花瓣变成{}，花心变成{centre}",
        "把花瓣改成{}，花蕊改成{centre}",
        "把花变成{}，中心变成{centre}",
    ],
};

/// The colours of the petals and of the centre, where a photo's captions agree on them.
///
/// Two in five have to name the petals' colour. One in five is enough for the centre's, which has
/// to be of another group: many captions do not mention it.
pub fn colours(captions: &[String]) -> (Option<&'static Colour>, Option<&'static Colour>) {
    let read: Vec<_> = captions.iter().map(|caption| mentions(caption)).collect();
    let petals = agreed(
        read.iter().map(|(petals, _)| petals.as_slice()),
        2.0 / 5.0,
        |colour| PETALS.contains(&colour.group),
    );
    let centre = agreed(
        read.iter().map(|(_, centre)| centre.as_slice()),
        1.0 / 5.0,
        |colour| petals.is_some_and(|petals| petals.group != colour.group),
    );
    (petals, centre)
}

type Colours = Vec<&'static Colour>;

/// The colours that a caption gives to the centre, and all the others.
fn mentions(caption: &str) -> (Colours, Colours) {
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
    let (mut petals, mut centre) = (Vec::new(), Vec::new());
    for (word, of_centre) in words.iter().zip(of_centre) {
        if let Some(colour) = named(word) {
            let list = if of_centre { &mut centre } else { &mut petals };
            list.push(colour);
        }
    }
    (petals, centre)
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

    fn words_of(captions: &[&str]) -> (Option<&'static str>, Option<&'static str>) {
        let captions: Vec<String> = captions.iter().map(|caption| (*caption).into()).collect();
        let (petals, centre) = colours(&captions);
        (
            petals.map(|colour| colour.word),
            centre.map(|colour| colour.word),
        )
    }

    #[test]
    fn the_colour_is_what_most_captions_agree_on() {
        let captions = [
            "this flower has purple petals and a yellow centre",
            "the petals are Purple.",
            "a purple, spiky flower with green leaves",
            "long pointed petals",
        ];
        assert_eq!(words_of(&captions), (Some("purple"), Some("yellow")));
        let unclear = [
            "a redwood flower",
            "green leaves",
            "thin petals",
            "yellow stamen",
        ];
        assert_eq!(words_of(&unclear), (None, None));
        assert_eq!(words_of(&[]), (None, None));
    }

    #[test]
    fn the_centre_has_the_colour_that_is_said_of_it() {
        for (caption, petals, centre) in [
            ("white petals with bright yellow stamen", "white", "yellow"),
            (
                "the petals are white, the center is yellow",
                "white",
                "yellow",
            ),
            (
                "pink petals around a center that is dark brown",
                "pink",
                "brown",
            ),
            (
                "a red flower with green pistil and long anthers",
                "red",
                "green",
            ),
            ("a blue flower whose middle is white", "blue", "white"),
        ] {
            assert_eq!(
                words_of(&[caption]),
                (Some(petals), Some(centre)),
                "{caption}"
            );
        }
        for (caption, petals) in [
            ("yellow petals and long stamen", "yellow"),
            ("a visible stamen and purple petals", "purple"),
            ("violet petals, purple stamen", "violet"),
            ("petals that are pink with long stamen", "pink"),
        ] {
            assert_eq!(words_of(&[caption]), (Some(petals), None), "{caption}");
        }
    }

    #[test]
    fn the_petals_are_white_though_more_captions_say_yellow_of_the_centre() {
        let captions = [
            "a flower with a yellow center",
            "white petals and yellow stamen",
            "yellow stamen, white petals",
        ];
        assert_eq!(words_of(&captions), (Some("white"), Some("yellow")));
    }
}
