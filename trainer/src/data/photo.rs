//! Photos of a data set, wherever they are kept.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use image::imageops::{self, FilterType};
use image::{DynamicImage, ImageDecoder, ImageReader, Rgb, RgbImage};
use wordloom::shrink::{Size, shrink};

use super::hdf5::Pictures;

/// Where a photo is.
#[derive(Debug, Clone)]
pub enum Photo {
    /// In a file of its own.
    File(PathBuf),
    /// A row of an array of pictures.
    Row(Arc<Pictures>, usize),
}

impl Photo {
    /// Reads it.
    ///
    /// # Errors
    /// When it cannot be read or decoded, with its name.
    pub fn read(&self) -> Result<DynamicImage> {
        match self {
            Self::File(path) => read_photo(path),
            Self::Row(pictures, row) => {
                let picture = pictures.read(*row);
                picture.with_context(|| format!("cannot read the photo {self}"))
            }
        }
    }
}

impl fmt::Display for Photo {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Row(pictures, row) => write!(f, "{pictures}, row {row}"),
        }
    }
}

/// Reads a photo as it is meant to be seen: turned as its EXIF data says.
pub fn read_photo(path: &Path) -> Result<DynamicImage> {
    let read = || -> image::ImageResult<DynamicImage> {
        let mut decoder = ImageReader::open(path)?
            .with_guessed_format()?
            .into_decoder()?;
        let orientation = decoder.orientation()?;
        let mut photo = DynamicImage::from_decoder(decoder)?;
        photo.apply_orientation(orientation);
        Ok(photo)
    };
    read().with_context(|| format!("cannot read the photo {}", path.display()))
}

/// The centre square of a photo, `side` high and wide: smaller ones are made as the page makes them.
///
/// # Errors
/// A photo without a pixel.
pub fn square(photo: &DynamicImage, side: u32) -> Result<RgbImage> {
    let (w, h) = (photo.width(), photo.height());
    let short = w.min(h);
    let centre = photo.crop_imm((w - short) / 2, (h - short) / 2, short, short);
    if short < side {
        // The page's filter would show the pixels as squares, for a network to learn.
        let centre = centre.to_rgb8();
        return Ok(imageops::resize(&centre, side, side, FilterType::Triangle));
    }
    let planes = shrunk(&centre, [side, side])?;
    let area = (side * side) as usize;
    Ok(RgbImage::from_fn(side, side, |x, y| {
        let value = |c: usize| planes[c * area + (y * side + x) as usize];
        Rgb([0, 1, 2].map(|c| ((value(c) + 1.0) * 127.5).round() as u8))
    }))
}

/// A photo as the page's network is given it: planes `[3, height, width]` in [-1, 1].
///
/// # Errors
/// A photo without a pixel.
pub fn shrunk(photo: &DynamicImage, [width, height]: [u32; 2]) -> Result<Vec<f32>> {
    let size = |width: u32, height: u32| Size {
        width: width as usize,
        height: height as usize,
    };
    let of = size(photo.width(), photo.height());
    Ok(shrink(&photo.to_rgba8(), of, size(width, height))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Squares of four pixels, which other filters blend with what lies beside them.
    #[test]
    fn photos_are_made_smaller_as_the_page_makes_them() {
        let photo = RgbImage::from_fn(12, 8, |x, y| match (x / 2 + y / 2) % 2 {
            0 => Rgb([255, 0, 40]),
            _ => Rgb([0, 250, 40]),
        });
        let small = square(&photo.clone().into(), 4).unwrap();
        for (x, y, pixel) in small.enumerate_pixels() {
            // The square begins with the third column.
            assert_eq!(pixel, photo.get_pixel(2 + 2 * x, 2 * y));
        }
        let planes = shrunk(&photo.into(), [1, 1]).unwrap();
        for (plane, mean) in planes.into_iter().zip([127.5, 125.0, 40.0]) {
            assert!((plane - (mean / 127.5 - 1.0)).abs() < 1e-6, "{plane}");
        }
    }

    #[test]
    fn photos_are_made_larger_without_squares() {
        let photo = RgbImage::from_fn(2, 2, |x, _| Rgb([200 * x as u8; 3]));
        let row: Vec<u8> = square(&photo.into(), 8)
            .unwrap()
            .rows()
            .next()
            .unwrap()
            .map(|p| p[0])
            .collect();
        assert!(row.is_sorted() && row[3] > 0 && row[4] < 200, "{row:?}");
    }
}
