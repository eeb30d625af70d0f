//! A cloth on a garment: how large its repeat is there, and where on it each pixel lies.
//!
//! Nobody knows the shape of the body, but its outline and the light tell enough of it: sleeves and legs lean,
//! towards the outline the cloth turns away and its repeat is narrower, and where the light changes there is
//! a fold that takes some of it in.

use crate::fabric::{Fabric, Tile};
use crate::shrink::Size;

use super::light::Found;
use super::limbs::leans;
use super::rows::Position;
use super::small::Small;
use super::spill::blur;

/// A garment's side, the root of its area, in centimetres: shirts, skirts, trousers and coats have much the
/// same.
const SIDE: f32 = 55.0;

/// How far the cloth at the outline is behind it, in sides, by the slope of the blurred mask there.
const ROUND: f32 = 0.014;

/// What a fold takes in at most, in sides, and in repeats: more, and stripes melt.
const FOLD: [f32; 2] = [0.012, 0.16];

/// The slope of lightness where it does, in steps on a side.
const STEEP: f32 = 250.0;

/// The garment that a cloth is laid on: a part of the small photo.
pub(super) struct Garment<'a> {
    /// What it looks like.
    pub small: &'a Small,
    /// Where it is.
    pub mask: &'a [f32],
    /// Where what its cloth is cut for is: that, or a part of it.
    pub cut: &'a [f32],
    /// Its colours and light.
    pub found: &'a Found,
    /// The part's first column and row in the small photo.
    pub first: [usize; 2],
    /// The photo's pixels for each of the small one, across and down.
    pub pixel: [f32; 2],
}

/// A cloth as it lies.
#[derive(Debug, Clone)]
pub struct Cloth {
    tile: Tile,
    axes: [[f32; 2]; 2],
    /// For each pixel of the small photo.
    shifts: Vec<[f32; 2]>,
}

impl Garment<'_> {
    /// Its side in pixels of the small photo.
    fn side(&self) -> f32 {
        let area: f32 = self.cut.iter().filter(|m| **m > 0.5).sum();
        area.max(1.0).sqrt()
    }

    /// The middle of it, in pixels of the photo.
    fn middle(&self) -> [f32; 2] {
        let mut sums = [0.0, 0.0, 1e-6];
        for (i, m) in self.cut.iter().enumerate() {
            let [x, y] = [i % self.small.size.width, i / self.small.size.width];
            let sum = [m * (x as f32 + 0.5), m * (y as f32 + 0.5), *m];
            sums = [0, 1, 2].map(|c| sums[c] + sum[c]);
        }
        [0, 1].map(|c| self.pixel[c] * (self.first[c] as f32 + sums[c] / sums[2]))
    }

    /// How far each of its places is from where it would lie if the garment were flat, in pixels of the photo.
    fn bent(&self, repeat: f32) -> Vec<[f32; 2]> {
        let (size, side) = (self.small.size, self.side());
        let part = |share: f32| ((share * side) as usize).max(1);
        // Means over what counts, for beyond the photo's sides nobody knows.
        let smooth = |planes: Vec<[f32; 2]>, radius: usize| -> Vec<f32> {
            let sums = blur(&blur(&planes, size, radius), size, radius).into_iter();
            sums.map(|[sum, weight]| sum / (weight + 1e-3)).collect()
        };
        let inside = |(value, m): (f32, &f32)| [m * value, *m];
        let light = self.small.lightness().zip(self.mask).map(inside);
        let light = smooth(light.collect(), part(0.03));
        let leans = leans(self.mask, size)
            .into_iter()
            .zip(self.mask)
            .map(inside);
        let leans = smooth(leans.collect(), part(0.03)).into_iter();
        let round = smooth(self.mask.iter().map(|m| [*m, 1.0]).collect(), part(0.11));
        let (round, light) = (slopes(&round, size), slopes(&light, size));
        // Of a patterned garment it is less the folds' light.
        let deep = self.found.tones.detail * (FOLD[0] * side * self.pixel[0]).min(FOLD[1] * repeat);
        let bent = leans
            .zip(round.zip(light))
            .map(|(lean, ([round, _], light))| {
                let [right, down] =
                    light.map(|slope| deep * (side * slope / STEEP).clamp(-1.0, 1.0));
                // Bodies stand: they are round from side to side.
                let aside = lean + ROUND * side * side * round;
                [-self.pixel[0] * aside - right, -down]
            });
        bent.collect()
    }
}

impl Cloth {
    /// Cuts a cloth for a garment: its repeat as large as it would be on somebody of this size, the pattern's
    /// middle on the garment's.
    pub(super) fn fit(fabric: &Fabric, garment: &Garment) -> Self {
        let [pixel_x, pixel_y] = garment.pixel;
        let side = garment.side() * (pixel_x * pixel_y).sqrt();
        let repeat = fabric.repeat(side / SIDE);
        let found = garment.found;
        let colours = fabric.threads(found.tones.to);
        let colours = colours.map(|[l, a, b]| [found.light.on(l), a, b]);
        let (axes, middle) = (fabric.axes(repeat), garment.middle());
        let shifts = garment.bent(repeat).into_iter().map(|bent| {
            let [x, y] = [0, 1].map(|c| bent[c] - middle[c]);
            axes.map(|[a, b]| a * x + b * y)
        });
        Self {
            tile: Tile::new(fabric, &colours, repeat),
            axes,
            shifts: shifts.collect(),
        }
    }

    /// The same in the small photo, of which the garment's part is at these places.
    pub(super) fn placed(mut self, size: Size, places: impl Iterator<Item = usize>) -> Self {
        let part = self.shifts;
        self.shifts = vec![[0.0; 2]; size.width * size.height];
        places
            .zip(part)
            .for_each(|(place, shift)| self.shifts[place] = shift);
        self
    }

    /// One repeat of it.
    pub fn tile(&self) -> &Tile {
        &self.tile
    }

    /// What a place in the photo's pixels is multiplied by to be one in repeats: two rows of a matrix.
    pub fn axes(&self) -> [[f32; 2]; 2] {
        self.axes
    }

    /// What has to be added then, at each pixel of the small photo.
    pub fn shifts(&self) -> &[[f32; 2]] {
        &self.shifts
    }

    /// What has to be added in a row of the photo to [`across`](Self::across), at each column of the small one.
    pub(super) fn row(&self, y: usize, at: &Position, small: usize, row: &mut Vec<[f32; 2]>) {
        let own = self.axes.map(|[_, down]| down * (y as f32 + 0.5));
        let line = |y: usize| &self.shifts[y * small..][..small];
        row.clear();
        row.extend(
            line(at.before)
                .iter()
                .zip(line(at.after))
                .map(|(before, after)| {
                    [0, 1].map(|c| own[c] + before[c] + at.weight * (after[c] - before[c]))
                }),
        );
    }

    /// The part of a pixel's place that its column says.
    #[inline(always)]
    pub(super) fn across(&self, x: usize) -> [f32; 2] {
        self.axes.map(|[across, _]| across * (x as f32 + 0.5))
    }
}

/// How much a plane rises to the right and down at each place.
fn slopes(plane: &[f32], Size { width, height }: Size) -> impl Iterator<Item = [f32; 2]> {
    (0..plane.len()).map(move |i| {
        let (x, y) = (i % width, i / width);
        let at = |x: usize, y: usize| plane[y * width + x];
        let right = at((x + 1).min(width - 1), y) - at(x.saturating_sub(1), y);
        let down = at(x, (y + 1).min(height - 1)) - at(x, y.saturating_sub(1));
        [0.5 * right, 0.5 * down]
    })
}
