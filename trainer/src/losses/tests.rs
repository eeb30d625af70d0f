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
    let alone = scalar(contrastive(own.clone()));
    assert!((scalar(contrastive(with(-90.0))) - alone).abs() < 1e-5);
    // Two wrong sentences that are as similar as the own one: ln 3 more.
    let more = scalar(contrastive(with(10.0))) - alone;
    assert!((more - 3f32.ln()).abs() < 1e-3, "{more}");
}

#[test]
fn divergence_is_zero_between_equals_only() {
    let device = Device::flex();
    let normal = |mu: f32, log_sigma: f32| Distribution {
        mu: Tensor::full([2, 3], mu, &device),
        log_sigma: Tensor::full([2, 3], log_sigma, &device),
    };
    let at = |of, from| scalar(divergence(&of, &from));
    let standard = || normal(0.0, 0.0);
    assert!(at(standard(), standard()).abs() < 1e-6);
    assert!(at(normal(2.0, 0.7), normal(2.0, 0.7)).abs() < 1e-6);
    assert!((at(normal(1.0, 0.0), standard()) - 0.5).abs() < 1e-6);
    assert!((at(normal(0.0, 0.5), standard()) - 0.5 * (1f32.exp() - 2.0)).abs() < 1e-6);
    // One deviation of the other away, whatever that is.
    assert!((at(normal(3.0 + 2f32.exp(), 2.0), normal(3.0, 2.0)) - 0.5).abs() < 1e-5);
}

#[test]
fn cross_entropy_is_that_of_the_probability() {
    let device = Device::flex();
    let logits = Tensor::<2>::full([3, 1], 1.0, &device);
    let p = 1.0 / (1.0 + (-1f32).exp());
    assert!((scalar(cross_entropy(logits.clone(), 1.0)) + p.ln()).abs() < 1e-6);
    assert!((scalar(cross_entropy(logits, 0.0)) + (1.0 - p).ln()).abs() < 1e-6);
}
