//! From a photo's bytes to the small planes that the generator sees.

use thiserror::Error;

/// Width and height of a picture, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

/// Why a picture was not read.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum PixelsError {
    /// A side is zero, or there are more bytes than this machine can address.
    #[error("a picture of {0} by {1} pixels cannot be worked on")]
    Size(usize, usize),
    /// A buffer does not fit the size that was given with it.
    #[error("{what}: {found} values where {expected} were expected")]
    Length {
        /// The argument.
        what: &'static str,
        /// Values that fit the size.
        expected: usize,
        /// Values that were given.
        found: usize,
    },
    /// A stripe reaches past the last row.
    #[error("a stripe of {count} rows from row {first} of a picture of {height} rows")]
    Rows {
        /// First row of the stripe.
        first: usize,
        /// Rows in the stripe.
        count: usize,
        /// Rows of the picture.
        height: usize,
    },
    /// A plane holds an infinity or something that is not a number.
    #[error("{0}: not every value is a finite number")]
    NotFinite(&'static str),
}

impl Size {
    /// Pixels of the picture.
    pub fn pixels(self) -> Result<usize, PixelsError> {
        let Self { width, height } = self;
        width
            .checked_mul(height)
            // Sixteen bytes, the most that is kept of a pixel, have to be addressable.
            .filter(|pixels| *pixels > 0 && *pixels <= isize::MAX as usize / 16)
            .ok_or(PixelsError::Size(width, height))
    }

    /// Checks that a buffer holds `channels` values for each pixel.
    pub(crate) fn holds<T>(
        self,
        what: &'static str,
        values: &[T],
        channels: usize,
    ) -> Result<(), PixelsError> {
        // Saturated, a product is longer than any slice can be.
        let (expected, found) = (self.pixels()?.saturating_mul(channels), values.len());
        if expected == found {
            return Ok(());
        }
        Err(PixelsError::Length {
            what,
            expected,
            found,
        })
    }
}

/// Area average of a photo: each value is the exact mean over the rectangle of the photo that
/// its pixel covers, pixels cut by the rectangle's border counted by the part inside. Enlarged,
/// a pixel thus covers part of one photo pixel, or of the few that meet inside it.
///
/// Colours are weighted by their alpha, so that what a transparent pixel hides does not show;
/// where everything is transparent the result is mid grey. The stored, gamma-encoded values are
/// averaged. Each photo pixel is read once, and only two rows of sums are kept.
///
/// # Shapes
/// - `rgba`: `[height, width, 4]`, alpha not premultiplied
/// - output: planes `[3, to.height, to.width]` in [-1, 1]
pub fn shrink(rgba: &[u8], photo: Size, to: Size) -> Result<Vec<f32>, PixelsError> {
    photo.holds("photo", rgba, 4)?;
    let mut shrinking = Shrinking::new(photo, to)?;
    let rows = rgba.as_chunks::<4>().0.chunks_exact(photo.width);
    rows.for_each(|row| shrinking.row(row));
    Ok(shrinking.planes())
}

/// A photo on its way to small planes, row by row: see [`shrink`].
#[derive(Debug)]
pub struct Shrinking {
    columns: Vec<Cell>,
    rows: Vec<Cell>,
    /// Rows that were read.
    read: usize,
    /// Cells that have all of their rows.
    done: usize,
    /// What each column has of the row that was read last, and of all rows of the cell that is not done.
    line: Vec<[f64; 4]>,
    sums: Vec<[f64; 4]>,
    planes: Vec<f32>,
}

impl Shrinking {
    /// Of a photo of this size to one of that.
    ///
    /// # Errors
    /// For sizes that no picture has.
    pub fn new(photo: Size, to: Size) -> Result<Self, PixelsError> {
        photo.pixels()?;
        let area = to.pixels()?;
        Ok(Self {
            columns: cells(photo.width, to.width),
            rows: cells(photo.height, to.height),
            read: 0,
            done: 0,
            line: vec![[0.0; 4]; to.width],
            sums: vec![[0.0; 4]; to.width],
            planes: vec![0.0; 3 * area],
        })
    }

    /// Takes the photo's next row.
    pub fn row(&mut self, pixels: &[[u8; 4]]) {
        let part = self.columns.iter().map(|cell| cell.sum(pixels));
        self.line
            .iter_mut()
            .zip(part)
            .for_each(|(to, part)| *to = part);
        // Neighbouring cells share at most one row; where it is enlarged, many are within one.
        while let Some(cell) = self
            .rows
            .get(self.done)
            .filter(|cell| cell.first <= self.read)
        {
            let weight = cell.weight(self.read);
            for (sum, part) in self.sums.iter_mut().zip(&self.line) {
                for (sum, part) in sum.iter_mut().zip(part) {
                    *sum += weight * part;
                }
            }
            if cell.last > self.read {
                break;
            }
            self.finish();
        }
        self.read += 1;
    }

    /// The planes, of as many rows as there were.
    pub fn planes(self) -> Vec<f32> {
        self.planes
    }

    /// The cell that has all of its rows.
    fn finish(&mut self) {
        let (width, area) = (self.columns.len(), self.planes.len() / 3);
        for (x, [colour @ .., alpha]) in self.sums.iter().enumerate() {
            for (c, colour) in colour.iter().enumerate() {
                self.planes[c * area + self.done * width + x] = if *alpha > 0.0 {
                    (colour / alpha / 127.5 - 1.0) as f32
                } else {
                    0.0
                };
            }
        }
        self.sums.fill([0.0; 4]);
        self.done += 1;
    }
}

/// What one pixel of the small picture covers of a row or column of the photo: all of the
/// pixels between `first` and `last`, and parts of these two.
#[derive(Debug)]
struct Cell {
    first: usize,
    last: usize,
    head: f64,
    tail: f64,
}

fn cells(from: usize, to: usize) -> Vec<Cell> {
    let edge = |i: usize| i as f64 * from as f64 / to as f64;
    (0..to)
        .map(|i| {
            let (start, end) = (edge(i), edge(i + 1));
            let first = (start as usize).min(from - 1);
            let last = (end.ceil() as usize).clamp(first + 1, from) - 1;
            let head = end.min((first + 1) as f64) - start;
            Cell {
                first,
                last,
                head,
                tail: end - last as f64,
            }
        })
        .collect()
}

impl Cell {
    fn weight(&self, index: usize) -> f64 {
        if index == self.first {
            self.head
        } else if index == self.last {
            self.tail
        } else {
            1.0
        }
    }

    /// Weighted sum of `[alpha r, alpha g, alpha b, alpha]` over the cell's pixels.
    fn sum(&self, row: &[[u8; 4]]) -> [f64; 4] {
        let mut sum = [0.0; 4];
        let mut add = |weight: f64, part: [f32; 4]| {
            for (sum, part) in sum.iter_mut().zip(part) {
                *sum += weight * f64::from(part);
            }
        };
        add(self.head, weighted(row[self.first]));
        if self.last > self.first {
            // 256 products of two bytes stay below 2^24: sums of f32 without any rounding.
            for pixels in row[self.first + 1..self.last].chunks(256) {
                let mut part = [0.0; 4];
                for pixel in pixels {
                    let pixel = weighted(*pixel);
                    for (part, value) in part.iter_mut().zip(pixel) {
                        *part += value;
                    }
                }
                add(1.0, part);
            }
            add(self.tail, weighted(row[self.last]));
        }
        sum
    }
}

fn weighted(pixel: [u8; 4]) -> [f32; 4] {
    let [r, g, b, alpha] = pixel.map(f32::from);
    [r * alpha, g * alpha, b * alpha, alpha]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(width: usize, height: usize) -> Size {
        Size { width, height }
    }

    /// Any bytes, the same on every run.
    fn noise(len: usize) -> Vec<u8> {
        let mut state = 1u32;
        (0..len)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .collect()
    }

    /// The mean over each rectangle, by the overlap of every photo pixel with it.
    fn direct(rgba: &[u8], photo: Size, to: Size) -> Vec<f32> {
        let overlap = |i: usize, from: usize, o: usize, to: usize| {
            let scale = from as f64 / to as f64;
            let (start, end) = (o as f64 * scale, (o + 1) as f64 * scale);
            (end.min((i + 1) as f64) - start.max(i as f64)).max(0.0)
        };
        let mut planes = Vec::new();
        for c in 0..3 {
            for oy in 0..to.height {
                for ox in 0..to.width {
                    let (mut sum, mut total) = (0.0, 0.0);
                    for y in 0..photo.height {
                        for x in 0..photo.width {
                            let pixel = &rgba[4 * (y * photo.width + x)..][..4];
                            let weight = overlap(x, photo.width, ox, to.width)
                                * overlap(y, photo.height, oy, to.height)
                                * f64::from(pixel[3]);
                            sum += weight * f64::from(pixel[c]);
                            total += weight;
                        }
                    }
                    let mean = if total > 0.0 { sum / total } else { 127.5 };
                    planes.push((mean / 127.5 - 1.0) as f32);
                }
            }
        }
        planes
    }

    #[test]
    fn is_the_mean_over_each_rectangle() {
        for (photo, to) in [
            (size(7, 5), size(3, 2)),
            (size(12, 8), size(4, 4)),
            (size(5, 3), size(5, 3)),
            (size(3, 2), size(8, 7)),
            (size(1, 1), size(4, 4)),
            (size(700, 2), size(1, 1)),
            (size(1, 90), size(4, 64)),
            (size(64, 3), size(63, 8)),
        ] {
            let rgba = noise(4 * photo.width * photo.height);
            let ours = shrink(&rgba, photo, to).expect("planes");
            for (ours, direct) in ours.iter().zip(direct(&rgba, photo, to)) {
                assert!(
                    (ours - direct).abs() < 1e-5,
                    "{photo:?} to {to:?}: {ours} {direct}"
                );
            }
            assert_eq!(ours.len(), 3 * to.width * to.height);
        }
    }

    #[test]
    fn transparent_pixels_have_no_colour() {
        let rgba = [[255, 0, 0, 255], [0, 255, 9, 0], [7, 7, 7, 0], [9, 9, 9, 0]].concat();
        let planes = shrink(&rgba, size(4, 1), size(2, 1)).expect("planes");
        assert_eq!(planes, [1.0, 0.0, -1.0, 0.0, -1.0, 0.0]);
    }

    #[test]
    fn sizes_that_do_not_fit_are_errors() {
        let error = |rgba: &[u8], photo, to| shrink(rgba, photo, to).expect_err("an error");
        let length = |expected, found| PixelsError::Length {
            what: "photo",
            expected,
            found,
        };
        assert_eq!(error(&[0; 15], size(2, 2), size(1, 1)), length(16, 15));
        assert_eq!(error(&[], size(0, 4), size(1, 1)), PixelsError::Size(0, 4));
        assert_eq!(
            error(&[0; 4], size(1, 1), size(4, 0)),
            PixelsError::Size(4, 0)
        );
        let huge = usize::MAX / 2;
        assert_eq!(
            error(&[0; 4], size(huge, 3), size(1, 1)),
            PixelsError::Size(huge, 3)
        );
    }
}
