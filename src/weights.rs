//! Packed model files: one safetensors file holds everything that an edit needs.
//!
//! | in the file | what |
//! |---|---|
//! | `NAME` of type I8 | a matrix, kernel or embedding; `NAME` = I8 x `NAME.scale` (broadcast) |
//! | `NAME` of type U8 | the same as int4, as a matrix (a kernel `[out, in k k]`): two values a byte, the first one in the lower half, 8 added; each number of `NAME.scale` is for a block of `shape / scale.shape` values, 32 inputs. The text encoder's where it fits, and the editor's if it was packed so |
//! | `NAME` of type F16 | biases; batch norms are folded into their convolutions |
//! | metadata `format`, `version` | `wordloom`, `1` |
//! | metadata `config`, `facts`, `tokenizer`, `self_test` | JSON of [`ModelConfig`], [`Facts`], the `tokenizers` crate, [`SelfTest`] |
//! | metadata `sha256` | of the whole file, with sixty-four `0` where this digest stands |
//!
//! Names are the paths of the modules' fields, `editor.blocks.0.conv1.conv.weight`. Linear maps
//! are `[in, out]`, convolutions `[out, in, k, k]`.

mod error;
mod int;
pub mod named;
mod packed;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use burn::config::Config;
use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use crate::editor::{Distribution, Edit, Editor, EditorConfig};
use crate::prompt::{Batch, TextEncoder, TextEncoderConfig, Vocabulary};

pub use error::WeightsError;
pub use int::Bits;
pub use packed::{pack, unpack, unpack_editor};

/// Sizes of everything in a model.
#[derive(Config, Debug)]
pub struct ModelConfig {
    /// The text encoder's.
    pub text: TextEncoderConfig,
    /// The editor's.
    pub editor: EditorConfig,
    /// The size of a photo's short side at which the network works, in pixels.
    #[config(default = 64)]
    pub short_side: usize,
}

/// What the trainer knows about a model, for its card and for the page.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// A short name.
    pub name: String,
    /// What it edits, in a few words.
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

/// A model, ready for edits.
#[derive(Debug, Clone)]
pub struct Model {
    /// Sizes.
    pub config: ModelConfig,
    /// What the trainer knows about it.
    pub facts: Facts,
    /// The words it knows.
    pub vocabulary: Vocabulary,
    /// Sentence to features.
    pub text: TextEncoder,
    /// Photo and features to edit; folded when it comes from a file.
    pub editor: Editor,
    /// What it computed when it was packed; [`pack`] makes it anew.
    pub check: SelfTest,
}

/// A small output, to notice a device that computes something else.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SelfTest {
    /// The condition that the first of the prompts stands for; empty before packing.
    pub condition: Vec<f32>,
    /// Averages over 8x8 pixels of the edit (three channels) and of the mask, as shares of their
    /// range, in [0, 1]; empty before packing.
    pub values: Vec<f32>,
    /// How far apart they may be, as a share of the range.
    pub tolerance: f32,
}

/// Two steps of an 8-bit picture: single precision is a thousand times nearer, and what is
/// further off would be seen.
const TOLERANCE: f32 = 2.0 / 255.0;

/// Side of the self-test's picture, and of its averages.
const SIDE: usize = 64;
const AVERAGED: usize = 8;

impl Model {
    /// The distribution of conditions that a sentence stands for, from the ids of its words.
    pub fn condition(&self, ids: Vec<u32>) -> Distribution {
        let device = self.text.devices().swap_remove(0);
        let sentence = self.text.forward(&Batch::new(&[ids], &device)).sentence;
        self.editor.condition(sentence)
    }

    /// Compares what the model computes on its device now with what it computed when packed, and
    /// gives the largest difference as a share of the range. Costs one edit.
    ///
    /// # Errors
    /// When a value is further off than allowed, or the device fails.
    pub async fn self_test(&self) -> Result<f32, WeightsError> {
        let condition = shares(read_back(self.first_condition()?).await?)?;
        let read = self.check.compare(&self.check.condition, &condition)?;
        Ok(read.max(self.check.paint(&self.editor).await?))
    }

    /// The mean condition of the first prompt, `[1, condition]`.
    fn first_condition(&self) -> Result<Tensor<2>, WeightsError> {
        let prompt = self.facts.prompts.first().map_or("", String::as_str);
        let prompt = self.vocabulary.read(prompt).map_err(|why| {
            let why = format!("the first of its prompts cannot be read: {why}");
            WeightsError::metadata("facts", why)
        })?;
        Ok(self.condition(prompt.ids).draw(None))
    }
}

/// What the self-test looks at: an edit of a drawing and its mask, `[1, 4, 64, 64]`.
fn probe(editor: &Editor, condition: Tensor<2>) -> Tensor<4> {
    let Edit { photo, mask } = editor.forward(drawing(&condition.device()), condition);
    Tensor::cat(vec![photo, mask], 1)
}

/// The averages that the self-test compares, `[4, 8, 8]`, as shares of the range.
fn averages(planes: &[f32]) -> Vec<f32> {
    let cells = SIDE / AVERAGED;
    let mut averages = vec![0.0; 4 * cells * cells];
    for (i, value) in planes.iter().enumerate() {
        let (plane, y, x) = (i / (SIDE * SIDE), i / SIDE % SIDE, i % SIDE);
        // Colours are in [-1, 1].
        let share = if plane < 3 {
            (value + 1.0) / 2.0
        } else {
            *value
        };
        averages[(plane * cells + y / AVERAGED) * cells + x / AVERAGED] += share;
    }
    averages
        .iter_mut()
        .for_each(|sum| *sum /= (AVERAGED * AVERAGED) as f32);
    averages
}

async fn read_back<const D: usize>(tensor: Tensor<D>) -> Result<TensorData, WeightsError> {
    let data = tensor.into_data_async().await;
    data.map_err(|error| WeightsError::Device(error.to_string()))
}

fn shares(data: TensorData) -> Result<Vec<f32>, WeightsError> {
    let error = |error: &dyn std::fmt::Debug| WeightsError::Device(format!("{error:?}"));
    data.convert::<f32>().try_to_vec().map_err(|e| error(&e))
}

impl SelfTest {
    fn new(condition: Vec<f32>, values: Vec<f32>) -> Self {
        let short = |values: Vec<f32>| {
            let short = |value: f32| (value * 1e4).round() / 1e4;
            values.into_iter().map(short).collect()
        };
        Self {
            condition: short(condition),
            values: short(values),
            tolerance: TOLERANCE,
        }
    }

    /// Compares what an editor computes now with what it computed when packed, and gives the
    /// largest difference as a share of the range.
    ///
    /// # Errors
    /// As [`Model::self_test`].
    pub async fn paint(&self, editor: &Editor) -> Result<f32, WeightsError> {
        let device = editor.devices().swap_remove(0);
        let condition = TensorData::new(self.condition.clone(), [1, self.condition.len()]);
        let planes = probe(editor, Tensor::from_data(condition, &device));
        let planes = shares(read_back(planes).await?)?;
        self.compare(&self.values, &averages(&planes))
    }

    fn compare(&self, packed: &[f32], values: &[f32]) -> Result<f32, WeightsError> {
        let apart = packed.iter().zip(values).map(|(a, b)| (a - b).abs());
        // A NaN is as far off as can be.
        let difference = apart.fold(0.0, |most: f32, d| match d.is_nan() {
            true => f32::INFINITY,
            false => most.max(d),
        });
        match difference <= self.tolerance && packed.len() == values.len() {
            true => Ok(difference),
            false => Err(WeightsError::SelfTest {
                difference,
                tolerance: self.tolerance,
            }),
        }
    }
}

/// What models are tried on without a photo: a round flower left of the middle of a green picture,
/// `[1, 3, 64, 64]` in [-1, 1].
pub fn drawing(device: &Device) -> Tensor<4> {
    let pixel = |channel: usize, y: usize, x: usize| {
        let (dx, dy) = (x as f32 - 28.0, y as f32 - 34.0);
        let light = (x + y) as f32 / (8 * SIDE) as f32;
        let colour = match dx * dx + dy * dy {
            d if d < 25.0 => [0.8, 0.6, -0.6],
            d if d < 324.0 => [0.5, -0.2, 0.4],
            _ => [-0.7, -0.1, -0.8],
        };
        colour[channel] + light - 0.125
    };
    let planes: Vec<f32> = (0..3 * SIDE * SIDE)
        .map(|i| pixel(i / (SIDE * SIDE), i / SIDE % SIDE, i % SIDE))
        .collect();
    Tensor::from_data(TensorData::new(planes, [1, 3, SIDE, SIDE]), device)
}

impl ModelConfig {
    /// Refuses sizes that do not fit together, or that no model has, before anything is built.
    fn check(&self) -> Result<(), WeightsError> {
        use crate::fusion::FusionForm::LowRank;
        let refuse = |why: String| Err(WeightsError::metadata("config", why));
        let (text, editor) = (&self.text, &self.editor);
        let rank = match editor.fusion {
            LowRank(rank) => rank,
            _ => 1,
        };
        let widths = editor.widths.iter().copied();
        for (name, size, most) in [
            ("text.vocabulary", text.vocabulary, 1 << 20),
            ("text.embedding", text.embedding, 1 << 12),
            ("text.hidden", text.hidden, 1 << 12),
            ("editor.widths", editor.widths.len(), 6),
            ("editor.widths", widths.clone().min().unwrap_or(0), 1 << 12),
            ("editor.widths", widths.max().unwrap_or(0), 1 << 12),
            ("editor.fusion", rank, 1 << 12),
            ("editor.condition", editor.condition, 1 << 12),
            ("editor.blocks", editor.blocks, 1 << 6),
            ("short_side", self.short_side, 1 << 10),
        ] {
            if !(1..=most).contains(&size) {
                return refuse(format!("{name} is {size}, not 1 to {most}"));
            }
        }
        if !(0.0..=1.0).contains(&text.dropout) {
            return refuse(format!("text.dropout is {}", text.dropout));
        }
        if editor.sentence != 2 * text.hidden {
            let (sentence, hidden) = (editor.sentence, text.hidden);
            return refuse(format!("editor.sentence is {sentence}, not twice {hidden}"));
        }
        let (side, stride) = (self.short_side, editor.stride());
        if !side.is_multiple_of(stride) {
            return refuse(format!("short_side is {side}, no multiple of {stride}"));
        }
        Ok(())
    }
}
