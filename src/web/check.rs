//! Only in the build that the tests make: our kernel beside burn's own operations, on one GPU, and edits
//! drawn by the GPU beside those by the CPU.

use burn::tensor::activation::leaky_relu;
use burn::tensor::module::{conv2d, interpolate};
use burn::tensor::ops::{ConvOptions, InterpolateMode, InterpolateOptions};
use burn::tensor::{Device, Tensor, TensorData};
use wasm_bindgen::prelude::*;
use wordloom_kernels::Activation;
use wordloom_kernels::inference::{Fused, PrepackedConv};

use crate::fabric::{Fabric, Kind};
use crate::gpu::{Drawn, Gpu};
use crate::paint::{Change, Edit, Paint};
use crate::random::normal;
use crate::shrink::{Size, shrink};

/// Convolves `count` random pictures of random shapes both ways, and gives for each what it was and
/// the largest difference.
#[wasm_bindgen]
pub async fn compare_convolutions(count: u32) -> Result<Vec<String>, JsError> {
    let gpu = Gpu::open(false).await?;
    let mut lines = Vec::new();
    for seed in 0..count {
        lines.push(compare(&gpu.burn(), seed).await?);
    }
    Ok(lines)
}

async fn compare(device: &Device, seed: u32) -> Result<String, JsError> {
    let dice = normal(seed, 6);
    let up_to = |i: usize, most: usize| 1 + (dice[i].abs() * 1e4) as usize % most;
    let [batch, cin, out] = [up_to(0, 3), up_to(1, 20), up_to(2, 20)];
    let [h, w] = [up_to(3, 20), up_to(4, 20)];
    let kinds = [[3, 1, 1], [4, 2, 1], [1, 1, 0], [4, 1, 2], [5, 3, 2]];
    let [kernel, stride, padding] = kinds[seed as usize % kinds.len()];
    let slope = [1.0, 0.0, 0.2][up_to(5, 3) - 1];
    let upsample = seed % 2 == 1;

    let random = |seed: u32, shape: [usize; 4], deviation: f32| -> Tensor<4> {
        let values = normal(seed, shape.iter().product());
        let values: Vec<f32> = values.into_iter().map(|value| value * deviation).collect();
        Tensor::from_data(TensorData::new(values, shape), device)
    };
    let deviation = 1.0 / ((cin * kernel * kernel) as f32).sqrt();
    let weight = random(seed + 1000, [out, cin, kernel, kernel], deviation);
    let x = random(seed + 2000, [batch, cin, h + 3, w + 3], 1.0);
    let bias =
        (!seed.is_multiple_of(3)).then(|| random(seed + 3000, [1, 1, 1, out], 1.0).reshape([out]));

    let prepacked = PrepackedConv::new(weight.clone(), bias.clone(), stride, padding);
    let fused = Fused {
        upsample,
        activation: Activation::LeakyRelu(slope),
    };
    let ours = prepacked.forward(x.clone(), fused);

    let [_, _, h, w] = x.dims();
    let larger = InterpolateOptions::new(InterpolateMode::Nearest).with_output_size([2 * h, 2 * w]);
    let seen = if upsample { interpolate(x, larger) } else { x };
    let options = ConvOptions::new([stride; 2], [padding; 2], [1, 1], 1);
    let burns = leaky_relu(conv2d(seen, weight, bias, options), slope);

    let shape = ours.dims();
    if shape != burns.dims() {
        return Err(JsError::new(&format!("{shape:?} and {:?}", burns.dims())));
    }
    let mut values = Vec::new();
    for tensor in [ours, burns] {
        values.push(tensor.into_data_async().await?.try_to_vec::<f32>()?);
    }
    let apart = values[0].iter().zip(&values[1]).map(|(a, b)| (a - b).abs());
    let most = apart.fold(
        0f32,
        |most, d| if d > most || d.is_nan() { d } else { most },
    );
    Ok(format!(
        "{most} {kernel}x{kernel} stride {stride} [{batch}, {cin}, {h}, {w}] to {shape:?}, upsampled {upsample}, slope {slope}"
    ))
}

/// Paints a photo with every kind of cloth by the GPU and by the CPU, and gives for each the largest
/// difference of a byte, how much of the photo changed, and which it was.
#[wasm_bindgen]
pub async fn compare_cloths() -> Result<Vec<String>, JsError> {
    let gpu = Gpu::open(false).await?;
    let [full, small] = [(420, 300), (56, 40)].map(|(width, height)| Size { width, height });
    let grain = normal(5, 4 * full.width * full.height);
    let photo = grain.iter().enumerate().map(|(i, grain)| {
        let (x, y) = (i / 4 % full.width, i / 4 / full.width);
        let folds = 40.0 * (x as f32 / 23.0 + y as f32 / 51.0).sin();
        (130.0 + folds + 30.0 * (i % 4) as f32 + 6.0 * grain) as u8
    });
    let photo: Vec<u8> = photo.collect();
    let planes = shrink(&photo, full, small)?;
    let mask = |left: usize| -> Vec<f32> {
        let inside =
            |i: usize| (left..left + 24).contains(&(i % small.width)) && i / small.width > 6;
        let places = 0..small.width * small.height;
        places.map(|i| if inside(i) { 1.0 } else { 0.0 }).collect()
    };
    let paint = |fabric| Paint {
        change: Change::Colour {
            lab: [40.0, 50.0, 20.0],
        },
        plain: false,
        fabric,
    };
    let mut lines = Vec::new();
    for (i, kind) in Kind::ALL.into_iter().enumerate() {
        // Another cloth above, so that both are found in what they share; and one layer without.
        let above = Fabric::new(Kind::ALL[(i + 5) % Kind::ALL.len()]);
        let layers = [
            (mask(4), paint(Some(Fabric::new(kind)))),
            (mask(20), paint(None)),
            (mask(30), paint(Some(above))),
        ];
        let edit = Edit::fit(&planes, small, &layers, full)?;
        let mut ours = photo.clone();
        edit.apply(&mut ours, 0.9)?;
        let drawing = gpu.drawing(&edit, &photo);
        let drawing = drawing.ok_or_else(|| JsError::new("no drawing"))?;
        let Drawn::Bytes(theirs) = gpu.draw(&drawing, 0.9).await? else {
            return Err(JsError::new("no bytes"));
        };
        let apart = ours.iter().zip(&theirs).map(|(a, b)| a.abs_diff(*b));
        let changed = ours.iter().zip(&photo).filter(|(a, b)| a != b).count();
        let share = changed as f32 / photo.len() as f32;
        lines.push(format!("{} {share} {kind:?}", apart.max().unwrap_or(255)));
    }
    Ok(lines)
}
