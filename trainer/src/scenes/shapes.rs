//! Shapes that are no clothes, though as large and as bright as curtains, flags, doors and posters: boxes and discs in plain
//! colours and stripes, or several joined. What they teach is that colour alone makes no garment.

use rand::Rng;
use rand::rngs::SmallRng;

use super::fabric::Fabric;
use super::labels::BACKGROUND;

/// The most boxes and discs of one thing.
const PARTS: usize = 5;

/// A box or a disc, in pixels.
struct Part {
    middle: [f32; 2],
    /// Half of what it is across and along.
    half: [f32; 2],
    /// Sine and cosine of how far it is turned.
    turned: [f32; 2],
    round: bool,
}

impl Part {
    /// With its middle at a place, and up to so large, 1 for up to all of a picture with this side. What is joined to
    /// others lies any way, and more often is round.
    fn draw(middle: [f32; 2], large: f32, side: f32, joined: bool, rng: &mut SmallRng) -> Self {
        let (turn, round) = match joined {
            true => (std::f32::consts::PI, 0.7),
            false => (0.3, 0.3),
        };
        let (sin, cos) = rng.random_range(-turn..turn).sin_cos();
        Self {
            middle,
            half: [0; 2].map(|_| large * rng.random_range(0.06f32..0.5) * side),
            turned: [sin, cos],
            round: rng.random_bool(round),
        }
    }

    /// A place in it.
    fn inside(&self, rng: &mut SmallRng) -> [f32; 2] {
        let ([sin, cos], [wide, tall]) = (self.turned, self.half);
        let (u, v) = (
            wide * rng.random_range(-0.7..0.7),
            tall * rng.random_range(-0.7..0.7),
        );
        [
            self.middle[0] + u * cos - v * sin,
            self.middle[1] + u * sin + v * cos,
        ]
    }

    /// Where a pixel is in it, from -1 to 1 down it, if it is.
    fn down(&self, x: f32, y: f32) -> Option<f32> {
        let ([sin, cos], [wide, tall]) = (self.turned, self.half);
        let (dx, dy) = (x - self.middle[0], y - self.middle[1]);
        let (u, v) = ((dx * cos + dy * sin) / wide, (dy * cos - dx * sin) / tall);
        let inside = match self.round {
            true => u * u + v * v < 1.0,
            false => u.abs().max(v.abs()) < 1.0,
        };
        inside.then_some(v)
    }
}

/// Paints one on a picture, as background.
///
/// - `large`: how large, 1 for up to all of the picture
/// - `picture`: `[size, size, 3]`
/// - `labels`: `[size, size]`
pub fn paint(size: usize, large: f32, rng: &mut SmallRng, picture: &mut [u8], labels: &mut [u8]) {
    let side = size as f32;
    let near = [0; 2].map(|_| rng.random_range(0.0..side));
    let joined = rng.random_bool(0.5);
    let large = if joined { 0.5 * large } else { large };
    let mut parts = vec![Part::draw(near, large, side, joined, rng)];
    let further = if joined {
        rng.random_range(1..PARTS)
    } else {
        0
    };
    for _ in 0..further {
        let before = &parts[rng.random_range(0..parts.len())];
        let middle = before.inside(rng);
        parts.push(Part::draw(middle, large, side, joined, rng));
    }
    let fabric = Fabric::draw(side, rng);
    let shade = rng.random_range(-0.4f32..0.4);
    for (at, pixel) in picture.as_chunks_mut::<3>().0.iter_mut().enumerate() {
        let [x, y] = [at % size, at / size].map(|place| place as f32);
        let Some(v) = parts.iter().find_map(|part| part.down(x, y)) else {
            continue;
        };
        let light = 1.0 + shade * v;
        let colour = fabric.at(x - near[0], y - near[1]);
        *pixel = colour.map(|value| (light * value).clamp(0.0, 255.0) as u8);
        labels[at] = BACKGROUND;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn what_is_joined_begins_inside_of_what_it_is_joined_to() {
        let mut rng = SmallRng::seed_from_u64(2);
        for _ in 0..200 {
            let part = Part::draw([90.0, 20.0], 0.5, 192.0, true, &mut rng);
            let [x, y] = part.inside(&mut rng);
            // A disc ends before its corners.
            let inside = part.round || part.down(x, y).is_some();
            assert!(inside, "{x} {y}");
            let beyond = (x - 90.0).hypot(y - 20.0) - part.half[0].hypot(part.half[1]);
            assert!(beyond < 0.0, "{x} {y}");
        }
    }

    #[test]
    fn objects_are_background_and_cover_a_part() {
        let mut rng = SmallRng::seed_from_u64(1);
        let mut covered = Vec::new();
        for _ in 0..50 {
            let (mut picture, mut labels) = (vec![77; 3 * 32 * 32], vec![5; 32 * 32]);
            paint(32, 1.0, &mut rng, &mut picture, &mut labels);
            let changed = |at: usize| labels[at] == BACKGROUND;
            let same = (0..32 * 32).filter(|at| !changed(*at));
            assert!(
                same.clone()
                    .all(|at| picture[3 * at..3 * at + 3] == [77; 3])
            );
            covered.push(32 * 32 - same.count());
        }
        let mean = covered.iter().sum::<usize>() / covered.len();
        assert!((60..700).contains(&mean), "{mean} of 1024 pixels");
    }
}
