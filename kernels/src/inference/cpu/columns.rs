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
            let planes = planes.chunks_exact(size).map(|plane| &plane[corner..]);
            read(planes, stride, *shape, columns);
        }
        let products = &mut products[..count * rows * LANES];
        weights.times(0..rows, columns, products);
        for (block, product) in products.chunks_exact(rows * LANES).enumerate() {
            let (oy, ox) = place(block);
            let lines = y
                .chunks_exact_mut(oh * ow)
                .map(|y| &mut y[oy * ow..][ox..ow]);
            write(product, lines, &finish);
        }
    }
}

/// What a block of output positions sees of the channels, from its corner on.
#[inline(never)]
fn read<'a>(
    planes: impl Iterator<Item = &'a [f32]>,
    stride: usize,
    shape: Shape,
    columns: &mut [f32],
) {
    let mut column = columns.chunks_exact_mut(LANES);
    for plane in planes {
        for ky in 0..shape.kernel {
            for kx in 0..shape.kernel {
                let seen = &plane[ky * stride + kx..];
                let values = column.next().expect("a column for each weight");
                if shape.stride == 1 {
                    values.copy_from_slice(&seen[..LANES]);
                    continue;
                }
                for (value, seen) in values.iter_mut().zip(seen.iter().step_by(shape.stride)) {
                    *value = *seen;
                }
            }
        }
    }
}

/// Writes the sums of a block, a line of each channel.
#[inline(never)]
fn write<'a>(
    sums: &[f32],
    lines: impl Iterator<Item = &'a mut [f32]>,
    finish: impl Fn(usize, f32) -> f32,
) {
    for (o, (line, sums)) in lines.zip(sums.chunks_exact(LANES)).enumerate() {
        for (y, sum) in line.iter_mut().zip(sums) {
            *y = finish(o, *sum);
        }
    }
}
