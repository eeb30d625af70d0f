//! The colours that meet at a matte's edge.
//!
//! A pixel there is a mix of the thing and of what is behind it. Taken for the thing it would be
//! painted with the light of what is behind it, a rim; left as it is, some of the old colour stays, a
//! fringe. So each pixel of the small photo knows the thing's colour around it, from inside the mask,
//! and the colour of what is behind, from outside: foreground estimation (as Germer et al., "Fast
//! Multi-Level Foreground Estimation", ICPR 2020) where it is wanted, at low resolution.

use crate::colour::luminance;
use crate::shrink::Size;

use super::small::Small;

/// How far inside and outside the mask colours are taken from: two box blurs of this radius, in
/// pixels of the small photo.
const RADIUS: usize = 2;

/// Linear colours in front and behind, of each pixel of the small photo, and how well they tell one from the
/// other, 0 to 1: colours that are scattered as widely as they are apart, as stripes are, say little.
pub fn fronts_and_backs(small: &Small, mask: &[f32]) -> Vec<([[f32; 3]; 2], f32)> {
    let size = small.size;
    let shares = |m: f32| [2.0 * m - 1.0, 1.0 - 2.0 * m].map(|share| share.clamp(0.0, 1.0));
    let mut planes: Vec<[f32; 10]> = (mask.iter().zip(&small.linear))
        .map(|(m, [r, g, b])| {
            let [f, k] = shares(*m);
            let light = root([*r, *g, *b]);
            let (once, twice) = (f * light, f * light * light);
            [f * r, f * g, f * b, f, k * r, k * g, k * b, k, once, twice]
        })
        .collect();
    for _ in 0..2 {
        planes = blur(&planes, size, RADIUS);
    }
    let own = planes.iter().zip(&small.linear);
    own.map(|(sums, own)| {
        // Where there is nothing near, it is what the pixel shows.
        let colours = [0, 4].map(|at| {
            let total = sums[at + 3] + 1e-3;
            [0, 1, 2].map(|c| (sums[at + c] + 1e-3 * own[c]) / total)
        });
        let [mean, square] = [8, 9].map(|at| sums[at] / (sums[3] + 1e-3));
        let scatter = (square - mean * mean).max(0.0);
        let apart: f32 = (0..3)
            // Running sums may end a little below 0.
            .map(|c| [0, 1].map(|at: usize| colours[at][c].max(0.0).sqrt()))
            .map(|[front, back]| (front - back).powi(2))
            .sum();
        (colours, (apart + 1e-4) / (apart + 1e-4 + SCATTER * scatter))
    })
    .collect()
}

/// What is behind at an edge, without the tint of the thing in front: lenses and JPEG, which keeps colour at half the
/// resolution, carry it further than the matte reaches. Of how far a colour is from the one behind, `share` of what points to
/// the thing's goes; its luminance stays, but for what would be below 0.
///
/// # Shapes
/// - `behind`, `front`, `back`: linear red, green, blue
pub fn without_tint(behind: [f32; 3], [front, back]: [[f32; 3]; 2], share: f32) -> [f32; 3] {
    let tint = |colour: [f32; 3]| {
        let away = [0, 1, 2].map(|c| colour[c] - back[c]);
        away.map(|value| value - luminance(away))
    };
    let (own, things) = (tint(behind), tint(front));
    let dot = |a: [f32; 3], b: [f32; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    let along = share * dot(own, things).max(0.0) / (dot(things, things) + 1e-6);
    [0, 1, 2].map(|c| (behind[c] - along * things[c]).max(0.0))
}

/// How much less scattered colours tell.
const SCATTER: f32 = 8.0;

/// The root of the luminance, even to the eye.
fn root(colour: [f32; 3]) -> f32 {
    luminance(colour).sqrt()
}

/// Means over square windows; outside the picture everything is 0.
pub fn blur<const M: usize>(planes: &[[f32; M]], size: Size, radius: usize) -> Vec<[f32; M]> {
    let Size { width, height } = size;
    let rows = pass(planes, [width, 1], [height, width], radius);
    pass(&rows, [height, width], [width, 1], radius)
}

/// Means along lines: `side` values `step` apart in each of `lines` lines, which are `across` apart.
fn pass<const M: usize>(
    from: &[[f32; M]],
    [side, step]: [usize; 2],
    [lines, across]: [usize; 2],
    radius: usize,
) -> Vec<[f32; M]> {
    let share = 1.0 / (2 * radius + 1) as f32;
    let mut to = vec![[0.0; M]; from.len()];
    for line in 0..lines {
        let place = |i: usize| line * across + i * step;
        let mut sum = [0.0; M];
        let add = |sum: &mut [f32; M], sign: f32, i: usize| {
            let values = &from[place(i)];
            sum.iter_mut()
                .zip(values)
                .for_each(|(sum, v)| *sum += sign * v);
        };
        (0..radius.min(side)).for_each(|i| add(&mut sum, 1.0, i));
        for i in 0..side {
            if i + radius < side {
                add(&mut sum, 1.0, i + radius);
            }
            if i > radius {
                add(&mut sum, -1.0, i - radius - 1);
            }
            to[place(i)] = sum.map(|sum| share * sum);
        }
    }
    to
}
