//! MATLAB files of version 5 to 7, as far as the data sets need them: row numbers, matrices of
//! labels, and cell arrays of texts.
//!
//! The format: "MAT-File Level 5 File Format" in MathWorks' MAT-File Format document. Crates for it
//! read no cell arrays, or bring half a serialisation framework.

use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use flate2::read::ZlibDecoder;

/// Bytes before the first element: a text, then version and byte order.
const HEADER: usize = 128;

/// Kinds of elements that are no numbers.
const MATRIX: u32 = 14;
const COMPRESSED: u32 = 15;
const UTF_8: u32 = 16;

/// Classes of arrays that are no numbers.
const CELLS: u8 = 1;
const CHARACTERS: u8 = 4;

/// The variables of a file.
#[derive(Debug)]
pub struct Mat {
    name: String,
    /// The bytes of one matrix element each.
    variables: Vec<Vec<u8>>,
}

/// An array: its class, its name, and the elements that hold its values.
struct Array<'a> {
    class: u8,
    /// Rows, columns, and what follows.
    dimensions: Vec<usize>,
    name: String,
    values: Elements<'a>,
}

impl Mat {
    /// Reads a file.
    ///
    /// # Errors
    /// One that is missing, damaged or in another format.
    pub fn read(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let bytes = std::fs::read(path).with_context(|| format!("cannot read {name}"))?;
        let variables = variables(&bytes);
        let variables =
            variables.with_context(|| format!("{name} is no MATLAB file of version 5 to 7"))?;
        Ok(Self { name, variables })
    }

    /// Reads a variable with `read`, which gives nothing for what it cannot use.
    fn variable<T>(
        &self,
        variable: &str,
        what: &str,
        read: impl Fn(Array) -> Result<Option<T>>,
    ) -> Result<T> {
        for bytes in &self.variables {
            let array = Array::new(bytes)?;
            if array.name == variable {
                let value = read(array);
                let value = value.with_context(|| format!("“{variable}” of {}", self.name))?;
                return value
                    .with_context(|| format!("“{variable}” of {} holds no {what}", self.name));
            }
        }
        bail!("{} has no variable “{variable}”", self.name)
    }

    /// A cell array of texts.
    ///
    /// # Errors
    /// A variable that is missing, damaged or something else.
    pub fn texts(&self, variable: &str) -> Result<Vec<String>> {
        self.variable(variable, "texts", |mut array| {
            if array.class != CELLS {
                return Ok(None);
            }
            let mut texts = Vec::new();
            while let Some((_, cell)) = array.values.next()? {
                let mut cell = Array::new(cell)?;
                if cell.class != CHARACTERS {
                    return Ok(None);
                }
                let value = cell.values.next()?;
                texts.push(value.map_or_else(String::new, |(kind, bytes)| text(kind, bytes)));
            }
            Ok(Some(texts))
        })
    }

    /// An array of row numbers, which count from 1 there and from 0 here.
    ///
    /// # Errors
    /// A variable that is missing, damaged or something else.
    pub fn rows(&self, variable: &str) -> Result<Vec<usize>> {
        self.variable(variable, "row numbers", |mut array| {
            let Some((kind, bytes)) = array.values.next()? else {
                return Ok(None);
            };
            let row = |number: f64| (number >= 1.0).then(|| number as usize - 1);
            let numbers = numbers(kind, bytes).filter(|_| array.class > CHARACTERS);
            Ok(numbers.and_then(|numbers| numbers.into_iter().map(row).collect()))
        })
    }

    /// A matrix of whole numbers from 0 to 255: its rows and columns, and its values row by row
    /// (the file has them column by column).
    ///
    /// # Errors
    /// A variable that is missing, damaged or something else.
    pub fn labels(&self, variable: &str) -> Result<(usize, usize, Vec<u8>)> {
        self.variable(variable, "matrix of labels", |mut array| {
            let Some((kind, bytes)) = array.values.next()? else {
                return Ok(None);
            };
            let &[rows, columns] = array.dimensions.as_slice() else {
                return Ok(None);
            };
            let numbers = numbers(kind, bytes).filter(|numbers| {
                array.class > CHARACTERS && Some(numbers.len()) == rows.checked_mul(columns)
            });
            let Some(numbers) = numbers else {
                return Ok(None);
            };
            let places = (0..numbers.len()).map(|at| at % columns * rows + at / columns);
            let label = |number: f64| {
                let label = number as u8;
                (f64::from(label) == number).then_some(label)
            };
            let values: Option<Vec<u8>> = places.map(|place| label(numbers[place])).collect();
            Ok(values.map(|values| (rows, columns, values)))
        })
    }
}

/// The matrices of a file, decompressed.
fn variables(bytes: &[u8]) -> Result<Vec<Vec<u8>>> {
    ensure!(
        bytes.get(126..HEADER) == Some(b"IM") && bytes[125] == 1,
        "its header is another one"
    );
    let (mut elements, mut variables) = (Elements(&bytes[HEADER..]), Vec::new());
    while let Some((kind, bytes)) = elements.next()? {
        let mut plain = Vec::new();
        match kind {
            MATRIX => variables.push(bytes.to_vec()),
            COMPRESSED => {
                ZlibDecoder::new(bytes).read_to_end(&mut plain)?;
                if let Some((MATRIX, bytes)) = Elements(&plain).next()? {
                    variables.push(bytes.to_vec());
                }
            }
            _ => {}
        }
    }
    Ok(variables)
}

/// A run of elements: kind and bytes.
struct Elements<'a>(&'a [u8]);

impl<'a> Elements<'a> {
    /// The next one, if there is one.
    fn next(&mut self) -> Result<Option<(u32, &'a [u8])>> {
        const CUT_OFF: &str = "it is cut off";
        if self.0.is_empty() {
            return Ok(None);
        }
        let word = |at: usize| -> Result<u32> {
            let bytes = self.0.get(at..at + 4).context(CUT_OFF)?;
            Ok(u32::from_le_bytes(bytes.try_into()?))
        };
        // Four bytes or less may share the tag's eight.
        let (kind, from, size) = match word(0)? {
            tag if tag >> 16 > 0 => (tag & 0xffff, 4, (tag >> 16) as usize),
            kind => (kind, 8, word(4)? as usize),
        };
        let bytes = self.0.get(from..).and_then(|rest| rest.get(..size));
        let bytes = bytes.context(CUT_OFF)?;
        let end = match kind {
            COMPRESSED => from + size,
            _ => (from + size).next_multiple_of(8),
        };
        self.0 = self.0.get(end..).unwrap_or(&[]);
        Ok(Some((kind, bytes)))
    }
}

impl<'a> Array<'a> {
    fn new(matrix: &'a [u8]) -> Result<Self> {
        let mut values = Elements(matrix);
        let mut next = || values.next()?.context("an array without values");
        // The flags, whose lowest byte is the class; the dimensions.
        let (class, dimensions, name) = (next()?.1, next()?.1, next()?.1);
        let dimensions = dimensions.as_chunks().0.iter();
        Ok(Self {
            dimensions: dimensions
                .map(|bytes| u32::from_le_bytes(*bytes) as usize)
                .collect(),
            class: *class.first().context("an array without class")?,
            name: String::from_utf8_lossy(name).into_owned(),
            values,
        })
    }
}

fn text(kind: u32, bytes: &[u8]) -> String {
    match kind {
        UTF_8 => String::from_utf8_lossy(bytes).into_owned(),
        // A byte a character: ASCII in practice.
        1 | 2 => bytes.iter().map(|&byte| char::from(byte)).collect(),
        _ => {
            let units = bytes.chunks_exact(2);
            let units: Vec<u16> = units
                .map(|unit| u16::from_le_bytes([unit[0], unit[1]]))
                .collect();
            String::from_utf16_lossy(&units)
        }
    }
}

/// Numbers are stored as the smallest kind that holds them, whatever their class.
fn numbers(kind: u32, bytes: &[u8]) -> Option<Vec<f64>> {
    fn read<const N: usize>(bytes: &[u8], number: fn([u8; N]) -> f64) -> Vec<f64> {
        bytes
            .as_chunks()
            .0
            .iter()
            .map(|bytes| number(*bytes))
            .collect()
    }
    Some(match kind {
        1 => read(bytes, |[byte]| f64::from(byte as i8)),
        2 => read(bytes, |[byte]| f64::from(byte)),
        3 => read(bytes, |bytes| f64::from(i16::from_le_bytes(bytes))),
        4 => read(bytes, |bytes| f64::from(u16::from_le_bytes(bytes))),
        5 => read(bytes, |bytes| f64::from(i32::from_le_bytes(bytes))),
        6 => read(bytes, |bytes| f64::from(u32::from_le_bytes(bytes))),
        7 => read(bytes, |bytes| f64::from(f32::from_le_bytes(bytes))),
        9 => read(bytes, f64::from_le_bytes),
        12 => read(bytes, |bytes| i64::from_le_bytes(bytes) as f64),
        13 => read(bytes, |bytes| u64::from_le_bytes(bytes) as f64),
        _ => return None,
    })
}

#[cfg(test)]
pub mod files;

#[cfg(test)]
mod tests {
    use super::files::{array, cells, element, labels, sized, small, write};
    use super::*;

    #[test]
    fn texts_and_row_numbers_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.mat");
        let long = "a sentence that is long enough ".repeat(9);
        let wide: Vec<u8> = [70_000u32, 2]
            .into_iter()
            .flat_map(u32::to_le_bytes)
            .collect();
        let doubles: Vec<u8> = [3.0f64, 1.0]
            .into_iter()
            .flat_map(f64::to_le_bytes)
            .collect();
        let variables = [
            cells("texts", &["red", "", &long, "蓝色"]),
            small("small", &[1, 5, 2]),
            array(13, "wide", &element(6, &wide)),
            array(6, "doubles", &element(9, &doubles)),
            small("zero", &[0]),
        ];
        write(&path, &variables);
        let mat = Mat::read(&path).unwrap();
        assert_eq!(mat.texts("texts").unwrap(), ["red", "", &long, "蓝色"]);
        assert_eq!(mat.rows("small").unwrap(), [0, 4, 1]);
        assert_eq!(mat.rows("wide").unwrap(), [69_999, 1]);
        assert_eq!(mat.rows("doubles").unwrap(), [2, 0]);
        for (variable, says) in [("zero", "no row numbers"), ("none", "“none”")] {
            let error = mat.rows(variable).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
        assert!(mat.rows("texts").is_err());
        assert!(mat.texts("small").is_err());
    }

    #[test]
    fn matrices_are_read_row_by_row() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.mat");
        let halves = element(9, &[1.5f64.to_le_bytes(), 2.0f64.to_le_bytes()].concat());
        let variables = [
            labels("a", 3, &[1, 2, 3, 4, 5, 6]),
            sized(6, "halves", [1, 2], &halves),
            sized(6, "long", [2, 2], &element(2, &[1, 2, 3])),
            cells("texts", &["red"]),
        ];
        write(&path, &variables);
        let mat = Mat::read(&path).unwrap();
        assert_eq!(mat.labels("a").unwrap(), (2, 3, vec![1, 2, 3, 4, 5, 6]));
        for variable in ["halves", "long", "texts", "none"] {
            assert!(mat.labels(variable).is_err(), "{variable}");
        }
    }

    #[test]
    fn damaged_files_are_refused_and_never_panic() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.mat");
        write(
            &path,
            &[cells("texts", &["red"; 40]), small("rows", &[1, 2])],
        );
        let whole = std::fs::read(&path).unwrap();
        let read = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            let mat = Mat::read(&path)?;
            mat.texts("texts").and(mat.rows("rows"))
        };
        assert_eq!(read(&whole).unwrap(), [0, 1]);
        for size in 0..whole.len() - 8 {
            assert!(
                read(&whole[..size]).is_err(),
                "{size} of {} bytes",
                whole.len()
            );
        }
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0xff;
            let _ = read(&bytes);
        }
    }
}
