//! What JavaScript sees. Thin: whatever there is to decide is decided in [`crate::engine`].

use wasm_bindgen::prelude::*;

/// Panics are bugs; their message belongs in the console and not in "unreachable".
#[wasm_bindgen(start)]
fn start() {
    console_error_panic_hook::set_once();
}

/// A model, ready to edit photos.
#[wasm_bindgen]
pub struct Engine(crate::engine::Engine);

/// An edited photo.
#[wasm_bindgen]
pub struct Edited {
    pixels: Vec<u8>,
    mask: Vec<u8>,
    /// Pixels across.
    #[wasm_bindgen(readonly)]
    pub width: u32,
    /// Pixels down.
    #[wasm_bindgen(readonly)]
    pub height: u32,
    unknown: Vec<String>,
}

#[wasm_bindgen]
impl Engine {
    /// Reads a packed model and tests it on this device.
    pub async fn open(weights: Vec<u8>) -> Result<Engine, JsError> {
        let device = burn::tensor::Device::flex();
        Ok(Self(crate::engine::Engine::open(&weights, device).await?))
    }

    /// The words of a sentence that the model does not know, as they were typed.
    pub fn unknown_words(&self, prompt: &str) -> Result<Vec<String>, JsError> {
        Ok(self.0.unknown_words(prompt))
    }

    /// Edits a photo given as RGBA bytes, row by row. `strength` is 0 (nothing) to 1; every
    /// `seed` is another reading of the sentence, none the mean one.
    ///
    /// Do not `free()` the engine while an edit runs: that throws.
    pub async fn edit(
        &self,
        mut photo: Vec<u8>,
        width: u32,
        height: u32,
        prompt: String,
        strength: f32,
        seed: Option<u32>,
    ) -> Result<Edited, JsError> {
        let (w, h) = (width as usize, height as usize);
        let edit = self.0.edit(&photo, w, h, &prompt, seed).await?;
        // The mask needs the photo as it was, and is a quarter of the size of keeping that.
        let mask = edit.mask(&photo)?;
        edit.apply(&mut photo, strength)?;
        let unknown = edit.unknown;
        Ok(Edited {
            pixels: photo,
            mask,
            width,
            height,
            unknown,
        })
    }
}

#[wasm_bindgen]
impl Edited {
    /// The edited RGBA bytes, once: a second call gives none.
    pub fn take_pixels(&mut self) -> Result<Vec<u8>, JsError> {
        Ok(std::mem::take(&mut self.pixels))
    }

    /// Where the photo was changed, one byte a pixel (0 to 255), once like the pixels.
    pub fn take_mask(&mut self) -> Result<Vec<u8>, JsError> {
        Ok(std::mem::take(&mut self.mask))
    }

    /// The words of the sentence that the model does not know, as they were typed.
    #[wasm_bindgen(getter)]
    pub fn unknown(&self) -> Vec<String> {
        self.unknown.clone()
    }
}
