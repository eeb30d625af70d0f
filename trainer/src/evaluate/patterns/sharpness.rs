//! How fine what is drawn is: the share of a spectrum that only a picture has that is drawn at its own size.

use std::f64::consts::TAU;

/// The share of the energy of a square's rows and columns at and above a quarter of the highest frequency that
/// its pixels can have, without what is even: up to 4 pixels for half a period.
///
/// # Shapes
/// - `values`: `[side, side]`
pub fn fine(values: &[f32], side: usize) -> f64 {
    let window: Vec<f64> = (0..side)
        .map(|i| 0.5 - 0.5 * (TAU * (i as f64 + 0.5) / side as f64).cos())
        .collect();
    let turns: Vec<[f64; 2]> = (0..side)
        .map(|i| {
            let (sin, cos) = (TAU * i as f64 / side as f64).sin_cos();
            [cos, sin]
        })
        .collect();
    let (mut high, mut all) = (0.0, 0.0);
    for line in 0..side {
        for (start, step) in [(line * side, 1), (line, side)] {
            let value = |i: usize| f64::from(values[start + i * step]);
            let mean = (0..side).map(value).sum::<f64>() / side as f64;
            let line: Vec<f64> = (0..side).map(|i| window[i] * (value(i) - mean)).collect();
            // The window spreads what is even to its neighbours.
            for frequency in 2..=side / 2 {
                let [re, im] = line.iter().enumerate().fold([0.0; 2], |[re, im], (i, v)| {
                    let [cos, sin] = turns[i * frequency % side];
                    [re + v * cos, im + v * sin]
                });
                let energy = re * re + im * im;
                all += energy;
                if 8 * frequency >= side {
                    high += energy;
                }
            }
        }
    }
    high / f64::max(all, 1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIDE: usize = 64;

    fn square(value: impl Fn(f64, f64) -> f64) -> Vec<f32> {
        let at = |i: usize| ((i % SIDE) as f64, (i / SIDE) as f64);
        (0..SIDE * SIDE)
            .map(at)
            .map(|(x, y)| value(x, y) as f32)
            .collect()
    }

    #[test]
    fn waves_are_fine_from_a_quarter_of_the_highest_frequency() {
        let wave = |period: f64| fine(&square(|x, _| (TAU * x / period).sin()), SIDE);
        assert!(wave(5.0) > 0.99, "{}", wave(5.0));
        assert!(wave(16.0) < 0.01, "{}", wave(16.0));
        assert_eq!(fine(&[7.0; SIDE * SIDE], SIDE), 0.0);
    }

    #[test]
    fn a_sharp_stripe_is_finer_than_a_blurred_one() {
        let sharp = square(|_, y| f64::from((y as usize / 16).is_multiple_of(2)));
        let blurred = square(|_, y| 0.5 + 0.5 * (TAU * y / 32.0).sin());
        assert!(fine(&sharp, SIDE) > 0.03 && fine(&blurred, SIDE) < 0.001);
    }
}
