//! Every pixel of a photo by the words of the street photos' labels, as the data set's authors measured.

use wordloom::prompt::{THINGS, Thing};
use wordloom::shrink::Size;

use super::masks::neighbours;
use crate::scenes::{LABELS, Scene};

/// Labels of the street photos.
pub const COUNT: usize = 59;

/// What the authors of the data set reached (Yang, Luo and Lin, CVPR 2014) where they knew which labels a
/// photo has: pixel accuracy, and the mean of the labels' recalls.
pub const AUTHORS: [f64; 2] = [0.8823, 0.6389];

/// For each pair of labels how many pixels of the first were taken for the second.
#[derive(Debug, Clone, PartialEq)]
pub struct Confusion(Vec<u64>);

impl Default for Confusion {
    fn default() -> Self {
        Self(vec![0; COUNT * COUNT])
    }
}

impl Confusion {
    /// The labels of a photo's pixels by the likeliest word of each.
    ///
    /// # Shapes
    /// - `masks`: of all [`THINGS`], `[height, width]` of the small photo each, in [0, 1]
    pub fn of(scene: &Scene, masks: &[Vec<f32>], small: Size) -> Self {
        let Size { width, height } = small;
        let scores = scores(masks, width * height);
        let (w, h) = (scene.photo.width() as usize, scene.photo.height() as usize);
        let columns: Vec<_> = (0..w).map(|x| neighbours(x, w, width)).collect();
        let mut counts = Self::default();
        let mut row = vec![[0.0; COUNT]; width];
        for (y, labels) in scene.labels.chunks_exact(w).enumerate() {
            let (above, below, part) = neighbours(y, h, height);
            for (x, row) in row.iter_mut().enumerate() {
                let (above, below) = (&scores[above * width + x], &scores[below * width + x]);
                for (to, (above, below)) in row.iter_mut().zip(above.iter().zip(below)) {
                    *to = above + part * (below - above);
                }
            }
            for (label, (left, right, part)) in labels.iter().zip(&columns) {
                let true_label = usize::from(*label);
                if true_label >= COUNT {
                    continue;
                }
                let (left, right) = (&row[*left], &row[*right]);
                let mut best = (f32::MIN, 0);
                for (n, (left, right)) in left.iter().zip(right).enumerate() {
                    let score = left + part * (right - left);
                    if score > best.0 {
                        best = (score, n);
                    }
                }
                counts.0[true_label * COUNT + best.1] += 1;
            }
        }
        counts
    }

    /// Both together.
    pub fn and(mut self, other: &Self) -> Self {
        self.0
            .iter_mut()
            .zip(&other.0)
            .for_each(|(sum, more)| *sum += more);
        self
    }

    /// The share of all pixels that have their own label, and the mean of that over the labels that are
    /// there. None of no pixels.
    pub fn accuracy_and_recall(&self) -> Option<[f64; 2]> {
        let rows = self.0.chunks_exact(COUNT).enumerate();
        let rows = rows.map(|(n, row)| (row[n], row.iter().sum::<u64>()));
        let rows: Vec<_> = rows.filter(|(_, all)| *all > 0).collect();
        let (right, all) = rows
            .iter()
            .fold((0, 0), |sum, row| (sum.0 + row.0, sum.1 + row.1));
        let recalls: f64 = rows
            .iter()
            .map(|(right, all)| *right as f64 / *all as f64)
            .sum();
        (all > 0).then(|| [right as f64 / all as f64, recalls / rows.len() as f64])
    }
}

/// The word of each label, as its place among [`THINGS`].
fn words() -> [Option<usize>; COUNT] {
    std::array::from_fn(|label| {
        let name = match LABELS[label] {
            "pants" => "trousers",
            "intimate" | "panties" => "underwear",
            name => name,
        };
        THINGS.iter().position(|thing| thing.name == name)
    })
}

/// For each place how likely it has each label: its word's mask, times what the words of the word's other
/// labels leave ("jacket" is coats as well, and a coat is no jacket).
fn scores(masks: &[Vec<f32>], places: usize) -> Vec<[f32; COUNT]> {
    let words = words();
    let others: Vec<Vec<usize>> = (0..COUNT)
        .map(|label| {
            let thing = words[label].map(|word| &THINGS[word]);
            let covered = |other: &usize| thing.is_some_and(|thing: &Thing| thing.covers(*other));
            (0..COUNT)
                .filter(covered)
                .filter(|other| *other != label)
                .filter_map(|other| words[other])
                .filter(|other| Some(*other) != words[label])
                .collect()
        })
        .collect();
    (0..places)
        .map(|place| {
            std::array::from_fn(|label| {
                let Some(word) = words[label] else {
                    return 0.0;
                };
                let most = others[label]
                    .iter()
                    .map(|other| masks[*other][place])
                    .fold(0.0, f32::max);
                masks[word][place] * (1.0 - most)
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Kind;
    use crate::scenes::{Settled, label};
    use image::RgbImage;

    fn place(name: &str) -> usize {
        THINGS.iter().position(|thing| thing.name == name).unwrap()
    }

    #[test]
    fn every_label_has_a_word() {
        assert!(words().iter().all(Option::is_some));
        assert_eq!(words()[31], Some(place("trousers")));
    }

    #[test]
    fn pixels_get_the_label_of_the_likeliest_word() {
        // A coat on the left, hair on the right, and one pixel of shoes that nobody sees.
        let (coat, hair, shoes) = (
            label("coat").unwrap(),
            label("hair").unwrap(),
            label("shoes").unwrap(),
        );
        let mut labels: Vec<u8> = (0..64 * 64)
            .map(|at| if at % 64 < 32 { coat } else { hair })
            .collect();
        labels[0] = shoes;
        let (photo, settled) = (RgbImage::new(64, 64), Settled::default());
        let scene = Scene::new(300, photo, labels, Kind::Street, "a", settled).unwrap();
        let mut masks = vec![vec![0.0; 64]; THINGS.len()];
        let on_the_left = |yes: f32, no: f32| -> Vec<f32> {
            let side = |at: usize| if at % 8 < 4 { yes } else { no };
            (0..64).map(side).collect()
        };
        masks[place("coat")] = on_the_left(0.9, 0.0);
        masks[place("hair")] = on_the_left(0.0, 0.9);
        // "Jacket" is coats as well.
        masks[place("jacket")] = on_the_left(0.99, 0.0);
        let small = Size {
            width: 8,
            height: 8,
        };
        let counts = Confusion::of(&scene, &masks, small);
        let [accuracy, recall] = counts.accuracy_and_recall().unwrap();
        assert!((accuracy - 4095.0 / 4096.0).abs() < 1e-9, "{accuracy}");
        assert!((recall - 2.0 / 3.0).abs() < 1e-9, "{recall}");
        let twice = counts.clone().and(&counts);
        assert_eq!(twice.accuracy_and_recall(), Some([accuracy, recall]));
        assert_eq!(Confusion::default().accuracy_and_recall(), None);
    }
}
