//! What colour becomes of what colour, in CIELAB, so that the cloth's light stays.
//!
//! The region's median colour becomes the colour asked for, and what deviates from the median stays:
//! lightness as if the light on the cloth were the same and the cloth another, chroma as the shade
//! has it.

use crate::colour::{lab_of, linear_of, luminance};

use super::plain::{Own, evened, shade, smooth};
use super::small::{Small, quantiles};
use super::{Change, Paint};

/// A step of a relative order multiplies what is left by this, or divides.
const STEP: f32 = 0.66;

/// How much of its own colour a print keeps that is of quite another colour than the cloth.
const PRINT: f32 = 0.7;

/// The square of the distance, in units of CIELAB, at which it keeps half as much, on grey cloth. On cloth
/// of much chroma light itself makes for larger distances.
const NEAR: f32 = 900.0;

/// The numbers of the equations, in units of CIELAB.
///
/// Lightness: `L' = to + d / sqrt(1 + (bend d)^2)`, `d = gain (L - from)`: where a deviation grows,
/// `bend`, one for brighter and one for darker, takes white and black to the ends of the range and
/// nothing beyond. Chroma: with `T = to (L' + 16) / (to + 16)`, the colour asked for in the same light, and
/// `own = ratio (a, b)` of the pixel, darker as it becomes, `(a', b') = T + u (own - T)`. The share `u`
/// grows with the distance `d` of the pixel's colour from the region's in its light, so that folds take
/// the colour and prints keep theirs: `u = print d^2 / (d^2 + near)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tones {
    /// The region's median colour.
    pub from: [f32; 3],
    /// How much of lightness around stays as it is: 1, or less for plain cloth.
    pub detail: f32,
    /// The colour that the median becomes.
    pub to: [f32; 3],
    /// How much a deviation of lightness grows.
    pub gain: f32,
    /// The direction of the region's hue in a and b, of length 1, or less for one without colour.
    pub hue: [f32; 2],
    /// How much of its own colour a print keeps.
    pub print: f32,
    /// The square of the distance from which on a colour is a print.
    pub near: f32,
    /// What a colour of its own is multiplied by.
    pub ratio: f32,
    /// How much deviations to brighter and to darker are bent.
    pub bend: [f32; 2],
    /// For plain cloth, what large deviations from the lightness around are taken out by; else 0.
    pub even: f32,
    /// How much a deviation may grow at most.
    pub most: f32,
    /// For plain cloth, what of large deviations is light after all.
    pub own: Own,
}

/// What was found in a region.
pub struct Found {
    /// How light and colour change there.
    pub tones: Tones,
    /// The light on it.
    pub light: Light,
    /// For plain cloth, the lightness around each pixel of the small photo.
    pub around: Option<Vec<f32>>,
}

/// The lightness of a region: the darkest, the median, the brightest.
#[derive(Debug, Clone, Copy)]
pub struct Light {
    low: f32,
    from: f32,
    high: f32,
}

impl Light {
    /// How much a deviation may grow at most.
    fn most(self) -> f32 {
        (24.0 / (self.high - self.low).max(1.0)).clamp(1.9, 2.8)
    }

    /// The lightness that cloth of a colour has in this light: never as white as light nor as black as a
    /// hole, so that its folds show.
    pub fn on(self, lightness: f32) -> f32 {
        let gain = gain(lightness, self.from, self.most());
        let top = (100.0 - 0.6 * gain * (self.high - self.from)).clamp(84.0, 92.0);
        let bottom = (0.7 * gain * (self.from - self.low) + 3.0).clamp(6.0, 13.0);
        lightness.min(top.max(self.from)).max(bottom.min(self.from))
    }
}

impl Tones {
    /// The numbers for a region.
    ///
    /// # Shapes
    /// - `mask`: `[height, width]` of the small photo, in [0, 1]
    pub fn fit(small: &Small, mask: &[f32], paint: &Paint) -> Found {
        // The inside counts: at the edge the small photo mixes two things.
        let inside = |mask: &f32| (2.0 * mask - 1.0).max(0.0);
        let weights: Vec<f32> = match mask.iter().map(inside).sum::<f32>() {
            sum if sum > 1.0 => mask.iter().map(inside).collect(),
            _ => mask.to_vec(),
        };
        let channel = |c: usize| small.lab.iter().map(move |lab| lab[c]);
        let plain = paint.plain || paint.fabric.is_some();
        let [a, b] = [1, 2].map(|c| quantiles(channel(c), &weights, [0.5])[0]);
        let hue = [a, b].map(|value| value / (a * a + b * b + 25.0).sqrt());
        let own = Own::new([a, b]);
        let [low, from, high] = quantiles(channel(0), &weights, [0.03, 0.5, 0.97]);
        let lit = || small.lab.iter().map(|lab| own.lit(*lab, [from, a, b], hue));
        let (smoothed, around) = match plain.then(|| lit().collect::<Vec<f32>>()) {
            Some(lit) => {
                let (smoothed, around) = smooth(small, &weights, &lit);
                (smoothed, Some(around))
            }
            None => ([1.0, 0.0], None),
        };
        let [low, from, high] = match &around {
            Some(around) => {
                let light = channel(0).zip(around).zip(lit());
                let light = light.map(|((l, around), lit)| evened(l, *around, smoothed, lit));
                quantiles(light, &weights, [0.03, 0.5, 0.97])
            }
            None => [low, from, high],
        };
        let [lightness, to_a, to_b] = match paint.change {
            Change::Colour { lab } => lab,
            Change::Relative { lightness, chroma } => {
                let lightness = if lightness < 0.0 {
                    from * STEP.powf(-lightness)
                } else {
                    100.0 - (100.0 - from) * STEP.powf(lightness)
                };
                let ratio = STEP.powf(-chroma);
                [lightness, ratio * a, ratio * b]
            }
        };
        let lightness = lightness.clamp(0.0, 100.0);
        let light = Light { low, from, high };
        let (most, gain) = (light.most(), gain(lightness, from, light.most()));
        let (to, print, near, ratio) = match paint.change {
            Change::Colour { .. } => {
                let near = NEAR + 0.5 * (a * a + b * b);
                (light.on(lightness), PRINT, near, 1.0)
            }
            Change::Relative { chroma, .. } => (lightness, 1.0, 0.0, STEP.powf(-chroma)),
        };
        let [detail, even] = smoothed;
        let tones = Self {
            hue,
            from: [from, a, b],
            detail,
            to: [to, to_a, to_b],
            gain,
            print: if plain { 0.0 } else { print },
            near,
            ratio,
            bend: bends(to, gain, from),
            even,
            most,
            own,
        };
        Found {
            tones,
            light,
            around,
        }
    }

    /// The numbers where the region's median becomes another CIELAB colour: those of one pixel of a cloth.
    #[inline(always)]
    pub fn dyed(self, to: [f32; 3]) -> Self {
        let gain = gain(to[0], self.from[0], self.most);
        Self {
            to,
            gain,
            bend: bends(to[0], gain, self.from[0]),
            ..self
        }
    }

    /// The same numbers as a GPU aligns them: `from`, `detail`, `to`, `gain`, `hue`, `print`, `near`,
    /// `ratio`, `bend`, `even`, `most`, `own`.
    pub fn numbers(&self) -> [f32; 20] {
        let Self {
            from: [l, a, b],
            to: [to, to_a, to_b],
            hue: [hue_a, hue_b],
            bend: [brighter, darker],
            ..
        } = *self;
        [
            l,
            a,
            b,
            self.detail,
            to,
            to_a,
            to_b,
            self.gain,
            hue_a,
            hue_b,
            self.print,
            self.near,
            self.ratio,
            brighter,
            darker,
            self.even,
            self.most,
            self.own.sure,
            self.own.told,
            0.0,
        ]
    }

    /// Whether large deviations from the lightness around are taken out.
    pub fn evens(&self) -> bool {
        self.even > 0.0
    }

    /// What [`painted`](Self::painted) has to add to the lightness of a linear colour, for plain cloth.
    #[inline(always)]
    pub fn shift(&self, linear: [f32; 3], around: f32) -> f32 {
        let lab = lab_of(linear);
        let lit = self.own.lit(lab, self.from, self.hue);
        evened(lab[0], around, [self.detail, self.even], lit) - lab[0]
    }

    /// The new colour of a linear one and of what is added to its lightness: linear as well, and in the
    /// range or not far from it.
    #[inline(always)]
    pub fn painted(&self, linear: [f32; 3], shift: f32) -> [f32; 3] {
        let [to, to_a, to_b] = self.to;
        let [brighter, darker] = self.bend;
        let [before, after] = [self.from[0], to].map(|median| 1.0 / (median + 16.0));
        let [l, a, b] = lab_of(linear);
        let deviation = self.gain * (l + shift - self.from[0]);
        let x = deviation * if deviation > 0.0 { brighter } else { darker };
        let lightness = to + deviation / (1.0 + x * x).sqrt();
        let (before, after) = (
            shade(before * (l + 16.0)),
            shade(after * (lightness + 16.0)),
        );
        let (da, db) = (a - before * self.from[1], b - before * self.from[2]);
        // More of the same colour is the depth of a fold, not a print.
        let more = da * self.hue[0] + db * self.hue[1];
        let more = if more > 0.0 { 0.7 * more } else { 0.0 };
        let (da, db) = (da - more * self.hue[0], db - more * self.hue[1]);
        let square = da * da + db * db;
        let share = self.print * square / (square + self.near + 1e-6);
        let left = (lightness + 16.0) / (l + 16.0);
        let own = self.ratio * if left < 1.0 { left } else { 1.0 };
        let mix = |to: f32, value: f32| after * to + share * (own * value - after * to);
        within(linear_of([lightness, mix(to_a, a), mix(to_b, b)]))
    }
}

/// How much a deviation of lightness grows: the light on the cloth multiplies what it reflects, so with
/// L + 16.
#[inline(always)]
fn gain(lightness: f32, from: f32, most: f32) -> f32 {
    let gain = (lightness + 18.0) / (from + 18.0);
    let gain = if gain > 0.6 { gain } else { 0.6 };
    if gain < most { gain } else { most }
}

/// What takes the largest deviations that there are, to brighter and to darker, to the end of their room;
/// none where they fit.
#[inline(always)]
fn bends(to: f32, gain: f32, from: f32) -> [f32; 2] {
    let square = |side: f32| {
        let side = if side > 0.5 { side } else { 0.5 };
        1.0 / (side * side)
    };
    let sides = [[100.0 - to, gain * (100.0 - from)], [to, gain * from]];
    sides.map(|[room, largest]| {
        let left = square(room) - square(largest);
        if left > 0.0 { left.sqrt() } else { 0.0 }
    })
}

/// What no screen shows goes half of the way to grey of the same luminance; the rest is clamped.
#[inline(always)]
fn within([r, g, b]: [f32; 3]) -> [f32; 3] {
    let y = luminance([r, g, b]);
    let most = if r > g { r } else { g };
    let most = if most > b { most } else { b };
    let least = if r < g { r } else { g };
    let least = if least < b { least } else { b };
    // The larger of two fractions, with one division.
    let (over, of) = (most - 1.0, most - y + 1e-6);
    let (under, from) = (-least, y - least + 1e-6);
    let larger = over * from > under * of;
    let pull = if larger { over } else { under } / if larger { of } else { from };
    let pull = if pull > 0.0 { pull } else { 0.0 };
    let pull = 0.5 * if pull < 1.0 { pull } else { 1.0 };
    [r, g, b].map(|value| value + pull * (y - value))
}
