//! Pieces to clauses: what a piece lacks, a neighbour has.

mod reading;
mod wish;

use super::lengths::{self, Cover};
use super::part::{Kind, Length, Part};
use super::pieces::{Link, Piece};
use super::{COLOUR, Change, Clause};
use crate::prompt::Thing;
use reading::Reading;
use wish::Wish;

/// What the text encoder reads for a difference.
pub(super) const DIFFERENCES: [&str; 5] = ["darker", "lighter", "vivid", "duller", "plain"];

/// The clauses of the pieces of a sentence, in its order, no thing twice.
pub(super) fn join(sentence: &str, parts: &[Part], pieces: Vec<Piece>) -> Vec<Clause> {
    let mut readings = reading::all(parts, &pieces);
    first_colours_win(&mut readings);
    share(&mut readings);
    settle(&mut readings);
    let mut told: Vec<(&Reading, Wish)> = Vec::new();
    for reading in &readings {
        let Some(wish) = reading.wish.filter(|_| reading.lives()) else {
            continue;
        };
        let thing = reading.thing(parts);
        match told
            .iter_mut()
            .find(|(other, _)| other.thing(parts) == thing)
        {
            Some((_, first)) => *first = first.then(wish).unwrap_or(*first),
            None => told.push((reading, wish)),
        }
    }
    if told.is_empty() {
        let waits = |reading: &&Reading| reading.lives() && reading.wish.is_none();
        let named = readings.iter().filter(waits).filter_map(|reading| {
            let length = renamed(sentence, parts, reading)?;
            Some((reading, Wish::reaching(Some(length))))
        });
        told = named.collect();
    }
    let clauses = |(reading, wish): (&Reading, Wish)| {
        let typed = reading.thing.map(|at| &sentence[parts[at].range.clone()]);
        let own = wish.finish().map(|(change, fabric)| Clause {
            thing: reading.thing(parts),
            typed: typed.unwrap_or_default().to_owned(),
            tokens: tokens(parts, reading, wish),
            change,
            plain: wish.plain && fabric.is_none(),
            fabric,
            cover: None,
        });
        // "the trousers into a red skirt" is about the trousers' colour.
        let other = another(parts, reading).filter(|length| *length != Length::Other);
        let length = wish.length.or(other);
        let cover = length.and_then(|length| {
            let changed = own.as_ref().filter(|_| wish.changes());
            covering(sentence, length, changed, reading.thing(parts))
        });
        let own = own.filter(|_| wish.changes() || length.is_none());
        own.into_iter().chain(cover)
    };
    told.into_iter().flat_map(clauses).collect()
}

/// The clause of a length: what its garment covers becomes what that becomes by `changed`, if it does.
fn covering(
    sentence: &str,
    length: Length,
    changed: Option<&Clause>,
    thing: Option<&'static Thing>,
) -> Option<Clause> {
    let (of, cover) = length.of(thing);
    // "long black trousers" are trousers that there are.
    if cover == Cover::Legs && changed.is_some() && of != thing {
        return None;
    }
    let own = changed.filter(|_| of == thing || thing.is_none());
    let naming = Clause::naming(of.or(Thing::named("top"))?);
    Some(Clause {
        typed: lengths::skin(sentence, cover),
        cover: Some(cover),
        tokens: naming.tokens.clone(),
        thing: naming.thing,
        ..own.cloned().unwrap_or(naming)
    })
}

/// The length that the last word for a thing says by itself: "turn the shorts into trousers", 长袖.
fn renamed(sentence: &str, parts: &[Part], reading: &Reading) -> Option<Length> {
    let thing = |at: &usize| matches!(parts[*at].kind, Kind::Thing(_));
    let last = reading.parts.clone().rev().find(thing)?;
    lengths::named(&sentence[parts[last].range.clone()]).or_else(|| another(parts, reading))
}

/// The length of the garment that another one is to become: "turn the jeans into red shorts".
fn another(parts: &[Part], reading: &Reading) -> Option<Length> {
    let mut things = reading.parts.clone().filter_map(|at| match parts[at].kind {
        Kind::Thing(thing) => Some(thing),
        _ => None,
    });
    lengths::between(things.next()?, things.next_back()?)
}

/// "white and blue petals": the first colour is the petals', the others are dropped.
fn first_colours_win(readings: &mut [Reading]) {
    let mut target = None;
    for i in (0..readings.len()).rev() {
        let reading = &readings[i];
        let nameless = reading.thing.is_none() && !reading.pronoun && !reading.keep;
        // "a white shirt with stripes and blue jeans"
        let apart = reading.link == Link::Other && i > 0;
        // "a shirt with long sleeves and blue jeans"
        let sleeves = |wish: Wish| apart && wish.length.is_some();
        let figure =
            |wish: Wish| wish.cloth.is_some_and(|cloth| cloth.noun || apart) || sleeves(wish);
        let wish = reading.wish.filter(|wish| !figure(*wish));
        let loose = nameless && wish.is_some() && reading.ends_with_wish;
        match target.filter(|_| loose) {
            Some(target) => {
                let wish = readings[i].wish.take();
                let whole: &mut Reading = &mut readings[target];
                whole.wish = wish.map(|wish| match whole.wish {
                    Some(own) => wish.before(own),
                    None => wish,
                });
                readings[i].used = true;
                readings[i].lost = false;
            }
            None => {
                let attribute = reading.thing.is_some() && reading.wish.is_some();
                target = (attribute && !reading.predicate).then_some(i);
            }
        }
        // The chain goes on over what hangs on its next piece as an equal and begins with a colour.
        let reading = &readings[i];
        if reading.link != Link::And || !reading.begins_with_wish {
            target = None;
        }
    }
}

/// "make the shirt and the trousers black": a thing without a wish has that of the next piece,
/// where that tells one of its own thing ("the trousers black", not "red trousers") or of nothing.
fn share(readings: &mut [Reading]) {
    for i in (0..readings.len()).rev() {
        let Some(next) = (i + 1..readings.len()).find(|next| !readings[*next].is_empty()) else {
            continue;
        };
        let (reading, other) = (&readings[i], &readings[next]);
        let source = reading.source && other.predicate;
        let open = reading.thing.is_some() && (reading.wish.is_none() || source);
        if !open || reading.keep || reading.unknown_behind || other.keep || other.lost {
            continue;
        }
        let equal = other.link == Link::And && other.thing.is_some() && !other.ordered;
        let shared = equal && (other.predicate || other.shared);
        let loose = other.thing.is_none() && !other.used;
        if let Some(wish) = other.wish.filter(|_| shared || loose) {
            readings[i].wish = Some(wish);
            readings[i].shared = true;
            if loose {
                readings[next].wish = None;
                readings[next].used = true;
            }
        }
    }
}

/// Wishes without a thing go to the nearest thing without a wish; where there is none, "it" and a
/// sentence that names no thing are about what the photo is about.
fn settle(readings: &mut [Reading]) {
    for i in 0..readings.len() {
        let Some(wish) = readings[i].wish.filter(|_| readings[i].only_wish()) else {
            continue;
        };
        let waits = |other: &Reading| {
            let thing = other.thing.is_some() && other.wish.is_none();
            thing && !other.keep && !other.unknown_behind
        };
        let nearest = |is: &dyn Fn(&Reading) -> bool| {
            let others = (0..readings.len()).filter(|other| *other != i && is(&readings[*other]));
            others.min_by_key(|other| other.abs_diff(i))
        };
        let named = |other: &Reading| other.lives() && other.wish.is_some_and(Wish::names_cloth);
        let waiting = nearest(&waits);
        // "make the skirt red and a bit darker", "a striped shirt, red and white"
        let first = match wish.cloth {
            Some(cloth) if cloth.line.is_none() => nearest(&named),
            None if waiting.is_some() && matches!(wish.change, Change::Colour(_)) => None,
            _ => {
                let said = |other: &Reading| !other.is_empty() && !other.used;
                let before = readings[..i].iter().rposition(said);
                // "corduroy, brown, for the trousers"
                let loose = i > 0 && wish.cloth.is_none() && !readings[i].pronoun;
                let behind = |other: &Reading| named(other) && other.thing.is_some();
                before.or_else(|| nearest(&behind).filter(|_| loose))
            }
        };
        if let Some(first) = first
            && let Some(both) = readings[first].wish.and_then(|first| first.then(wish))
            && readings[first].lives()
        {
            readings[first].wish = Some(both);
            readings[i].wish = None;
            continue;
        }
        // "red stripes, white shirt"
        let next = (i + 1..readings.len()).find(|next| !readings[*next].is_empty());
        if let (None, None, Some(next)) = (first, waiting, next)
            && let Some(own) = readings[next].wish
            && wish.names_cloth()
            && readings[next].thing.is_some()
            && readings[next].lives()
        {
            readings[next].wish = Some(wish.before(own));
            readings[i].wish = None;
            continue;
        }
        let others = readings.iter().enumerate().any(|(other, reading)| {
            let told = reading.wish.is_some() && !reading.keep;
            let named = reading.thing.is_some() || reading.pronoun;
            (told && other != i && (named || other < i)) || (reading.lost && other < i)
        });
        if let Some(waiting) = waiting {
            readings[waiting].wish = Some(wish);
            readings[waiting].shared = true;
            readings[i].wish = None;
        } else if others && !readings[i].pronoun {
            readings[i].wish = None;
        }
    }
}

/// What the text encoder reads for a clause: the words of its piece, the wish where it stands or,
/// if another piece says it, at the end.
fn tokens(parts: &[Part], reading: &Reading, wish: Wish) -> Vec<&'static str> {
    let word = token(wish);
    let mut tokens: Vec<&'static str> = Vec::new();
    let mut said = false;
    for at in reading.parts.clone() {
        let token = if reading.wish_at == Some(at) {
            said = true;
            word
        } else {
            reading.token(parts, at)
        };
        // "give her a dress": one article is enough.
        if matches!(token, "a" | "the") {
            tokens.pop_if(|last| matches!(*last, "a" | "the"));
        }
        if !token.is_empty() && tokens.last() != Some(&token) {
            tokens.push(token);
        }
    }
    if !said && tokens.last() != Some(&word) {
        tokens.push(word);
    }
    tokens
}

fn token(wish: Wish) -> &'static str {
    let [darker, lighter, vivid, duller, plain] = DIFFERENCES;
    match wish.change {
        _ if wish.cloth.is_some() => COLOUR,
        Change::Colour(_) => COLOUR,
        Change::Relative { lightness, .. } if lightness < 0.0 => darker,
        Change::Relative { chroma, .. } if chroma >= 1.0 => vivid,
        Change::Relative { lightness, .. } if lightness > 0.0 => lighter,
        Change::Relative { chroma, .. } if chroma > 0.0 => vivid,
        Change::Relative { chroma, .. } if chroma < 0.0 => duller,
        Change::Relative { .. } => plain,
    }
}
