//! The trunk: one look at a photo, and every place of it has an embedding that any word can be asked of.
//!
//! An encoder to a sixteenth of the resolution, residual blocks (He et al. 2016) at an eighth and a sixteenth,
//! and a decoder back up to a half whose levels see the encoder's maps again, added as in LinkNet
//! (Chaurasia and Culurciello 2017). No sentence goes through it: as in LSeg (Li et al. 2022), text meets
//! the embeddings only behind it.

use burn::config::Config;
use burn::module::Module;
use burn::nn::{Initializer, Linear};
use burn::tensor::{Device, Tensor};
use wordloom_kernels::Activation;

use crate::layers::{
    Conv, ConvNorm, add, add_to_places, drawn_linear, linear, mean_over_places, planes,
};

/// Sizes of the trunk.
#[derive(Config, Debug)]
pub struct TrunkConfig {
    /// Channels at a half of the resolution, a quarter, an eighth and a sixteenth.
    #[config(default = "[32, 48, 96, 160]")]
    pub widths: [usize; 4],
    /// Residual blocks at an eighth of the resolution, on the way down and on the way up.
    #[config(default = "[1, 1]")]
    pub eighth: [usize; 2],
    /// Residual blocks at a sixteenth.
    #[config(default = 4)]
    pub sixteenth: usize,
    /// Numbers of a place's embedding.
    #[config(default = 48)]
    pub embedding: usize,
}

/// Height and width of a photo have to be multiples of this.
pub const STRIDE: usize = 16;

/// The trunk. Photos are in [-1, 1].
#[derive(Module, Debug)]
pub struct Trunk {
    downs: Vec<ConvNorm>,
    eighth: Vec<Block>,
    sixteenth: Vec<Block>,
    /// At an eighth again, behind the encoder's map.
    eighth_up: Vec<Block>,
    /// What the whole photo says to every place of it.
    whole: Linear,
    ups: Vec<ConvNorm>,
    out: Conv,
}

/// What the trunk makes of a photo.
#[derive(Debug, Clone)]
pub struct Features {
    /// An embedding for each place, `[b, embedding, h / 2, w / 2]`.
    pub places: Tensor<4>,
    /// The mean over the deepest map, `[b, widths[3]]`: what the photo is of.
    pub whole: Tensor<2>,
}

impl Features {
    /// The embeddings as planes of places, `[b, embedding, places]`, in single precision.
    pub fn planes(&self) -> Tensor<3> {
        planes(self.places.clone())
    }
}

/// `relu(x + norm(conv(relu(norm(conv(x))))))`
#[derive(Module, Debug)]
struct Block {
    conv1: ConvNorm,
    conv2: ConvNorm,
}

impl TrunkConfig {
    /// Draws the weights, He-normal.
    pub fn init(&self, device: &Device) -> Trunk {
        self.build(false, |conv| ConvNorm::new(conv, device), device)
    }

    /// A trunk as [`Trunk::fold`] leaves it, without batch norms, for weights to be loaded into.
    pub fn init_folded(&self, device: &Device) -> Trunk {
        self.build(true, |conv| ConvNorm { conv, norm: None }, device)
    }

    /// `bias` is for the convolutions that `norm` is given.
    fn build(&self, bias: bool, norm: impl Fn(Conv) -> ConvNorm, device: &Device) -> Trunk {
        let he = || Initializer::KaimingNormal {
            gain: 2f64.sqrt(),
            fan_out_only: false,
        };
        let same = |from, to| norm(Conv::same(from, to, 3, bias, he(), device));
        let half = |from, to| norm(Conv::half(from, to, bias, he(), device));
        let block = |width| Block {
            conv1: same(width, width),
            conv2: same(width, width),
        };
        let blocks = |count, width| (0..count).map(|_| block(width)).collect();
        let [first, _, third, deepest] = self.widths;
        let levels = || self.widths.windows(2);
        Trunk {
            downs: std::iter::once(half(3, first))
                .chain(levels().map(|pair| half(pair[0], pair[1])))
                .collect(),
            eighth: blocks(self.eighth[0], third),
            sixteenth: blocks(self.sixteenth, deepest),
            eighth_up: blocks(self.eighth[1], third),
            whole: drawn_linear(deepest, deepest, true, &he(), device),
            ups: levels().rev().map(|pair| same(pair[1], pair[0])).collect(),
            out: Conv::same(first, self.embedding, 3, true, he(), device),
        }
    }
}

impl Trunk {
    /// # Shapes
    /// - `photo`: `[b, 3, h, w]` in [-1, 1], `h` and `w` multiples of [`STRIDE`]
    pub fn forward(&self, photo: Tensor<4>) -> Features {
        let mut x = photo;
        let mut levels = Vec::new();
        for (depth, down) in self.downs.iter().enumerate() {
            x = down.forward_relu(x);
            if depth == 2 {
                x = self.eighth.iter().fold(x, |x, block| block.forward(x));
            }
            levels.push(x.clone());
        }
        levels.pop();
        for (n, block) in self.sixteenth.iter().enumerate() {
            x = block.forward(x);
            if n == 1 {
                let whole = linear(&self.whole, mean_over_places(x.clone()));
                x = add_to_places(x, whole);
            }
        }
        let whole = mean_over_places(x.clone());
        for (height, up) in self.ups.iter().enumerate() {
            x = up.upsampled(x, Activation::RELU);
            if let Some(level) = levels.pop() {
                x = add(x, level, Activation::None);
            }
            if height == 0 {
                x = self.eighth_up.iter().fold(x, |x, block| block.forward(x));
            }
        }
        let places = self.out.forward(x);
        Features { places, whole }
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
        self.out.prepack();
        self
    }

    /// All layers with norms, or that had one before [`fold`](Self::fold).
    pub fn norms(&mut self) -> Vec<&mut ConvNorm> {
        let blocks = self.eighth.iter_mut().chain(&mut self.sixteenth);
        let blocks = blocks.chain(&mut self.eighth_up);
        let blocks = blocks.flat_map(|block| [&mut block.conv1, &mut block.conv2]);
        let levels = self.downs.iter_mut().chain(&mut self.ups);
        blocks.chain(levels).collect()
    }
}

impl Block {
    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let y = self.conv1.forward_relu(x.clone());
        add(x, self.conv2.forward(y), Activation::RELU)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::normal;
    use crate::weights::named;
    use burn::tensor::Tolerance;
    use wordloom_kernels::tensor;

    fn config() -> TrunkConfig {
        TrunkConfig::new()
            .with_widths([8, 12, 16, 20])
            .with_sixteenth(3)
            .with_embedding(6)
    }

    /// A trunk that has been trained as far as norms go: each shifts and scales, by statistics of its own.
    fn trained() -> Trunk {
        let mut seed = 0;
        let draw = |name: &str, shape: &[usize]| {
            seed += 1;
            let count: usize = shape.iter().product();
            let inputs = (count / shape[0]) as f32;
            let z = normal(seed, count).into_iter();
            Ok::<_, ()>(match name.rsplit('.').next() {
                Some("running_var" | "gamma") => z.map(|z| 0.5 + z.abs()).collect(),
                _ => z.map(|z| z / inputs.sqrt()).collect(),
            })
        };
        named::load("trunk", config().init(&Device::flex()), draw).expect("weights")
    }

    fn photo([h, w]: [usize; 2]) -> Tensor<4> {
        let values = normal(7, 2 * 3 * h * w).into_iter();
        let values = values.map(|z| (0.4 * z).clamp(-1.0, 1.0)).collect();
        tensor(values, [2, 3, h, w], &Device::flex())
    }

    const SIZES: [[usize; 2]; 4] = [[16, 16], [32, 48], [64, 16], [80, 112]];

    #[test]
    fn every_place_at_half_of_the_resolution_has_an_embedding() {
        let trunk = trained();
        for [h, w] in SIZES {
            let features = trunk.forward(photo([h, w]));
            assert_eq!(features.places.dims(), [2, 6, h / 2, w / 2]);
            assert_eq!(features.whole.dims(), [2, 20]);
            assert_eq!(features.planes().dims(), [2, 6, h / 2 * (w / 2)]);
        }
    }

    fn assert_same(ours: &Trunk, theirs: &Trunk) {
        for size in SIZES {
            let (ours, theirs) = (ours.forward(photo(size)), theirs.forward(photo(size)));
            let near = Tolerance::<f32>::rel_abs(1e-3, 1e-3);
            let places = ours.places.into_data();
            places.assert_approx_eq(&theirs.places.into_data(), near);
            let whole = ours.whole.into_data();
            whole.assert_approx_eq(&theirs.whole.into_data(), near);
        }
    }

    #[test]
    fn folded_norms_compute_the_same() {
        assert_same(&trained().fold(), &trained());
    }

    #[test]
    fn weights_laid_out_compute_the_same() {
        assert_same(&trained().fold().prepack(), &trained().fold());
    }

    #[test]
    fn the_whole_photo_is_seen_from_every_place() {
        let trunk = trained();
        let size = [16, 512];
        let device = Device::flex();
        let dark = photo(size);
        let [_, _, h, w] = dark.dims();
        // Bright at the far right only, further away than the convolutions reach.
        let far = Tensor::ones([2, 3, h, 64], &device);
        let bright = Tensor::cat(vec![dark.clone().narrow(3, 0, w - 64), far], 3);
        let left = |photo| trunk.forward(photo).places.narrow(3, 0, 16);
        let apart: f32 = (left(dark) - left(bright)).abs().max().into_scalar();
        assert!(apart > 1e-3, "{apart}");
    }
}
