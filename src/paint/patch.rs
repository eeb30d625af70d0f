//! What is looked at where an edit acts on a part of the small photo only.

use std::ops::Range;

use crate::shrink::Size;

/// The part of the small photo that a mask needs: often a small one.
pub struct Patch {
    pub columns: Range<usize>,
    pub rows: Range<usize>,
}

impl Patch {
    /// What is marked by more than a trace, and as much around it as the filters see.
    pub fn around(mask: &[f32], size: Size) -> Self {
        const TRACE: f32 = 0.02;
        const MARGIN: usize = 6;
        let (mut columns, mut rows) = (size.width..0, size.height..0);
        for (y, row) in mask.chunks_exact(size.width).enumerate() {
            let marked = |value: &f32| *value > TRACE;
            if let Some(first) = row.iter().position(marked) {
                let last = row.iter().rposition(marked).unwrap_or(first);
                columns = columns.start.min(first)..columns.end.max(last + 1);
                rows = rows.start.min(y)..y + 1;
            }
        }
        let widen = |range: Range<usize>, side: usize| {
            range.start.saturating_sub(MARGIN)..(range.end + MARGIN).min(side)
        };
        if rows.is_empty() {
            return Self {
                columns: 0..1,
                rows: 0..1,
            };
        }
        Self {
            columns: widen(columns, size.width),
            rows: widen(rows, size.height),
        }
    }

    pub fn size(&self) -> Size {
        Size {
            width: self.columns.len(),
            height: self.rows.len(),
        }
    }

    /// Its pixels' places in the small photo, row by row.
    pub fn places(&self, size: Size) -> Vec<Range<usize>> {
        let place = |y| y * size.width + self.columns.start..y * size.width + self.columns.end;
        self.rows.clone().map(place).collect()
    }

    /// This part of planes.
    pub fn of(&self, planes: &[f32], size: Size) -> Vec<f32> {
        let places = self.places(size);
        let planes = planes.chunks_exact(size.width * size.height);
        let part = planes.flat_map(|plane| places.iter().flat_map(|row| &plane[row.clone()]));
        part.copied().collect()
    }
}
