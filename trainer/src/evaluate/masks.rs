//! Where a thing is by a photo's labels, and how well a mask meets that.

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
}
