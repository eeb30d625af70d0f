//! What colour becomes of what colour, in CIELAB, so that the cloth's light stays.
//!
//! The region's median colour becomes the colour asked for, and what deviates from the median stays:
//! lightness as if the light on the cloth were the same and the cloth another, chroma as the shade
//! has it.

use crate::colour::{decode, lab_of, linear_of};
use crate::shrink::Size;

use super::spill::blur;
use super::{Change, Paint};

/// The small photo in CIELAB.
pub struct Small {
    pub(super) size: Size,
    /// Linear sRGB, 0 to 1
    pub(super) linear: Vec<[f32; 3]>,
    lab: Vec<[f32; 3]>,
}

impl Small {
    /// # Shapes
    /// - `photo`: `[3, size.height, size.width]` in [-1, 1]
    pub fn new(photo: &[f32], size: Size) -> Self {
        let area = size.width * size.height;
        let value = |i: usize, c: usize| (0.5 * photo[c * area + i] + 0.5).clamp(0.0, 1.0);
        let linear = (0..area).map(|i| [0, 1, 2].map(|c| decode(value(i, c))));
        let linear: Vec<_> = linear.collect();
        let lab = linear.iter().map(|linear| lab_of(*linear)).collect();
        Self { size, linear, lab }
    }
}

/// The numbers of the equations, in units of CIELAB: lightness `l` becomes
/// `to + soft(gain (l - from))`, and chroma follows.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Tones {
    /// The region's median colour.
    pub from: [f32; 3],
    /// How much of lightness around stays as it is: 1, or less for plain cloth.
    pub detail: f32,
    /// The colour that the median becomes.
    pub to: [f32; 3],
    /// How much a deviation of lightness grows.
    pub gain: f32,
    /// How much of a deviation of chroma stays.
    pub print: f32,
    /// Room above and below `to`, which deviations approach and never reach.
    pub above: f32,
    /// See `above`.
    pub below: f32,
    /// For the alignment of a GPU.
    pub pad: f32,
}

const PRINT: f32 = 0.35;

impl Tones {
    /// The numbers for a region, and, for plain cloth, the lightness around each pixel of the small
    /// photo.
    ///
    /// # Shapes
    /// - `mask`: `[height, width]` of the small photo, in [0, 1]
    pub fn fit(small: &Small, mask: &[f32], paint: &Paint) -> (Self, Option<Vec<f32>>) {
        // The inside counts: at the edge the small photo mixes two things.
        let inside = |mask: &f32| (2.0 * mask - 1.0).max(0.0);
        let weights: Vec<f32> = match mask.iter().map(inside).sum::<f32>() {
            sum if sum > 1.0 => mask.iter().map(inside).collect(),
            _ => mask.to_vec(),
        };
        let [low, from, high] = quantiles(&small.lab, &weights, 0, [0.03, 0.5, 0.97]);
        let [a, b] = [1, 2].map(|c| quantiles(&small.lab, &weights, c, [0.5])[0]);
        let (asked, print) = match paint.change {
            Change::Colour { lab } => (lab, PRINT),
            Change::Relative { lightness, chroma } => {
                let lightness = if lightness < 0.0 {
                    from * 0.66_f32.powf(-lightness)
                } else {
                    100.0 - (100.0 - from) * 0.66_f32.powf(lightness)
                };
                let ratio = 1.5_f32.powf(chroma);
                ([lightness, ratio * a, ratio * b], ratio)
            }
        };
        let print = if paint.plain { 0.0 } else { print };
        let wanted = asked[0].clamp(0.0, 100.0);
        let gain = ((wanted + 18.0) / (from + 18.0)).clamp(0.6, 1.9);
        // Cloth is never as white as paper nor as black as a hole: there is room for its light.
        let top = (100.0 - 0.6 * gain * (high - from)).clamp(84.0, 92.0);
        let bottom = (0.7 * gain * (from - low) + 3.0).clamp(6.0, 13.0);
        let to = match paint.change {
            Change::Colour { .. } => wanted.min(top).max(bottom),
            Change::Relative { .. } => wanted,
        };
        let (detail, smooth) = match paint.plain {
            true => {
                let (around, detail) = around(small, &weights);
                (detail, Some(around))
            }
            false => (1.0, None),
        };
        let tones = Self {
            from: [from, a, b],
            detail,
            to: [to, asked[1], asked[2]],
            gain,
            print,
            above: (100.0 - to).max(0.5),
            below: (to - 0.5).max(0.5),
            pad: 0.0,
        };
        (tones, smooth)
    }

    /// The new colour of a linear one, linear as well and in the range or not far from it;
    /// `around` is the lightness around it.
    #[inline(always)]
    pub fn paint(&self, linear: [f32; 3], around: f32) -> [f32; 3] {
        let [l, a, b] = lab_of(linear);
        let light = around + self.detail * (l - around);
        let deviation = self.gain * (light - self.from[0]);
        let room = if deviation > 0.0 { self.above } else { self.below };
        let x = deviation / room;
        let lightness = self.to[0] + deviation / (1.0 + x * x).sqrt();
        // The same light on cloth of one colour: chroma grows and falls with L + 16.
        let before = shade(l, self.from[0]);
        let after = shade(lightness, self.to[0]);
        let [a, b] = [(1, a), (2, b)]
            .map(|(c, value)| after * self.to[c] + self.print * (value - before * self.from[c]));
        within(linear_of([lightness, a, b]))
    }
}

#[inline(always)]
fn shade(l: f32, median: f32) -> f32 {
    let ratio = (l + 16.0) / (median + 16.0);
    let ratio = if ratio > 0.25 { ratio } else { 0.25 };
    if ratio < 1.25 { ratio } else { 1.25 }
}

/// What no screen shows goes half of the way to grey of the same luminance; the rest is clamped.
#[inline(always)]
fn within([r, g, b]: [f32; 3]) -> [f32; 3] {
    let y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    let most = if r > g { r } else { g };
    let most = if most > b { most } else { b };
    let least = if r < g { r } else { g };
    let least = if least < b { least } else { b };
    let over = if most > 1.0 { (most - 1.0) / (most - y + 1e-6) } else { 0.0 };
    let under = if least < 0.0 { least / (least - y - 1e-6) } else { 0.0 };
    let pull = if over > under { over } else { under };
    let pull = HALF * pull;
    let pull = if pull < 1.0 { pull } else { 1.0 };
    [r, g, b].map(|value| value + pull * (y - value))
}
const HALF: f32 = 0.5;

/// Weighted quantiles of a channel, by a histogram of quarter steps.
fn quantiles<const N: usize>(
    lab: &[[f32; 3]],
    weights: &[f32],
    channel: usize,
    at: [f32; N],
) -> [f32; N] {
    const STEP: f32 = 0.25;
    const FIRST: f32 = -128.0;
    let mut bins = vec![0.0; 1024];
    for (lab, weight) in lab.iter().zip(weights) {
        let bin = ((lab[channel] - FIRST) / STEP) as usize;
        bins[bin.min(1023)] += weight;
    }
    let total: f32 = bins.iter().sum();
    at.map(|at| {
        let mut left = at * total;
        for (bin, weight) in bins.iter().enumerate() {
            if left < *weight {
                return FIRST + STEP * (bin as f32 + left / weight);
            }
            left -= weight;
        }
        0.0
    })
}

/// The lightness around each pixel, of what the mask covers, and how much of the detail is light: a
/// garment that was patterned lends only its smooth light.
fn around(small: &Small, weights: &[f32]) -> (Vec<f32>, f32) {
    let total: f32 = weights.iter().sum();
    let radius = (total.sqrt() / 10.0).clamp(2.0, 12.0) as usize;
    let mut planes: Vec<[f32; 2]> = (small.lab.iter().zip(weights))
        .map(|(lab, weight)| [weight * lab[0], *weight])
        .collect();
    for _ in 0..2 {
        planes = blur(&planes, small.size, radius);
    }
    let low = planes.iter().zip(&small.lab).map(|([sum, weight], lab)| {
        if *weight > 1e-4 { sum / weight } else { lab[0] }
    });
    let low: Vec<f32> = low.collect();
    let squares = small.lab.iter().zip(&low).zip(weights);
    let variance: f32 = squares.map(|((lab, low), w)| w * (lab[0] - low).powi(2)).sum();
    let deviation = (variance / total.max(1e-6)).sqrt();
    (low, (1.6 - deviation / 7.0).clamp(0.15, 1.0))
}
