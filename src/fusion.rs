//! How image features meet the sentence: the layers that the ICASSP paper compares.
//!
//! `x` is a feature map `[b, c, h, w]`, `t` the conditioned sentence `[b, d]`, the same at every
//! position.
//!
//! | form | equation | from |
//! |---|---|---|
//! | concat | `relu(conv3x3([x; t]))` | Dong et al. 2017, section 3 |
//! | FiLM | `sigmoid(W1 t) * x + W2 t` | Günel et al. 2018, section 3, as in the code of Mao et al. |
//! | bilinear | `y_k = x^T W_k t` | Mao et al. 2019 (BRL), section 3, the full form |
//! | bilinear of rank r | `relu(P (relu(U x) * relu(V t)))` | Mao et al. 2019 (BRL), section 3, low rank |

use std::str::FromStr;

use burn::config::Config;
use burn::module::{Module, Param};
use burn::nn::{Initializer, Linear};
use burn::tensor::activation::{relu, sigmoid};
use burn::tensor::{Device, Tensor};

use crate::kernels::matmul;
use crate::layers::{Conv, drawn, drawn_linear, linear};

/// Which layer fuses image and text.
#[derive(Config, Debug, PartialEq)]
pub enum FusionForm {
    /// Concatenation.
    Concat,
    /// Feature-wise linear modulation.
    Film,
    /// The bilinear form with a full matrix for each output channel.
    Bilinear,
    /// The bilinear form of this rank.
    LowRank(usize),
}

impl FromStr for FusionForm {
    type Err = String;

    /// `concat`, `film`, `bilinear` for the full form, `bilinear:RANK` for one of that rank.
    fn from_str(name: &str) -> Result<Self, String> {
        let rank = name.strip_prefix("bilinear:").map(str::parse);
        match (name, rank) {
            ("concat", _) => Ok(Self::Concat),
            ("film", _) => Ok(Self::Film),
            ("bilinear", _) => Ok(Self::Bilinear),
            (_, Some(Ok(rank @ 1..=4096))) => Ok(Self::LowRank(rank)),
            _ => Err("it is concat, film, bilinear or bilinear:RANK, such as bilinear:64".into()),
        }
    }
}

impl FusionForm {
    /// The name from which it is read.
    pub fn name(&self) -> String {
        match self {
            Self::Concat => "concat".into(),
            Self::Film => "film".into(),
            Self::Bilinear => "bilinear".into(),
            Self::LowRank(rank) => format!("bilinear:{rank}"),
        }
    }
}

/// Sizes of a fusion layer.
#[derive(Config, Debug)]
pub struct FusionConfig {
    /// The form.
    pub form: FusionForm,
    /// Channels of the feature map, `c`.
    pub channels: usize,
    /// Size of the conditioned sentence, `d`.
    pub text: usize,
}

/// A layer from a feature map `[b, c, h, w]` and a sentence `[b, d]` to a feature map
/// `[b, c, h, w]`.
#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant)] // a model has four of them
pub enum Fusion {
    /// `relu(conv3x3([x; t]))`
    Concat(Conv),
    /// `sigmoid(W1 t) * x + W2 t`
    Film(Film),
    /// `y_k = x^T W_k t`
    Bilinear(Bilinear),
    /// `relu(P (relu(U x) * relu(V t)))`
    LowRank(LowRank),
}

/// The two maps of FiLM, both `d -> c`.
#[derive(Module, Debug)]
pub struct Film {
    gamma: Linear,
    beta: Linear,
}

/// `c` matrices `[c, d]`, kept as one tensor `[c, c, d]` (output, image, text).
#[derive(Module, Debug)]
pub struct Bilinear {
    weight: Param<Tensor<3>>,
}

/// `U: c -> r` and `P: r -> c` as 1x1 convolutions, `V: d -> r`.
#[derive(Module, Debug)]
pub struct LowRank {
    u: Conv,
    v: Linear,
    p: Conv,
}

impl FusionConfig {
    /// Draws the weights: He-normal, as the recipe found best for `U`, `V` and `P`.
    pub fn init(&self, device: &Device) -> Fusion {
        let (c, d) = (self.channels, self.text);
        let he = Initializer::KaimingNormal {
            gain: 2f64.sqrt(),
            fan_out_only: false,
        };
        let linear = |to, bias| drawn_linear(d, to, bias, &he, device);
        match self.form {
            FusionForm::Concat => Fusion::Concat(Conv::same(c + d, c, 3, true, he, device)),
            FusionForm::Film => Fusion::Film(Film {
                gamma: linear(c, true),
                beta: linear(c, true),
            }),
            FusionForm::Bilinear => {
                let std = (1.0 / (c * d) as f64).sqrt();
                let normal = Initializer::Normal { mean: 0.0, std };
                Fusion::Bilinear(Bilinear {
                    weight: drawn(&normal, [c, c, d], c * d, device),
                })
            }
            FusionForm::LowRank(rank) => Fusion::LowRank(LowRank {
                u: Conv::same(c, rank, 1, false, he.clone(), device),
                v: linear(rank, false),
                p: Conv::same(rank, c, 1, true, he, device),
            }),
        }
    }
}

impl Fusion {
    /// Lays the convolutions' weights out, as [`Conv::lay_out`] does.
    pub fn lay_out(&mut self) {
        match self {
            Self::Concat(conv) => conv.lay_out(),
            Self::LowRank(LowRank { u, p, .. }) => {
                u.lay_out();
                p.lay_out();
            }
            Self::Film(_) | Self::Bilinear(_) => {}
        }
    }

    /// # Shapes
    /// - `x`: `[b, c, h, w]`
    /// - `t`: `[b, d]`
    /// - output: `[b, c, h, w]`
    pub fn forward(&self, x: Tensor<4>, t: Tensor<2>) -> Tensor<4> {
        let [b, c, h, w] = x.dims();
        let everywhere = |y: Tensor<2>| {
            let channels = y.dims()[1];
            y.reshape([b, channels, 1, 1])
        };
        match self {
            Self::Concat(conv) => {
                let d = t.dims()[1];
                let t = everywhere(t).expand([b, d, h, w]);
                conv.forward_relu(Tensor::cat(vec![x, t], 1))
            }
            Self::Film(Film { gamma, beta }) => {
                let gamma = sigmoid(linear(gamma, t.clone()));
                x * everywhere(gamma) + everywhere(linear(beta, t))
            }
            Self::Bilinear(Bilinear { weight }) => {
                let d = t.dims()[1];
                // W t first: one matrix [c, c] for each sentence, then x through it.
                let by_text = matmul(weight.val().reshape([c * c, d]), t.transpose());
                let by_text = by_text.transpose().reshape([b, c, c]);
                let x = x.reshape([b, c, h * w]);
                let of = |whole: &Tensor<3>, i| whole.clone().narrow(0, i, 1).squeeze_dim(0);
                let each = (0..b).map(|i| matmul(of(&by_text, i), of(&x, i)).unsqueeze::<3>());
                Tensor::cat(each.collect(), 0).reshape([b, c, h, w])
            }
            Self::LowRank(LowRank { u, v, p }) => {
                let text = everywhere(relu(linear(v, t)));
                p.forward_relu(u.forward_relu(x) * text)
            }
        }
    }
}

#[cfg(test)]
mod tests {
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
}
