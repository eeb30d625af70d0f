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
