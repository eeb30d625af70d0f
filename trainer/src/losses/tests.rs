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
