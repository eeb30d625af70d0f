//! The networks that train the generators and that no page needs: the discriminator, the encoder of forms, and
//! the image half of the matching network.

use burn::config::Config;
use burn::module::Module;
use burn::nn::{Initializer, Linear, LinearConfig};
use burn::tensor::activation::leaky_relu;
use burn::tensor::{Device, Tensor};
use wordloom::conditioning::Distribution;
use wordloom::layers::{Conv, ConvNorm};
use wordloom::weaver::FORM;

const SLOPE: f64 = 0.2;

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
        let mut x = self.first.forward_leaky(photo, SLOPE);
        for level in &self.levels {
            x = level.forward_leaky(x, SLOPE);
        }
        x
    }

    /// Logits `[b, 1]`: are these features those of a real photo with this sentence `[b, 256]`?
    pub fn matching(&self, features: Tensor<4>, sentence: Tensor<2>) -> Tensor<2> {
        let [b, _, h, w] = features.dims();
        let text = leaky_relu(self.text.forward(sentence), SLOPE);
        let d = text.dims()[1];
        let text = text.reshape([b, d, 1, 1]).expand([b, d, h, w]);
        let joint = Tensor::cat(vec![features, text], 1);
        let joint = self.joint.forward_leaky(joint, SLOPE);
        self.matching.forward(joint).flatten(1, 3)
    }

    /// Logits `[b, 1]`: are these features those of a real photo?
    pub fn real(&self, features: Tensor<4>) -> Tensor<2> {
        self.real.forward(features).flatten(1, 3)
    }
}

/// Sizes of the encoder of forms.
#[derive(Config, Debug)]
pub struct FormEncoderConfig {
    /// Height and width of its forms: 64, 128, ...
    pub size: usize,
    /// Numbers of the condition.
    pub condition: usize,
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
        }
    }
}

impl FormEncoder {
    /// Forms `[b, 2, size, size]` to the distributions of their conditions.
    pub fn forward(&self, form: Tensor<4>) -> Distribution {
        let mut x = self.first.forward_leaky(form, SLOPE);
        for level in &self.levels {
            x = level.forward_leaky(x, SLOPE);
        }
        let x: Tensor<2> = x.flatten(1, 3);
        Distribution {
            mu: self.mu.forward(x.clone()),
            // No narrower than single precision can tell.
            log_sigma: self.log_sigma.forward(x).clamp(-6.0, 2.0),
        }
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
        let mut x = photo;
        for level in &self.levels {
            x = level.forward_leaky(x, SLOPE);
        }
        x
    }

    /// Feature maps to embeddings `[b, 256]`, to be compared with sentences.
    pub fn whole(&self, features: Tensor<4>) -> Tensor<2> {
        let x: Tensor<3> = features.flatten(2, 3);
        let x: Tensor<2> = x.mean_dim(2).squeeze_dim(2);
        self.project.forward(x)
    }
}
