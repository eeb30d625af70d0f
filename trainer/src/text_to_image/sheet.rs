//! What a generator in training makes of sentences.

use std::path::Path;

use anyhow::Result;
use burn::module::Module;
use burn::tensor::{Tensor, TensorData};
use image::RgbImage;
use wordloom::conditioning::Distribution;
use wordloom::prompt::{Batch, Vocabulary};
use wordloom::text_to_image::{Exemplars, TextToImage};

use super::Autoencoder;
use crate::sheet;

/// What a sheet asks for.
const GARMENTS: [&str; 14] = [
    "a t-shirt",
    "a polo shirt",
    "a shirt",
    "a long-sleeved shirt",
    "a top",
    "a sweater",
    "a hoodie",
    "a jacket",
    "a coat",
    "a dress",
    "a skirt",
    "trousers",
    "shorts",
    "a vest",
];
/// Pictures of a prompt on a sheet.
const SEEDS: usize = 12;

/// Writes what a generator in training makes of sentences: prompts down, seeds across. Sentences of
/// unknown words are left out.
///
/// # Errors
/// A file that cannot be written.
pub fn write(path: &Path, networks: &Autoencoder, vocabulary: &Vocabulary) -> Result<()> {
    let Autoencoder {
        text, generator, ..
    } = networks;
    let device = generator.devices()[0].clone();
    let mut tiles = Vec::new();
    for prompt in GARMENTS
        .iter()
        .filter_map(|prompt| vocabulary.read(prompt).ok())
    {
        let batch = Batch::new(&vec![prompt.ids; SEEDS], &device);
        let features = text.forward(&batch);
        let prior = generator.condition(features.pooled);
        let latents = sampled(generator, prior, SEEDS)?;
        let generated = generator.forward(latents, features.words, &batch.mask);
        tiles.extend(pictures(&generated.fine)?);
    }
    sheet::write(path, &tiles, SEEDS)
}

/// Latents `[n, latents]` of seeds from 0 on, of one sentence's distribution.
pub(super) fn sampled(generator: &TextToImage, prior: Distribution, n: usize) -> Result<Tensor<2>> {
    let exemplars = generator.exemplars();
    let ([_, size], device) = (exemplars.dims(), exemplars.device());
    let exemplars = Exemplars::new(exemplars.into_data().try_to_vec()?, size);
    let [mu, log_sigma] =
        [prior.mu, prior.log_sigma].map(|of| of.narrow(0, 0, 1).into_data().try_to_vec::<f32>());
    let (mu, log_sigma) = (mu?, log_sigma?);
    let seeds = 0..n as u32;
    let latents = seeds.flat_map(|seed| exemplars.sample(&mu, &log_sigma, seed));
    let latents = TensorData::new(latents.collect::<Vec<_>>(), [n, size]);
    Ok(Tensor::from_data(latents, &device))
}

/// Forms `[b, 2, h, w]` in [-1, 1] as grey cloth on white.
fn pictures(forms: &Tensor<4>) -> Result<Vec<RgbImage>> {
    let [_, channels, h, w] = forms.dims();
    let values: Vec<f32> = forms.to_data().try_to_vec()?;
    let picture = |planes: &[f32]| {
        RgbImage::from_fn(w as u32, h as u32, |x, y| {
            let at = |c: usize| 0.5 * (planes[(c * h + y as usize) * w + x as usize] + 1.0);
            let (light, alpha) = (at(0), at(1));
            image::Rgb([(255.0 * (light * alpha + 1.0 - alpha)).round() as u8; 3])
        })
    };
    Ok(values.chunks(channels * h * w).map(picture).collect())
}
