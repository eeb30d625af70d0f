//! The convolution and its gradients by the instructions that recent processors have for bf16:
//! operands in bf16, sums in f32. Vectors make twice as many such products in a second as products of
//! floats (AVX512-BF16), matrix tiles more than ten times as many (AMX).
//!
//! Nothing is gathered: feature maps are laid out so that a block is read where it lies, see
//! [`planes`]. Rounding to bf16 changes a training as another seed does; it is used where it is asked
//! for, see [`use_bf16`].

mod amx;
mod avx512;
mod blocks;
mod planes;
mod shape;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::ConvShape;
use crate::training::zeros;
use blocks::{Products, Unit};
use planes::{Planes, bf16, pairs, singles, transposed};
use shape::{BLOCK, STEP, Stride};

/// Weight gradients are summed in this many parts, whatever the number of threads.
const PARTS: usize = 4;

/// A thread takes at least so many photos at once, for which it lays memory out.
const PHOTOS: usize = 4;

static ON: AtomicBool = AtomicBool::new(false);

/// Says whether convolutions may round to bf16, on all devices of the CPU from now on; gives whether
/// they can.
pub fn use_bf16(on: bool) -> bool {
    let on = on && Unit::find().is_some();
    ON.store(on, Ordering::Relaxed);
    on
}

/// What computes them, where they do.
pub fn on() -> Option<Unit> {
    ON.load(Ordering::Relaxed).then(Unit::find)?
}

/// Weights in the order in which the products read them: blocks of 32 outputs, kernel positions,
/// blocks of 32 inputs, `[32, 32]`.
struct Weights {
    values: Vec<u16>,
    inputs: usize,
    outputs: usize,
    taps: usize,
}

impl Weights {
    /// From `kernel(output, input)`, the places in one of which are the `taps`.
    fn new<'a>(
        [outputs, inputs]: [usize; 2],
        taps: &[usize],
        kernel: impl Fn(usize, usize) -> &'a [f32] + Sync,
    ) -> Self {
        let step = blocks(inputs) * BLOCK * STEP;
        let mut values = vec![0; blocks(outputs) * taps.len() * step];
        values
            .par_chunks_exact_mut(taps.len() * step)
            .enumerate()
            .for_each(|(block, values)| {
                let first = block * BLOCK;
                for i in 0..inputs {
                    let column = i / STEP * BLOCK * STEP + i % STEP;
                    for o in first..outputs.min(first + BLOCK) {
                        let (kernel, at) = (kernel(o, i), column + (o - first) * STEP);
                        for (tap, place) in taps.iter().enumerate() {
                            values[tap * step + at] = bf16(kernel[*place]) as u16;
                        }
                    }
                }
            });
        Self {
            values,
            inputs,
            outputs,
            taps: taps.len(),
        }
    }
}

fn blocks(size: usize) -> usize {
    size.div_ceil(BLOCK)
}

/// Memory that a thread keeps from photo to photo.
#[derive(Default)]
struct Room {
    pairs: Vec<u32>,
    products: Vec<f32>,
}

/// Correlates a map, laid out, with weights: calls `block(first, products)` for each 32 outputs from
/// `first` on, with their products `[32, positions in whole blocks]`.
fn correlate(
    unit: Unit,
    weights: &Weights,
    (of, map): (Planes, &[u32]),
    taps: &[usize],
    positions: usize,
    products: &mut Vec<f32>,
    mut block: impl FnMut(usize, &[f32]),
) {
    let channel = of.channel();
    let width = blocks(positions) * BLOCK;
    products.resize(BLOCK * width, 0.0);
    let (a, b) = (
        Stride {
            row: 64,
            half: 1024,
        },
        Stride {
            row: 4 * channel,
            half: 64,
        },
    );
    let farthest = taps.iter().max().copied().unwrap_or_default();
    let steps = blocks(weights.inputs);
    assert!(
        map.len() >= (steps * STEP / 2 - 1) * channel + farthest + width
            && weights.taps == taps.len()
            && weights.values.len() == blocks(weights.outputs) * taps.len() * steps * BLOCK * STEP,
        "a convolution that reaches past its map"
    );
    let unit = Products::new(unit);
    let per_block = weights.taps * steps * BLOCK * STEP;
    for (number, weights) in weights.values.chunks_exact(per_block).enumerate() {
        for q in (0..width).step_by(BLOCK) {
            let maps = taps
                .iter()
                .flat_map(|tap| (0..steps).map(move |step| step * STEP / 2 * channel + tap + q));
            let operands = weights.chunks_exact(BLOCK * STEP).zip(maps);
            let operands = operands.map(|(a, at)| (a.as_ptr(), map[at..].as_ptr()));
            let c = products[q..].as_mut_ptr();
            // SAFETY: the assertion above bounds what is read of the map, the weights are whole
            // blocks, and `products` has 32 rows of `width`.
            unsafe { unit.block(operands, (a, b), c, 4 * width, false) };
        }
        block(number * BLOCK, products);
    }
}

/// The layout of a convolution's input.
fn input_planes(shape: &ConvShape) -> Planes {
    let s = shape.stride;
    let size = |side: usize| (side + 2 * shape.padding).div_ceil(s);
    let width = size(shape.w);
    let positions = blocks(shape.oh * width) * BLOCK;
    let reach = (shape.k - 1) / s * (width + 1);
    Planes {
        map: (shape.h, shape.w),
        front: shape.padding,
        stride: s,
        width,
        length: (size(shape.h) * width).max(positions + reach),
    }
}

/// As [`super::forward`].
pub fn forward(unit: Unit, shape: &ConvShape, x: &[f32], weight: &[f32]) -> Vec<f32> {
    let (of, area) = (input_planes(shape), shape.area());
    let k = shape.k;
    let kernels: Vec<&[f32]> = weight.chunks_exact(k * k).collect();
    let places: Vec<usize> = (0..k * k).collect();
    let sizes = [shape.out, shape.cin];
    let weights = Weights::new(sizes, &places, |o, i| kernels[o * shape.cin + i]);
    let taps: Vec<usize> = (0..k * k).map(|tap| of.tap(tap / k, tap % k)).collect();
    let mut y = zeros(shape.batch * shape.out * area);
    let room = || Room {
        pairs: vec![0; blocks(shape.cin) * STEP / 2 * of.channel()],
        ..Room::default()
    };
    x.par_chunks(shape.cin * shape.h * shape.w)
        .zip(y.par_chunks_mut(shape.out * area))
        .with_min_len(PHOTOS)
        .for_each_init(room, |room, (x, y)| {
            pairs(unit, of, x, &mut room.pairs);
            let positions = shape.oh * of.width;
            let map = (of, &room.pairs[..]);
            correlate(
                unit,
                &weights,
                map,
                &taps,
                positions,
                &mut room.products,
                |first, products| {
                    let rows = products.chunks_exact(blocks(positions) * BLOCK);
                    for (y, row) in y[first * area..].chunks_exact_mut(area).zip(rows) {
                        let lines = row.chunks(of.width).map(|line| &line[..shape.ow]);
                        let to = y.chunks_exact_mut(shape.ow).zip(lines);
                        to.for_each(|(to, line)| to.copy_from_slice(line));
                    }
                },
            );
        });
    y
}

/// The gradient of the input: for each phase of it, the gradient of the output correlated with every
/// `stride`th kernel position, turned around.
pub fn input_gradient(unit: Unit, shape: &ConvShape, weight: &[f32], grad: &[f32]) -> Vec<f32> {
    let (k, s, area) = (shape.k, shape.stride, shape.area());
    let front = (k - 1) / s;
    // Rows and columns of a phase, as far as the input reaches.
    let phase = |side: usize| (side + shape.padding - 1) / s + 1;
    let (rows, width) = (phase(shape.h), phase(shape.w).max(shape.ow) + front);
    let positions = rows * width;
    let of = Planes {
        map: (shape.oh, shape.ow),
        front,
        stride: 1,
        width,
        length: (blocks(positions) * BLOCK + front * (width + 1)).max((shape.oh + front) * width),
    };
    let kernels: Vec<&[f32]> = weight.chunks_exact(k * k).collect();
    let phases: Vec<_> = (0..s * s)
        .map(|phase| {
            let (r, t) = (phase / s, phase % s);
            let kernel = |from: usize| (from..k).step_by(s).enumerate();
            let seen = kernel(r).flat_map(|y| kernel(t).map(move |x| (y, x)));
            let (taps, places): (Vec<_>, Vec<_>) = seen
                .map(|((j, y), (i, x))| (of.tap(front - j, front - i), y * k + x))
                .unzip();
            let sizes = [shape.cin, shape.out];
            let weights = Weights::new(sizes, &places, |i, o| kernels[o * shape.cin + i]);
            (r, t, taps, weights)
        })
        .collect();
    let picture = shape.cin * shape.h * shape.w;
    let mut dx = zeros(shape.batch * picture);
    let room = || Room {
        pairs: vec![0; blocks(shape.out) * STEP / 2 * of.channel()],
        ..Room::default()
    };
    grad.par_chunks(shape.out * area)
        .zip(dx.par_chunks_mut(picture))
        .with_min_len(PHOTOS)
        .for_each_init(room, |room, (grad, dx)| {
            pairs(unit, of, grad, &mut room.pairs);
            for (r, t, taps, weights) in &phases {
                // Where in the input the phase's first row and column are, and from which on.
                let start = |r: usize| {
                    let first = shape.padding.saturating_sub(r).div_ceil(s);
                    (first, first * s + r - shape.padding)
                };
                let ((m, y0), (n, x0)) = (start(*r), start(*t));
                let map = (of, &room.pairs[..]);
                let products = &mut room.products;
                correlate(
                    unit,
                    weights,
                    map,
                    taps,
                    positions,
                    products,
                    |first, products| {
                        let channels = dx[first * shape.h * shape.w..]
                            .chunks_exact_mut(shape.h * shape.w)
                            .zip(products.chunks_exact(blocks(positions) * BLOCK));
                        for (dx, row) in channels {
                            let lines = dx.chunks_exact_mut(shape.w).skip(y0).step_by(s);
                            for (to, line) in lines.zip(row.chunks(width).skip(m)) {
                                if s == 1 {
                                    to.copy_from_slice(&line[n..n + shape.w]);
                                } else {
                                    let to = to.iter_mut().skip(x0).step_by(s);
                                    to.zip(&line[n..]).for_each(|(to, x)| *to = *x);
                                }
                            }
                        }
                    },
                );
            }
        });
    dx
}

/// The gradient of the weight: for each kernel position, a product of the input, moved by it, and
/// the gradient of the output, over all output positions.
pub fn weight_gradient(unit: Unit, shape: &ConvShape, x: &[f32], grad: &[f32]) -> Vec<f32> {
    let (of, area, k) = (input_planes(shape), shape.area(), shape.k);
    let (inputs, outputs) = (blocks(shape.cin) * BLOCK, blocks(shape.out) * BLOCK);
    let length = blocks(shape.oh * of.width) * BLOCK;
    let gradients = Planes {
        map: (shape.oh, shape.ow),
        front: 0,
        stride: 1,
        width: of.width,
        length,
    };
    let (a, b) = (
        Stride {
            row: 2 * of.channel(),
            half: 32 * of.channel(),
        },
        Stride {
            row: 4 * outputs,
            half: 64,
        },
    );
    let photos = shape.batch.div_ceil(PARTS);
    let picture = shape.cin * shape.h * shape.w;
    let part = |(x, grad): (&[f32], &[f32])| {
        let mut sums = vec![0f32; k * k * inputs * outputs];
        let mut map = vec![0; inputs * of.channel()];
        let mut lines = vec![0; outputs * length];
        let mut turned = vec![0; length / 2 * outputs];
        let products = Products::new(unit);
        for (x, grad) in x.chunks(picture).zip(grad.chunks(shape.out * area)) {
            singles(unit, of, x, &mut map);
            singles(unit, gradients, grad, &mut lines);
            transposed(unit, &lines, length, &mut turned);
            for (tap, sums) in sums.chunks_exact_mut(inputs * outputs).enumerate() {
                let tap = of.tap(tap / k, tap % k);
                for i in (0..inputs).step_by(BLOCK) {
                    for o in (0..outputs).step_by(BLOCK) {
                        let steps = (0..length).step_by(STEP).map(|q| {
                            let a = &map[i * of.channel() + tap + q..];
                            (a.as_ptr(), turned[q / 2 * outputs + o..].as_ptr())
                        });
                        let c = sums[i * outputs + o..].as_mut_ptr();
                        // SAFETY: a phase is long enough for all positions from every tap on, and
                        // the others have whole blocks.
                        unsafe { products.block(steps, (a, b), c, 4 * outputs, true) };
                    }
                }
            }
        }
        sums
    };
    let parts: Vec<Vec<f32>> = x
        .par_chunks(photos * picture)
        .zip(grad.par_chunks(photos * shape.out * area))
        .map(part)
        .collect();
    let mut dw = vec![0.0; shape.out * shape.cin * k * k];
    const LINE: usize = 16;
    dw.par_chunks_mut(LINE * shape.cin * k * k)
        .enumerate()
        .for_each(|(line, dw)| {
            for at in 0..shape.cin * k * k {
                let from = (at % (k * k) * inputs + at / (k * k)) * outputs + line * LINE;
                let mut sums = [0.0; LINE];
                for part in &parts {
                    let part = &part[from..from + LINE];
                    sums.iter_mut().zip(part).for_each(|(sum, x)| *sum += x);
                }
                let rows = dw.chunks_exact_mut(shape.cin * k * k);
                rows.zip(sums).for_each(|(row, sum)| row[at] = sum);
            }
        });
    dw
}
