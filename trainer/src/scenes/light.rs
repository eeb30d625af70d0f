//! What light and camera do to a picture. Colour must not say what a thing is.

use rand::Rng;
use rand::rngs::SmallRng;

/// Brightness, contrast, tint, and how sharp a picture is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Light {
    /// What each channel is multiplied by.
    gains: [f32; 3],
    /// How far values are from mid grey, against before.
    contrast: f32,
    grey: bool,
    /// How often neighbours are mixed, 1 2 1.
    blur: usize,
}

impl Light {
    /// Brightness 0.7 to 1.25, tints of 10 %, contrast 0.85 to 1.15; a third is slightly blurred, if none
    /// is plain, and a tenth is grey.
    pub fn draw(plain: bool, rng: &mut SmallRng) -> Self {
        let brightness = rng.random_range(0.7..1.25);
        Self {
            gains: std::array::from_fn(|_| brightness * rng.random_range(0.9..1.1)),
            contrast: rng.random_range(0.85..1.15),
            grey: rng.random_bool(0.1),
            blur: if !plain && rng.random_bool(1.0 / 3.0) {
                rng.random_range(1..=2)
            } else {
                0
            },
        }
    }

    /// Another lamp: brightness 0.75 to 1.2 and tints of 8 %, for what comes from another photo.
    pub fn lamp(rng: &mut SmallRng) -> Self {
        let brightness = rng.random_range(0.75..1.2);
        Self {
            gains: std::array::from_fn(|_| brightness * rng.random_range(0.92..1.08)),
            contrast: 1.0,
            grey: false,
            blur: 0,
        }
    }

    /// Changes a picture, `[height, width, 3]`.
    pub fn apply(&self, picture: &mut [u8], width: usize) {
        let tables = self.gains.map(|gain| {
            let value = |byte: usize| {
                let value = (byte as f32 * gain - 127.5) * self.contrast + 127.5;
                (value + 0.5).clamp(0.0, 255.0) as u8
            };
            std::array::from_fn::<u8, 256, _>(value)
        });
        for pixel in picture.as_chunks_mut::<3>().0 {
            if self.grey {
                let [r, g, b] = pixel.map(u32::from);
                *pixel = [((77 * r + 150 * g + 29 * b + 128) >> 8) as u8; 3];
            }
            for (byte, table) in pixel.iter_mut().zip(&tables) {
                *byte = table[usize::from(*byte)];
            }
        }
        for _ in 0..self.blur {
            blur(picture, width);
        }
    }
}

/// Mixes each pixel with its neighbours, 1 2 1 across and down.
fn blur(picture: &mut [u8], width: usize) {
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
    use rand::SeedableRng;

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
            let light = Light::draw(false, &mut rng);
            let mut picture = [100, 120, 140].repeat(16);
            light.apply(&mut picture, 4);
            assert!(picture.chunks(3).all(|pixel| pixel == &picture[..3]));
            let ratio = f32::from(picture[1]) / 120.0;
            assert!((0.5..1.5).contains(&ratio), "{ratio}");
            greys += usize::from(light.grey);
        }
        assert!((8..40).contains(&greys), "{greys} of 200 are grey");
    }
}
