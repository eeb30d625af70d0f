//! Pictures in rows, each with a line of text below it.

use std::path::Path;

use anyhow::{Context, Result};
use image::imageops::{self, FilterType};
use image::{DynamicImage, Rgb, RgbImage, RgbaImage};
use noto_sans_mono_bitmap::{FontWeight, RasterHeight, get_raster};

/// Pixels of a picture from its top to its bottom, where nothing else is said.
pub const HEIGHT: u32 = 240;
/// Pixels between tiles.
const GAP: u32 = 6;
const PAPER: Rgb<u8> = Rgb([255; 3]);

/// A picture with its text.
pub struct Tile(RgbImage);

impl Tile {
    /// A whole photo, and what is said of it.
    pub fn new(photo: &RgbaImage, text: &str, height: u32) -> Self {
        Self::stacked(&[photo], text, height)
    }

    /// A photo above its edit.
    pub fn pair(photo: &RgbaImage, edit: &RgbaImage, text: &str, height: u32) -> Self {
        Self::stacked(&[photo, edit], text, height)
    }

    fn stacked(photos: &[&RgbaImage], text: &str, height: u32) -> Self {
        let photos = photos.iter().map(|photo| scaled(photo, height));
        let photos: Vec<RgbImage> = photos.collect();
        let width = photos.iter().map(RgbImage::width).max().unwrap_or(1);
        let text = lines(text, width);
        let height = photos.iter().map(RgbImage::height).sum::<u32>() + text.height();
        let mut tile = RgbImage::from_pixel(width, height, PAPER);
        let mut top = 0;
        for part in photos.iter().chain([&text]) {
            imageops::replace(&mut tile, part, 0, top);
            top += i64::from(part.height());
        }
        Self(tile)
    }
}

/// A whole photo at the height of a tile, by an area filter where it shrinks.
fn scaled(photo: &RgbaImage, height: u32) -> RgbImage {
    let (w, h) = photo.dimensions();
    let width = (f64::from(w) * f64::from(height) / f64::from(h.max(1))).round() as u32;
    DynamicImage::from(photo.clone())
        .resize_exact(width.max(1), height.max(1), FilterType::Triangle)
        .to_rgb8()
}

/// A sentence, broken between words where it would be wider. Other letters than English ones are boxes.
fn lines(text: &str, width: u32) -> RgbImage {
    let letter = |letter: char| {
        let raster = |letter| get_raster(letter, FontWeight::Regular, RasterHeight::Size16);
        raster(letter).or_else(|| raster('#'))
    };
    let (wide, high) = letter(' ').map_or((1, 1), |box_| (box_.width(), box_.height()));
    let fit = (width as usize / wide).max(1);
    let mut rows: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match rows.last_mut() {
            Some(row) if row.chars().count() + 1 + word.chars().count() <= fit => {
                *row += " ";
                *row += word;
            }
            _ => rows.push(word.to_owned()),
        }
    }
    let mut picture = RgbImage::from_pixel(width, (rows.len() * high) as u32, PAPER);
    for (n, row) in rows.iter().enumerate() {
        for (place, raster) in row.chars().take(fit).map(letter).enumerate() {
            let pixels = raster
                .into_iter()
                .flat_map(|raster| raster.rows().enumerate());
            for (y, line) in pixels {
                for (x, ink) in line.iter().enumerate() {
                    let (x, y) = ((place * wide + x) as u32, (n * high + y) as u32);
                    if let Some(pixel) = picture.get_pixel_mut_checked(x, y) {
                        *pixel = Rgb([255 - ink; 3]);
                    }
                }
            }
        }
    }
    picture
}

/// Tiles in as many rows as it takes so that none is wider than `across` pixels.
pub fn flow(tiles: Vec<Tile>, across: u32) -> Vec<Vec<Tile>> {
    let mut rows: Vec<Vec<Tile>> = Vec::new();
    let mut used = 0;
    for tile in tiles {
        let width = tile.0.width() + GAP;
        match rows.last_mut() {
            Some(row) if used + width <= across + GAP => row.push(tile),
            _ => {
                rows.push(vec![tile]);
                used = 0;
            }
        }
        used += width;
    }
    rows
}

/// Writes rows of tiles.
///
/// # Errors
/// A file that cannot be written.
pub fn write(path: &Path, rows: Vec<Vec<Tile>>) -> Result<()> {
    let width = |row: &Vec<Tile>| row.iter().map(|tile| tile.0.width() + GAP).sum::<u32>();
    let height = |row: &Vec<Tile>| row.iter().map(|tile| tile.0.height()).max().unwrap_or(0) + GAP;
    let across = rows.iter().map(width).max().unwrap_or(0) + GAP;
    let down = rows.iter().map(height).sum::<u32>() + GAP;
    let mut sheet = RgbImage::from_pixel(across, down, PAPER);
    let mut top = GAP;
    for row in &rows {
        let mut left = GAP;
        for tile in row {
            imageops::replace(&mut sheet, &tile.0, i64::from(left), i64::from(top));
            left += tile.0.width() + GAP;
        }
        top += height(row);
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    sheet
        .save(path)
        .with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgba;

    fn photo(width: u32, height: u32) -> RgbaImage {
        RgbaImage::from_pixel(width, height, Rgba([200, 0, 0, 255]))
    }

    #[test]
    fn photos_are_whole_and_have_their_sentence() {
        let tile = Tile::pair(&photo(200, 400), &photo(200, 400), "make it red", HEIGHT).0;
        assert_eq!((tile.width(), tile.height()), (120, 2 * HEIGHT + 16));
        assert_eq!(tile.get_pixel(119, 2 * HEIGHT - 1).0, [200, 0, 0]);
        let ink = tile.rows().skip(2 * HEIGHT as usize).flatten();
        assert!(ink.filter(|pixel| pixel.0[0] < 100).count() > 50);
        // Twice as long: one line more.
        let tile = Tile::new(
            &photo(200, 400),
            "make it red, and the hat dark blue",
            HEIGHT,
        )
        .0;
        assert_eq!(tile.height(), HEIGHT + 32);
        assert!(
            Tile::new(&photo(2, 400), "把裙子变成红色", HEIGHT)
                .0
                .height()
                > HEIGHT
        );
    }

    #[test]
    fn rows_are_no_wider_than_they_may_be() {
        let tiles = (0..7)
            .map(|_| Tile::new(&photo(100, 240), "", HEIGHT))
            .collect();
        let rows = flow(tiles, 330);
        let counts: Vec<_> = rows.iter().map(Vec::len).collect();
        assert_eq!(counts, [3, 3, 1]);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/sheet.png");
        write(&path, rows).unwrap();
        let sheet = image::open(path).unwrap();
        assert_eq!((sheet.width(), sheet.height()), (324, 3 * 246 + 6));
    }
}
