//! What light and camera do to a picture. Colour must not say what a thing is.

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

/// Brightness, contrast, colour, noise, and how sharp a picture is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Light {
    /// What each channel is multiplied by.
    gains: [f32; 3],
    /// The exponent of values, 1 for as they are.
    gamma: f32,
    /// How far values are from mid grey, against before.
    contrast: f32,
    /// How far channels are from their grey, against before.
    saturation: f32,
    /// How often neighbours are mixed, 1 2 1.
    blur: usize,
    /// How wide the range of noise is, and where its random numbers start.
    noise: (f32, u64),
    /// What falls on a part of the picture.
    shadow: Option<Shadow>,
}

/// A shadow over one side of a picture: black cloth is nearly black in it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Shadow {
    /// Where it lies, as a direction.
    towards: [f32; 2],
    /// From where to where in that direction light fades, in sides of the picture from its middle.
    from: f32,
    to: f32,
    /// What is left of the light.
    left: f32,
}

impl Shadow {
    fn draw(rng: &mut SmallRng) -> Self {
        let (sin, cos) = rng.random_range(0.0..std::f32::consts::TAU).sin_cos();
        let from = rng.random_range(-0.4..0.3);
        Self {
            towards: [cos, sin],
            from,
            to: from + rng.random_range(0.02..0.8),
            left: rng.random_range(0.08..0.6),
        }
    }

    /// What is left at a place, in sides of the picture from its middle.
    fn at(&self, [x, y]: [f32; 2]) -> f32 {
        let along = x * self.towards[0] + y * self.towards[1];
        let share = ((along - self.from) / (self.to - self.from)).clamp(0.0, 1.0);
        1.0 - share * (1.0 - self.left)
    }
}

impl Light {
    /// Of plain photos: brightness 0.7 to 1.25, tints of 10 %, contrast 0.85 to 1.15, a tenth grey. Of others: brightness
    /// 0.55 to 1.3, a quarter with tints of 22 %, contrast 0.7 to 1.25, gamma 0.75 to 1.4, saturation 0.55 to 1.35,
    /// a fifth with noise of up to 12, a third slightly blurred, a fifth with one side in shadow.
    pub fn draw(plain: bool, rng: &mut SmallRng) -> Self {
        let brightness = match plain {
            true => rng.random_range(0.7..1.25),
            false => rng.random_range(0.55f32..1.3),
        };
        let lamp = !plain && rng.random_bool(0.25);
        let tint: f32 = if lamp { 0.22 } else { 0.1 };
        let light = Self {
            gains: std::array::from_fn(|_| brightness * rng.random_range(1.0 - tint..1.0 + tint)),
            contrast: rng.random_range(0.85..1.15),
            saturation: f32::from(!rng.random_bool(0.1)),
            ..Self::same()
        };
        if plain {
            return light;
        }
        Self {
            gamma: rng.random_range(0.75..1.4),
            contrast: rng.random_range(0.7..1.25),
            saturation: light.saturation * rng.random_range(0.55..1.35),
            blur: match rng.random_bool(1.0 / 3.0) {
                true => rng.random_range(1..=2),
                false => 0,
            },
            noise: match rng.random_bool(0.2) {
                true => (rng.random_range(4.0..24.0), rng.random()),
                false => (0.0, 0),
            },
            shadow: rng.random_bool(0.2).then(|| Shadow::draw(rng)),
            ..light
        }
    }

    /// Another lamp: brightness 0.75 to 1.2 and tints of 8 %, for what comes from another photo.
    pub fn lamp(rng: &mut SmallRng) -> Self {
        let brightness = rng.random_range(0.75..1.2);
        Self {
            gains: std::array::from_fn(|_| brightness * rng.random_range(0.92..1.08)),
            ..Self::same()
        }
    }

    /// Changes nothing.
    fn same() -> Self {
        Self {
            gains: [1.0; 3],
            gamma: 1.0,
            contrast: 1.0,
            saturation: 1.0,
            blur: 0,
            noise: (0.0, 0),
            shadow: None,
        }
    }

    /// Changes a picture, `[height, width, 3]`.
    pub fn apply(&self, picture: &mut [u8], width: usize) {
        let tables = self.gains.map(|gain| {
            let value = |byte: usize| {
                let value = 255.0 * (byte as f32 / 255.0).powf(self.gamma);
                let value = (value * gain - 127.5) * self.contrast + 127.5;
                (value + 0.5).clamp(0.0, 255.0) as u8
            };
            std::array::from_fn::<u8, 256, _>(value)
        });
        for (at, pixel) in picture.as_chunks_mut::<3>().0.iter_mut().enumerate() {
            if let Some(shadow) = self.shadow {
                let place = [at % width, at / width].map(|at| at as f32 / width as f32 - 0.5);
                let left = shadow.at(place);
                *pixel = pixel.map(|value| (f32::from(value) * left + 0.5) as u8);
            }
            if self.saturation != 1.0 {
                let [r, g, b] = pixel.map(f32::from);
                let grey = 0.3 * r + 0.59 * g + 0.11 * b;
                let mixed = |value: u8| grey + self.saturation * (f32::from(value) - grey);
                *pixel = pixel.map(|value| (mixed(value) + 0.5) as u8);
            }
            for (byte, table) in pixel.iter_mut().zip(&tables) {
                *byte = table[usize::from(*byte)];
            }
        }
        for _ in 0..self.blur {
            blur(picture, width);
        }
        let (wide, seed) = self.noise;
        if wide > 0.0 {
            let mut rng = SmallRng::seed_from_u64(seed);
            for byte in picture {
                let noise = wide * (rng.random::<f32>() - 0.5);
                *byte = (f32::from(*byte) + noise + 0.5) as u8;
            }
        }
    }
}

/// Mixes each pixel with its neighbours, 1 2 1 across and down.
pub fn blur(picture: &mut [u8], width: usize) {
    let mix =
        |a: u8, b: u8, c: u8| ((u16::from(a) + 2 * u16::from(b) + u16::from(c) + 2) / 4) as u8;
    for row in picture.chunks_exact_mut(3 * width) {
        let mut before = [row[0], row[1], row[2]];
        for at in 0..row.len() {
            let here = row[at];
            let next = row.get(at + 3).copied().unwrap_or(here);
            row[at] = mix(before[at % 3], here, next);
            before[at % 3] = here;
        }
    }
    let mut before = picture[..3 * width].to_vec();
    for at in 0..picture.len() {
        let (here, x) = (picture[at], at % (3 * width));
        let next = picture.get(at + 3 * width).copied().unwrap_or(here);
        picture[at] = mix(before[x], here, next);
        before[x] = here;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blur_spreads_a_point_and_keeps_its_sum() {
        let mut picture = vec![0; 5 * 5 * 3];
        picture[3 * 12 + 1] = 160;
        blur(&mut picture, 5);
        let green: Vec<u8> = picture.iter().skip(1).step_by(3).copied().collect();
        assert_eq!(green[10..15], [0, 20, 40, 20, 0]);
        assert_eq!(green.iter().map(|b| u32::from(*b)).sum::<u32>(), 160);
        assert!(picture.iter().step_by(3).all(|red| *red == 0));
    }

    #[test]
    fn light_changes_all_of_a_picture_alike() {
        let mut rng = SmallRng::seed_from_u64(3);
        let mut greys = 0;
        for _ in 0..200 {
            let light = Light {
                noise: (0.0, 0),
                shadow: None,
                ..Light::draw(false, &mut rng)
            };
            let mut picture = [100, 120, 140].repeat(16);
            light.apply(&mut picture, 4);
            assert!(picture.chunks(3).all(|pixel| pixel == &picture[..3]));
            let ratio = f32::from(picture[1]) / 120.0;
            assert!((0.3..1.8).contains(&ratio), "{ratio}");
            greys += usize::from(light.saturation == 0.0);
        }
        assert!((8..40).contains(&greys), "{greys} of 200 are grey");
        let mut same = [100, 120, 140].repeat(16);
        Light::same().apply(&mut same, 4);
        assert_eq!(same, [100, 120, 140].repeat(16));
    }

    #[test]
    fn a_shadow_falls_on_one_side() {
        let shadow = Shadow {
            towards: [1.0, 0.0],
            from: 0.0,
            to: 0.25,
            left: 0.2,
        };
        let light = Light {
            shadow: Some(shadow),
            ..Light::same()
        };
        let mut picture = [100, 120, 140].repeat(8 * 8);
        light.apply(&mut picture, 8);
        for row in picture.chunks(3 * 8) {
            assert_eq!(row[..3], [100, 120, 140]);
            assert_eq!(row[3 * 7..], [20, 24, 28]);
        }
        let mut rng = SmallRng::seed_from_u64(5);
        let shadows = (0..1000).filter(|_| Light::draw(false, &mut rng).shadow.is_some());
        let shadows = shadows.count();
        assert!((150..250).contains(&shadows), "{shadows}");
        assert_eq!(Light::draw(true, &mut rng).shadow, None);
    }

    #[test]
    fn noise_is_even() {
        let light = Light {
            noise: (20.0, 7),
            ..Light::same()
        };
        let mut picture = vec![100; 3 * 40 * 40];
        light.apply(&mut picture, 40);
        let mean = picture.iter().map(|v| f32::from(*v)).sum::<f32>() / picture.len() as f32;
        assert!((99.0..101.0).contains(&mean), "{mean}");
        assert!(picture.iter().any(|v| *v < 94) && picture.iter().any(|v| *v > 106));
    }
}
