//! Things that are no clothes, though as large and as bright: buses, curtains, flags, doors, posters. They are drawn, as
//! boxes and discs in plain colours and stripes; what they teach is that colour alone makes no garment.

use rand::Rng;
use rand::rngs::SmallRng;

use super::fabric::Fabric;
use super::labels::BACKGROUND;

/// Paints one on a picture, as background.
///
/// - `large`: how large, 1 for up to all of the picture
/// - `picture`: `[size, size, 3]`
/// - `labels`: `[size, size]`
pub fn paint(size: usize, large: f32, rng: &mut SmallRng, picture: &mut [u8], labels: &mut [u8]) {
    let side = size as f32;
    let [x, y] = [0; 2].map(|_| rng.random_range(0.0..side));
    let [wide, tall] = [0; 2].map(|_| large * rng.random_range(0.06f32..0.5) * side);
    let (sin, cos) = rng.random_range(-0.3f32..0.3).sin_cos();
    let round = rng.random_bool(0.3);
    let fabric = Fabric::draw(side, rng);
    let shade = rng.random_range(-0.4f32..0.4);
    for (at, pixel) in picture.as_chunks_mut::<3>().0.iter_mut().enumerate() {
        let (dx, dy) = ((at % size) as f32 - x, (at / size) as f32 - y);
        let (u, v) = ((dx * cos + dy * sin) / wide, (dy * cos - dx * sin) / tall);
        let inside = match round {
            true => u * u + v * v < 1.0,
            false => u.abs().max(v.abs()) < 1.0,
        };
        if !inside {
            continue;
        }
        let light = 1.0 + shade * v;
        let colour = fabric.at(dx, dy);
        *pixel = colour.map(|value| (light * value).clamp(0.0, 255.0) as u8);
        labels[at] = BACKGROUND;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

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
