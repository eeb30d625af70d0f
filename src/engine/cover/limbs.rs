//! Arms and legs among bare skin, and in trousers. Lengths are in hands: somebody is nine of them tall, and an arm is four long.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

use super::around;
use super::cloth::Cloth;
use crate::engine::connected::connected;
use crate::shrink::Size;

/// A hand by what is above the neckline, and by the width of the shoulders.
const OF_HEAD: f32 = 0.7;
const OF_WIDTH: f32 = 0.42;

/// From shoulder to wrist, and how far below a shoulder an arm may begin.
const WRIST: f32 = 3.4;
const SLEEVE: f32 = 2.6;

/// An arm that is seen so far from its shoulder on ends with its hand; of a shorter one nobody knows where that is.
const SEEN: f32 = 2.45;

/// So much of an arm is to be left, or there is none; what hangs together with a neck and is not this long is chest.
const LEAST: f32 = 0.45;
const NECK: f32 = 1.2;

/// Skin of so much of a hand's square is somebody's arm or hand.
const SOME: f32 = 0.15;

/// Straps and bracelets are at most so wide, in places.
const STRAP: usize = 4;

/// Of a leg the share at its end that is foot, the length that there has to be, and how much of it a longer skirt
/// covers.
const FOOT: f32 = 0.14;
const LEG: f32 = 0.5;
const DOWN: f32 = 0.45;

/// The hem of shorts, from the waist of trousers on. Of somebody's height from head to ankles, how long trousers are that
/// are seen as a whole, and how wide both legs of tight ones; in how many of the rows below that hem these are two.
const SHORTS: f32 = 0.42;
const LONG: Range<f32> = 0.39..0.63;
const TIGHT: Range<f32> = 0.1..0.137;
const APART: f32 = 0.85;

/// The first row of skin above a garment.
fn head(cloth: &Cloth, bare: &[bool]) -> Option<usize> {
    let half = cloth.width as usize / 2;
    let columns = cloth.middle.saturating_sub(half)..(cloth.middle + half).min(cloth.size.width);
    (0..cloth.rows.start).find(|y| {
        let mut columns = columns.clone();
        columns.any(|x| bare[y * cloth.size.width + x])
    })
}

/// How long a hand is here, in places.
fn hand(cloth: &Cloth, bare: &[bool]) -> f32 {
    let width = OF_WIDTH * cloth.width;
    match head(cloth, bare).map(|head| (cloth.rows.start - head) as f32) {
        // Heads differ less than clothes.
        Some(head) if head > 0.5 * width => 0.8 * OF_HEAD * head + 0.2 * width,
        _ => width,
    }
}

/// The arms that a top leaves bare, without their hands. None where one of two is not surely found.
pub fn arms(cloth: &Cloth, bare: &[bool]) -> Vec<bool> {
    let hand = hand(cloth, bare);
    let shoulders = [-0.4, 0.4].map(|side| cloth.middle as f32 + side * cloth.width);
    let level = cloth.rows.start as f32 + 0.15 * cloth.width;
    let far = |at: usize| {
        let [x, y] = cloth.place(at).map(|at| at as f32);
        let aside = shoulders.map(|shoulder| (x - shoulder).abs());
        aside[0].min(aside[1]).hypot(y - level)
    };
    let arm = |at: usize| bare[at] && !cloth.inside[at] && cloth.is_beside(at);
    let beside: Vec<bool> = (0..bare.len()).map(arm).collect();
    let neck = |at: usize| bare[at] && !beside[at] && !cloth.inside[at];
    let mut arms = vec![false; bare.len()];
    let (mut found, mut lost) = ([false; 2], [false; 2]);
    for limb in linked(&beside, cloth.size) {
        let Some(root) = limb
            .iter()
            .copied()
            .min_by(|a, b| far(*a).total_cmp(&far(*b)))
        else {
            continue;
        };
        let along = along(&limb, root, cloth);
        let length = along.iter().fold(0.0, |most: f32, (_, far)| most.max(*far));
        let (begin, side) = (far(root), usize::from(cloth.place(root)[0] > cloth.middle));
        let end = (length - hand).min(WRIST * hand - begin);
        let mut first = along.iter().filter(|(_, far)| *far < 0.6 * hand);
        let touches = first.any(|(at, _)| cloth.touches(*at, STRAP + 1));
        let necks = limb
            .iter()
            .filter(|at| around(**at, cloth.size, 1).any(neck))
            .count();
        let chest = necks > 2 && length < NECK * hand;
        let seen = begin < SLEEVE * hand && begin + length > SEEN * hand;
        if touches && !chest && seen && end > LEAST * hand {
            found[side] = true;
            along.iter().for_each(|(at, far)| arms[*at] |= *far < end);
        } else if begin < 4.0 * hand {
            lost[side] |= limb.len() as f32 > SOME * hand * hand;
        }
    }
    match found[0] != found[1] && lost[usize::from(found[0])] {
        true => vec![false; bare.len()],
        false => arms,
    }
}

/// The legs below a hem, without their feet. None where more of a leg is seen further down.
pub fn legs(cloth: &Cloth, bare: &[bool]) -> Vec<bool> {
    let width = cloth.size.width;
    let sides = cloth.columns.iter().position(Option::is_some).unwrap_or(0)
        ..cloth.columns.iter().rposition(Option::is_some).unwrap_or(0);
    let leg = |at: usize| {
        let [x, y] = cloth.place(at);
        let hem = cloth.columns[x].map_or(cloth.rows.end, |[_, last]| last);
        // Legs stand apart little by little; what is further aside is a hand.
        let aside = sides
            .start
            .saturating_sub(x)
            .max(x.saturating_sub(sides.end));
        bare[at] && y >= hem && !cloth.inside[at] && 4 * aside <= y - hem + 4
    };
    let below: Vec<bool> = (0..bare.len()).map(leg).collect();
    let hand = OF_WIDTH * cloth.width;
    let (mut legs, mut lost) = (vec![false; bare.len()], false);
    for limb in linked(&below, cloth.size) {
        let rows = limb.iter().map(|at| at / width);
        let (Some(first), Some(last)) = (rows.clone().min(), rows.max()) else {
            continue;
        };
        let length = (last - first) as f32;
        let mut begin = limb.iter().filter(|at| *at / width <= first + STRAP);
        if begin.any(|at| cloth.touches(*at, STRAP)) && length > LEG * hand {
            let last = last - (FOOT * length) as usize;
            limb.iter().for_each(|at| legs[*at] |= at / width <= last);
        } else {
            let beside = |at: &usize| cloth.columns[at % width].is_some();
            let under = limb.iter().filter(|at| beside(at)).count();
            lost |= under as f32 > SOME * hand * hand;
        }
    }
    match lost {
        true => vec![false; bare.len()],
        false => legs,
    }
}

/// What a skirt covers whose hem comes down over a part of the legs below it, as it is.
pub fn below(cloth: &Cloth, bare: &[bool]) -> Vec<f32> {
    let width = cloth.size.width;
    let legs = legs(cloth, bare);
    let rows = || (0..bare.len()).filter(|at| legs[*at]).map(|at| at / width);
    let (Some(first), Some(last)) = (rows().min(), rows().max()) else {
        return vec![0.0; bare.len()];
    };
    let down = (DOWN * (last - first) as f32) as usize;
    let least = cloth.rows.end - cloth.rows.len() / 4;
    let hem = cloth
        .columns
        .iter()
        .map(|rows| rows.filter(|[_, last]| *last >= least));
    let hem: Vec<Option<usize>> = hem.map(|rows| rows.map(|[_, last]| last)).collect();
    // One that is open or hangs aslant has no hem to come down.
    let columns = cloth.columns.iter().flatten().count();
    if hem.iter().flatten().count() < 4 * columns / 5 {
        return vec![0.0; bare.len()];
    }
    // Over the hem itself, so that no line of skin is left.
    let covers = |at: usize| {
        let [x, y] = cloth.place(at);
        hem[x].is_some_and(|hem| y + 2 >= hem && y <= hem + down)
    };
    let soft = |at: usize| {
        let covered = around(at, cloth.size, 1).filter(|at| covers(*at)).count();
        covered as f32 / 9.0
    };
    (0..bare.len()).map(soft).collect()
}

/// The legs of trousers below the hem that shorts would have, as sure as the trousers are. None where they are wide, one
/// before the other, too short for that, or seen in part; and where no face tells how tall somebody is and what colour skin has.
pub fn bared(cloth: &Cloth, garment: &[f32], bare: &[bool]) -> Vec<f32> {
    let (width, rows) = (cloth.size.width, &cloth.rows);
    let hem = rows.start + (SHORTS * rows.len() as f32) as usize;
    let below = &cloth.inside[hem * width..rows.end * width];
    let wide = below.iter().filter(|inside| **inside).count() as f32;
    let ends = |row: &&[bool]| row.windows(2).filter(|pair| pair[0] && !pair[1]).count();
    let two = below.chunks(width).filter(|row| ends(row) > 1).count() as f32;
    let fits = head(cloth, bare).is_some_and(|head| {
        let [tall, low] = [head, hem].map(|from| (rows.end - from) as f32);
        let long = LONG.contains(&(rows.len() as f32 / tall));
        long && TIGHT.contains(&(wide / low / tall)) && two > APART * low
    });
    let near = |at: usize| around(at, cloth.size, 1).any(|other| cloth.inside[other]);
    let leg = |(at, mask): (usize, &f32)| match at / width {
        y if !fits || y < hem || !near(at) => 0.0,
        y if y == hem => 0.5 * mask,
        _ => *mask,
    };
    garment.iter().enumerate().map(leg).collect()
}

/// Groups of places that are marked, across what is as wide as a strap.
fn linked(marked: &[bool], size: Size) -> Vec<Vec<usize>> {
    let mut wide = vec![false; marked.len()];
    for at in (0..marked.len()).filter(|at| marked[*at]) {
        around(at, size, STRAP / 2).for_each(|other| wide[other] = true);
    }
    let groups = connected(&wide, size.width, true).into_iter();
    let groups = groups.map(|group| group.into_iter().filter(|at| marked[*at]).collect());
    groups.collect()
}

/// How far along a limb each of its places is from one of them.
fn along(limb: &[usize], root: usize, cloth: &Cloth) -> Vec<(usize, f32)> {
    /// Of a place, so that lengths are integers.
    const PARTS: f32 = 16.0;
    let mut far = vec![0; cloth.inside.len()];
    limb.iter().for_each(|at| far[*at] = u32::MAX);
    far[root] = 0;
    let mut next = BinaryHeap::from([Reverse((0, root))]);
    while let Some(Reverse((here, at))) = next.pop() {
        if here > far[at] {
            continue;
        }
        for other in around(at, cloth.size, STRAP) {
            let [[ax, ay], [bx, by]] = [at, other].map(|at| cloth.place(at));
            let step = (ax.abs_diff(bx) as f32).hypot(ay.abs_diff(by) as f32);
            let there = here + (PARTS * step) as u32;
            if there < far[other] {
                far[other] = there;
                next.push(Reverse((there, other)));
            }
        }
    }
    let reached = limb.iter().filter(|at| far[**at] < u32::MAX);
    reached.map(|at| (*at, far[*at] as f32 / PARTS)).collect()
}
