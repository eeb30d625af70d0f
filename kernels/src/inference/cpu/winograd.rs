//! 3x3 convolutions with a quarter of the multiplications: Lavin and Gray, "Fast Algorithms for
//! Convolutional Neural Networks", CVPR 2016, section 4.3, F(4x4, 3x3).
//!
//! A tile of 6x6 inputs, `d`, becomes 4x4 outputs, `A^T [(G g G^T) * (B^T d B)] A`; at each of
//! the 36 positions the sum over channels is a matrix product over all tiles.

use std::array::from_fn;
use std::ops::{Add, Mul, Sub};

use super::product::{LANES, Panels, ROWS};
use super::{Picture, Shape};

/// Height and width of a tile of outputs.
const OUT: usize = 4;
/// Height and width of the tile of inputs that it sees.
const IN: usize = OUT + 2;
/// Floats of transformed inputs at a time: half a megabyte, less than a core's second-level cache.
const GROUP: usize = 128 * 1024;

/// The same position of several tiles, or of several filters.
#[derive(Clone, Copy, Debug)]
struct Lanes<const N: usize>([f32; N]);

impl<const N: usize> Add for Lanes<N> {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(from_fn(|i| self.0[i] + other.0[i]))
    }
}

impl<const N: usize> Sub for Lanes<N> {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(from_fn(|i| self.0[i] - other.0[i]))
    }
}

impl<const N: usize> Mul<f32> for Lanes<N> {
    type Output = Self;
    fn mul(self, by: f32) -> Self {
        Self(self.0.map(|x| x * by))
    }
}

/// Eight tiles, a block of columns.
type Tiles8 = Lanes<LANES>;
/// The filters that share a panel.
type Filters = Lanes<ROWS>;

/// `G g` for one column of the filters.
fn filter([a, b, c]: [Filters; 3]) -> [Filters; IN] {
    let (even, odd) = (a * (1.0 / 24.0) + c * (1.0 / 6.0), b * (1.0 / 12.0));
    let (sum, b) = ((a + c) * (-1.0 / 6.0), b * (1.0 / 6.0));
    [a * (1.0 / 4.0), sum - b, sum + b, even + odd, even - odd, c]
}

/// `B^T d` for one column of a tile of inputs.
fn input([a, b, c, d, e, f]: [Tiles8; IN]) -> [Tiles8; IN] {
    let (even, odd) = (e - c * 4.0, d - b * 4.0);
    let (even2, odd2) = (e - c, (d - b) * 2.0);
    [
        a * 4.0 - c * 5.0 + e,
        even + odd,
        even - odd,
        even2 + odd2,
        even2 - odd2,
        b * 4.0 - d * 5.0 + f,
    ]
}

/// `A^T m` for one column of a tile of products.
fn output([a, b, c, d, e, f]: [Tiles8; IN]) -> [Tiles8; OUT] {
    let (sum1, sum2) = (b + c, d + e);
    let (odd1, odd2) = (b - c, d - e);
    [
        a + sum1 + sum2,
        odd1 + odd2 * 2.0,
        sum1 + sum2 * 4.0,
        odd1 + odd2 * 8.0 + f,
    ]
}

/// The 36 matrices `[out, cin]` of a weight `[out, cin, 3, 3]`, one below the other.
pub fn prepack(weight: &[f32], cin: usize) -> Panels {
    let out = weight.len() / (9 * cin);
    let size = out.next_multiple_of(ROWS) * cin;
    // One piece of memory: a browser takes its time to give some more.
    let mut values = vec![0.0; IN * IN * size];
    for (n, filters) in weight.chunks(ROWS * cin * 9).enumerate() {
        lay_out_panel(filters, cin, &mut values[n * cin * ROWS..], size);
    }
    Panels { values, depth: cin }
}

/// The same for the filters of one panel, `size` from one position to the next; of the last panel some
/// may be missing, which are zero. A function that is called often: browsers put faster code in its
/// place between two calls.
#[inline(never)]
fn lay_out_panel(weight: &[f32], cin: usize, values: &mut [f32], size: usize) {
    for c in 0..cin {
        let mut filters = [Lanes([0.0; ROWS]); 9];
        for (row, one) in weight.chunks_exact(cin * 9).enumerate() {
            for (filters, value) in filters.iter_mut().zip(&one[c * 9..][..9]) {
                filters.0[row] = *value;
            }
        }
        let columns: [_; 3] = from_fn(|x| filter(from_fn(|y| filters[y * 3 + x])));
        let positions: [_; IN] = from_fn(|y| filter(from_fn(|x| columns[x][y])));
        for (position, filters) in positions.as_flattened().iter().enumerate() {
            values[position * size + c * ROWS..][..ROWS].copy_from_slice(&filters.0);
        }
    }
}

/// Convolves one picture with padding 1; `finish` makes an output of a channel's sum.
pub fn run(
    weights: &Panels,
    shape: &Shape,
    picture: Picture,
    finish: impl Fn(usize, f32) -> f32,
    y: &mut [f32],
) {
    let tiles = Tiles::new(picture.height, picture.width);
    let rows = weights.rows() / (IN * IN);
    let blocks = GROUP / (IN * IN * shape.cin * LANES);
    let blocks = blocks.clamp(1, tiles.count.div_ceil(LANES));
    let mut plane = vec![0.0; tiles.stride * tiles.lines];
    // Both are `[position, block, channel, lane]`.
    let mut inputs = vec![0.0; IN * IN * blocks * shape.cin * LANES];
    let mut products = vec![0.0; IN * IN * blocks * rows * LANES];
    for first in (0..tiles.count).step_by(blocks * LANES) {
        for c in 0..shape.cin {
            picture.channel(c, &mut plane[tiles.stride + 1..], tiles.stride);
            for block in 0..blocks {
                let inputs = &mut inputs[(block * shape.cin + c) * LANES..];
                let apart = blocks * shape.cin * LANES;
                tiles.read(first + block * LANES, &plane, inputs, apart);
            }
        }
        let positions = inputs.chunks_exact(blocks * shape.cin * LANES);
        let results = products.chunks_exact_mut(blocks * rows * LANES);
        for (position, (inputs, products)) in positions.zip(results).enumerate() {
            let first = position * rows;
            weights.times(first..first + rows, inputs, products);
        }
        for (o, y) in y.chunks_exact_mut(tiles.height * tiles.width).enumerate() {
            for block in 0..blocks {
                let products = &products[(block * rows + o) * LANES..];
                let apart = blocks * rows * LANES;
                tiles.write(
                    first + block * LANES,
                    products,
                    apart,
                    |sum| finish(o, sum),
                    y,
                );
            }
        }
    }
}

/// How a picture is cut into tiles of outputs, and how its padded planes lie in memory.
struct Tiles {
    height: usize,
    width: usize,
    /// Tiles in a line of tiles.
    across: usize,
    count: usize,
    /// Distance between the lines of a padded plane, and their number.
    stride: usize,
    lines: usize,
}

impl Tiles {
    fn new(height: usize, width: usize) -> Self {
        let (down, across) = (height.div_ceil(OUT), width.div_ceil(OUT));
        Self {
            height,
            width,
            across,
            count: down * across,
            stride: across * OUT + 2,
            lines: down * OUT + 2,
        }
    }

    /// The first line and column of a tile's outputs.
    fn corner(&self, tile: usize) -> (usize, usize) {
        (tile / self.across * OUT, tile % self.across * OUT)
    }

    /// Transforms what eight tiles see of a padded plane; tiles past the last one repeat it. The 36
    /// positions are written `apart` from each other.
    #[inline(never)]
    fn read(&self, first: usize, plane: &[f32], inputs: &mut [f32], apart: usize) {
        let corners: [usize; LANES] = from_fn(|lane| {
            let (y, x) = self.corner((first + lane).min(self.count - 1));
            y * self.stride + x
        });
        let seen = |y: usize, x: usize| Lanes(corners.map(|at| plane[at + y * self.stride + x]));
        let columns: [_; IN] = from_fn(|x| input(from_fn(|y| seen(y, x))));
        let positions: [_; IN] = from_fn(|y| input(from_fn(|x| columns[x][y])));
        for (position, values) in positions.as_flattened().iter().enumerate() {
            inputs[position * apart..][..LANES].copy_from_slice(&values.0);
        }
    }

    /// Transforms the products of eight tiles, whose positions lie `apart`, and writes these outputs
    /// into a channel, as far as they lie in the picture.
    #[inline(never)]
    fn write(
        &self,
        first: usize,
        products: &[f32],
        apart: usize,
        finish: impl Fn(f32) -> f32,
        channel: &mut [f32],
    ) {
        let product = |position: usize| {
            let values = &products[position * apart..][..LANES];
            Lanes(from_fn(|lane| values[lane]))
        };
        let columns: [_; IN] = from_fn(|x| output(from_fn(|y| product(y * IN + x))));
        let made: [_; OUT] = from_fn(|y| output(from_fn(|x| columns[x][y])));
        for (lane, tile) in (first..self.count).take(LANES).enumerate() {
            let (top, left) = self.corner(tile);
            let lines = channel.chunks_exact_mut(self.width).skip(top);
            for (line, values) in lines.zip(&made) {
                for (y, sums) in line[left..].iter_mut().zip(values) {
                    *y = finish(sums.0[lane]);
                }
            }
        }
    }
}
