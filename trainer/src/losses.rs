//! What the networks are trained to make small.

#[cfg(test)]
mod tests;

use burn::tensor::activation::{log_sigmoid, log_softmax};
use burn::tensor::{Int, Tensor};
use wordloom::conditioning::Distribution;

use crate::networks::Discriminator;

/// Mean cross entropy of logits against a target of 0 or 1 (AttnGAN, equations 4 and 5).
pub fn cross_entropy(logits: Tensor<2>, target: f32) -> Tensor<1> {
    // -log sigmoid(x) for 1, and -log(1 - sigmoid(x)) = -log sigmoid(-x) for 0.
    let sign = 2.0 * target - 1.0;
    -log_sigmoid(logits * sign).mean()
}

/// KL divergence of a normal distribution from another, mean over batch and dimensions.
pub fn divergence(of: &Distribution, from: &Distribution) -> Tensor<1> {
    let log_ratio = (of.log_sigma.clone() - from.log_sigma.clone()) * 2.0;
    let precision = (from.log_sigma.clone() * -2.0).exp();
    let apart = (of.mu.clone() - from.mu.clone()).square() * precision;
    (apart + log_ratio.clone().exp() - log_ratio - 1.0).mean() * 0.5
}

/// What cosines are multiplied by: with the recipe's 10 a softmax over a batch becomes sharp.
const SHARPNESS: f64 = 10.0;

/// Cosine similarities of embeddings `[b, d]` and `[n, d]`, times 10: `[b, n]`, photos down.
pub fn similarities(image: Tensor<2>, sentence: Tensor<2>) -> Tensor<2> {
    unit(image).matmul(unit(sentence).transpose()) * SHARPNESS
}

/// Vectors of length 1, along the last dimension.
fn unit<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    let length = (x.clone().square().sum_dim(D - 1) + 1e-8).sqrt();
    x / length
}

/// Contrastive matching loss, both ways: each photo picks its sentence among the batch's, and
/// each sentence its photo. Chance is `2 ln b`.
pub fn contrastive(similarities: Tensor<2>) -> Tensor<1> {
    let own = |scores: Tensor<2>| {
        let [b, _] = scores.dims();
        let index = Tensor::<1, Int>::arange(0..b as i64, &scores.device()).reshape([b, 1]);
        -log_softmax(scores, 1).gather(1, index).mean()
    };
    let [b, _] = similarities.dims();
    own(similarities.clone()) + own(similarities.narrow(1, 0, b).transpose())
}

/// The discriminator's loss.
///
/// Real photos with their `own` sentences are right; with a `wrong` one they are wrong, and so are
/// those `made` for their `asked` ones (Mao et al. 2019, section 3; without the sentence: real or
/// made).
pub fn discriminator(
    network: &Discriminator,
    photo: Tensor<4>,
    made: Tensor<4>,
    own: Tensor<2>,
    wrong: Tensor<2>,
    asked: Tensor<2>,
) -> Tensor<1> {
    let real = network.features(photo);
    let made = network.features(made);
    let right = cross_entropy(network.matching(real.clone(), own), 1.0);
    let wrong = cross_entropy(network.matching(real.clone(), wrong), 0.0);
    let edited = cross_entropy(network.matching(made.clone(), asked), 0.0);
    let plain = cross_entropy(network.real(real), 1.0) + cross_entropy(network.real(made), 0.0);
    right + (wrong + edited + plain) * 0.5
}
