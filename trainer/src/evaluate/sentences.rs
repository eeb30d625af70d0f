//! What an evaluation asks for, and what should come out.

use image::RgbaImage;
use serde::Serialize;

use super::area::Area;
use super::colour::Naming;
use crate::captions::Subject;
use crate::data::Item;

/// A flower's inner part has a centre of a colour from this share of its pixels on.
const CENTRE: f64 = 0.1;

/// People agree on a colour when at most this share of the captions names another one.
const OTHERS: f64 = 0.2;

/// Orders that are counted together.
pub struct Set {
    /// What they have in common.
    pub name: &'static str,
    /// The orders.
    pub orders: Vec<Order>,
    /// Whether photos that have the colours are measured as well.
    pub with_real: bool,
}

/// A sentence, and what should come out.
#[derive(Debug, Clone, Copy)]
pub struct Order {
    /// The sentence; `{noun}` stands for the name of what a photo shows.
    pub sentence: &'static str,
    /// The colours.
    pub wanted: Wanted,
}

/// Basic colour terms that are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Wanted {
    /// Of the whole area.
    One(&'static str),
    /// Of its outer and of its inner part.
    Two(&'static str, &'static str),
}

impl Order {
    /// The sentence for a photo, with the name of what it shows.
    pub fn of(&self, item: &Item) -> String {
        let noun = match item.subject {
            Subject::Thing { noun, .. } => noun,
            Subject::Flower { .. } => None,
        };
        let word = match self.sentence.is_ascii() {
            true => noun.map_or("thing", |noun| noun.english[0]),
            false => noun.map_or("它", |noun| noun.chinese[0]),
        };
        self.sentence.replace("{noun}", word)
    }
}

impl Wanted {
    /// What an area of a photo has instead of these colours; none if it has them.
    ///
    /// Two colours are there when the outer part has the one, and a tenth of the inner part the
    /// other.
    pub fn instead(self, naming: &dyn Naming, area: &Area, photo: &RgbaImage) -> Option<String> {
        let name = |area: &Area| naming.of(area, photo).unwrap_or("none");
        match self {
            Self::One(wanted) => {
                let term = name(area);
                (term != wanted).then(|| term.into())
            }
            Self::Two(petals, centre) => {
                let (inner, outer) = area.parts(photo);
                let around = name(&outer);
                let follows = around == petals && naming.share(&inner, photo, centre) >= CENTRE;
                (!follows).then(|| format!("{around} around {}", name(&inner)))
            }
        }
    }

    /// The colour of the whole, or of the petals.
    pub fn main(self) -> &'static str {
        let (Self::One(main) | Self::Two(main, _)) = self;
        main
    }

    /// Whether a photo's main colour is the one that is asked for: an edit would measure nothing.
    pub fn is_main_of(self, item: &Item) -> bool {
        item.colour
            .is_some_and(|colour| colour.group == self.main())
    }

    /// Whether people agree that a photo has all the colours that are asked for.
    pub fn is_of(self, item: &Item) -> bool {
        let centred = match self {
            Self::One(_) => true,
            Self::Two(_, wanted) => {
                let centre = item.subject.centre();
                centre.is_some_and(|colour| colour.group == wanted)
            }
        };
        centred && item.clear_colour(OTHERS) == Some(self.main())
    }
}

/// The sets of orders for what a photo shows.
pub fn sets(subject: Subject) -> Vec<Set> {
    let one = |(sentence, colour)| Order {
        sentence,
        wanted: Wanted::One(colour),
    };
    let two = |(sentence, petals, centre)| Order {
        sentence,
        wanted: Wanted::Two(petals, centre),
    };
    let (english, chinese): (Vec<_>, Vec<_>) = match subject {
        Subject::Flower { .. } => (PETALS.into(), PETALS_CHINESE.into()),
        Subject::Thing { .. } => (THINGS.into(), THINGS_CHINESE.into()),
    };
    let set = |name, orders, with_real| Set {
        name,
        orders,
        with_real,
    };
    let mut sets = vec![
        set("one colour", english.into_iter().map(one).collect(), true),
        set(
            "one colour, Chinese",
            chinese.into_iter().map(one).collect(),
            false,
        ),
    ];
    if let Subject::Flower { .. } = subject {
        sets.push(set("two colours", CENTRES.map(two).into(), true));
    }
    sets
}

const PETALS: [(&str, &str); 7] = [
    ("this flower has blue petals", "blue"),
    ("the petals are red", "red"),
    ("make it yellow", "yellow"),
    ("purple", "purple"),
    ("white petals", "white"),
    ("make the petals pink", "pink"),
    ("orange", "orange"),
];

const PETALS_CHINESE: [(&str, &str); 7] = [
    ("把花瓣变成蓝色", "blue"),
    ("红色的花", "red"),
    ("改成黄色", "yellow"),
    ("紫色", "purple"),
    ("花瓣是白色的", "white"),
    ("把花变成粉色", "pink"),
    ("橙色的花瓣", "orange"),
];

const THINGS: [(&str, &str); 9] = [
    ("make the {noun} green", "green"),
    ("the {noun} should be red", "red"),
    ("change the {noun} to yellow", "yellow"),
    ("blue", "blue"),
    ("turn the {noun} purple", "purple"),
    ("make it pink", "pink"),
    ("black {noun}", "black"),
    ("white {noun}", "white"),
    ("orange", "orange"),
];

const THINGS_CHINESE: [(&str, &str); 9] = [
    ("把{noun}变成绿色", "green"),
    ("红色的{noun}", "red"),
    ("改成黄色", "yellow"),
    ("蓝色{noun}", "blue"),
    ("紫色", "purple"),
    ("把{noun}变成粉色", "pink"),
    ("黑色", "black"),
    ("白色的{noun}", "white"),
    ("橙色的{noun}", "orange"),
];

const CENTRES: [(&str, &str, &str); 6] = [
    ("white petals with a yellow center", "white", "yellow"),
    (
        "make the petals purple with a yellow center",
        "purple",
        "yellow",
    ),
    ("a red flower with a yellow center", "red", "yellow"),
    ("pink petals and a white center", "pink", "white"),
    (
        "this flower has yellow petals and a red center",
        "yellow",
        "red",
    ),
    ("白色花瓣，红色花心", "white", "red"),
];

#[cfg(test)]
mod tests {
    use super::super::colour::Nearest;
    use super::*;
    use image::{GrayImage, Luma, Rgba};

    /// A disc of radius 20 whose inner `radius` is yellow and whose rest is blue, on green; and
    /// the blue part as an area.
    fn flower(radius: f64) -> (RgbaImage, Area) {
        let from_centre = |x: u32, y: u32| (f64::from(x) - 30.0).hypot(f64::from(y) - 25.0);
        let photo = RgbaImage::from_fn(60, 50, |x, y| match from_centre(x, y) {
            r if r < radius => Rgba([240, 220, 40, 255]),
            r if r < 20.0 => Rgba([50, 70, 200, 255]),
            _ => Rgba([60, 130, 40, 255]),
        });
        let petals = |x, y| (radius..20.0).contains(&from_centre(x, y));
        let mask = GrayImage::from_fn(60, 50, |x, y| Luma([if petals(x, y) { 200 } else { 90 }]));
        (photo, Area::of(&[&mask]))
    }

    #[test]
    fn one_colour_is_that_of_the_area() {
        let (photo, area) = flower(5.0);
        let instead = |wanted, area| Wanted::One(wanted).instead(&Nearest, area, &photo);
        assert_eq!(instead("blue", &area), None);
        assert_eq!(instead("yellow", &area).as_deref(), Some("blue"));
        let nothing = Area::of(&[]);
        assert_eq!(instead("blue", &nothing).as_deref(), Some("none"));
    }

    #[test]
    fn two_colours_are_looked_for_where_they_belong() {
        let (wanted, turned) = (Wanted::Two("blue", "yellow"), Wanted::Two("yellow", "blue"));
        for (radius, instead) in [
            (0.0, Some("blue around blue")),
            (2.0, Some("blue around blue")),
            (4.0, None),
            (9.0, None),
        ] {
            let (photo, area) = flower(radius);
            assert_eq!(
                wanted.instead(&Nearest, &area, &photo).as_deref(),
                instead,
                "{radius}"
            );
            let turned = turned.instead(&Nearest, &area, &photo);
            assert!(turned.is_some(), "{radius}");
        }
        // The centre's colour has taken the petals over.
        let (photo, _) = flower(20.0);
        let (_, disc) = flower(0.0);
        let instead = wanted.instead(&Nearest, &disc, &photo);
        assert_eq!(instead.as_deref(), Some("yellow around yellow"));
    }

    #[test]
    fn every_sentence_names_its_colours() {
        let thing = Subject::Thing {
            noun: None,
            pattern: None,
        };
        let flower = Subject::Flower { centre: None };
        for set in [flower, thing].into_iter().flat_map(sets) {
            assert!(!set.orders.is_empty());
            for Order { sentence, wanted } in set.orders {
                let colours = match wanted {
                    Wanted::One(one) => vec![one],
                    Wanted::Two(petals, centre) => vec![petals, centre],
                };
                for colour in colours {
                    let colour = crate::captions::named(colour).unwrap();
                    let mut words = colour.chinese.iter().chain([&colour.word]);
                    assert!(words.any(|word| sentence.contains(word)), "{sentence}");
                }
            }
        }
    }
}
