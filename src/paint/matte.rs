//! A low-resolution mask at the photo's own resolution: a guided filter whose guide is the photo.
//!
//! In each window of the small photo the mask is an affine function of the photo's colour (He, Sun
//! and Tang, "Guided Image Filtering", TPAMI 2013, eq. 19 to 21). Only these functions are enlarged
//! (He and Sun, "Fast Guided Filter", arXiv:1505.00996) and applied to the full photo, so its edges
//! are the matte's and the cost is linear in its pixels. Contrast then takes away the haze that the
//! filter leaves on both sides of an edge.

use std::ops::Range;

use crate::shrink::Size;

use super::windows::{Factor, box_means};

/// The regularisation: below this variance, in units of [-1, 1], a window counts as flat.
const EPS: f32 = 1e-3;

/// The matte is `CONTRAST * (a - 1/2) + 1/2` of what the filter gives, clamped.
pub const CONTRAST: f32 = 4.0;

/// At an edge a pixel may be this much more of the thing than contrast says, or this much less, if its
/// colour says so.
pub const MORE: f32 = 1.3;
/// See [`MORE`].
pub const LESS: f32 = 0.6;

/// What the filter gives where the matte begins.
const BEGIN: f32 = 0.5 - (0.5 + MORE) / CONTRAST;

/// The small photo, prepared for filtering masks by it.
pub struct Guide<'a> {
    photo: &'a [f32],
    size: Size,
    /// For each window the mean colour, and its covariance factorised.
    windows: Vec<([f32; 3], Factor)>,
}

impl<'a> Guide<'a> {
    /// # Shapes
    /// - `photo`: `[3, size.height, size.width]` in [-1, 1]
    pub fn new(photo: &'a [f32], size: Size) -> Self {
        let area = size.width * size.height;
        let mut windows = Vec::with_capacity(area);
        box_means(
            size,
            |i| {
                let [r, g, b] = [0, 1, 2].map(|c| photo[c * area + i]);
                [r, g, b, r * r, r * g, r * b, g * g, g * b, b * b]
            },
            |_, [r, g, b, rr, rg, rb, gg, gb, bb]| {
                let covariance = [
                    [rr - r * r, rg - r * g, rb - r * b],
                    [rg - r * g, gg - g * g, gb - g * b],
                    [rb - r * b, gb - g * b, bb - b * b],
                ];
                windows.push(([r, g, b], Factor::new(covariance, EPS)));
            },
        );
        Self {
            photo,
            size,
            windows,
        }
    }
}

/// The guided filter of a mask, `[height, width]` in [0, 1]: in each window the ridge regression of
/// the mask on the photo, of which every pixel takes the mean over the windows around it. Three slopes
/// and an offset for each pixel, for colours in [-1, 1], before contrast. Where colours are not `told` from
/// those behind, as a stripe that has the same, the photo would make teeth of a straight edge: there it is
/// the mask alone.
pub fn filter(guide: &Guide, mask: &[f32], told: &[f32]) -> Vec<[f32; 4]> {
    let size = guide.size;
    let area = size.width * size.height;
    let mut windows = Vec::with_capacity(area);
    box_means(
        size,
        |i| {
            let p = mask[i].clamp(0.0, 1.0);
            let [r, g, b] = [0, 1, 2].map(|c| guide.photo[c * area + i]);
            [r * p, g * p, b * p, p]
        },
        |i, [rp, gp, bp, p]| {
            let ([r, g, b], factor) = guide.windows[i];
            let share = (2.0 * told[i]).min(1.0);
            let a = factor.solve([rp - r * p, gp - g * p, bp - b * p]);
            let a = a.map(|slope| share * slope);
            let offset = p - (a[0] * r + a[1] * g + a[2] * b);
            windows.push([a[0], a[1], a[2], offset]);
        },
    );
    let mut functions = Vec::with_capacity(area);
    box_means(size, |i| windows[i], |_, mean| functions.push(mean));
    functions
}

/// The pixels of a row of the small photo where any colour at all could be in the matte.
pub fn live(row: &[[[f32; 4]; 3]]) -> Range<usize> {
    let alive = |cell: &[[f32; 4]; 3]| {
        let [r, g, b, offset] = cell[0];
        r.abs() + g.abs() + b.abs() + offset > BEGIN
    };
    let first = row.iter().position(alive).unwrap_or(0);
    first..row.iter().rposition(alive).map_or(first, |last| last + 1)
}

/// How much of a pixel is the thing: `value` is what contrast makes of the filtered mask. Where the
/// edge is, and the two colours that meet there are far apart, the pixel's place between them says it
/// more exactly: without it the old colour stays as a fringe.
///
/// # Shapes
/// - `pixel`, `front`, `back`: linear red, green, blue
/// - `told`: how well both colours tell, 0 to 1
pub fn opacity(value: f32, pixel: [f32; 3], [front, back]: [[f32; 3]; 2], told: f32) -> f32 {
    let (mut along, mut square) = (0.0, 1e-6);
    for c in 0..3 {
        let [pixel, front, back] = [pixel[c], front[c], back[c]].map(f32::sqrt);
        along += (pixel - back) * (front - back);
        square += (front - back) * (front - back);
    }
    let share = along / square;
    let share = share.max(value - LESS).min(value + MORE).clamp(0.0, 1.0);
    let plain = value.clamp(0.0, 1.0);
    let opacity = plain + told * (square / FAR).min(1.0) * (share - plain);
    // What no byte of a mask can say is nothing.
    if opacity > 0.5 / 255.0 { opacity } else { 0.0 }
}

/// The squared distance, of roots of linear colours, from which on two colours tell a pixel's place.
const FAR: f32 = 0.06;
