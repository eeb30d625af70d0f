//! `cargo bench`: our convolutions beside burn's own on the trunk's shapes, and the passes over a
//! photo's pixels.

use std::hint::black_box;

use burn::tensor::activation::relu;
use burn::tensor::module::{conv2d, interpolate};
use burn::tensor::ops::{ConvOptions, InterpolateMode, InterpolateOptions};
use burn::tensor::{Device, Distribution, Tensor};
use criterion::Criterion;
use wordloom::colour::srgb_to_lab;
use wordloom::fabric::{Fabric, Kind};
use wordloom::paint::{Change, Edit, Paint};
use wordloom::shrink::{Size, shrink};
use wordloom_kernels::Activation;
use wordloom_kernels::inference::{Fused, PrepackedConv};

/// What the network sees of a photo of 4:3.
const SMALL: Size = Size {
    width: 256,
    height: 192,
};
const PHOTOS: [(&str, [usize; 2]); 2] = [
    ("1 megapixel", [1152, 864]),
    ("12 megapixels", [4000, 3000]),
];

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    convolutions(&mut criterion);
    pixels(&mut criterion);
    criterion.final_summary();
}

/// Each with its bias and ReLU, on a picture of `side` by `side`.
fn convolutions(criterion: &mut Criterion) {
    let device = Device::flex();
    let random = |shape: [usize; 4]| -> Tensor<4> {
        Tensor::random(shape, Distribution::Normal(0.0, 0.1), &device)
    };
    // (channels in and out, kernel, stride, padding, side), and whether it is upsampled first
    for (name, [cin, out, kernel, stride, padding, side], upsample) in [
        ("4x4 3-32 at 192 halved", [3, 32, 4, 2, 1, 192], false),
        ("4x4 48-96 at 48 halved", [48, 96, 4, 2, 1, 48], false),
        ("3x3 96-96 at 24", [96, 96, 3, 1, 1, 24], false),
        ("3x3 160-160 at 12", [160, 160, 3, 1, 1, 12], false),
        ("3x3 160-96 at 12 upsampled", [160, 96, 3, 1, 1, 12], true),
        ("3x3 48-32 at 48 upsampled", [48, 32, 3, 1, 1, 48], true),
        ("3x3 32-48 at 96", [32, 48, 3, 1, 1, 96], false),
    ] {
        let x = random([1, cin, side, side]);
        let weight = random([out, cin, kernel, kernel]);
        let bias = random([1, 1, 1, out]).reshape([out]);
        let mut group = criterion.benchmark_group(name);

        let prepacked = PrepackedConv::new(weight.clone(), Some(bias.clone()), stride, padding);
        let fused = Fused {
            upsample,
            activation: Activation::RELU,
        };
        group.bench_function("ours", |bench| {
            bench.iter(|| prepacked.forward(black_box(x.clone()), fused));
        });

        let twice =
            InterpolateOptions::new(InterpolateMode::Nearest).with_output_size([2 * side; 2]);
        group.bench_function("burn's", |bench| {
            bench.iter(|| {
                let x = black_box(x.clone());
                let x = match upsample {
                    true => interpolate(x, twice.clone()),
                    false => x,
                };
                let options = ConvOptions::new([stride; 2], [padding; 2], [1, 1], 1);
                relu(conv2d(x, weight.clone(), Some(bias.clone()), options))
            });
        });
        group.finish();
    }
}

/// Painting, and what comes before the network.
fn pixels(criterion: &mut Criterion) {
    let values = bytes(3 * SMALL.width * SMALL.height);
    let photo: Vec<f32> = values
        .iter()
        .map(|byte| f32::from(*byte) / 127.5 - 1.0)
        .collect();
    // The left half is to be red.
    let area = SMALL.width * SMALL.height;
    let mask = (0..area).map(|i| f32::from(2 * (i % SMALL.width) < SMALL.width));
    let lab = srgb_to_lab([190, 30, 40]);
    let mask: Vec<f32> = mask.collect();
    let fit = |full, fabric| {
        let change = Change::Colour { lab };
        let paint = Paint {
            change,
            plain: false,
            fabric,
        };
        let layers = [(mask.clone(), paint)];
        Edit::fit(black_box(&photo), SMALL, &layers, full).expect("an edit")
    };
    criterion.bench_function("fit an edit", |bench| bench.iter(|| fit(SMALL, None)));

    let tartan = Some(Fabric::new(Kind::Tartan));
    for (name, [width, height]) in PHOTOS {
        let size = Size { width, height };
        let mut rgba = bytes(4 * width * height);
        criterion.bench_function(&format!("fit tartan to {name}"), |bench| {
            bench.iter(|| fit(size, tartan));
        });
        for (what, fabric) in [("", None), (" as tartan", tartan)] {
            let edit = fit(size, fabric);
            criterion.bench_function(&format!("apply to {name}{what}"), |bench| {
                bench.iter(|| edit.apply(black_box(&mut rgba), 1.0).expect("a photo"));
            });
        }
        criterion.bench_function(&format!("shrink {name}"), |bench| {
            bench.iter(|| shrink(black_box(&rgba), size, SMALL).expect("planes"));
        });
    }
}

/// Any bytes, the same on every run.
fn bytes(len: usize) -> Vec<u8> {
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..len).map(|_| next()).collect()
}
