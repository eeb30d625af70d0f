//! The light of cloth without what is printed on it.

use super::small::{Small, quantiles};
use super::spill::blur;

/// The colour of a cloth, by which its folds are told from what is printed on it: in them it is the same in
/// another light.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Own {
    /// How sure that is, 0 to 1: of grey cloth little is.
    pub sure: f32,
    /// The square of the distance, in units of CIELAB, at which it is half as sure.
    pub told: f32,
}

impl Own {
    /// Cloth whose median has these coordinates.
    pub fn new([a, b]: [f32; 2]) -> Self {
        let square = a * a + b * b;
        Self {
            sure: square / (square + 225.0),
            told: 100.0 + 0.1 * square,
        }
    }

    /// How likely it is, 0 to 1, that a pixel's lightness is the light's. `hue` is the cloth's, as
    /// [`Tones`](super::light::Tones) has it.
    #[inline(always)]
    pub fn lit(&self, [l, a, b]: [f32; 3], from: [f32; 3], hue: [f32; 2]) -> f32 {
        let light = shade((l + 16.0) * (1.0 / (from[0] + 16.0)));
        let (da, db) = (a - light * from[1], b - light * from[2]);
        // More of the same colour is the depth of a fold.
        let more = da * hue[0] + db * hue[1];
        let more = if more > 0.0 { 0.7 * more } else { 0.0 };
        let (da, db) = (da - more * hue[0], db - more * hue[1]);
        self.sure * self.told / (self.told + da * da + db * db)
    }
}

/// Lightness without what is printed on it: small deviations from that around are the light's, and
/// the larger one is the less of it stays, unless it is `lit` so.
#[inline(always)]
pub fn evened(l: f32, around: f32, [detail, even]: [f32; 2], lit: f32) -> f32 {
    let deviation = l - around;
    let (detail, even) = (detail + lit * (1.0 - detail), even - lit * even);
    around + detail * deviation / (1.0 + even * deviation * deviation)
}

/// For plain cloth: how much of the detail is light, for a garment that was patterned lends only its
/// smooth light; what evens the rest; and the lightness around each pixel, of what the mask covers. `lit` says
/// of each pixel how likely its lightness is the light's.
pub fn smooth(small: &Small, weights: &[f32], lit: &[f32]) -> ([f32; 2], Vec<f32>) {
    const EVEN: f32 = 1.0 / 144.0;
    let total: f32 = weights.iter().sum();
    let radius = (total.sqrt() / 10.0).clamp(2.0, 12.0) as usize;
    let mut around: Vec<f32> = Vec::new();
    for _ in 0..3 {
        let mut planes: Vec<[f32; 2]> = (small.lab.iter().zip(weights).enumerate())
            .map(|(i, ([l, ..], weight))| {
                // From the second time on, what stands out counts less.
                let deviation = around
                    .get(i)
                    .map_or(0.0, |around| (1.0 - lit[i]) * (l - around));
                let weight = weight / (1.0 + EVEN * deviation * deviation);
                [weight * l, weight]
            })
            .collect();
        for _ in 0..2 {
            planes = blur(&planes, small.size, radius);
        }
        let means = planes.iter().zip(&small.lab);
        let means = means.map(|([sum, weight], [l, ..])| match *weight > 1e-4 {
            true => sum / weight,
            false => *l,
        });
        around = means.collect();
    }
    let deviations = small.lightness().zip(&around).zip(lit);
    let deviations = deviations.map(|((l, around), lit)| (1.0 - lit) * (l - around).abs());
    let [typical] = quantiles(deviations, weights, [0.7]);
    // What is printed on it large, or another material, is no light either.
    let [median] = quantiles(around.iter().copied(), weights, [0.5]);
    let (kept, most) = (
        (1.5 - typical / 14.0).clamp(0.2, 1.0),
        0.5 * (median + 16.0),
    );
    for around in &mut around {
        let deviation = kept * (*around - median);
        *around = median + deviation / (1.0 + (deviation / most).powi(2)).sqrt();
    }
    ([(1.6 - typical / 7.0).clamp(0.25, 1.0), EVEN], around)
}

/// How much of the chroma is left in this light.
#[inline(always)]
pub fn shade(ratio: f32) -> f32 {
    let ratio = if ratio > 0.25 { ratio } else { 0.25 };
    if ratio < 1.25 { ratio } else { 1.25 }
}
