//! The conditional GAN: a discriminator judges edits beside photos (Mao et al. 2019, section 3).
//!
//! Right is a photo with the sentence that is true of it, "the skirt navy"; wrong are the photo with the
//! sentence of another one's colour, and the edit that this sentence asks for. An edit is the photo in that
//! colour ([`wordloom::paint::light`]), mixed in by the mask: linear in it, so that its gradient is exact.

use anyhow::{Context, Result};
use burn::module::Module;
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Int, Tensor, TensorData};
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use wordloom::colour::{LINEAR, encode, lab_to_srgb, srgb_to_lab};
use wordloom::paint::light::Tones;
use wordloom::paint::small::Small;
use wordloom::paint::{Change as Painted, Paint};
use wordloom::prompt::Thing;
use wordloom::prompt::sentence::{COLOUR, Change, Clause};
use wordloom::shrink::Size;

use crate::asking::{Asked, Targets};
use crate::losses::{self, cross_entropy};
use crate::networks::{Discriminator, DiscriminatorConfig};
use crate::run::{self, Checkpoint};
use crate::scenes::Batch;

/// Channels of the discriminator's first level: few, as it sees as many photos as the trunk.
const WIDTH: usize = 24;
/// Its learning rate beside the trunk's.
const RATE: f64 = 0.2;
/// What is a smaller or a larger share of a photo is not edited: there is little to judge.
const SHARES: std::ops::Range<f32> = 0.02..0.7;

/// The discriminator and its optimiser.
pub struct Adversary {
    discriminator: Discriminator,
    optimiser: ModuleOptimizer,
}

/// Photos of a batch in which something has a colour, and is to get another's; at half of the crops' size.
pub struct Edits {
    /// Of each, its photo and word among all: `photo * words + word`.
    rows: Vec<i32>,
    /// `[n, 3, h, w]` in [-1, 1].
    photos: Tensor<4>,
    /// The same, all of it in the colour asked for.
    painted: Tensor<4>,
    /// What is true of each photo.
    own: Vec<Clause>,
    /// What is asked for.
    asked: Vec<Clause>,
}

impl Adversary {
    /// For crops of `size` pixels, and sentence embeddings of so many numbers.
    pub fn new(size: usize, sentence: usize, device: &Device) -> Self {
        let config = DiscriminatorConfig::new(size / 2)
            .with_width(WIDTH)
            .with_sentence(sentence);
        Self {
            discriminator: config.init(device),
            optimiser: run::optimiser(),
        }
    }

    /// Writes it into a checkpoint.
    pub fn save(&self, to: &Checkpoint) -> Result<()> {
        to.put("discriminator", &self.discriminator)?;
        to.put_optimiser("discriminator-optimiser", &self.optimiser)
    }

    /// Reads it from a checkpoint.
    pub fn load(self, from: &Checkpoint) -> Result<Self> {
        Ok(Self {
            discriminator: from.get("discriminator", self.discriminator)?,
            optimiser: from.get_optimiser("discriminator-optimiser", self.optimiser)?,
        })
    }

    /// A step of the discriminator, at the trunk's learning rate `rate`: its loss, and that of the masks.
    /// Nothing where there are no edits.
    ///
    /// # Shapes
    /// - `logits`: `[b, n, places]`, of the masks of all words
    /// - `read`: sentences to embeddings, `[sentences, sentence]`
    pub fn judge(
        &mut self,
        edits: &Edits,
        logits: Tensor<3>,
        read: impl Fn(&[Clause]) -> Tensor<2>,
        rate: f64,
    ) -> Option<[Tensor<1>; 2]> {
        if edits.own.is_empty() {
            return None;
        }
        let [own, asked] = [&edits.own, &edits.asked].map(|clauses| read(clauses).detach());
        let made = edits.with(logits);
        let against = losses::discriminator(
            &self.discriminator,
            edits.photos.clone(),
            made.clone().detach(),
            own,
            asked.clone(),
            asked.clone(),
        );
        let discriminator = self.discriminator.clone();
        let gradients = GradientsParams::from_grads(against.backward(), &discriminator);
        self.discriminator = self.optimiser.step(RATE * rate, discriminator, gradients);

        let judge = self.discriminator.clone().no_grad();
        let features = judge.features(made);
        let fits = cross_entropy(judge.matching(features.clone(), asked), 1.0);
        Some([against, fits + cross_entropy(judge.real(features), 1.0)])
    }
}

impl Edits {
    /// Of each photo that shows one, a thing drawn at random; it gets the colour of the next photo's.
    ///
    /// # Errors
    /// None where two photos show something.
    pub fn choose(
        batch: &Batch,
        targets: &Targets,
        asked: &[&Asked],
        rng: &mut SmallRng,
        device: &Device,
    ) -> Result<Self> {
        let [photos, n, places] = targets.shape;
        let half = (places as f64).sqrt() as usize;
        let size = Size {
            width: half,
            height: half,
        };
        let fits = |photo: usize, word: &usize| {
            let at = photo * n + word;
            targets.settled[at]
                && SHARES.contains(&targets.area[at])
                && Thing::named(asked[*word].name).is_some()
        };
        let mut found = Vec::new();
        for photo in 0..photos {
            let words: Vec<usize> = (0..n).filter(|word| fits(photo, word)).collect();
            let Some(&word) = words.choose(rng) else {
                continue;
            };
            let area = 3 * 4 * places;
            let bytes = &batch.photos[photo * area..][..area];
            let small = Half::of(bytes, half);
            let thing = Thing::named(asked[word].name).context("a thing without a name")?;
            let mask = targets.shares(photo, word);
            let tones = Tones::fit(
                &Small::new(&small.planes, size),
                &mask,
                &in_colour([0.0; 3]),
            );
            found.push((
                photo * n + word,
                thing,
                small,
                mask,
                lab_to_srgb(tones.tones.from),
            ));
        }
        let (mut planes, mut painted) = (Vec::new(), Vec::new());
        let (mut own, mut wished) = (Vec::new(), Vec::new());
        for (i, (_, thing, small, mask, colour)) in found.iter().enumerate() {
            let (.., other) = &found[(i + 1) % found.len()];
            let paint = in_colour(srgb_to_lab(*other));
            let tones = Tones::fit(&Small::new(&small.planes, size), mask, &paint).tones;
            painted.extend(small.painted(&tones));
            planes.extend_from_slice(&small.planes);
            own.push(sentence(thing, *colour));
            wished.push(sentence(thing, *other));
        }
        let maps = |values: Vec<f32>| {
            let shape = [found.len(), 3, half, half];
            Tensor::<4>::from_data(TensorData::new(values, shape), device)
        };
        Ok(Self {
            photos: maps(planes),
            painted: maps(painted),
            rows: found.iter().map(|(row, ..)| *row as i32).collect(),
            own,
            asked: wished,
        })
    }

    /// The photos edited with masks of these logits `[b, n, places]`: `x + m (painted - x)`.
    fn with(&self, logits: Tensor<3>) -> Tensor<4> {
        let [b, n, places] = logits.dims();
        let [edits, _, h, w] = self.photos.dims();
        let rows = Tensor::<1, Int>::from_data(&self.rows[..], &self.photos.device());
        let masks = sigmoid(logits.reshape([b * n, places]).select(0, rows));
        let masks = masks.reshape([edits, 1, h, w]);
        self.photos.clone() + masks * (self.painted.clone() - self.photos.clone())
    }
}

/// A paint that changes the colour alone.
fn in_colour(lab: [f32; 3]) -> Paint {
    Paint {
        change: Painted::Colour { lab },
        plain: false,
        fabric: None,
    }
}

/// "The THING COLOUR".
fn sentence(thing: &'static Thing, colour: [u8; 3]) -> Clause {
    Clause {
        tokens: vec![thing.name, COLOUR],
        change: Change::Colour(colour),
        ..Clause::naming(thing)
    }
}

/// A photo at half of its size.
struct Half {
    /// `[3, half, half]` in [-1, 1].
    planes: Vec<f32>,
    /// The same in linear sRGB, pixel by pixel.
    linear: Vec<[f32; 3]>,
}

impl Half {
    /// Of `[2 half, 2 half, 3]` bytes, by the mean of four pixels.
    fn of(bytes: &[u8], half: usize) -> Self {
        let pixels = bytes.as_chunks::<3>().0;
        let linear: Vec<[f32; 3]> = (0..half * half)
            .map(|at| {
                let corner = 2 * (at / half) * 2 * half + 2 * (at % half);
                let four = [0, 1, 2 * half, 2 * half + 1].map(|step| pixels[corner + step]);
                let mean = |c: usize| four.iter().map(|p| LINEAR[usize::from(p[c])]).sum::<f32>();
                [0, 1, 2].map(|c| mean(c) / 4.0)
            })
            .collect();
        Self {
            planes: planes(&linear),
            linear,
        }
    }

    /// All of it as if it were what was found: `[3, half, half]` in [-1, 1].
    fn painted(&self, tones: &Tones) -> Vec<f32> {
        let linear = self.linear.iter().map(|linear| tones.painted(*linear, 0.0));
        planes(&linear.collect::<Vec<_>>())
    }
}

/// Linear pixels as planes of sRGB in [-1, 1].
fn planes(linear: &[[f32; 3]]) -> Vec<f32> {
    let plane = |c: usize| linear.iter().map(move |pixel| 2.0 * encode(pixel[c]) - 1.0);
    (0..3).flat_map(plane).collect()
}

#[cfg(test)]
mod tests;
