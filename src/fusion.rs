//! How image features meet the sentence: the layers that the ICASSP paper compares.
//!
//! `x` is a feature map `[b, c, h, w]`, `t` the sentence `[b, d]`, the same at every position.
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

use crate::layers::{Conv, drawn, drawn_linear, linear, matmul, matmuls};

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
    /// Size of the sentence embedding, `d`.
    pub text: usize,
}

/// A layer from a feature map `[b, c, h, w]` and a sentence `[b, d]` to a feature map
/// `[b, c, h, w]`.
#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant)] // a model has one or two of them
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
    /// Prepacks the convolutions' weights, as [`Conv::prepack`] does.
    pub fn prepack(&mut self) {
        match self {
            Self::Concat(conv) => conv.prepack(),
            Self::LowRank(LowRank { u, p, .. }) => {
                u.prepack();
                p.prepack();
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
                matmuls(by_text, x.reshape([b, c, h * w])).reshape([b, c, h, w])
            }
            Self::LowRank(LowRank { u, v, p }) => {
                let text = everywhere(relu(linear(v, t)));
                p.forward_relu(u.forward_relu(x) * text)
            }
        }
    }
}

#[cfg(test)]
mod tests;
