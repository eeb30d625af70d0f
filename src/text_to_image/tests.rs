use super::*;
use crate::prompt::{Batch, TextEncoderConfig};
use crate::random::normal;
use crate::weights::named;
use burn::tensor::{TensorData, Tolerance};

fn config() -> TextToImageConfig {
    TextToImageConfig::new()
        .with_widths(vec![8, 6, 4])
        .with_fine(3)
        .with_condition(7)
        .with_exemplars(5)
        .with_sentence(12)
}

/// A module whose weights are drawn here and now: those that burn draws are small, and drawn
/// when they are first used.
fn drawn<M: Module>(module: M) -> M {
    let mut seed = 0;
    let weights = |_: &str, shape: &[usize]| {
        seed += 1;
        // What has one dimension may be a variance, which is not negative.
        let mean = if shape.len() == 1 { 0.5 } else { 0.0 };
        let weights = normal(seed, shape.iter().product()).into_iter();
        Ok::<_, ()>(weights.map(|weight| mean + weight * 0.08).collect())
    };
    named::load("drawn", module, weights).unwrap()
}

fn generator(config: &TextToImageConfig) -> TextToImage {
    drawn(config.init(&Device::flex()))
}

/// Pictures of two sentences, the first of two words, the second of `longer`.
fn generated(generator: &TextToImage, longer: usize) -> Generated {
    let device = Device::flex();
    let text = TextEncoderConfig::new(9).with_embedding(5).with_hidden(6);
    let text = drawn(text.init(&device));
    let batch = Batch::new(&[vec![2, 3], vec![4; longer]], &device);
    let features = text.forward(&batch);
    let t = generator.condition(features.pooled.clone()).draw(None);
    let local = config().latents() - config().condition;
    let local = TensorData::new(normal(5, 2 * local), [2, local]);
    let latents = Tensor::cat(vec![t, Tensor::from_data(local, &device)], 1);
    generator.forward(latents, features.words, &batch.mask)
}

/// The largest difference between two tensors, and the largest value of the first.
fn apart(one: Tensor<4>, other: Tensor<4>) -> (f32, f32) {
    let most = |x: Tensor<4>| x.abs().max().into_scalar();
    (most(one.clone() - other), most(one))
}

#[test]
fn two_stages_and_words_that_sum_to_one() {
    let config = config();
    let generator = generator(&config);
    let size = config.size();
    assert_eq!(size, 32);
    let generated = generated(&generator, 5);
    assert_eq!(generated.coarse.dims(), [2, FORM, size / 2, size / 2]);
    assert_eq!(generated.fine.dims(), [2, FORM, size, size]);
    let attention = generated.attention.expect("attention");
    assert_eq!(attention.dims(), [2, 5, size / 2, size / 2]);
    let sums = attention.clone().sum_dim(1);
    let ones = sums.ones_like();
    let near = Tolerance::<f32>::absolute(1e-5);
    sums.into_data().assert_approx_eq(&ones.into_data(), near);
    // Behind the first sentence's two words nothing is seen.
    let behind: f32 = attention
        .narrow(0, 0, 1)
        .narrow(1, 2, 3)
        .sum()
        .into_scalar();
    assert_eq!(behind, 0.0);
}

#[test]
fn the_coarse_form_is_of_the_condition_alone_and_the_fine_one_of_what_is_local() {
    let generator = generator(&config());
    let forms = |seed| {
        let latents = config().latents();
        let mut values = normal(1, latents);
        values[config().condition..].copy_from_slice(&normal(seed, latents - config().condition));
        let device = Device::flex();
        let latents = Tensor::from_data(TensorData::new(values, [1, latents]), &device);
        let words = Tensor::ones([1, 1, config().sentence], &device);
        generator.forward(latents, words, &Tensor::ones([1, 1], &device))
    };
    let [one, other] = [forms(2), forms(3)];
    assert_eq!(apart(one.coarse, other.coarse).0, 0.0);
    assert!(apart(one.fine, other.fine).0 > 1e-5);
}

#[test]
fn a_longer_neighbour_changes_nothing() {
    let generator = generator(&config());
    let first = |longer| generated(&generator, longer).fine.narrow(0, 0, 1);
    let (difference, most) = apart(first(2), first(7));
    assert!(difference < 1e-5, "{difference}");
    assert!(most > 0.1, "{most} says nothing");
}

#[test]
fn folding_and_prepacking_change_nothing() {
    for attention in [true, false] {
        let generator = generator(&config().with_attention(attention));
        let before = generated(&generator, 4).fine;
        let after = generated(&generator.fold().prepack(), 4).fine;
        let (difference, most) = apart(before, after);
        assert!(difference < 1e-5, "{difference}");
        assert!(most > 0.1, "{most} says nothing");
    }
}

/// Equation 2 of the paper, and its softmax, number by number.
#[test]
fn a_region_sees_the_words_as_the_equation_says() {
    let [b, c, area, t, size] = [2, 4, 6, 3, 5];
    let device = Device::flex();
    let attention = Attention {
        keys: drawn(drawn_linear(size, c, false, &Initializer::Zeros, &device)),
    };
    let map = |seed, shape: Vec<usize>| normal(seed, shape.iter().product());
    let (x, e) = (map(1, vec![b, c, area]), map(2, vec![b, t, size]));
    // The second sentence has two words.
    let mask = [1.0, 1.0, 1.0, 1.0, 1.0, 0.0];
    let (context, weights) = attention.forward(
        Tensor::from_data(TensorData::new(x.clone(), [b, c, 2, 3]), &device),
        Tensor::from_data(TensorData::new(e.clone(), [b, t, size]), &device),
        &Tensor::from_data(TensorData::new(mask.to_vec(), [b, t]), &device),
    );
    let numbers = |data: TensorData| -> Vec<f32> { data.try_to_vec().unwrap() };
    let (context, weights) = (numbers(context.into_data()), numbers(weights.into_data()));
    let u = numbers(attention.keys.weight.val().into_data());
    for n in 0..b {
        let words = if n == 0 { 3 } else { 2 };
        // e' = U e, a word a row.
        let key = |i: usize, k: usize| -> f32 {
            let word = &e[(n * t + i) * size..][..size];
            (0..size).map(|s| word[s] * u[s * c + k]).sum()
        };
        for j in 0..area {
            let h = |k: usize| x[(n * c + k) * area + j];
            let score = |i: usize| (0..c).map(|k| h(k) * key(i, k)).sum::<f32>().exp();
            let total: f32 = (0..words).map(score).sum();
            let beta = |i: usize| if i < words { score(i) / total } else { 0.0 };
            for i in 0..t {
                let ours = weights[(n * t + i) * area + j];
                assert!((ours - beta(i)).abs() < 1e-5, "{ours} {}", beta(i));
            }
            for k in 0..c {
                let mixture: f32 = (0..t).map(|i| beta(i) * key(i, k)).sum();
                let ours = context[(n * c + k) * area + j];
                assert!((ours - mixture).abs() < 1e-5, "{ours} {mixture}");
            }
        }
    }
}
