//! Writes small MATLAB files for tests.

use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::ZlibEncoder;

const HEADER: usize = 128;
const MATRIX: u32 = 14;
const COMPRESSED: u32 = 15;
const CELLS: u8 = 1;
const CHARACTERS: u8 = 4;

/// An element: its kind, its size, its bytes.
pub fn element(kind: u32, bytes: &[u8]) -> Vec<u8> {
    let mut element = match bytes.len() {
        size @ 1..=4 => (kind | (size as u32) << 16).to_le_bytes().to_vec(),
        size => [kind.to_le_bytes(), (size as u32).to_le_bytes()].concat(),
    };
    element.extend(bytes);
    element.resize(element.len().next_multiple_of(8), 0);
    element
}

/// An array of one number or a list of them.
pub fn array(class: u8, name: &str, values: &[u8]) -> Vec<u8> {
    sized(class, name, [1, 1], values)
}

/// An array of these dimensions.
pub fn sized(class: u8, name: &str, dimensions: [u32; 2], values: &[u8]) -> Vec<u8> {
    let flags = element(6, &[class, 0, 0, 0, 0, 0, 0, 0]);
    let dimensions = element(5, &dimensions.map(u32::to_le_bytes).concat());
    let name = element(1, name.as_bytes());
    element(MATRIX, &[&flags, &dimensions, &name, values].concat())
}

/// A variable of texts, as MATLAB stores them.
pub fn cells(name: &str, texts: &[&str]) -> Vec<u8> {
    let cells = texts.iter().map(|text| {
        let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        array(CHARACTERS, "", &element(4, &units))
    });
    array(CELLS, name, &cells.collect::<Vec<_>>().concat())
}

/// A variable of small numbers, as MATLAB stores them.
pub fn small(name: &str, numbers: &[u8]) -> Vec<u8> {
    array(6, name, &element(2, numbers))
}

/// A matrix of labels, given row by row, as MATLAB stores it: column by column.
pub fn labels(name: &str, columns: usize, values: &[u8]) -> Vec<u8> {
    let rows = values.len() / columns;
    let stored: Vec<u8> = (0..values.len())
        .map(|at| values[at % rows * columns + at / rows])
        .collect();
    sized(6, name, [rows as u32, columns as u32], &element(2, &stored))
}

/// A file of variables; those of more than 200 bytes are compressed.
pub fn write(path: &Path, variables: &[Vec<u8>]) {
    let mut file = vec![b' '; HEADER];
    file[124..].copy_from_slice(&[0, 1, b'I', b'M']);
    for variable in variables {
        if variable.len() > 200 {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(variable).unwrap();
            let bytes = encoder.finish().unwrap();
            file.extend([COMPRESSED.to_le_bytes(), (bytes.len() as u32).to_le_bytes()].concat());
            file.extend(bytes);
        } else {
            file.extend(variable);
        }
    }
    std::fs::write(path, file).unwrap();
}
