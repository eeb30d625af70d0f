//! The build for the GPU: it edits photos as a reading by the build for the CPU says.

use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::ImageBitmap;

use crate::engine;
use crate::gpu::{Drawing, Gpu};

/// The half of a model that sees the photo, on the GPU.
#[wasm_bindgen]
pub struct Painter {
    painter: engine::Painter,
    gpu: Rc<Gpu>,
}

/// What a sentence does to one photo, at any strength.
#[wasm_bindgen]
pub struct Edit {
    edit: engine::Edit,
    drawing: Option<Drawing>,
    gpu: Rc<Gpu>,
}

#[wasm_bindgen]
impl Painter {
    /// Reads a packed model and tests it on this GPU.
    pub async fn open(weights: Vec<u8>) -> Result<Painter, JsError> {
        let gpu = Gpu::open().await?;
        let painter = engine::Painter::open(&weights, gpu.burn()).await?;
        let gpu = Rc::new(gpu);
        Ok(Self { painter, gpu })
    }

    /// The GPU's name, as far as the browser tells it.
    #[wasm_bindgen(getter)]
    pub fn name(&self) -> String {
        self.gpu.name().to_owned()
    }

    /// Says why, when the GPU has stopped working; until then the promise stays open.
    pub fn failure(&self) -> js_sys::Promise {
        let failure = self.gpu.failure();
        wasm_bindgen_futures::future_to_promise(async move { Ok(failure.await.into()) })
    }

    /// Edits a photo given as RGBA bytes, row by row, as a reading's condition says.
    ///
    /// Do not `free()` the painter while an edit runs: that throws.
    pub async fn edit(
        &self,
        photo: Vec<u8>,
        width: u32,
        height: u32,
        condition: Vec<f32>,
    ) -> Result<Edit, JsError> {
        let (w, h) = (width as usize, height as usize);
        let edit = self.painter.edit(&photo, w, h, &condition).await?;
        Ok(Edit {
            drawing: self.gpu.drawing(&edit, &photo),
            edit,
            gpu: self.gpu.clone(),
        })
    }
}

#[wasm_bindgen]
impl Edit {
    /// The edited photo: `strength` is 0 (nothing) to 1. Nothing where the photo is larger than
    /// this GPU's pictures; then [`apply`](Self::apply) makes it.
    pub fn draw(&self, strength: f32) -> Result<Option<ImageBitmap>, JsError> {
        let draw = |drawing| self.gpu.draw(drawing, strength);
        Ok(self.drawing.as_ref().map(draw).transpose()?)
    }

    /// The same on the CPU, from and to RGBA bytes.
    pub fn apply(&self, mut photo: Vec<u8>, strength: f32) -> Result<Vec<u8>, JsError> {
        self.edit.apply(&mut photo, strength)?;
        Ok(photo)
    }

    /// Where the whole edit changes the photo, one byte a pixel (0 to 255).
    pub fn mask(&self, photo: Vec<u8>) -> Result<Vec<u8>, JsError> {
        Ok(self.edit.mask(&photo)?)
    }
}
