//! Captions, and the orders that visitors write instead.
//!
//! The data sets describe ("this flower has purple petals"); people who edit give orders ("make
//! it purple", "purple", "把花瓣变成紫色"). From the colour that a photo is known to have, orders
//! are made that say the same; from a garment's attributes, captions.

mod colours;
mod flowers;
mod orders;
mod outfits;
mod things;

pub use colours::{Colour, named};
pub use flowers::colours as flower_colours;
pub use orders::{Subject, two_colours};
pub use outfits::Outfit;
pub use things::{BIRD, CLOTHES, Noun, garment, pattern, sleeves, wearer};

/// The colour that captions agree on, if at least two in five name it.
pub fn colour(captions: &[String]) -> Option<&'static Colour> {
    let mentions: Vec<Vec<_>> = captions
        .iter()
        .map(|caption| {
            words(caption)
                .iter()
                .filter_map(|word| named(word))
                .collect()
        })
        .collect();
    agreed(mentions.iter().map(Vec::as_slice), 2.0 / 5.0, |_| true)
}

/// The colour that a name gives: "Navy Blue" is navy.
pub fn colour_in(name: &str) -> Option<&'static Colour> {
    words(name).iter().find_map(|word| named(word))
}

/// A caption with another colour in the place of its own; none where it does not name its own.
pub fn recoloured(caption: &str, own: &Colour, other: &Colour) -> Option<String> {
    let chinese = caption.replace(own.chinese[0], other.chinese[0]);
    let mut words: Vec<&str> = chinese.split(' ').collect();
    for i in 0..words.len() {
        if words[i] == own.word {
            words[i] = other.word;
            let vowel = other.word.starts_with(['a', 'e', 'i', 'o', 'u']);
            if i > 0 && ["a", "an"].contains(&words[i - 1]) {
                words[i - 1] = if vowel { "an" } else { "a" };
            }
        }
    }
    let new = words.join(" ");
    (new != caption).then_some(new)
}

/// The words of a caption in lower case.
fn words(caption: &str) -> Vec<String> {
    caption
        .split(|c: char| !c.is_ascii_alphabetic())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect()
}

/// The colour that most of a photo's captions mention, if at least this share of them does.
/// Each caption is the list of colours that it mentions; only some of them may count.
fn agreed<'a>(
    mentions: impl ExactSizeIterator<Item = &'a [&'static Colour]> + Clone,
    share: f64,
    counts: impl Fn(&Colour) -> bool,
) -> Option<&'static Colour> {
    colours::COLOURS
        .iter()
        .filter(|colour| counts(colour))
        .map(|colour| {
            let count = mentions.clone().filter(|list| list.contains(&colour));
            (count.count(), colour)
        })
        // The first of equals, so that the answer does not depend on the order of captions.
        .rev()
        .max_by_key(|(count, _)| *count)
        .filter(|(count, _)| *count > 0 && *count as f64 >= share * mentions.len() as f64 - 1e-9)
        .map(|(_, colour)| colour)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captions_change_their_colour_and_nothing_else() {
        let [blue, orange] = ["blue", "orange"].map(|word| named(word).unwrap());
        let to = |caption, own, other| recoloured(caption, own, other);
        assert_eq!(
            to("here is a blue striped shirt", blue, orange).unwrap(),
            "here is an orange striped shirt"
        );
        assert_eq!(to("an orange top", orange, blue).unwrap(), "a blue top");
        assert_eq!(to("男士蓝色衬衫", blue, orange).unwrap(), "男士橙色衬衫");
        assert_eq!(to("a striped shirt", blue, orange), None);
    }

    #[test]
    fn colours_are_found_in_captions_and_names() {
        let captions = [
            "a small red bird",
            "this bird has a red breast",
            "grey wings",
        ];
        assert_eq!(colour(&captions.map(String::from)), named("red"));
        assert_eq!(colour(&["a bird".into()]), None);
        assert_eq!(colour_in("Navy Blue"), named("navy"));
        assert_eq!(colour_in("Off White"), named("white"));
        assert_eq!(colour_in("NA"), None);
    }
}
