//! Orders: what visitors write, filled with the words for what a photo shows.

use rand::Rng;
use rand::seq::IndexedRandom;

use super::colours::Colour;
use super::flowers;
use super::things::{self, Attribute, Noun};

/// This many of the orders are Chinese.
const CHINESE: f64 = 1.0 / 3.0;
/// This many of the orders name both colours of a flower, or a garment's pattern, where it has
/// them.
const DETAILED: f64 = 1.0 / 3.0;
/// This many of the other orders name what is to change.
const NAMED: f64 = 1.0 / 2.0;
/// This many of those use a more general word: clothes.
const GENERAL: f64 = 1.0 / 4.0;

/// What a photo shows, as far as orders are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A flower whose petals have the photo's colour.
    Flower {
        /// The colour of its centre, if that is another one.
        centre: Option<&'static Colour>,
    },
    /// A thing that has the photo's colour.
    Thing {
        /// What it is called, where that is known.
        noun: Option<&'static Noun>,
        /// The pattern that a garment is said to have.
        pattern: Option<&'static Attribute>,
    },
}

/// A random order that names the colours of a flower's petals and of its centre.
pub fn two_colours(petals: &'static Colour, centre: &'static Colour, rng: &mut impl Rng) -> String {
    Form::two_colours(1.0, centre).fill(petals, rng)
}

/// Templates of orders. Slots: `{}` is the colour, in Chinese with its 色, and `{short}` without;
/// `{centre}`, the second colour; `{noun}`; `{is}`, is or are; `{pattern}`; `{a}`, a or an;
/// `{measure}`, the Chinese measure word.
pub struct Orders {
    /// In English.
    pub english: &'static [&'static str],
    /// In Chinese.
    pub chinese: &'static [&'static str],
}

/// A kind of order that suits a subject, and what fills the slots besides the colour.
struct Form {
    share: f64,
    orders: &'static Orders,
    centre: Option<&'static Colour>,
    noun: Option<&'static Noun>,
    pattern: Option<&'static Attribute>,
}

impl Form {
    fn new(share: f64, orders: &'static Orders, noun: Option<&'static Noun>) -> Self {
        Self {
            share,
            orders,
            centre: None,
            noun,
            pattern: None,
        }
    }

    fn english(&self, template: &str, colour: &str, noun: &str) -> String {
        let mut slots = vec![("{}", colour), ("{noun}", noun)];
        if let Some(centre) = self.centre {
            slots.push(("{centre}", centre.word));
        }
        if let Some(pattern) = self.pattern {
            slots.push(("{pattern}", pattern.english));
        }
        english(template, &slots, self.noun.is_some_and(|noun| noun.plural))
    }

    fn chinese(&self, template: &str, colour: &str, centre: &str, noun: &str) -> String {
        let pattern = self.pattern.map_or("", |pattern| pattern.chinese);
        let measure = self.noun.map_or("", |noun| noun.measure);
        let short = colour.strip_suffix('色').unwrap_or(colour);
        [
            ("{}", colour),
            ("{short}", short),
            ("{centre}", centre),
            ("{noun}", noun),
            ("{pattern}", pattern),
            ("{measure}", measure),
        ]
        .into_iter()
        .fold(template.to_owned(), |sentence, (slot, word)| {
            sentence.replace(slot, word)
        })
    }

    fn two_colours(share: f64, centre: &'static Colour) -> Self {
        Self {
            centre: Some(centre),
            ..Self::new(share, &flowers::TWO_COLOURS, None)
        }
    }

    /// A random order for this colour.
    fn fill(&self, colour: &'static Colour, rng: &mut impl Rng) -> String {
        let mut choose = |list: &[&'static str]| *list.choose(rng).expect("never empty");
        let (english, chinese) = self.nouns();
        let (english, chinese) = (choose(english), choose(chinese));
        let (word, centre) = (choose(colour.chinese), choose(self.centres()));
        let templates = (choose(self.orders.english), choose(self.orders.chinese));
        if rng.random_bool(CHINESE) {
            self.chinese(templates.1, word, centre, chinese)
        } else {
            self.english(templates.0, colour.word, english)
        }
    }

    fn centres(&self) -> &'static [&'static str] {
        self.centre.map_or(&[""], |centre| centre.chinese)
    }

    /// The noun's words, English and Chinese.
    fn nouns(&self) -> (&'static [&'static str], &'static [&'static str]) {
        self.noun
            .map_or((&[""], &[""]), |noun| (noun.english, noun.chinese))
    }
}

impl Subject {
    /// The colour of a flower's centre, if it is known and another one than the petals'.
    pub fn centre(self) -> Option<&'static Colour> {
        match self {
            Self::Flower { centre } => centre,
            Self::Thing { .. } => None,
        }
    }

    fn forms(&self) -> Vec<Form> {
        match *self {
            Self::Flower { centre: None } => vec![Form::new(1.0, &flowers::ORDERS, None)],
            Self::Flower {
                centre: Some(centre),
            } => vec![
                Form::new(1.0 - DETAILED, &flowers::ORDERS, None),
                Form::two_colours(DETAILED, centre),
            ],
            Self::Thing { noun: None, .. } => vec![Form::new(1.0, &things::UNNAMED, None)],
            Self::Thing {
                noun: Some(noun),
                pattern,
            } => {
                let detailed = if pattern.is_some() { DETAILED } else { 0.0 };
                let general = if noun.general.is_some() { GENERAL } else { 0.0 };
                let (rest, orders) = (1.0 - detailed, &things::NAMED);
                vec![
                    Form::new(rest * (1.0 - NAMED), &things::UNNAMED, None),
                    Form::new(rest * NAMED * (1.0 - general), orders, Some(noun)),
                    Form::new(rest * NAMED * general, orders, noun.general),
                    Form {
                        pattern,
                        ..Form::new(detailed, &things::PATTERNED, Some(noun))
                    },
                ]
            }
        }
    }

    /// A random order for this colour.
    pub fn order(&self, colour: &'static Colour, rng: &mut impl Rng) -> String {
        let forms = self.forms();
        let form = forms.choose_weighted(rng, |form| form.share);
        form.expect("shares that add up to 1").fill(colour, rng)
    }

    /// Orders in which every word occurs that [`order`](Self::order) can say.
    pub fn all_orders(&self, colour: &'static Colour) -> Vec<String> {
        let mut all = Vec::new();
        for form in self.forms().iter().filter(|form| form.share > 0.0) {
            let (english, chinese) = form.nouns();
            for noun in english {
                let templates = form.orders.english.iter();
                all.extend(templates.map(|template| form.english(template, colour.word, noun)));
            }
            for (template, noun) in pairs(form.orders.chinese, chinese) {
                for (word, centre) in pairs(colour.chinese, form.centres()) {
                    all.push(form.chinese(template, word, centre, noun));
                }
            }
        }
        all
    }
}

fn pairs<'a>(
    a: &'a [&'static str],
    b: &'a [&'static str],
) -> impl Iterator<Item = (&'a str, &'a str)> {
    a.iter().flat_map(move |x| b.iter().map(move |y| (*x, *y)))
}

/// Fills an English template: "{a} {} flower" becomes "an orange flower".
pub(super) fn english(template: &str, slots: &[(&str, &str)], plural: bool) -> String {
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
    use crate::captions::{garment, named, pattern};
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    fn colour(word: &str) -> &'static Colour {
        named(word).unwrap()
    }

    /// How many of 600 orders satisfy this.
    fn share(subject: Subject, of: &str, satisfies: impl Fn(&str) -> bool) -> usize {
        let mut rng = SmallRng::seed_from_u64(1);
        let orders = (0..600).map(|_| subject.order(colour(of), &mut rng));
        orders
            .filter(|order| {
                assert!(
                    !order.contains(['{', '}']) && !order.contains("  "),
                    "{order}"
                );
                satisfies(order)
            })
            .count()
    }

    #[test]
    fn orders_name_their_colours_in_two_languages() {
        let subject = Subject::Flower {
            centre: Some(colour("yellow")),
        };
        let of = |satisfies: fn(&str) -> bool| share(subject, "blue", satisfies);
        assert_eq!(
            of(|order| order.contains("blue") || order.contains('蓝')),
            600
        );
        assert!((150..250).contains(&of(|order| !order.is_ascii())));
        let two = of(|order| order.contains("yellow") || order.contains('黄'));
        assert!((150..250).contains(&two), "{two} of 600 with two colours");
    }

    #[test]
    fn orders_for_garments_name_them_half_of_the_time() {
        let noun = garment("Trousers");
        let plain = Subject::Thing {
            noun,
            pattern: None,
        };
        let named = share(plain, "green", |order| {
            ["trousers", "pants", "clothes", "裤", "衣服"]
                .iter()
                .any(|word| order.contains(word))
        });
        assert!((240..360).contains(&named), "{named} of 600");
        let striped = Subject::Thing {
            noun,
            pattern: pattern("Striped Men Trousers"),
        };
        let striped = share(striped, "green", |order| {
            order.contains("striped") || order.contains("条纹")
        });
        assert!((150..250).contains(&striped), "{striped} of 600");
        let unnamed = Subject::Thing {
            noun: None,
            pattern: None,
        };
        assert_eq!(
            share(unnamed, "green", |order| order.contains("trousers")),
            0
        );
    }

    #[test]
    fn templates_are_filled_as_people_write() {
        let slots = [("{}", "orange"), ("{centre}", "red"), ("{noun}", "jeans")];
        let filled = |template, plural| english(template, &slots, plural);
        assert_eq!(
            filled("{a} {} flower with {a} {centre} center", false),
            "an orange flower with a red center"
        );
        assert_eq!(filled("the {noun} {is} {}", true), "the jeans are orange");
        assert_eq!(filled("{a} {} {noun}", true), "orange jeans");
        let form = Form::new(1.0, &things::NAMED, garment("Jeans"));
        let chinese = |template| form.chinese(template, "蓝色", "", "牛仔裤");
        assert_eq!(chinese("把{noun}变成{}"), "把牛仔裤变成蓝色");
        assert_eq!(chinese("一{measure}{short}{noun}"), "一条蓝牛仔裤");
    }

    #[test]
    fn all_orders_have_every_word_of_any_order() {
        let mut rng = SmallRng::seed_from_u64(2);
        let split = |order: &str| -> Vec<String> {
            match order.is_ascii() {
                true => order.split(' ').map(String::from).collect(),
                false => order.chars().map(String::from).collect(),
            }
        };
        for subject in [
            Subject::Flower {
                centre: named("pink"),
            },
            Subject::Thing {
                noun: garment("Tshirts"),
                pattern: pattern("printed"),
            },
        ] {
            let all = subject.all_orders(colour("orange"));
            let known: Vec<String> = all.iter().flat_map(|order| split(order)).collect();
            for _ in 0..500 {
                let order = subject.order(colour("orange"), &mut rng);
                assert!(
                    split(&order).iter().all(|word| known.contains(word)),
                    "{order}"
                );
            }
        }
    }
}
