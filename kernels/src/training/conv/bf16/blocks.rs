//! Products of blocks in bf16, by what the processor has for them.

use std::sync::OnceLock;

use super::amx::{HasTiles, Tiles};
use super::avx512::HasVectors;
use super::shape::Stride;

/// What multiplies. The processor has it: that can only be made by asking.
#[derive(Debug, Clone, Copy)]
pub enum Unit {
    /// Matrix tiles.
    Tiles(HasTiles),
    /// Vectors.
    Vectors(HasVectors),
    /// One number after the other, as any processor does it: what surrounds the products can be tested
    /// everywhere.
    #[cfg(test)]
    Numbers,
}

impl Unit {
    /// The fastest one of this processor.
    pub fn find() -> Option<Self> {
        static UNIT: OnceLock<Option<Unit>> = OnceLock::new();
        *UNIT.get_or_init(|| {
            let tiles = HasTiles::find().map(Self::Tiles);
            tiles.or_else(|| HasVectors::find().map(Self::Vectors))
        })
    }
}

/// This thread's unit, until it is dropped.
pub enum Products {
    Tiles(Tiles),
    Vectors(HasVectors),
    #[cfg(test)]
    Numbers,
}

impl Products {
    /// Gets the unit ready.
    pub fn new(unit: Unit) -> Self {
        match unit {
            Unit::Tiles(tiles) => Self::Tiles(Tiles::new(tiles)),
            Unit::Vectors(vectors) => Self::Vectors(vectors),
            #[cfg(test)]
            Unit::Numbers => Self::Numbers,
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
        // SAFETY: the caller's promise.
        unsafe {
            match self {
                Self::Tiles(tiles) => tiles.block(steps, strides, c, row, add),
                Self::Vectors(vectors) => vectors.block(steps, strides, c, row, add),
                #[cfg(test)]
                Self::Numbers => super::tests::block(steps, strides, c, row, add),
            }
        }
    }
}
