//! Pictures and texts in HDF5 files.

use std::fmt;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use hdf5_pure::{DType, Dataset, File};
use image::{DynamicImage, RgbImage};

/// A file whose arrays are read when they are asked for.
pub struct Arrays {
    name: String,
    file: File,
}

impl Arrays {
    /// Opens a file.
    ///
    /// # Errors
    /// One that is missing or not HDF5.
    pub fn open(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let file = File::open_streaming(path);
        let file = file.with_context(|| format!("cannot read {name} as HDF5"))?;
        Ok(Self { name, file })
    }

    /// One of its arrays and its shape.
    fn dataset(&self, array: &str) -> Result<(Dataset, Vec<usize>)> {
        let dataset = self.file.dataset(array);
        let dataset = dataset.with_context(|| format!("{} has no array “{array}”", self.name))?;
        let shape = dataset.shape()?.iter().map(|&size| size as usize).collect();
        Ok((dataset, shape))
    }

    /// An array as numbers.
    ///
    /// # Errors
    /// An array that is missing or holds no numbers.
    pub fn numbers(&self, array: &str) -> Result<Vec<f32>> {
        let numbers = self.dataset(array)?.0.read_f32();
        numbers.with_context(|| format!("cannot read “{array}” of {}", self.name))
    }

    /// An array of texts, one a row: of a fixed length, in UTF-8 or Latin-1, or of any length.
    ///
    /// # Errors
    /// An array that is missing or holds no texts.
    pub fn texts(&self, array: &str) -> Result<Vec<String>> {
        /// Rows at a time: descriptions are padded to some thousand bytes each.
        const WINDOW: usize = 4096;
        let (dataset, shape) = self.dataset(array)?;
        let context = || format!("cannot read “{array}” of {}", self.name);
        match dataset.dtype()? {
            DType::VariableLengthString => dataset.read_string().with_context(context),
            DType::String => {
                let rows = shape.first().copied().unwrap_or(0);
                let mut texts = Vec::with_capacity(rows);
                for row in (0..rows).step_by(WINDOW) {
                    let count = WINDOW.min(rows - row);
                    let raw = dataset.read_raw_rows(row as u64, count as u64);
                    let raw = raw.with_context(context)?;
                    let width = (raw.len() / count).max(1);
                    texts.extend(raw.chunks_exact(width).map(text));
                }
                Ok(texts)
            }
            other => bail!("“{array}” of {} holds {other}, not texts", self.name),
        }
    }
}

fn text(padded: &[u8]) -> String {
    let end = padded.iter().position(|&byte| byte == 0);
    let bytes = &padded[..end.unwrap_or(padded.len())];
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|&byte| char::from(byte)).collect(),
    }
}

/// How a picture lies in its row.
#[derive(Debug)]
enum Layout {
    /// Height, width and channel, in bytes.
    Bytes,
    /// Channel, width and height, as differences from these means, from 0 to 1.
    Deviations(Vec<f32>),
}

/// An array of pictures.
pub struct Pictures {
    name: String,
    dataset: Dataset,
    layout: Layout,
    rows: usize,
    width: usize,
    height: usize,
}

impl Pictures {
    /// Pictures `[n, height, width, 3]` in bytes.
    ///
    /// # Errors
    /// An array that is missing or has another shape.
    pub fn bytes(file: &Arrays, array: &str) -> Result<Self> {
        let (dataset, shape) = file.dataset(array)?;
        let [rows, height, width, 3] = shape[..] else {
            bail!(
                "“{array}” of {} has the shape {shape:?}, not [n, height, width, 3]",
                file.name
            );
        };
        Ok(Self {
            name: file.name.clone(),
            dataset,
            layout: Layout::Bytes,
            rows,
            width,
            height,
        })
    }

    /// Pictures `[n, 3, width, height]`, as MATLAB writes them, as differences from a mean.
    ///
    /// # Errors
    /// An array that is missing or has another shape.
    pub fn deviations(file: &Arrays, array: &str, mean: &str) -> Result<Self> {
        let (dataset, shape) = file.dataset(array)?;
        let [rows, 3, width, height] = shape[..] else {
            bail!(
                "“{array}” of {} has the shape {shape:?}, not [n, 3, width, height]",
                file.name
            );
        };
        let means = file.numbers(mean)?;
        ensure!(
            means.len() == 3 * width * height,
            "“{mean}” of {} has {} values, not 3 x {width} x {height}",
            file.name,
            means.len()
        );
        Ok(Self {
            name: file.name.clone(),
            dataset,
            layout: Layout::Deviations(means),
            rows,
            width,
            height,
        })
    }

    /// The number of pictures.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Reads one of them.
    ///
    /// # Errors
    /// A row that is not there, or damaged.
    pub fn read(&self, row: usize) -> Result<DynamicImage> {
        ensure!(row < self.rows, "there are only {} rows", self.rows);
        let (w, h) = (self.width as u32, self.height as u32);
        let picture = match &self.layout {
            Layout::Bytes => {
                let bytes = self.dataset.read_u8_rows(row as u64, 1)?;
                RgbImage::from_raw(w, h, bytes).context("a row of another size")?
            }
            Layout::Deviations(means) => {
                let values = self.dataset.read_f32_rows(row as u64, 1)?;
                ensure!(values.len() == means.len(), "a row of another size");
                RgbImage::from_fn(w, h, |x, y| {
                    image::Rgb([0, 1, 2].map(|channel| {
                        let at = (channel * self.width + x as usize) * self.height + y as usize;
                        ((values[at] + means[at]).clamp(0.0, 1.0) * 255.0).round() as u8
                    }))
                })
            }
        };
        Ok(DynamicImage::from(picture))
    }
}

impl fmt::Display for Pictures {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.name.fmt(f)
    }
}

impl fmt::Debug for Pictures {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} of {}", self.rows, self.name)
    }
}
