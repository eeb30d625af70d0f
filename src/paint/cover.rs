//! Skin that a garment covers: its cloth goes on there, in the skin's own light.
//!
//! Light makes of the skin's median what it makes of cloth, so the skin's deviations from it are the cloth's. What
//! the cloth is, is seen on the garment, near the skin.

use super::light::{Found, Tones};
use super::small::Small;
use super::spill::blur;
use super::{Change, Paint};
use crate::shrink::Size;

/// How far from the skin the garment's colour is looked for, in sides of it.
const NEAR: f32 = 0.12;

/// Skin under a garment's cloth.
#[derive(Debug, Clone, PartialEq)]
pub struct Covering {
    /// Where it is, `[height, width]` of the small photo, in [0, 1].
    pub mask: Vec<f32>,
    /// Where the garment is, alike.
    pub garment: Vec<f32>,
    /// How that is painted.
    pub paint: Paint,
    /// Whether it hangs free there, in front of what is seen: lit as the garment is above.
    pub free: bool,
}

/// The light and colour where a garment's cloth goes on: over skin, or free.
pub(super) fn found(
    small: &Small,
    mask: &[f32],
    (garment, free): (&[f32], bool),
    paint: &Paint,
) -> Found {
    match free {
        true => hangs_on(small, mask, garment, paint),
        false => Tones::fit(small, mask, &goes_on(small, mask, garment, paint)),
    }
}

/// How a garment's cloth goes on over a mask: with the colour that the garment has or gets, and no print but its
/// fabric's.
fn goes_on(small: &Small, mask: &[f32], garment: &[f32], paint: &Paint) -> Paint {
    let side = garment.iter().sum::<f32>().sqrt();
    let radius = ((NEAR * side) as usize).max(1);
    let mut near: Vec<[f32; 1]> = mask.iter().map(|m| [*m]).collect();
    for _ in 0..2 {
        near = blur(&near, small.size, radius);
    }
    let shares = garment
        .iter()
        .zip(&near)
        .map(|(garment, [near])| garment.min(20.0 * near));
    let [lightness, a, b] = Tones::fit(small, &shares.collect::<Vec<f32>>(), paint)
        .tones
        .to;
    Paint {
        change: Change::Colour {
            lab: [lightness, a, b],
        },
        plain: true,
        ..*paint
    }
}

/// Whether a garment is plain: of what is printed on one nobody knows how it goes on.
pub fn is_plain(planes: &[f32], size: Size, garment: &[f32]) -> bool {
    const PLAIN: f32 = 0.85;
    let paint = Paint {
        change: Change::Relative {
            lightness: 0.0,
            chroma: 0.0,
        },
        plain: true,
        fabric: None,
    };
    let small = Small::new(planes, size);
    Tones::fit(&small, garment, &paint).tones.detail > PLAIN
}

/// The light and colour of a garment where its cloth hangs on free below it, and the light of each place: in each
/// column that of the garment just above its end, so that folds go on.
fn hangs_on(small: &Small, mask: &[f32], garment: &[f32], paint: &Paint) -> Found {
    let mut found = Tones::fit(
        small,
        garment,
        &Paint {
            plain: true,
            ..*paint
        },
    );
    // Nothing of what is there is seen.
    found.tones.detail = 0.0;
    found.tones.own.sure = 0.0;
    let Size { width, height } = small.size;
    let rows = (0.05 * garment.iter().sum::<f32>().sqrt()) as usize + 1;
    let column = |x: usize| {
        let inside = |y: &usize| garment[y * width + x] > 0.9 && mask[y * width + x] < 0.1;
        let last = (0..height).rev().filter(inside).skip(1).take(rows);
        let (sum, count) = last.fold((0.0, 0.0), |(sum, count), y| {
            (sum + small.lab[y * width + x][0], count + 1.0)
        });
        [sum, count]
    };
    let columns: Vec<[f32; 2]> = (0..width).map(column).collect();
    let across = Size { width, height: 1 };
    let columns = blur(&columns, across, 1);
    let light = |x: usize| match columns[x] {
        [sum, count] if count > 0.1 => sum / count,
        _ => found.tones.from[0],
    };
    let light: Vec<f32> = (0..width).map(light).collect();
    found.around = Some((0..mask.len()).map(|at| light[at % width]).collect());
    found
}
