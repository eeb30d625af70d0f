//! Words for how far a garment reaches: "long sleeves", "a longer skirt", "trousers down to the ankles", 长袖.

use super::part::{Kind, Length, Part};
use crate::prompt::words::{Word, compared, is_han, joined, lists};
use crate::prompt::{PromptError, Thing};

/// The skin that a garment is to cover, or to leave bare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cover {
    /// Arms, but for their hands.
    Arms,
    /// Legs, each by itself.
    Legs,
    /// Legs and what is between them, below a skirt.
    Below,
    /// Legs that trousers leave bare as shorts.
    Bare,
    /// It is to be shorter, which nobody here can do.
    Less,
}

/// Words that are about a length wherever they stand.
#[rustfmt::skip]
const SURE: &[(Length, &str)] = &[
    (Length::LongSleeve, "long sleeves|long sleeved|longsleeved|longer sleeves|longer sleeve|full sleeves|\
        full length sleeves|wrist|wrists|长袖子"),
    (Length::Short, "sleeveless|short sleeves|short sleeved|shorter sleeves|short sleeve|cap sleeves|\
        no sleeves|without sleeves|without the sleeves|remove the sleeves|无袖|短袖子|去掉袖子"),
    (Length::Sleeve, "sleeves|sleeve|袖子|衣袖"),
];

/// Words that are about one beside a thing that has it: hair has no hem.
#[rustfmt::skip]
const LOOSE: &[(Length, &str)] = &[
    (Length::Long, "long|longer|lengthen|lengthens|ankle|ankles|ankle length|floor length|full length|maxi|长|\
        更长|变长|加长|拉长|长一点|长一些|长点|变长一点|更长一点|及踝|脚踝"),
    (Length::Short, "short|shorter|shorten|shortens|短|更短|变短|剪短|短一点|短一些|短点|变短一点|更短一点"),
];

/// Words that name a thing and its length.
#[rustfmt::skip]
const NAMED: &[(Length, &str)] = &[
    (Length::LongSleeve, "长袖|longsleeve|long sleeve|long sleeve top|long sleeved top"),
    (Length::Long, "长裤|长裙"),
];

/// Whose length is down the legs.
const DOWN: &str = "dress|skirt|shorts|trousers|jeans|leggings|romper";

/// What becomes shorts.
const TROUSERS: &str = "trousers|jeans|leggings";

/// The words about a length that these begin with, behind these parts; `ahead` is the thing that comes behind so many words.
pub(super) fn found(
    words: &[Word],
    before: &[Part],
    ahead: impl Fn(usize) -> Option<&'static Thing>,
) -> Option<(usize, Kind, &'static str)> {
    let longest = words.len().min(5);
    let thing = Thing::at(words).map_or(0, |(count, _)| count);
    (1..=longest).rev().find_map(|count| {
        let typed = joined(&words[..count])?;
        let says = |table: &[(Length, &str)]| {
            let line = table.iter().find(|(_, words)| lists(words, &typed));
            line.map(|(length, _)| *length)
        };
        let length = match says(NAMED).filter(|_| count == thing) {
            // "a long sleeve shirt", 长袖衬衫: of the shirt; alone it is a thing.
            Some(length) => {
                let next = Thing::at(&words[count..]).map(|(_, thing)| thing);
                let ahead = ahead(count).filter(|_| !words[0].is_han());
                let of = next.or(ahead).filter(|thing| thing.is_garment());
                of.map(|_| length)
            }
            None if count <= thing => None,
            None => says(SURE)
                .or_else(|| says(LOOSE).and_then(|length| near(length, ahead(count), before))),
        };
        Some((count, Kind::Length(length?), ""))
    })
}

/// A length by a word that is said of what is nearest.
fn near(length: Length, ahead: Option<&'static Thing>, before: &[Part]) -> Option<Length> {
    let sleeve = match length {
        Length::Long => Length::LongSleeve,
        length => length,
    };
    // "make the sleeves of the dress longer"
    let sleeves = before
        .iter()
        .any(|part| part.kind == Kind::Length(Length::Sleeve));
    let last = before.iter().rev().find_map(|part| match part.kind {
        Kind::Thing(thing) => Some(thing),
        _ => None,
    });
    match ahead.or(last.filter(|_| !sleeves)) {
        Some(thing) => lists(DOWN, thing.name).then_some(length),
        None => sleeves.then_some(sleeve),
    }
}

/// "sleeves" with a word for their length is one with it; alone it says nothing.
pub(super) fn settle(parts: &mut [Part]) {
    let long = parts.iter().find_map(|part| match part.kind {
        Kind::Length(length @ (Length::LongSleeve | Length::Short)) => Some(length),
        _ => None,
    });
    for part in parts {
        if part.kind == Kind::Length(Length::Sleeve) {
            part.kind = long.map_or(Kind::Unknown, Kind::Length);
        }
    }
}

/// What a thing's own word says of its length.
pub(super) fn named(typed: &str) -> Option<Length> {
    let typed = compared(typed).replace('-', " ");
    let (length, _) = NAMED.iter().find(|(_, words)| lists(words, &typed))?;
    Some(*length)
}

/// "turn the shorts into trousers", and the other way.
pub(super) fn between(from: &Thing, to: &Thing) -> Option<Length> {
    match (from.name, to.name) {
        ("shorts", "trousers" | "jeans") => Some(Length::Long),
        ("trousers" | "jeans" | "leggings", "shorts") => Some(Length::Short),
        ("trousers" | "jeans" | "leggings", "skirt") => Some(Length::Other),
        _ => None,
    }
}

/// What a garment needs to become longer or shorter, in the sentence's language.
pub(super) fn skin(sentence: &str, cover: Cover) -> String {
    let chinese = sentence.chars().any(is_han);
    let names = match cover {
        Cover::Arms => ["bare arms beside it", "旁边裸露的手臂"],
        Cover::Legs | Cover::Below => ["bare legs below it", "下面裸露的腿"],
        Cover::Bare => [
            "tight trousers and skin to match",
            "修身的长裤和可参照的皮肤",
        ],
        Cover::Less => [PromptError::Shorter.key(); 2],
    };
    names[usize::from(chinese)].to_owned()
}

impl Length {
    /// What is to be covered, and the garment that is to do so.
    pub fn of(self, thing: Option<&'static Thing>) -> (Option<&'static Thing>, Cover) {
        let name = thing.map_or("", |thing| thing.name);
        let down = lists(DOWN, name);
        match self {
            Self::Short if lists(TROUSERS, name) => (thing, Cover::Bare),
            Self::Sleeve | Self::Short | Self::Other => (thing, Cover::Less),
            Self::Long if matches!(name, "dress" | "skirt") => (thing, Cover::Below),
            // What is below shorts makes trousers of them.
            Self::Long => (Thing::named("shorts"), Cover::Legs),
            Self::LongSleeve => {
                let sleeved = thing.is_some_and(Thing::is_garment) && (!down || name == "dress");
                // "red trousers and long sleeves"
                (
                    thing.filter(|_| sleeved).or(Thing::named("top")),
                    Cover::Arms,
                )
            }
        }
    }
}
