//! Ids to word features and a sentence embedding: a bidirectional LSTM.

use burn::backend::{Dispatch, ops::IntTensorOps};
use burn::config::Config;
use burn::module::Module;
use burn::nn::{Dropout, DropoutConfig, Embedding, Initializer, Linear};
use burn::tensor::activation::{sigmoid, tanh};
use burn::tensor::{Device, Int, Tensor, TensorData};

use super::sentence::COLOUR;
use super::{Change, Clause, PAD, Vocabulary};
use crate::colour::srgb_to_lab;
use crate::kernels::tensor;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::sentence;
    use burn::tensor::Tolerance;

    #[test]
    fn padding_changes_nothing() {
        let device = Device::flex();
        let encoder = TextEncoderConfig::new(7).init(&device);
        let short = vec![2, 3];
        let alone = encoder.forward(&Batch::new(std::slice::from_ref(&short), &device));
        let padded = encoder.forward(&Batch::new(&[short, vec![4, 5, 6, 2, 3]], &device));
        let near = Tolerance::<f32>::absolute(1e-6);
        let first = padded.sentence.clone().narrow(0, 0, 1);
        alone
            .sentence
            .to_data()
            .assert_approx_eq(&first.to_data(), near);
        let words = padded.words.clone().narrow(0, 0, 1);
        let seen = words.clone().narrow(1, 0, 2);
        alone
            .words
            .to_data()
            .assert_approx_eq(&seen.to_data(), near);
        let rest: f32 = words.narrow(1, 2, 3).abs().sum().into_scalar();
        assert_eq!(rest, 0.0);
        assert_eq!(padded.words.dims(), [2, 5, 256]);
    }

    /// The equations of the LSTM (Hochreiter and Schmidhuber 1997; the gate that forgets: Gers et al.
    /// 2000), number by number, in both directions.
    #[test]
    fn words_and_sentence_are_what_the_equations_say() {
        let hidden = 4;
        let config = TextEncoderConfig::new(9)
            .with_embedding(3)
            .with_hidden(hidden);
        let encoder = config.init(&Device::flex());
        let numbers = |tensor: Tensor<2>| -> Vec<f64> { tensor.into_data().iter().collect() };
        let embedding = numbers(encoder.embedding.weight.val());
        let states = |lstm: &Lstm, ids: &mut dyn Iterator<Item = u32>| -> Vec<Vec<f64>> {
            let [input, state] = [&lstm.input, &lstm.state].map(|map| numbers(map.weight.val()));
            let bias = lstm.input.bias.as_ref().expect("a bias").val();
            let bias: Vec<f64> = bias.into_data().iter().collect();
            let (mut h, mut c) = (vec![0.0; hidden], vec![0.0; hidden]);
            let step = |id: u32| {
                let x = &embedding[3 * id as usize..][..3];
                // Maps are [from, to].
                let gate = |gate: usize, k: usize| {
                    let to = gate * hidden + k;
                    let of = |from: &[f64], map: &[f64]| -> f64 {
                        let terms = from.iter().zip(map.chunks_exact(4 * hidden));
                        terms.map(|(value, row)| value * row[to]).sum()
                    };
                    bias[to] + of(x, &input) + of(&h, &state)
                };
                let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
                for (k, c) in c.iter_mut().enumerate() {
                    let (input, forget) = (sigmoid(gate(0, k)), sigmoid(gate(1, k)));
                    *c = forget * *c + input * gate(2, k).tanh();
                }
                let out = |k: usize| sigmoid(gate(3, k)) * c[k].tanh();
                h = (0..hidden).map(out).collect();
                h.clone()
            };
            ids.map(step).collect()
        };
        let near = |ours: &[f32], equations: &[f64]| {
            assert_eq!(ours.len(), equations.len());
            for (a, b) in ours.iter().zip(equations) {
                assert!((f64::from(*a) - b).abs() < 1e-5, "{a} {b}");
            }
        };
        let ids = [5u32, 2, 2, 8, 3];
        let read = encoder.forward(&Batch::new(&[ids.to_vec()], &Device::flex()));
        let ahead = states(&encoder.ahead, &mut ids.into_iter());
        let back = states(&encoder.back, &mut ids.into_iter().rev());
        let words = ahead.iter().zip(back.iter().rev());
        let words: Vec<f64> = words.flat_map(|(a, b)| [&a[..], b].concat()).collect();
        near(&read.words.into_data().try_to_vec::<f32>().unwrap(), &words);
        let sentence = [&ahead[4][..], &back[4]].concat();
        near(
            &read.sentence.into_data().try_to_vec::<f32>().unwrap(),
            &sentence,
        );
        let largest = |k: usize| {
            let of_words = words.chunks_exact(2 * hidden).map(|word| word[k]);
            of_words.fold(f64::MIN, f64::max)
        };
        let pooled: Vec<f64> = (0..2 * hidden).map(largest).collect();
        near(
            &read.pooled.into_data().try_to_vec::<f32>().unwrap(),
            &pooled,
        );
    }

    /// The clauses of some sentences, as a batch.
    fn batch(sentences: &[&str]) -> Batch {
        let clauses: Vec<Clause> = sentences
            .iter()
            .flat_map(|text| sentence::read(text).expect("clauses").clauses)
            .collect();
        Batch::of_clauses(&clauses, &vocabulary(), &Device::flex())
    }

    fn vocabulary() -> Vocabulary {
        let tokens = sentence::tokens().into_iter().map(String::from);
        Vocabulary::new(tokens).expect("a vocabulary")
    }

    fn encoder() -> TextEncoder {
        let config = TextEncoderConfig::new(vocabulary().size()).with_hidden(8);
        config.init_with_colours(&Device::flex())
    }

    #[test]
    fn an_embedding_moves_with_its_colour() {
        let encoder = encoder();
        let of = |sentence| encoder.forward(&batch(&[sentence])).pooled;
        let apart = |a, b| -> f32 { (of(a) - of(b)).abs().max().into_scalar() };
        let red = "make the skirt #f00000";
        assert!(apart(red, "make the skirt blue") > 1e-3);
        let (near, far) = (
            apart(red, "make the skirt #f40000"),
            apart(red, "make the skirt #2000ff"),
        );
        assert!(near > 0.0 && near < 0.2 * far, "{near} {far}");
        // Two spellings of one colour are one word.
        assert_eq!(apart("make the skirt #0ff", "make the skirt #00ffff"), 0.0);

        // Without a map of colours all are the same word.
        let blind = TextEncoder {
            colour: None,
            ..encoder.clone()
        };
        let of = |sentence| blind.forward(&batch(&[sentence])).pooled;
        let apart: f32 = (of(red) - of("make the skirt blue"))
            .abs()
            .max()
            .into_scalar();
        assert_eq!(apart, 0.0);
    }

    #[test]
    fn only_the_word_that_is_a_colour_has_one() {
        let batch = batch(&["make the skirt #1e90ff", "darker trousers"]);
        let colours: Vec<f32> = batch
            .colours
            .expect("colours")
            .into_data()
            .try_to_vec()
            .unwrap();
        let lab = srgb_to_lab([0x1e, 0x90, 0xff]).map(|x| x / 100.0);
        let coloured: Vec<_> = colours.chunks(3).filter(|x| **x != [0.0; 3]).collect();
        assert_eq!(coloured, [lab]);
    }

    #[test]
    fn clauses_of_different_length_do_not_disturb_each_other() {
        let encoder = encoder();
        let sentences = ["red skirt", "please change the colour of the coat to navy"];
        let both = batch(&sentences);
        let lengths: Vec<f32> = both
            .mask
            .clone()
            .sum_dim(1)
            .into_data()
            .try_to_vec()
            .unwrap();
        assert!(lengths.len() == 2 && lengths[0] < lengths[1], "{lengths:?}");
        let both = encoder.forward(&both).pooled;
        for (i, sentence) in sentences.into_iter().enumerate() {
            let alone = encoder.forward(&batch(&[sentence])).pooled.into_data();
            let near = Tolerance::<f32>::absolute(1e-5);
            let ours = both.clone().narrow(0, i, 1).into_data();
            ours.assert_approx_eq(&alone, near);
        }
    }
}
