//! The build for the CPU, too: it makes garments.

use burn::tensor::Device;
use wasm_bindgen::prelude::*;

use crate::engine;

/// A model, ready to read sentences and to make garments.
#[wasm_bindgen]
pub struct GarmentModel(engine::GarmentModel);

/// What a sentence says to a model that makes garments.
#[wasm_bindgen]
pub struct Wording(engine::Wording);

/// The coarse form.
#[wasm_bindgen]
pub struct Sketch(engine::Sketch);

/// The fine form, and where each word acted.
#[wasm_bindgen]
pub struct Finished(engine::Finished);

#[wasm_bindgen]
impl GarmentModel {
    /// Reads a packed model and tests it on this device. `verified`: its digest has been compared.
    pub async fn open(weights: Vec<u8>, verified: bool) -> Result<GarmentModel, JsError> {
        let (weights, device) = (&weights[..], Device::flex());
        Ok(Self(match verified {
            true => engine::GarmentModel::open_verified(weights, device).await?,
            false => engine::GarmentModel::open(weights, device).await?,
        }))
    }

    /// The words of a sentence that nobody knows, as they were typed.
    pub fn unknown_words(&self, prompt: &str) -> Result<Vec<String>, JsError> {
        Ok(self.0.unknown_words(prompt))
    }

    /// Reads a sentence.
    pub async fn read(&self, prompt: String) -> Result<Wording, JsError> {
        Ok(Wording(self.0.read(&prompt).await?))
    }

    /// The coarse form of what was read, from seeds and the share of each: every mixture is another one.
    ///
    /// Do not `free()` the model while it draws: that throws.
    pub async fn sketch(
        &self,
        condition: Vec<f32>,
        features: Vec<f32>,
        seeds: Vec<u32>,
        shares: Vec<f32>,
    ) -> Result<Sketch, JsError> {
        let noise: Vec<(u32, f32)> = seeds.into_iter().zip(shares).collect();
        Ok(Sketch(self.0.sketch(&condition, &features, &noise).await?))
    }
}

#[wasm_bindgen]
impl Wording {
    /// The distribution of what the first stage sees.
    #[wasm_bindgen(getter)]
    pub fn condition(&self) -> Vec<f32> {
        self.0.condition.clone()
    }

    /// What the second stage sees: a feature for each word.
    #[wasm_bindgen(getter)]
    pub fn features(&self) -> Vec<f32> {
        self.0.features.clone()
    }

    /// The words that say what form it has, as they were typed.
    #[wasm_bindgen(getter)]
    pub fn words(&self) -> Vec<String> {
        self.0.words.clone()
    }

    /// Those that nobody knows.
    #[wasm_bindgen(getter)]
    pub fn unknown(&self) -> Vec<String> {
        self.0.unknown.clone()
    }

    /// Colour and cloth as numbers, for a picture; none where none is named.
    #[wasm_bindgen(getter)]
    pub fn paint(&self) -> Vec<f32> {
        self.0.paint.clone()
    }
}

#[wasm_bindgen]
impl Sketch {
    /// Pixels across and down of the form.
    #[wasm_bindgen(getter)]
    pub fn side(&self) -> usize {
        self.0.form.side
    }

    /// The garment in a wording's paint, `side` pixels across and down: RGBA bytes, row by row.
    pub fn picture(&self, paint: &[f32], side: usize) -> Result<Vec<u8>, JsError> {
        Ok(self.0.form.dressed(engine::paint(paint), side)?)
    }

    /// The fine form.
    pub async fn finish(&self) -> Result<Finished, JsError> {
        Ok(Finished(self.0.finish().await?))
    }
}

#[wasm_bindgen]
impl Finished {
    /// As [`Sketch::picture`].
    pub fn picture(&self, paint: &[f32], side: usize) -> Result<Vec<u8>, JsError> {
        Ok(self.0.form.dressed(engine::paint(paint), side)?)
    }

    /// How much of each region's attention a word had, one byte (0 to 255) for each pixel of the
    /// sketch; nothing for a word that the sentence lacks.
    pub fn attention(&self, word: usize) -> Vec<u8> {
        self.0.attention.get(word).cloned().unwrap_or_default()
    }
}
