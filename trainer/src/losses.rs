//! What the networks are trained to make small.

use burn::tensor::activation::{log_softmax, relu, sigmoid};
use burn::tensor::{Int, Tensor};
use serde::{Deserialize, Serialize};
use wordloom::editor::Distribution;

use crate::networks::Discriminator;

/// Mean squared distance between the probabilities of logits and a target: the least-squares
/// loss of Mao et al. 2019, section 3, on sigmoid outputs.
pub fn least_squares(logits: Tensor<2>, target: f32) -> Tensor<1> {
    (sigmoid(logits) - target).square().mean()
}

/// KL divergence of a condition from the standard normal, mean over batch and dimensions.
pub fn divergence(condition: &Distribution) -> Tensor<1> {
    let log_variance = condition.log_sigma.clone() * 2.0;
    let kl = condition.mu.clone().square() + log_variance.clone().exp() - log_variance - 1.0;
    kl.mean() * 0.5
}

/// What cosines are multiplied by: with the recipe's 10 a softmax over a batch becomes sharp.
const SHARPNESS: f64 = 10.0;

/// Cosine similarities of two sets of embeddings `[b, d]`, times 10: `[b, b]`, photos down.
pub fn similarities(image: Tensor<2>, sentence: Tensor<2>) -> Tensor<2> {
    let unit = |x: Tensor<2>| {
        let length = (x.clone().square().sum_dim(1) + 1e-8).sqrt();
        x / length
    };
    unit(image).matmul(unit(sentence).transpose()) * SHARPNESS
}

/// What brings photos and sentences together, from their similarities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Loss {
    /// The recipe's: see [`contrastive`].
    Contrastive,
    /// The paper's: see [`ranking`].
    Ranking,
}

impl Loss {
    /// The loss of similarities `[b, b]`, photos down, as [`similarities`] gives them.
    pub fn of(self, similarities: Tensor<2>) -> Tensor<1> {
        match self {
            Self::Contrastive => contrastive(similarities),
            Self::Ranking => ranking(similarities),
        }
    }
}

/// Pairwise ranking loss, both ways (Kiros et al. 2014, section 2.3, with which Mao et al. 2019
/// train the text encoder): every other sentence, and every other photo, is to be less similar
/// than the own one by a margin of 0.2 of the cosine. Mean over the pairs.
pub fn ranking(similarities: Tensor<2>) -> Tensor<1> {
    const MARGIN: f64 = 0.2 * SHARPNESS;
    let [b, _] = similarities.dims();
    let eye = Tensor::<2>::eye(b, &similarities.device());
    let own = (similarities.clone() * eye.clone()).sum_dim(1);
    let others = eye.ones_like() - eye;
    let by_photo = relu(similarities.clone() - own.clone() + MARGIN);
    let by_sentence = relu(similarities - own.transpose() + MARGIN);
    let pairs = (b * b - b).max(1) as f64;
    ((by_photo + by_sentence) * others).sum() / pairs
}

/// Contrastive matching loss, both ways: each photo picks its sentence among the batch's, and
/// each sentence its photo. Chance is `2 ln b`.
pub fn contrastive(similarities: Tensor<2>) -> Tensor<1> {
    let own = |scores: Tensor<2>| {
        let [b, _] = scores.dims();
        let index = Tensor::<1, Int>::arange(0..b as i64, &scores.device()).reshape([b, 1]);
        -log_softmax(scores, 1).gather(1, index).mean()
    };
    own(similarities.clone()) + own(similarities.transpose())
}

/// The discriminator's loss and the means it is watched by.
///
/// Real photos `x` with their sentences are right; with another photo's sentence, or edited to
/// it, they are wrong (Mao et al. 2019, section 3; without the sentence: real or edited).
pub fn discriminator(
    network: &Discriminator,
    photo: Tensor<4>,
    edit: Tensor<4>,
    own: Tensor<2>,
    other: Tensor<2>,
) -> Tensor<1> {
    let real = network.features(photo);
    let made = network.features(edit);
    let right = least_squares(network.matching(real.clone(), own), 1.0);
    let wrong = least_squares(network.matching(real.clone(), other.clone()), 0.0);
    let edited = least_squares(network.matching(made.clone(), other), 0.0);
    let plain = least_squares(network.real(real), 1.0) + least_squares(network.real(made), 0.0);
    right + (wrong + edited + plain) * 0.5
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    fn scalar(loss: Tensor<1>) -> f32 {
        loss.into_scalar()
    }

    #[test]
    fn contrastive_is_chance_for_equal_and_small_for_right_embeddings() {
        let device = Device::flex();
        let equal = contrastive(Tensor::zeros([8, 8], &device));
        assert!((scalar(equal) - 2.0 * 8f32.ln()).abs() < 1e-5);
        let right = contrastive(Tensor::<2>::eye(8, &device) * 20.0);
        assert!(scalar(right) < 1e-3);
        let wrong = Tensor::<2>::eye(8, &device).flip([0]) * 20.0;
        assert!(scalar(contrastive(wrong)) > 30.0);
    }

    #[test]
    fn ranking_is_zero_once_the_margin_is_kept() {
        let device = Device::flex();
        let at = |own: f64| scalar(ranking(Tensor::<2>::eye(8, &device) * own));
        assert_eq!(at(2.1), 0.0);
        assert!((at(1.5) - 2.0 * 0.5).abs() < 1e-5);
        assert!((at(0.0) - 2.0 * 2.0).abs() < 1e-5);
    }

    #[test]
    fn divergence_is_zero_for_the_standard_normal_only() {
        let device = Device::flex();
        let at = |mu: f32, log_sigma: f32| {
            scalar(divergence(&Distribution {
                mu: Tensor::full([2, 3], mu, &device),
                log_sigma: Tensor::full([2, 3], log_sigma, &device),
            }))
        };
        assert!(at(0.0, 0.0).abs() < 1e-6);
        assert!((at(1.0, 0.0) - 0.5).abs() < 1e-6);
        assert!((at(0.0, 0.5) - 0.5 * (1f32.exp() - 2.0)).abs() < 1e-6);
    }

    #[test]
    fn least_squares_is_measured_on_probabilities() {
        let device = Device::flex();
        let logits = Tensor::<2>::zeros([4, 1], &device);
        assert!((scalar(least_squares(logits, 1.0)) - 0.25).abs() < 1e-6);
    }
}
