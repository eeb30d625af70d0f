//! What the network saw in a photo, kept for all that is asked of it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::EngineError;
use super::likeness::Likeness;
use crate::shrink::{Shrinking, Size};
use crate::trunk::{Features, STRIDE};

/// The network sees a photo at most this many times as long as its short side. What is longer
/// is squeezed to that: a panorama costs four ordinary photos and its things look narrow to
/// the network, but the result keeps the panorama's own pixels.
const LONGEST: usize = 4;

/// What the network saw in a photo. It keeps nothing of the photo's full size.
#[derive(Debug, Clone)]
pub struct Look {
    pub(super) photo: Size,
    pub(super) small: Size,
    /// `[3, small.height, small.width]` in [-1, 1]
    pub(super) planes: Vec<f32>,
    pub(super) likeness: Likeness,
    /// What a first look saw.
    pub(super) first: Features,
    /// The photo from further away and in the mirror, for a second look.
    pub(super) far: (Vec<f32>, Size),
    /// The mean of both looks, as the first has them, once something was asked of them.
    pub(super) both: Arc<OnceLock<Features>>,
    /// The masks that were asked for last: while a sentence is typed, its things stay and its colours change.
    pub(super) found: Arc<Mutex<VecDeque<Found>>>,
}

/// A query, how likely its thing was said to be, whether it lies alone, and its mask.
type Found = (Vec<f32>, f32, bool, Vec<f32>);

/// How many masks a [`Look`] remembers.
pub(super) const REMEMBERED: usize = 8;

impl Look {
    /// The photo's size.
    pub fn photo(&self) -> Size {
        self.photo
    }

    /// The size at which the network saw it.
    pub fn small(&self) -> Size {
        self.small
    }

    /// The look at an edited picture of this photo, whose colours are others and whose things lie where they lay: the
    /// network is not asked again, which would be told less by a coat that has the colour of the wall behind it.
    ///
    /// # Errors
    /// For a picture of another size.
    pub fn repainted(&self, Looking { photo, small, .. }: Looking) -> Result<Self, EngineError> {
        let Size { width, height } = self.photo;
        if photo != self.photo {
            return Err(EngineError::Bytes {
                width,
                height,
                expected: 4 * width * height,
                given: 4 * photo.width * photo.height,
            });
        }
        let planes = small.0.planes();
        Ok(Self {
            planes,
            ..self.clone()
        })
    }

    pub(super) fn recall(&self, query: &[f32], likely: f32, alone: bool) -> Option<Vec<f32>> {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let same = found.iter().find(|(asked, as_likely, as_alone, _)| {
            likely.to_bits() == as_likely.to_bits() && alone == *as_alone && asked == query
        });
        same.map(|(.., mask)| mask.clone())
    }

    pub(super) fn remember(&self, mask: Found) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.truncate(REMEMBERED - 1);
        found.push_front(mask);
    }
}

/// A photo on its way to a [`Look`], row by row, so that nobody has to hold it twice.
#[derive(Debug)]
pub struct Looking {
    pub(super) photo: Size,
    /// What a first look sees, and its size.
    pub(super) small: (Shrinking, Size),
    /// And a second one.
    pub(super) far: (Shrinking, Size),
}

impl Looking {
    /// Of a photo of so many bytes, for a network of this short side.
    pub(super) fn new(bytes: usize, photo: Size, short_side: usize) -> Result<Self, EngineError> {
        let Size { width, height } = photo;
        if width == 0 || height == 0 {
            return Err(EngineError::NoPixels { width, height });
        }
        let too_large = |_| EngineError::TooLarge { width, height };
        let expected = 4 * photo.pixels().map_err(too_large)?;
        if bytes != expected {
            return Err(EngineError::Bytes {
                width,
                height,
                expected,
                given: bytes,
            });
        }
        let shrinking = |side| {
            let to = small_size(photo, side, STRIDE);
            Ok::<_, EngineError>((Shrinking::new(photo, to)?, to))
        };
        Ok(Self {
            photo,
            small: shrinking(short_side)?,
            far: shrinking(further(short_side))?,
        })
    }

    /// Takes the next whole rows, four bytes a pixel.
    pub fn rows(&mut self, rgba: &[u8]) {
        for row in rgba.as_chunks::<4>().0.chunks_exact(self.photo.width) {
            self.small.0.row(row);
            self.far.0.row(row);
        }
    }
}

/// The short side for a second look, from further away, by a network that was trained on this side: what is large, as
/// people in portraits are, is seen better.
pub(super) fn further(short_side: usize) -> usize {
    short_side - short_side / 6
}

/// Planes in the mirror.
pub(super) fn mirrored(planes: &[f32], size: Size) -> Vec<f32> {
    let rows = planes.chunks_exact(size.width);
    rows.flat_map(|row| row.iter().rev()).copied().collect()
}

/// Planes at another size, bilinearly (sample centres aligned).
pub(super) fn resampled(planes: &[f32], from: Size, to: Size) -> Vec<f32> {
    let neighbours = |from: usize, to: usize| {
        let place = move |at: usize| {
            let place = (at as f32 + 0.5) * from as f32 / to as f32 - 0.5;
            let place = place.clamp(0.0, (from - 1) as f32);
            let first = place as usize;
            (first, (first + 1).min(from - 1), place - first as f32)
        };
        (0..to).map(place).collect::<Vec<_>>()
    };
    let (columns, rows) = (
        neighbours(from.width, to.width),
        neighbours(from.height, to.height),
    );
    let count = planes.len() / (from.width * from.height);
    let mut resampled = Vec::with_capacity(count * to.width * to.height);
    for plane in planes.chunks_exact(from.width * from.height) {
        for (above, below, down) in &rows {
            let [above, below] = [above, below].map(|y| &plane[y * from.width..][..from.width]);
            resampled.extend(columns.iter().map(|(left, right, across)| {
                let row = |row: &[f32]| row[*left] + across * (row[*right] - row[*left]);
                row(above) + down * (row(below) - row(above))
            }));
        }
    }
    resampled
}

/// The size at which the network sees a photo: the short side is the model's, the long side
/// keeps the photo's shape up to [`LONGEST`] times that, both multiples of the network's stride.
pub(super) fn small_size(photo: Size, short_side: usize, stride: usize) -> Size {
    let short = short_side.next_multiple_of(stride);
    let (shorter, longer) = (photo.width.min(photo.height), photo.width.max(photo.height));
    let shape = (longer as f64 / shorter as f64).min(LONGEST as f64);
    let long = (shape * (short / stride) as f64).round() as usize * stride;
    let side = |is_long| if is_long { long } else { short };
    Size {
        width: side(photo.width > photo.height),
        height: side(photo.height > photo.width),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rises_evenly_does_so_at_any_size() {
        let from = Size {
            width: 8,
            height: 6,
        };
        let planes: Vec<f32> = (0..2 * 48)
            .map(|at| [at % 8, at % 48 / 8][at / 48] as f32 + 0.5)
            .collect();
        assert_eq!(resampled(&planes, from, from), planes);
        for [width, height] in [[6, 6], [4, 3], [12, 9], [1, 1]] {
            let to = Size { width, height };
            let seen = resampled(&planes, from, to);
            assert_eq!(seen.len(), 2 * width * height);
            for (at, value) in seen.iter().enumerate() {
                let (x, y) = (at % width, at / width % height);
                let [across, down] = [[x, width, 8], [y, height, 6]]
                    .map(|[at, to, from]| (at as f32 + 0.5) * from as f32 / to as f32);
                // Beyond the outermost centres nothing is known.
                let expected = [across.clamp(0.5, 7.5), down.clamp(0.5, 5.5)];
                let expected = expected[at / (width * height)];
                assert!((value - expected).abs() < 1e-5, "{to:?} at {at}: {value}");
            }
        }
    }

    #[test]
    fn a_mirror_turns_rows() {
        let size = Size {
            width: 3,
            height: 2,
        };
        let planes = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 0.0, 1.0, 2.0];
        let turned = [3.0, 2.0, 1.0, 6.0, 5.0, 4.0, 9.0, 8.0, 7.0, 2.0, 1.0, 0.0];
        assert_eq!(mirrored(&planes, size), turned);
    }
}
