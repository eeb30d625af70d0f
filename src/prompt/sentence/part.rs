//! What the parts of a sentence are.

use std::ops::Range;

use super::cloth::Cloth;
use super::lexicon::Role;
use crate::prompt::things::Thing;
use crate::prompt::words::Gap;

/// A part of a sentence.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub kind: Kind,
    /// Where it was typed, in bytes.
    pub range: Range<usize>,
    /// What stands before it.
    pub gap: Gap,
    /// What the text encoder reads for a [`Role`]; may be empty.
    pub token: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Thing(&'static Thing),
    /// As sRGB.
    Colour([u8; 3]),
    /// The colour that a thing has: "the red", before what it becomes.
    Was([u8; 3]),
    /// Steps of lightness and chroma; an order ("darker"), or a mere adjective ("dark").
    Relative {
        steps: [f32; 2],
        order: bool,
    },
    /// Steps of what "increase" and "reduce" are about.
    Quality([f32; 2]),
    Cloth(Cloth),
    /// How far a garment reaches.
    Length(Length),
    /// Size or direction of a cloth.
    Measure,
    Role(Role),
    Unknown,
}

impl Kind {
    /// Whether it says what becomes of a thing.
    pub fn is_wish(self) -> bool {
        self.is_change() || self == Kind::Role(Role::Plain)
    }

    /// Whether it is a colour, a cloth, a length or a difference.
    pub fn is_change(self) -> bool {
        matches!(
            self,
            Kind::Colour(_) | Kind::Cloth(_) | Kind::Length(_) | Kind::Relative { .. }
        )
    }

    /// Whether it says that something stays.
    pub fn keeps(self) -> bool {
        matches!(self, Kind::Role(Role::Keep | Role::Kept | Role::Not))
    }
}

/// What a word says of a length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    /// "sleeves", of which another word says how long they are.
    Sleeve,
    /// "long sleeves".
    LongSleeve,
    /// "longer", of what reaches down.
    Long,
    /// What takes cloth away: "shorter", "sleeveless".
    Short,
    /// Another garment: a skirt of trousers.
    Other,
}
