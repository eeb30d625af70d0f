//! What a sentence asks for: clauses, each with the thing that it names and the change to it.
//!
//! ```text
//! text ──► words ──► parts (longest match in the tables: a thing, a colour, a cloth, a change, "and" ...)
//!      ──► cloths (with the colours, the size and the direction said of them: one part each)
//!      ──► pieces (cut at pauses, verbs, "and"; each has at most one thing and one wish)
//!      ──► clauses (what a piece lacks, a neighbour has)
//! ```
//! Nothing is learnt here and nothing is guessed at: words in no table are told as unknown.

mod clauses;
mod cloth;
mod fabrics;
mod lengths;
mod lexicon;
mod part;
mod parts;
mod pieces;
mod reword;
#[cfg(test)]
mod tests;
mod weave;

pub use fabrics::names;
pub use lengths::Cover;
pub use reword::reword;

use super::words::split;
use super::{PromptError, Thing};
use crate::fabric::Fabric;
use part::{Kind, Part};
use std::ops::Range;

/// The token that stands for a colour phrase: its embedding comes from its colour.
pub const COLOUR: &str = "<colour>";

/// A sentence as it was understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Sentence {
    /// What it asks for, in the order of the sentence; at least one, and no thing twice but for what it covers.
    pub clauses: Vec<Clause>,
    /// Words in none of the tables, each once, as they were typed.
    pub unknown: Vec<String>,
    /// The parts of the typed text that mean something here, in its order.
    pub marks: Vec<Mark>,
}

/// A part of the typed text with what it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// Where it was typed, in bytes.
    pub range: Range<usize>,
    /// What it is.
    pub role: Role,
}

/// What a part of a sentence is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Role {
    /// It names a thing.
    Thing,
    /// It names a colour, given as sRGB.
    Colour([u8; 3]),
    /// It names a cloth ("striped"), or its size or direction.
    Fabric,
    /// It says how far a garment reaches ("long sleeves").
    Length,
    /// It asks for a difference ("darker", "plain").
    Change,
    /// It is in none of the tables.
    Unknown,
}

/// One thing and the change to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Clause {
    /// The thing that it names; `None` for what the photo is about.
    pub thing: Option<&'static Thing>,
    /// That thing as it was typed, for messages; empty where none was.
    pub typed: String,
    /// What the text encoder reads, from [`tokens`]: a thing by its canonical name, a colour phrase
    /// or a cloth as [`COLOUR`], a difference as "darker", "lighter", "vivid", "duller", other words as the
    /// nearest of a few ("paint" is "change", 把 too); what is none of these is left out.
    pub tokens: Vec<&'static str>,
    /// What becomes of it.
    pub change: Change,
    /// Whether prints are taken out ("plain red").
    pub plain: bool,
    /// The cloth that it becomes, if it names one; its ground is then the change's colour, too.
    pub fabric: Option<Fabric>,
    /// The skin that the thing is to cover with what it is to become, and nothing else; `typed` then tells that skin,
    /// or is [`PromptError::Shorter`]'s key.
    pub cover: Option<Cover>,
}

impl Clause {
    /// One that names a thing and changes nothing.
    pub fn naming(thing: &'static Thing) -> Self {
        Self {
            thing: Some(thing),
            typed: String::new(),
            tokens: vec![thing.name],
            change: Change::Relative {
                lightness: 0.0,
                chroma: 0.0,
            },
            plain: false,
            fabric: None,
            cover: None,
        }
    }
}

/// What becomes of a thing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Change {
    /// It gets this colour, as sRGB.
    Colour([u8; 3]),
    /// It keeps its colour and differs by steps: -1 is "darker", -2 "much darker", -0.5 "a bit
    /// darker"; chroma 1 is "more vivid", -1 "duller". Both 0 for a clause that only asks for
    /// plain cloth, or for a fabric whose ground it does not say.
    Relative {
        /// Steps of lightness.
        lightness: f32,
        /// Steps of chroma.
        chroma: f32,
    },
}

/// Reads a visitor's sentence.
///
/// # Errors
/// When it has no word, none that is known, asks for no change, or asks for it only of what nobody
/// knows or of what is to stay.
pub fn read(sentence: &str) -> Result<Sentence, PromptError> {
    let mut words = split(sentence);
    // What is longer was pasted by mistake; reading it must not take long.
    words.truncate(1000);
    if words.is_empty() {
        return Err(PromptError::Empty);
    }
    let (parts, typed) = weave::weave(sentence, parts::parts(&words, true));
    let unknown = unknown(sentence, &typed);
    if typed.iter().all(|part| part.kind == Kind::Unknown) {
        return Err(PromptError::NoKnownWord(unknown));
    }
    let pieces = pieces::cut(&parts);
    let clauses = clauses::join(sentence, &parts, pieces);
    if !clauses.is_empty()
        && clauses
            .iter()
            .all(|clause| clause.cover == Some(Cover::Less))
    {
        return Err(PromptError::Shorter);
    }
    if clauses.is_empty() {
        let wish = parts.iter().any(|part| part.kind.is_wish());
        let kept = parts.iter().any(|part| part.kind.keeps());
        return Err(match (wish, unknown.is_empty()) {
            _ if kept => PromptError::Kept,
            (true, false) => PromptError::UnknownThing(unknown),
            _ => PromptError::NoChange(unknown),
        });
    }
    Ok(Sentence {
        clauses,
        unknown,
        marks: typed.iter().filter_map(mark).collect(),
    })
}

/// The parts of a text that mean something here, in its order, whether it asks for a change or not.
pub fn marks(sentence: &str) -> Vec<Mark> {
    marked(sentence, true)
}

/// Whether two sentences name things, and nothing of the one is or is a kind of something of the other: they can be said one
/// after the other, and both hold.
pub fn apart(one: &str, other: &str) -> bool {
    let things = |sentence: &str| -> Vec<&'static Thing> {
        let clauses = read(sentence).map_or_else(|_| Vec::new(), |read| read.clauses);
        clauses.iter().filter_map(|clause| clause.thing).collect()
    };
    let (ours, theirs) = (things(one), things(other));
    let meets = |a: &&Thing| theirs.iter().any(|b| a.is_within(b) || b.is_within(a));
    !ours.is_empty() && !theirs.is_empty() && !ours.iter().any(meets)
}

/// The same as if nothing were known of lengths: words for them say form.
pub(super) fn marks_but_lengths(sentence: &str) -> Vec<Mark> {
    marked(sentence, false)
}

fn marked(sentence: &str, lengths: bool) -> Vec<Mark> {
    let mut words = split(sentence);
    words.truncate(1000);
    let (_, typed) = weave::weave(sentence, parts::parts(&words, lengths));
    typed.iter().filter_map(mark).collect()
}

/// Every token that a clause can have, once: the vocabulary of a text encoder for clauses.
pub fn tokens() -> Vec<&'static str> {
    let things = super::THINGS.iter().map(|thing| thing.name);
    let mut tokens = vec![COLOUR];
    for token in clauses::DIFFERENCES.into_iter().chain(lexicon::tokens()) {
        if !tokens.contains(&token) {
            tokens.push(token);
        }
    }
    tokens.extend(things);
    tokens
}

/// The unknown words, each once, as they were typed.
fn unknown(sentence: &str, parts: &[Part]) -> Vec<String> {
    let mut unknown: Vec<String> = Vec::new();
    for part in parts.iter().filter(|part| part.kind == Kind::Unknown) {
        let typed = &sentence[part.range.clone()];
        // A very long nonsense has its first thousand words told.
        if unknown.len() < 1000 && !unknown.iter().any(|word| word == typed) {
            unknown.push(typed.to_owned());
        }
    }
    unknown
}

fn mark(part: &Part) -> Option<Mark> {
    let role = match part.kind {
        Kind::Thing(_) => Role::Thing,
        Kind::Colour(rgb) | Kind::Was(rgb) => Role::Colour(rgb),
        Kind::Cloth(_) | Kind::Measure => Role::Fabric,
        Kind::Length(_) => Role::Length,
        kind if kind.is_wish() => Role::Change,
        Kind::Unknown => Role::Unknown,
        _ => return None,
    };
    let range = part.range.clone();
    Some(Mark { range, role })
}
