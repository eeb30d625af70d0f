//! From a sentence alone to pictures: the whole of making one.
//!
//! [`Maker::read`] makes numbers of the sentence; [`Maker::sketch`] draws the coarse picture of a
//! seed, and [`Sketch::finish`] the fine one, in which every region saw the words.

use burn::tensor::{Device, Tensor};

use super::{EngineError, normal, read_back};
use crate::kernels::tensor;
use crate::weaver::Weaver;
use crate::weights::{self, Model};

/// A model on a device, ready to read sentences and to make pictures.
#[derive(Debug)]
pub struct Maker {
    model: Model<Weaver>,
    device: Device,
}

/// What a sentence says to a model that makes pictures.
#[derive(Debug, Clone)]
pub struct Wording {
    /// The distribution of conditions: the means, then the logarithms of the deviations.
    pub condition: Vec<f32>,
    /// A feature for each of [`words`](Self::words), one after the other.
    pub features: Vec<f32>,
    /// The words, as they were typed.
    pub words: Vec<String>,
    /// Those that the model does not know, each once.
    pub unknown: Vec<String>,
}

/// The first stage's picture, and all that the second one needs.
#[derive(Debug)]
pub struct Sketch {
    /// Rows of red, green, blue and alpha, `side * side * 4` bytes.
    pub rgba: Vec<u8>,
    /// Pixels across and down.
    pub side: usize,
    weaver: Weaver,
    map: Tensor<4>,
    words: Tensor<3>,
}

/// A picture, and where each word acted.
#[derive(Debug, Clone)]
pub struct Picture {
    /// Rows of red, green, blue and alpha, `side * side * 4` bytes.
    pub rgba: Vec<u8>,
    /// Pixels across and down.
    pub side: usize,
    /// For each word, how much of each region's attention it had: one byte for each pixel of the
    /// sketch, 255 for all of it. Empty in a model without attention.
    pub attention: Vec<Vec<u8>>,
}

impl Maker {
    /// Reads packed weights and runs the model's self-test, which also warms the device up.
    ///
    /// # Errors
    /// As [`Engine::open`](super::Engine::open).
    pub async fn open(packed: &[u8], device: Device) -> Result<Self, EngineError> {
        Self::of(weights::unpack(packed, &device)?, device).await
    }

    /// As [`Engine::open_verified`](super::Engine::open_verified).
    ///
    /// # Errors
    /// As [`open`](Self::open), except for the digest.
    pub async fn open_verified(packed: &[u8], device: Device) -> Result<Self, EngineError> {
        Self::of(weights::unpack_verified(packed, &device)?, device).await
    }

    async fn of(mut model: Model<Weaver>, device: Device) -> Result<Self, EngineError> {
        model.generator = model.generator.lay_out();
        model.self_test().await?;
        Ok(Self { model, device })
    }

    /// Pixels across and down of the pictures.
    pub fn side(&self) -> usize {
        self.model.config.side
    }

    /// As [`Engine::unknown_words`](super::Engine::unknown_words).
    pub fn unknown_words(&self, sentence: &str) -> Vec<String> {
        self.model.vocabulary.unknown(sentence)
    }

    /// Reads a sentence.
    ///
    /// # Errors
    /// For a sentence without a known word, and a device that fails.
    pub async fn read(&self, sentence: &str) -> Result<Wording, EngineError> {
        let prompt = self.model.vocabulary.read(sentence)?;
        let features = self.model.features(prompt.ids);
        let distribution = self.model.generator.condition(features.sentence);
        let condition = Tensor::cat(vec![distribution.mu, distribution.log_sigma], 1);
        Ok(Wording {
            condition: read_back(condition).await?,
            features: read_back(features.words).await?,
            words: prompt.words,
            unknown: prompt.unknown,
        })
    }

    /// The first stage: the coarse picture of a [`Wording`]'s condition and features. Every seed is
    /// another picture, the same on every machine.
    ///
    /// # Errors
    /// For a wording of another model, and a device that fails.
    pub async fn sketch(
        &self,
        condition: &[f32],
        features: &[f32],
        seed: u32,
    ) -> Result<Sketch, EngineError> {
        let weaver = &self.model.generator;
        let (size, noise) = (weaver.condition_size(), weaver.noise_size());
        fits(condition.len(), 2 * size)?;
        let words = (features.len() / weaver.sentence_size()).max(1);
        fits(features.len(), words * weaver.sentence_size())?;

        let mut drawn = normal(seed, noise + size);
        let (mu, log_sigma) = condition.split_at(size);
        let t = mu.iter().zip(log_sigma).zip(drawn.split_off(noise));
        let t = t
            .map(|((mu, log_sigma), z)| mu + log_sigma.exp() * z)
            .collect();
        let (map, coarse) = weaver.sketch(self.row(t), self.row(drawn));
        let (rgba, side) = picture(coarse).await?;
        let words = self.row(features.to_vec());
        Ok(Sketch {
            rgba,
            side,
            weaver: weaver.clone(),
            map,
            words: words.reshape([1, -1, weaver.sentence_size() as i32]),
        })
    }

    fn row(&self, values: Vec<f32>) -> Tensor<2> {
        let count = values.len();
        tensor(values, [1, count], &self.device)
    }
}

impl Sketch {
    /// The second stage.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn finish(&self) -> Result<Picture, EngineError> {
        let [_, words, _] = self.words.dims();
        let mask = Tensor::ones([1, words], &self.words.device());
        let (fine, attention) = self
            .weaver
            .finish(self.map.clone(), self.words.clone(), &mask);
        let (rgba, side) = picture(fine).await?;
        let attention = match attention {
            Some(weights) => read_back(weights).await?,
            None => Vec::new(),
        };
        let bytes = |word: &[f32]| word.iter().map(|share| byte(2.0 * share - 1.0)).collect();
        Ok(Picture {
            rgba,
            side,
            attention: attention.chunks(self.side * self.side).map(bytes).collect(),
        })
    }
}

/// Refuses numbers of another model.
fn fits(found: usize, expected: usize) -> Result<(), EngineError> {
    match found == expected {
        true => Ok(()),
        false => Err(EngineError::Condition { found, expected }),
    }
}

/// The bytes of a picture `[1, 3, s, s]` in [-1, 1], and `s`.
async fn picture(planes: Tensor<4>) -> Result<(Vec<u8>, usize), EngineError> {
    let [_, _, _, side] = planes.dims();
    let planes = read_back(planes).await?;
    let plane = side * side;
    let pixel =
        |i: usize| [0, 1, 2, 3].map(|c| planes.get(c * plane + i).map_or(255, |v| byte(*v)));
    Ok(((0..plane).flat_map(pixel).collect(), side))
}

/// A byte for a number in [-1, 1].
fn byte(value: f32) -> u8 {
    ((value + 1.0) * 127.5).round() as u8
}
