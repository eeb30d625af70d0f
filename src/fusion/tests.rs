use super::*;
use burn::tensor::{Distribution, Tolerance};

#[test]
fn forms_have_names() {
    for name in ["concat", "film", "bilinear", "bilinear:16"] {
        let form: FusionForm = name.parse().expect(name);
        assert_eq!(form.name(), name);
    }
    for wrong in ["", "Concat", "bilinear:0", "bilinear:9999", "bilinear:x"] {
        assert!(wrong.parse::<FusionForm>().is_err(), "{wrong}");
    }
}

const SIZES: [usize; 5] = [2, 3, 4, 5, 6]; // b, c, h, w, d

fn values<const D: usize>(tensor: &Tensor<D>) -> Vec<f32> {
    tensor.to_data().try_to_vec().expect("floats")
}

/// Reads channel `k` at an offset from the position in question; nothing outside the map.
type At<'a> = &'a dyn Fn(usize, isize, isize) -> Option<f32>;

/// Runs a form on random inputs and compares it with `reference`, which computes the output
/// channels of one position from what is `at` it and from its sentence.
fn check(form: FusionForm, reference: impl Fn(&Fusion, At, &[f32]) -> Vec<f32>) {
    let [b, c, h, w, d] = SIZES;
    let device = Device::flex();
    let layer = FusionConfig::new(form, c, d).init(&device);
    let x = Tensor::<4>::random([b, c, h, w], Distribution::Normal(0.0, 1.0), &device);
    let t = Tensor::<2>::random([b, d], Distribution::Normal(0.0, 1.0), &device);
    let y = layer.forward(x.clone(), t.clone());
    let (x, t) = (values(&x), values(&t));
    let index = |n, k, i, j| ((n * c + k) * h + i) * w + j;
    let mut expected = vec![0.0; b * c * h * w];
    for (n, position) in (0..b).flat_map(|n| (0..h * w).map(move |p| (n, p))) {
        let (i, j) = (position / w, position % w);
        let at = |k: usize, di: isize, dj: isize| {
            let (i, j) = (i.checked_add_signed(di)?, j.checked_add_signed(dj)?);
            (i < h && j < w).then(|| x[index(n, k, i, j)])
        };
        let outputs = reference(&layer, &at, &t[n * d..(n + 1) * d]);
        for (k, value) in outputs.into_iter().enumerate() {
            expected[index(n, k, i, j)] = value;
        }
    }
    let expected = burn::tensor::TensorData::new(expected, [b, c, h, w]);
    let near = Tolerance::<f32>::rel_abs(1e-4, 1e-4);
    y.to_data().assert_approx_eq(&expected, near);
}

/// `W t + bias` by loops; burn keeps a linear map as `[in, out]`.
fn apply(linear: &Linear, t: &[f32]) -> Vec<f32> {
    let [_, out] = linear.weight.dims();
    let weight = values(&linear.weight.val());
    let bias = linear.bias.as_ref().map(|bias| values(&bias.val()));
    (0..out)
        .map(|o| {
            let sum: f32 = t
                .iter()
                .enumerate()
                .map(|(i, t)| weight[i * out + o] * t)
                .sum();
            sum + bias.as_ref().map_or(0.0, |bias| bias[o])
        })
        .collect()
}

fn pointwise(conv: &Conv, x: &[f32]) -> Vec<f32> {
    let weight = values(&conv.weight.val());
    let bias = conv.bias.as_ref().map(|bias| values(&bias.val()));
    (0..weight.len() / x.len())
        .map(|o| {
            let row = &weight[o * x.len()..(o + 1) * x.len()];
            let sum: f32 = row.iter().zip(x).map(|(w, x)| w * x).sum();
            sum + bias.as_ref().map_or(0.0, |bias| bias[o])
        })
        .collect()
}

#[test]
fn concat_is_a_convolution_over_both() {
    let [_, c, _, _, d] = SIZES;
    check(FusionForm::Concat, |layer, at, t| {
        let Fusion::Concat(conv) = layer else {
            unreachable!()
        };
        let weight = values(&conv.weight.val());
        let output = |o: usize| {
            let mut sum = 0.0;
            for (i, j) in (0..9).map(|tap| (tap / 3, tap % 3)) {
                let weight = |k: usize| weight[((o * (c + d) + k) * 3 + i) * 3 + j];
                let (di, dj) = (i as isize - 1, j as isize - 1);
                if at(0, di, dj).is_some() {
                    let image: f32 = (0..c).map(|k| weight(k) * at(k, di, dj).unwrap()).sum();
                    let text: f32 = (0..d).map(|k| weight(c + k) * t[k]).sum();
                    sum += image + text;
                }
            }
            sum.max(0.0)
        };
        (0..c).map(output).collect()
    });
}

#[test]
fn film_scales_and_shifts() {
    check(FusionForm::Film, |layer, at, t| {
        let Fusion::Film(film) = layer else {
            unreachable!()
        };
        let (gamma, beta) = (apply(&film.gamma, t), apply(&film.beta, t));
        let scaled = gamma.iter().zip(beta).enumerate();
        scaled
            .map(|(k, (gamma, beta))| at(k, 0, 0).unwrap() / (1.0 + (-gamma).exp()) + beta)
            .collect()
    });
}

#[test]
fn bilinear_is_a_form_for_each_channel() {
    let [_, c, _, _, d] = SIZES;
    check(FusionForm::Bilinear, |layer, at, t| {
        let Fusion::Bilinear(Bilinear { weight }) = layer else {
            unreachable!()
        };
        let weight = values(&weight.val());
        let form = |k: usize| -> f32 {
            let pairs = (0..c).flat_map(|i| (0..d).map(move |j| (i, j)));
            pairs
                .map(|(i, j)| at(i, 0, 0).unwrap() * weight[(k * c + i) * d + j] * t[j])
                .sum()
        };
        (0..c).map(form).collect()
    });
}

#[test]
fn low_rank_multiplies_two_projections() {
    let [_, c, _, _, _] = SIZES;
    check(FusionForm::LowRank(7), |layer, at, t| {
        let Fusion::LowRank(LowRank { u, v, p }) = layer else {
            unreachable!()
        };
        let x: Vec<f32> = (0..c).map(|k| at(k, 0, 0).unwrap()).collect();
        let image = pointwise(u, &x);
        let product: Vec<f32> = image
            .iter()
            .zip(apply(v, t))
            .map(|(x, t)| x.max(0.0) * t.max(0.0))
            .collect();
        pointwise(p, &product)
            .into_iter()
            .map(|y| y.max(0.0))
            .collect()
    });
}
