//! A clause as numbers, as it goes from one worker to another: a query, and what is painted there.

#[cfg(test)]
mod tests;

use super::connected;
use crate::colour::srgb_to_lab;
use crate::fabric::Fabric;
use crate::paint::{Change, Paint};
use crate::prompt::{self, Clause, Cover, Thing};
use crate::shrink::Size;

/// Numbers of a paint: what kind of change, three for it, whether it is plain, what the thing may be
/// instead where it is not seen, what it covers, and those of a fabric.
pub const PAINT: usize = CHANGE + Fabric::NUMBERS;

/// Those before the fabric's.
const CHANGE: usize = 7;

/// What a clause wants of the thing that it names.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wish([f32; PAINT]);

/// The kinds of change.
const COLOUR: f32 = 0.0;
const RELATIVE: f32 = 1.0;
/// None: the query is asked for the others' sake.
const CONTEXT: f32 = 2.0;

/// What is asked for the others' sake, in this order: whether somebody is there, all clothes, and what a garment may
/// have been taken for.
pub(super) const CONTEXTS: [&str; 6] = ["skin", "hair", "clothes", "top", "trousers", "jacket"];

/// The number of the first group that a thing may be instead.
const GROUPS: f32 = 5.0;

/// The place in [`CONTEXTS`] of what a garment may have been taken for.
fn group(thing: &Thing) -> Option<usize> {
    let top = Thing::named("top").is_some_and(|top| thing != top && thing.is_within(top));
    let name = match thing.name {
        "shorts" => "trousers",
        "coat" | "cape" => "jacket",
        _ if top => "top",
        _ => return None,
    };
    CONTEXTS.iter().position(|context| *context == name)
}

/// What can be covered or bared, by its number from 1 on.
const COVERS: [Cover; 5] = [
    Cover::Arms,
    Cover::Legs,
    Cover::Below,
    Cover::Less,
    Cover::Bare,
];

/// What a thing that is not seen may be instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instead {
    /// Nothing.
    Nothing,
    /// The only garment there is: one that lies or hangs alone is whatever somebody calls it.
    OnlyGarment,
    /// That, or on somebody what has this place in [`CONTEXTS`]: a polo is some top, shorts are taken for trousers.
    Group(usize),
    /// All clothes: a suit is an outfit.
    Clothes,
    /// The only thing there is, where it is not too unlike: shoes, a hat or a bag alone.
    OnlyThing,
    /// Itself, where nobody is there and it is not too unlike: flowers look like each other less than people do.
    Itself,
}

impl Instead {
    /// Whether it is something to wear. Flowers are not, of which a photo has many, some less sure than others.
    pub fn is_worn(self) -> bool {
        !matches!(self, Self::Nothing | Self::Itself)
    }
}

impl Default for Wish {
    /// No change.
    fn default() -> Self {
        Self::new([RELATIVE, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], None)
    }
}

impl From<&[f32]> for Wish {
    /// The numbers of a wish; what is missing is 0.
    fn from(numbers: &[f32]) -> Self {
        Self(std::array::from_fn(|i| {
            numbers.get(i).copied().unwrap_or(0.0)
        }))
    }
}

impl Wish {
    fn new(change: [f32; CHANGE], fabric: Option<Fabric>) -> Self {
        let mut numbers = [0.0; PAINT];
        numbers[..CHANGE].copy_from_slice(&change);
        if let Some(fabric) = fabric {
            numbers[CHANGE..].copy_from_slice(&fabric.numbers());
        }
        Self(numbers)
    }

    /// What a clause wants.
    pub fn of(clause: &Clause) -> Self {
        let plain = f32::from(clause.plain);
        let instead = match clause.thing {
            Some(thing) if thing.name == "suit" => 2.0,
            // Whatever it is that leaves arms bare.
            Some(thing) if thing.name == "top" && clause.cover.is_some() => 2.0,
            // What is covered has to be the thing itself: long trousers are no shorts.
            Some(thing) if thing.is_garment() => group(thing)
                .filter(|_| clause.cover.is_none())
                .map_or(1.0, |at| at as f32 + GROUPS),
            Some(thing) if thing.is_worn() => 3.0,
            Some(thing) if !thing.is_of_a_flower() => 0.0,
            _ => 4.0,
        };
        let cover = COVERS.iter().position(|cover| Some(*cover) == clause.cover);
        let cover = cover.map_or(0.0, |cover| cover as f32 + 1.0);
        let change = match clause.change {
            prompt::Change::Colour(srgb) => {
                let [l, a, b] = srgb_to_lab(srgb);
                [COLOUR, l, a, b, plain, instead, cover]
            }
            prompt::Change::Relative { lightness, chroma } => {
                [RELATIVE, lightness, chroma, 0.0, plain, instead, cover]
            }
        };
        Self::new(change, clause.fabric)
    }

    /// Of what is asked for the others' sake.
    pub fn context() -> Self {
        Self::new([CONTEXT, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], None)
    }

    /// Whether it is asked for the others' sake.
    pub fn is_context(self) -> bool {
        self.0[0] == CONTEXT
    }

    /// What its thing may be instead.
    pub fn instead(self) -> Instead {
        match self.0[5] {
            1.0 => Instead::OnlyGarment,
            2.0 => Instead::Clothes,
            3.0 => Instead::OnlyThing,
            4.0 => Instead::Itself,
            group if group >= GROUPS => Instead::Group((group - GROUPS) as usize),
            _ => Instead::Nothing,
        }
    }

    /// What its thing is to cover.
    pub fn cover(self) -> Option<Cover> {
        COVERS.get((self.0[6] as usize).checked_sub(1)?).copied()
    }

    /// Behind its query, as in a condition.
    pub fn after(self, mut query: Vec<f32>) -> Vec<f32> {
        query.extend(self.0);
        query
    }

    /// What is painted.
    pub fn paint(self) -> Paint {
        let [kind, x, y, z, plain, _, _, ref fabric @ ..] = self.0;
        let change = match kind == COLOUR {
            true => Change::Colour { lab: [x, y, z] },
            false => Change::Relative {
                lightness: x,
                chroma: y,
            },
        };
        Paint {
            change,
            plain: plain > 0.5,
            fabric: Fabric::from_numbers(fabric),
        }
    }
}

/// Where nobody is, a garment that is most of all clothes is all of them: what it lacks are its own stripes and hem.
pub(super) fn complete(garment: &mut [f32], clothes: &[f32]) {
    const MOST: f32 = 0.7;
    let both = garment.iter().zip(clothes).map(|(a, b)| a.min(*b));
    if both.sum::<f32>() > MOST * clothes.iter().sum::<f32>() {
        for (garment, clothes) in garment.iter_mut().zip(clothes) {
            *garment = garment.max(*clothes);
        }
    }
}

/// Gives each place to the masks that are surest of it: where another is surer, a mask falls by how much.
/// Things that lie within each other are both sure, and both stay. What is only painted `instead` of what was not seen
/// gets what those that were seen leave.
pub(super) fn compete(masks: &mut [Vec<f32>], instead: &[bool]) {
    let places = masks.first().map_or(0, Vec::len);
    for place in 0..places {
        let most = |of: bool| {
            let masks = masks.iter().zip(instead).filter(|(_, is)| **is == of);
            masks.fold(0.0, |most: f32, (mask, _)| most.max(mask[place]))
        };
        let (seen, others) = (most(false), most(true));
        for (mask, instead) in masks.iter_mut().zip(instead) {
            let (most, left) = if *instead {
                (others, 1.0 - seen)
            } else {
                (seen, 1.0)
            };
            if most > 0.0 {
                mask[place] *= left * mask[place] / most;
            }
        }
    }
}

/// The logit from which on a place belongs to what was asked for. A logit tells two things at once, whether the
/// thing is there and whether it is here; once it is there, with the likelihood `there`, a place is of it with
/// the probability `p / there`. Of these the cut is taken that promises the highest IoU, the sum of what is
/// above it by their number and the sum of the rest (Nowozin, "Optimal Decisions from Probabilistic Models: the
/// Intersection-over-Union Case", CVPR 2014): where all of a garment is unsure, its surest half is not it.
pub(super) fn cut(logits: &[f32], there: f32) -> f32 {
    const CUTS: [f32; 9] = [0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5];
    let there = there.clamp(0.2, 1.0);
    let probabilities: Vec<f32> = logits
        .iter()
        .map(|logit| (1.0 / (there * (1.0 + (-logit).exp()))).min(1.0))
        .collect();
    let total: f32 = probabilities.iter().sum();
    let promised = |cut: f32| {
        let above = probabilities.iter().filter(|p| **p > cut);
        let (sum, count) = above.fold((0.0, 0.0), |(sum, count), p| (sum + p, count + 1.0));
        sum / (count + total - sum + 1e-6)
    };
    let cuts = CUTS.map(|cut| (promised(cut), cut));
    let best = cuts.into_iter().max_by(|a, b| a.0.total_cmp(&b.0));
    let best = there * best.map_or(0.5, |(_, cut)| cut);
    (best / (1.0 - best)).ln()
}

/// Leaves out the pieces of a mask, rows of `width` logits, whose surest place is far less sure than that of all, as an edge
/// detector leaves out weak edges (Canny's hysteresis): a white horse beside a jacket.
pub(super) fn keep_sure(logits: &mut [f32], width: usize) {
    const SHARE: f32 = 0.45;
    const BESIDE: f32 = -4.0;
    let inside: Vec<bool> = logits.iter().map(|logit| *logit > 0.0).collect();
    let surest = logits.iter().copied().fold(0.0, f32::max);
    for piece in connected(&inside, width, true) {
        if piece.iter().all(|at| logits[*at] < SHARE * surest) {
            piece.into_iter().for_each(|at| logits[at] = BESIDE);
        }
    }
}

/// Logits at half of a size, enlarged bilinearly (sample centres aligned) and made probabilities.
pub(super) fn enlarged(logits: &[f32], to: Size) -> Vec<f32> {
    let (w, h) = (to.width / 2, to.height / 2);
    // A quarter of the way from the nearer to the further of two neighbours.
    let neighbours = |at: usize, side: usize| {
        let near = at / 2;
        let far = if at.is_multiple_of(2) {
            near.saturating_sub(1)
        } else {
            (near + 1).min(side - 1)
        };
        (near, far)
    };
    let mut mask = Vec::with_capacity(to.width * to.height);
    for y in 0..to.height {
        let (near, far) = neighbours(y, h);
        let (near, far) = (&logits[near * w..][..w], &logits[far * w..][..w]);
        let row = |x: usize| 0.75 * near[x] + 0.25 * far[x];
        for x in 0..to.width {
            let (near, far) = neighbours(x, w);
            let logit = 0.75 * row(near) + 0.25 * row(far);
            mask.push(1.0 / (1.0 + (-logit).exp()));
        }
    }
    mask
}
