//! Conditions of garments that training saw.
//!
//! A condition that is drawn from the sentence's distribution alone lies between all of them, where nothing was ever
//! to be made. Garments are drawn around exemplars instead (Norouzi, Fleet and Norouzi, "Exemplar VAE: Linking
//! Generative Models, Nearest Neighbor Retrieval, and Data Augmentation", NeurIPS 2020).

/// How wide an exemplar's surroundings are, as a share of the sentence's deviation: near one it is that one, halfway
/// between two a mixture.
const WIDTH: f32 = 0.5;

/// Conditions of garments, one after the other.
#[derive(Debug, Clone)]
pub struct Exemplars {
    conditions: Vec<f32>,
    /// Numbers of each.
    size: usize,
}

impl Exemplars {
    /// From the values of [`Weaver::exemplars`](super::Weaver::exemplars).
    pub fn new(conditions: Vec<f32>, size: usize) -> Self {
        Self { conditions, size }
    }

    /// The mean of the exemplars, each by how likely `t` is around it: `sum_k w_k t_k` with `w = softmax(-|t - t_k|^2 /
    /// 2 WIDTH^2)`, where distances are in deviations of the sentence. Without exemplars `t` itself.
    pub fn around(&self, t: &[f32], log_sigma: &[f32]) -> Vec<f32> {
        let weights: Vec<f32> = log_sigma
            .iter()
            .map(|log_sigma| (log_sigma.exp() * WIDTH).powi(-2))
            .collect();
        let exemplars = || self.conditions.chunks_exact(self.size);
        let distances: Vec<f32> = exemplars()
            .map(|exemplar| {
                let apart = exemplar.iter().zip(t).zip(&weights);
                apart
                    .map(|((e, t), weight)| weight * (e - t) * (e - t))
                    .sum()
            })
            .collect();
        let Some(least) = distances.iter().copied().min_by(f32::total_cmp) else {
            return t.to_vec();
        };
        let mut mean = vec![0.0; self.size];
        let mut sum = 0.0;
        for (exemplar, distance) in exemplars().zip(distances) {
            let weight = (0.5 * (least - distance)).exp();
            sum += weight;
            mean.iter_mut()
                .zip(exemplar)
                .for_each(|(mean, e)| *mean += weight * e);
        }
        mean.iter_mut().for_each(|mean| *mean /= sum);
        mean
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_an_exemplar_it_is_that_one_and_halfway_a_mixture() {
        let exemplars = Exemplars::new(vec![0.0, 0.0, 4.0, 0.0, 0.0, 9.0], 2);
        let close = |t: [f32; 2], expected: [f32; 2]| {
            let found = exemplars.around(&t, &[0.0; 2]);
            let apart = found.iter().zip(expected).map(|(a, b)| (a - b).abs());
            assert!(apart.fold(0.0, f32::max) < 0.01, "{t:?}: {found:?}");
        };
        close([0.5, 0.5], [0.0, 0.0]);
        close([3.0, -1.0], [4.0, 0.0]);
        close([2.0, 1.0], [2.0, 0.0]);
        // A sentence for which the second number says little.
        let found = exemplars.around(&[3.9, 8.0], &[0.0, 3.0]);
        assert!(found[0] > 3.9, "{found:?}");
    }

    #[test]
    fn without_exemplars_nothing_changes() {
        let exemplars = Exemplars::new(Vec::new(), 2);
        assert_eq!(exemplars.around(&[1.0, 2.0], &[0.0; 2]), [1.0, 2.0]);
    }
}
