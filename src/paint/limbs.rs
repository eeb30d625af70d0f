//! Where a garment leans: sleeves and trouser legs take their cloth with them.
//!
//! From row to row the runs of a mask are followed down. Where both ends of a run move to the same side it is
//! a limb that leans, and the cloth goes along by as much as the end that moves less; where one end moves
//! alone a hem or an opening is cut so.

use crate::shrink::Size;

/// Neighbours in a row that are inside.
struct Run {
    start: usize,
    end: usize,
    /// Its ends, to parts of a pixel.
    edges: [f32; 2],
    /// Which of the row above it goes on, and how many of the row below go on it.
    above: Option<usize>,
    below: usize,
    /// How far it has leaned to the right.
    lean: f32,
}

/// How far to the right of where it would hang each place of the mask is; 0 outside.
pub fn leans(mask: &[f32], Size { width, .. }: Size) -> Vec<f32> {
    let mut rows: Vec<Vec<Run>> = mask.chunks_exact(width).map(runs).collect();
    for y in 1..rows.len() {
        for i in 0..rows[y].len() {
            let (above, below) = rows.split_at_mut(y);
            let (above, run) = (&mut above[y - 1], &mut below[0][i]);
            let shared = |other: &Run| {
                let end = other.end.min(run.end);
                end.saturating_sub(other.start.max(run.start))
            };
            let touching = (0..above.len()).filter(|other| shared(&above[*other]) > 0);
            let touching: Vec<usize> = touching.collect();
            let Some(from) = touching
                .iter()
                .copied()
                .max_by_key(|other| shared(&above[*other]))
            else {
                continue;
            };
            above[from].below += 1;
            run.above = Some(from);
            run.lean = above[from].lean + leaned(above[from].edges, run.edges);
            // What comes to it from above, as one shoulder to the other, leans as it does.
            let lean = above[from].lean;
            for other in touching.into_iter().filter(|other| *other != from) {
                shift(&mut rows[..y], other, lean);
            }
        }
    }
    let mut leans = vec![0.0; mask.len()];
    for (line, row) in leans.chunks_exact_mut(width).zip(&rows) {
        for run in row {
            line[run.start..run.end].fill(run.lean);
        }
    }
    leans
}

/// How much a limb leans from one row to the next.
fn leaned(above: [f32; 2], below: [f32; 2]) -> f32 {
    let [left, right] = [0, 1].map(|c| below[c] - above[c]);
    // One that splits or is joined jumps, and no limb lies so flat.
    let along = left * right > 0.0 && left.abs().max(right.abs()) < 2.5;
    match along {
        true if left.abs() < right.abs() => left,
        true => right,
        false => 0.0,
    }
}

/// Shifts a run of the last row, and what it goes on, so that it leans so far.
fn shift(rows: &mut [Vec<Run>], run: usize, lean: f32) {
    let mut at = Some(run);
    let by = rows.last().map_or(0.0, |row| lean - row[run].lean);
    for row in rows.iter_mut().rev() {
        // Where it splits from another it stays with that.
        let Some(run) = at.map(|at| &mut row[at]).filter(|run| run.below < 2) else {
            return;
        };
        run.lean += by;
        at = run.above;
    }
}

fn runs(row: &[f32]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (x, _) in row.iter().enumerate().filter(|(_, m)| **m > 0.5) {
        match runs.last_mut() {
            Some(run) if run.end == x => run.end = x + 1,
            _ => runs.push(Run {
                start: x,
                end: x + 1,
                edges: [0.0; 2],
                above: None,
                below: 0,
                lean: 0.0,
            }),
        }
    }
    for run in &mut runs {
        // What the pixels next to its ends have of it.
        let beside = |x: Option<&f32>| x.copied().unwrap_or(0.0);
        let left = beside(run.start.checked_sub(1).and_then(|x| row.get(x)));
        let right = beside(row.get(run.end));
        let (first, last) = (row[run.start], row[run.end - 1]);
        run.edges = [
            run.start as f32 + 1.0 - first - left,
            run.end as f32 - 1.0 + last + right,
        ];
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size {
        width: 60,
        height: 50,
    };

    /// The leans of what lies between two ends in each row, to parts of a pixel.
    fn of(ends: impl Fn(f32) -> Vec<[f32; 2]>) -> Vec<f32> {
        let covered =
            |x: f32, [start, end]: [f32; 2]| (end.min(x + 1.0) - start.max(x)).clamp(0.0, 1.0);
        let place = |i: usize| ((i % SIZE.width) as f32, (i / SIZE.width) as f32);
        let mask = (0..SIZE.width * SIZE.height).map(place);
        let mask = mask.map(|(x, y)| ends(y).into_iter().map(|ends| covered(x, ends)).sum());
        leans(&mask.collect::<Vec<f32>>(), SIZE)
    }

    fn at(leans: &[f32], x: usize, y: usize) -> f32 {
        leans[y * SIZE.width + x]
    }

    #[test]
    fn legs_lean_each_its_own_way() {
        let leans = of(|y| match y < 10.0 {
            true => vec![[20.0, 40.0]],
            false => {
                let apart = 0.4 * (y - 10.0);
                vec![[20.0 - apart, 29.0 - apart], [31.0 + apart, 40.0 + apart]]
            }
        });
        assert_eq!(at(&leans, 30, 5), 0.0);
        assert!(
            (at(&leans, 9, 49) + 15.6).abs() < 1.0,
            "{}",
            at(&leans, 9, 49)
        );
        assert!(
            (at(&leans, 50, 49) - 15.6).abs() < 1.0,
            "{}",
            at(&leans, 50, 49)
        );
    }

    #[test]
    fn two_shoulders_lean_as_what_is_below() {
        let leans = of(|y| match y < 20.0 {
            true => vec![[14.0 + 0.3 * y, 20.0 + 0.4 * y], [36.0 - 0.4 * y, 46.0]],
            false => vec![[20.0, 46.0]],
        });
        let jump = at(&leans, 24, 19) - at(&leans, 24, 20);
        assert!(jump.abs() < 0.6 && at(&leans, 15, 1) < -4.0, "{jump}");
    }

    #[test]
    fn skirts_and_open_coats_hang_straight() {
        for ends in [[-0.3, 0.3], [0.0, 0.4], [-0.4, 0.0]] {
            let leans = of(|y| vec![[20.0 + ends[0] * y, 40.0 + ends[1] * y]]);
            assert!(leans.iter().all(|lean| lean.abs() < 0.6), "{ends:?}");
        }
    }
}
