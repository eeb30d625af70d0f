//! Pieces to clauses: what a piece lacks, a neighbour has.

mod reading;

use super::parts::Part;
use super::pieces::{Link, Piece};
use super::{COLOUR, Change, Clause};
use crate::prompt::colours::{Shift, shifted};
use reading::{Reading, Wish};

/// What the text encoder reads for a difference.
pub(super) const DIFFERENCES: [&str; 5] = ["darker", "lighter", "vivid", "duller", "plain"];

/// The clauses of the pieces of a sentence, in its order, no thing twice.
pub(super) fn join(sentence: &str, parts: &[Part], pieces: Vec<Piece>) -> Vec<Clause> {
    let mut readings = reading::all(parts, &pieces);
    first_colours_win(&mut readings);
    share(&mut readings);
    settle(&mut readings);
    let mut clauses: Vec<Clause> = Vec::new();
    for reading in &readings {
        let Some(wish) = reading.wish.filter(|_| reading.lives()) else {
            continue;
        };
        let thing = reading.thing(parts);
        let typed = reading.thing.map(|at| &sentence[parts[at].range.clone()]);
        match clauses.iter_mut().find(|clause| clause.thing == thing) {
            Some(clause) => clause.change = further(clause.change, wish.change),
            None => clauses.push(Clause {
                thing,
                typed: typed.unwrap_or_default().to_owned(),
                tokens: tokens(parts, reading, wish),
                change: wish.change,
                plain: wish.plain,
                fabric: None,
            }),
        }
    }
    clauses
}

/// "white and blue petals": the first colour is the petals', the others are dropped.
fn first_colours_win(readings: &mut [Reading]) {
    let mut target = None;
    for i in (0..readings.len()).rev() {
        let reading = &readings[i];
        let nameless = reading.thing.is_none() && !reading.pronoun && !reading.keep;
        let loose = nameless && reading.wish.is_some() && reading.ends_with_wish;
        match target.filter(|_| loose) {
            Some(target) => {
                let wish = readings[i].wish.take();
                let whole: &mut Reading = &mut readings[target];
                whole.wish = wish.map(|wish| Wish {
                    plain: wish.plain || whole.wish.is_some_and(|wish| wish.plain),
                    ..wish
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
        let before = readings[..i].iter().rposition(|other| !other.is_empty());
        let previous = before.map(|before| &mut readings[before]);
        // "make the skirt red and a bit darker"
        if let Some(other) = previous
            && let (Some(first), Change::Relative { .. }) = (other.wish, wish.change)
            && other.lives()
        {
            let change = further(first.change, wish.change);
            let plain = first.plain || wish.plain;
            other.wish = Some(Wish { change, plain });
            readings[i].wish = None;
            continue;
        }
        let waits = |other: &Reading| {
            let thing = other.thing.is_some() && other.wish.is_none();
            thing && !other.keep && !other.unknown_behind
        };
        let nearest = (0..readings.len())
            .filter(|other| waits(&readings[*other]))
            .min_by_key(|other| other.abs_diff(i));
        let others = readings.iter().enumerate().any(|(other, reading)| {
            let told = reading.wish.is_some() && !reading.keep;
            let named = reading.thing.is_some() || reading.pronoun;
            (told && other != i && (named || other < i)) || (reading.lost && other < i)
        });
        if let Some(nearest) = nearest {
            readings[nearest].wish = Some(wish);
            readings[nearest].shared = true;
            readings[i].wish = None;
        } else if others && !readings[i].pronoun {
            readings[i].wish = None;
        }
    }
}

/// A change after another: the first colour wins; of differences in one direction the larger does
/// ("too dark, make it lighter"), others add up.
fn further(first: Change, then: Change) -> Change {
    let Change::Relative { lightness, chroma } = then else {
        return first;
    };
    match first {
        Change::Colour(rgb) => {
            let [shade, strength] = [
                if lightness < 0.0 {
                    Shift::Dark
                } else {
                    Shift::Light
                },
                if chroma < 0.0 {
                    Shift::Muted
                } else {
                    Shift::Vivid
                },
            ];
            let rgb = shifted(rgb, shade, lightness.abs());
            Change::Colour(shifted(rgb, strength, chroma.abs()))
        }
        Change::Relative {
            lightness: l,
            chroma: c,
        } => Change::Relative {
            lightness: larger(l, lightness),
            chroma: larger(c, chroma),
        },
    }
}

fn larger(a: f32, b: f32) -> f32 {
    match a * b > 0.0 {
        true if a > 0.0 => a.max(b),
        true => a.min(b),
        false => a + b,
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
        Change::Colour(_) => COLOUR,
        Change::Relative { lightness, .. } if lightness < 0.0 => darker,
        Change::Relative { chroma, .. } if chroma >= 1.0 => vivid,
        Change::Relative { lightness, .. } if lightness > 0.0 => lighter,
        Change::Relative { chroma, .. } if chroma > 0.0 => vivid,
        Change::Relative { chroma, .. } if chroma < 0.0 => duller,
        Change::Relative { .. } => plain,
    }
}
