//! Random numbers that a seed gives, the same on every machine.

/// `count` numbers from a normal distribution: each is the sum of twelve uniform ones. Unlike a
/// logarithm and a cosine, integers and one addition give the same bits on every machine.
pub(crate) fn normal(seed: u32, count: usize) -> Vec<f32> {
    let mut state = u64::from(seed);
    // SplitMix64 (Steele, Lea, Flood 2014).
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (x ^ (x >> 31)) >> 32
    };
    let one = u64::from(u32::MAX) + 1;
    let mut draw = || (0..12).map(|_| next()).sum::<u64>() as f64 / one as f64 - 6.0;
    (0..count).map(|_| draw() as f32).collect()
}

/// A place in [0, 1) for a seed, a multiple of the golden ratio: those of seeds in a row are far apart.
pub(crate) fn place(seed: u32) -> f32 {
    const GOLDEN: u32 = 0x9E37_79B9;
    let place = seed.wrapping_mul(GOLDEN).wrapping_add(1 << 31);
    // So many bits a float has.
    (place >> 8) as f32 / (1 << 24) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawn_numbers_are_normal_and_never_change() {
        let z = normal(1, 100_000);
        let mean = z.iter().sum::<f32>() / z.len() as f32;
        let var = z.iter().map(|z| (z - mean).powi(2)).sum::<f32>() / z.len() as f32;
        let within = z.iter().filter(|z| z.abs() < 1.0).count() as f32 / z.len() as f32;
        assert!(
            mean.abs() < 0.01 && (var - 1.0).abs() < 0.02,
            "{mean} {var}"
        );
        assert!((within - 0.683).abs() < 0.01, "{within}");
        // Computed with integers of any size, in another language.
        assert_eq!(
            normal(7, 4),
            [-1.0009542, 1.3335403, 0.51886206, -0.87937015]
        );
    }

    #[test]
    fn places_of_seeds_in_a_row_are_spread_evenly() {
        let mut places: Vec<f32> = (0..100).map(place).collect();
        places.sort_by(f32::total_cmp);
        let gaps = places.windows(2).map(|pair| pair[1] - pair[0]);
        assert!(gaps.fold(0.0, f32::max) < 0.03);
        assert!(place(0) > 0.4);
    }
}
