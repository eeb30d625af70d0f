//! The head: where in a photo a sentence acts, and whether what it names is there at all.
//!
//! Mao et al. 2019 (BRL), section 3: at each place `p` the embedding `x_p` meets the sentence `t` in a
//! bilinear form, `m_p = x_p^T W t + b^T t`, the logit of the mask. Before it come layers of the kind that
//! the paper is named after, as they stand there: `x + fuse(x, t)`, with any of its fusing layers.

use burn::config::Config;
use burn::module::Module;
use burn::nn::{Initializer, Linear};
use burn::tensor::{Device, Tensor};

use crate::fusion::{Fusion, FusionConfig, FusionForm};
use crate::kernels::matmuls;
use crate::layers::{drawn_linear, linear};
use crate::trunk::Features;

/// Sizes of the head.
#[derive(Config, Debug)]
pub struct HeadConfig {
    /// Numbers of a place's embedding.
    pub embedding: usize,
    /// Numbers that the trunk says of the whole photo.
    pub whole: usize,
    /// Size of the sentence embedding.
    pub sentence: usize,
    /// The layer that fuses places and sentence before the mask.
    #[config(default = "FusionForm::LowRank(64)")]
    pub fusion: FusionForm,
    /// How many of these layers there are; with none, the mask is the plain bilinear form.
    #[config(default = 0)]
    pub layers: usize,
}

/// The head.
#[derive(Module, Debug)]
pub struct Head {
    layers: Vec<Fusion>,
    /// `W` and, as the last column, `b`.
    mask: Linear,
    presence: Linear,
}

impl HeadConfig {
    /// Draws the weights: the logits begin near zero.
    pub fn init(&self, device: &Device) -> Head {
        let fusion = FusionConfig::new(self.fusion.clone(), self.embedding, self.sentence);
        let normal = |fan_in: usize| Initializer::Normal {
            mean: 0.0,
            std: 1.0 / fan_in as f64,
        };
        let seen = self.whole + 2 * self.embedding;
        let query = |to: usize| drawn_linear(self.sentence, to + 1, true, &normal(16), device);
        Head {
            layers: (0..self.layers).map(|_| fusion.init(device)).collect(),
            mask: query(self.embedding),
            presence: query(seen),
        }
    }
}

impl Head {
    /// The same function, faster on the CPU: its weights must not change any more.
    pub fn lay_out(mut self) -> Self {
        self.layers.iter_mut().for_each(Fusion::lay_out);
        self
    }

    /// The same masks, with the presence that another head tells.
    pub fn with_presence_of(self, other: Self) -> Self {
        Self {
            presence: other.presence,
            ..self
        }
    }

    /// Logits of the masks of one sentence a photo, `[b, 1, h, w]`.
    ///
    /// # Shapes
    /// - `places`: `[b, embedding, h, w]`
    /// - `t`: `[b, sentence]`
    pub fn mask(&self, places: Tensor<4>, t: Tensor<2>) -> Tensor<4> {
        let [b, c, h, w] = places.dims();
        let fused = self.layers.iter().fold(places, |x, layer| {
            let y = layer.forward(x.clone(), t.clone());
            x + y
        });
        let query = linear(&self.mask, t);
        let bias = query.clone().narrow(1, c, 1).reshape([b, 1, 1]);
        let query = query.narrow(1, 0, c).reshape([b, 1, c]);
        let logits = matmuls(query, fused.reshape([b, c, h * w])) + bias;
        logits.reshape([b, 1, h, w])
    }

    /// The same of every sentence for every photo, where there are no fusing layers: `[b, h w, n]`.
    ///
    /// # Shapes
    /// - `places`: `[b, h w, embedding]`
    /// - `t`: `[n, sentence]`
    pub fn masks(&self, places: Tensor<3>, t: Tensor<2>) -> Tensor<3> {
        let [b, area, c] = places.dims();
        let query = linear(&self.mask, t);
        let n = query.dims()[0];
        let bias = query.clone().narrow(1, c, 1).reshape([1, 1, n]);
        let query = query.narrow(1, 0, c).transpose();
        let logits = places.reshape([b * area, c]).matmul(query);
        logits.reshape([b, area, n]) + bias
    }

    /// Logits of every sentence for every photo, `[b, n]`: is there what it names?
    ///
    /// # Shapes
    /// - `seen`: `[b, whole + 2 embedding]`, see [`seen`]
    /// - `t`: `[n, sentence]`
    pub fn presence(&self, seen: Tensor<2>, t: Tensor<2>) -> Tensor<2> {
        let [_, c] = seen.dims();
        let query = linear(&self.presence, t);
        let n = query.dims()[0];
        let bias = query.clone().narrow(1, c, 1).reshape([1, n]);
        seen.matmul(query.narrow(1, 0, c).transpose()) + bias
    }
}

/// What the presence of a thing is read from, `[b, whole + 2 embedding]`: what the trunk says of the whole
/// photo, and the mean and the largest of its places' embeddings. The places lie `along` that dimension.
pub fn seen(whole: Tensor<2>, places: Tensor<3>, along: usize) -> Tensor<2> {
    let mean = places.clone().mean_dim(along).squeeze_dim(along);
    let most = places.max_dim(along).squeeze_dim(along);
    Tensor::cat(vec![whole, mean, most], 1)
}

impl Features {
    /// The places as rows, `[b, h w, embedding]`, in single precision.
    pub fn rows(&self) -> Tensor<3> {
        #[cfg(feature = "train")]
        if crate::kernels::onednn::takes(&self.places) {
            return crate::kernels::onednn::float(self.places.clone());
        }
        let rows: Tensor<3> = self.places.clone().flatten(2, 3);
        rows.swap_dims(1, 2)
    }
}
