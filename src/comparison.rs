//! The fusing layers beside each other, on what one trunk saw.
//!
//! Mao et al. 2019 (BRL), section 4, compare their layer with concatenation and FiLM by a whole network each.
//! Here the trunk and the text encoder are the editor's, and each layer has a [`Head`] of its own, trained on
//! the same features: so a photo that was looked at shows at once what each layer makes of a sentence.

use burn::config::Config;
use burn::module::Module;
use burn::tensor::{Device, Tensor};

use crate::head::{Head, HeadConfig};

/// Sizes of the heads.
#[derive(Config, Debug)]
pub struct ComparisonConfig {
    /// One for each layer; all see the same embeddings and sentences.
    pub heads: Vec<HeadConfig>,
}

/// The heads.
#[derive(Module, Debug)]
pub struct Comparison {
    /// In the order of the configuration.
    pub heads: Vec<Head>,
}

impl ComparisonConfig {
    /// Draws the weights.
    pub fn init(&self, device: &Device) -> Comparison {
        Comparison {
            heads: self.heads.iter().map(|head| head.init(device)).collect(),
        }
    }

    /// What the layers are called: see [`FusionForm::name`](crate::fusion::FusionForm::name).
    pub fn names(&self) -> Vec<String> {
        self.heads.iter().map(|head| head.fusion.name()).collect()
    }
}

impl Comparison {
    /// Logits of the masks by each head, `[b, 1, h, w]`.
    ///
    /// # Shapes
    /// - `places`: `[b, embedding, h, w]`
    /// - `t`: `[b, sentence]`
    pub fn masks(&self, places: &Tensor<4>, t: &Tensor<2>) -> Vec<Tensor<4>> {
        let mask = |head: &Head| head.mask(places.clone(), t.clone());
        self.heads.iter().map(mask).collect()
    }

    /// The same function, faster on the CPU: its weights must not change any more.
    pub fn prepack(self) -> Self {
        Self {
            heads: self.heads.into_iter().map(Head::prepack).collect(),
        }
    }
}
