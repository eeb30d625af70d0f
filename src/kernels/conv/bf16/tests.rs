use super::*;
use crate::kernels::conv::{self, gradients, tests::SHAPES};
use burn::tensor::{Device, Distribution, Tensor};

/// Numbers that bf16 holds, so that rounding changes nothing.
fn random(count: usize) -> Vec<f32> {
    let normal = Distribution::Normal(0.0, 1.0);
    let values = Tensor::<1>::random([count], normal, &Device::flex()).into_data();
    let round = |value| f32::from_bits(bf16(value) << 16);
    values.iter::<f32>().map(round).collect()
}

#[test]
fn agree_with_the_products_of_floats_where_there_is_bf16() {
    if !blocks::available() {
        return;
    }
    for [b, cin, cout, h, w, k, stride, padding] in SHAPES {
        let shape = ConvShape::new(&[b, cin, h, w], &[cout, cin, k, k], stride, padding);
        let x = random(b * cin * h * w);
        let weight = random(cout * cin * k * k);
        let grad = random(b * cout * shape.area());
        let near = |ours: Vec<f32>, floats: Vec<f32>| {
            assert_eq!(ours.len(), floats.len());
            for (a, b) in ours.iter().zip(&floats) {
                assert!((a - b).abs() < 1e-3 + 1e-4 * b.abs(), "{shape:?}: {a} {b}");
            }
        };
        near(
            forward(&shape, &x, &weight),
            conv::forward(&shape, &x, &weight),
        );
        near(
            input_gradient(&shape, &weight, &grad),
            gradients::input_gradient(&shape, &weight, &grad),
        );
        near(
            weight_gradient(&shape, &x, &grad),
            gradients::weight_gradient(&shape, &x, &grad),
        );
    }
}
