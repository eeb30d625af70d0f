//! Captions, and the orders that visitors write instead.
//!
//! The data sets describe ("this flower has purple petals"); people who edit give orders ("make
//! it purple", "purple", "把花瓣变成紫色"). From the colour that a photo is known to have, orders
//! are made that say the same.

mod colours;
mod flowers;

use rand::Rng;
use rand::seq::IndexedRandom;

pub use colours::{Colour, named};
pub use flowers::colours as flower_colours;

/// This many of the orders are Chinese.
const CHINESE: f64 = 1.0 / 3.0;
/// This many of the orders name both colours, where both are known.
const TWO_COLOURS: f64 = 1.0 / 3.0;

/// What orders for a photo are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A flower whose petals have the photo's colour.
    Flower {
        /// The colour of its centre, if that is another one.
        centre: Option<&'static Colour>,
    },
}

/// Templates of what visitors write. `{}` is the colour, in Chinese with its 色, and `{short}`
/// without; `{centre}` is the second colour.
struct Orders {
    english: &'static [&'static str],
    chinese: &'static [&'static str],
}

impl Subject {
    /// A random order for this colour.
    pub fn order(&self, colour: &'static Colour, rng: &mut impl Rng) -> String {
        let Self::Flower { centre } = *self;
        let (orders, centre) = match centre {
            Some(centre) if rng.random_bool(TWO_COLOURS) => (flowers::TWO_COLOURS, centre),
            _ => (flowers::ORDERS, colour),
        };
        let choose = |list: &[&'static str], rng: &mut _| *list.choose(rng).expect("never empty");
        if rng.random_bool(CHINESE) {
            let (colour, centre) = (choose(colour.chinese, rng), choose(centre.chinese, rng));
            chinese(choose(orders.chinese, rng), colour, centre)
        } else {
            english(choose(orders.english, rng), colour.word, centre.word)
        }
    }

    /// Orders in which every word occurs that [`order`](Self::order) can say.
    pub fn all_orders(&self, colour: &'static Colour) -> Vec<String> {
        let Self::Flower { centre } = *self;
        let mut all = Vec::new();
        let mut add = |orders: Orders, centre: &Colour| {
            for template in orders.english {
                all.push(english(template, colour.word, centre.word));
            }
            for template in orders.chinese {
                all.push(chinese(template, colour.chinese[0], centre.chinese[0]));
            }
            all.extend(colour.chinese.iter().map(|word| (*word).into()));
            all.extend(centre.chinese.iter().map(|word| (*word).into()));
        };
        add(flowers::ORDERS, colour);
        if let Some(centre) = centre {
            add(flowers::TWO_COLOURS, centre);
        }
        all
    }
}

/// Fills an English template: "a {} flower" becomes "an orange flower".
fn english(template: &str, colour: &str, centre: &str) -> String {
    let mut sentence = template.to_owned();
    for (slot, word) in [("{}", colour), ("{centre}", centre)] {
        if word.starts_with(['a', 'e', 'i', 'o', 'u']) {
            sentence = sentence.replace(&format!("a {slot}"), &format!("an {word}"));
        }
        sentence = sentence.replace(slot, word);
    }
    sentence
}

fn chinese(template: &str, colour: &str, centre: &str) -> String {
    template
        .replace("{}", colour)
        .replace("{short}", colour.strip_suffix('色').unwrap_or(colour))
        .replace("{centre}", centre)
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
            (
                mentions
                    .clone()
                    .filter(|list| list.contains(&colour))
                    .count(),
                colour,
            )
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
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    fn colour(word: &str) -> &'static Colour {
        named(word).unwrap()
    }

    #[test]
    fn orders_name_their_colours_in_two_languages() {
        let mut rng = SmallRng::seed_from_u64(1);
        let subject = Subject::Flower {
            centre: Some(colour("yellow")),
        };
        let (mut chinese, mut two) = (0, 0);
        for _ in 0..600 {
            let order = subject.order(colour("blue"), &mut rng);
            assert!(order.contains("blue") || order.contains('蓝'), "{order}");
            assert!(!order.contains(['{', '}']), "{order}");
            chinese += usize::from(!order.is_ascii());
            two += usize::from(order.contains("yellow") || order.contains('黄'));
        }
        assert!((150..250).contains(&chinese), "{chinese} of 600 in Chinese");
        assert!((150..250).contains(&two), "{two} of 600 with two colours");
        let subject = Subject::Flower { centre: None };
        let order = subject.order(colour("blue"), &mut rng);
        assert!(!order.contains("center"), "{order}");
    }

    #[test]
    fn templates_are_filled_as_people_write() {
        let filled = english("a {} flower with a {centre} center", "orange", "red");
        assert_eq!(filled, "an orange flower with a red center");
        assert_eq!(chinese("{short}花", "蓝色", "黄色"), "蓝花");
        assert_eq!(
            chinese("{}花瓣，{centre}花心", "蓝色", "黄色"),
            "蓝色花瓣，黄色花心"
        );
    }

    #[test]
    fn all_orders_have_every_character_of_any_order() {
        let mut rng = SmallRng::seed_from_u64(2);
        let (orange, pink) = (colour("orange"), colour("pink"));
        let subject = Subject::Flower { centre: Some(pink) };
        let all = subject.all_orders(orange);
        let known: Vec<char> = all.iter().flat_map(|order| order.chars()).collect();
        for _ in 0..500 {
            let order = subject.order(orange, &mut rng);
            assert!(order.chars().all(|c| known.contains(&c)), "{order}");
        }
    }
}
