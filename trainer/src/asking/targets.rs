//! What the masks of a batch should be, and what masks that are otherwise cost.

use rayon::prelude::*;
use wordloom_kernels::training::fast_exp;

use super::Asked;
use crate::scenes::{Batch, UNDECIDED};

/// What the masks of a batch should be, at half of its pictures' resolution.
#[derive(Debug)]
pub struct Targets {
    /// Photos, words, places of each photo.
    pub shape: [usize; 3],
    /// For each place a set of the words that its four pixels are: how many of four, four bits each
    /// would be more than is needed; here one mask of words a pixel, `[b, places, 4]`.
    pixels: Vec<[u64; 4]>,
    /// For each place whether its pixels are decided.
    decided: Vec<bool>,
    /// For each photo and word, `[b, n]`: whether the photo answers it.
    pub settled: Vec<bool>,
    /// For each photo and word, `[b, n]`: the share of the photo that it is.
    pub area: Vec<f32>,
}

impl Targets {
    /// The answers of a batch of pictures of `size` pixels to at most 64 questions.
    ///
    /// # Panics
    /// For more than 64.
    pub fn new(batch: &Batch, size: usize, asked: &[&Asked]) -> Self {
        assert!(asked.len() <= 64, "{} questions at once", asked.len());
        let n = asked.len();
        // Which words a label is.
        let words: Vec<u64> = (0..=255u8)
            .map(|label| {
                let is = asked
                    .iter()
                    .enumerate()
                    .filter(|(_, asked)| asked.labels.has(label));
                is.fold(0, |set, (word, _)| set | 1 << word)
            })
            .collect();
        let half = size / 2;
        let places = half * half;
        let photos = batch.labels.len() / (size * size);
        let mut targets = Self {
            shape: [photos, n, places],
            pixels: Vec::with_capacity(photos * places),
            decided: Vec::with_capacity(photos * places),
            settled: Vec::with_capacity(photos * n),
            area: Vec::with_capacity(photos * n),
        };
        for (labels, settled) in batch.labels.chunks_exact(size * size).zip(&batch.settled) {
            let mut counts = vec![0u32; n];
            for y in 0..half {
                for x in 0..half {
                    let at = 2 * (y * size + x);
                    let four = [at, at + 1, at + size, at + size + 1].map(|at| labels[at]);
                    let pixels = four.map(|label| words[usize::from(label)]);
                    for mut set in pixels {
                        while set != 0 {
                            counts[set.trailing_zeros() as usize] += 1;
                            set &= set - 1;
                        }
                    }
                    targets.pixels.push(pixels);
                    targets.decided.push(!four.contains(&UNDECIDED));
                }
            }
            targets
                .settled
                .extend(asked.iter().map(|asked| settled.word(asked.labels)));
            targets.area.extend(
                counts
                    .iter()
                    .map(|count| *count as f32 / (4 * places) as f32),
            );
        }
        targets
    }

    /// Where a word is in a photo: for each place its share of the word, 0 where nobody decided.
    pub fn shares(&self, photo: usize, word: usize) -> Vec<f32> {
        let [_, _, places] = self.shape;
        let places = photo * places..(photo + 1) * places;
        let decided = &self.decided[places.clone()];
        let pixels = self.pixels[places].iter().zip(decided);
        pixels
            .map(|(pixels, decided)| f32::from(*decided) * share(pixels, word))
            .collect()
    }

    /// Binary cross entropy (the mean over all questions that a photo answers, weight 3; words that are not
    /// there count 0.3) and soft Dice over the words
    /// that are there (Milletari et al. 2016, section 3), with the gradient for the logits.
    ///
    /// # Shapes
    /// - `logits`: `[b, n, places]`, and so is the gradient
    pub fn loss(&self, logits: &[f32]) -> MaskLoss {
        const ENTROPY: f32 = 3.0;
        const ABSENT: f32 = 0.3;
        const SAMPLED: usize = 16;
        let [_, n, places] = self.shape;
        let weights: Vec<f32> = self
            .settled
            .iter()
            .zip(&self.area)
            .map(|(settled, area)| match (settled, *area > 0.0) {
                (false, _) => 0.0,
                (true, true) => 1.0,
                (true, false) => ABSENT,
            })
            .collect();
        let answered = self.settled.iter().filter(|settled| **settled).count();
        let total = (answered.max(1) * places) as f32;
        let there = weights.iter().filter(|weight| **weight == 1.0).count();
        let there = there.max(1) as f32;
        let mut gradient = vec![0.0; logits.len()];
        let sums: Vec<(f32, f32)> = gradient
            .par_chunks_mut(places)
            .zip(logits.par_chunks(places))
            .zip(&weights)
            .enumerate()
            .filter(|(_, (_, weight))| **weight > 0.0)
            .map(|(at, ((gradient, logits), weight))| {
                let (photo, word) = (at / n, at % n);
                let places = photo * places..(photo + 1) * places;
                let decided = &self.decided[places.clone()];
                let shares = self.pixels[places].iter().zip(decided);
                // A place that nobody decided is as it is.
                let shares: Vec<f32> = shares
                    .map(|(pixels, decided)| if *decided { share(pixels, word) } else { -1.0 })
                    .collect();
                let (mut both, mut either, mut entropy) = (0.0f32, 0.0f32, 0.0f32);
                for (p, logit) in gradient.iter_mut().zip(logits) {
                    *p = 1.0 / (1.0 + fast_exp(-logit));
                }
                for (p, t) in gradient.iter().zip(&shares) {
                    let counts = f32::from(*t >= 0.0);
                    both += counts * p * t;
                    either += counts * (p + t);
                }
                // Only told: a sample is enough.
                for (p, t) in gradient.iter().zip(&shares).step_by(SAMPLED) {
                    let likely = (t * p + (1.0 - t) * (1.0 - p)).max(1e-6);
                    entropy -= f32::from(*t >= 0.0) * SAMPLED as f32 * likely.ln();
                }
                let is_there = f32::from(*weight == 1.0);
                let below = either + 1.0;
                let above = 2.0 * both + 1.0;
                for (slope, t) in gradient.iter_mut().zip(&shares) {
                    let (p, counts) = (*slope, f32::from(*t >= 0.0));
                    let by_entropy = ENTROPY * weight * (p - t) / total;
                    let by_p = (above - 2.0 * t * below) / (below * below);
                    *slope = counts * (by_entropy + is_there * by_p * p * (1.0 - p) / there);
                }
                (weight * entropy, is_there * (1.0 - above / below))
            })
            .collect();
        MaskLoss {
            entropy: sums.iter().map(|(entropy, _)| entropy).sum::<f32>() / total,
            dice: sums.iter().map(|(_, dice)| dice).sum::<f32>() / there,
            gradient,
        }
    }
}

/// The share of a place's four pixels that are a word, in [0, 1].
fn share(pixels: &[u64; 4], word: usize) -> f32 {
    let count: u64 = pixels.iter().map(|set| set >> word & 1).sum();
    count as f32 / 4.0
}

/// What masks cost, and how that changes with their logits.
#[derive(Debug)]
pub struct MaskLoss {
    /// Mean binary cross entropy.
    pub entropy: f32,
    /// Mean soft Dice loss of the words that are there.
    pub dice: f32,
    /// Of `3 entropy + dice`, `[b, n, places]`.
    pub gradient: Vec<f32>,
}
