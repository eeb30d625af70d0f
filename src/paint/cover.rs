//! Skin that a garment covers: its cloth goes on there, in the skin's own light; and skin that it leaves bare.
//!
//! Light makes of the skin's median what it makes of cloth, so the skin's deviations from it are the cloth's. What
//! the cloth is, is seen on the garment, near the skin; what skin is, on all that there is.

use super::light::{Found, Tones};
use super::small::Small;
use super::spill::blur;
use super::{Change, Paint};
use crate::shrink::Size;

/// What of small folds is left on skin; how wide the sides of a limb are, in sides of a square as large as all; and how much
/// darker, of CIELAB.
const SMOOTH: f32 = 0.3;
const ROUND: f32 = 0.04;
const SIDES: f32 = 22.0;

/// Plain, in its own colour.
const AS_IT_IS: Paint = Paint {
    change: Change::Relative {
        lightness: 0.0,
        chroma: 0.0,
    },
    plain: true,
    fabric: None,
};

/// How far from the skin the garment's colour is looked for, in sides of it.
const NEAR: f32 = 0.12;

/// What becomes of a place that a garment reaches no more, or does now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Becomes {
    /// Cloth, in the light of the skin that it covers.
    Covered,
    /// Cloth that hangs free, in front of what is seen: lit as it is above.
    Hanging,
    /// Skin, in the smooth light of the cloth, round as a limb.
    Bare,
}

/// Skin under a garment's cloth, or bare where cloth was.
#[derive(Debug, Clone, PartialEq)]
pub struct Covering {
    /// Where it is, `[height, width]` of the small photo, in [0, 1].
    pub mask: Vec<f32>,
    /// Where what goes on there is seen, alike: the garment, or skin.
    pub of: Vec<f32>,
    /// How the garment is painted.
    pub paint: Paint,
    /// What becomes of it.
    pub becomes: Becomes,
}

/// The light and colour where cloth or skin goes on.
pub(super) fn found(
    small: &Small,
    mask: &[f32],
    (of, becomes): (&[f32], Becomes),
    paint: &Paint,
) -> Found {
    match becomes {
        Becomes::Covered => Tones::fit(small, mask, &goes_on(small, mask, of, paint)),
        Becomes::Hanging => hangs_on(small, mask, of, paint),
        Becomes::Bare => bares(small, mask, of),
    }
}

/// The light and colour of skin where a garment ends: those of all skin, and of the garment's light what is large. A limb is
/// darker at its sides.
fn bares(small: &Small, mask: &[f32], skin: &[f32]) -> Found {
    let [lightness, a, b] = Tones::fit(small, skin, &AS_IT_IS).tones.to;
    let paint = Paint {
        change: Change::Colour {
            lab: [lightness, a, b],
        },
        ..AS_IT_IS
    };
    let mut found = Tones::fit(small, mask, &paint);
    found.tones.detail *= SMOOTH;
    found.tones.own.sure = 0.0;
    let radius = ((ROUND * mask.iter().sum::<f32>().sqrt()) as usize).max(1);
    let mut inside: Vec<[f32; 1]> = mask.iter().map(|m| [*m]).collect();
    for _ in 0..2 {
        inside = blur(&inside, small.size, radius);
    }
    let darker = SIDES / found.tones.gain;
    for (around, [inside]) in found.around.iter_mut().flatten().zip(inside) {
        *around -= darker * (1.0 - inside);
    }
    found
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
    let small = Small::new(planes, size);
    Tones::fit(&small, garment, &AS_IT_IS).tones.detail > PLAIN
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
