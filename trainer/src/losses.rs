//! What the networks are trained to make small.

#[cfg(test)]
mod tests;

use burn::tensor::activation::{log_sigmoid, log_softmax, relu, softmax};
use burn::tensor::{Int, Tensor};
use serde::{Deserialize, Serialize};
use wordloom::conditioning::Distribution;

use crate::networks::Discriminator;

/// Mean cross entropy of logits against a target of 0 or 1 (AttnGAN, equations 4 and 5).
pub fn cross_entropy(logits: Tensor<2>, target: f32) -> Tensor<1> {
    // -log sigmoid(x) for 1, and -log(1 - sigmoid(x)) = -log sigmoid(-x) for 0.
    let sign = 2.0 * target - 1.0;
    -log_sigmoid(logits * sign).mean()
}

/// KL divergence of a condition from the standard normal, mean over batch and dimensions.
pub fn divergence(condition: &Distribution) -> Tensor<1> {
    let log_variance = condition.log_sigma.clone() * 2.0;
    let kl = condition.mu.clone().square() + log_variance.clone().exp() - log_variance - 1.0;
    kl.mean() * 0.5
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

/// Similarities of photos to sentences by their regions and words, times `GAMMA[2]`: `[b, n]`,
/// photos down (AttnGAN, section 3.2, equations 7 to 10).
///
/// Each word looks for its regions (softmax with `GAMMA[0]` over the regions, of scores that are
/// softmaxed over the words before) and is compared with their mixture; the words of a sentence
/// are put together by a smooth maximum with `GAMMA[1]`.
///
/// # Shapes
/// - `words`: `[b, t, d]`; `mask`: `[b, t]`, 1 at a word and 0 behind the last
/// - `regions`: `[b, d, n]`
pub fn similarities_by_words(words: Tensor<3>, mask: &Tensor<2>, regions: Tensor<3>) -> Tensor<2> {
    const GAMMA: [f64; 3] = [5.0, 5.0, 10.0];
    let ([s, t, d], [p, _, n]) = (words.dims(), regions.dims());
    let nothing = (mask.clone() - 1.0) * 1e9;
    // All words `[s t, d]` with the regions of every photo `[p, d, n]`.
    let queries = words.reshape([1, s * t, d]).expand([p, s * t, d]);
    let scores = queries.clone().matmul(regions.clone());
    let scores = scores.reshape([p, s, t, n]) + nothing.clone().reshape([1, s, t, 1]);
    let attention = softmax(softmax(scores, 2) * GAMMA[0], 3).reshape([p, s * t, n]);
    let context = attention.matmul(regions.transpose());
    let cosine = (unit(context) * unit(queries)).sum_dim(2);
    let cosine = cosine.reshape([p, s, t]) * GAMMA[1] + nothing.reshape([1, s, t]);
    // The logarithm of a sum of exponentials; the largest is at most GAMMA[1].
    let relevance = (cosine - GAMMA[1]).exp().sum_dim(2).log() + GAMMA[1];
    relevance.reshape([p, s]) * (GAMMA[2] / GAMMA[1])
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
    /// As `--loss` has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Contrastive => "contrastive",
            Self::Ranking => "ranking",
        }
    }

    /// The loss of similarities `[b, n]`, photos down, as [`similarities`] gives them. The first
    /// `b` sentences are the photos' own; more are nobody's.
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
    let [b, n] = similarities.dims();
    let eye = Tensor::<2>::eye(b, &similarities.device());
    let square = similarities.clone().narrow(1, 0, b);
    let own = (square.clone() * eye.clone()).sum_dim(1);
    // The own pairs are at the margin exactly.
    let own_pairs = 2.0 * b as f64 * MARGIN;
    let by_photo = relu(similarities - own.clone() + MARGIN).sum();
    let by_sentence = relu(square - own.transpose() + MARGIN).sum();
    let pairs = (b * n - b).max(1) as f64;
    (by_photo + by_sentence - own_pairs) / pairs
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
