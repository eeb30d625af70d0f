//! What the networks are trained to make small.

use burn::tensor::activation::{log_sigmoid, log_softmax, relu, sigmoid, softmax};
use burn::tensor::{Int, Tensor};
use serde::{Deserialize, Serialize};
use wordloom::editor::Distribution;

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
    fn sentences_that_are_nobodys_count_against_photos_alone() {
        let device = Device::flex();
        let own = Tensor::<2>::eye(3, &device) * 10.0;
        let with = |score: f64| {
            let wrong = Tensor::<2>::full([3, 2], score, &device);
            Tensor::cat(vec![own.clone(), wrong], 1)
        };
        for loss in [Loss::Contrastive, Loss::Ranking] {
            let alone = scalar(loss.of(own.clone()));
            assert!((scalar(loss.of(with(-90.0))) - alone).abs() < 1e-5);
            // A wrong sentence that is as similar as the own one: ln 3 more, or a margin of 2 for
            // six of twelve pairs.
            let more = scalar(loss.of(with(10.0))) - alone;
            let expected = if loss == Loss::Ranking {
                1.0
            } else {
                3f32.ln()
            };
            assert!((more - expected).abs() < 1e-3, "{loss:?}: {more}");
        }
    }

    #[test]
    fn words_find_their_regions_and_padding_says_nothing() {
        let device = Device::flex();
        // Photo 0 has regions of the kinds 0 and 1, photo 1 of 2 and 3; each sentence names its
        // photo's, the second one in one word.
        let kinds = |kinds: [f32; 4]| Tensor::<1>::from_floats(kinds, &device) * 4.0;
        let one = |i: usize| {
            let mut hot = [0.0; 4];
            hot[i] = 1.0;
            kinds(hot)
        };
        let region = |i, j| Tensor::stack::<2>(vec![one(i), one(j)], 1);
        let regions = Tensor::stack::<3>(vec![region(0, 1), region(2, 3)], 0);
        let words = |i, j| Tensor::stack::<2>(vec![one(i), one(j)], 0);
        let sentences = Tensor::stack::<3>(vec![words(0, 1), words(2, 0)], 0);
        let mask = Tensor::<2>::from_floats([[1.0, 1.0], [1.0, 0.0]], &device);
        let scores = similarities_by_words(sentences, &mask, regions);
        let scores: Vec<f32> = scores.into_data().try_to_vec().unwrap();
        let [own, other, other_own, own_own] = scores[..] else {
            panic!("{scores:?}")
        };
        assert!(own > other + 5.0 && own_own > other_own + 5.0, "{scores:?}");
        // A word that is found has a cosine of nearly 1: 10 (1 + ln 2 / 5) for two of them.
        assert!((own - 10.0 - 2.0 * 2f32.ln()).abs() < 0.5, "{scores:?}");
        // A word alone has no others to be told from: it sees both regions alike.
        assert!((own_own - 10.0 / 2f32.sqrt()).abs() < 0.5, "{scores:?}");
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
    fn colours_belong_to_the_middle_and_to_the_rest_of_a_mask() {
        let device = Device::flex();
        // A flower of radius 12 at (20, 14), whose centre has a radius of 5.
        let away = |n: usize| (n as f32 % 40.0 - 20.0).hypot((n / 40) as f32 - 14.0);
        let tensor = |values: Vec<f32>, channels| {
            Tensor::<1>::from_floats(values.as_slice(), &device).reshape([1, channels, 30, 40])
        };
        let mask = (0..1200).map(|n| f32::from(u8::from(away(n) < 12.0)));
        let mask = tensor(mask.collect(), 1);
        let colour = |colour: [f32; 3]| Tensor::<2>::from_floats([colour], &device);
        let (yellow, blue) = ([0.9, 0.7, -0.7], [-0.6, -0.5, 0.6]);
        let far = |petals: [f32; 3], centre: [f32; 3], asked: f32| {
            let place = |c: usize, n| if away(n) < 5.0 { centre[c] } else { petals[c] };
            let values = (0..3).flat_map(|c| (0..1200).map(move |n| place(c, n)));
            let named = |named: f32| Tensor::<1>::from_floats([named], &device);
            let said = [(colour(blue), named(1.0)), (colour(yellow), named(asked))];
            let edit = tensor(values.collect(), 3);
            scalar(colours(edit, mask.clone(), mask.zeros_like(), said))
        };
        assert!(far(blue, yellow, 1.0) < 0.01);
        assert!(far([-0.7, -0.6, 0.5], [0.8, 0.6, -0.8], 1.0) < 0.01);
        assert!(far(blue, blue, 1.0) > 0.5 && far(yellow, yellow, 1.0) > 0.5);
        assert!(far(yellow, blue, 1.0) > 1.0);
        assert!(far(blue, blue, 0.0) < 0.01 && far(yellow, blue, 0.0) > 0.5);
    }

    #[test]
    fn a_thing_that_is_known_has_the_colour_whatever_the_mask_covers() {
        let device = Device::flex();
        let left = Tensor::<4>::cat(
            vec![
                Tensor::ones([1, 1, 8, 4], &device),
                Tensor::zeros([1, 1, 8, 4], &device),
            ],
            3,
        );
        // Black on the left, white on the right, asked for black.
        let edit = (left.clone() * -2.0 + 1.0).repeat_dim(1, 3);
        let of = |mask: Tensor<4>, things: Tensor<4>| {
            let black = Tensor::full([1, 3], -1.0, &device);
            let [one, none] = [1.0, 0.0].map(|named| Tensor::full([1], named, &device));
            let said = [(black.clone(), one), (black, none)];
            scalar(colours(edit.clone(), mask, things, said))
        };
        let (all, right) = (left.ones_like(), -left.clone() + 1.0);
        assert!(of(all.clone(), left.clone()) < 1e-3);
        assert!(of(left.clone(), right) > 0.8);
        let half = of(all, left.zeros_like());
        assert!((0.3..0.6).contains(&half), "{half}");
    }

    #[test]
    fn masks_are_compared_where_they_are_known() {
        let device = Device::flex();
        let photo = |of: [f32; 4]| Tensor::<1>::from_floats(of, &device).reshape([1, 1, 1, 4]);
        let (things, around) = (photo([1.0, 0.0, 0.0, 0.0]), photo([0.0, 0.0, 1.0, 1.0]));
        let of = |mask| scalar(segmentation(photo(mask), things.clone(), around.clone()));
        assert!(of([1.0, 0.6, 0.0, 0.0]).abs() < 1e-3);
        let half = of([0.5, 0.6, 0.5, 0.0]);
        assert!((half - 2.0 * 2f32.ln() / 4.0).abs() < 1e-3, "{half}");
        let wrong = of([0.0, 0.6, 1.0, 1.0]);
        assert!(wrong.is_finite() && wrong > 6.0, "{wrong}");
    }

    #[test]
    fn flowers_that_are_asked_for_two_colours_count_as_much_as_all_others() {
        let device = Device::flex();
        // Grey flowers, asked for black petals; the first of them for a black centre, too.
        let of = |flowers: usize, two: bool| {
            let black = Tensor::full([flowers, 3], -1.0, &device);
            let mut centres = vec![0.0; flowers];
            centres[0] = f32::from(u8::from(two));
            let centres = Tensor::from_floats(centres.as_slice(), &device);
            let edit = Tensor::zeros([flowers, 3, 24, 24], &device);
            let said = [
                (black.clone(), Tensor::ones([flowers], &device)),
                (black, centres),
            ];
            let mask = Tensor::ones([flowers, 1, 24, 24], &device);
            scalar(colours(edit, mask.clone(), mask.zeros_like(), said))
        };
        let one = of(4, false);
        assert!(one > 0.1 && (of(4, true) - 3.0 * one).abs() < 1e-2 * one);
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
    fn cross_entropy_is_that_of_the_probability() {
        let device = Device::flex();
        let logits = Tensor::<2>::full([3, 1], 1.0, &device);
        let p = 1.0 / (1.0 + (-1f32).exp());
        assert!((scalar(cross_entropy(logits.clone(), 1.0)) + p.ln()).abs() < 1e-6);
        assert!((scalar(cross_entropy(logits, 0.0)) + (1.0 - p).ln()).abs() < 1e-6);
    }

    #[test]
    fn least_squares_is_measured_on_probabilities() {
        let device = Device::flex();
        let logits = Tensor::<2>::zeros([4, 1], &device);
        assert!((scalar(least_squares(logits, 1.0)) - 0.25).abs() < 1e-6);
    }
}
