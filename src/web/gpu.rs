//! The build for the GPU: it edits photos as a reading by the build for the CPU says.

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use crate::engine;
use crate::gpu::{Drawing, Drawn, Gpu};
use crate::paint::Stroke;
use crate::shrink::Size;

/// The half of a model that sees the photo, on the GPU.
#[wasm_bindgen]
pub struct EditSession {
    session: engine::EditSession,
    gpu: Rc<Gpu>,
}

/// What the network saw in a photo, and the photo.
#[wasm_bindgen]
pub struct Look {
    look: engine::Look,
    photo: Vec<u8>,
}

/// What a sentence does to one photo, at any strength.
#[wasm_bindgen]
pub struct Edit {
    edit: engine::Edited,
    drawing: Option<Drawing>,
    gpu: Rc<Gpu>,
}

#[wasm_bindgen]
impl EditSession {
    /// Reads a packed model and tests it on this GPU. Pictures are drawn on a canvas, or else read
    /// back: software that plays a GPU loses its device over a canvas.
    pub async fn open(weights: Vec<u8>, canvas: bool) -> Result<EditSession, JsError> {
        let gpu = Gpu::open(canvas).await?;
        let session = engine::EditSession::open(&weights, gpu.burn()).await?;
        let gpu = Rc::new(gpu);
        Ok(Self { session, gpu })
    }

    /// The GPU's name, as far as the browser tells it.
    #[wasm_bindgen(getter)]
    pub fn name(&self) -> String {
        self.gpu.name().to_owned()
    }

    /// Says why, when the GPU has stopped working; until then the promise stays open.
    pub fn failure(&self) -> js_sys::Promise {
        let failure = self.gpu.failure();
        wasm_bindgen_futures::future_to_promise(async move {
            match failure {
                Some(failure) => Ok(failure.await.unwrap_or_default().into()),
                None => std::future::pending().await,
            }
        })
    }

    /// Looks at a photo given as RGBA bytes, row by row.
    ///
    /// Do not `free()` the session while this runs: that throws.
    pub async fn look(&self, photo: Vec<u8>, width: u32, height: u32) -> Result<Look, JsError> {
        let (w, h) = (width as usize, height as usize);
        let look = self.session.look(&photo, w, h).await?;
        Ok(Look { look, photo })
    }

    /// Looks at an edited picture of a photo that was looked at, as [`engine::Look::repainted`] does.
    pub async fn look_again(&self, look: &Look, picture: Vec<u8>) -> Result<Look, JsError> {
        let Size { width, height } = look.look.photo();
        let mut looking = self.session.looking(picture.len(), width, height)?;
        looking.rows(&picture);
        Ok(Look {
            look: look.look.repainted(looking)?,
            photo: picture,
        })
    }

    /// Of what each clause of a condition names, how likely it is in a photo and how much of it that would be,
    /// each 0 to 1.
    pub async fn sees(&self, look: &Look, condition: Vec<f32>) -> Result<Vec<f32>, JsError> {
        let seen = self.session.sees(&look.look, &condition).await?;
        Ok(seen.into_flattened())
    }

    /// Where each clause of a condition has its thing, one after the other: a byte for each place, in rows of the
    /// size that [`Look::size`] tells.
    pub async fn places(&self, look: &Look, condition: Vec<f32>) -> Result<Vec<u8>, JsError> {
        Ok(self.session.places(&look.look, &condition).await?.concat())
    }

    /// Edits a photo that was looked at, as a reading's condition says, with strokes as [`Stroke::all`] reads them.
    pub async fn edit(
        &self,
        look: &Look,
        condition: Vec<f32>,
        strokes: Option<Vec<f32>>,
    ) -> Result<Edit, JsError> {
        let strokes = Stroke::all(&strokes.unwrap_or_default())?;
        let edit = self.session.corrected(&look.look, &condition, &strokes);
        let edit = edit.await?;
        Ok(Edit {
            drawing: self.gpu.drawing(&edit.edit, &look.photo),
            edit,
            gpu: self.gpu.clone(),
        })
    }
}

#[wasm_bindgen]
impl Look {
    /// Width and height at which the network saw the photo.
    #[wasm_bindgen(getter)]
    pub fn size(&self) -> Vec<u32> {
        let size = self.look.small();
        vec![size.width as u32, size.height as u32]
    }
}

#[wasm_bindgen]
impl Edit {
    /// The edited photo, an `ImageBitmap` or its RGBA bytes; `strength` is clamped to 0 (nothing) to 1.
    /// Nothing where the photo is larger than this GPU's pictures; then [`apply`](Self::apply)
    /// makes it.
    pub async fn draw(&self, strength: f32) -> Result<JsValue, JsError> {
        let Some(drawing) = &self.drawing else {
            return Ok(JsValue::UNDEFINED);
        };
        Ok(match self.gpu.draw(drawing, strength).await? {
            Drawn::Bitmap(bitmap) => bitmap.into(),
            Drawn::Bytes(bytes) => js_sys::Uint8Array::from(&bytes[..]).into(),
        })
    }

    /// The same on the CPU, from and to RGBA bytes.
    pub fn apply(&self, mut photo: Vec<u8>, strength: f32) -> Result<Vec<u8>, JsError> {
        self.edit.edit.apply(&mut photo, strength)?;
        Ok(photo)
    }

    /// Where the whole edit changes the photo, one byte a pixel (0 to 255).
    pub fn mask(&self, photo: Vec<u8>) -> Result<Vec<u8>, JsError> {
        Ok(self.edit.edit.mask(&photo)?)
    }

    /// For each clause the share of the photo that it names, 0 where it is not there.
    #[wasm_bindgen(getter)]
    pub fn shares(&self) -> Vec<f32> {
        self.edit.shares.clone()
    }

    /// Whether things lie elsewhere after it.
    #[wasm_bindgen(getter)]
    pub fn reshapes(&self) -> bool {
        self.edit.reshapes
    }
}
