//! How near a mask's outline is to the true one: the boundary F-measure (Csurka et al., BMVC 2013;
//! Perazzi et al., CVPR 2016).

use super::masks::{Mark, Truth, is_in};

/// An outline is met when it is at most this many pixels away.
const NEAR: i64 = 3;

/// Twice precision times recall by their sum: the share of the mask's outline that is near the true one,
/// and of the true one that is near the mask's. The photo's border and undecided pixels have no
/// outline. `None` where the thing has none at all.
pub fn f_measure(mask: &[u8], truth: &Truth) -> Option<f64> {
    let width = truth.width;
    let known = |at: usize| truth.marks[at] != Mark::Undecided;
    let found = outline(width, mask.len(), |at| known(at).then(|| is_in(mask[at])));
    let there = outline(width, mask.len(), |at| {
        known(at).then(|| truth.marks[at] == Mark::Inside)
    });
    if there.is_empty() {
        return None;
    }
    let (around_found, around_there) = (
        near(width, mask.len(), &found),
        near(width, mask.len(), &there),
    );
    let share = |outline: &[usize], around: &[bool]| {
        let met = outline.iter().filter(|at| around[**at]).count();
        met as f64 / outline.len().max(1) as f64
    };
    let (precision, recall) = (share(&found, &around_there), share(&there, &around_found));
    let sum = precision + recall;
    Some(if sum > 0.0 {
        2.0 * precision * recall / sum
    } else {
        0.0
    })
}

/// What is inside a true mask and not near its outline, which somebody may have drawn beside it.
pub fn within(truth: &Truth) -> impl Fn(usize) -> bool {
    let (width, count) = (truth.width, truth.marks.len());
    let inside: Vec<bool> = truth.marks.iter().map(|m| *m == Mark::Inside).collect();
    let edge = outline(width, count, |at| Some(inside[at]));
    let near = near(width, count, &edge);
    move |at| inside[at] && !near[at]
}

/// Pixels inside with a neighbour outside.
fn outline(width: usize, count: usize, inside: impl Fn(usize) -> Option<bool>) -> Vec<usize> {
    let is_edge = |at: &usize| {
        let x = at % width;
        let neighbours = [
            (x > 0).then(|| at - 1),
            (x + 1 < width).then(|| at + 1),
            at.checked_sub(width),
            Some(at + width).filter(|at| *at < count),
        ];
        inside(*at) == Some(true)
            && neighbours
                .into_iter()
                .flatten()
                .any(|at| inside(at) == Some(false))
    };
    (0..count).filter(is_edge).collect()
}

/// Discs around pixels.
fn near(width: usize, count: usize, outline: &[usize]) -> Vec<bool> {
    let mut around = vec![false; count];
    let (width, height) = (width as i64, (count / width.max(1)) as i64);
    for at in outline {
        let (x, y) = (*at as i64 % width, *at as i64 / width);
        for dy in -NEAR..=NEAR {
            let reach = ((NEAR * NEAR - dy * dy) as f64).sqrt() as i64;
            let (row, left, right) = (y + dy, (x - reach).max(0), (x + reach).min(width - 1));
            if (0..height).contains(&row) {
                around[(row * width + left) as usize..=(row * width + right) as usize].fill(true);
            }
        }
    }
    around
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn within_is_further_from_the_outline_than_near() {
        let marks = (0..20 * 20).map(|at| match (at % 20, at / 20) {
            (4..16, 4..16) => Mark::Inside,
            _ => Mark::Outside,
        });
        let truth = Truth {
            width: 20,
            marks: marks.collect(),
        };
        let within = within(&truth);
        for at in 0..400 {
            let middle = (8..12).contains(&(at % 20)) && (8..12).contains(&(at / 20));
            assert_eq!(within(at), middle, "{at}");
        }
    }

    const SIDE: usize = 40;

    fn square(from: usize, to: usize) -> impl Fn(usize) -> bool {
        move |at| (from..to).contains(&(at % SIDE)) && (from..to).contains(&(at / SIDE))
    }

    fn measured(found: impl Fn(usize) -> bool, there: impl Fn(usize) -> bool) -> Option<f64> {
        let mask: Vec<u8> = (0..SIDE * SIDE)
            .map(|at| 255 * u8::from(found(at)))
            .collect();
        let marks = (0..SIDE * SIDE).map(|at| match there(at) {
            true => Mark::Inside,
            false => Mark::Outside,
        });
        let truth = Truth {
            width: SIDE,
            marks: marks.collect(),
        };
        f_measure(&mask, &truth)
    }

    #[test]
    fn three_pixels_are_near_and_four_are_not() {
        assert_eq!(measured(square(10, 30), square(10, 30)), Some(1.0));
        assert_eq!(measured(square(12, 28), square(10, 30)), Some(1.0));
        let far = measured(square(14, 26), square(10, 30)).unwrap();
        assert!(far < 0.1, "{far}");
        assert_eq!(measured(|_| false, square(10, 30)), Some(0.0));
        assert_eq!(measured(square(10, 30), |_| false), None);
    }

    #[test]
    fn half_an_outline_is_half_a_recall() {
        // The upper half of a square: its own lower side is far from anything true.
        let half = |at| square(10, 30)(at) && at / SIDE < 20;
        let measured = measured(half, square(10, 30)).unwrap();
        assert!((0.5..0.8).contains(&measured), "{measured}");
    }
}
