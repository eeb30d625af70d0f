//! What a weaver in training makes of sentences.

use std::path::Path;

use anyhow::Result;
use burn::module::Module;
use burn::tensor::{Distribution, Tensor, TensorData};
use image::RgbImage;
use wordloom::prompt::{Batch, Vocabulary};
use wordloom::weaver::{Exemplars, Weaver};

use super::Autoencoder;
use crate::sheet;

/// What a weaver's sheet asks for.
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
/// Pictures of a prompt on a weaver's sheet.
const SEEDS: usize = 12;

/// Writes what a weaver in training makes of sentences: prompts down, seeds across. Sentences of
/// unknown words are left out.
///
/// # Errors
/// A file that cannot be written.
pub fn write(path: &Path, networks: &Autoencoder, vocabulary: &Vocabulary) -> Result<()> {
    let Autoencoder { text, weaver, .. } = networks;
    let device = weaver.devices()[0].clone();
    device.seed(0);
    let mut tiles = Vec::new();
    for prompt in GARMENTS
        .iter()
        .filter_map(|prompt| vocabulary.read(prompt).ok())
    {
        let batch = Batch::new(&vec![prompt.ids; SEEDS], &device);
        let features = text.forward(&batch);
        let prior = weaver.condition(features.pooled);
        let z = Tensor::random(prior.mu.dims(), Distribution::Normal(0.0, 1.0), &device);
        let t = prior.draw(Some(z));
        let t = around(weaver, t, prior.log_sigma)?;
        let woven = weaver.forward(t, features.words, &batch.mask);
        tiles.extend(pictures(&woven.fine)?);
    }
    sheet::write(path, &tiles, SEEDS)
}

/// Conditions `[b, condition]` around the exemplars.
pub(super) fn around(weaver: &Weaver, t: Tensor<2>, log_sigma: Tensor<2>) -> Result<Tensor<2>> {
    let size = weaver.condition_size();
    let exemplars: Vec<f32> = weaver.exemplars().into_data().try_to_vec()?;
    let exemplars = Exemplars::new(exemplars, size);
    let (shape, device) = (t.dims(), t.device());
    let [t, log_sigma] = [t, log_sigma].map(|of| of.into_data().try_to_vec::<f32>());
    let (t, log_sigma) = (t?, log_sigma?);
    let rows = t.chunks(size).zip(log_sigma.chunks(size));
    let values: Vec<f32> = rows
        .flat_map(|(t, log_sigma)| exemplars.around(t, log_sigma))
        .collect();
    Ok(Tensor::from_data(TensorData::new(values, shape), &device))
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
