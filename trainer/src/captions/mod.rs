//! What captions say of colours, and captions that are made of a garment's attributes.

mod colours;
mod flowers;
mod outfits;
mod things;

pub use colours::{Colour, named};
pub use flowers::colour as flower_colour;
pub use outfits::Outfit;
pub use things::{Noun, garment, pattern, sleeves, wearer};

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
