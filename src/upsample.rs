//! The edit at the photo's own resolution: a guided filter whose guide is the photo.
//!
//! In each window of the small picture the edit is an affine function of the photo's colour
//! (He, Sun and Tang, "Guided Image Filtering", TPAMI 2013, eq. 19 to 21). Only these functions
//! are enlarged (He and Sun, "Fast Guided Filter", arXiv:1505.00996) and applied to the full
//! photo, so its texture and edges stay and the cost is linear in its pixels.

use std::ops::Range;

use crate::shrink::{PixelsError, Size};

#[cfg(test)]
mod tests;
mod windows;

use windows::{box_means, regressions};

/// For each pixel of the small picture, an affine function of the photo's colour for each of
/// `C` channels: three slopes and an offset.
#[derive(Debug, Clone)]
pub struct LocalAffine<const C: usize> {
    size: Size,
    /// `[height, width, C, 4]`
    coefficients: Vec<[[f32; 4]; C]>,
}

/// How a filtered value becomes a byte: `scale * value + shift`.
struct Bytes {
    scale: f32,
    shift: f32,
}

/// [-1, 1], the range of colours.
const SIGNED: Bytes = Bytes {
    scale: 127.5,
    shift: 127.5,
};

/// [0, 1], the range of a mask.
const UNIT: Bytes = Bytes {
    scale: 255.0,
    shift: 0.0,
};

impl<const C: usize> LocalAffine<C> {
    /// The guided filter as published: in each window the ridge regression of `target` on
    /// `guide`, of which every pixel takes the mean over the windows that cover it. Windows are
    /// clipped to the picture. A texture whose variance in the small picture is below `eps` is
    /// averaged away; see [`fit_edit`](LocalAffine::fit_edit) for a filter that keeps it.
    ///
    /// The cost does not depend on `radius`, and a window larger than the picture is the picture.
    ///
    /// # Shapes
    /// - `guide`: `[3, size.height, size.width]` in [-1, 1]
    /// - `target`: `[C, size.height, size.width]`
    pub fn fit(
        guide: &[f32],
        target: &[f32],
        size: Size,
        radius: usize,
        eps: f32,
    ) -> Result<Self, PixelsError> {
        size.holds("guide", guide, 3)?;
        size.holds("target", target, C)?;
        for (what, values) in [("guide", guide), ("target", target)] {
            if !values.iter().all(|value| value.is_finite()) {
                return Err(PixelsError::NotFinite(what));
            }
        }
        if !(eps.is_finite() && eps > 0.0) {
            return Err(PixelsError::Eps(eps));
        }
        let windows = regressions::<C>(guide, target, size, radius, f64::from(eps));
        let mut coefficients = vec![[[0.0; 4]; C]; windows.len()];
        for c in 0..C {
            box_means(
                size,
                radius,
                |i| windows[i][c],
                |i, mean| coefficients[i][c] = mean.map(|mean| mean as f32),
            );
        }
        Ok(Self { size, coefficients })
    }

    /// The small picture's size, and the functions of its pixels, row by row.
    pub fn functions(&self) -> (Size, &[[[f32; 4]; C]]) {
        (self.size, &self.coefficients)
    }

    /// The functions at the height of one row of the full photo, from bytes to bytes.
    fn row(&self, y: usize, height: usize, bytes: &Bytes, row: &mut [[[f32; 4]; C]]) {
        let at = Position::new(y, height, self.size.height);
        let line = |y: usize| self.coefficients[y * self.size.width..].iter();
        let pairs = line(at.before).zip(line(at.after));
        for (row, (before, after)) in row.iter_mut().zip(pairs) {
            for ((row, before), after) in row.iter_mut().zip(before).zip(after) {
                let [r, g, b, offset] =
                    [0, 1, 2, 3].map(|i| before[i] + at.weight * (after[i] - before[i]));
                // A byte p is the colour p / 127.5 - 1.
                let slope = bytes.scale / SIGNED.scale;
                let offset = bytes.scale * (offset - (r + g + b)) + bytes.shift;
                *row = [slope * r, slope * g, slope * b, offset];
            }
        }
    }

    /// Calls `run(pixels, at, step)` for runs of pixels of a stripe along which the functions
    /// change by the same `step` from pixel to pixel, starting from `at`.
    fn runs(
        &self,
        rows: Range<usize>,
        photo: Size,
        bytes: &Bytes,
        mut run: impl FnMut(Range<usize>, [[f32; 4]; C], [[f32; 4]; C]),
    ) {
        let runs = Run::all(photo.width, self.size.width);
        let slope = self.size.width as f32 / photo.width as f32;
        let mut row = vec![[[0.0; 4]; C]; self.size.width];
        let mut start = 0;
        for y in rows {
            self.row(y, photo.height, bytes, &mut row);
            for Run { from, pixels } in &runs {
                let (mut at, mut step) = (row[from.before], row[from.after]);
                for (at, step) in at.iter_mut().flatten().zip(step.iter_mut().flatten()) {
                    let difference = *step - *at;
                    *at += from.weight * difference;
                    *step = slope * difference;
                }
                run(start..start + pixels, at, step);
                start += pixels;
            }
        }
    }
}

impl LocalAffine<3> {
    /// The guided filter of what the edit *changes*, added to the photo:
    /// `photo + filter(edit - photo)`. With it the ridge pulls the functions towards leaving a
    /// colour as it is instead of towards a constant colour. Where nothing is edited the photo
    /// comes back to the byte, and where a flat area gets a new colour its grain, too fine to
    /// be seen in the small picture, stays.
    ///
    /// # Shapes
    /// - `guide`, `edit`: `[3, size.height, size.width]` in [-1, 1]
    pub fn fit_edit(
        guide: &[f32],
        edit: &[f32],
        size: Size,
        radius: usize,
        eps: f32,
    ) -> Result<Self, PixelsError> {
        size.holds("guide", guide, 3)?;
        size.holds("edit", edit, 3)?;
        let change: Vec<f32> = edit.iter().zip(guide).map(|(to, from)| to - from).collect();
        let mut affine = Self::fit(guide, &change, size, radius, eps)?;
        for functions in &mut affine.coefficients {
            for (c, function) in functions.iter_mut().enumerate() {
                function[c] += 1.0;
            }
        }
        Ok(affine)
    }

    /// Edits a whole photo in place: [`apply_rows`](Self::apply_rows) from its first row on.
    pub fn apply(&self, rgba: &mut [u8], photo: Size, strength: f32) -> Result<(), PixelsError> {
        photo.holds("photo", rgba, 4)?;
        self.apply_rows(rgba, 0, photo, strength)
    }

    /// Edits a stripe of whole rows of a photo in place, so that a caller can report progress
    /// and stop between stripes. The functions are interpolated bilinearly, sample centres
    /// aligned, and the edit's colours clamped; `photo + strength * (edit - photo)` is rounded
    /// to bytes. Alpha stays.
    ///
    /// # Shapes
    /// - `rows`: `[n, photo.width, 4]`, the photo's rows from `first_row` on
    /// - `strength`: in [0, 1], clamped; 0, or not a number, leaves the photo
    pub fn apply_rows(
        &self,
        rows: &mut [u8],
        first_row: usize,
        photo: Size,
        strength: f32,
    ) -> Result<(), PixelsError> {
        let range = stripe(rows.len(), first_row, photo)?;
        let strength = if strength > 0.0 {
            strength.min(1.0)
        } else {
            0.0
        };
        // Four lanes as a pixel has four bytes, alpha's without strength: no shuffles.
        let strength = [strength, strength, strength, 0.0];
        let pixels = rows.as_chunks_mut::<4>().0;
        self.runs(range, photo, &SIGNED, |run, at, step| {
            let (mut at, step) = (lanes(at), lanes(step));
            for pixel in &mut pixels[run] {
                let p = pixel.map(f32::from);
                for i in 0..4 {
                    let [r, g, b, offset] = [0, 1, 2, 3].map(|j| at[j][i]);
                    let edit = clamp_byte(r * p[0] + g * p[1] + b * p[2] + offset);
                    pixel[i] = round_byte(p[i] + strength[i] * (edit - p[i]));
                }
                for (at, step) in at.iter_mut().zip(step) {
                    for (at, step) in at.iter_mut().zip(step) {
                        *at += step;
                    }
                }
            }
        });
        Ok(())
    }
}

impl LocalAffine<1> {
    /// The mask of a whole photo, `[height, width]`: [`mask_rows`](Self::mask_rows) from its
    /// first row on.
    pub fn mask(&self, rgba: &[u8], photo: Size) -> Result<Vec<u8>, PixelsError> {
        photo.holds("photo", rgba, 4)?;
        self.mask_rows(rgba, 0, photo)
    }

    /// A filtered mask, whose small values are in [0, 1], for a stripe of a photo's rows: bytes
    /// from 0 to 255.
    ///
    /// # Shapes
    /// - `rows`: `[n, photo.width, 4]`, the photo's rows from `first_row` on
    /// - output: `[n, photo.width]`
    pub fn mask_rows(
        &self,
        rows: &[u8],
        first_row: usize,
        photo: Size,
    ) -> Result<Vec<u8>, PixelsError> {
        let range = stripe(rows.len(), first_row, photo)?;
        let pixels = rows.as_chunks::<4>().0;
        let mut mask = vec![0; pixels.len()];
        self.runs(range, photo, &UNIT, |run, [mut at], [step]| {
            for (mask, pixel) in mask[run.clone()].iter_mut().zip(&pixels[run]) {
                let p = pixel.map(f32::from);
                let value = at[0] * p[0] + at[1] * p[1] + at[2] * p[2] + at[3];
                *mask = round_byte(clamp_byte(value));
                for (at, step) in at.iter_mut().zip(step) {
                    *at += step;
                }
            }
        });
        Ok(mask)
    }
}

/// The rows of a stripe of RGBA bytes.
fn stripe(bytes: usize, first: usize, photo: Size) -> Result<Range<usize>, PixelsError> {
    photo.pixels()?;
    let (line, height) = (4 * photo.width, photo.height);
    let count = bytes / line;
    if !bytes.is_multiple_of(line) {
        return Err(PixelsError::Length {
            what: "stripe",
            expected: count * line,
            found: bytes,
        });
    }
    match first.checked_add(count) {
        Some(end) if end <= height => Ok(first..end),
        _ => Err(PixelsError::Rows {
            first,
            count,
            height,
        }),
    }
}

/// `[slope or offset][channel]`, padded to four channels.
fn lanes(functions: [[f32; 4]; 3]) -> [[f32; 4]; 4] {
    [0, 1, 2, 3].map(|i| [functions[0][i], functions[1][i], functions[2][i], 0.0])
}

/// Comparisons, unlike `f32::max`, are one instruction here and in wasm, and end a NaN.
fn clamp_byte(value: f32) -> f32 {
    let value = if value > 0.0 { value } else { 0.0 };
    if value < 255.0 { value } else { 255.0 }
}

/// The nearest byte to a value in [0, 255]: from 2^23 on floats are integers, whose low bits
/// are the float's.
fn round_byte(value: f32) -> u8 {
    (value + 8_388_608.0).to_bits() as u8
}

/// Where a pixel's centre lies between the centres of the small picture's pixels.
struct Position {
    before: usize,
    after: usize,
    weight: f32,
}

impl Position {
    fn new(index: usize, full: usize, small: usize) -> Self {
        let at = (index as f64 + 0.5) * small as f64 / full as f64 - 0.5;
        let before = at.floor();
        let clamp = |at: f64| (at.max(0.0) as usize).min(small - 1);
        Self {
            before: clamp(before),
            after: clamp(before + 1.0),
            weight: (at - before) as f32,
        }
    }
}

/// Pixels of a row between the same two pixels of the small picture.
struct Run {
    from: Position,
    pixels: usize,
}

impl Run {
    fn all(full: usize, small: usize) -> Vec<Self> {
        let mut runs: Vec<Self> = Vec::new();
        for from in (0..full).map(|x| Position::new(x, full, small)) {
            match runs.last_mut() {
                Some(run) if (run.from.before, run.from.after) == (from.before, from.after) => {
                    run.pixels += 1;
                }
                _ => runs.push(Self { from, pixels: 1 }),
            }
        }
        runs
    }
}
