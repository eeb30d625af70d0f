//! A sheet of pictures: photos across, sentences down, with the mask below each edit.

use std::path::Path;

use anyhow::{Context, Result};
use burn::module::Module;
use burn::tensor::{Tensor, TensorData};
use image::{Rgb, RgbImage};
use wordloom::editor::Editor;
use wordloom::prompt::{Batch, TextEncoder, Vocabulary};

use crate::data::Dataset;

/// What every sheet asks for.
pub const SENTENCES: [&str; 7] = [
    "this flower has blue petals",
    "the petals are red",
    "make it yellow",
    "purple",
    "white petals",
    "make the petals pink",
    "orange",
];

/// Photos on a sheet.
const PHOTOS: usize = 16;

/// Writes a sheet of photos spread over `data`.
///
/// # Errors
/// A sentence that the vocabulary does not know, a file that cannot be written.
pub fn write(
    path: &Path,
    editor: &Editor,
    text: &TextEncoder,
    vocabulary: &Vocabulary,
    data: &Dataset,
) -> Result<()> {
    let device = editor.devices()[0].clone();
    let count = PHOTOS.min(data.len());
    let spread = (0..count).map(|i| i * data.len() / count);
    let planes: Vec<f32> = spread.flat_map(|i| data.centre(i)).collect();
    let size = (planes.len() / count / 3).isqrt();
    let shape = [count, 3, size, size];
    let photos = Tensor::<4>::from_data(TensorData::new(planes, shape), &device);

    let mut sheet = RgbImage::new(
        (count * size) as u32,
        ((1 + 2 * SENTENCES.len()) * size) as u32,
    );
    paste(&mut sheet, 0, &photos)?;
    for (row, sentence) in SENTENCES.iter().enumerate() {
        let prompt = vocabulary.read(sentence)?;
        let features = text.forward(&Batch::new(&[prompt.ids], &device));
        let t = editor.condition(features.sentence).draw(None);
        let edit = editor.forward(photos.clone(), t.repeat_dim(0, count));
        paste(&mut sheet, 1 + 2 * row, &edit.photo)?;
        paste(
            &mut sheet,
            2 + 2 * row,
            &(edit.mask * 2.0 - 1.0).repeat_dim(1, 3),
        )?;
    }
    std::fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
    sheet
        .save(path)
        .with_context(|| format!("cannot write {}", path.display()))
}

/// Puts pictures `[b, 3, h, w]` in [-1, 1] side by side into a row of the sheet.
fn paste(sheet: &mut RgbImage, row: usize, pictures: &Tensor<4>) -> Result<()> {
    let [count, _, h, w] = pictures.dims();
    let values: Vec<f32> = pictures.to_data().try_to_vec()?;
    for n in 0..count {
        for y in 0..h {
            for x in 0..w {
                let byte = |c: usize| {
                    ((values[((n * 3 + c) * h + y) * w + x] + 1.0) * 127.5).round() as u8
                };
                let pixel = Rgb([byte(0), byte(1), byte(2)]);
                sheet.put_pixel((n * w + x) as u32, (row * h + y) as u32, pixel);
            }
        }
    }
    Ok(())
}
