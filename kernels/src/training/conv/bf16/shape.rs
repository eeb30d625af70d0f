//! How blocks of the operands of a product lie in memory.

/// Rows and columns of a block of the product.
pub const BLOCK: usize = 32;
/// Values that one step takes from a row of `a` and a column of `b`.
pub const STEP: usize = 32;

/// Where a block of an operand lies: bytes from row to row, and from its first half to its second,
/// of 16 rows of `a` or 16 columns of `b`.
#[derive(Clone, Copy)]
pub struct Stride {
    pub row: usize,
    pub half: usize,
}
