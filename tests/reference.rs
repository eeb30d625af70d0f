//! The port against another implementation: its weights in, its features, edits and masks out.

use std::convert::Infallible;
use std::path::PathBuf;

use burn::tensor::{Device, Tensor, TensorData};
use safetensors::{SafeTensors, tensor::TensorView};
use wordloom::editor::{Editor, EditorConfig};
use wordloom::prompt::{Batch, TextEncoderConfig, Vocabulary};
use wordloom::weights::named;

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

#[test]
#[ignore = "needs WORDLOOM_REFERENCE, a folder with a checkpoint of another implementation"]
fn agrees_with_another_implementation() {
    let device = Device::flex();
    let bytes = file("editor-flowers-64.safetensors");
    let checkpoint = SafeTensors::deserialize(&bytes).expect("a checkpoint");
    let words: Vec<String> =
        serde_json::from_slice(&file("vocabulary.json")).expect("a list of words");
    let source =
        |name: &str, shape: &[usize]| Ok::<_, Infallible>(tensor(&checkpoint, name, shape));
    let Ok(text) = named::load(
        "text",
        TextEncoderConfig::new(words.len()).init(&device),
        source,
    );
    let Ok(editor) = named::load("editor", EditorConfig::new().init(&device), source);
    let vocabulary = Vocabulary::new(words.into_iter().skip(2)).expect("a vocabulary");

    let bytes = file("cases.safetensors");
    let cases = SafeTensors::deserialize(&bytes).expect("cases");
    let (_, header) = SafeTensors::read_metadata(&bytes).expect("a header");
    let metadata = header.metadata().as_ref().expect("metadata");
    let sentences: Vec<String> = serde_json::from_str(&metadata["sentences"]).expect("a list");
    let photo = cases.tensor("photo").expect("a photo");
    let photo = TensorData::new(floats(&photo), photo.shape().to_vec());
    let photo = Tensor::<4>::from_data(photo, &device);

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
    }
    for (apart, name) in &worst {
        println!("{name}: at most {apart:.1e} apart");
    }
    let far: Vec<_> = worst.iter().filter(|(d, _)| !(*d <= NEAR)).collect();
    assert!(
        far.is_empty(),
        "{far:?} of {} are further apart than {NEAR}",
        worst.len()
    );
}

#[test]
#[ignore = "needs"]
fn measure() {
    use wordloom::weights::*;
    let device = Device::flex();
    let bytes = file("editor-flowers-64.safetensors");
    let checkpoint = SafeTensors::deserialize(&bytes).expect("a checkpoint");
    let words: Vec<String> =
        serde_json::from_slice(&file("vocabulary.json")).expect("a list of words");
    let source =
        |name: &str, shape: &[usize]| Ok::<_, Infallible>(tensor(&checkpoint, name, shape));
    let text = TextEncoderConfig::new(words.len());
    let config = ModelConfig::new(text.clone(), EditorConfig::new());
    let Ok(text) = named::load("text", text.init(&device), source);
    let Ok(editor) = named::load("editor", EditorConfig::new().init(&device), source);
    let vocabulary = Vocabulary::new(words.into_iter().skip(2)).expect("a vocabulary");
    let facts = Facts {
        prompts: vec!["make it yellow".into()],
        data: "x".repeat(1000),
        ..Default::default()
    };
    let model = Model {
        config,
        facts,
        vocabulary,
        text,
        editor,
        check: SelfTest::default(),
    };
    let bytes = file("cases.safetensors");
    let cases = SafeTensors::deserialize(&bytes).expect("cases");
    let (_, header) = SafeTensors::read_metadata(&bytes).expect("a header");
    let metadata = header.metadata().as_ref().expect("metadata");
    let mut sentences: Vec<String> = serde_json::from_str(&metadata["sentences"]).expect("a list");
    sentences.extend(
        [
            "make it yellow",
            "the petals are purple",
            "red",
            "white petals with a yellow center",
            "blue",
            "pink flower",
            "this flower is orange with long stamen",
        ]
        .map(String::from),
    );
    let photo = cases.tensor("photo").expect("a photo");
    let photo = TensorData::new(floats(&photo), photo.shape().to_vec());
    let photo = Tensor::<4>::from_data(photo, &device);
    for int4 in ["none", "embedding", "fusion", "input", "text", "textcond"] {
        unsafe { std::env::set_var("INT4", int4) };
        let packed = pack(&model).unwrap();
        let t0 = std::time::Instant::now();
        let small = unpack(&packed, &device).unwrap();
        let ms = t0.elapsed().as_secs_f32() * 1e3;
        print!(
            "{int4}: {} bytes, header {}, unpack {ms:.1} ms;",
            packed.len(),
            u64::from_le_bytes(packed[..8].try_into().unwrap())
        );
        let (mut mean, mut most, mut mmean) = (0.0, 0f32, 0.0);
        for s in &sentences {
            let edit = |m: &Model| {
                let ids = m.vocabulary.read(s).unwrap().ids;
                let f = m.text.forward(&Batch::new(&[ids], &device)).sentence;
                m.editor
                    .forward(photo.clone(), m.editor.condition(f).draw(None))
            };
            let (a, b) = (edit(&model), edit(&small));
            let d = (a.photo - b.photo).abs() / 2.0;
            most = most.max(d.clone().max().into_scalar::<f32>());
            mean += d.mean().into_scalar::<f32>();
            mmean += (a.mask - b.mask).abs().mean().into_scalar::<f32>();
        }
        let n = sentences.len() as f32;
        println!(
            " edit mean {:.5} max {most:.4} mask mean {:.5}",
            mean / n,
            mmean / n
        );
    }
}
