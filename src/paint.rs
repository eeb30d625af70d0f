//! What a sentence changes, painted into the full photo with the photo's own light and edges.
//!
//! The network says where, at low resolution, and the sentence says which colour. [`matte`] makes
//! of each low-resolution mask an opacity for every pixel of the photo, [`light`] makes of the
//! colour that is there the colour asked for, in CIELAB, and keeps folds, shadows and prints.
//! [`Edit::fit`] prepares both from the small photo; [`Edit::apply`] goes once through the photo's
//! pixels, and only through those that change. A garment that becomes another cloth takes the colour of
//! each pixel from a repeat of it, which [`cloth`] lays on. What a visitor's [`brush`] says of a mask comes before all
//! that.

mod brush;
pub mod cloth;
mod cover;
pub mod light;
mod limbs;
pub mod matte;
mod patch;
mod plain;
mod rows;
mod sheet;
pub mod small;
mod spill;
#[cfg(test)]
mod tests;
mod windows;

use std::ops::Range;

use crate::fabric::Fabric;
use crate::shrink::{PixelsError, Size};

pub use brush::Stroke;
use cloth::{Cloth, Garment};
pub use cover::{Becomes, Covering, is_plain};
use light::Tones;
use matte::{Guide, filter, live};
use patch::Patch;
use rows::{round_byte, stripe};
use sheet::Sheet;
use small::Small;

/// What a clause asks for where its mask is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Change {
    /// A colour.
    Colour {
        /// CIELAB: lightness 0 to 100, a, b
        lab: [f32; 3],
    },
    /// What is there, but another shade of it.
    Relative {
        /// Steps: -1 is darker, 1 lighter, 2 much lighter
        lightness: f32,
        /// Steps: -1 is paler, 1 more saturated
        chroma: f32,
    },
}

/// How a clause paints.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Paint {
    /// What it asks for.
    pub change: Change,
    /// Prints are taken out: one colour, and only the light of the cloth.
    pub plain: bool,
    /// What cloth it becomes; its ground is the colour that the change makes, if no other is named.
    pub fabric: Option<Fabric>,
}

/// How strong an edit that is asked for at any strength is: from 0, which leaves the photo, to 1. Beyond
/// them it is the nearer one, and 0 where it is not a number.
pub fn strength(asked: f32) -> f32 {
    // A comparison with what is not a number is false.
    if asked > 0.0 { asked.min(1.0) } else { 0.0 }
}

/// What a sentence does to one photo at any strength: for each clause a matte, and what light and
/// colour become.
///
/// It keeps a few numbers for every pixel of the small photo and nothing of the photo itself, so
/// the photo it is applied to has to be the one it was made from.
#[derive(Debug, Clone)]
pub struct Edit {
    full: Size,
    small: Size,
    layers: Vec<Layer>,
}

/// One clause: where and what.
#[derive(Debug, Clone)]
pub struct Layer {
    tones: Tones,
    /// For each pixel of the small photo: the matte's function of the photo's colour; the linear
    /// colour of the thing around there, and its lightness; the linear colour of what is behind, and how
    /// well both colours tell where a pixel belongs.
    cells: Vec<[[f32; 4]; 3]>,
    /// In each row the pixels where anything could be in the matte.
    live: Vec<Range<usize>>,
    cloth: Option<Cloth>,
}

impl Layer {
    /// `said` is what a visitor said of each pixel, or nothing: see [`brush::said`]; `covering` is what goes on there, if
    /// something does, and how: see [`Covering::of`].
    fn fit(
        photo: &[f32],
        size: Size,
        (mask, said): (&[f32], &[f32]),
        covering: Option<(&[f32], Becomes)>,
        paint: &Paint,
        full: Size,
    ) -> Self {
        let mut cells = vec![[[0.0; 4]; 3]; mask.len()];
        let both = |garment: &[f32]| -> Vec<f32> {
            let both = mask.iter().zip(garment);
            both.map(|(a, b)| a.max(*b)).collect()
        };
        let free = covering.is_some_and(|(_, becomes)| becomes == Becomes::Hanging);
        let whole = covering.map_or_else(|| mask.to_vec(), |(of, _)| both(of));
        let patch = Patch::around(&whole, size);
        let [photo, mask, whole] = [photo, mask, &whole].map(|planes| patch.of(planes, size));
        let covering = covering.map(|(of, becomes)| (patch.of(of, size), becomes));
        let small = Small::new(&photo, patch.size());
        let found = match &covering {
            Some((of, becomes)) => cover::found(&small, &mask, (of, *becomes), paint),
            None => Tones::fit(&small, &mask, paint),
        };
        let (tones, around) = (found.tones, &found.around);
        let colours = spill::fronts_and_backs(&small, &mask);
        let told: Vec<f32> = colours.iter().map(|(_, told)| *told).collect();
        let functions = filter(&Guide::new(&photo, patch.size()), &mask, &told);
        let places = patch.places(size).into_iter().flatten();
        for (i, place) in places.clone().enumerate() {
            let ([[r, g, b], [br, bg, bb]], told) = colours[i];
            let around = around.as_ref().map_or(0.0, |around| around[i]);
            let certain = said.get(place).and_then(|said| brush::certain(*said));
            let function = match free {
                // The photo shows no edge of it.
                true => [0.0, 0.0, 0.0, mask[i]],
                false => certain.unwrap_or(functions[i]),
            };
            cells[place] = [function, [r, g, b, around], [br, bg, bb, told]];
        }
        let live = cells.chunks_exact(size.width).map(live).collect();
        let cloth = paint.fabric.map(|fabric| {
            let garment = Garment {
                small: &small,
                mask: &whole,
                cut: covering.as_ref().map_or(&mask, |(of, _)| of),
                found: &found,
                first: [patch.columns.start, patch.rows.start],
                pixel: [
                    full.width as f32 / size.width as f32,
                    full.height as f32 / size.height as f32,
                ],
            };
            Cloth::fit(&fabric, &garment).placed(size, places)
        });
        Self {
            tones,
            cells,
            live,
            cloth,
        }
    }

    /// How light and colour change.
    pub fn tones(&self) -> &Tones {
        &self.tones
    }

    /// For each pixel of the small photo: three slopes and an offset that make of the photo's colour
    /// in [-1, 1] the matte before contrast; the linear colour of the thing around there, and, for
    /// plain cloth, its lightness; the linear colour of what is behind, and how well both tell, 0 to 1.
    pub fn cells(&self) -> &[[[f32; 4]; 3]] {
        &self.cells
    }

    /// The cloth that it becomes, if it becomes one.
    pub fn cloth(&self) -> Option<&Cloth> {
        self.cloth.as_ref()
    }
}

impl Edit {
    /// Prepares an edit. A later layer lies on an earlier one; a mask that is empty paints nothing.
    ///
    /// # Shapes
    /// - `photo`: `[3, small.height, small.width]` in [-1, 1], the photo shrunk
    /// - `layers`: masks `[small.height, small.width]` in [0, 1], with their paint
    ///
    /// # Errors
    /// For sizes that do not fit, and values that are not numbers.
    pub fn fit(
        photo: &[f32],
        small: Size,
        layers: &[(Vec<f32>, Paint)],
        full: Size,
    ) -> Result<Self, PixelsError> {
        Self::corrected(photo, small, layers, &[], full, &[])
    }

    /// The same with skin that garments cover, below all layers, and with a visitor's strokes, of which a later one
    /// lies on an earlier one.
    ///
    /// # Errors
    /// As [`fit`](Self::fit).
    pub fn corrected(
        photo: &[f32],
        small: Size,
        layers: &[(Vec<f32>, Paint)],
        covers: &[Covering],
        full: Size,
        strokes: &[Stroke],
    ) -> Result<Self, PixelsError> {
        full.pixels()?;
        small.holds("photo", photo, 3)?;
        let finite = |values: &[f32]| values.iter().all(|value| value.is_finite());
        if !finite(photo) {
            return Err(PixelsError::NotFinite("photo"));
        }
        let covered = covers.iter().map(|cover| (cover.mask.clone(), cover.paint));
        let layers: Vec<_> = covered.chain(layers.iter().cloned()).collect();
        let sources = covers.iter().map(|cover| (&cover.of, &cover.paint));
        for (mask, paint) in layers
            .iter()
            .map(|(mask, paint)| (mask, paint))
            .chain(sources)
        {
            small.holds("mask", mask, 1)?;
            let asked = match paint.change {
                Change::Colour { lab } => lab,
                Change::Relative { lightness, chroma } => [lightness, chroma, 0.0],
            };
            if !(finite(mask) && finite(&asked)) {
                return Err(PixelsError::NotFinite("mask"));
            }
        }
        let said = brush::said(strokes, &layers, small, full);
        let layers = layers.iter().enumerate();
        let layers = layers.map(|(n, (mask, paint))| {
            let covering = covers.get(n).map(|cover| (&cover.of[..], cover.becomes));
            match said.get(n) {
                Some(said) => {
                    let mask = brush::laid(mask, said);
                    Layer::fit(photo, small, (&mask, said), covering, paint, full)
                }
                None => Layer::fit(photo, small, (mask, &[]), covering, paint, full),
            }
        });
        Ok(Self {
            layers: layers.collect(),
            full,
            small,
        })
    }

    /// The photo's size.
    pub fn size(&self) -> Size {
        self.full
    }

    /// The small photo's size.
    pub fn small(&self) -> Size {
        self.small
    }

    /// The clauses, in their order.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// Edits a whole photo in place: [`apply_rows`](Self::apply_rows) from its first row on.
    ///
    /// # Errors
    /// For bytes that are not those of a photo of this size.
    pub fn apply(&self, rgba: &mut [u8], strength: f32) -> Result<(), PixelsError> {
        self.full.holds("photo", rgba, 4)?;
        self.apply_rows(rgba, 0, strength)
    }

    /// Edits a stripe of whole rows of a photo in place, so that a caller can report progress and
    /// stop between stripes: `photo + strength * matte * (painted - photo)`, rounded to bytes. Alpha
    /// stays, and so does every byte where the matte is 0.
    ///
    /// # Shapes
    /// - `rows`: `[n, width, 4]`, the photo's rows from `first_row` on
    /// - `strength`: see [`strength`]
    ///
    /// # Errors
    /// For rows that are not the photo's.
    pub fn apply_rows(
        &self,
        rows: &mut [u8],
        first_row: usize,
        strength: f32,
    ) -> Result<(), PixelsError> {
        let range = stripe(rows.len(), first_row, self.full)?;
        let strength = self::strength(strength);
        if strength == 0.0 {
            return Ok(());
        }
        let mut sheet = Sheet::new(self);
        let lines = rows
            .as_chunks_mut::<4>()
            .0
            .chunks_exact_mut(self.full.width);
        for (y, line) in range.zip(lines) {
            sheet.place(y, line);
            sheet.paint(strength, line);
        }
        Ok(())
    }

    /// Where the whole edit changes the photo, `[height, width]`: [`mask_rows`](Self::mask_rows)
    /// from its first row on.
    ///
    /// # Errors
    /// For bytes that are not those of a photo of this size.
    pub fn mask(&self, rgba: &[u8]) -> Result<Vec<u8>, PixelsError> {
        self.full.holds("photo", rgba, 4)?;
        self.mask_rows(rgba, 0)
    }

    /// The union of the mattes for a stripe of a photo's rows, as they are before
    /// [`apply`](Self::apply): bytes from 0 to 255.
    ///
    /// # Shapes
    /// - `rows`: `[n, width, 4]`, the photo's rows from `first_row` on
    /// - output: `[n, width]`
    ///
    /// # Errors
    /// For rows that are not the photo's.
    pub fn mask_rows(&self, rows: &[u8], first_row: usize) -> Result<Vec<u8>, PixelsError> {
        let range = stripe(rows.len(), first_row, self.full)?;
        let mut sheet = Sheet::new(self);
        let mut mask = vec![0; rows.len() / 4];
        let lines = rows.as_chunks::<4>().0.chunks_exact(self.full.width);
        let masks = mask.chunks_exact_mut(self.full.width);
        for ((y, line), mask) in range.zip(lines).zip(masks) {
            sheet.place(y, line);
            for (x, mask) in mask.iter_mut().enumerate() {
                *mask = round_byte(255.0 * sheet.opacity(x));
            }
        }
        Ok(mask)
    }
}
