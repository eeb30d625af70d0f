//! The text encoder and the head against another implementation: its weights in, its masks out.

use std::convert::Infallible;
use std::path::PathBuf;

use burn::tensor::{Device, Tensor, TensorData};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use wordloom::head::HeadConfig;
use wordloom::prompt::{Batch, TextEncoderConfig};
use wordloom::weights::named;

/// Its embeddings, of up to 30, are kept as half floats.
const NEAR: f32 = 0.02;

fn file(name: &str) -> Vec<u8> {
    let folder = std::env::var_os("WORDLOOM_REFERENCE").expect("WORDLOOM_REFERENCE is set");
    let path = PathBuf::from(folder).join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn floats(view: &TensorView) -> Vec<f32> {
    let halves = |bytes: &[u8; 2]| half::f16::from_le_bytes(*bytes).to_f32();
    match view.dtype() {
        Dtype::F16 => view.data().as_chunks().0.iter().map(halves).collect(),
        Dtype::F32 => {
            let singles = view.data().as_chunks().0.iter();
            singles.map(|bytes| f32::from_le_bytes(*bytes)).collect()
        }
        other => panic!("a tensor of {other}"),
    }
}

/// The name in the checkpoint.
fn theirs(ours: &str) -> String {
    let mut name = ours.to_owned();
    for (from, to) in [
        ("text.embedding.", "e."),
        ("text.ahead.input.weight", "l.weight_ih_l0"),
        ("text.ahead.state.weight", "l.weight_hh_l0"),
        ("text.back.input.weight", "l.weight_ih_l0_reverse"),
        ("text.back.state.weight", "l.weight_hh_l0_reverse"),
        ("head.mask.", "q."),
    ] {
        name = name.replace(from, to);
    }
    name
}

/// Its queries are this much larger.
const SCALE: f32 = 4.0 / 7.0;

/// One of our tensors from the checkpoint's. It has no presence.
fn tensor(checkpoint: &SafeTensors, ours: &str, shape: &[usize]) -> Vec<f32> {
    let get = |name: &str| {
        checkpoint
            .tensor(name)
            .unwrap_or_else(|error| panic!("{ours} is {name} there: {error}"))
    };
    if ours.starts_with("head.presence.") {
        return vec![0.0; shape.iter().product()];
    }
    // Two biases a direction there, which add up.
    for (direction, suffix) in [("ahead", ""), ("back", "_reverse")] {
        if ours == format!("text.{direction}.input.bias") {
            let input = floats(&get(&format!("l.bias_ih_l0{suffix}")));
            let state = floats(&get(&format!("l.bias_hh_l0{suffix}")));
            return input.iter().zip(&state).map(|(a, b)| a + b).collect();
        }
    }
    let view = get(&theirs(ours));
    let mut values = floats(&view);
    if ours.starts_with("head.mask.") {
        // A row a number of the query, there; the last one is the bias.
        let row = values.len() / view.shape()[0];
        let query = values.len() - row;
        values[..query].iter_mut().for_each(|value| *value *= SCALE);
    }
    // Linear maps are [out, in] there.
    let &[inputs, outputs] = shape else {
        assert_eq!(view.shape(), shape, "{ours}");
        return values;
    };
    if ours == "text.embedding.weight" {
        return values;
    }
    assert_eq!(view.shape(), [outputs, inputs], "{ours}");
    let transposed = |i| (0..outputs).map(move |o| o * inputs + i);
    let order = (0..inputs).flat_map(transposed);
    order.map(|at| values[at]).collect()
}

/// The four sentences of a photo, without what fills them up.
fn sentences(cases: &SafeTensors, number: usize) -> Vec<Vec<u32>> {
    let numbers = |name: &str| -> Vec<u32> {
        let view = cases.tensor(&format!("{number}.{name}")).expect(name);
        let numbers = view.data().as_chunks().0.iter();
        numbers
            .map(|bytes| i64::from_le_bytes(*bytes) as u32)
            .collect()
    };
    let (ids, lengths) = (numbers("ids"), numbers("lengths"));
    let each = ids.len() / lengths.len();
    let rows = ids.chunks(each).zip(lengths);
    rows.map(|(ids, length)| ids[..length as usize].to_vec())
        .collect()
}

#[test]
#[ignore = "needs WORDLOOM_REFERENCE, a folder with a checkpoint of another implementation"]
fn agrees_with_another_implementation() {
    let device = Device::flex();
    let bytes = file("prototype.safetensors");
    let checkpoint = SafeTensors::deserialize(&bytes).expect("a checkpoint");
    let source =
        |name: &str, shape: &[usize]| Ok::<_, Infallible>(tensor(&checkpoint, name, shape));
    let words = checkpoint.tensor("e.weight").expect("embeddings").shape()[0];
    let text = TextEncoderConfig::new(words)
        .with_embedding(64)
        .with_hidden(64);
    let Ok(text) = named::load("text", text.init(&device), source);
    let head = HeadConfig::new(48, 160, 128);
    let Ok(head) = named::load("head", head.init(&device), source);

    let bytes = file("cases.safetensors");
    let cases = SafeTensors::deserialize(&bytes).expect("cases");
    for number in 0..2 {
        let case = |name: &str| cases.tensor(&format!("{number}.{name}")).expect(name);
        let view = case("embeddings");
        let &[c, h, w] = view.shape() else {
            panic!("embeddings of {:?}", view.shape())
        };
        let places = TensorData::new(floats(&view), [1, c, h, w]);
        let places = Tensor::<4>::from_data(places, &device);
        let logits = floats(&case("logits"));
        for (ids, theirs) in sentences(&cases, number)
            .into_iter()
            .zip(logits.chunks(h * w))
        {
            let t = text.forward(&Batch::new(&[ids], &device)).sentence;
            let ours = head.mask(places.clone(), t).into_data();
            let ours: Vec<f32> = ours.try_to_vec().expect("floats");
            let apart = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs());
            // `max` would drop a NaN.
            let most = apart.fold(0.0, |most, d| if d > most || d.is_nan() { d } else { most });
            println!("photo {number}: logits are {most:.1e} apart at most");
            assert!(most < NEAR);
        }
    }
}
