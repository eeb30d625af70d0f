//! The pieces that the judge of fabrics learns from.
//!
//! Some kinds are known from close-ups alone, which are no garments. So close-ups are also laid on garments:
//! made smaller, repeated by mirrors, in the light of a plain garment of a shop photo.

use anyhow::{Result, ensure};
use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rayon::prelude::*;

use super::cloth::{Cloth, Piece};
use super::{KINDS, SIZE};
use crate::evaluate::classifier::{Label, Photos};

/// How often a close-up is laid on a garment.
const LAID: f64 = 0.85;
/// How often a kind that shop photos have is taken from them.
const SHOP: f64 = 0.6;

/// All cloths, by what they are good for.
pub struct Pieces {
    cloths: Vec<Cloth>,
    /// For each kind, its shop photos and its close-ups.
    kinds: Vec<[Vec<usize>; 2]>,
}

impl Pieces {
    /// # Errors
    /// Where a kind has no photos, or no garment is plain.
    pub fn new(cloths: Vec<Cloth>) -> Result<Self> {
        let of = |kind: usize, close: bool| {
            let cloths = cloths.iter().enumerate();
            let of_kind = cloths.filter(|(_, cloth)| (cloth.kind, cloth.close) == (kind, close));
            of_kind.map(|(n, _)| n).collect::<Vec<_>>()
        };
        let kinds: Vec<_> = (0..KINDS.len())
            .map(|kind| [of(kind, false), of(kind, true)])
            .collect();
        for (name, [shop, close]) in KINDS.iter().zip(&kinds) {
            ensure!(
                !(shop.is_empty() && close.is_empty()),
                "no photo shows {name} cloth: the judge learns from --data fashion-product=... and fabrics=..."
            );
        }
        ensure!(
            !kinds[0][0].is_empty(),
            "no shop photo shows a plain garment, on which close-ups are laid"
        );
        Ok(Self { cloths, kinds })
    }

    /// A piece of a kind.
    fn piece(&self, kind: usize, rng: &mut SmallRng) -> Option<Piece> {
        let [shop, close] = &self.kinds[kind];
        let from_shop = close.is_empty() || !shop.is_empty() && rng.random_bool(SHOP);
        let times = rng.random_range(0.7..1.4);
        if from_shop {
            return self.cut(shop, times, rng);
        }
        match rng.random_bool(LAID) {
            true => {
                let garment = self.cut(&self.kinds[0][0], times, rng)?;
                let close = &self.cloths[*close.choose(rng)?].photo;
                Some(laid(close, &garment, rng))
            }
            false => self.cut(close, times, rng),
        }
    }

    fn cut(&self, of: &[usize], times: f64, rng: &mut SmallRng) -> Option<Piece> {
        let cloth = &self.cloths[*of.choose(rng)?];
        let window = *cloth.windows(1, times, rng).first()?;
        Some(cloth.piece(window))
    }

    /// A piece of a kind that is drawn first, so that each is as frequent, in another light.
    fn draw_one(&self, rng: &mut SmallRng) -> (Piece, usize) {
        loop {
            let kind = rng.random_range(0..KINDS.len());
            if let Some(mut piece) = self.piece(kind, rng) {
                relit(&mut piece.0, KINDS[kind] == "denim", rng);
                return (piece, kind);
            }
        }
    }
}

impl Photos for Pieces {
    fn len(&self) -> usize {
        self.cloths.len()
    }

    fn draw(&self, count: usize, rng: &mut SmallRng) -> (Vec<f32>, Vec<Label>) {
        let seeds: Vec<u64> = (0..count).map(|_| rng.random()).collect();
        let rngs = seeds.into_par_iter().map(SmallRng::seed_from_u64);
        let drawn: Vec<_> = rngs.map(|mut rng| self.draw_one(&mut rng)).collect();
        let mut planes = Vec::with_capacity(count * 3 * SIZE * SIZE);
        drawn
            .iter()
            .for_each(|(piece, _)| piece.planes(&mut planes));
        (
            planes,
            drawn.iter().map(|(_, kind)| (*kind, None)).collect(),
        )
    }
}

/// A close-up on a plain garment: its colours in the garment's light.
fn laid(close: &RgbImage, garment: &Piece, rng: &mut SmallRng) -> Piece {
    // Of all sizes that figures have on somebody in a shop photo.
    let side = (rng.random_range(0.0f32..1.8).exp() * 12.0).round() as u32;
    let cloth = imageops::resize(close, side, side, FilterType::Triangle);
    let (right, down) = (rng.random_range(0..2 * side), rng.random_range(0..2 * side));
    let light = |pixel: &Rgb<u8>| pixel.0.iter().map(|v| f32::from(*v)).sum::<f32>() / 3.0;
    let all: f32 = garment.0.pixels().map(light).sum();
    let mean = (all / (SIZE * SIZE) as f32).max(1.0);
    let mirrored = |at: u32| {
        let at = at % (2 * side);
        at.min(2 * side - 1 - at)
    };
    Piece(RgbImage::from_fn(SIZE as u32, SIZE as u32, |x, y| {
        let seen = garment.0.get_pixel(x, y);
        let share = (light(seen) / mean).clamp(0.4, 1.5);
        let Rgb(cloth) = cloth.get_pixel(mirrored(x + right), mirrored(y + down));
        Rgb(cloth.map(|value| (share * f32::from(value)).min(255.0) as u8))
    }))
}

/// Another white, flips, and, but for denim, which is blue, other colours: inverted or changed round.
fn relit(piece: &mut RgbImage, blue: bool, rng: &mut SmallRng) {
    if rng.random() {
        imageops::flip_horizontal_in_place(piece);
    }
    let gains: [f32; 3] = std::array::from_fn(|_| rng.random_range(0.85..1.15));
    let inverted = !blue && rng.random_bool(0.2);
    let turn = if blue || rng.random_bool(0.6) {
        0
    } else {
        rng.random_range(1..3)
    };
    for pixel in piece.pixels_mut() {
        let mut values = pixel.0;
        values.rotate_left(turn);
        pixel.0 = [0, 1, 2].map(|c| {
            let value = (f32::from(values[c]) * gains[c]).min(255.0) as u8;
            if inverted { 255 - value } else { value }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten close-ups of stripes on a plain garment of which the left half is in shadow.
    #[test]
    fn a_laid_close_up_has_its_figure_and_the_garments_light() {
        let close = RgbImage::from_fn(256, 256, |x, _| {
            Rgb([if x / 32 % 2 == 0 { 40 } else { 200 }; 3])
        });
        let garment = Piece(RgbImage::from_fn(64, 64, |x, _| {
            Rgb([if x < 32 { 60 } else { 120 }; 3])
        }));
        let mut rng = SmallRng::seed_from_u64(5);
        for _ in 0..10 {
            let piece = laid(&close, &garment, &mut rng).0;
            let mean = |from: u32| {
                let part = imageops::crop_imm(&piece, from, 0, 32, 64).to_image();
                part.pixels()
                    .map(|pixel| f32::from(pixel.0[0]))
                    .sum::<f32>()
                    / 2048.0
            };
            let ratio = mean(32) / mean(0);
            // The light is twice as strong; a wide stripe that is cut off weighs against it.
            assert!((1.15..3.0).contains(&ratio), "{ratio}");
            let row: Vec<u8> = (0..32).map(|x| piece.get_pixel(x, 9).0[0]).collect();
            assert!(row.iter().max() > row.iter().min().map(|least| least + 30).as_ref());
        }
    }

    #[test]
    fn every_kind_has_to_be_known() {
        let photo = RgbImage::from_pixel(64, 64, Rgb([90; 3]));
        let cloths = Cloth::of_photo(&photo, 1).into_iter().collect();
        let error = Pieces::new(cloths).err().unwrap().to_string();
        assert!(error.contains("plain"), "{error}");
    }
}
