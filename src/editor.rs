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
use burn::tensor::activation::{leaky_relu, relu, sigmoid, tanh};
use burn::tensor::{Device, Tensor};

use crate::fusion::{Fusion, FusionConfig, FusionForm};
use crate::layers::{Conv, ConvNorm, drawn_linear};

/// Sizes of the generator.
#[derive(Config, Debug)]
pub struct EditorConfig {
    /// Channels at full, half and quarter resolution.
    #[config(default = "[32, 64, 128]")]
    pub widths: [usize; 3],
    /// Residual blocks.
    #[config(default = 4)]
    pub blocks: usize,
    /// How the blocks see the sentence.
    #[config(default = "FusionForm::LowRank(64)")]
    pub fusion: FusionForm,
    /// Size of the sentence embedding.
    #[config(default = 256)]
    pub sentence: usize,
    /// Size of the conditioned sentence.
    #[config(default = 128)]
    pub condition: usize,
}

/// Height and width of a photo have to be multiples of this.
pub const STRIDE: usize = 4;

/// The generator. Photos are in [-1, 1].
#[derive(Module, Debug)]
pub struct Editor {
    condition: Condition,
    encoder: Encoder,
    pre: ConvNorm,
    blocks: Vec<Block>,
    decoder: Decoder,
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
    /// # Shapes
    /// - `sentence`: `[b, 256]`
    pub fn forward(&self, sentence: Tensor<2>) -> Distribution {
        Distribution {
            mu: leaky_relu(self.mu.forward(sentence.clone()), 0.2),
            log_sigma: leaky_relu(self.log_sigma.forward(sentence), 0.2),
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
    down1: ConvNorm,
    down2: ConvNorm,
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
    up1: ConvNorm,
    up2: ConvNorm,
    out: Conv,
}

impl EditorConfig {
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
        let [full, half, quarter] = self.widths;
        let normal = Initializer::Normal {
            mean: 0.0,
            std: 0.02,
        };
        let conv = |from, to, bias| Conv::same(from, to, 3, bias, normal.clone(), device);
        let same = |from, to| norm(conv(from, to, bias));
        let down = |from, to| norm(Conv::half(from, to, bias, normal.clone(), device));
        let uniform = Initializer::KaimingUniform {
            gain: 1.0 / 3f64.sqrt(),
            fan_out_only: false,
        };
        let linear = || drawn_linear(self.sentence, self.condition, false, &uniform, device);
        let fusion = FusionConfig::new(self.fusion.clone(), quarter, self.condition);
        Editor {
            condition: Condition {
                mu: linear(),
                log_sigma: linear(),
            },
            encoder: Encoder {
                stem: conv(3, full, true),
                down1: down(full, half),
                down2: down(half, quarter),
            },
            pre: same(quarter, quarter),
            blocks: (0..self.blocks)
                .map(|_| Block {
                    fusion: fusion.init(device),
                    conv1: same(quarter, quarter),
                    conv2: same(quarter, quarter),
                })
                .collect(),
            decoder: Decoder {
                up1: same(quarter, half),
                up2: same(half, full),
                out: conv(full, 4, true),
            },
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
        self.condition.mu.weight.lazy_shape()[1]
    }

    /// # Shapes
    /// - `photo`: `[b, 3, h, w]` in [-1, 1], `h` and `w` multiples of [`STRIDE`]
    /// - `t`: `[b, condition]`, drawn from [`condition`](Self::condition)
    pub fn forward(&self, photo: Tensor<4>, t: Tensor<2>) -> Edit {
        let x = self.encoder.forward(photo.clone());
        let mut x = self.pre.forward(x);
        for block in &self.blocks {
            x = block.forward(x, t.clone());
        }
        let (rgb, mask) = self.decoder.forward(x);
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
        let Encoder { down1, down2, .. } = &mut self.encoder;
        let Decoder { up1, up2, .. } = &mut self.decoder;
        let blocks = self.blocks.iter_mut();
        let blocks = blocks.flat_map(|block| [&mut block.conv1, &mut block.conv2]);
        let others = [down1, down2, &mut self.pre, up1, up2];
        others.into_iter().chain(blocks).collect()
    }
}

impl Encoder {
    fn forward(&self, photo: Tensor<4>) -> Tensor<4> {
        let x = self.stem.forward_relu(photo);
        let x = self.down1.forward_relu(x);
        self.down2.forward_relu(x)
    }
}

impl Block {
    fn forward(&self, x: Tensor<4>, t: Tensor<2>) -> Tensor<4> {
        let y = self.fusion.forward(x.clone(), t);
        let y = self.conv1.forward_relu(y);
        relu(x + self.conv2.forward(y))
    }
}

impl Decoder {
    /// The colour `[b, 3, h, w]` in [-1, 1] and the mask `[b, 1, h, w]` in [0, 1].
    fn forward(&self, x: Tensor<4>) -> (Tensor<4>, Tensor<4>) {
        let x = self.up1.forward_enlarged(x);
        let x = self.up2.forward_enlarged(x);
        let x = self.out.forward(x);
        (tanh(x.clone().narrow(1, 0, 3)), sigmoid(x.narrow(1, 3, 1)))
    }
}
