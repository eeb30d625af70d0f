//! Cloth in any colour, plain or striped, and what is dyed with it: most clothes of the street photos are black, white or
//! denim, those of strangers' photos may be a football club's. Colour must not say what a thing is.

use rand::Rng;
use rand::rngs::SmallRng;

use super::labels::{BACKGROUND, CENTRE, FLOWER, LEAVES, UNDECIDED, label};

/// How often clothes are dyed, hair, skin, and all that is around them.
const CLOTHES: f64 = 0.3;
const HAIR: f64 = 0.1;
const SKIN: f64 = 0.2;
const AROUND: f64 = 0.1;
/// Smaller than this, in pixels, nothing is dyed.
const MIN_AREA: usize = 60;

/// A plain colour, or stripes of two, sharp or soft.
pub struct Fabric {
    first: [f32; 3],
    second: [f32; 3],
    /// The stripes' direction times their frequency, in radians in a pixel; none for plain cloth.
    wave: Option<[f32; 2]>,
    soft: bool,
}

impl Fabric {
    /// Of a picture with this side, in pixels: half are plain, the others have stripes of 0.02 to 0.2 of it.
    pub fn draw(side: f32, rng: &mut SmallRng) -> Self {
        let colour = |rng: &mut SmallRng| -> [f32; 3] {
            let grey = rng.random_range(0.0f32..255.0);
            let vivid = rng.random_range(0.0f32..1.0);
            std::array::from_fn(|_| grey + vivid * (rng.random_range(0.0..255.0) - grey))
        };
        let (first, second) = (colour(rng), colour(rng));
        let period = rng.random_range(0.02f32..0.2) * side;
        let upright = std::f32::consts::FRAC_PI_2 * f32::from(rng.random_bool(0.5));
        let (sin, cos) = (upright + rng.random_range(-0.3f32..0.3)).sin_cos();
        let frequency = std::f32::consts::TAU / period;
        let wave = rng.random_bool(0.5);
        Self {
            first,
            second,
            wave: wave.then_some([frequency * cos, frequency * sin]),
            soft: rng.random_bool(0.5),
        }
    }

    /// Its colour at a place, in pixels: 0 to 255.
    pub fn at(&self, x: f32, y: f32) -> [f32; 3] {
        let wave = self.wave.map(|[u, v]| (u * x + v * y).sin());
        let share = match wave {
            None => 0.0,
            Some(wave) if self.soft => 0.25 + 0.25 * wave,
            Some(wave) => f32::from(wave > 0.0),
        };
        std::array::from_fn(|c| self.first[c] + share * (self.second[c] - self.first[c]))
    }
}

/// Dyes some of what a picture shows; light and folds stay.
///
/// - `picture`: `[size, size, 3]`
/// - `labels`: `[size, size]`
pub fn dye(size: usize, rng: &mut SmallRng, picture: &mut [u8], labels: &[u8]) {
    let [hair, skin] = ["hair", "skin"].map(label);
    let mut present: Vec<u8> = labels.to_vec();
    present.sort_unstable();
    present.dedup();
    for name in present {
        let often = match name {
            UNDECIDED | FLOWER | CENTRE | LEAVES => 0.0,
            BACKGROUND => AROUND,
            _ if Some(name) == hair => HAIR,
            _ if Some(name) == skin => SKIN,
            _ => CLOTHES,
        };
        let fabric = Fabric::draw(size as f32, rng);
        let strength = rng.random_range(0.4..1.0);
        let darker = rng.random_range(0.4f32..1.1);
        if !rng.random_bool(often) || labels.iter().filter(|l| **l == name).count() < MIN_AREA {
            continue;
        }
        let before = picture.to_vec();
        let shares = shares(labels, name, size);
        let grey = |at: usize| {
            let pixel = before[3 * at..3 * at + 3].iter();
            pixel.map(|value| f32::from(*value)).sum::<f32>() / 3.0
        };
        let weight: f32 = shares.iter().sum();
        let mean = shares.iter().enumerate().map(|(at, s)| s * grey(at));
        let mean = mean.sum::<f32>() / weight;
        for (at, share) in shares.iter().enumerate().filter(|(_, s)| **s > 0.0) {
            let to = match Some(name) == skin {
                true => [0, 1, 2].map(|c| darker * f32::from(before[3 * at + c])),
                false => {
                    // In the dark, folds are noise: they are not made stronger there.
                    let light = 1.0 + (grey(at) - mean) / mean.max(60.0);
                    let [x, y] = [at % size, at / size].map(|place| place as f32);
                    fabric.at(x, y).map(|value| light * value)
                }
            };
            for (value, to) in picture[3 * at..3 * at + 3].iter_mut().zip(to) {
                let from = f32::from(*value);
                *value = (from + strength * share * (to - from) + 0.5) as u8;
            }
        }
    }
}

/// How much of 3 x 3 around each pixel has a label, 0 to 1: dye ends as softly as cloth does in a photo.
fn shares(labels: &[u8], name: u8, size: usize) -> Vec<f32> {
    let near = |at: usize| at.saturating_sub(1)..(at + 2).min(size);
    let share = |at: usize| {
        let (x, y) = (at % size, at / size);
        let around = near(y).flat_map(|y| near(x).map(move |x| y * size + x));
        let all = near(x).len() * near(y).len();
        around.filter(|at| labels[*at] == name).count() as f32 / all as f32
    };
    (0..size * size).map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    /// A coat on grey, its upper half in the light.
    fn coat() -> (Vec<u8>, Vec<u8>) {
        let coat = label("coat").unwrap();
        let inside = |at: usize| (8..24).contains(&(at % 32)) && (8..24).contains(&(at / 32));
        let labels = (0..32 * 32).map(|at| if inside(at) { coat } else { BACKGROUND });
        let grey = |at: usize| match (inside(at), at / 32 < 16) {
            (false, _) => 150,
            (true, true) => 90,
            (true, false) => 50,
        };
        let picture = (0..3 * 32 * 32).map(|at| grey(at / 3)).collect();
        (picture, labels.collect())
    }

    #[test]
    fn a_dyed_coat_keeps_its_light_and_what_is_beside_it_its_colour() {
        let mut rng = SmallRng::seed_from_u64(1);
        let (mut dyed, mut around) = (0, 0);
        for _ in 0..200 {
            let (mut picture, labels) = coat();
            dye(32, &mut rng, &mut picture, &labels);
            let sum = |x: usize, rows: std::ops::Range<usize>| -> u32 {
                let pixels = rows.flat_map(|y| (0..3).map(move |c| 3 * (32 * y + x) + c));
                pixels.map(|at| u32::from(picture[at])).sum()
            };
            let [light, dark] = [sum(16, 10..15), sum(16, 17..22)];
            assert!(light > dark, "{light} over {dark}");
            let same = [light, dark] == [3 * 5 * 90, 3 * 5 * 50];
            dyed += usize::from(!same);
            around += usize::from(sum(2, 0..32) != 3 * 32 * 150);
        }
        // 200 times 0.3 and 0.1.
        assert!((40..80).contains(&dyed), "{dyed} coats");
        assert!((8..36).contains(&around), "{around} backgrounds");
    }

    #[test]
    fn stripes_have_both_colours() {
        let fabric = Fabric {
            first: [200.0, 0.0, 0.0],
            second: [0.0, 0.0, 200.0],
            wave: Some([0.5, 0.0]),
            soft: false,
        };
        let red = (0..126).filter(|x| fabric.at(*x as f32, 3.0)[0] > 100.0);
        assert!((58..68).contains(&red.count()));
    }
}
