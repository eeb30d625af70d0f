//! What the networks are trained to make small.

#[cfg(test)]
mod tests;

use burn::tensor::activation::{log_sigmoid, log_softmax, relu, sigmoid, softmax};
use burn::tensor::{Device, Int, Tensor, TensorData};
use serde::{Deserialize, Serialize};
use wordloom::conditioning::Distribution;

use crate::data::Said;
use crate::evaluate::colour::typical;
use crate::networks::Discriminator;

/// Mean squared distance between the probabilities of logits and a target: the least-squares
/// loss of Mao et al. 2019, section 3, on sigmoid outputs.
pub fn least_squares(logits: Tensor<2>, target: f32) -> Tensor<1> {
    (sigmoid(logits) - target).square().mean()
}

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

/// How far edits are from the colours that their sentences name, of the petals or a thing, and of the
/// centre: the mean over the photos that are asked for one of the two, and the mean over those that
/// are asked for both, added. The second are few, and the harder to learn.
///
/// A flower's centre is taken for a disc around its mask's centroid, a quarter as wide as a disc of the
/// mask's area; what the mask covers beyond half of that width are petals. Where a thing is known, it
/// takes their place. Lightness counts half: things keep their shades. So does what is near: of every
/// channel, 0.15 are free.
///
/// # Shapes
/// - `edit`: `[b, 3, h, w]` in [-1, 1]; `mask`: `[b, 1, h, w]` in [0, 1], without a gradient
/// - `things`: `[b, 1, h, w]`, 1 where a thing is; 0 in all of a photo where that is not known
/// - `petals`, `centre`: the colours `[b, 3]` in [-1, 1], and 1 where one is named, `[b]`
pub fn colours(
    edit: Tensor<4>,
    mask: Tensor<4>,
    things: Tensor<4>,
    [petals, centre]: [(Tensor<2>, Tensor<1>); 2],
) -> Tensor<1> {
    const CENTRE: f64 = 1.0 / 4.0;
    const PETALS: f64 = 1.0 / 2.0;
    const FREE: f64 = 0.15;
    let ([b, _, h, w], device) = (edit.dims(), edit.device());
    let line = |size: usize| Tensor::<1, Int>::arange(0..size as i64, &device).float();
    let (y, x) = (line(h).reshape([1, 1, h, 1]), line(w).reshape([1, 1, 1, w]));
    let total = |of: Tensor<4>| of.sum_dim(3).sum_dim(2);
    let area = total(mask.clone()) + 1e-3;
    let off = |at: Tensor<4>| {
        let mean = total(mask.clone() * at.clone()) / area.clone();
        (at - mean).square()
    };
    let away = (off(x) + off(y)) / area.clone() * std::f64::consts::PI;
    let apart = |part: Tensor<4>, colour: Tensor<2>| {
        let apart = edit.clone() - colour.reshape([b, 3, 1, 1]);
        let light = apart.clone().mean_dim(1);
        let beyond = |x: Tensor<4>| relu(x.abs() - FREE).mean_dim(1);
        let apart = beyond(apart - light.clone()) + beyond(light) * 0.5;
        (total(apart * part.clone()) / (total(part) + 1e-3)).reshape([b])
    };
    let inner = away.clone().lower_elem(CENTRE * CENTRE).float();
    let unknown = total(things.clone()).lower_elem(0.5).float();
    let outer =
        away.greater_elem(PETALS * PETALS).float() * mask * unknown.reshape([b, 1, 1, 1]) + things;
    let apart =
        apart(outer, petals.0) * petals.1.clone() + apart(inner, centre.0) * centre.1.clone();
    let both = petals.1.clone() * centre.1.clone();
    let one = petals.1 + centre.1 - both.clone() * 2.0;
    let mean = |of: Tensor<1>| (apart.clone() * of.clone()).sum() / (of.sum() + 1e-3);
    mean(one) + mean(both)
}

/// For petals or things, and for centres: the colours in [-1, 1] that they are asked to have, `[b, 3]`,
/// and which are asked for one by a basic term, `[b]`; what [`colours`] takes.
pub fn named_colours(asked: &[Said], device: &Device) -> [(Tensor<2>, Tensor<1>); 2] {
    [0, 1].map(|part| {
        let colours = asked
            .iter()
            .map(|said| said[part].and_then(|colour| typical(colour.word)));
        let named = colours
            .clone()
            .map(|colour| f32::from(u8::from(colour.is_some())));
        let values = colours.flat_map(Option::unwrap_or_default);
        let values: Vec<f32> = values.map(|value| f32::from(value) / 127.5 - 1.0).collect();
        let values = TensorData::new(values, [asked.len(), 3]);
        let named = TensorData::new(named.collect::<Vec<f32>>(), [asked.len()]);
        (
            Tensor::from_data(values, device),
            Tensor::from_data(named, device),
        )
    })
}

/// Mean cross entropy of masks where they are known: 1 on things and 0 around them.
///
/// # Shapes
/// - `mask`: `[b, 1, h, w]` in [0, 1]
/// - `things`, `around`: `[b, 1, h, w]`, 1 there and 0 elsewhere
pub fn segmentation(mask: Tensor<4>, things: Tensor<4>, around: Tensor<4>) -> Tensor<1> {
    // A mask that is as wrong as can be costs 9, not infinity.
    let log = |share: Tensor<4>| (share + 1e-4).log();
    -(log(mask.clone()) * things + log(-mask + 1.0) * around).mean()
}

/// How far logits are from a target of 0 or 1: [`least_squares`] or [`cross_entropy`].
pub type Criterion = fn(Tensor<2>, f32) -> Tensor<1>;

/// The discriminator's loss.
///
/// Real photos with their `own` sentences are right; with a `wrong` one they are wrong, and so are
/// those `made` for their `asked` ones (Mao et al. 2019, section 3; without the sentence: real or
/// made).
pub fn discriminator(
    network: &Discriminator,
    criterion: Criterion,
    photo: Tensor<4>,
    made: Tensor<4>,
    own: Tensor<2>,
    wrong: Tensor<2>,
    asked: Tensor<2>,
) -> Tensor<1> {
    let real = network.features(photo);
    let made = network.features(made);
    let right = criterion(network.matching(real.clone(), own), 1.0);
    let wrong = criterion(network.matching(real.clone(), wrong), 0.0);
    let edited = criterion(network.matching(made.clone(), asked), 0.0);
    let plain = criterion(network.real(real), 1.0) + criterion(network.real(made), 0.0);
    right + (wrong + edited + plain) * 0.5
}
