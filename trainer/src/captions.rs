//! Captions, and the orders that visitors write instead.
//!
//! The data sets describe ("this flower has purple petals"); people who edit give orders ("make
//! it purple", "purple"). From the colour that most of a photo's captions agree on, orders are
//! made that say the same.

use rand::Rng;
use rand::seq::IndexedRandom;

/// Colours of petals. Green is missing: captions say it of leaves and stems.
const COLOURS: [&str; 16] = [
    "red", "orange", "yellow", "blue", "purple", "pink", "white", "violet", "lavender", "magenta",
    "maroon", "peach", "cream", "burgundy", "crimson", "fuchsia",
];

/// What visitors write; `{}` is the colour.
const ORDERS: [&str; 16] = [
    "{}",
    "{} petals",
    "{} flower",
    "a {} flower",
    "make it {}",
    "make the flower {}",
    "make the petals {}",
    "turn it {}",
    "turn the petals {}",
    "paint it {}",
    "paint the petals {}",
    "change the color to {}",
    "change the petals to {}",
    "the petals are {}",
    "this flower has {} petals",
    "the flower is {}",
];

/// Every order in every colour: the vocabulary has to know their words.
pub fn all_orders() -> impl Iterator<Item = String> {
    let fill = |order: &'static str| COLOURS.map(|colour| order.replace("{}", colour));
    ORDERS.into_iter().flat_map(fill)
}

/// The colour that most captions of one photo name, if at least two in five name it.
pub fn colour(captions: &[String]) -> Option<&'static str> {
    let names = |caption: &String, colour: &str| {
        let mut words = caption.split(|c: char| !c.is_ascii_alphabetic());
        words.any(|word| word.eq_ignore_ascii_case(colour))
    };
    COLOURS
        .into_iter()
        .map(|colour| {
            let count = captions.iter().filter(|caption| names(caption, colour));
            (count.count(), colour)
        })
        // The first of equals, so that the answer does not depend on the order of captions.
        .rev()
        .max_by_key(|(count, _)| *count)
        .filter(|(count, _)| *count > 0 && count * 5 >= captions.len() * 2)
        .map(|(_, colour)| colour)
}

/// A random order for a colour.
pub fn order(colour: &str, rng: &mut impl Rng) -> String {
    let order = ORDERS.choose(rng).expect("there are orders");
    order.replace("{}", colour)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    #[test]
    fn the_colour_is_what_most_captions_agree_on() {
        let captions = [
            "this flower has purple petals and a yellow centre",
            "the petals are Purple.",
            "a purple, spiky flower with green leaves",
            "long pointed petals",
        ];
        assert_eq!(colour(&captions.map(String::from)), Some("purple"));
        let unclear = [
            "a redwood flower",
            "green leaves",
            "thin petals",
            "yellow stamen",
        ];
        assert_eq!(colour(&unclear.map(String::from)), None);
        assert_eq!(colour(&[]), None);
    }

    #[test]
    fn orders_name_their_colour() {
        let mut rng = SmallRng::seed_from_u64(1);
        for _ in 0..50 {
            assert!(order("teal", &mut rng).contains("teal"));
        }
        assert_eq!(all_orders().count(), COLOURS.len() * ORDERS.len());
    }
}
