//! The editor: a photo is looked at once, then any sentence has its place in it.
//!
//! ```text
//! photo ──► trunk ──► an embedding x_p for each place, and what is seen
//! sentence t ──► head ──► mask logits m_p = x_p^T W t + b^T t, and whether the thing is there
//! ```
//! Mao et al., "Bilinear Representation for Language-based Image Editing Using Conditional Generative
//! Adversarial Networks", ICASSP 2019, section 3, with the sentence behind the network instead of within it.
//! What the mask is painted with is [`paint`](crate::paint)'s.

use burn::config::Config;
use burn::module::Module;
use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Tensor};

use crate::fusion::FusionForm;
use crate::head::{Head, HeadConfig};
use crate::trunk::{Features, Trunk, TrunkConfig};

/// Sizes of the editor.
#[derive(Config, Debug)]
pub struct EditorConfig {
    /// The trunk's.
    pub trunk: TrunkConfig,
    /// The layer that fuses places and sentence before the mask.
    #[config(default = "FusionForm::LowRank(64)")]
    pub fusion: FusionForm,
    /// How many of these layers there are; with none, the mask is the plain bilinear form.
    #[config(default = 0)]
    pub layers: usize,
    /// Size of the sentence embedding.
    #[config(default = 128)]
    pub sentence: usize,
}

/// The editor.
#[derive(Module, Debug)]
pub struct Editor {
    /// Photos to embeddings.
    pub trunk: Trunk,
    /// Embeddings and sentences to masks.
    pub head: Head,
}

impl EditorConfig {
    /// Draws the weights.
    pub fn init(&self, device: &Device) -> Editor {
        self.with_trunk_of(self.trunk.init(device), device)
    }

    /// An editor as [`Editor::fold`] leaves it, for weights to be loaded into.
    pub fn init_folded(&self, device: &Device) -> Editor {
        self.with_trunk_of(self.trunk.init_folded(device), device)
    }

    /// The head's sizes.
    pub fn head(&self) -> HeadConfig {
        let trunk = &self.trunk;
        HeadConfig::new(trunk.embedding, trunk.widths[3], self.sentence)
            .with_fusion(self.fusion.clone())
            .with_layers(self.layers)
    }

    fn with_trunk_of(&self, trunk: Trunk, device: &Device) -> Editor {
        let head = self.head().init(device);
        Editor { trunk, head }
    }
}

impl Editor {
    /// Looks at photos.
    ///
    /// # Shapes
    /// - `photo`: `[b, 3, h, w]` in [-1, 1], `h` and `w` multiples of [`STRIDE`](crate::trunk::STRIDE)
    pub fn look(&self, photo: Tensor<4>) -> Features {
        self.trunk.forward(photo)
    }

    /// Logits of the masks of one sentence a photo, `[b, 1, h / 2, w / 2]`; `t`: `[b, sentence]`.
    pub fn mask(&self, features: &Features, t: Tensor<2>) -> Tensor<4> {
        self.head.mask(features.places.clone(), t)
    }

    /// Logits `[b, n]`: is what these sentences `[n, sentence]` name in these photos?
    pub fn presence(&self, features: &Features, t: Tensor<2>) -> Tensor<2> {
        let (places, whole) = (features.planes(), features.whole.clone());
        self.head.ask(places, whole, t).presence
    }

    /// Logits as [`presence`](Self::presence) has them, and the share of the photo that each mask covers.
    pub fn sees(&self, features: &Features, t: Tensor<2>) -> [Tensor<2>; 2] {
        let (places, whole) = (features.planes(), features.whole.clone());
        let answers = self.head.ask(places, whole, t);
        let share = sigmoid(answers.masks).mean_dim(2).squeeze_dim(2);
        [answers.presence, share]
    }

    /// The same function with every batch norm folded into its convolution.
    pub fn fold(self) -> Self {
        let Self { trunk, head } = self;
        let trunk = trunk.fold();
        Self { trunk, head }
    }

    /// The same function, faster on the CPU: its weights must not change any more.
    pub fn prepack(self) -> Self {
        Self {
            trunk: self.trunk.prepack(),
            head: self.head.prepack(),
        }
    }
}
