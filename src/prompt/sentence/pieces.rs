//! Parts to pieces: a sentence is cut where something new begins, so that a piece has at most one
//! thing and one wish.

use super::lexicon::Role;
use super::part::{Kind, Part};
use crate::prompt::words::{Gap, lists};
use std::ops::Range;

/// How a piece hangs together with the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    /// As an equal: "and", a comma.
    And,
    /// By "with", "but", a verb of its own, or not at all.
    Other,
}

/// Parts that belong together.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Piece {
    /// The numbers of its parts.
    pub parts: Range<usize>,
    pub link: Link,
}

/// Things that stand before another to say which.
const COMPOUND: &str = "suit|dress|jeans|flower|bra|swimwear|shirt";

/// How far the next thing is looked for.
const AHEAD: usize = 12;

/// Cuts a sentence.
pub(super) fn cut(parts: &[Part]) -> Vec<Piece> {
    let mut cutter = Cutter {
        parts,
        pieces: Vec::new(),
        link: Link::Other,
        seen: Seen::at(0),
    };
    for at in 0..parts.len() {
        cutter.take(at);
    }
    cutter.cut(parts.len(), parts.len(), Link::Other);
    cutter.pieces
}

/// What the piece that is being read has so far, as numbers of parts.
struct Seen {
    start: usize,
    thing: Option<usize>,
    wish: Option<usize>,
    pivot: Option<usize>,
    pronoun: bool,
    replace: bool,
    keep: bool,
}

impl Seen {
    fn at(start: usize) -> Self {
        Self {
            start,
            thing: None,
            wish: None,
            pivot: None,
            pronoun: false,
            replace: false,
            keep: false,
        }
    }

    fn anything(&self) -> bool {
        self.thing.is_some() || self.wish.is_some() || self.pronoun || self.keep
    }

    /// Whether its thing and its wish are there.
    fn complete(&self) -> bool {
        self.wish.is_some() && (self.thing.is_some() || self.pronoun)
    }

    /// Whether its thing is there, and a wish behind it.
    fn told(&self) -> bool {
        self.thing.is_some() && self.wish > self.thing
    }
}

struct Cutter<'a> {
    parts: &'a [Part],
    pieces: Vec<Piece>,
    link: Link,
    seen: Seen,
}

impl Cutter<'_> {
    /// Ends the piece before part `end`; the next one begins at `start` and is linked so.
    fn cut(&mut self, end: usize, start: usize, link: Link) {
        if self.seen.start < end {
            let parts = self.seen.start..end;
            let link = self.link;
            self.pieces.push(Piece { parts, link });
        }
        self.link = link;
        self.seen = Seen::at(start);
    }

    /// Reads the next part.
    fn take(&mut self, at: usize) {
        let part = &self.parts[at];
        if at > self.seen.start {
            match part.gap {
                Gap::Comma | Gap::Slash => self.cut(at, at, Link::And),
                Gap::Stop => self.cut(at, at, Link::Other),
                Gap::None | Gap::Space => {}
            }
        }
        match part.kind {
            Kind::Role(role) => self.role(at, role),
            Kind::Thing(_) => self.thing(at),
            Kind::Colour(_) | Kind::Cloth(_) | Kind::Length(_) | Kind::Relative { .. } => {
                self.wish(at)
            }
            Kind::Was(_) | Kind::Quality(_) | Kind::Measure | Kind::Unknown => {}
        }
    }

    fn role(&mut self, at: usize, role: Role) {
        let seen = &self.seen;
        match role {
            Role::And => self.cut(at, at + 1, Link::And),
            Role::With if seen.replace && seen.anything() => self.seen.pivot = Some(at),
            Role::But if seen.pronoun && self.excepts(at) => {
                self.cut(at, at, Link::Other);
                self.seen.keep = true;
            }
            Role::Break | Role::But | Role::With => self.cut(at, at + 1, Link::Other),
            Role::In if seen.anything() && self.thing_follows(at) => {
                self.cut(at, at + 1, Link::Other)
            }
            Role::Verb | Role::Replace => {
                if seen.anything() {
                    self.cut(at, at, Link::Other);
                }
                self.seen.replace |= role == Role::Replace;
            }
            Role::Keep => {
                if seen.anything() {
                    self.cut(at, at, Link::Other);
                }
                self.seen.keep = true;
            }
            Role::It => {
                if seen.thing.is_some() {
                    self.cut(at, at, Link::Other);
                }
                self.seen.pronoun = true;
            }
            Role::The | Role::A => {
                let open = matches!(
                    self.parts[at.saturating_sub(1)].kind,
                    Kind::Role(Role::Pivot | Role::Of | Role::Belongs | Role::Not | Role::With)
                );
                let new = seen.complete() || seen.thing.is_some();
                if new && !open && self.thing_follows(at) {
                    self.cut(at, at, Link::And);
                }
            }
            Role::Pivot => self.seen.pivot = Some(at),
            _ => {}
        }
    }

    fn thing(&mut self, at: usize) {
        if let Some(last) = self.seen.thing {
            let pivot = self.seen.pivot > Some(last);
            let followed = matches!(self.next(at), Some(Next::Wish | Next::Pivot));
            let from = self.phrase_start(at);
            match self.seen.wish.filter(|_| self.seen.told()) {
                // "turn the white dress into a black dress"
                Some(_) if pivot && !followed => {}
                // "skirt red coat navy"
                Some(wish) if followed => {
                    let start = from.max(wish + 1);
                    self.cut(start, start, Link::And);
                }
                // "flower red petals"
                Some(wish) => self.cut(wish, wish, Link::And),
                None if pivot || self.belongs(last, at) => {}
                None => self.cut(from.max(last + 1), from.max(last + 1), Link::And),
            }
        }
        self.seen.thing = Some(at);
        // What was cut off before it may have a wish for it.
        let wish = (self.seen.start..at).rfind(|i| self.parts[*i].kind.is_change());
        self.seen.wish = self.seen.wish.or(wish);
    }

    fn wish(&mut self, at: usize) {
        let seen = &self.seen;
        let fresh = seen.pivot <= seen.thing.or(Some(0)) || seen.told();
        // "red skirt blue coat", "skirt red blue coat"
        if seen.complete() && fresh && self.next(at) == Some(Next::Thing) {
            self.cut(at, at, Link::And);
        }
        self.seen.wish = Some(at);
    }

    /// Whether a thing follows that "everything but" leaves out: "everything red but the shoes", not
    /// "it red but the shoes blue".
    fn excepts(&self, at: usize) -> bool {
        let told = |thing| matches!(self.next(thing), Some(Next::Wish | Next::Pivot));
        let follows = self.next(at) == Some(Next::Thing);
        follows && !(self.seen.wish.is_some() && told(self.skip(at)))
    }

    /// Where the words begin that lead to a thing: "the", "a", adjectives that nobody knows.
    fn phrase_start(&self, thing: usize) -> usize {
        let leads = |i: &usize| {
            let kind = self.parts[*i].kind;
            let role = matches!(
                kind,
                Kind::Role(Role::The | Role::A | Role::Word | Role::Degree(_))
            );
            role || kind == Kind::Unknown
        };
        let before = (self.seen.start..thing).rev().take_while(leads);
        before.last().unwrap_or(thing)
    }

    /// Whether two things are one: "the petals of the flower", "suit jacket", 花的花瓣.
    fn belongs(&self, first: usize, second: usize) -> bool {
        let between = &self.parts[first + 1..second];
        let joins = |role| move |part: &Part| part.kind == Kind::Role(role);
        if between.iter().any(joins(Role::Of)) || between.iter().any(joins(Role::Belongs)) {
            return true;
        }
        // "suit jacket", "flower petals", 花花瓣; "hat scarf and gloves" is a list.
        let Kind::Thing(thing) = self.parts[first].kind else {
            return false;
        };
        let space = self.parts[second].gap == Gap::Space && lists(COMPOUND, thing.name);
        between.is_empty() && (space || thing.name == "flower")
    }

    fn thing_follows(&self, at: usize) -> bool {
        let mut wishes = at;
        while let Some(Next::Wish) = self.next(wishes) {
            wishes = self.skip(wishes);
        }
        self.next(wishes) == Some(Next::Thing)
    }

    /// The number of the next part that is not mere filling.
    fn skip(&self, at: usize) -> usize {
        let rest = self.parts.iter().enumerate().skip(at + 1);
        let mut rest = rest.skip_while(|(_, part)| filling(part));
        rest.next().map_or(self.parts.len(), |(i, _)| i)
    }

    /// What comes next in the same breath.
    fn next(&self, at: usize) -> Option<Next> {
        let rest = self.parts.iter().skip(at + 1).take(AHEAD);
        for part in rest {
            if !matches!(part.gap, Gap::None | Gap::Space) {
                return None;
            }
            match part.kind {
                Kind::Thing(_) => return Some(Next::Thing),
                Kind::Role(Role::Pivot) => return Some(Next::Pivot),
                kind if kind.is_change() => return Some(Next::Wish),
                _ if filling(part) => {}
                _ => return None,
            }
        }
        None
    }
}

/// What may stand between a thing and its wish.
fn filling(part: &Part) -> bool {
    matches!(
        part.kind,
        Kind::Unknown
            | Kind::Was(_)
            | Kind::Role(
                Role::The | Role::A | Role::Word | Role::Degree(_) | Role::Plain | Role::Belongs
            )
    )
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Thing,
    Wish,
    Pivot,
}
