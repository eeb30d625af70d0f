//! Words to parts: at each place the longest match in the tables.

use super::cloth::Cloth;
use super::fabrics;
use super::lengths;
use super::lexicon::{Role, adjective, comparison, order, quality, role, some};
use super::part::{Kind, Part};
use crate::prompt::colours::{self, FLOWERS, NOUNS, named};
use crate::prompt::things::Thing;
use crate::prompt::words::{Gap, LONGEST, Word, joined, lists};

/// The parts of a sentence, in its order; every word is in one. Without `lengths`, as if nothing were known of them.
pub(super) fn parts(words: &[Word], lengths: bool) -> Vec<Part> {
    // Of a cloth, colours in a row are two: "navy white striped", 蓝白条纹.
    let cloth = |at| fabrics::cloth(&words[at..]).is_some();
    let parts = read(words, (0..words.len()).any(cloth), lengths);
    match parts.iter().any(|part| matches!(part.kind, Kind::Cloth(_))) {
        true => read(words, true, lengths),
        false => parts,
    }
}

#[inline(never)]
fn read(words: &[Word], apart: bool, lengths: bool) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let rest = &words[at..];
        let (length, kind, token) = noun(rest, &parts)
            .or_else(|| figure(rest, &parts))
            .or_else(|| {
                lengths::found(rest, &parts, |at| thing_ahead(rest, at)).filter(|_| lengths)
            })
            .unwrap_or_else(|| longest_match(rest, apart));
        let range = rest[0].range.start..rest[length - 1].range.end;
        at += length;
        match parts.last_mut() {
            // Unknown characters in a row are one word.
            Some(last) if unknown_run(last, kind, &rest[0]) => last.range.end = range.end,
            _ => parts.push(Part {
                kind,
                range,
                gap: rest[0].gap,
                token,
            }),
        }
    }
    what_was(&mut parts);
    lengths::settle(&mut parts);
    qualities(&mut parts);
    parts
}

fn unknown_run(last: &Part, kind: Kind, word: &Word) -> bool {
    let unknown = [last.kind, kind] == [Kind::Unknown; 2];
    unknown && word.gap == Gap::None && word.is_han()
}

type Found = (usize, Kind, &'static str);

/// The longest of what these words may begin with. Of two as long, a thing wins over a colour
/// ("leaf"), a cloth too ("camo"), and a colour over a role.
#[inline(never)]
fn longest_match(words: &[Word], apart: bool) -> Found {
    let thing = Thing::at(words).map(|(length, thing)| (length, Kind::Thing(thing), ""));
    let cloth = fabrics::cloth(words)
        .map(|(length, line, noun)| (length, Kind::Cloth(Cloth::of(line, noun)), ""));
    let phrase = match apart {
        true => colours::apart(words).and_then(|(length, rgb)| {
            // "pink camo"
            match (1..length).find(|at| fabrics::cloth(&words[*at..]).is_some()) {
                Some(cloth) => colours::apart(&words[..cloth]),
                None => Some((length, rgb)),
            }
        }),
        false => colours::phrase(words),
    };
    let colour = phrase.map(|(length, rgb)| (length, Kind::Colour(rgb), ""));
    let found = [thing, cloth, colour, difference(words), known(words)];
    let found = found.into_iter().flatten();
    // `max_by_key` returns the last of equals.
    found.rev().max_by_key(|found| found.0).unwrap_or_else(|| {
        let number = words[0].text.bytes().all(|byte| byte.is_ascii_digit());
        match number {
            true => (1, Kind::Role(Role::Word), ""),
            false => (1, Kind::Unknown, ""),
        }
    })
}

/// 白底蓝条: a figure by a word that means other things elsewhere.
fn figure(words: &[Word], before: &[Part]) -> Option<Found> {
    let line = fabrics::figure(&words[0].text).filter(|_| words[0].gap == Gap::None)?;
    let mut before = before.iter().rev().map(|part| part.kind);
    let colour = matches!(before.next(), Some(Kind::Colour(_)));
    let based =
        before.find(|kind| *kind != Kind::Role(Role::Belongs)) == Some(Kind::Role(Role::Base));
    let (longer, ..) = longest_match(words, true);
    let found = (1, Kind::Cloth(Cloth::of(line, true)), "");
    let based = based || words[0].text == "格";
    (colour && based && longer == 1).then_some(found)
}

/// A word with a role.
fn known(words: &[Word]) -> Option<Found> {
    first(words, LONGEST, |typed| {
        Some(match role(typed)? {
            (Role::Cloth, token) => (Kind::Unknown, token),
            (role, token) => (Kind::Role(role), token),
        })
    })
    .map(|(length, (kind, token))| (length, kind, token))
}

/// A word or words for a difference: "darker", "less bright", 更深, 深一点.
fn difference(words: &[Word]) -> Option<Found> {
    let found = |length, [lightness, chroma]: [f32; 2], times: f32, order| {
        let steps = [lightness * times, chroma * times];
        Some((length, Kind::Relative { steps, order }, ""))
    };
    let compared = first(words, 3, comparison);
    if let Some((more, times)) = compared
        && let Some((length, steps)) = next(words, more, |typed| {
            adjective(typed).or_else(|| quality(typed))
        })
    {
        let length = more + length;
        let (some, much) = next(words, length, some).unwrap_or((0, 1.0));
        return found(length + some, steps, times * much, true);
    }
    if let Some((length, steps)) = first(words, 3, order) {
        let (some, much) = next(words, length, some).unwrap_or((0, 1.0));
        return found(length + some, steps, much, true);
    }
    if let Some((length, steps)) = first(words, 3, quality) {
        return Some((length, Kind::Quality(steps), ""));
    }
    let (length, steps) = first(words, 2, adjective)?;
    match next(words, length, some).filter(|_| words[0].is_han()) {
        Some((some, much)) => found(length + some, steps, much, true),
        None => found(length, steps, 1.0, false),
    }
}

/// What the longest phrase at the beginning is in a table.
fn first<T>(words: &[Word], most: usize, table: impl Fn(&str) -> Option<T>) -> Option<(usize, T)> {
    (1..=words.len().min(most)).rev().find_map(|length| {
        let typed = joined(&words[..length])?;
        Some((length, table(&typed)?))
    })
}

/// The same behind the first few words, where no pause is between.
fn next<T>(words: &[Word], at: usize, table: impl Fn(&str) -> Option<T>) -> Option<(usize, T)> {
    let gap = words.get(at)?.gap;
    match gap {
        Gap::None | Gap::Space => first(&words[at..], 3, table),
        _ => None,
    }
}

/// Colours that are nouns where they stand: "the rose should be red" names a flower, "make the sky
/// darker" something that nobody here knows, "turn the red blue" what was red.
fn noun(words: &[Word], before: &[Part]) -> Option<Found> {
    let last = before.last()?;
    let (length, _) = colours::phrase(words)?;
    let first = words[0].text.as_str();
    let thing = match lists(FLOWERS, first) {
        true => Thing::named("flower"),
        false => Thing::at(words).map(|(_, thing)| thing),
    };
    let thing = thing.map(|thing| (1, Kind::Thing(thing), ""));
    let near = matches!(words[0].gap, Gap::None | Gap::Space);
    if near && matches!(last.kind, Kind::Colour(_)) && thing.is_some() {
        // "a white rose"
        return thing;
    }
    let used = last.kind == Kind::Role(Role::The)
        && match following(words, 1)? {
            Kind::Role(Role::Pivot) | Kind::Relative { .. } => true,
            // "the rose red", not "the rose red skirt"
            Kind::Colour(_) => {
                let behind = following(words, length);
                length == 1 || matches!(behind, None | Some(Kind::Role(Role::And)))
            }
            _ => false,
        };
    if !used {
        return None;
    }
    if thing.is_some() {
        return thing;
    }
    if lists(NOUNS, first) {
        return Some((1, Kind::Unknown, ""));
    }
    let verb = before.len() > 1 && {
        let kind = before[before.len() - 2].kind;
        matches!(kind, Kind::Role(Role::Verb | Role::Replace))
    };
    let was = named(first).filter(|_| verb && length > 1);
    was.map(|rgb| (1, Kind::Was(rgb), ""))
}

/// What comes behind the first few words in the same breath, without words that say nothing.
fn following(words: &[Word], mut at: usize) -> Option<Kind> {
    let most = at + LONGEST;
    while at < words.len().min(most) && matches!(words[at].gap, Gap::None | Gap::Space) {
        match longest_match(&words[at..], false) {
            (length, Kind::Role(Role::Word), _) => at += length,
            (_, kind, _) => return Some(kind),
        }
    }
    None
}

/// The thing that comes behind the first few words in the same breath, with no more than colours and words that say
/// nothing between.
fn thing_ahead(words: &[Word], mut at: usize) -> Option<&'static Thing> {
    let most = at + LONGEST;
    while at < words.len().min(most) && matches!(words[at].gap, Gap::None | Gap::Space) {
        match longest_match(&words[at..], false) {
            (_, Kind::Thing(thing), _) => return Some(thing),
            (length, Kind::Role(Role::Word | Role::Belongs | Role::A | Role::The), _) => {
                at += length
            }
            (length, kind, _) if kind.is_change() => at += length,
            _ => return None,
        }
    }
    None
}

/// "from red to blue": what comes after "from" was.
fn what_was(parts: &mut [Part]) {
    let mut from = false;
    for part in parts {
        match part.kind {
            Kind::Role(Role::From) => from = true,
            Kind::Colour(rgb) if from => {
                part.kind = Kind::Was(rgb);
                from = false;
            }
            Kind::Role(Role::Word | Role::The | Role::A | Role::Belongs) => {}
            _ => from = false,
        }
    }
}

/// "reduce the saturation of the dress", 亮度调高: the quality becomes an order. One alone says
/// nothing.
fn qualities(parts: &mut [Part]) {
    for at in 0..parts.len() {
        let Kind::Quality(steps) = parts[at].kind else {
            continue;
        };
        let times = |part: &Part| match part.kind {
            Kind::Role(Role::Raise) => Some(1.0),
            Kind::Role(Role::Lower) => Some(-1.0),
            _ => None,
        };
        let ends = |part: &Part| {
            let and = matches!(part.kind, Kind::Role(Role::And | Role::Break));
            and || matches!(part.gap, Gap::Comma | Gap::Stop)
        };
        let mut before = parts[..=at].iter().rev();
        let before = before
            .find(|part| ends(part) || times(part).is_some())
            .and_then(times);
        let behind = parts[at + 1..].iter().take_while(|part| !ends(part));
        let times = before.or_else(|| behind.filter_map(times).next());
        parts[at].kind = match times {
            Some(times) => Kind::Relative {
                steps: steps.map(|step| step * times),
                order: true,
            },
            None => Kind::Role(Role::Word),
        };
    }
}
