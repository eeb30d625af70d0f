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
    /// How far it has leaned to the right.
    lean: f32,
}

/// How far to the right of where it would hang each place of the mask is; 0 outside.
pub fn leans(mask: &[f32], Size { width, height }: Size) -> Vec<f32> {
    let mut leans = vec![0.0; mask.len()];
    let mut above: Vec<Run> = Vec::new();
    for y in 0..height {
        let mut row = runs(&mask[y * width..][..width]);
        for run in &mut row {
            let shared = |other: &Run| {
                other
                    .end
                    .min(run.end)
                    .saturating_sub(other.start.max(run.start))
            };
            let from = above.iter().max_by_key(|other| shared(other));
            if let Some(from) = from.filter(|from| shared(from) > 0) {
                let [left, right] = [0, 1].map(|c| run.edges[c] - from.edges[c]);
                let along = if left.abs() < right.abs() {
                    left
                } else {
                    right
                };
                // One that splits or is joined jumps, and no limb lies so flat.
                let leans = left * right > 0.0 && left.abs().max(right.abs()) < 2.5;
                run.lean = from.lean + if leans { along } else { 0.0 };
            }
            leans[y * width + run.start..y * width + run.end].fill(run.lean);
        }
        above = row;
    }
    leans
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
    fn skirts_and_open_coats_hang_straight() {
        for ends in [[-0.3, 0.3], [0.0, 0.4], [-0.4, 0.0]] {
            let leans = of(|y| vec![[20.0 + ends[0] * y, 40.0 + ends[1] * y]]);
            assert!(leans.iter().all(|lean| lean.abs() < 0.6), "{ends:?}");
        }
    }
}
