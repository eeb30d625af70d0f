//! Photos of a data set, wherever they are kept.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use image::imageops::{self, FilterType};
use image::{DynamicImage, ImageDecoder, ImageReader, RgbImage};

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

/// The centre square of a photo, `side` high and wide.
pub fn square(photo: &DynamicImage, side: u32) -> RgbImage {
    let photo = photo.to_rgb8();
    let (w, h) = photo.dimensions();
    let short = w.min(h);
    let centre = imageops::crop_imm(&photo, (w - short) / 2, (h - short) / 2, short, short);
    imageops::resize(&centre.to_image(), side, side, FilterType::Triangle)
}
