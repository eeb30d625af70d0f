//! The build for the CPU: it reads sentences, and edits photos on any device.

use burn::tensor::Device;
use wasm_bindgen::prelude::*;

use crate::engine;

/// A model, ready to read sentences and to edit photos.
#[wasm_bindgen]
pub struct Engine(engine::Engine);

/// What a sentence says to a model.
#[wasm_bindgen]
pub struct Reading(engine::Reading);

/// What a sentence does to one photo, at any strength.
#[wasm_bindgen]
pub struct Edit(engine::Edit);

#[wasm_bindgen]
impl Engine {
    /// Reads a packed model and tests it on this device.
    pub async fn open(weights: Vec<u8>) -> Result<Engine, JsError> {
        Ok(Self(engine::Engine::open(&weights, Device::flex()).await?))
    }

    /// The words of a sentence that the model does not know, as they were typed.
    pub fn unknown_words(&self, prompt: &str) -> Result<Vec<String>, JsError> {
        Ok(self.0.unknown_words(prompt))
    }

    /// The condition of the model's self-test, to compare devices with.
    pub fn test_condition(&self) -> Vec<f32> {
        self.0.test_condition().to_vec()
    }

    /// Reads a sentence: every `seed` is another reading, none the mean one.
    pub async fn read(&self, prompt: String, seed: Option<u32>) -> Result<Reading, JsError> {
        Ok(Reading(self.0.read(&prompt, seed).await?))
    }

    /// Edits a photo given as RGBA bytes, row by row, as a reading's condition says.
    ///
    /// Do not `free()` the engine while an edit runs: that throws.
    pub async fn edit(
        &self,
        photo: Vec<u8>,
        width: u32,
        height: u32,
        condition: Vec<f32>,
    ) -> Result<Edit, JsError> {
        let (w, h) = (width as usize, height as usize);
        let painter = self.0.painter();
        Ok(Edit(painter.edit(&photo, w, h, &condition).await?))
    }
}

#[wasm_bindgen]
impl Reading {
    /// What the editor sees of the sentence.
    #[wasm_bindgen(getter)]
    pub fn condition(&self) -> Vec<f32> {
        self.0.condition.clone()
    }

    /// The words of the sentence that the model does not know, as they were typed.
    #[wasm_bindgen(getter)]
    pub fn unknown(&self) -> Vec<String> {
        self.0.unknown.clone()
    }
}

#[wasm_bindgen]
impl Edit {
    /// The RGBA bytes of the photo that was edited, edited: `strength` is 0 (nothing) to 1.
    pub fn apply(&self, mut photo: Vec<u8>, strength: f32) -> Result<Vec<u8>, JsError> {
        self.0.apply(&mut photo, strength)?;
        Ok(photo)
    }

    /// Where the whole edit changes that photo, one byte a pixel (0 to 255).
    pub fn mask(&self, photo: Vec<u8>) -> Result<Vec<u8>, JsError> {
        Ok(self.0.mask(&photo)?)
    }
}
