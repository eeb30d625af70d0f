//! The light of cloth without what is printed on it.

use super::light::{Small, quantiles};
use super::spill::blur;

/// Lightness without what is printed on it: small deviations from that around are the light's, and
/// the larger one is the less of it stays.
#[inline(always)]
pub fn evened(l: f32, around: f32, detail: f32, even: f32) -> f32 {
    let deviation = l - around;
    around + detail * deviation / (1.0 + even * deviation * deviation)
}

/// For plain cloth: how much of the detail is light, for a garment that was patterned lends only its
/// smooth light; what evens the rest; and the lightness around each pixel, of what the mask covers.
pub fn smooth(small: &Small, weights: &[f32]) -> (f32, f32, Option<Vec<f32>>) {
    const EVEN: f32 = 1.0 / 144.0;
    let total: f32 = weights.iter().sum();
    let radius = (total.sqrt() / 10.0).clamp(2.0, 12.0) as usize;
    let mut around: Vec<f32> = Vec::new();
    for _ in 0..3 {
        let mut planes: Vec<[f32; 2]> = (small.lab.iter().zip(weights).enumerate())
            .map(|(i, ([l, ..], weight))| {
                // From the second time on, what stands out counts less.
                let deviation = around.get(i).map_or(0.0, |around| l - around);
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
    let deviations = small
        .lab
        .iter()
        .zip(&around)
        .map(|(lab, around)| (lab[0] - around).abs());
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
    ((1.6 - typical / 7.0).clamp(0.25, 1.0), EVEN, Some(around))
}
