//! From a sentence alone to garments: the whole of making one.
//!
//! [`GarmentModel::read`] makes numbers of the sentence; [`GarmentModel::sketch`] draws the coarse form of a seed, and
//! [`Sketch::finish`] the fine one, in which every region saw the words. [`Form::dressed`] makes a picture of
//! either, in the colour and the cloth that the sentence names.

use burn::tensor::{Device, Tensor};
use wordloom_kernels::tensor;

use super::dress::Form;
use super::wish::Wish;
use super::{EngineError, read_back};
use crate::paint::{Change, Paint};
use crate::prompt::{Prompt, form, sentence};
use crate::text_to_image::{Exemplars, FORM, TextToImage};
use crate::weights::{self, Model};

/// A model on a device, ready to read sentences and to make garments.
#[derive(Debug)]
pub struct GarmentModel {
    model: Model<TextToImage>,
    exemplars: Exemplars,
    device: Device,
}

/// What a sentence says to a model that makes garments.
#[derive(Debug, Clone)]
pub struct Wording {
    /// The distribution of conditions: the means, then the logarithms of the deviations.
    pub condition: Vec<f32>,
    /// A feature for each of [`words`](Self::words), one after the other.
    pub features: Vec<f32>,
    /// The words that say what form it has, as they were typed.
    pub words: Vec<String>,
    /// Those that nobody knows, each once.
    pub unknown: Vec<String>,
    /// Colour and cloth, as [`paint`] reads it; empty where none is named.
    pub paint: Vec<f32>,
}

/// The first stage's form, and all that the second one needs.
#[derive(Debug)]
pub struct Sketch {
    /// The coarse form.
    pub form: Form,
    generator: TextToImage,
    map: Tensor<4>,
    latents: Tensor<2>,
    words: Tensor<3>,
}

/// A form, and where each word acted.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The fine form.
    pub form: Form,
    /// For each word, how much of each region's attention it had: one byte for each pixel of the
    /// sketch, 255 for all of it. Empty in a model without attention.
    pub attention: Vec<Vec<u8>>,
}

/// The paint of a [`Wording`]; none where its sentence names neither colour nor cloth.
pub fn paint(numbers: &[f32]) -> Option<Paint> {
    (!numbers.is_empty()).then(|| Wish::from(numbers).paint())
}

impl GarmentModel {
    /// Reads packed weights and runs the model's self-test, which also warms the device up.
    ///
    /// # Errors
    /// As [`EditModel::open`](super::EditModel::open).
    pub async fn open(packed: &[u8], device: Device) -> Result<Self, EngineError> {
        Self::of(weights::unpack(packed, &device)?, device).await
    }

    /// As [`EditModel::open_verified`](super::EditModel::open_verified).
    ///
    /// # Errors
    /// As [`open`](Self::open), except for the digest.
    pub async fn open_verified(packed: &[u8], device: Device) -> Result<Self, EngineError> {
        Self::of(weights::unpack_verified(packed, &device)?, device).await
    }

    async fn of(mut model: Model<TextToImage>, device: Device) -> Result<Self, EngineError> {
        model.generator = model.generator.prepack();
        model.self_test().await?;
        let exemplars = model.generator.exemplars();
        let [_, size] = exemplars.dims();
        let exemplars = read_back(exemplars).await?;
        Ok(Self {
            exemplars: Exemplars::new(exemplars, size),
            model,
            device,
        })
    }

    /// Pixels across and down of the fine forms.
    pub fn side(&self) -> usize {
        self.model.config.side
    }

    /// As [`EditModel::unknown_words`](super::EditModel::unknown_words).
    pub fn unknown_words(&self, sentence: &str) -> Vec<String> {
        form::unknown(&self.model.vocabulary, sentence)
    }

    /// Reads a sentence.
    ///
    /// # Errors
    /// For a sentence without a known word, and a device that fails.
    pub async fn read(&self, sentence: &str) -> Result<Wording, EngineError> {
        let paint = painted(sentence);
        let Prompt {
            ids,
            words,
            unknown,
        } = form::read(&self.model.vocabulary, sentence)?;
        let features = self.model.features(ids);
        let distribution = self.model.generator.condition(features.pooled);
        let condition = Tensor::cat(vec![distribution.mu, distribution.log_sigma], 1);
        Ok(Wording {
            condition: read_back(condition).await?,
            features: read_back(features.words).await?,
            words,
            unknown,
            paint: paint.map_or_else(Vec::new, |wish| wish.after(Vec::new())),
        })
    }

    /// The first stage: the coarse form of a [`Wording`]'s condition and features, from the mixture of some
    /// seeds' garments by the squares of their shares. Every seed is another form, the same on every machine.
    ///
    /// # Errors
    /// For a wording of another model, and a device that fails.
    pub async fn sketch(
        &self,
        condition: &[f32],
        features: &[f32],
        noise: &[(u32, f32)],
    ) -> Result<Sketch, EngineError> {
        let generator = &self.model.generator;
        let size = generator.condition_size();
        fits(condition.len(), 2 * size)?;
        let words = (features.len() / generator.sentence_size()).max(1);
        fits(features.len(), words * generator.sentence_size())?;

        let (mu, log_sigma) = condition.split_at(size);
        let latents = mixed(noise, |seed| self.exemplars.sample(mu, log_sigma, seed));
        let latents = self.row(latents);
        let (map, coarse) = generator.sketch(latents.clone());
        let words = self.row(features.to_vec());
        Ok(Sketch {
            form: form_of(coarse, first(noise)).await?,
            generator: generator.clone(),
            map,
            latents,
            words: words.reshape([1, -1, generator.sentence_size() as i32]),
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
    pub async fn finish(&self) -> Result<Finished, EngineError> {
        let [_, words, _] = self.words.dims();
        let mask = Tensor::ones([1, words], &self.words.device());
        let (map, latents) = (self.map.clone(), self.latents.clone());
        let (fine, attention) = self
            .generator
            .finish(map, latents, self.words.clone(), &mask);
        let attention = match attention {
            Some(weights) => read_back(weights).await?,
            None => Vec::new(),
        };
        let byte = |share: &f32| (255.0 * share).round() as u8;
        let area = self.form.side * self.form.side;
        let words = attention
            .chunks(area)
            .map(|word| word.iter().map(byte).collect());
        Ok(Finished {
            form: form_of(fine, self.form.seed).await?,
            attention: words.collect(),
        })
    }
}

/// Colour and cloth, where a sentence names one of them. Jeans are of denim, where it names no other cloth.
fn painted(sentence: &str) -> Option<Wish> {
    // They count as well where nobody knows the thing that has them.
    let read = sentence::read(sentence).or_else(|_| sentence::read(&form::left_out(sentence)));
    let wish = read
        .ok()
        .and_then(|read| read.clauses.first().map(Wish::of));
    let fabric = wish.and_then(|wish| wish.paint().fabric);
    let lower = sentence.to_lowercase();
    let jeans = lower.contains("jeans") || lower.contains("牛仔裤");
    if jeans && fabric.is_none() && !lower.contains("denim") {
        return painted(&format!("denim {sentence}"));
    }
    let colour = wish.is_some_and(|wish| matches!(wish.paint().change, Change::Colour { .. }));
    wish.filter(|_| colour || fabric.is_some())
}

/// The mean of what each seed gives, by the squares of their shares: those of a step from one to another are the
/// cosine and the sine of an angle. Without any it is seed 0's.
fn mixed(noise: &[(u32, f32)], of: impl Fn(u32) -> Vec<f32>) -> Vec<f32> {
    let whole: f32 = noise.iter().map(|(_, share)| share * share).sum();
    if whole <= 0.0 {
        return of(0);
    }
    let mut mixed = Vec::new();
    for (seed, share) in noise {
        let (share, values) = (share * share / whole, of(*seed));
        mixed.resize(values.len(), 0.0);
        let values = mixed.iter_mut().zip(values);
        values.for_each(|(sum, value)| *sum += share * value);
    }
    mixed
}

/// The seed that has the largest share.
fn first(noise: &[(u32, f32)]) -> u32 {
    let most = noise.iter().max_by(|a, b| a.1.total_cmp(&b.1));
    most.map_or(0, |(seed, _)| *seed)
}

/// Off its device.
async fn form_of(planes: Tensor<4>, seed: u32) -> Result<Form, EngineError> {
    let [_, channels, side, _] = planes.dims();
    fits(channels, FORM)?;
    Ok(Form::new(&read_back(planes).await?, side, seed))
}

/// Refuses numbers of another model.
fn fits(found: usize, expected: usize) -> Result<(), EngineError> {
    match found == expected {
        true => Ok(()),
        false => Err(EngineError::Condition { found, expected }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_counts_whatever_has_it_and_a_difference_is_none() {
        let colour = |sentence| painted(sentence).map(|wish| wish.paint().change);
        assert!(colour("a red shirt").is_some());
        assert_eq!(colour("a red kimono"), colour("a red shirt"));
        assert!(painted("tartan").is_some_and(|wish| wish.paint().fabric.is_some()));
        assert!(painted("a darker shirt").is_none());
        for jeans in ["jeans", "black Jeans", "牛仔裤"] {
            let fabric = painted(jeans).and_then(|wish| wish.paint().fabric);
            assert_eq!(
                fabric.map(|fabric| fabric.kind),
                Some(crate::fabric::Kind::Denim),
                "{jeans}"
            );
        }
        assert!(painted("a wobbly shirt").is_none());
    }

    #[test]
    fn a_mixture_lies_between_what_its_seeds_give() {
        let mixed = |noise: &[(u32, f32)]| mixed(noise, |seed| vec![seed as f32, 1.0]);
        assert_eq!(mixed(&[(3, 0.2)]), [3.0, 1.0]);
        assert_eq!(mixed(&[(3, 0.5), (4, 0.5)]), [3.5, 1.0]);
        let [sine, cosine] = [0.6, 0.8];
        let near = mixed(&[(3, sine), (4, cosine)]);
        assert!((near[0] - 3.64).abs() < 1e-5 && (near[1] - 1.0).abs() < 1e-5);
        assert_eq!(first(&[(3, 0.4), (4, 0.6)]), 4);
        assert_eq!(mixed(&[]), [0.0, 1.0]);
    }
}
