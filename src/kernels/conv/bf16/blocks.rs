//! Products of blocks in bf16, by what the processor has for them.

use std::sync::OnceLock;

use super::amx::{self, Tiles};
use super::avx512;

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

/// What multiplies.
#[derive(Clone, Copy)]
enum Unit {
    Tiles,
    Vectors,
}

/// The fastest one of this processor.
fn unit() -> Option<Unit> {
    static UNIT: OnceLock<Option<Unit>> = OnceLock::new();
    *UNIT.get_or_init(|| {
        if amx::available() {
            return Some(Unit::Tiles);
        }
        avx512::available().then_some(Unit::Vectors)
    })
}

/// Whether there is one.
pub fn available() -> bool {
    unit().is_some()
}

/// This thread's unit, until it is dropped.
pub enum Products {
    Tiles(Tiles),
    Vectors,
}

impl Products {
    /// # Panics
    /// Where there is none [`available`].
    pub fn new() -> Self {
        match unit().expect("a processor with products in bf16") {
            Unit::Tiles => Self::Tiles(Tiles::new()),
            Unit::Vectors => Self::Vectors,
        }
    }

    /// A block `[32, 32]` of `c`, whose rows are `row` bytes apart: the sum of `a b` over the
    /// steps, added to what is there if `add` says so.
    ///
    /// A step's `a` is `[32, 32]` in bf16; its `b` holds pairs of rows, `[16, 32, 2]`.
    ///
    /// # Safety
    /// Every step's blocks, as far as their strides reach, and that of `c` can be read, and the
    /// latter be written.
    pub unsafe fn block(
        &self,
        steps: impl Iterator<Item = (*const u16, *const u32)> + Clone,
        strides: (Stride, Stride),
        c: *mut f32,
        row: usize,
        add: bool,
    ) {
        // SAFETY: the caller's promise, and the unit is there.
        unsafe {
            match self {
                Self::Tiles(tiles) => tiles.block(steps, strides, c, row, add),
                Self::Vectors => avx512::block(steps, strides, c, row, add),
            }
        }
    }
}
