//! The skin that a garment covers when its sleeves or its legs are longer, and that of legs when trousers become shorts:
//! found from masks alone.
//!
//! Skin beside or below a top is arm: in its row the top is nearer to the middle, or the top is above it. What is left,
//! over the neckline and within it, is face, neck and chest. An arm is followed from its shoulder, and what comes
//! last is the hand. Skin below a hem that touches it is leg; a skirt hangs down straight in front of both.

mod cloth;
mod limbs;

use super::look::Look;
use crate::paint::{Becomes, Covering, Paint, is_plain};
use crate::prompt::Cover;
use crate::shrink::Size;
use cloth::Cloth;

/// What is marked from here on is inside.
const INSIDE: f32 = 0.5;

/// How sure it is that a place next to a limb is of it, and the one behind that.
const BEYOND: [f32; 2] = [0.75, 0.35];

/// What a garment covers that becomes longer, or bares as it becomes shorter; an empty mask where no skin is found, or a
/// print would have to go on below a hem.
pub fn covering(
    cover: Cover,
    garment: Vec<f32>,
    skin: Vec<f32>,
    paint: Paint,
    look: &Look,
) -> Covering {
    let plain = || is_plain(&look.planes, look.small, &garment);
    let refused = cover == Cover::Below && !skin.is_empty() && paint.fabric.is_none() && !plain();
    let mask = match refused {
        true => Vec::new(),
        false => masked(cover, &garment, &skin, look.small),
    };
    let (of, becomes) = match cover {
        Cover::Bare => (skin, Becomes::Bare),
        Cover::Below => (garment, Becomes::Hanging),
        _ => (garment, Becomes::Covered),
    };
    Covering {
        mask,
        of,
        paint,
        becomes,
    }
}

/// Takes what is bared from the masks of all else: red shorts are red down to their hem.
pub fn bare(masks: &mut [Vec<f32>], coverings: &[Covering]) {
    let bared = |covering: &&Covering| covering.becomes == Becomes::Bare;
    for covering in coverings.iter().filter(bared) {
        for mask in &mut *masks {
            let places = mask.iter_mut().zip(&covering.mask);
            places.for_each(|(mask, bare)| *mask *= 1.0 - bare);
        }
    }
}

/// The mask of what a garment is to cover, in [0, 1]; all 0 where there is no bare skin, or not surely.
fn masked(cover: Cover, garment: &[f32], skin: &[f32], size: Size) -> Vec<f32> {
    let bare: Vec<bool> = skin.iter().map(|skin| *skin > INSIDE).collect();
    let Some(cloth) = Cloth::of(garment, skin, size) else {
        return vec![0.0; skin.len()];
    };
    match cover {
        Cover::Arms => seamed(&limbs::arms(&cloth, &bare), &cloth, garment, skin),
        Cover::Legs => seamed(&limbs::legs(&cloth, &bare), &cloth, garment, skin),
        Cover::Below => limbs::below(&cloth, &bare),
        Cover::Bare => limbs::bared(&cloth, garment, &bare),
        Cover::Less => vec![0.0; skin.len()],
    }
}

/// The mask of limbs. It goes a little beyond them, into the garment too: there the photo's own edge says what is
/// skin, and no line of it is left. Where a hand or a neck begins it ends.
fn seamed(limbs: &[bool], cloth: &Cloth, garment: &[f32], skin: &[f32]) -> Vec<f32> {
    let near = |at: usize, reach, of: &[bool]| around(at, cloth.size, reach).any(|other| of[other]);
    let place = |at: usize| match limbs[at] {
        true => 1.0,
        false if skin[at] > INSIDE && !cloth.inside[at] => 0.0,
        false if near(at, 1, limbs) => BEYOND[0],
        false if near(at, 2, limbs) && near(at, 2, &cloth.inside) => {
            BEYOND[1].max(1.0 - garment[at])
        }
        false if near(at, 2, limbs) => BEYOND[1],
        false => 0.0,
    };
    (0..limbs.len()).map(place).collect()
}

/// The places within a square around one.
fn around(at: usize, Size { width, height }: Size, reach: usize) -> impl Iterator<Item = usize> {
    let (x, y) = (at % width, at / width);
    let span = move |at: usize, side: usize| at.saturating_sub(reach)..(at + reach + 1).min(side);
    span(y, height).flat_map(move |y| span(x, width).map(move |x| y * width + x))
}

#[cfg(test)]
mod tests;
