//! Any convolution as a matrix product: each output position is a column of what it sees.

use super::product::{LANES, Panels};
use super::{Picture, Shape};

/// Floats of columns at a time: half a megabyte, less than a core's second-level cache.
const GROUP: usize = 128 * 1024;

/// Convolves one picture; `finish` makes an output of a channel's sum.
pub fn run(
    weights: &Panels,
    shape: &Shape,
    picture: Picture,
    finish: impl Fn(usize, f32) -> f32,
    y: &mut [f32],
) {
    let [oh, ow] = shape.output([picture.height, picture.width]);
    let depth = shape.cin * shape.kernel * shape.kernel;
    let rows = weights.rows();
    // A channel with the zeros around it, and behind it for the last block of a line.
    let across = ow.div_ceil(LANES);
    let stride = (across * LANES - 1) * shape.stride + shape.kernel;
    let stride = stride.max(picture.width + 2 * shape.padding);
    let size = stride * (picture.height + 2 * shape.padding);
    let mut planes = vec![0.0; shape.cin * size];
    for (c, plane) in planes.chunks_exact_mut(size).enumerate() {
        picture.channel(c, &mut plane[shape.padding * (stride + 1)..], stride);
    }

    let blocks = across * oh;
    let group = (GROUP / (depth * LANES)).clamp(1, blocks);
    let mut columns = vec![0.0; group * depth * LANES];
    let mut products = vec![0.0; group * rows * LANES];
    for first in (0..blocks).step_by(group) {
        let count = group.min(blocks - first);
        let place = |block: usize| ((first + block) / across, (first + block) % across * LANES);
        let columns = &mut columns[..count * depth * LANES];
        for (block, columns) in columns.chunks_exact_mut(depth * LANES).enumerate() {
            let (oy, ox) = place(block);
            let corner = (oy * stride + ox) * shape.stride;
            let mut column = columns.chunks_exact_mut(LANES);
            for plane in planes.chunks_exact(size) {
                for ky in 0..shape.kernel {
                    for kx in 0..shape.kernel {
                        let seen = plane[corner + ky * stride + kx..].iter();
                        let values = column.next().expect("a column for each weight");
                        for (value, seen) in values.iter_mut().zip(seen.step_by(shape.stride)) {
                            *value = *seen;
                        }
                    }
                }
            }
        }
        let products = &mut products[..count * rows * LANES];
        weights.times(0..rows, columns, products);
        for (block, product) in products.chunks_exact(rows * LANES).enumerate() {
            let (oy, ox) = place(block);
            for (o, sums) in product.chunks_exact(LANES).take(shape.out).enumerate() {
                let line = &mut y[(o * oh + oy) * ow..][..ow];
                for (y, sum) in line[ox..].iter_mut().zip(sums) {
                    *y = finish(o, *sum);
                }
            }
        }
    }
}
