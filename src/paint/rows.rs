//! Rows of the full photo between the pixels of the small one.

use std::ops::Range;

use crate::shrink::{PixelsError, Size};

/// The rows of a stripe of RGBA bytes.
pub fn stripe(bytes: usize, first: usize, photo: Size) -> Result<Range<usize>, PixelsError> {
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

/// Comparisons, unlike `f32::max`, are one instruction here and in wasm, and end a NaN.
pub fn clamp_byte(value: f32) -> f32 {
    let value = if value > 0.0 { value } else { 0.0 };
    if value < 255.0 { value } else { 255.0 }
}

/// The nearest byte to a value in [0, 255]: from 2^23 on floats are integers, whose low bits
/// are the float's.
pub fn round_byte(value: f32) -> u8 {
    (value + 8_388_608.0).to_bits() as u8
}

/// Where a pixel's centre lies between the centres of the small picture's pixels.
pub struct Position {
    pub before: usize,
    pub after: usize,
    pub weight: f32,
}

impl Position {
    pub fn new(index: usize, full: usize, small: usize) -> Self {
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
pub struct Run {
    pub from: Position,
    /// The first of them.
    pub start: usize,
    pub pixels: usize,
}

impl Run {
    pub fn all(full: usize, small: usize) -> Vec<Self> {
        let mut runs: Vec<Self> = Vec::new();
        for x in 0..full {
            let from = Position::new(x, full, small);
            match runs.last_mut() {
                Some(run) if (run.from.before, run.from.after) == (from.before, from.after) => {
                    run.pixels += 1;
                }
                _ => runs.push(Self {
                    from,
                    start: x,
                    pixels: 1,
                }),
            }
        }
        runs
    }
}
