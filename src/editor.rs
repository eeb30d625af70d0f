//! The editing generator: a photo and a sentence in, an edit and its mask out.
//!
//! Mao et al., "Bilinear Representation for Language-based Image Editing Using Conditional
//! Generative Adversarial Networks", ICASSP 2019, section 3, at a tenth of the paper's size:
//! an encoder to a quarter of the resolution, residual blocks whose convolutions see the
//! *fused* features while the identity path does not, and a decoder back up. Instead of the
//! picture alone the decoder gives a colour and a mask, so that the background stays the
//! photo's own.

use burn::config::Config;
use burn::module::Module;
use burn::nn::{Initializer, Linear};
use burn::tensor::activation::{leaky_relu, sigmoid, tanh};
use burn::tensor::{Device, Tensor};

use crate::fusion::{Fusion, FusionConfig, FusionForm};
use crate::layers::{Conv, ConvNorm, drawn_linear, leaky, linear};

/// Sizes of the generator.
#[derive(Config, Debug)]
pub struct EditorConfig {
    /// Channels at full resolution, at half, at a quarter ... Three levels for 64x64, four for
    /// 128x128.
    #[config(default = "vec![32, 64, 128]")]
    pub widths: Vec<usize>,
    /// Residual blocks.
    #[config(default = 4)]
    pub blocks: usize,
    /// How the blocks see the sentence.
    #[config(default = "FusionForm::LowRank(64)")]
    pub fusion: FusionForm,
    /// Whether the decoder sees the encoder's maps again, added to its own as in LinkNet
    /// (Chaurasia and Culurciello 2017): detail gets around the bottleneck, without a weight more.
    #[config(default = true)]
    pub skips: bool,
    /// Size of the sentence embedding.
    #[config(default = 256)]
    pub sentence: usize,
    /// Size of the conditioned sentence.
    #[config(default = 128)]
    pub condition: usize,
}

/// The generator. Photos are in [-1, 1].
#[derive(Module, Debug)]
pub struct Editor {
    condition: Condition,
    encoder: Encoder,
    pre: ConvNorm,
    blocks: Vec<Block>,
    decoder: Decoder,
    skips: bool,
}

/// What the generator makes of a batch of photos.
#[derive(Debug)]
pub struct Edit {
    /// `mask * rgb + (1 - mask) * photo`, `[b, 3, h, w]` in [-1, 1].
    pub photo: Tensor<4>,
    /// Where the photo was changed, `[b, 1, h, w]` in [0, 1].
    pub mask: Tensor<4>,
}

/// Conditioning augmentation (Zhang et al., StackGAN, section 3.2; Mao et al., section 3):
/// a sentence becomes a normal distribution from which the generator's condition is drawn.
#[derive(Module, Debug)]
pub struct Condition {
    mu: Linear,
    log_sigma: Linear,
}

/// Mean and logarithm of the deviation of a condition, both `[b, condition]`.
#[derive(Debug, Clone)]
pub struct Distribution {
    /// Mean.
    pub mu: Tensor<2>,
    /// Logarithm of the standard deviation.
    pub log_sigma: Tensor<2>,
}

impl Condition {
    /// Draws the weights of the maps from a sentence embedding to a condition of this size.
    pub fn new(sentence: usize, size: usize, device: &Device) -> Self {
        let uniform = Initializer::KaimingUniform {
            gain: 1.0 / 3f64.sqrt(),
            fan_out_only: false,
        };
        let map = || drawn_linear(sentence, size, false, &uniform, device);
        Self {
            mu: map(),
            log_sigma: map(),
        }
    }

    /// The numbers that a condition has.
    pub fn size(&self) -> usize {
        self.mu.weight.lazy_shape()[1]
    }

    /// The numbers that a sentence embedding has.
    pub fn sentence_size(&self) -> usize {
        self.mu.weight.lazy_shape()[0]
    }

    /// # Shapes
    /// - `sentence`: `[b, 256]`
    pub fn forward(&self, sentence: Tensor<2>) -> Distribution {
        Distribution {
            mu: leaky_relu(linear(&self.mu, sentence.clone()), 0.2),
            log_sigma: leaky_relu(linear(&self.log_sigma, sentence), 0.2),
        }
    }
}

impl Distribution {
    /// `mu + exp(log_sigma) * z`; the mean itself without `z`.
    pub fn draw(&self, z: Option<Tensor<2>>) -> Tensor<2> {
        match z {
            Some(z) => self.mu.clone() + self.log_sigma.clone().exp() * z,
            None => self.mu.clone(),
        }
    }
}

#[derive(Module, Debug)]
struct Encoder {
    stem: Conv,
    downs: Vec<ConvNorm>,
}

/// `relu(x + norm(conv(relu(norm(conv(fuse(x, t)))))))`
#[derive(Module, Debug)]
struct Block {
    fusion: Fusion,
    conv1: ConvNorm,
    conv2: ConvNorm,
}

#[derive(Module, Debug)]
struct Decoder {
    ups: Vec<ConvNorm>,
    out: Conv,
}

impl EditorConfig {
    /// Height and width of a photo have to be multiples of this.
    pub fn stride(&self) -> usize {
        1 << (self.widths.len() - 1)
    }

    /// Draws the weights: normal(0, 0.02) as in DCGAN, He-normal in the fusion layers.
    pub fn init(&self, device: &Device) -> Editor {
        self.build(false, |conv| ConvNorm::new(conv, device), device)
    }

    /// An editor as [`Editor::fold`] leaves it, without batch norms, for weights to be loaded into.
    pub fn init_folded(&self, device: &Device) -> Editor {
        self.build(true, |conv| ConvNorm { conv, norm: None }, device)
    }

    /// `bias` is for the convolutions that `norm` is given.
    fn build(&self, bias: bool, norm: impl Fn(Conv) -> ConvNorm, device: &Device) -> Editor {
        let (full, deepest) = (self.widths[0], self.widths[self.widths.len() - 1]);
        let normal = Initializer::Normal {
            mean: 0.0,
            std: 0.02,
        };
        let conv = |from, to, bias| Conv::same(from, to, 3, bias, normal.clone(), device);
        let same = |from, to| norm(conv(from, to, bias));
        let down = |from, to| norm(Conv::half(from, to, bias, normal.clone(), device));
        let levels = || self.widths.windows(2);
        let fusion = FusionConfig::new(self.fusion.clone(), deepest, self.condition);
        Editor {
            condition: Condition::new(self.sentence, self.condition, device),
            encoder: Encoder {
                stem: conv(3, full, true),
                downs: levels().map(|pair| down(pair[0], pair[1])).collect(),
            },
            pre: same(deepest, deepest),
            blocks: (0..self.blocks)
                .map(|_| Block {
                    fusion: fusion.init(device),
                    conv1: same(deepest, deepest),
                    conv2: same(deepest, deepest),
                })
                .collect(),
            decoder: Decoder {
                ups: levels().rev().map(|pair| same(pair[1], pair[0])).collect(),
                out: conv(full, 4, true),
            },
            skips: self.skips,
        }
    }
}

impl Editor {
    /// The distribution that a sentence embedding `[b, 256]` stands for.
    pub fn condition(&self, sentence: Tensor<2>) -> Distribution {
        self.condition.forward(sentence)
    }

    /// The numbers that a condition has.
    pub fn condition_size(&self) -> usize {
        self.condition.size()
    }

    /// Height and width of a photo have to be multiples of this.
    pub fn stride(&self) -> usize {
        1 << self.encoder.downs.len()
    }

    /// # Shapes
    /// - `photo`: `[b, 3, h, w]` in [-1, 1], `h` and `w` multiples of [`stride`](Self::stride)
    /// - `t`: `[b, condition]`, drawn from [`condition`](Self::condition)
    pub fn forward(&self, photo: Tensor<4>, t: Tensor<2>) -> Edit {
        let (x, mut levels) = self.encoder.forward(photo.clone());
        let mut x = self.pre.forward(x);
        for block in &self.blocks {
            x = block.forward(x, t.clone());
        }
        if !self.skips {
            levels.clear();
        }
        let (rgb, mask) = self.decoder.forward(x, levels);
        let photo = photo.clone() + mask.clone() * (rgb - photo);
        Edit { photo, mask }
    }

    /// The same function with every batch norm folded into its convolution.
    pub fn fold(mut self) -> Self {
        self.norms().into_iter().for_each(ConvNorm::fold);
        self
    }

    /// The same function, faster on the CPU: its weights must not change any more.
    pub fn lay_out(mut self) -> Self {
        for norm in self.norms() {
            norm.conv.lay_out();
        }
        for block in &mut self.blocks {
            block.fusion.lay_out();
        }
        self.encoder.stem.lay_out();
        self.decoder.out.lay_out();
        self
    }

    fn norms(&mut self) -> Vec<&mut ConvNorm> {
        let blocks = self.blocks.iter_mut();
        let blocks = blocks.flat_map(|block| [&mut block.conv1, &mut block.conv2]);
        let levels = self.encoder.downs.iter_mut().chain(&mut self.decoder.ups);
        blocks.chain(levels).chain([&mut self.pre]).collect()
    }
}

impl Encoder {
    /// The deepest feature map, and those of the levels above it, from full resolution down.
    fn forward(&self, photo: Tensor<4>) -> (Tensor<4>, Vec<Tensor<4>>) {
        let mut x = self.stem.forward_relu(photo);
        let mut levels = Vec::new();
        for down in &self.downs {
            levels.push(x.clone());
            x = down.forward_relu(x);
        }
        (x, levels)
    }
}

impl Block {
    fn forward(&self, x: Tensor<4>, t: Tensor<2>) -> Tensor<4> {
        let y = self.fusion.forward(x.clone(), t);
        let y = self.conv1.forward_relu(y);
        leaky(x + self.conv2.forward(y), 0.0)
    }
}

impl Decoder {
    /// The colour `[b, 3, h, w]` in [-1, 1] and the mask `[b, 1, h, w]` in [0, 1], with the
    /// encoder's feature maps from full resolution down, or none.
    fn forward(&self, mut x: Tensor<4>, mut levels: Vec<Tensor<4>>) -> (Tensor<4>, Tensor<4>) {
        for up in &self.ups {
            x = up.forward_enlarged(x, 0.0);
            if let Some(level) = levels.pop() {
                x = x + level;
            }
        }
        let x = self.out.forward(x);
        (tanh(x.clone().narrow(1, 0, 3)), sigmoid(x.narrow(1, 3, 1)))
    }
}
