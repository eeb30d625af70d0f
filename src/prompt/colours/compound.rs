//! What people make of the names: "very dark blue", "pale warm grey", "greenish brown", 深蓝色.

use super::{EVERYDAY, FLOWERS, find, longest, lookup};
use crate::colour::{lab_to_srgb, srgb_to_lab};
use crate::prompt::things::Thing;
use crate::prompt::words::{Gap, LONGEST, Word, joined, lists};

/// No phrase has more words before its colour.
const MOST: usize = 6;

/// What a word before a colour does to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Shift {
    /// Lightness, by its own part.
    Dark,
    /// Lightness, by what is left to white.
    Light,
    Pale,
    Pastel,
    Soft,
    Dusty,
    Deep,
    Bright,
    Vivid,
    Muted,
    Warm,
    Cool,
    Hot,
    Neon,
    /// "medium", "true": the colour as it is.
    None,
    /// "bluish": a third of the way to another colour.
    Towards([u8; 3]),
}

const SHIFTS: &[(Shift, &str)] = &[
    (Shift::Dark, "dark|darker|darkish|深|暗"),
    (Shift::Light, "light|lighter|lightish|浅|淡|嫩"),
    (Shift::Pale, "pale|paler|palish"),
    (Shift::Pastel, "pastel|baby|powder"),
    (Shift::Soft, "soft|softer|柔|柔和"),
    (Shift::Dusty, "dusty|dusky|smoky|ashy"),
    (Shift::Deep, "deep|deeper|rich|richer|浓"),
    (Shift::Bright, "bright|brighter|brightish|亮|鲜亮|明亮|鲜"),
    (
        Shift::Vivid,
        "vivid|vibrant|intense|strong|saturated|bold|艳|鲜艳",
    ),
    (
        Shift::Muted,
        "muted|dull|duller|faded|washed|dirty|greyed|desaturated|subdued",
    ),
    (Shift::Warm, "warm|warmer|暖"),
    (Shift::Cool, "cool|cooler|cold|icy|frosty|冷"),
    (Shift::Hot, "hot"),
    (
        Shift::Neon,
        "neon|fluorescent|electric|luminous|glowing|荧光",
    ),
    (
        Shift::None,
        "medium|mid|true|pure|classic|regular|normal|正|中",
    ),
];

/// How much of it.
const DEGREES: &[(f32, &str)] = &[
    (
        1.6,
        "very|really|extremely|super|so|ultra|deeply|很|非常|超|特别|十分|最",
    ),
    (1.0, "quite|rather|fairly|pretty|更|较"),
    (0.5, "slightly|somewhat|稍|稍微|略|微|偏"),
];

/// What may stand between them and the colour: "a dark shade of red", 深一点的红色.
const BETWEEN: &str = "shade|tone|tint|hue|of|一|点|些|的|out";

/// The colour that these words begin with, and how many words say it. A name of the tables wins
/// over a compound of as many words.
pub(crate) fn phrase(words: &[Word]) -> Option<(usize, [u8; 3])> {
    compound(words, false)
}

/// The same where two colours in a row are two, unless they are near each other: "navy white striped".
pub(crate) fn apart(words: &[Word]) -> Option<(usize, [u8; 3])> {
    compound(words, true)
}

fn compound(words: &[Word], apart: bool) -> Option<(usize, [u8; 3])> {
    let mut best = longest(words);
    if let Some(positive) = positive(words)
        && let Some(found) = longest(&positive)
        && best.is_none_or(|(length, _)| length < found.0)
    {
        best = Some(found);
    }
    if let Some(modified) = modified(words)
        && best.is_none_or(|(length, _)| length < modified.0)
    {
        best = Some(modified);
    }
    let (mut length, mut rgb) = best?;
    // A word that is a thing, too ("leaf"), is part of a colour in the tables only.
    if length == 1 && Thing::at(words).is_some() {
        return Some((length, rgb));
    }
    // "brick orange": two names in a row are one colour.
    for _ in 0..2 {
        let rest = &words[length..];
        let Some((more, head)) = follows(rest) else {
            break;
        };
        if apart && distance(rgb, head) > 30.0 {
            break;
        }
        rgb = together(rgb, head, rest[0].is_han());
        length += more;
    }
    Some((length, rgb))
}

/// "a darker red" as "dark red".
fn positive(words: &[Word]) -> Option<Vec<Word>> {
    let stem = words.first()?.text.strip_suffix("er")?;
    let mut words = words[..words.len().min(LONGEST)].to_vec();
    words[0].text = stem.to_owned();
    entry(SHIFTS, &words[..1]).map(|_| words)
}

/// A further name directly behind a colour.
fn follows(rest: &[Word]) -> Option<(usize, [u8; 3])> {
    let next = rest.first()?;
    let near = matches!(next.gap, Gap::Space | Gap::None) && next.literal.is_none();
    let other = lists(FLOWERS, &next.text) || Thing::at(rest).is_some();
    if near && !other { longest(rest) } else { None }
}

/// A colour with words for more or less of something before it.
fn modified(words: &[Word]) -> Option<(usize, [u8; 3])> {
    let mut shifts = Vec::new();
    let mut degree = None;
    let mut at = 0;
    while at < words.len() && shifts.len() < MOST {
        let rest = &words[at..];
        if at > 0 && !matches!(rest[0].gap, Gap::Space | Gap::None) {
            break;
        }
        if let Some((length, more)) = entry(DEGREES, rest).filter(|_| degree.is_none()) {
            degree = Some(more);
            at += length;
        } else if let Some((length, shift)) = entry(SHIFTS, rest).or_else(|| towards(rest)) {
            shifts.push((shift, degree.take().unwrap_or(1.0)));
            at += length;
        } else if !shifts.is_empty() && lists(BETWEEN, &rest[0].text) {
            at += 1;
        } else {
            break;
        }
    }
    let base = match words.get(at) {
        Some(next) if at == 0 || matches!(next.gap, Gap::Space | Gap::None) => {
            longest(&words[at..])
        }
        _ => None,
    };
    let (length, mut rgb) = match (base, shifts.last()) {
        (Some((length, rgb)), _) if at > 0 => (at + length, rgb),
        // "dark bluish"
        (None, Some((Shift::Towards(rgb), _))) => {
            let rgb = *rgb;
            shifts.pop();
            (at, rgb)
        }
        _ => return None,
    };
    // "a dark shade of red" is "dark red".
    if let [(_, 1.0)] = shifts[..]
        && let Some(name) = named_with(&words[0], &words[at..length])
    {
        return Some((length, name));
    }
    for (shift, degree) in shifts.into_iter().rev() {
        rgb = shifted(rgb, shift, degree);
    }
    Some((length, rgb))
}

/// The colour of a name that a word and these words would make next to each other.
fn named_with(word: &Word, words: &[Word]) -> Option<[u8; 3]> {
    let between = if word.is_han() { "" } else { " " };
    let name = format!("{}{between}{}", word.text, joined(words)?);
    lookup(&name)
}

/// The entry of a table that these words begin with; the longer one where two do.
fn entry<T: Copy>(table: &[(T, &str)], words: &[Word]) -> Option<(usize, T)> {
    (1..=words.len().min(2)).rev().find_map(|length| {
        let typed = joined(&words[..length])?;
        let (value, _) = table.iter().find(|(_, names)| lists(names, &typed))?;
        Some((length, *value))
    })
}

/// "reddish", "bluish", "purply", "yellow-ish".
fn towards(words: &[Word]) -> Option<(usize, Shift)> {
    let first = words[0].text.as_str();
    if let Some(next) = words.get(1)
        && next.text == "ish"
        && next.gap == Gap::Space
    {
        let (_, rgb) = longest(&words[..1])?;
        return Some((2, Shift::Towards(rgb)));
    }
    let stem = ["ish", "ey", "y"]
        .iter()
        .find_map(|end| first.strip_suffix(end));
    let stem = stem.filter(|stem| stem.is_ascii() && stem.len() > 2)?;
    let doubled = &stem[..stem.len() - 1];
    let rgb = find(EVERYDAY, stem)
        .or_else(|| find(EVERYDAY, &format!("{stem}e")))
        .or_else(|| find(EVERYDAY, doubled))?;
    Some((1, Shift::Towards(rgb)))
}

/// A colour after a word for more or less of something; `degree` is 1 for the word alone, more for
/// "very".
pub(crate) fn shifted(rgb: [u8; 3], shift: Shift, degree: f32) -> [u8; 3] {
    let [l, a, b] = srgb_to_lab(rgb);
    // Lightness times `dark`, then the way to white times `light`, then chroma times `chroma`.
    let by = |dark: f32, light: f32, chroma: f32| {
        let l = 100.0 - (100.0 - l * dark.powf(degree)) * light.powf(degree);
        let chroma = chroma.powf(degree);
        [l, a * chroma, b * chroma]
    };
    let lab = match shift {
        Shift::Dark => by(0.62, 1.0, 0.9),
        Shift::Light => by(1.0, 0.5, 0.65),
        Shift::Pale => by(1.0, 0.4, 0.4),
        Shift::Pastel => by(1.0, 0.35, 0.5),
        Shift::Soft => by(1.0, 0.8, 0.7),
        Shift::Dusty => by(1.0, 0.85, 0.5),
        Shift::Deep => by(0.78, 1.0, 1.1),
        Shift::Bright => by(1.0, 0.85, 1.25),
        Shift::Vivid => by(1.0, 1.0, 1.4),
        Shift::Muted => by(0.97, 1.0, 0.55),
        Shift::Warm => [l, a + 5.0 * degree, b + 12.0 * degree],
        Shift::Cool => [l, a - 3.0 * degree, b - 12.0 * degree],
        Shift::Hot => by(1.0, 0.95, 1.35),
        Shift::Neon => by(1.0, 0.75, 1.6),
        Shift::None => return rgb,
        Shift::Towards(other) => return mixed(rgb, other, (0.33 * degree).min(0.5)),
    };
    lab_to_srgb(lab)
}

/// Two names in a row: the second is what it is, the first says which. Where one of them is a grey,
/// a mixture would be neither ("snow white", "charcoal black"); Chinese names two so, and the first
/// counts (蓝白).
fn together(first: [u8; 3], head: [u8; 3], han: bool) -> [u8; 3] {
    let chroma = |rgb| {
        let [_, a, b] = srgb_to_lab(rgb);
        a.hypot(b)
    };
    match chroma(first).min(chroma(head)) < 8.0 {
        true if han => first,
        true => head,
        false => mixed(head, first, 0.4),
    }
}

/// How far one colour is from another, in CIELAB.
fn distance(from: [u8; 3], to: [u8; 3]) -> f32 {
    let (from, to) = (srgb_to_lab(from), srgb_to_lab(to));
    let squares = from.iter().zip(to).map(|(a, b)| (a - b).powi(2));
    squares.sum::<f32>().sqrt()
}

/// A part of the way from one colour to another, in CIELAB.
fn mixed(from: [u8; 3], to: [u8; 3], part: f32) -> [u8; 3] {
    let (from, to) = (srgb_to_lab(from), srgb_to_lab(to));
    lab_to_srgb(std::array::from_fn(|i| from[i] + part * (to[i] - from[i])))
}
