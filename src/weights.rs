//! Packed model files: one safetensors file holds everything that an edit, or a picture, needs.
//!
//! | in the file | what |
//! |---|---|
//! | `NAME` of type I8 | a matrix, kernel or embedding; `NAME` = I8 x `NAME.scale` (broadcast) |
//! | `NAME` of type U8 | the same as int4, as a matrix (a kernel `[out, in k k]`): two values a byte, the first one in the lower half, 8 added; each number of `NAME.scale` is for a block of `shape / scale.shape` values, 32 inputs. The text encoder's where it fits, and the generator's if it was packed so |
//! | `NAME` of type F16 | biases; batch norms are folded into their convolutions |
//! | metadata `format`, `version` | `wordloom`, `1` |
//! | metadata `config`, `facts`, `tokenizer`, `self_test` | JSON of [`Sizes`], [`Facts`], the `tokenizers` crate, [`SelfTest`] |
//! | metadata `sha256` | of the whole file, with sixty-four `0` where this digest stands |
//!
//! Names are the paths of the modules' fields, `editor.blocks.0.conv1.conv.weight`. The generator
//! is called as its kind: `editor`, `comparison` or `text_to_image`. Linear maps
//! are `[in, out]`, convolutions `[out, in, k, k]`.

mod error;
mod file;
mod generator;
mod int;
pub mod named;
mod packed;
mod self_test;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use burn::module::Module;
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use crate::comparison::ComparisonConfig;
use crate::editor::EditorConfig;
use crate::prompt::{Batch, TextEncoder, TextEncoderConfig, TextFeatures, Vocabulary};
use crate::text_to_image::TextToImageConfig;

pub use error::WeightsError;
pub use generator::Generator;
pub use int::Bits;
pub use packed::{pack, unpack, unpack_generator, unpack_verified};
pub use self_test::{SelfTest, drawing};

/// Sizes of everything in a model whose generator has the sizes `C`.
#[derive(Clone, Debug)]
pub struct ModelConfig<C> {
    /// The text encoder's.
    pub text: TextEncoderConfig,
    /// The generator's.
    pub generator: C,
    /// The size of a photo's short side at which an editor works, or the side of the forms that
    /// a text-to-image generator makes, in pixels.
    pub side: usize,
}

/// The same in a file, where one of the generators stands.
#[derive(Debug, Serialize, Deserialize)]
pub struct Sizes {
    text: TextEncoderConfig,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    editor: Option<EditorConfig>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    comparison: Option<ComparisonConfig>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text_to_image: Option<TextToImageConfig>,
    short_side: usize,
}

/// What the trainer knows about a model, for its card and for the page.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// A short name.
    pub name: String,
    /// What it edits or makes, in a few words.
    pub edits: String,
    /// What it was trained on.
    pub data: String,
    /// The licence of the data, and of the weights.
    pub licence: String,
    /// The command that trained it.
    pub command: String,
    /// Steps of training.
    pub steps: usize,
    /// Sentences to try; the first one is the self-test's.
    pub prompts: Vec<String>,
    /// Figures measured on photos that were not trained on.
    #[serde(default)]
    pub metrics: BTreeMap<String, f64>,
    /// What it does badly.
    #[serde(default)]
    pub limits: String,
}

/// A model, ready for use.
#[derive(Debug, Clone)]
pub struct Model<G: Generator> {
    /// Sizes.
    pub config: ModelConfig<G::Config>,
    /// What the trainer knows about it.
    pub facts: Facts,
    /// The words it knows.
    pub vocabulary: Vocabulary,
    /// Sentence to features.
    pub text: TextEncoder,
    /// Features to edit or picture; folded when it comes from a file.
    pub generator: G,
    /// What it computed when it was packed; [`pack`] makes it anew.
    pub check: SelfTest,
}

impl<G: Generator> Model<G> {
    /// What the text encoder makes of a sentence, from the ids of its words.
    pub fn features(&self, ids: Vec<u32>) -> TextFeatures {
        let device = self.text.devices().swap_remove(0);
        self.text.forward(&Batch::new(&[ids], &device))
    }

    /// Compares what the model computes on its device now with what it computed when packed, and
    /// gives the largest difference as a share of the range. Costs one edit or picture.
    ///
    /// # Errors
    /// When a value is further off than allowed, or the device fails.
    pub async fn self_test(&self) -> Result<f32, WeightsError> {
        let read = self.check.read(self.first_condition()?).await?;
        Ok(read.max(self.check.paint(&self.generator).await?))
    }

    /// What the generator sees of the first prompt, `[1, condition]`.
    fn first_condition(&self) -> Result<Tensor<2>, WeightsError> {
        let prompt = self.facts.prompts.first().map_or("", String::as_str);
        let read = self.generator.read(&self.text, &self.vocabulary, prompt);
        read.map_err(|why| {
            let why = format!("the first of its prompts cannot be read: {why}");
            WeightsError::metadata("facts", why)
        })
    }
}

impl<C> ModelConfig<C> {
    /// Sizes of a text encoder and a generator, at 64 pixels.
    pub fn new(text: TextEncoderConfig, generator: C) -> Self {
        Self {
            text,
            generator,
            side: 64,
        }
    }

    /// The same at another size of photos.
    pub fn with_side(self, side: usize) -> Self {
        Self { side, ..self }
    }

    /// Refuses sizes that do not fit together, or that no model has, before anything is built.
    fn check<G: Generator<Config = C>>(&self) -> Result<(), WeightsError> {
        let text = &self.text;
        let sizes = [
            ("text.vocabulary", text.vocabulary, 1 << 20),
            ("text.embedding", text.embedding, 1 << 12),
            ("text.hidden", text.hidden, 1 << 12),
            ("short_side", self.side, 1 << 10),
        ];
        within(&sizes)?;
        if !(0.0..=1.0).contains(&text.dropout) {
            return refuse(format!("text.dropout is {}", text.dropout));
        }
        G::check(&self.generator, 2 * text.hidden, self.side)
    }
}

/// Refuses sizes, by name, that are not 1 to the most that any model has.
fn within(sizes: &[(&str, usize, usize)]) -> Result<(), WeightsError> {
    for (name, size, most) in sizes {
        if !(1..=*most).contains(size) {
            return refuse(format!("{name} is {size}, not 1 to {most}"));
        }
    }
    Ok(())
}

fn refuse<T>(why: String) -> Result<T, WeightsError> {
    Err(WeightsError::metadata("config", why))
}
