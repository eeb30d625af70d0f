//! What a piece says by itself.

use super::wish::{Wish, further};
use crate::prompt::sentence::Change;
use crate::prompt::sentence::cloth::Cloth;
use crate::prompt::sentence::lexicon::Role;
use crate::prompt::sentence::part::{Kind, Length, Part};
use crate::prompt::sentence::pieces::{Link, Piece};
use crate::prompt::things::Thing;
use std::ops::Range;

/// A piece as it was understood. Numbers are those of parts.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    pub parts: Range<usize>,
    pub link: Link,
    /// The thing that it is about.
    pub thing: Option<usize>,
    pub wish: Option<Wish>,
    /// The part that says the wish.
    pub wish_at: Option<usize>,
    /// "it" is in it.
    pub pronoun: bool,
    /// Its thing is to stay.
    pub keep: bool,
    /// It tells a wish of something that nobody knows.
    pub lost: bool,
    /// The wish is behind the thing.
    pub predicate: bool,
    /// It begins with a verb.
    pub ordered: bool,
    /// Its wish may be what its thing was: "make the red skirt and the coat blue".
    pub source: bool,
    pub begins_with_wish: bool,
    pub ends_with_wish: bool,
    /// Behind its thing is a word that may have been its colour.
    pub unknown_behind: bool,
    /// Its wish is another piece's, too.
    pub shared: bool,
    /// Its wish went to another piece.
    pub used: bool,
}

impl Reading {
    /// Whether it says nothing at all.
    pub fn is_empty(&self) -> bool {
        let said = self.wish.is_some() || self.pronoun || self.keep || self.lost || self.used;
        self.thing.is_none() && !said
    }

    /// Whether it has a wish and no thing.
    pub fn only_wish(&self) -> bool {
        self.thing.is_none() && self.wish.is_some() && self.lives()
    }

    /// Whether a clause may come of it.
    pub fn lives(&self) -> bool {
        !self.keep && !self.lost
    }

    /// The thing that it is about.
    pub fn thing(&self, parts: &[Part]) -> Option<&'static Thing> {
        match parts[self.thing?].kind {
            Kind::Thing(thing) => Some(thing),
            _ => None,
        }
    }

    /// What the text encoder reads for a part other than the wish.
    pub fn token(&self, parts: &[Part], at: usize) -> &'static str {
        match parts[at].kind {
            Kind::Thing(thing) if self.thing == Some(at) => thing.name,
            // "the centre of the flower": the flower is gone, and its "the" with it.
            Kind::Role(Role::The | Role::A) => {
                let mut behind = at + 1..self.parts.end;
                let next = behind.find(|i| matches!(parts[*i].kind, Kind::Thing(_)));
                match next == self.thing || next.is_none() {
                    true => parts[at].token,
                    false => "",
                }
            }
            Kind::Role(_) => parts[at].token,
            _ => "",
        }
    }
}

/// The readings of all pieces.
pub(super) fn all(parts: &[Part], pieces: &[Piece]) -> Vec<Reading> {
    let mut readings: Vec<Reading> = Vec::new();
    for piece in pieces {
        let mut reading = read(parts, piece);
        if let Some(last) = readings.last_mut() {
            // "make everything except the shoes red"
            let waits = last.wish.is_none() && (last.pronoun || last.thing.is_some());
            if reading.keep && reading.predicate && waits && !last.keep {
                last.wish = reading.wish.take();
            }
            // "the shoes, unchanged"
            let bare = reading.keep && reading.thing.is_none() && reading.wish.is_none();
            let kept = |at: usize| parts[at].kind == Kind::Role(Role::Kept);
            if bare && last.wish.is_none() && piece.parts.clone().any(kept) {
                last.keep = true;
            }
        }
        readings.push(reading);
    }
    readings
}

/// What one piece says.
fn read(parts: &[Part], piece: &Piece) -> Reading {
    let range = piece.parts.clone();
    let find = |role: Role| {
        let mut range = range.clone();
        range.find(|at| parts[*at].kind == Kind::Role(role))
    };
    let thing = thing(parts, &range);
    let no = find(Role::Not);
    let not = no.or(find(Role::Less));
    let pivot = pivot(parts, &range);
    let zone = Zone {
        parts,
        range: &range,
        thing,
        not,
        pivot,
    };
    let plain = find(Role::Plain).filter(|at| not.is_none_or(|not| *at < not));
    let (wish_at, wish) = match zone.cloth() {
        Some((at, wish)) => (Some(at), Some(wish)),
        None => {
            let at = zone.wish();
            let wish = at.map(|at| said_by(parts, &range, at));
            (at, wish.or(plain.map(|_| Wish::reaching(None))))
        }
    };
    let wish = wish.map(|wish| Wish {
        plain: plain.is_some(),
        length: zone.length(),
        ..wish
    });
    let said = |at: &usize| {
        let role = parts[*at].kind;
        !matches!(
            role,
            Kind::Role(Role::Word | Role::Degree(_) | Role::Plain | Role::Belongs)
        )
    };
    let is_wish = |at: Option<usize>| at.is_some_and(|at| parts[at].kind.is_change());
    let ordered = find(Role::Verb).or(find(Role::Replace));
    let ordered = ordered.filter(|at| thing.or(wish_at).is_some_and(|first| *at < first));
    let definite = [Role::The, Role::Replace].map(find);
    let definite = definite.into_iter().flatten().any(|at| Some(at) < thing);
    let predicate = thing.is_some() && wish_at > thing;
    // "not" before a thing is about it; behind it, about its colour.
    let keeps = [Role::Keep, Role::Kept, Role::But];
    let keep = keeps.into_iter().any(|role| find(role).is_some())
        || no.is_some_and(|no| thing.is_none_or(|thing| no < thing));
    let pronoun = find(Role::It).is_some();
    let unknown = |at: &usize| parts[*at].kind == Kind::Unknown;
    Reading {
        link: piece.link,
        pronoun,
        keep,
        lost: thing.is_none() && !pronoun && lost(parts, &range),
        predicate,
        ordered: ordered.is_some(),
        source: ordered.is_some() && definite && wish_at.is_some() && !predicate,
        begins_with_wish: is_wish(range.clone().find(said)),
        ends_with_wish: is_wish(range.clone().rfind(said)),
        unknown_behind: thing.is_some_and(|thing| (thing..range.end).any(|at| unknown(&at))),
        shared: false,
        used: false,
        parts: range,
        thing,
        wish,
        wish_at,
    }
}

/// The thing that a piece is about.
fn thing(parts: &[Part], range: &Range<usize>) -> Option<usize> {
    let things = |at: &usize| matches!(parts[*at].kind, Kind::Thing(_));
    let mut things = range.clone().filter(things);
    let mut head = things.next()?;
    for other in things {
        let between = &parts[head + 1..other];
        let has = |role| between.iter().any(|part| part.kind == Kind::Role(role));
        // "suit jacket", 花的花瓣; not "petals of the flower", "the dress to a skirt".
        if (between.is_empty() || has(Role::Belongs)) && !has(Role::Of) && !has(Role::Pivot) {
            head = other;
        }
    }
    Some(head)
}

/// The part behind which stands what a thing becomes: "to", or the "with" of "replace".
fn pivot(parts: &[Part], range: &Range<usize>) -> Option<usize> {
    let is = |at: usize, role| parts[at].kind == Kind::Role(role);
    let replaced = range.clone().find(|at| is(*at, Role::Replace));
    range.clone().rfind(|at| {
        let with = is(*at, Role::With) && replaced.is_some_and(|replaced| replaced < *at);
        with || is(*at, Role::Pivot)
    })
}

/// Where a piece says what it wishes.
struct Zone<'a> {
    parts: &'a [Part],
    range: &'a Range<usize>,
    thing: Option<usize>,
    not: Option<usize>,
    pivot: Option<usize>,
}

impl Zone<'_> {
    /// The parts that may say a wish.
    fn wishes(&self) -> impl DoubleEndedIterator<Item = usize> + Clone {
        let wishes = self
            .range
            .clone()
            .filter(|at| self.parts[*at].kind.is_change());
        wishes.filter(|at| self.not.is_none_or(|not| *at < not))
    }

    /// The part that says what a piece wishes.
    fn wish(&self) -> Option<usize> {
        let kind = |at: usize| self.parts[at].kind;
        let wishes = || {
            self.wishes()
                .filter(|at| !matches!(kind(*at), Kind::Cloth(_)) || !self.was(*at))
        };
        let colour = |at: &usize| matches!(kind(*at), Kind::Colour(_) | Kind::Cloth(_));
        let order = |at: &usize| matches!(kind(*at), Kind::Relative { order: true, .. });
        let behind = |at: Option<usize>| {
            let mut behind = wishes().filter(|wish| Some(*wish) > at);
            let length = |at: &usize| matches!(kind(*at), Kind::Length(_));
            let other = behind.clone().find(|at| !length(at));
            behind
                .clone()
                .find(colour)
                .or(other)
                .or_else(|| behind.next())
        };
        // What comes behind "to" or "is", then behind the thing, then orders, then colours before it.
        let last = self.pivot.and_then(|pivot| behind(Some(pivot)));
        last.or_else(|| behind(Some(self.thing?)))
            .or_else(|| wishes().find(order).filter(|_| self.thing.is_some()))
            .or_else(|| behind(None))
    }

    /// The length that a piece wishes.
    fn length(&self) -> Option<Length> {
        let mut wishes = self.wishes().filter(|at| !self.was(*at));
        wishes.find_map(|at| match self.parts[at].kind {
            Kind::Length(length) => Some(length),
            _ => None,
        })
    }

    /// The cloth that a piece wishes, with the part that names it.
    fn cloth(&self) -> Option<(usize, Wish)> {
        let mut named = None;
        let mut whole: Option<Cloth> = None;
        let mut change = Wish::NOTHING;
        for at in self.wishes().filter(|at| !self.was(*at)) {
            match (self.parts[at].kind, &mut whole) {
                (Kind::Cloth(cloth), _) => {
                    named = named.or(cloth.line.map(|_| at));
                    whole = Some(whole.map_or(cloth, |whole| whole.and(cloth)));
                }
                // "stripes down the sides of black trousers"
                (Kind::Colour(rgb), Some(cloth)) if cloth.noun && Some(at) < self.thing => {
                    cloth.ground = cloth.ground.or(Some(rgb));
                }
                // "a tartan skirt in green", but "a green skirt in tartan": its ground.
                (Kind::Colour(rgb), Some(cloth)) => cloth.name(rgb),
                (Kind::Colour(rgb), None) => {
                    whole = Some(Cloth {
                        ground: Some(rgb),
                        ..Cloth::default()
                    });
                }
                (Kind::Relative { order: true, .. }, _) => {
                    change = further(change, self::change(self.parts, self.range, at));
                }
                _ => {}
            }
        }
        let wish = Wish {
            change,
            cloth: whole,
            ..Wish::reaching(None)
        };
        Some((named?, wish))
    }

    /// Whether a part says what its thing was: "make the striped shirt red", "turn the stripes into dots".
    fn was(&self, at: usize) -> bool {
        let says = |from: usize| {
            let mut behind = from + 1..self.range.end;
            behind.any(|i| self.parts[i].kind.is_wish())
        };
        if self.pivot.is_some_and(|pivot| at < pivot && says(pivot)) {
            return true;
        }
        let Some(thing) = self.thing.filter(|thing| at < *thing) else {
            return false;
        };
        let definite = (self.range.start..at).any(|i| {
            let kind = self.parts[i].kind;
            matches!(kind, Kind::Role(Role::The | Role::Replace))
        });
        definite && says(thing)
    }
}

/// What one part wishes.
fn said_by(parts: &[Part], range: &Range<usize>, at: usize) -> Wish {
    let cloth = match parts[at].kind {
        Kind::Cloth(cloth) => Some(cloth),
        _ => None,
    };
    Wish {
        change: change(parts, range, at),
        cloth,
        ..Wish::reaching(None)
    }
}

/// The change that a part says, with the words for how much beside it.
fn change(parts: &[Part], range: &Range<usize>, at: usize) -> Change {
    let [lightness, chroma] = match parts[at].kind {
        Kind::Colour(rgb) => return Change::Colour(rgb),
        Kind::Relative { steps, .. } => steps,
        _ => [0.0; 2],
    };
    let degree = |at: usize| match parts[at].kind {
        Kind::Role(Role::Degree(hundredths)) => Some(f32::from(hundredths) / 100.0),
        _ => None,
    };
    let ends =
        |at: &usize| matches!(parts[*at].kind, Kind::Thing(_)) || parts[*at].kind.is_change();
    let before = (range.start..at).rev().take_while(|at| !ends(at));
    let times = before.clone().find_map(degree);
    let times = times.or_else(|| (at + 1..range.end).find_map(degree));
    let times = times.unwrap_or(1.0);
    Change::Relative {
        // Not -0.
        lightness: lightness * times + 0.0,
        chroma: chroma * times + 0.0,
    }
}

/// Whether a piece without a thing has an unknown word where a thing would be named: "the curtains
/// red", "red curtains", 把窗帘变成红色. "shiny red" has not.
fn lost(parts: &[Part], range: &Range<usize>) -> bool {
    range.clone().any(|at| {
        if parts[at].kind != Kind::Unknown {
            return false;
        }
        // "with a single white stripe"
        let of_figure =
            matches!(parts.get(at + 1), Some(Part { kind: Kind::Cloth(cloth), .. }) if cloth.noun);
        let named = at > range.start && {
            let before = parts[at - 1].kind;
            let adjective = match before {
                Kind::Relative { order, .. } => !order,
                Kind::Cloth(cloth) => !cloth.noun,
                _ => matches!(before, Kind::Colour(_)),
            };
            let points = matches!(
                before,
                Kind::Role(
                    Role::The | Role::A | Role::Verb | Role::Replace | Role::Of | Role::Belongs
                )
            );
            let article = of_figure && before == Kind::Role(Role::A);
            !article && (adjective || points)
        };
        let becomes = |at: usize| parts[at].kind == Kind::Role(Role::Pivot);
        named || (at + 1 < range.end && becomes(at + 1))
    })
}
