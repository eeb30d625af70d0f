//! What edited photos and masks are written to.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::Path;

use anyhow::{Context, Result};
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageFormat};

/// How good the JPEGs are, as the page's.
const QUALITY: u8 = 92;

pub fn is_jpeg(file: &Path) -> bool {
    ImageFormat::from_path(file).is_ok_and(|format| format == ImageFormat::Jpeg)
}

/// Writes what the file's name says, under another name first: what stops in the middle must not be taken for done.
pub fn write(file: &Path, picture: &DynamicImage) -> Result<()> {
    let part = file.with_added_extension("part");
    let save = || -> Result<()> {
        let format = ImageFormat::from_path(file)?;
        let mut out = BufWriter::new(File::create(&part)?);
        match format {
            // JPEG knows no transparency.
            ImageFormat::Jpeg => picture
                .to_rgb8()
                .write_with_encoder(JpegEncoder::new_with_quality(&mut out, QUALITY))?,
            _ => picture.write_to(&mut out, format)?,
        }
        out.into_inner()?;
        Ok(fs::rename(&part, file)?)
    };
    save().with_context(|| format!("cannot write {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::RgbaImage;

    #[test]
    fn a_file_is_whole_or_not_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let photo = RgbaImage::from_pixel(8, 6, image::Rgba([200, 40, 30, 255])).into();
        for name in ["a.jpg", "a.png", "a.webp"] {
            let file = folder.path().join(name);
            write(&file, &photo).expect(name);
            let read = image::open(&file).expect(name).to_rgb8();
            assert_eq!(read.dimensions(), (8, 6));
            let [r, g, b] = read.get_pixel(3, 3).0;
            assert!(r.abs_diff(200) < 4 && g.abs_diff(40) < 4 && b.abs_diff(30) < 4);
        }
        let left = fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(left, 3);
        let error = write(&folder.path().join("none/a.png"), &photo).expect_err("no folder");
        assert!(error.to_string().contains("cannot write"));
    }
}
