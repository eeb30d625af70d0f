//! A clause as numbers, as it goes from one worker to another: a query, and what is painted there.

use crate::colour::srgb_to_lab;
use crate::fabric::Fabric;
use crate::paint::{Change, Paint};
use crate::prompt::{self, Clause};
use crate::shrink::Size;

/// Numbers of a paint: what kind of change, three for it, whether it is plain, what the thing may be
/// instead where it is not seen, and those of a fabric.
pub const PAINT: usize = CHANGE + Fabric::NUMBERS;

/// Those before the fabric's.
const CHANGE: usize = 6;

/// What a clause wants of the thing that it names.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wish([f32; PAINT]);

/// The kinds of change.
const COLOUR: f32 = 0.0;
const RELATIVE: f32 = 1.0;
/// None: the query is asked for the others' sake.
const CONTEXT: f32 = 2.0;

/// What is asked for the others' sake, in this order: whether somebody is there, and all clothes.
pub(super) const CONTEXTS: [&str; 3] = ["skin", "hair", "clothes"];

/// What a thing that is not seen may be instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instead {
    /// Nothing.
    Nothing,
    /// The only garment there is: one that lies or hangs alone is whatever somebody calls it.
    OnlyGarment,
    /// All clothes: a suit is an outfit.
    Clothes,
    /// The only thing there is, where it is not too unlike: shoes, a hat or a bag alone.
    OnlyThing,
    /// Itself, where nobody is there and it is not too unlike: flowers look like each other less than people do.
    Itself,
}

impl Default for Wish {
    /// No change.
    fn default() -> Self {
        Self::new([RELATIVE, 0.0, 0.0, 0.0, 0.0, 0.0], None)
    }
}

impl From<&[f32]> for Wish {
    /// The numbers of a wish; what is missing is 0.
    fn from(numbers: &[f32]) -> Self {
        Self(std::array::from_fn(|i| {
            numbers.get(i).copied().unwrap_or(0.0)
        }))
    }
}

impl Wish {
    fn new(change: [f32; CHANGE], fabric: Option<Fabric>) -> Self {
        let mut numbers = [0.0; PAINT];
        numbers[..CHANGE].copy_from_slice(&change);
        if let Some(fabric) = fabric {
            numbers[CHANGE..].copy_from_slice(&fabric.numbers());
        }
        Self(numbers)
    }

    /// What a clause wants.
    pub fn of(clause: &Clause) -> Self {
        let plain = f32::from(clause.plain);
        let instead = match clause.thing {
            Some(thing) if thing.name == "suit" => 2.0,
            Some(thing) if thing.is_garment() => 1.0,
            Some(thing) if thing.is_worn() => 3.0,
            Some(thing) if !thing.is_of_a_flower() => 0.0,
            _ => 4.0,
        };
        let change = match clause.change {
            prompt::Change::Colour(srgb) => {
                let [l, a, b] = srgb_to_lab(srgb);
                [COLOUR, l, a, b, plain, instead]
            }
            prompt::Change::Relative { lightness, chroma } => {
                [RELATIVE, lightness, chroma, 0.0, plain, instead]
            }
        };
        Self::new(change, clause.fabric)
    }

    /// Of what is asked for the others' sake.
    pub fn context() -> Self {
        Self::new([CONTEXT, 0.0, 0.0, 0.0, 0.0, 0.0], None)
    }

    /// Whether it is asked for the others' sake.
    pub fn is_context(self) -> bool {
        self.0[0] == CONTEXT
    }

    /// What its thing may be instead.
    pub fn instead(self) -> Instead {
        match self.0[5] {
            1.0 => Instead::OnlyGarment,
            2.0 => Instead::Clothes,
            3.0 => Instead::OnlyThing,
            4.0 => Instead::Itself,
            _ => Instead::Nothing,
        }
    }

    /// Behind its query, as in a condition.
    pub fn after(self, mut query: Vec<f32>) -> Vec<f32> {
        query.extend(self.0);
        query
    }

    /// What is painted.
    pub fn paint(self) -> Paint {
        let [kind, x, y, z, plain, _, ref fabric @ ..] = self.0;
        let change = match kind == COLOUR {
            true => Change::Colour { lab: [x, y, z] },
            false => Change::Relative {
                lightness: x,
                chroma: y,
            },
        };
        Paint {
            change,
            plain: plain > 0.5,
            fabric: Fabric::from_numbers(fabric),
        }
    }
}

/// Where nobody is, a garment that is most of all clothes is all of them: what it lacks are its own stripes and hem.
pub(super) fn complete(garment: &mut [f32], clothes: &[f32]) {
    const MOST: f32 = 0.7;
    let both = garment.iter().zip(clothes).map(|(a, b)| a.min(*b));
    if both.sum::<f32>() > MOST * clothes.iter().sum::<f32>() {
        for (garment, clothes) in garment.iter_mut().zip(clothes) {
            *garment = garment.max(*clothes);
        }
    }
}

/// Gives each place to the masks that are surest of it: where another is surer, a mask falls by how much.
/// Things that lie within each other are both sure, and both stay.
pub(super) fn compete(masks: &mut [Vec<f32>]) {
    let places = masks.first().map_or(0, Vec::len);
    for place in 0..places {
        let most = masks
            .iter()
            .fold(0.0, |most: f32, mask| most.max(mask[place]));
        if most > 0.0 {
            for mask in masks.iter_mut() {
                mask[place] *= mask[place] / most;
            }
        }
    }
}

/// The logit from which on a place belongs to what was asked for. A logit tells two things at once, whether the
/// thing is there and whether it is here; once it is there, with the likelihood `there`, a place is of it with
/// the probability `p / there`. Of these the cut is taken that promises the highest IoU, the sum of what is
/// above it by their number and the sum of the rest (Nowozin, "Optimal Decisions from Probabilistic Models: the
/// Intersection-over-Union Case", CVPR 2014): where all of a garment is unsure, its surest half is not it.
pub(super) fn cut(logits: &[f32], there: f32) -> f32 {
    const CUTS: [f32; 9] = [0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5];
    let there = there.clamp(0.2, 1.0);
    let probabilities: Vec<f32> = logits
        .iter()
        .map(|logit| (1.0 / (there * (1.0 + (-logit).exp()))).min(1.0))
        .collect();
    let total: f32 = probabilities.iter().sum();
    let promised = |cut: f32| {
        let above = probabilities.iter().filter(|p| **p > cut);
        let (sum, count) = above.fold((0.0, 0.0), |(sum, count), p| (sum + p, count + 1.0));
        sum / (count + total - sum + 1e-6)
    };
    let cuts = CUTS.map(|cut| (promised(cut), cut));
    let best = cuts.into_iter().max_by(|a, b| a.0.total_cmp(&b.0));
    let best = there * best.map_or(0.5, |(_, cut)| cut);
    (best / (1.0 - best)).ln()
}

/// Logits at half of a size, enlarged bilinearly (sample centres aligned) and made probabilities.
pub(super) fn enlarged(logits: &[f32], to: Size) -> Vec<f32> {
    let (w, h) = (to.width / 2, to.height / 2);
    // A quarter of the way from the nearer to the further of two neighbours.
    let neighbours = |at: usize, side: usize| {
        let near = at / 2;
        let far = if at.is_multiple_of(2) {
            near.saturating_sub(1)
        } else {
            (near + 1).min(side - 1)
        };
        (near, far)
    };
    let mut mask = Vec::with_capacity(to.width * to.height);
    for y in 0..to.height {
        let (near, far) = neighbours(y, h);
        let (near, far) = (&logits[near * w..][..w], &logits[far * w..][..w]);
        let row = |x: usize| 0.75 * near[x] + 0.25 * far[x];
        for x in 0..to.width {
            let (near, far) = neighbours(x, w);
            let logit = 0.75 * row(near) + 0.25 * row(far);
            mask.push(1.0 / (1.0 + (-logit).exp()));
        }
    }
    mask
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::normal;
    use crate::fabric::{Direction, Kind};

    #[test]
    fn what_is_unsure_as_a_whole_is_taken_as_a_whole() {
        let logits = |of: &[(f32, usize)]| -> Vec<f32> {
            let parts = of.iter().flat_map(|(logit, count)| vec![*logit; *count]);
            parts.collect()
        };
        // Half of a garment is sure, the other half is more likely than anything else.
        let garment = logits(&[(2.0, 50), (-0.3, 50), (-6.0, 900)]);
        assert!((-2.2..-0.3).contains(&cut(&garment, 1.0)));
        // What is sure stays as it is.
        let sure = logits(&[(4.0, 100), (-1.5, 5), (-6.0, 900)]);
        assert!(cut(&sure, 1.0) > -1.5);
        // A place of what may not be there at all is as likely as that at most.
        let rare = logits(&[(-1.0, 100), (-6.0, 900)]);
        assert!(cut(&rare, 0.3) < -1.0);
        assert!(cut(&[], 1.0).is_finite());
    }

    fn clause(change: prompt::Change, plain: bool, fabric: Option<Fabric>) -> Clause {
        Clause {
            thing: None,
            typed: String::new(),
            tokens: Vec::new(),
            change,
            plain,
            fabric,
        }
    }

    /// None, and of each kind one, with all that can be said of it.
    fn fabrics() -> impl Iterator<Item = Option<Fabric>> {
        let directions = [
            Direction::Usual,
            Direction::Across,
            Direction::Down,
            Direction::Diagonal,
        ];
        let colours = [
            None,
            Some([0, 0, 0]),
            Some([255, 254, 253]),
            Some([1, 2, 3]),
        ];
        let fabrics = Kind::ALL
            .into_iter()
            .enumerate()
            .map(move |(i, kind)| Fabric {
                kind,
                colours: [0, 1, 2].map(|c| colours[(i + c) % 4]),
                scale: 0.5 + i as f32 / 8.0,
                direction: directions[i % 4],
            });
        std::iter::once(None).chain(fabrics.map(Some))
    }

    #[test]
    fn every_change_goes_through_a_condition() {
        let colours = [[0, 0, 0], [255, 255, 255], [30, 144, 255], [1, 2, 3]];
        let steps = [[-2.0, 0.0], [0.5, 0.0], [0.0, 1.0], [1.0, -1.5], [0.0, 0.0]];
        let colours = colours.map(|srgb| {
            let lab = srgb_to_lab(srgb);
            (prompt::Change::Colour(srgb), Change::Colour { lab })
        });
        let steps = steps.map(|[lightness, chroma]| {
            let told = prompt::Change::Relative { lightness, chroma };
            (told, Change::Relative { lightness, chroma })
        });
        for (told, change) in colours.into_iter().chain(steps) {
            for (plain, fabric) in [false, true]
                .into_iter()
                .flat_map(|plain| fabrics().map(move |fabric| (plain, fabric)))
            {
                let condition = Wish::of(&clause(told, plain, fabric)).after(vec![0.25, -7.0]);
                assert_eq!(condition.len(), 2 + PAINT);
                assert_eq!(condition[..2], [0.25, -7.0]);
                let wish = Wish::from(&condition[2..]);
                let paint = Paint {
                    change,
                    plain,
                    fabric,
                };
                assert_eq!(wish.paint(), paint);
            }
        }
        let nothing = Paint {
            change: Change::Relative {
                lightness: 0.0,
                chroma: 0.0,
            },
            plain: false,
            fabric: None,
        };
        assert_eq!(Wish::default().paint(), nothing);
    }

    #[test]
    fn a_garment_that_is_most_of_the_clothes_is_all_of_them() {
        let clothes = [1.0, 0.9, 1.0, 1.0, 0.0];
        let mut most = [1.0, 1.0, 1.0, 0.1, 0.2];
        complete(&mut most, &clothes);
        assert_eq!(most, [1.0, 1.0, 1.0, 1.0, 0.2]);
        let mut half = [1.0, 1.0, 0.1, 0.0, 0.0];
        complete(&mut half, &clothes);
        assert_eq!(half, [1.0, 1.0, 0.1, 0.0, 0.0]);
    }

    #[test]
    fn what_is_not_seen_may_be_something_else() {
        let thing = |name: &str| prompt::Thing::named(name).expect("a thing");
        for (name, instead) in [
            ("shirt", Instead::OnlyGarment),
            ("suit", Instead::Clothes),
            ("shoes", Instead::OnlyThing),
            ("petals", Instead::Itself),
            ("leaves", Instead::Nothing),
        ] {
            let wish = Wish::of(&Clause::naming(thing(name)));
            let read = Wish::from(&wish.after(Vec::new())[..]);
            assert_eq!(read.instead(), instead, "{name}");
            assert!(!read.is_context());
        }
        assert!(Wish::context().is_context() && !Wish::default().is_context());
        for name in CONTEXTS {
            thing(name);
        }
    }

    #[test]
    fn the_surer_mask_keeps_a_place() {
        let mut masks = vec![vec![0.8, 1.0, 0.0, 0.5], vec![0.4, 1.0, 0.0, 0.0]];
        compete(&mut masks);
        assert_eq!(masks, [[0.8, 1.0, 0.0, 0.5], [0.2, 1.0, 0.0, 0.0]]);
        compete(&mut []);
    }

    #[test]
    fn numbers_that_are_missing_are_zero() {
        let short = Wish::from(&[COLOUR, 50.0][..]);
        let lab = [50.0, 0.0, 0.0];
        assert_eq!(short.paint().change, Change::Colour { lab });
    }

    #[test]
    fn logits_are_enlarged_bilinearly() {
        for [width, height] in [[2, 2], [2, 6], [8, 4], [10, 6], [32, 48]] {
            let (w, h) = (width / 2, height / 2);
            let logits = normal(3, w * h);
            let mask = enlarged(&logits, Size { width, height });
            assert_eq!(mask.len(), width * height);
            // Where a large pixel's centre lies among the small ones' centres.
            let place = |at: usize, side: usize| {
                let at = (at as f32 + 0.5) / 2.0 - 0.5;
                let at = at.clamp(0.0, (side - 1) as f32);
                let first = at.floor() as usize;
                (first, (first + 1).min(side - 1), at - at.floor())
            };
            for (i, value) in mask.iter().enumerate() {
                let (top, bottom, down) = place(i / width, h);
                let (left, right, across) = place(i % width, w);
                let row = |y: usize| {
                    let (a, b) = (logits[y * w + left], logits[y * w + right]);
                    a + across * (b - a)
                };
                let logit = row(top) + down * (row(bottom) - row(top));
                let expected = 1.0 / (1.0 + (-logit).exp());
                assert!((value - expected).abs() < 1e-5, "{width}x{height} at {i}");
            }
        }
    }
}
