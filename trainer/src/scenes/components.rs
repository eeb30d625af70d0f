//! Connected things in a map of labels.

use super::labels::{BACKGROUND, UNDECIDED};

/// Fewer pixels than these are no thing of their own.
const MIN_AREA: usize = 12;

/// Connected pixels of one label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Component {
    /// The label.
    pub label: u8,
    /// How many pixels it has.
    pub area: usize,
    /// Its first column.
    pub left: usize,
    /// Its first row.
    pub top: usize,
    /// The column behind its last.
    pub right: usize,
    /// The row behind its last.
    pub bottom: usize,
    /// One of its pixels, to find it again: `y * width + x`.
    pub seed: usize,
}

/// The components of all labels but background and what is undecided, leaving out those of fewer
/// than a dozen pixels. Pixels that share an edge are connected.
pub fn of(labels: &[u8], width: usize) -> Vec<Component> {
    let mut seen = vec![false; labels.len()];
    let (mut found, mut stack) = (Vec::new(), Vec::new());
    for seed in 0..labels.len() {
        if seen[seed] || matches!(labels[seed], BACKGROUND | UNDECIDED) {
            continue;
        }
        let mut component = Component {
            label: labels[seed],
            area: 0,
            left: width,
            top: usize::MAX,
            right: 0,
            bottom: 0,
            seed,
        };
        flood(labels, width, seed, &mut seen, &mut stack, |at| {
            let (x, y) = (at % width, at / width);
            component.area += 1;
            component.left = component.left.min(x);
            component.top = component.top.min(y);
            component.right = component.right.max(x + 1);
            component.bottom = component.bottom.max(y + 1);
        });
        if component.area >= MIN_AREA {
            found.push(component);
        }
    }
    found
}

/// The pixels of one component, in no order.
pub fn pixels(labels: &[u8], width: usize, component: &Component) -> Vec<usize> {
    let mut pixels = Vec::with_capacity(component.area);
    let mut seen = vec![false; labels.len()];
    flood(
        labels,
        width,
        component.seed,
        &mut seen,
        &mut Vec::new(),
        |at| pixels.push(at),
    );
    pixels
}

/// Visits all that is connected with a pixel and has its label.
fn flood(
    labels: &[u8],
    width: usize,
    seed: usize,
    seen: &mut [bool],
    stack: &mut Vec<usize>,
    mut visit: impl FnMut(usize),
) {
    let label = labels[seed];
    seen[seed] = true;
    stack.push(seed);
    while let Some(at) = stack.pop() {
        visit(at);
        let x = at % width;
        let neighbours = [
            (x > 0).then(|| at - 1),
            (x + 1 < width).then(|| at + 1),
            at.checked_sub(width),
            (at + width < labels.len()).then(|| at + width),
        ];
        for next in neighbours.into_iter().flatten() {
            if !seen[next] && labels[next] == label {
                seen[next] = true;
                stack.push(next);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_that_do_not_touch_are_two() {
        // Two shoes of 4 x 4, a hat of 16 x 1 above them, and a crumb.
        let mut labels = vec![BACKGROUND; 16 * 10];
        labels[..16].fill(20);
        for y in 5..9 {
            for x in [1, 2, 3, 4, 9, 10, 11, 12] {
                labels[y * 16 + x] = 39;
            }
        }
        labels[2 * 16 + 2] = 5;
        let found = of(&labels, 16);
        let boxes: Vec<_> = found
            .iter()
            .map(|c| (c.label, c.area, c.left, c.top, c.right, c.bottom))
            .collect();
        assert_eq!(
            boxes,
            [
                (20, 16, 0, 0, 16, 1),
                (39, 16, 1, 5, 5, 9),
                (39, 16, 9, 5, 13, 9)
            ]
        );
        let mut right = pixels(&labels, 16, &found[2]);
        right.sort();
        assert_eq!((right[0], right[15]), (5 * 16 + 9, 8 * 16 + 12));
    }
}
