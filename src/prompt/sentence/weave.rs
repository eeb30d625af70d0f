//! Words about cloth to one part: "navy and white striped", "thin red stripes on cream", 白底蓝条纹. It is
//! a wish as a colour is one, so that all that reads colours reads cloth.

mod around;
mod meaning;
mod words;

use super::cloth::Cloth;
use super::lexicon::Role;
use super::part::{Kind, Part};
use crate::prompt::words::Gap;

/// Joins equals.
const AND: &str = "and|n|plus|和|与|跟";

/// How far words are looked for that belong to a cloth.
const AHEAD: usize = 12;

/// The parts of a sentence with its cloths made one part each, and the parts as they were typed, with what
/// belongs to a cloth told.
pub(super) fn weave(sentence: &str, parts: Vec<Part>) -> (Vec<Part>, Vec<Part>) {
    let mut weaver = Weaver {
        sentence,
        typed: parts.clone(),
        parts,
        out: Vec::new(),
    };
    weaver.printed();
    let mut at = 0;
    while at < weaver.parts.len() {
        at = match weaver.parts[at].kind {
            Kind::Cloth(cloth) => weaver.cloth(at, cloth),
            _ => weaver.further(at),
        };
    }
    // 底 of no cloth says nothing.
    for at in weaver.out.iter().copied() {
        if weaver.parts[at].kind == Kind::Role(Role::Base) {
            weaver.parts[at].kind = Kind::Unknown;
            weaver.typed[at].kind = Kind::Unknown;
        }
    }
    let woven = weaver.out.iter().map(|at| weaver.parts[*at].clone());
    (woven.collect(), weaver.typed)
}

struct Weaver<'a> {
    sentence: &'a str,
    /// As they were typed.
    typed: Vec<Part>,
    parts: Vec<Part>,
    /// The numbers of the parts that remain, in their new order.
    out: Vec<usize>,
}

/// Colours in a row: "red", "navy and white", "pink on black".
struct Colours {
    end: usize,
    named: Vec<[u8; 3]>,
    ground: Option<[u8; 3]>,
}

/// Gives a cloth colours.
fn say(colours: Colours, cloth: &mut Cloth) {
    colours.named.into_iter().for_each(|rgb| cloth.name(rgb));
    cloth.ground = cloth.ground.or(colours.ground);
}

impl Weaver<'_> {
    /// A cloth with the words around it; returns where to go on.
    fn cloth(&mut self, at: usize, mut cloth: Cloth) -> usize {
        let figure = cloth.noun;
        let text = self.text(at);
        let han = !text.is_ascii();
        cloth.noun &= !self.names_thing(at + 1);
        if figure && (cloth.noun || han && !self.is_thing(at + 1)) && self.taken_away(at) {
            return at + 1 + usize::from(self.is_less(at + 1));
        }
        let last = self.out.last().map(|last| self.parts[*last].kind);
        let behind_thing = self.near(at) && matches!(last, Some(Kind::Thing(_)));
        self.before(at, figure, &mut cloth);
        // "with a white stripe", but "dark grey pinstripe" as "pinstriped"
        let led = self
            .out
            .iter()
            .rev()
            .find(|i| self.parts[**i].kind != Kind::Role(Role::A));
        let with = led.is_some_and(|led| self.parts[*led].kind == Kind::Role(Role::With));
        cloth.noun &= han || text.ends_with('s') || with;
        let subject = cloth.noun && self.is_subject();
        let mut end = self.measures(at + 1, &mut cloth);
        if (han || !figure) && !behind_thing {
            end = self.attribute(end, &mut cloth);
        }
        let mut leading = Vec::new();
        let mut moved = None;
        // "on a red dress", "in white on a red dress"
        for _ in 0..2 {
            let after;
            (after, leading) = self.on(end, with, &mut cloth);
            let thing = self.skip(after, |role| role == Role::Word);
            moved = (after > end && self.is_thing(thing)).then_some(thing);
            end = after;
            if moved.is_some() && !subject {
                break;
            }
            let mut then = cloth.bare();
            end = self.predicate(moved.map_or(end, |thing| thing + 1), subject, &mut then);
            // "make the white stripes red"
            if then.colour().is_some() && subject {
                cloth.named = [None; 3];
            }
            cloth = cloth.and(then);
            end = self.measures(end, &mut cloth);
            if moved.is_some() {
                break;
            }
        }
        if !cloth.noun && cloth.colour().is_none() && self.is_role(end, Role::And, AND) {
            end = self.equal(end, &mut cloth);
        }
        self.parts[at].kind = Kind::Cloth(cloth);
        // The pause before the cloth is now before what leads to it.
        if let Some(first) = leading.first().copied() {
            self.parts[first].gap = std::mem::replace(&mut self.parts[at].gap, Gap::Space);
        }
        self.out.extend(leading);
        self.out.push(at);
        if subject {
            self.out.extend(moved);
        }
        end
    }

    /// "striped red shirt": the colours between a cloth and its thing. Returns where to go on.
    fn attribute(&self, from: usize, cloth: &mut Cloth) -> usize {
        let start = self.skip(from, |role| role == Role::Belongs);
        let colours = self.colours(start);
        let Some(colours) = colours.filter(|colours| self.names_thing(colours.end)) else {
            return from;
        };
        let end = colours.end;
        match colours.named[..] {
            [only] if cloth.ground.is_none() => cloth.ground = Some(only),
            _ => say(colours, cloth),
        }
        end
    }

    /// "striped and red": its ground. Returns where to go on.
    fn equal(&self, and: usize, cloth: &mut Cloth) -> usize {
        match self.colours(and + 1) {
            Some(colours)
                if colours.named.len() == 1 && self.near(and + 1) && self.ends(colours.end) =>
            {
                cloth.ground = Some(colours.named[0]);
                colours.end
            }
            _ => and,
        }
    }

    /// Words that go on about a cloth named before: "a striped shirt, navy and white", ", wide".
    fn further(&mut self, at: usize) -> usize {
        let named = |i: &usize| matches!(self.parts[*i].kind, Kind::Cloth(_));
        if self.out.iter().any(named) {
            let mut cloth = Cloth::default();
            let mut end = at;
            if let Some(colours) = self.colours(at) {
                let several = colours.named.len() > 1 || colours.ground.is_some();
                if several && self.ends(colours.end) {
                    end = colours.end;
                    say(colours, &mut cloth);
                }
            } else if self.parts[at].gap == Gap::Comma {
                let measured = self.measures(at, &mut cloth);
                let over = self
                    .parts
                    .get(measured)
                    .is_none_or(|next| !self.near(measured) || next.kind == Kind::Role(Role::And));
                if over && measured > at {
                    end = measured;
                }
            }
            if end > at {
                self.parts[at].kind = Kind::Cloth(cloth);
                self.out.push(at);
                return end;
            }
        }
        self.out.push(at);
        at + 1
    }

    /// Whether the cloth that comes is what a sentence is about: "make the stripes red".
    fn is_subject(&self) -> bool {
        self.out.last().is_none_or(|last| {
            matches!(
                self.parts[*last].kind,
                Kind::Role(Role::The | Role::Verb | Role::Replace | Role::Belongs)
            )
        })
    }
}
