//! One repeat of a cloth, as it is looked up for each pixel.

use crate::colour::{lab_of, linear_of};

use super::Fabric;
use super::kinds::Make;
use super::noise::plane;
use super::print::Figures;
use super::thread::Thread;

/// Texels for each pixel of the photo, so that between them nothing blurs.
const FINE: f32 = 2.0;
/// Texels along a side, at most.
const MOST: usize = 1024;
/// Values of a figure's field along a side: at least, for its edges are found by its slope, and at most.
const DRAWN: usize = 96;
/// See [`DRAWN`].
const DRAWN_MOST: usize = 320;

/// A repeat in CIELAB; beyond its sides it begins again.
///
/// A texel is lightness in 12 bits and a and b in 10 each, the same for a GPU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    side: usize,
    texels: Vec<u32>,
}

impl Tile {
    /// Makes one repeat of a cloth of these CIELAB colours, that is `pixels` of the photo wide.
    pub fn new(fabric: &Fabric, colours: &[[f32; 3]; 4], pixels: f32) -> Self {
        let side = ((FINE * pixels).round() as usize).clamp(8, MOST);
        let colours = colours.map(linear_of);
        let (side, texels) = match fabric.kind.usual().make {
            Make::Woven(loom) => (side, loom.weave(&colours, side, pixels)),
            Make::Printed(figures) => {
                // Fields are smooth: they are drawn coarser than the tile where it is large, and finer, for
                // the sake of their edges, where it is small.
                let (finer, coarser) = (DRAWN.div_ceil(side), side.div_ceil(DRAWN_MOST));
                let side = side / coarser * coarser;
                let cloth = printed(figures, &colours, finer * side, coarser);
                (side, reduced(cloth, finer * side, finer))
            }
            Make::Worked(shade) => {
                let finer = DRAWN.div_ceil(side);
                let ground = colours[Thread::Ground as usize];
                let light = plane(finer * side, shade).into_iter();
                let cloth = light.map(|light| ground.map(|value| light * value));
                (side, reduced(cloth.collect(), finer * side, finer))
            }
        };
        let texels = texels.into_iter().map(|linear| pack(lab_of(linear)));
        Self {
            side,
            texels: texels.collect(),
        }
    }

    /// Texels along a side.
    pub fn side(&self) -> usize {
        self.side
    }

    /// Its texels, row by row.
    pub fn texels(&self) -> &[u32] {
        &self.texels
    }

    /// The CIELAB colour at a place, in repeats, interpolated.
    #[inline(always)]
    pub fn at(&self, [u, v]: [f32; 2]) -> [f32; 3] {
        let side = self.side as f32;
        let axis = |at: f32| {
            let at = (at - at.floor()) * side + (side - 0.5);
            let first = at as usize;
            let wrapped = |i: usize| if i >= self.side { i - self.side } else { i };
            (
                wrapped(first),
                wrapped(wrapped(first) + 1),
                at - first as f32,
            )
        };
        let (left, right, x) = axis(u);
        let (top, bottom, y) = axis(v);
        // Never outside, but for what is not a number.
        let texel = |x: usize, y: usize| {
            self.texels
                .get(y * self.side + x)
                .map_or([0.0; 3], |texel| unpack(*texel))
        };
        let (a, b, c, d) = (
            texel(left, top),
            texel(right, top),
            texel(left, bottom),
            texel(right, bottom),
        );
        [0, 1, 2].map(|i| {
            let above = a[i] + x * (b[i] - a[i]);
            let below = c[i] + x * (d[i] - c[i]);
            above + y * (below - above)
        })
    }
}

fn pack([l, a, b]: [f32; 3]) -> u32 {
    let l = (40.95 * l + 0.5).clamp(0.0, 4095.0) as u32;
    let [a, b] = [a, b].map(|value| (4.0 * value + 512.5).clamp(0.0, 1023.0) as u32);
    l | a << 12 | b << 22
}

#[inline(always)]
fn unpack(texel: u32) -> [f32; 3] {
    [
        (texel & 4095) as f32 * (1.0 / 40.95),
        (texel >> 12 & 1023) as f32 * 0.25 - 128.0,
        (texel >> 22) as f32 * 0.25 - 128.0,
    ]
}

/// Figures over the ground, each covering as much of a texel as lies within its edge.
fn printed(
    figures: Figures,
    colours: &[[f32; 3]; 4],
    side: usize,
    coarser: usize,
) -> Vec<[f32; 3]> {
    let mut texels = vec![colours[Thread::Ground as usize]; side * side];
    for (field, thread) in figures {
        let field = enlarged(field(side / coarser), side / coarser, coarser);
        let colour = colours[*thread as usize];
        for y in 0..side {
            let row = |y: usize| &field[y % side * side..][..side];
            let (above, own, below) = (row(y + side - 1), row(y), row(y + 1));
            for x in 0..side {
                let across = own[(x + 1) % side] - own[(x + side - 1) % side];
                let slope = 0.5 * across.hypot(below[x] - above[x]) + 1e-6;
                let covered = (0.5 + own[x] / slope).clamp(0.0, 1.0);
                let texel = &mut texels[y * side + x];
                *texel = [0, 1, 2].map(|c| texel[c] + covered * (colour[c] - texel[c]));
            }
        }
    }
    texels
}

/// A field with `by` times the values along each side, in between interpolated.
fn enlarged(field: Vec<f32>, side: usize, by: usize) -> Vec<f32> {
    if by == 1 {
        return field;
    }
    let places = |i: usize| {
        let at = (i as f32 + 0.5) / by as f32 - 0.5 + side as f32;
        let first = at as usize;
        (first % side, (first + 1) % side, at - first as f32)
    };
    let places: Vec<_> = (0..by * side).map(places).collect();
    let mut large = Vec::with_capacity(by * by * field.len());
    for (top, bottom, down) in &places {
        let (top, bottom) = (
            &field[top * side..][..side],
            &field[bottom * side..][..side],
        );
        let row: Vec<f32> = top
            .iter()
            .zip(bottom)
            .map(|(a, b)| a + down * (b - a))
            .collect();
        large.extend(
            places
                .iter()
                .map(|(left, right, across)| row[*left] + across * (row[*right] - row[*left])),
        );
    }
    large
}

/// Means over squares.
fn reduced(texels: Vec<[f32; 3]>, side: usize, by: usize) -> Vec<[f32; 3]> {
    if by == 1 {
        return texels;
    }
    let (small, share) = (side / by, 1.0 / (by * by) as f32);
    let mut sums = vec![[0.0; 3]; small * small];
    for (i, texel) in texels.into_iter().enumerate() {
        let sum: &mut [f32; 3] = &mut sums[i / side / by * small + i % side / by];
        for (sum, value) in sum.iter_mut().zip(texel) {
            *sum += share * value;
        }
    }
    sums
}
