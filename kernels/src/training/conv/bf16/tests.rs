use std::io::Write as _;

use super::amx::HasTiles;
use super::avx512::HasVectors;
use super::*;
use crate::training::conv::{self, gradients, tests::SHAPES};
use burn::tensor::{Device, Distribution, Tensor};

/// As [`Products::block`], one number after the other.
///
/// # Safety
/// The same.
pub unsafe fn block(
    steps: impl Iterator<Item = (*const u16, *const u32)>,
    (a_stride, b_stride): (Stride, Stride),
    c: *mut f32,
    row: usize,
    add: bool,
) {
    // Where a row of `a` or a column of `b` is, of 16 in each half.
    let place = |i: usize, half: usize, next: usize| i / 16 * half + i % 16 * next;
    let float = |bits: u32| f32::from_bits(bits << 16);
    let mut sums = [[0.0f32; BLOCK]; BLOCK];
    // SAFETY: the caller's promise.
    unsafe {
        for (a, b) in steps {
            for (i, sums) in sums.iter_mut().enumerate() {
                let a = a.byte_add(place(i, a_stride.half, a_stride.row));
                for (j, sum) in sums.iter_mut().enumerate() {
                    let b = b.byte_add(place(j, b_stride.half, 4));
                    for k in 0..STEP {
                        let pair = b.byte_add(k / 2 * b_stride.row).read_unaligned();
                        let value = float(u32::from(a.add(k).read_unaligned()));
                        *sum += value * float(pair >> (k % 2 * 16) & 0xffff);
                    }
                }
            }
        }
        for (i, sums) in sums.iter().enumerate() {
            for (j, sum) in sums.iter().enumerate() {
                let c = c.byte_add(i * row).add(j);
                *c = if add { *c + sum } else { *sum };
            }
        }
    }
}

/// Numbers that bf16 holds, so that rounding changes nothing.
fn random(count: usize) -> Vec<f32> {
    let normal = Distribution::Normal(0.0, 1.0);
    let values = Tensor::<1>::random([count], normal, &Device::flex()).into_data();
    let round = |value| f32::from_bits(bf16(value) << 16);
    values.iter::<f32>().map(round).collect()
}

/// One that is here on every processor, and those of this one.
#[test]
fn all_units_agree_with_the_products_of_floats() {
    let tiles = HasTiles::find().map(Unit::Tiles);
    let vectors = HasVectors::find().map(Unit::Vectors);
    for (unit, name) in [(tiles, "matrix tiles"), (vectors, "products of vectors")] {
        if unit.is_none() {
            // Past what the test runner hides.
            let _ = writeln!(std::io::stderr(), "{}: no {name} here", module_path!());
        }
    }
    for unit in [Some(Unit::Numbers), tiles, vectors].into_iter().flatten() {
        for [b, cin, cout, h, w, k, stride, padding] in SHAPES {
            let shape = ConvShape::new(&[b, cin, h, w], &[cout, cin, k, k], stride, padding);
            let x = random(b * cin * h * w);
            let weight = random(cout * cin * k * k);
            let grad = random(b * cout * shape.area());
            let near = |ours: Vec<f32>, floats: Vec<f32>| {
                assert_eq!(ours.len(), floats.len());
                for (a, b) in ours.iter().zip(&floats) {
                    let apart = (a - b).abs();
                    assert!(
                        apart < 1e-3 + 1e-4 * b.abs(),
                        "{unit:?}, {shape:?}: {a} {b}"
                    );
                }
            };
            near(
                forward(unit, &shape, &x, &weight),
                conv::forward(&shape, &x, &weight),
            );
            near(
                input_gradient(unit, &shape, &weight, &grad),
                gradients::input_gradient(&shape, &weight, &grad),
            );
            near(
                weight_gradient(unit, &shape, &x, &grad),
                gradients::weight_gradient(&shape, &x, &grad),
            );
        }
    }
}
