//! Where a thing is by a photo's labels, and how well a mask meets that.

use wordloom::shrink::Size;

use crate::scenes::{LabelSet, Scene, UNDECIDED};

/// What the labels say of a pixel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It is of the thing.
    Inside,
    /// It is not.
    Outside,
    /// Nobody said.
    Undecided,
}

/// A thing's true mask.
#[derive(Debug)]
pub struct Truth {
    /// Pixels in a row.
    pub width: usize,
    /// For each pixel, row by row.
    pub marks: Vec<Mark>,
}

impl Truth {
    /// Where these labels are.
    pub fn of(scene: &Scene, labels: LabelSet) -> Self {
        let mark = |label: &u8| match *label {
            UNDECIDED => Mark::Undecided,
            label if labels.has(label) => Mark::Inside,
            _ => Mark::Outside,
        };
        Self {
            width: scene.photo.width() as usize,
            marks: scene.labels.iter().map(mark).collect(),
        }
    }

    /// The share of the photo that it covers.
    pub fn share(&self) -> f64 {
        let inside = self.marks.iter().filter(|mark| **mark == Mark::Inside);
        inside.count() as f64 / self.marks.len().max(1) as f64
    }
}

/// Intersection over union of a mask, from a half of its range on, with the truth; undecided pixels
/// do not count. 0 where both are empty.
pub fn overlap(mask: &[u8], truth: &Truth) -> f64 {
    let (mut both, mut either) = (0u32, 0u32);
    for (value, mark) in mask.iter().zip(&truth.marks) {
        let (found, there) = (is_in(*value), *mark == Mark::Inside);
        let counts = *mark != Mark::Undecided;
        both += u32::from(counts && found && there);
        either += u32::from(counts && (found || there));
    }
    f64::from(both) / f64::from(either.max(1))
}

/// Whether a mask takes a pixel in: from a half on.
pub fn is_in(value: u8) -> bool {
    value >= 128
}

/// A mask of a small photo in [0, 1] at a photo's own size, bilinearly.
pub fn enlarged(mask: &[f32], small: Size, to: Size) -> Vec<u8> {
    let columns: Vec<_> = (0..to.width)
        .map(|x| neighbours(x, to.width, small.width))
        .collect();
    let mut large = Vec::with_capacity(to.width * to.height);
    for y in 0..to.height {
        let (above, below, part) = neighbours(y, to.height, small.height);
        let row = |x: usize| {
            let (above, below) = (mask[above * small.width + x], mask[below * small.width + x]);
            above + part * (below - above)
        };
        large.extend(columns.iter().map(|(left, right, part)| {
            let (left, right) = (row(*left), row(*right));
            (255.0 * (left + part * (right - left))).round() as u8
        }));
    }
    large
}

/// Bilinear interpolation with aligned sample centres: two places of `to` around one of `from`, and the
/// second one's part.
pub fn neighbours(at: usize, from: usize, to: usize) -> (usize, usize, f32) {
    let place = (at as f32 + 0.5) * to as f32 / from as f32 - 0.5;
    let place = place.clamp(0.0, (to - 1) as f32);
    let first = place as usize;
    (first, (first + 1).min(to - 1), place - first as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn truth(marks: &[u8]) -> Truth {
        let mark = |mark: &u8| [Mark::Outside, Mark::Inside, Mark::Undecided][usize::from(*mark)];
        Truth {
            width: marks.len(),
            marks: marks.iter().map(mark).collect(),
        }
    }

    #[test]
    fn overlap_is_intersection_over_union() {
        let iou = |mask: &[u8], marks: &[u8]| overlap(mask, &truth(marks));
        assert_eq!(iou(&[255, 255, 0, 0], &[1, 1, 0, 0]), 1.0);
        assert_eq!(iou(&[255, 255, 0, 0], &[0, 1, 1, 0]), 1.0 / 3.0);
        assert_eq!(iou(&[127, 128, 0, 0], &[1, 1, 0, 0]), 0.5);
        assert_eq!(iou(&[0; 4], &[1, 1, 0, 0]), 0.0);
        assert_eq!(iou(&[0; 4], &[0; 4]), 0.0);
        // Nobody knows the third pixel, and the mask has half of the rest.
        assert_eq!(iou(&[255, 0, 255, 0], &[1, 1, 2, 0]), 0.5);
        assert_eq!(truth(&[1, 2, 0, 0]).share(), 0.25);
    }

    #[test]
    fn a_mask_is_enlarged_between_its_places() {
        let [small, large] = [[2, 1], [8, 2]].map(|[width, height]| Size { width, height });
        let mask = enlarged(&[0.0, 1.0], small, large);
        assert_eq!(mask[..8], [0, 0, 32, 96, 159, 223, 255, 255]);
        assert_eq!(mask[..8], mask[8..]);
    }
}
