//! Latents of garments that training saw.
//!
//! A condition that is drawn from the sentence's distribution alone lies between all of them, where nothing was ever
//! to be made, and says nothing of what is local. Garments are drawn from exemplars instead (Norouzi, Fleet and
//! Norouzi, "Exemplar VAE: Linking Generative Models, Nearest Neighbor Retrieval, and Data Augmentation", NeurIPS 2020).

use crate::random::{normal, place};

/// The share of all exemplars that a sentence could as well mean.
const LIKELY: f32 = 1.0 / 40.0;
/// How far a garment is from its exemplar: the deviation of its latents, of which exemplars have about 1.
const NOISE: f32 = 0.15;
/// How much it counts that any sentence would do for a garment.
const BLAND: f32 = 0.8;

/// Latents of garments, one after the other.
#[derive(Debug, Clone)]
pub struct Exemplars {
    latents: Vec<f32>,
    /// Numbers of each.
    size: usize,
    /// Mean and variance of each number.
    all: Vec<(f32, f32)>,
}

impl Exemplars {
    /// From the values of [`TextToImage::exemplars`](super::TextToImage::exemplars).
    pub fn new(latents: Vec<f32>, size: usize) -> Self {
        let count = (latents.len() / size.max(1)).max(1) as f32;
        let all = (0..size).map(|i| {
            let values = || latents.iter().skip(i).step_by(size);
            let mean = values().sum::<f32>() / count;
            let variance = values().map(|t| (t - mean).powi(2)).sum::<f32>() / count;
            (mean, variance)
        });
        Self {
            all: all.collect(),
            latents,
            size,
        }
    }

    /// A seed's latents: noise around one of the exemplars that a sentence could mean. These are the ones whose condition `t_k`
    /// is likeliest under the sentence's distribution beside that of all exemplars, `N(m, s^2)`, for what is near any sentence
    /// is none's: the least `|(t_k - mu) / sigma|^2 - BLAND |(t_k - m) / s|^2`. Seeds in a row are far apart among them. Without
    /// exemplars it is the mean itself, and nothing local.
    pub fn sample(&self, mu: &[f32], log_sigma: &[f32], seed: u32) -> Vec<f32> {
        // No sentence says less than nothing.
        let each = mu.iter().zip(log_sigma).zip(&self.all);
        let each: Vec<_> = each
            .map(|((mu, log), (m, all))| {
                let variance = (2.0 * log).exp();
                (mu, 1.0 / variance, m, BLAND / all.max(variance))
            })
            .collect();
        let distance = |exemplar: &[f32]| -> f32 {
            let numbers = exemplar.iter().zip(&each);
            numbers
                .map(|(t, (mu, own, m, all))| own * (t - *mu).powi(2) - all * (t - *m).powi(2))
                .sum()
        };
        let exemplars = self.latents.chunks_exact(self.size);
        let mut nearest: Vec<_> = exemplars.map(|one| (distance(one), one)).collect();
        nearest.sort_by(|a, b| a.0.total_cmp(&b.0));
        let meant = (LIKELY * nearest.len() as f32).ceil();
        let Some((_, exemplar)) = nearest.get((place(seed) * meant) as usize) else {
            let mut latents = mu.to_vec();
            latents.resize(self.size, 0.0);
            return latents;
        };
        let latents = exemplar.iter().zip(normal(seed, self.size));
        latents.map(|(latent, z)| latent + NOISE * z).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exemplars in a row, whose last number is local.
    fn exemplars() -> Exemplars {
        let latents = (0..192).flat_map(|k| [k as f32, 0.0, -(k as f32)]);
        Exemplars::new(latents.collect(), 3)
    }

    #[test]
    fn seeds_are_near_exemplars_that_the_sentence_expects_and_have_what_is_local_of_them() {
        let exemplars = exemplars();
        let drawn = (0..60).map(|seed| exemplars.sample(&[40.0, 0.0], &[0.0; 2], seed));
        let (mut near, mut all) = (0, std::collections::BTreeSet::new());
        for latents in drawn {
            let chosen = latents[0].round();
            assert!((latents[2] + chosen).abs() < 6.0 * NOISE, "{latents:?}");
            near += usize::from((latents[0] - 40.0).abs() <= 4.0);
            all.insert(chosen as i32);
        }
        assert_eq!((near, all.len()), (60, 5), "{all:?}");
        let [one, other] = [3, 3 + 60].map(|seed| exemplars.sample(&[40.0, 0.0], &[0.0; 2], seed));
        assert_ne!(one, other);
    }

    #[test]
    fn no_seed_is_an_exemplar_that_is_not_likely() {
        let latents = (0..96).map(|k| if k == 0 { 8.0 } else { k as f32 * 0.01 });
        let exemplars = Exemplars::new(latents.collect(), 1);
        for seed in 0..200 {
            let found = exemplars.sample(&[0.0], &[0.0], seed);
            assert!(found[0] < 4.0, "{seed}: {found:?}");
        }
    }

    #[test]
    fn what_is_near_any_sentence_is_meant_by_none() {
        // Two kinds, and one that is between them, nearer to the first one's mean than its own are.
        let kinds = (0..32).map(|k| if k % 2 == 0 { 8.0 } else { -8.0 });
        let exemplars = Exemplars::new(kinds.chain([1.0]).collect(), 1);
        for seed in 0..40 {
            let found = exemplars.sample(&[4.0], &[4f32.ln()], seed);
            assert!(found[0] > 7.0, "{seed}: {found:?}");
        }
    }

    #[test]
    fn what_a_sentence_leaves_open_does_not_count() {
        let latents = (0..192).flat_map(|k| [k as f32, if k % 2 == 0 { 0.0 } else { 9.0 }]);
        let exemplars = Exemplars::new(latents.collect(), 2);
        let other = |log_sigma: [f32; 2]| {
            let drawn = (0..60).map(|seed| exemplars.sample(&[40.0, 0.0], &log_sigma, seed));
            drawn.filter(|latents| latents[1] > 4.5).count()
        };
        assert_eq!(other([0.0, 0.0]), 0);
        assert!((15..45).contains(&other([0.0, 5.0])));
    }

    #[test]
    fn without_exemplars_it_is_the_mean_and_nothing_local() {
        let exemplars = Exemplars::new(Vec::new(), 3);
        assert_eq!(exemplars.sample(&[1.0, 2.0], &[0.0; 2], 7), [1.0, 2.0, 0.0]);
    }
}
