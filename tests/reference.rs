//! The port against another implementation: its weights in, its embeddings, queries and masks out.

use std::convert::Infallible;
use std::path::PathBuf;

use burn::tensor::{Device, Tensor, TensorData};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde_json::Value;
use wordloom::editor::{Editor, EditorConfig};
use wordloom::prompt::{Batch, TextEncoder, TextEncoderConfig, Vocabulary};
use wordloom::trunk::TrunkConfig;
use wordloom::weights::{
    Bits, Facts, Generator, Model, ModelConfig, SelfTest, named, pack, unpack,
};

/// Its embeddings are kept as half floats, of up to 30; its queries were computed in bf16.
const NEAR: f32 = 0.05;

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
        ("editor.head.mask.", "q."),
        ("editor.trunk.", ""),
        ("downs.0.", "stem."),
        ("downs.1.", "dn.0."),
        ("downs.2.", "dn.1."),
        ("downs.3.", "dn.2."),
        ("eighth.", "b8."),
        ("sixteenth.", "b16."),
        ("ups.", "up."),
        ("whole.", "g."),
        ("out.", "o."),
        (".conv1.", ".c1."),
        (".conv2.", ".c2."),
        (".conv.", ".0."),
        (".norm.", ".1."),
        (".gamma", ".weight"),
        (".beta", ".bias"),
    ] {
        name = name.replace(from, to);
    }
    name
}

/// One of our tensors from the checkpoint's. It has no presence, and no embeddings of colours.
fn tensor(checkpoint: &SafeTensors, ours: &str, shape: &[usize]) -> Vec<f32> {
    let get = |name: &str| {
        checkpoint
            .tensor(name)
            .unwrap_or_else(|error| panic!("{ours} is {name} there: {error}"))
    };
    if ours.starts_with("editor.head.presence.") || ours.starts_with("text.colour.") {
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
    let values = floats(&view);
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

/// The checkpoint as a model of ours.
fn model(device: &Device) -> Model<Editor> {
    let bytes = file("prototype.safetensors");
    let checkpoint = SafeTensors::deserialize(&bytes).expect("a checkpoint");
    let json: Value = serde_json::from_slice(&file("words.json")).expect("a list of words");
    let ids = json["words"].as_object().expect("ids of words");
    let mut words: Vec<_> = ids.iter().map(|(word, id)| (id.as_u64(), word)).collect();
    words.sort();
    let words = words.into_iter().skip(2).map(|(_, word)| word.clone());
    let source =
        |name: &str, shape: &[usize]| Ok::<_, Infallible>(tensor(&checkpoint, name, shape));
    let text = TextEncoderConfig::new(ids.len())
        .with_embedding(64)
        .with_hidden(64);
    let config = ModelConfig::new(text, EditorConfig::new(TrunkConfig::new())).with_side(192);
    let Ok(text) = named::load("text", Editor::init_text(&config.text, device), source);
    let Ok(editor) = named::load("editor", config.generator.init(device), source);
    Model {
        config,
        facts: Facts {
            prompts: vec!["make it yellow".into()],
            ..Facts::default()
        },
        vocabulary: Vocabulary::new(words).expect("a vocabulary"),
        text,
        generator: editor,
        check: SelfTest::default(),
    }
}

/// A photo, there `[h, w, 3]` in [0, 1], as our `[1, 3, h, w]` in [-1, 1].
fn photo(cases: &SafeTensors, number: usize, device: &Device) -> Tensor<4> {
    let photo = cases.tensor(&format!("{number}.photo")).expect("a photo");
    let data = TensorData::new(floats(&photo), photo.shape().to_vec());
    let photo = Tensor::<3>::from_data(data, device);
    photo.permute([2, 0, 1]).unsqueeze() * 2.0 - 1.0
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

/// What the editor makes of a photo and of each of its sentences: embeddings and mask logits.
fn run(
    editor: &Editor,
    text: &TextEncoder,
    cases: &SafeTensors,
    number: usize,
) -> (Tensor<4>, Tensor<4>) {
    let device = Device::flex();
    let features = editor.look(photo(cases, number, &device));
    let masks = sentences(cases, number).into_iter().map(|ids| {
        let t = text.forward(&Batch::new(&[ids], &device)).sentence;
        editor.mask(&features, t)
    });
    let masks = Tensor::cat(masks.collect(), 1);
    (features.places, masks)
}

#[test]
#[ignore = "needs WORDLOOM_REFERENCE, a folder with a checkpoint of another implementation"]
fn agrees_with_another_implementation() {
    let device = Device::flex();
    let model = model(&device);
    let bytes = file("cases.safetensors");
    let cases = SafeTensors::deserialize(&bytes).expect("cases");
    let folded = model.generator.clone().fold();
    let mut far = Vec::new();
    for (kind, editor) in [
        ("with norms", model.generator.clone()),
        ("folded", folded.clone()),
        ("laid out", folded.lay_out()),
    ] {
        for number in 0..2 {
            let (places, masks) = run(&editor, &model.text, &cases, number);
            for (what, ours) in [("embeddings", places), ("logits", masks)] {
                let theirs = cases.tensor(&format!("{number}.{what}")).expect("a case");
                assert_eq!(&ours.dims()[1..], theirs.shape(), "{what}");
                let ours: Vec<f32> = ours.into_data().try_to_vec().expect("floats");
                let theirs = floats(&theirs);
                let apart = ours.iter().zip(&theirs).map(|(a, b)| (a - b).abs());
                // `max` would drop a NaN.
                let most = apart.fold(0.0, |most, d| if d > most || d.is_nan() { d } else { most });
                let largest = theirs.iter().fold(0f32, |most, x| most.max(x.abs()));
                println!("{number}.{what} {kind}: {most:.1e} apart, of up to {largest:.1}");
                if most.is_nan() || most > NEAR {
                    far.push(format!("{number}.{what} {kind}"));
                }
            }
        }
    }
    assert!(far.is_empty(), "{far:?} are further apart than {NEAR}");
}

#[test]
#[ignore = "needs WORDLOOM_REFERENCE, a folder with a checkpoint of another implementation"]
fn packed_weights_see_like_the_full_ones() {
    let device = Device::flex();
    let full = model(&device);
    let bytes = pack(&full, Bits::Eight).expect("a packed model");
    let small = unpack::<Editor>(&bytes, &device).expect("the same model");
    println!("{} bytes", bytes.len());
    assert!(bytes.len() <= 3_200_000);

    let cases = file("cases.safetensors");
    let cases = SafeTensors::deserialize(&cases).expect("cases");
    for number in 0..2 {
        let masks = |model: &Model<Editor>| {
            let (_, masks) = run(&model.generator, &model.text, &cases, number);
            burn::tensor::activation::sigmoid(masks)
        };
        let apart = (masks(&full) - masks(&small)).abs();
        let mean: f32 = apart.clone().mean().into_scalar();
        let most: f32 = apart.max().into_scalar();
        println!("photo {number}: masks are {mean:.4} apart on average, {most:.2} at most");
        assert!(mean < 0.01);
    }
}
