//! The matrix product behind both ways to convolve: weights that never change, times columns
//! that the caller gathers in the order in which they are read.

use std::ops::Range;

/// Rows of weights in a panel.
pub const ROWS: usize = 4;
/// Columns in a block. Four rows of eight sums, the block's row and one weight fill the sixteen
/// 128-bit registers that wasm has on x64.
pub const LANES: usize = 8;

/// A matrix `[rows, depth]`, cut into panels `[depth, 4]` that are read from front to back.
#[derive(Debug)]
pub struct Panels {
    pub values: Vec<f32>,
    pub depth: usize,
}

impl Panels {
    /// Lays a matrix out, row by row; missing rows of the last panel are zero.
    pub fn new(matrix: &[f32], depth: usize) -> Self {
        let mut values = Vec::with_capacity(matrix.len().next_multiple_of(ROWS * depth));
        for panel in matrix.chunks(ROWS * depth) {
            let at = |row: usize, k: usize| panel.get(row * depth + k).copied().unwrap_or(0.0);
            values.extend((0..depth).flat_map(|k| (0..ROWS).map(move |row| at(row, k))));
        }
        Self { values, depth }
    }

    /// Rows, with those that fill the last panel up.
    pub fn rows(&self) -> usize {
        self.values.len() / self.depth
    }

    /// The product of whole panels of rows with `columns` in blocks `[depth, LANES]`, in blocks
    /// `[rows, LANES]`.
    pub fn times(&self, rows: Range<usize>, columns: &[f32], product: &mut [f32]) {
        let blocks = || columns.chunks_exact(self.depth * LANES);
        let size = rows.len() * LANES;
        assert_eq!(product.len(), blocks().len() * size, "a product's size");
        let values = &self.values[rows.start * self.depth..rows.end * self.depth];
        for (i, panel) in values.chunks_exact(ROWS * self.depth).enumerate() {
            for (block, product) in blocks().zip(product.chunks_exact_mut(size)) {
                let rows = &mut product[i * ROWS * LANES..][..ROWS * LANES];
                rows.copy_from_slice(times(panel, block).as_flattened());
            }
        }
    }
}

fn times(panel: &[f32], block: &[f32]) -> [[f32; LANES]; ROWS] {
    let mut sums = [[0.0; LANES]; ROWS];
    for (weights, values) in panel.chunks_exact(ROWS).zip(block.chunks_exact(LANES)) {
        for (sums, weight) in sums.iter_mut().zip(weights) {
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum += weight * value;
            }
        }
    }
    sums
}
