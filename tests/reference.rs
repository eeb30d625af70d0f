//! The port against another implementation: its weights in, its features, edits and masks out.

use std::convert::Infallible;
use std::path::PathBuf;
use std::time::Instant;

use burn::tensor::{Device, Tensor, TensorData};
use safetensors::{SafeTensors, tensor::TensorView};
use wordloom::editor::{Editor, EditorConfig};
use wordloom::prompt::{Batch, TextEncoderConfig, Vocabulary};
use wordloom::weights::{Bits, Facts, Model, ModelConfig, SelfTest, named, pack, unpack};

const NEAR: f32 = 1e-4;

fn file(name: &str) -> Vec<u8> {
    let folder = std::env::var_os("WORDLOOM_REFERENCE").expect("WORDLOOM_REFERENCE is set");
    let path = PathBuf::from(folder).join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn floats(view: &TensorView) -> Vec<f32> {
    let float = |bytes: &[u8]| f32::from_le_bytes(bytes.try_into().expect("four bytes"));
    view.data().chunks_exact(4).map(float).collect()
}

/// The name in the checkpoint, and whether the tensor is a linear map, there `[out, in]`.
fn theirs(ours: &str) -> (String, bool) {
    let linear = ["text.ahead", "text.back", "editor.condition"]
        .iter()
        .any(|prefix| ours.starts_with(prefix))
        || ours.ends_with(".v.weight");
    let mut name = ours.trim_start_matches("editor.").replace(".LowRank", "");
    for (from, to) in [
        ("text.ahead.input.weight", "text.lstm.weight_ih_l0"),
        ("text.ahead.state.weight", "text.lstm.weight_hh_l0"),
        ("text.back.input.weight", "text.lstm.weight_ih_l0_reverse"),
        ("text.back.state.weight", "text.lstm.weight_hh_l0_reverse"),
        ("encoder.downs.0", "encoder.down1"),
        ("encoder.downs.1", "encoder.down2"),
        ("decoder.ups.0", "decoder.up1"),
        ("decoder.ups.1", "decoder.up2"),
        ("gamma", "weight"),
        ("beta", "bias"),
    ] {
        name = name.replace(from, to);
    }
    if name.starts_with("blocks.") {
        for n in ["1", "2"] {
            name = name.replace(&format!("conv{n}.conv"), &format!("conv{n}"));
            name = name.replace(&format!("conv{n}.norm"), &format!("norm{n}"));
        }
    }
    (name, linear)
}

/// One of our tensors from the checkpoint's.
fn tensor(checkpoint: &SafeTensors, ours: &str, shape: &[usize]) -> Vec<f32> {
    let get = |name: &str| {
        checkpoint
            .tensor(name)
            .unwrap_or_else(|error| panic!("{ours} is {name} there: {error}"))
    };
    // Two biases a direction there, which add up.
    for (direction, suffix) in [("ahead", ""), ("back", "_reverse")] {
        if ours == format!("text.{direction}.input.bias") {
            let input = floats(&get(&format!("text.lstm.bias_ih_l0{suffix}")));
            let state = floats(&get(&format!("text.lstm.bias_hh_l0{suffix}")));
            return input.iter().zip(&state).map(|(a, b)| a + b).collect();
        }
    }
    let (name, linear) = theirs(ours);
    let view = get(&name);
    let values = floats(&view);
    if !linear {
        assert_eq!(view.shape(), shape, "{ours}");
        return values;
    }
    let &[inputs, outputs] = shape else {
        panic!("{ours} is not a matrix: {shape:?}")
    };
    assert_eq!(view.shape(), [outputs, inputs], "{ours}");
    let transposed = |i| (0..outputs).map(move |o| o * inputs + i);
    let order = (0..inputs).flat_map(transposed);
    order.map(|at| values[at]).collect()
}

/// The checkpoint as a model of ours.
fn model(device: &Device) -> Model<Editor> {
    let bytes = file("editor-flowers-64.safetensors");
    let checkpoint = SafeTensors::deserialize(&bytes).expect("a checkpoint");
    let words: Vec<String> =
        serde_json::from_slice(&file("vocabulary.json")).expect("a list of words");
    let source =
        |name: &str, shape: &[usize]| Ok::<_, Infallible>(tensor(&checkpoint, name, shape));
    let config = ModelConfig::new(
        TextEncoderConfig::new(words.len()),
        EditorConfig::new().with_skips(false),
    );
    let Ok(text) = named::load("text", config.text.init(device), source);
    let Ok(editor) = named::load("editor", config.generator.init(device), source);
    Model {
        config,
        facts: Facts {
            prompts: vec!["make it yellow".into()],
            ..Facts::default()
        },
        vocabulary: Vocabulary::new(words.into_iter().skip(2)).expect("a vocabulary"),
        text,
        generator: editor,
        check: SelfTest::default(),
    }
}

fn photo(cases: &SafeTensors, device: &Device) -> Tensor<4> {
    let photo = cases.tensor("photo").expect("a photo");
    let photo = TensorData::new(floats(&photo), photo.shape().to_vec());
    Tensor::from_data(photo, device)
}

#[test]
#[ignore = "needs WORDLOOM_REFERENCE, a folder with a checkpoint of another implementation"]
fn agrees_with_another_implementation() {
    let device = Device::flex();
    let Model {
        text,
        generator: editor,
        vocabulary,
        ..
    } = model(&device);

    let bytes = file("cases.safetensors");
    let cases = SafeTensors::deserialize(&bytes).expect("cases");
    let (_, header) = SafeTensors::read_metadata(&bytes).expect("a header");
    let metadata = header.metadata().as_ref().expect("metadata");
    let sentences: Vec<String> = serde_json::from_str(&metadata["sentences"]).expect("a list");
    let photo = photo(&cases, &device);

    let mut worst: Vec<(f32, String)> = Vec::new();
    let mut compare = |name: String, ours: TensorData, theirs: &str| {
        let theirs = cases.tensor(theirs).expect("a case");
        assert_eq!(&ours.shape()[..], theirs.shape(), "{name}");
        let ours: Vec<f32> = ours.try_to_vec().expect("floats");
        let apart = ours.iter().zip(floats(&theirs)).map(|(a, b)| (a - b).abs());
        // `max` would drop a NaN.
        let most = apart.fold(0.0, |most, d| if d > most || d.is_nan() { d } else { most });
        worst.push((most, name));
    };
    for (i, sentence) in sentences.iter().enumerate() {
        let ids = vocabulary.read(sentence).expect("known words").ids;
        let tokens = cases.tensor(&format!("{i}.tokens")).expect("tokens");
        let id = |bytes: &[u8]| i64::from_le_bytes(bytes.try_into().expect("eight bytes")) as u32;
        let tokens: Vec<u32> = tokens.data().chunks_exact(8).map(id).collect();
        assert_eq!(ids, tokens, "{sentence}");

        let features = text.forward(&Batch::new(&[ids], &device));
        compare(
            format!("{i}.words"),
            features.words.into_data(),
            &format!("{i}.words"),
        );
        compare(
            format!("{i}.sentence"),
            features.sentence.to_data(),
            &format!("{i}.sentence"),
        );
        let mut edit = |kind: &str, editor: &Editor| {
            let t = editor.condition(features.sentence.clone()).draw(None);
            let edit = editor.forward(photo.clone(), t);
            let name = |what| format!("{i}.{what} {kind}");
            compare(name("edit"), edit.photo.into_data(), &format!("{i}.edit"));
            compare(name("mask"), edit.mask.into_data(), &format!("{i}.mask"));
        };
        edit("with norms", &editor);
        edit("folded", &editor.clone().fold());
        edit("laid out", &editor.clone().fold().lay_out());
    }
    for (apart, name) in &worst {
        println!("{name}: at most {apart:.1e} apart");
    }
    let far: Vec<_> = worst
        .iter()
        .filter(|(d, _)| d.is_nan() || *d > NEAR)
        .collect();
    assert!(
        far.is_empty(),
        "{far:?} of {} are further apart than {NEAR}",
        worst.len()
    );
}

#[test]
#[ignore = "needs WORDLOOM_REFERENCE, a folder with a checkpoint of another implementation"]
fn packed_weights_edit_like_the_full_ones() {
    let device = Device::flex();
    let full = model(&device);
    let bytes = pack(&full, Bits::Eight).expect("a packed model");
    let small = unpack::<Editor>(&bytes, &device).expect("the same model");
    let times = (0..9).map(|_| {
        let start = Instant::now();
        unpack::<Editor>(&bytes, &device).expect("the same model");
        start.elapsed()
    });
    println!("{} bytes, unpacked in {:?}", bytes.len(), times.min());
    assert!(bytes.len() <= 2_200_000);

    let cases = file("cases.safetensors");
    let photo = photo(&SafeTensors::deserialize(&cases).expect("cases"), &device);
    for sentence in [
        "this flower has blue petals",
        "the petals are bright red and the center is yellow",
        "purple",
        "a white flower with long thin petals",
        "make it yellow",
    ] {
        let edit = |model: &Model<Editor>| {
            let ids = model.vocabulary.read(sentence).expect("known words").ids;
            let features = model.text.forward(&Batch::new(&[ids], &device));
            let t = model.generator.condition(features.sentence).draw(None);
            model.generator.forward(photo.clone(), t)
        };
        let (full, small) = (edit(&full), edit(&small));
        let apart = (full.photo - small.photo).abs() * 127.5;
        let mean: f32 = apart.clone().mean().into_scalar();
        let most: f32 = apart.max().into_scalar();
        println!("{sentence}: {mean:.2} of 255 apart on average, {most:.1} at most");
        assert!(mean < 1.0 && most < 20.0);
    }
}
