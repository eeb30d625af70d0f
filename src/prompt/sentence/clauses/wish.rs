//! What is asked of a thing, and wishes of the same thing together.

use crate::fabric::Fabric;
use crate::prompt::colours::{Shift, shifted};
use crate::prompt::sentence::Change;
use crate::prompt::sentence::cloth::Cloth;
use crate::prompt::sentence::part::Length;

/// What a piece asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Wish {
    /// The change; of a cloth, what else is asked than the cloth.
    pub change: Change,
    pub plain: bool,
    pub cloth: Option<Cloth>,
    /// How far it is to reach.
    pub length: Option<Length>,
}

impl Wish {
    /// No change.
    pub const NOTHING: Change = Change::Relative {
        lightness: 0.0,
        chroma: 0.0,
    };

    /// One of a length alone, or none.
    pub fn reaching(length: Option<Length>) -> Self {
        Self {
            change: Self::NOTHING,
            plain: false,
            cloth: None,
            length,
        }
    }

    /// Whether it asks for more than a length.
    pub fn changes(self) -> bool {
        self.change != Self::NOTHING || self.plain || self.cloth.is_some()
    }

    /// Two of which one asks for a length at most; `None` for others.
    fn with_length(self, other: Self) -> Option<Self> {
        let length = self.length.or(other.length);
        match (self.changes(), other.changes()) {
            (_, false) => Some(Self { length, ..self }),
            (false, true) => Some(Self { length, ..other }),
            (true, true) => None,
        }
    }

    /// Whether it names a cloth, and does not only go on about one.
    pub fn names_cloth(self) -> bool {
        self.cloth.is_some_and(|cloth| cloth.line.is_some())
    }

    /// With a wish of a later piece; `None` where that says something of its own.
    pub fn then(self, then: Self) -> Option<Self> {
        if let Some(both) = self.with_length(then).filter(|both| both.length.is_some()) {
            return Some(both);
        }
        let length = self.length.or(then.length);
        let plain = self.plain || then.plain;
        let (change, cloth) = match (self.cloth, then.cloth) {
            // "it has stripes, make it plain"
            (Some(_), None) if then.plain => return Some(Self { length, ..then }),
            (Some(first), Some(cloth)) => {
                (further(self.change, then.change), Some(first.and(cloth)))
            }
            (None, Some(cloth)) => {
                // Words that go on about a cloth follow one.
                cloth.line?;
                return Some(self.before(then));
            }
            (cloth, None) => match (cloth, then.change) {
                (Some(mut cloth), Change::Colour(rgb)) => {
                    cloth.name(rgb);
                    (self.change, Some(cloth))
                }
                (None, Change::Colour(_)) => return None,
                (cloth, change) => (further(self.change, change), cloth),
            },
        };
        Some(Self {
            change,
            plain,
            cloth,
            length,
        })
    }

    /// Before another of the same thing, whose colour it has: "a red, striped skirt".
    pub fn before(self, own: Self) -> Self {
        if let Some(both) = self.with_length(own).filter(|both| both.length.is_some()) {
            return both;
        }
        let plain = self.plain || own.plain;
        let ground = |change, mut cloth: Cloth| {
            if let Change::Colour(rgb) = change {
                cloth.ground = cloth.ground.or(Some(rgb));
            }
            Some(cloth)
        };
        let (cloth, change) = match (self.cloth, own.cloth) {
            (Some(first), Some(cloth)) => (Some(first.and(cloth)), own.change),
            (Some(cloth), None) => (ground(own.change, cloth), self.change),
            (None, Some(cloth)) => (ground(self.change, cloth), own.change),
            (None, None) => (None, self.change),
        };
        // "darker" stays a wish beside a cloth.
        let change = match self.change {
            Change::Relative { .. } if cloth.is_some() => further(change, self.change),
            _ => change,
        };
        Self {
            change,
            plain,
            cloth,
            length: self.length.or(own.length),
        }
    }

    /// The change and the fabric; `None` for words that go on about a cloth where there is none and name no
    /// colour.
    pub fn finish(self) -> Option<(Change, Option<Fabric>)> {
        let Some(cloth) = self.cloth else {
            return Some((self.change, None));
        };
        let Some(mut fabric) = cloth.finish() else {
            return Some((Change::Colour(cloth.colour()?), None));
        };
        let change = match fabric.colours[0] {
            Some(ground) => further(Change::Colour(ground), self.change),
            None => further(Self::NOTHING, self.change),
        };
        if let Change::Colour(ground) = change {
            fabric.colours[0] = Some(ground);
        }
        Some((change, Some(fabric)))
    }
}

/// A change after another: the first colour wins; of differences in one direction the larger does
/// ("too dark, make it lighter"), others add up.
pub(super) fn further(first: Change, then: Change) -> Change {
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
