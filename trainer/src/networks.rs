//! The networks that train the generators and that no page needs: the discriminator, the encoder of forms, and
//! the image half of the matching network.

use burn::config::Config;
use burn::module::Module;
use burn::nn::{Initializer, Linear, LinearConfig};
use burn::tensor::activation::leaky_relu;
use burn::tensor::{Device, Distribution as Random, Tensor};
use wordloom::conditioning::Distribution;
use wordloom::layers::{Conv, ConvNorm, single};
use wordloom::text_to_image::FORM;
use wordloom_kernels::Activation;
use wordloom_kernels::training::onednn::given;

const SLOPE: f64 = 0.2;
const LEAKY: Activation = Activation::LeakyRelu(SLOPE);

fn normal() -> Initializer {
    Initializer::Normal {
        mean: 0.0,
        std: 0.02,
    }
}

/// Sizes of the discriminator.
#[derive(Config, Debug)]
pub struct DiscriminatorConfig {
    /// Height and width of its photos: 64, 128, ...
    pub size: usize,
    /// Channels of its photos, or of its forms.
    #[config(default = 3)]
    pub channels: usize,
    /// Channels of the first level; each of the next levels doubles them, up to eight times.
    #[config(default = 48)]
    pub width: usize,
    /// Size of the sentence embedding.
    #[config(default = 256)]
    pub sentence: usize,
    /// Size to which the sentence is compressed.
    #[config(default = 128)]
    pub condition: usize,
}

/// Tells real photos with their own sentence from edits and from photos with another sentence
/// (Mao et al. 2019, section 3), and, without the sentence, real photos from edits.
#[derive(Module, Debug)]
pub struct Discriminator {
    first: Conv,
    levels: Vec<ConvNorm>,
    text: Linear,
    joint: ConvNorm,
    matching: Conv,
    real: Conv,
}

impl DiscriminatorConfig {
    /// Draws the weights.
    pub fn init(&self, device: &Device) -> Discriminator {
        let levels = (self.size / 4).ilog2() as usize;
        let widths: Vec<usize> = (0..levels)
            .map(|level| self.width << level.min(3))
            .collect();
        let top = widths[levels - 1];
        let logit = || Conv::same(top, 1, 4, true, normal(), device).valid();
        let half = |pair: &[usize]| Conv::half(pair[0], pair[1], false, normal(), device);
        let joint = Conv::same(top + self.condition, top, 1, false, normal(), device);
        Discriminator {
            first: Conv::half(self.channels, self.width, true, normal(), device),
            levels: widths
                .windows(2)
                .map(|pair| ConvNorm::new(half(pair), device))
                .collect(),
            text: LinearConfig::new(self.sentence, self.condition).init(device),
            joint: ConvNorm::new(joint, device),
            matching: logit(),
            real: logit(),
        }
    }
}

impl Discriminator {
    /// Photos `[b, 3, size, size]` to feature maps `[b, c, 4, 4]`.
    pub fn features(&self, photo: Tensor<4>) -> Tensor<4> {
        let mut x = self.first.activated(given(photo), LEAKY);
        for level in &self.levels {
            x = level.activated(x, LEAKY);
        }
        single(x)
    }

    /// Logits `[b, 1]`: are these features those of a real photo with this sentence `[b, 256]`?
    pub fn matching(&self, features: Tensor<4>, sentence: Tensor<2>) -> Tensor<2> {
        let [b, _, h, w] = features.dims();
        let text = leaky_relu(self.text.forward(sentence), SLOPE);
        let d = text.dims()[1];
        let text = text.reshape([b, d, 1, 1]).expand([b, d, h, w]);
        let joint = given(Tensor::cat(vec![features, text], 1));
        let joint = self.joint.activated(joint, LEAKY);
        single(self.matching.forward(joint)).flatten(1, 3)
    }

    /// Logits `[b, 1]`: are these features those of a real photo?
    pub fn real(&self, features: Tensor<4>) -> Tensor<2> {
        single(self.real.forward(given(features))).flatten(1, 3)
    }
}

/// Sizes of the encoder of forms.
#[derive(Config, Debug)]
pub struct FormEncoderConfig {
    /// Height and width of its forms: 64, 128, ...
    pub size: usize,
    /// Numbers of the condition.
    pub condition: usize,
    /// Local latents of a place.
    pub local: usize,
    /// Channels of the first level; each of the next levels doubles them, up to eight times.
    #[config(default = 24)]
    pub width: usize,
}

/// What a form could have been drawn from: the approximate posterior `q(t | x)` of a variational autoencoder
/// (Kingma and Welling 2014).
#[derive(Module, Debug)]
pub struct FormEncoder {
    first: Conv,
    levels: Vec<ConvNorm>,
    mu: Linear,
    log_sigma: Linear,
    /// Means and deviations of what is local.
    local: Conv,
}

/// Distributions of a form's condition, and of its local latents.
#[derive(Debug, Clone)]
pub struct Posterior {
    /// `[b, condition]`
    pub whole: Distribution,
    /// `[b, local * h * w]` of an eighth of the form's size.
    pub local: Distribution,
}

impl FormEncoderConfig {
    /// Draws the weights.
    pub fn init(&self, device: &Device) -> FormEncoder {
        let levels = (self.size / 4).ilog2() as usize;
        let widths: Vec<usize> = (0..levels)
            .map(|level| self.width << level.min(3))
            .collect();
        let half = |pair: &[usize]| Conv::half(pair[0], pair[1], false, normal(), device);
        let map = || LinearConfig::new(16 * widths[levels - 1], self.condition).init(device);
        FormEncoder {
            first: Conv::half(FORM, self.width, true, normal(), device),
            levels: widths
                .windows(2)
                .map(|pair| ConvNorm::new(half(pair), device))
                .collect(),
            mu: map(),
            log_sigma: map(),
            local: Conv::same(
                widths[EIGHTH + 1],
                2 * self.local,
                3,
                true,
                normal(),
                device,
            ),
        }
    }
}

/// The level of an encoder that sees an eighth of the form's size.
const EIGHTH: usize = 1;

impl FormEncoder {
    /// Forms `[b, 2, size, size]` to the distributions of their latents.
    pub fn forward(&self, form: Tensor<4>) -> Posterior {
        let mut x = self.first.activated(given(form), LEAKY);
        let mut eighth = x.clone();
        for (n, level) in self.levels.iter().enumerate() {
            x = level.activated(x, LEAKY);
            if n == EIGHTH {
                eighth = x.clone();
            }
        }
        let x: Tensor<2> = single(x).flatten(1, 3);
        let eighth: Tensor<2> = single(self.local.forward(eighth)).flatten(1, 3);
        let half = eighth.dims()[1] / 2;
        // No narrower than single precision can tell.
        let of = |mu, log_sigma: Tensor<2>| Distribution {
            mu,
            log_sigma: log_sigma.clamp(-6.0, 2.0),
        };
        Posterior {
            whole: of(self.mu.forward(x.clone()), self.log_sigma.forward(x)),
            local: of(
                eighth.clone().narrow(1, 0, half),
                eighth.narrow(1, half, half),
            ),
        }
    }
}

impl Posterior {
    /// The likeliest latents, `[b, latents]` as the generator takes them.
    pub fn mean(&self) -> Tensor<2> {
        Tensor::cat(vec![self.whole.mu.clone(), self.local.mu.clone()], 1)
    }

    /// Latents that are drawn.
    pub fn sample(&self) -> Tensor<2> {
        let drawn = |of: &Distribution| {
            let z = Random::Normal(0.0, 1.0);
            of.draw(Some(Tensor::random(of.mu.dims(), z, &of.mu.device())))
        };
        Tensor::cat(vec![drawn(&self.whole), drawn(&self.local)], 1)
    }
}

/// Sizes of the image half of the matching network.
#[derive(Config, Debug)]
pub struct ImageEncoderConfig {
    /// Channels at each level, each half as high and wide as the one before.
    #[config(default = "[32, 64, 128, 256]")]
    pub widths: [usize; 4],
    /// Size of the embedding, that of the sentence embedding.
    #[config(default = 256)]
    pub embedding: usize,
}

/// Brings a photo into the space of sentence embeddings.
#[derive(Module, Debug)]
pub struct ImageEncoder {
    levels: Vec<ConvNorm>,
    project: Linear,
}

impl ImageEncoderConfig {
    /// Draws the weights.
    pub fn init(&self, device: &Device) -> ImageEncoder {
        let [first, .., last] = self.widths;
        let he = || Initializer::KaimingNormal {
            gain: 2f64.sqrt(),
            fan_out_only: false,
        };
        let same = |from, to| Conv::same(from, to, 3, false, he(), device);
        let halves = self.widths.windows(2);
        let halves = halves.map(|pair| Conv::half(pair[0], pair[1], false, he(), device));
        let convs = std::iter::once(same(3, first))
            .chain(halves)
            .chain([same(last, last)]);
        ImageEncoder {
            levels: convs.map(|conv| ConvNorm::new(conv, device)).collect(),
            project: LinearConfig::new(last, self.embedding).init(device),
        }
    }
}

impl ImageEncoder {
    /// Photos `[b, 3, h, w]` in [-1, 1] to feature maps `[b, 256, h / 8, w / 8]`.
    pub fn features(&self, photo: Tensor<4>) -> Tensor<4> {
        let mut x = given(photo);
        for level in &self.levels {
            x = level.activated(x, LEAKY);
        }
        single(x)
    }

    /// Feature maps to embeddings `[b, 256]`, to be compared with sentences.
    pub fn whole(&self, features: Tensor<4>) -> Tensor<2> {
        let x: Tensor<3> = features.flatten(2, 3);
        let x: Tensor<2> = x.mean_dim(2).squeeze_dim(2);
        self.project.forward(x)
    }
}
