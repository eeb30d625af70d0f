//! The build for the CPU: it reads sentences and edits photos.

use burn::tensor::Device;
use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

use crate::engine::{self, Looking};
use crate::fabric::{Fabric, Kind};
use crate::paint::Stroke;
use crate::prompt::Thing;
use crate::prompt::sentence::{self, Role};
use crate::shrink::{PixelsError, Size};

/// A model, ready to read sentences and to edit photos.
#[wasm_bindgen]
pub struct EditModel(engine::EditModel);

/// What a sentence says to a model.
#[wasm_bindgen]
pub struct Reading(engine::Reading);

/// Things that a photo is searched for.
#[wasm_bindgen]
pub struct Queries(engine::Queries);

/// What the network saw in a photo.
#[wasm_bindgen]
pub struct Look(engine::Look);

/// What a sentence does to one photo, at any strength.
#[wasm_bindgen]
pub struct Edit(engine::Edited);

#[wasm_bindgen]
impl EditModel {
    /// Reads a packed model and tests it on this device. `verified`: its digest has been compared.
    pub async fn open(weights: Vec<u8>, verified: bool) -> Result<EditModel, JsError> {
        let (weights, device) = (&weights[..], Device::flex());
        Ok(Self(match verified {
            true => engine::EditModel::open_verified(weights, device).await?,
            false => engine::EditModel::open(weights, device).await?,
        }))
    }

    /// The words of a sentence that nobody knows, as they were typed.
    pub fn unknown_words(&self, prompt: &str) -> Result<Vec<String>, JsError> {
        Ok(self.0.unknown_words(prompt))
    }

    /// Why a sentence says nothing, as a key of the page's texts; nothing where it can be read.
    pub fn trouble(&self, prompt: &str) -> Option<String> {
        self.0.trouble(prompt).map(str::to_owned)
    }

    /// Reads a sentence.
    pub async fn read(&self, prompt: String) -> Result<Reading, JsError> {
        Ok(Reading(self.0.read(&prompt).await?))
    }

    /// What a photo is searched for, to tell what is in it.
    pub async fn queries(&self) -> Result<Queries, JsError> {
        Ok(Queries(self.0.queries().await?))
    }

    /// Queries for things by their English names; names of none are left out.
    pub async fn queries_for(&self, names: Vec<String>) -> Result<Queries, JsError> {
        let things = names.iter().filter_map(|name| Thing::named(name));
        Ok(Queries(self.0.queries_for(things.collect()).await?))
    }

    /// Looks at a photo given as RGBA bytes, row by row.
    ///
    /// Do not `free()` the model while this runs: that throws.
    pub async fn look(&self, photo: Uint8Array, width: u32, height: u32) -> Result<Look, JsError> {
        let looking = self.looking(&photo, width as usize, height as usize)?;
        Ok(Look(self.0.session().look_at(looking)))
    }

    /// Looks at an edited picture of a photo that was looked at, as [`engine::Look::repainted`] does.
    pub async fn look_again(&self, look: &Look, picture: Uint8Array) -> Result<Look, JsError> {
        let Size { width, height } = look.0.photo();
        let looking = self.looking(&picture, width, height)?;
        Ok(Look(look.0.repainted(looking)?))
    }

    /// Of what each clause of a condition names, how likely it is in a photo and how much of it that would be,
    /// each 0 to 1.
    pub async fn sees(&self, look: &Look, condition: Vec<f32>) -> Result<Vec<f32>, JsError> {
        let seen = self.0.session().sees(&look.0, &condition).await?;
        Ok(seen.into_flattened())
    }

    /// Where each clause of a condition has its thing, one after the other: a byte for each place, in rows of the
    /// size that [`Look::size`] tells.
    pub async fn places(&self, look: &Look, condition: Vec<f32>) -> Result<Vec<u8>, JsError> {
        Ok(self.0.session().places(&look.0, &condition).await?.concat())
    }

    /// Edits a photo that was looked at, as a reading's condition says, with strokes as [`Stroke::all`] reads them.
    pub async fn edit(
        &self,
        look: &Look,
        condition: Vec<f32>,
        strokes: Option<Vec<f32>>,
    ) -> Result<Edit, JsError> {
        let strokes = Stroke::all(&strokes.unwrap_or_default())?;
        let session = self.0.session();
        Ok(Edit(
            session.corrected(&look.0, &condition, &strokes).await?,
        ))
    }
}

impl EditModel {
    /// Takes all rows of a photo.
    fn looking(&self, photo: &Uint8Array, width: usize, height: usize) -> Result<Looking, JsError> {
        let bytes = photo.length() as usize;
        let mut looking = self.0.session().looking(bytes, width, height)?;
        each_stripe(photo, width, |_, rows| {
            looking.rows(rows);
            Ok(())
        })?;
        Ok(looking)
    }
}

#[wasm_bindgen]
impl Look {
    /// Width and height at which the network saw the photo.
    #[wasm_bindgen(getter)]
    pub fn size(&self) -> Vec<u32> {
        let size = self.0.small();
        vec![size.width as u32, size.height as u32]
    }
}

#[wasm_bindgen]
impl Reading {
    /// The clauses as numbers, for an edit.
    #[wasm_bindgen(getter)]
    pub fn condition(&self) -> Vec<f32> {
        self.0.condition.clone()
    }

    /// What each clause names, as it was typed; empty for what the photo is about.
    #[wasm_bindgen(getter)]
    pub fn things(&self) -> Vec<String> {
        self.0
            .clauses
            .iter()
            .map(|clause| clause.typed.clone())
            .collect()
    }

    /// The words of the sentence that nobody knows, as they were typed.
    #[wasm_bindgen(getter)]
    pub fn unknown(&self) -> Vec<String> {
        self.0.unknown.clone()
    }

    /// A flat piece of the cloth that a clause asks for, `side * side` RGBA pixels; nothing where it asks for
    /// none. `own` is the red, green and blue of the cloth where no word names its ground.
    pub fn swatch(&self, clause: usize, own: &[u8], side: usize) -> Vec<u8> {
        let clause = self.0.clauses.get(clause);
        let fabric = clause.and_then(|clause| clause.fabric);
        fabric.map_or_else(Vec::new, |fabric| drawn(&fabric, own, side))
    }
}

/// A flat piece of the `kind`th cloth that there is, as [`Reading::swatch`] draws it; nothing after the last.
#[wasm_bindgen]
pub fn swatch(kind: usize, own: &[u8], side: usize) -> Vec<u8> {
    let kind = Kind::ALL.get(kind);
    kind.map_or_else(Vec::new, |kind| drawn(&Fabric::new(*kind), own, side))
}

/// What the `kind`th cloth is called, in English and Chinese.
#[wasm_bindgen]
pub fn cloth_names(kind: usize) -> Vec<String> {
    let kind = Kind::ALL.get(kind);
    let names = kind.map(|kind| sentence::names(*kind).map(str::to_owned));
    names.map_or_else(Vec::new, Vec::from)
}

/// A sentence with another cloth, or another size or direction of it, as [`sentence::reword`] has it.
#[wasm_bindgen]
pub fn reword(prompt: &str, word: &str) -> Option<String> {
    sentence::reword(prompt, word)
}

/// Whether two sentences name other things, as [`sentence::apart`] has it.
#[wasm_bindgen]
pub fn apart(one: &str, other: &str) -> bool {
    sentence::apart(one, other)
}

/// The parts of a sentence that mean something, four numbers each: where it begins and ends, in UTF-16 units as
/// JavaScript counts; what it is (0 a thing, 1 a colour, 2 a cloth, 3 a difference, 4 unknown); and the colour, as
/// 0xrrggbb.
#[wasm_bindgen]
pub fn marks(prompt: &str) -> Vec<u32> {
    let units = |at: usize| prompt[..at].encode_utf16().count() as u32;
    let marks = sentence::marks(prompt).into_iter();
    let numbers = marks.flat_map(|sentence::Mark { range, role }| {
        let (kind, colour) = match role {
            Role::Thing => (0, [0; 3]),
            Role::Colour(rgb) => (1, rgb),
            Role::Fabric => (2, [0; 3]),
            Role::Length | Role::Change => (3, [0; 3]),
            Role::Unknown => (4, [0; 3]),
        };
        let [r, g, b] = colour;
        let ends = [units(range.start), units(range.end)];
        [ends[0], ends[1], kind, u32::from_be_bytes([0, r, g, b])]
    });
    numbers.collect()
}

/// A swatch, of at most a thousand pixels a side: what is larger was asked for by mistake.
fn drawn(fabric: &Fabric, own: &[u8], side: usize) -> Vec<u8> {
    let own = own.try_into().unwrap_or([128; 3]);
    fabric.swatch(own, side.min(1000))
}

/// Heads with every fusing layer.
#[wasm_bindgen]
pub struct Layers(engine::Layers);

#[wasm_bindgen]
impl Layers {
    /// Reads packed heads and tests them on this device. `verified`: their digest has been compared.
    pub async fn open(weights: Vec<u8>, verified: bool) -> Result<Layers, JsError> {
        let (weights, device) = (&weights[..], Device::flex());
        Ok(Self(match verified {
            true => engine::Layers::open_verified(weights, device).await?,
            false => engine::Layers::open(weights, device).await?,
        }))
    }

    /// What the layers are called.
    #[wasm_bindgen(getter)]
    pub fn names(&self) -> Vec<String> {
        self.0.names().into_iter().map(|(name, _)| name).collect()
    }

    /// Of each layer, the IoU of garments that was measured, 0 to 1.
    #[wasm_bindgen(getter)]
    pub fn scores(&self) -> Vec<f64> {
        self.0.names().into_iter().map(|(_, iou)| iou).collect()
    }

    /// The edit of a photo that `engine` looked at, by the masks of the `n`th layer.
    pub async fn edit(
        &self,
        engine: &EditModel,
        look: &Look,
        condition: Vec<f32>,
        n: usize,
    ) -> Result<Edit, JsError> {
        let session = engine.0.session();
        Ok(Edit(self.0.edit(session, &look.0, &condition, n).await?))
    }
}

#[wasm_bindgen]
impl Queries {
    /// The queries as numbers.
    #[wasm_bindgen(getter)]
    pub fn condition(&self) -> Vec<f32> {
        self.0.condition.clone()
    }

    /// What each is called in English.
    #[wasm_bindgen(getter)]
    pub fn names(&self) -> Vec<String> {
        self.0
            .things
            .iter()
            .map(|thing| thing.name.to_owned())
            .collect()
    }

    /// What each is called in Chinese.
    #[wasm_bindgen(getter)]
    pub fn chinese(&self) -> Vec<String> {
        self.0
            .things
            .iter()
            .map(|thing| thing.chinese.to_owned())
            .collect()
    }
}

#[wasm_bindgen]
impl Edit {
    /// The RGBA bytes of the photo that was looked at, edited; `strength` is clamped to 0
    /// (nothing) to 1.
    pub fn apply(&self, photo: &Uint8Array, strength: f32) -> Result<Uint8Array, JsError> {
        let edit = &self.0.edit;
        let edited = Uint8Array::new_with_length(photo.length());
        let mut at = 0;
        self.each_stripe(photo, |row, rows| {
            edit.apply_rows(rows, row, strength)?;
            let end = at + rows.len() as u32;
            edited.subarray(at, end).copy_from(rows);
            at = end;
            Ok(())
        })?;
        Ok(edited)
    }

    /// Where the whole edit changes that photo, one byte a pixel (0 to 255).
    pub fn mask(&self, photo: &Uint8Array) -> Result<Vec<u8>, JsError> {
        let mut mask = Vec::with_capacity(photo.length() as usize / 4);
        self.each_stripe(photo, |row, rows| {
            mask.extend(self.0.edit.mask_rows(rows, row)?);
            Ok(())
        })?;
        Ok(mask)
    }

    /// For each clause the share of the photo that it names, 0 where it is not there.
    #[wasm_bindgen(getter)]
    pub fn shares(&self) -> Vec<f32> {
        self.0.shares.clone()
    }

    /// Whether things lie elsewhere after it.
    #[wasm_bindgen(getter)]
    pub fn reshapes(&self) -> bool {
        self.0.reshapes
    }
}

impl Edit {
    /// [`each_stripe`] of the photo that was looked at.
    fn each_stripe(
        &self,
        photo: &Uint8Array,
        act: impl FnMut(usize, &mut [u8]) -> Result<(), PixelsError>,
    ) -> Result<(), PixelsError> {
        let size = self.0.edit.size();
        let (expected, found) = (4 * size.pixels()?, photo.length() as usize);
        if found != expected {
            let what = "photo";
            return Err(PixelsError::Length {
                what,
                expected,
                found,
            });
        }
        each_stripe(photo, size.width, act)
    }
}

/// Some rows after the other of a photo that JavaScript holds, each time with the number of their first: a page would
/// keep all memory that wasm has ever had.
fn each_stripe(
    photo: &Uint8Array,
    width: usize,
    mut act: impl FnMut(usize, &mut [u8]) -> Result<(), PixelsError>,
) -> Result<(), PixelsError> {
    /// Bytes of a stripe, about.
    const STRIPE: usize = 1 << 20;
    let line = 4 * width;
    let step = (STRIPE / line).max(1) * line;
    let bytes = photo.length() as usize;
    let mut rows = vec![0; step.min(bytes)];
    for at in (0..bytes).step_by(step) {
        let end = (at + step).min(bytes);
        let rows = &mut rows[..end - at];
        photo.subarray(at as u32, end as u32).copy_to(rows);
        act(at / line, rows)?;
    }
    Ok(())
}
