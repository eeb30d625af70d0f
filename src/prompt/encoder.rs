//! Ids to word features and a sentence embedding: a bidirectional LSTM.

#[cfg(test)]
mod tests;

use burn::backend::{Dispatch, ops::IntTensorOps};
use burn::config::Config;
use burn::module::Module;
use burn::nn::{Dropout, DropoutConfig, Embedding, Initializer, Linear};
use burn::tensor::activation::{sigmoid, tanh};
use burn::tensor::{Device, Int, Tensor, TensorData};
use wordloom_kernels::tensor;

use super::sentence::COLOUR;
use super::{Change, Clause, PAD, Vocabulary};
use crate::colour::srgb_to_lab;
use crate::layers::{drawn, drawn_linear, linear};

/// Sizes of the text encoder.
#[derive(Config, Debug)]
pub struct TextEncoderConfig {
    /// Number of ids.
    pub vocabulary: usize,
    /// Size of a word's embedding.
    #[config(default = 128)]
    pub embedding: usize,
    /// States of the LSTM in each direction.
    #[config(default = 128)]
    pub hidden: usize,
    /// Share of embedding values dropped in training.
    #[config(default = 0.3)]
    pub dropout: f64,
}

/// The bidirectional text encoder.
#[derive(Module, Debug)]
pub struct TextEncoder {
    embedding: Embedding,
    /// From a colour to what is added to the embedding of its word.
    colour: Option<Linear>,
    dropout: Dropout,
    ahead: Lstm,
    back: Lstm,
}

/// What the text encoder makes of a batch of sentences.
#[derive(Debug, Clone)]
pub struct TextFeatures {
    /// One feature a word, `[b, t, 2 hidden]`, zero behind the end of a sentence.
    pub words: Tensor<3>,
    /// The sentence embedding: the last states, `[b, 2 hidden]`.
    pub sentence: Tensor<2>,
    /// The same by max pooling: of each feature the largest of all words (Conneau et al. 2017,
    /// section 3.2.4), `[b, 2 hidden]`. A word in the middle is as near to it as the last one.
    pub pooled: Tensor<2>,
}

/// Sentences as one tensor.
#[derive(Debug, Clone)]
pub struct Batch {
    /// `[b, t]`, filled up with [`PAD`].
    pub ids: Tensor<2, Int>,
    /// 1 at a word, 0 behind the end of the sentence, `[b, t]`.
    pub mask: Tensor<2>,
    /// CIELAB of the words that are colours, as hundredths, and 0 at all others, `[b, t, 3]`.
    pub colours: Option<Tensor<3>>,
}

impl Batch {
    /// Puts sentences of at least one word each side by side.
    pub fn new(sentences: &[Vec<u32>], device: &Device) -> Self {
        let shape = [
            sentences.len(),
            sentences.iter().map(Vec::len).max().unwrap_or(0),
        ];
        let padded = |sentence: &Vec<u32>| {
            let padding = shape[1] - sentence.len();
            let ids = sentence.iter().map(|id| *id as i32);
            ids.chain(std::iter::repeat_n(PAD as i32, padding))
                .collect::<Vec<_>>()
        };
        let ids: Vec<i32> = sentences.iter().flat_map(padded).collect();
        let mask = ids.iter().map(|id| f32::from(*id != PAD as i32)).collect();
        let ids = TensorData::new(ids, shape);
        Self {
            ids: Tensor::from_dispatch(Dispatch::int_from_data(ids, device.as_dispatch())),
            mask: tensor(mask, shape, device),
            colours: None,
        }
    }

    /// Clauses, whose colours are words with an embedding of their own.
    pub fn of_clauses(clauses: &[Clause], vocabulary: &Vocabulary, device: &Device) -> Self {
        let ids = |clause: &Clause| -> Vec<u32> {
            clause
                .tokens
                .iter()
                .map(|token| vocabulary.id(token))
                .collect()
        };
        let batch = Self::new(&clauses.iter().map(ids).collect::<Vec<_>>(), device);
        let [b, t] = batch.mask.dims();
        let mut colours = vec![0.0; b * t * 3];
        for (clause, words) in clauses.iter().zip(colours.chunks_exact_mut(3 * t)) {
            if let Change::Colour(srgb) = clause.change {
                let hundredths = srgb_to_lab(srgb).map(|x| x / 100.0);
                let at = clause.tokens.iter().position(|token| *token == COLOUR);
                if let Some(word) = at.and_then(|at| words.get_mut(3 * at..3 * at + 3)) {
                    word.copy_from_slice(&hundredths);
                }
            }
        }
        Self {
            colours: Some(tensor(colours, [b, t, 3], device)),
            ..batch
        }
    }
}

impl TextEncoderConfig {
    /// Draws the weights.
    pub fn init(&self, device: &Device) -> TextEncoder {
        let lstm = || Lstm::new(self.embedding, self.hidden, device);
        let normal = Initializer::Normal {
            mean: 0.0,
            std: 1.0,
        };
        let shape = [self.vocabulary, self.embedding];
        TextEncoder {
            embedding: Embedding {
                weight: drawn(&normal, shape, self.vocabulary, device),
            },
            colour: None,
            dropout: DropoutConfig::new(self.dropout).init(),
            ahead: lstm(),
            back: lstm(),
        }
    }

    /// An encoder some of whose words are colours: their embedding comes from the colour.
    pub fn init_with_colours(&self, device: &Device) -> TextEncoder {
        let small = Initializer::Normal {
            mean: 0.0,
            std: 0.5,
        };
        TextEncoder {
            colour: Some(drawn_linear(3, self.embedding, false, &small, device)),
            ..self.init(device)
        }
    }
}

impl TextEncoder {
    /// Reads a batch of sentences.
    pub fn forward(&self, batch: &Batch) -> TextFeatures {
        let mut x = self.embedding.forward(batch.ids.clone());
        if let (Some(map), Some(colours)) = (&self.colour, &batch.colours) {
            let [b, t, _] = colours.dims();
            let embedded = linear(map, colours.clone().reshape([b * t, 3]));
            x = x + embedded.reshape([b as i32, t as i32, -1]);
        }
        let x = self.dropout.forward(x);
        let steps = batch.ids.dims()[1];
        let (ahead, last) = self.ahead.forward(x.clone(), &batch.mask, 0..steps);
        let (back, first) = self.back.forward(x, &batch.mask, (0..steps).rev());
        let mask: Tensor<3> = batch.mask.clone().unsqueeze_dim(2);
        let words = Tensor::cat(vec![ahead, back], 2) * mask.clone();
        // States are in [-1, 1]: padding is never the largest.
        let alive = words.clone() + (mask - 1.0) * 4.0;
        TextFeatures {
            words,
            sentence: Tensor::cat(vec![last, first], 1),
            pooled: alive.max_dim(1).squeeze_dim(1),
        }
    }
}

/// One direction of the LSTM; gates in the order input, forget, cell, output.
#[derive(Module, Debug)]
struct Lstm {
    /// Embedding to gates, with the only bias.
    input: Linear,
    /// State to gates.
    state: Linear,
}

impl Lstm {
    fn new(from: usize, hidden: usize, device: &Device) -> Self {
        let reach = (1.0 / hidden as f64).sqrt();
        let uniform = Initializer::Uniform {
            min: -reach,
            max: reach,
        };
        let gates = |from, bias| drawn_linear(from, 4 * hidden, bias, &uniform, device);
        Self {
            input: gates(from, true),
            state: gates(hidden, false),
        }
    }

    /// States at every step `[b, t, hidden]` and the last one `[b, hidden]`. Where the mask is 0
    /// the state stands still, so that padding changes nothing in either direction.
    fn forward(
        &self,
        x: Tensor<3>,
        mask: &Tensor<2>,
        order: impl Iterator<Item = usize>,
    ) -> (Tensor<3>, Tensor<2>) {
        let [b, steps, embedding] = x.dims();
        let hidden = self.state.weight.dims()[0];
        let gates = linear(&self.input, x.reshape([b * steps, embedding]));
        let gates = gates.reshape([b, steps, 4 * hidden]);
        let mut h = Tensor::<2>::zeros([b, hidden], &gates.device());
        let mut c = h.clone();
        let mut states = vec![h.clone(); steps];
        for step in order {
            let gates: Tensor<2> = gates.clone().narrow(1, step, 1).squeeze_dim(1);
            let gates = gates + linear(&self.state, h.clone());
            let gate = |i: usize| gates.clone().narrow(1, i * hidden, hidden);
            let next = sigmoid(gate(1)) * c.clone() + sigmoid(gate(0)) * tanh(gate(2));
            let out = sigmoid(gate(3)) * tanh(next.clone());
            let alive = mask.clone().narrow(1, step, 1);
            c = c.clone() + alive.clone() * (next - c);
            h = h.clone() + alive * (out - h);
            states[step] = h.clone();
        }
        (Tensor::stack(states, 1), h)
    }
}
