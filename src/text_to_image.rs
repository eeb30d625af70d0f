//! A text-to-image generator: a sentence in, the form of a garment out, in two stages.
//!
//! Xu et al., "AttnGAN: Fine-Grained Text to Image Generation with Attentional Generative
//! Adversarial Networks", CVPR 2018, section 3.1, with two stages, as the winner of the FashionGEN
//! challenge has them, at a size for a browser tab:
//!
//! ```text
//! t ~ Fca(s)                                      the sentence as a distribution of garments
//! h0 = F0(t)                     x0 = G0(h0)      the coarse form
//! h1 = F1(h0, Fattn(e, h0), d)   x1 = G1(h1)      the fine one, in which each region saw the words
//! ```
//!
//! A form is light and alpha: how bright cloth is at each place, and where there is any. Colour and cloth are laid
//! on by [`paint`](crate::paint), as in an edit. There is no noise beside `t`: training learns the distribution of
//! garments that a sentence leaves open, as the prior of a conditional autoencoder (Sohn, Lee and Yan,
//! "Learning Structured Output Representation using Deep Conditional Generative Models", NeurIPS 2015), and keeps
//! [`Exemplars`] of them.
//!
//! What a condition of the whole cannot say, a collar, a row of buttons, a fold, is in local latents `d`, one vector for each
//! place of an eighth of the form's size (the bottom level of Razavi, van den Oord and Vinyals, "Generating Diverse
//! High-Fidelity Images with VQ-VAE-2", NeurIPS 2019).

mod exemplars;
#[cfg(test)]
mod tests;

use burn::config::Config;
use burn::module::{Module, Param};
use burn::nn::{Initializer, Linear};
use burn::tensor::activation::{softmax, tanh};
use burn::tensor::{Device, Tensor};
use wordloom_kernels::Activation;

use crate::conditioning::{Condition, Distribution};
use crate::layers::{
    Conv, ConvNorm, add, drawn_linear, given, glu, join, linear, matmuls, planes, single,
};

pub use exemplars::Exemplars;

/// Channels of a form: light and alpha.
pub const FORM: usize = 2;

/// Pixels of a form, across and down, that one place of the local latents stands for.
pub const LOCAL: usize = 8;

/// Sizes of the generator.
#[derive(Config, Debug)]
pub struct TextToImageConfig {
    /// Channels of the first stage, from 4x4 up to half the form's size: four levels make
    /// forms of 64x64, five of 128x128.
    #[config(default = "vec![96, 80, 48, 16]")]
    pub widths: Vec<usize>,
    /// Channels at the form's size.
    #[config(default = 16)]
    pub fine: usize,
    /// Residual blocks of the second stage.
    #[config(default = 1)]
    pub blocks: usize,
    /// Whether the second stage sees the words, beside the first stage's map and what is local.
    #[config(default = true)]
    pub attention: bool,
    /// Size of the condition, `t`.
    #[config(default = 192)]
    pub condition: usize,
    /// Local latents of a place.
    #[config(default = 8)]
    pub local: usize,
    /// Garments of the training whose latents are kept.
    #[config(default = 512)]
    pub exemplars: usize,
    /// Size of the sentence embedding, and of a word's feature.
    #[config(default = 256)]
    pub sentence: usize,
}

/// The generator.
#[derive(Module, Debug)]
pub struct TextToImage {
    condition: Condition,
    /// `[exemplars, latents]`
    exemplars: Param<Tensor<2>>,
    /// From the condition to the whole map of 4x4.
    stem: ConvNorm,
    ups: Vec<ConvNorm>,
    coarse: Conv,
    attention: Option<Attention>,
    /// From local latents to half of the form's size.
    local: Vec<ConvNorm>,
    blocks: Vec<Block>,
    up: ConvNorm,
    fine: Conv,
}

/// Lets every region of a map attend to the words of a sentence: `Fattn`, equation 2.
#[derive(Module, Debug)]
pub struct Attention {
    /// `U`: brings a word's feature into the space of the regions.
    keys: Linear,
}

/// `x + norm(conv(glu(norm(conv(x)))))`
#[derive(Module, Debug)]
struct Block {
    conv1: ConvNorm,
    conv2: ConvNorm,
}

/// What the generator makes of a batch of sentences.
#[derive(Debug)]
pub struct Generated {
    /// The first stage's forms `[b, 2, size / 2, size / 2]` in [-1, 1].
    pub coarse: Tensor<4>,
    /// The second stage's forms `[b, 2, size, size]` in [-1, 1].
    pub fine: Tensor<4>,
    /// How much each region of the coarse form attended to each word, `[b, t, size / 2,
    /// size / 2]`; the words of a region sum to 1.
    pub attention: Option<Tensor<4>>,
}

impl TextToImageConfig {
    /// The sizes for forms of this height and width: 64, 128, 256 ...
    pub fn of_size(size: usize) -> Self {
        let mut config = Self::new();
        while config.size() < size {
            // Before the last one, which the second stage sees.
            config.widths.insert(config.widths.len() - 1, 32);
        }
        config
    }

    /// Height and width of the forms.
    pub fn size(&self) -> usize {
        4 << self.widths.len()
    }

    /// Numbers of a garment's latents: the condition, and what is local.
    pub fn latents(&self) -> usize {
        self.condition + self.local * (self.size() / LOCAL).pow(2)
    }

    /// Draws the weights: normal(0, 0.02) as in DCGAN.
    pub fn init(&self, device: &Device) -> TextToImage {
        self.build(false, |conv| ConvNorm::new(conv, device), device)
    }

    /// A generator as [`TextToImage::fold`] leaves it, for weights to be loaded into.
    pub fn init_folded(&self, device: &Device) -> TextToImage {
        self.build(true, |conv| ConvNorm { conv, norm: None }, device)
    }

    /// `bias` is for the convolutions that `norm` is given.
    fn build(&self, bias: bool, norm: impl Fn(Conv) -> ConvNorm, device: &Device) -> TextToImage {
        let normal = || Initializer::Normal {
            mean: 0.0,
            std: 0.02,
        };
        let same = |from, to, kernel| norm(Conv::same(from, to, kernel, bias, normal(), device));
        let gated = |from, to| same(from, 2 * to, 3);
        let form = |from| Conv::same(from, FORM, 3, true, normal(), device);
        let (first, last) = (self.widths[0], self.widths[self.widths.len() - 1]);
        let levels = self.widths.windows(2);
        let seen = if self.attention { 3 * last } else { 2 * last };
        TextToImage {
            condition: Condition::new(self.sentence, self.condition, device),
            exemplars: Initializer::Zeros.init([self.exemplars, self.latents()], device),
            stem: same(self.condition, 2 * 16 * first, 1),
            ups: levels.map(|pair| gated(pair[0], pair[1])).collect(),
            coarse: form(last),
            attention: self.attention.then(|| Attention {
                keys: drawn_linear(self.sentence, last, false, &normal(), device),
            }),
            local: [self.local, last, last]
                .map(|from| gated(from, last))
                .into(),
            blocks: (0..self.blocks)
                .map(|_| Block {
                    conv1: gated(seen, seen),
                    conv2: same(seen, seen, 3),
                })
                .collect(),
            up: gated(seen, self.fine),
            fine: form(self.fine),
        }
    }
}

impl TextToImage {
    /// The distribution that a sentence embedding `[b, 256]` stands for: `Fca`.
    pub fn condition(&self, sentence: Tensor<2>) -> Distribution {
        self.condition.forward(sentence)
    }

    /// Latents of garments that training saw, `[exemplars, latents]`: see [`Exemplars`].
    pub fn exemplars(&self) -> Tensor<2> {
        self.exemplars.val()
    }

    /// The same with other exemplars.
    pub fn with_exemplars(mut self, exemplars: Tensor<2>) -> Self {
        self.exemplars = Param::from_tensor(exemplars);
        self
    }

    /// Numbers that a condition has.
    pub fn condition_size(&self) -> usize {
        self.condition.size()
    }

    /// Numbers of a sentence embedding, and of a word's feature.
    pub fn sentence_size(&self) -> usize {
        self.condition.sentence_size()
    }

    /// Both stages.
    ///
    /// # Shapes
    /// - `latents`: `[b, latents]`, a condition and behind it what is local
    /// - `words`: `[b, t, 256]`, of the same sentences; `mask`: `[b, t]`, 1 at a word and 0 behind
    ///   the last
    pub fn forward(&self, latents: Tensor<2>, words: Tensor<3>, mask: &Tensor<2>) -> Generated {
        let (h, coarse) = self.sketch(latents.clone());
        let (fine, attention) = self.finish(h, latents, words, mask);
        Generated {
            coarse,
            fine,
            attention,
        }
    }

    /// The first stage, of the condition alone: its map `h0`, and the coarse form.
    pub fn sketch(&self, latents: Tensor<2>) -> (Tensor<4>, Tensor<4>) {
        let ([b, _], inputs) = (latents.dims(), self.condition_size());
        let t = latents.narrow(1, 0, inputs);
        let x = glu(self.stem.forward(given(t.reshape([b, inputs, 1, 1]))));
        let channels = x.dims()[1] / 16;
        let mut x = x.reshape([b, channels, 4, 4]);
        for up in &self.ups {
            x = glu(up.upsampled(x, Activation::None));
        }
        let coarse = tanh(single(self.coarse.forward(x.clone())));
        (x, coarse)
    }

    /// The second stage, from the first one's map and the local latents: the fine form, and what each region
    /// attended to.
    pub fn finish(
        &self,
        x: Tensor<4>,
        latents: Tensor<2>,
        words: Tensor<3>,
        mask: &Tensor<2>,
    ) -> (Tensor<4>, Option<Tensor<4>>) {
        let mut maps = vec![x.clone(), self.local(latents, x.dims()[2])];
        let mut seen = None;
        if let Some(attention) = &self.attention {
            let (context, weights) = attention.forward(x, words, mask);
            maps.push(given(context));
            seen = Some(weights);
        }
        let mut x = join(maps);
        for block in &self.blocks {
            x = block.forward(x);
        }
        let x = glu(self.up.upsampled(x, Activation::None));
        (tanh(single(self.fine.forward(x))), seen)
    }

    /// What is local, behind the condition, as a map of `side` by `side`.
    fn local(&self, latents: Tensor<2>, side: usize) -> Tensor<4> {
        let ([b, all], condition) = (latents.dims(), self.condition_size());
        let eighth = 2 * side / LOCAL;
        let channels = (all - condition) / (eighth * eighth);
        let d = latents.narrow(1, condition, all - condition);
        let d = d.reshape([b, channels, eighth, eighth]);
        let mut x = glu(self.local[0].forward(given(d)));
        for up in &self.local[1..] {
            x = glu(up.upsampled(x, Activation::None));
        }
        x
    }

    /// The same function with every batch norm folded into its convolution.
    pub fn fold(mut self) -> Self {
        self.norms().into_iter().for_each(ConvNorm::fold);
        self
    }

    /// The same function, faster on the CPU: its weights must not change any more.
    pub fn prepack(mut self) -> Self {
        for norm in self.norms() {
            norm.conv.prepack();
        }
        self.coarse.prepack();
        self.fine.prepack();
        self
    }

    fn norms(&mut self) -> Vec<&mut ConvNorm> {
        let blocks = self.blocks.iter_mut();
        let blocks = blocks.flat_map(|block| [&mut block.conv1, &mut block.conv2]);
        let others = [&mut self.stem, &mut self.up];
        let maps = self.ups.iter_mut().chain(&mut self.local);
        blocks.chain(maps).chain(others).collect()
    }
}

impl Attention {
    /// For each region `h_j` the words' mixture `c_j = sum_i b_ji e'_i`, with `e'_i = U e_i` and
    /// `b_j = softmax_i(h_j . e'_i)` over the words of its sentence.
    ///
    /// # Shapes
    /// - `x`: `[b, c, h, w]`
    /// - `words`: `[b, t, 256]`; `mask`: `[b, t]`
    /// - output: the context `[b, c, h, w]`, and `b_ji` as `[b, t, h, w]`
    fn forward(&self, x: Tensor<4>, words: Tensor<3>, mask: &Tensor<2>) -> (Tensor<4>, Tensor<4>) {
        let [b, c, h, w] = x.dims();
        let [_, t, size] = words.dims();
        let keys = linear(&self.keys, words.reshape([b * t, size])).reshape([b, t, c]);
        let scores = matmuls(keys.clone(), planes(x));
        // Behind the last word nothing is seen: e to the power of that is 0.
        let nothing = (mask.clone() - 1.0) * 1e9;
        let weights = softmax(scores + nothing.unsqueeze_dim(2), 1);
        let context = matmuls(keys.transpose(), weights.clone());
        (context.reshape([b, c, h, w]), weights.reshape([b, t, h, w]))
    }
}

impl Block {
    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let y = glu(self.conv1.forward(x.clone()));
        add(x, self.conv2.forward(y), Activation::None)
    }
}
