//! A garment as it hangs on somebody, by its mask.

use std::ops::Range;

use super::{INSIDE, around};
use crate::engine::connected::connected;
use crate::shrink::Size;

/// A garment's largest piece.
pub struct Cloth {
    pub size: Size,
    pub inside: Vec<bool>,
    /// Its rows.
    pub rows: Range<usize>,
    /// The middle column of its upper part, and how wide that is.
    pub middle: usize,
    pub width: f32,
    /// Of each column its first and its last row.
    pub columns: Vec<Option<[usize; 2]>>,
    /// Of each row its first and its last column, and between them those that are nearest to the middle.
    pub ends: Vec<Option<[usize; 4]>>,
}

impl Cloth {
    /// Where skin is surer than the garment, it is skin.
    pub fn of(garment: &[f32], skin: &[f32], size: Size) -> Option<Self> {
        let marked = garment.iter().zip(skin);
        let marked: Vec<bool> = marked.map(|(m, skin)| *m > INSIDE && m >= skin).collect();
        let groups = connected(&marked, size.width, true);
        let group = groups.into_iter().max_by_key(Vec::len)?;
        let mut inside = vec![false; garment.len()];
        let mut columns: Vec<Option<[usize; 2]>> = vec![None; size.width];
        for at in &group {
            inside[*at] = true;
            let (x, y) = (at % size.width, at / size.width);
            let [first, last] = columns[x].get_or_insert([y, y]);
            (*first, *last) = ((*first).min(y), (*last).max(y));
        }
        let rows = || group.iter().map(|at| at / size.width);
        let rows = rows().min()?..rows().max()? + 1;
        let row = |y: usize| &inside[y * size.width..][..size.width];
        let wide = |y: usize| {
            let first = row(y).iter().position(|inside| *inside)?;
            Some([first, row(y).iter().rposition(|inside| *inside)?])
        };
        let upper = rows.start..rows.start + (2 * rows.len() / 5).max(1);
        let upper: Vec<[usize; 2]> = upper.filter_map(wide).collect();
        let [width, middle] = [
            sorted(upper.iter().map(|[first, last]| last + 1 - first)),
            sorted(upper.iter().map(|[first, last]| (first + last) / 2)),
        ];
        let (width, middle) = (width[3 * width.len() / 4] as f32, middle[middle.len() / 2]);
        let ends = (0..size.height).map(|y| {
            let [first, last] = wide(y)?;
            let left = row(y)[..=middle].iter().rposition(|inside| *inside);
            let right = row(y)[middle..].iter().position(|inside| *inside);
            // On a side without any, no skin is beside it.
            let right = right.map_or(size.width, |right| middle + right);
            Some([first, left.unwrap_or(0), right, last])
        });
        Some(Self {
            ends: ends.collect(),
            size,
            inside,
            rows,
            middle,
            width,
            columns,
        })
    }

    pub fn place(&self, at: usize) -> [usize; 2] {
        [at % self.size.width, at / self.size.width]
    }

    /// Whether skin at a place is beside or below it, and not above it or within its neckline.
    pub fn is_beside(&self, at: usize) -> bool {
        let [x, y] = self.place(at);
        let [above, below] =
            self.columns[x].map_or([false; 2], |[first, last]| [first < y, last > y]);
        let beside = self.ends[y].is_some_and(|[first, left, right, last]| {
            // With cloth on both sides it is in front of it, or in the neckline.
            let outer = above || x < first || x > last;
            outer && (x < left || x > right)
        });
        beside || above || (y > self.rows.start && !below)
    }

    /// Whether it is so near.
    pub fn touches(&self, at: usize, reach: usize) -> bool {
        around(at, self.size, reach).any(|other| self.inside[other])
    }
}

fn sorted(values: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut values: Vec<usize> = values.collect();
    values.sort_unstable();
    values
}
