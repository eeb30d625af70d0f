use super::self_test::{averages, numbers};
use super::*;
use crate::editor::{Editor, EditorConfig};
use crate::fusion::FusionForm;
use crate::trunk::TrunkConfig;
use burn::tensor::Device;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

mod bits;
mod refusals;
mod text_to_image;

fn device() -> Device {
    Device::flex()
}

fn config(form: FusionForm) -> ModelConfig<EditorConfig> {
    let text = TextEncoderConfig::new(7).with_embedding(32).with_hidden(8);
    let trunk = TrunkConfig::new()
        .with_widths([8, 8, 16, 16])
        .with_eighth([1, 1])
        .with_embedding(8);
    let editor = EditorConfig::new(trunk)
        .with_fusion(form)
        .with_layers(1)
        .with_sentence(16);
    ModelConfig::new(text, editor)
}

/// The sizes of the recipe.
fn large() -> ModelConfig<EditorConfig> {
    let text = TextEncoderConfig::new(crate::prompt::sentence::tokens().len() + 2)
        .with_embedding(64)
        .with_hidden(64);
    ModelConfig::new(text, EditorConfig::new(TrunkConfig::new())).with_side(192)
}

/// A model whose outputs depend on its inputs: the initial weights are too small for that.
fn model(form: FusionForm) -> Model<Editor> {
    editor(config(form))
}

fn editor(config: ModelConfig<EditorConfig>) -> Model<Editor> {
    let editor = config.generator.init(&device());
    draw(config, editor)
}

fn draw<G: Generator>(config: ModelConfig<G::Config>, generator: G) -> Model<G> {
    let mut state = 1u32;
    let mut random = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    let mut values = |name: &str, shape: &[usize]| {
        let fan_in = shape.iter().skip(1).product::<usize>().max(1);
        let (around, reach) = match name.rsplit('.').next() {
            Some("running_var" | "gamma") => (1.0, 0.5),
            _ if shape.len() == 1 => (0.0, 0.1),
            // A trained one is small beside the query that it is added to.
            _ if name.ends_with("update.weight") => (0.0, 0.03),
            _ => (0.0, (6.0 / fan_in as f32).sqrt()),
        };
        let draw = |_| around + reach * random();
        Ok::<_, WeightsError>((0..shape.iter().product::<usize>()).map(draw).collect())
    };
    let words = ["make", "it", "blue", "red", "<colour>"]
        .map(String::from)
        .into_iter();
    let more = (words.len() + 2..config.text.vocabulary).map(|i| format!("word{i}"));
    let vocabulary = Vocabulary::new(words.chain(more)).unwrap();
    Model {
        text: named::load("text", G::init_text(&config.text, &device()), &mut values).unwrap(),
        generator: named::load(G::NAME, generator, &mut values).unwrap(),
        config,
        facts: Facts {
            prompts: vec!["make it blue".into()],
            ..Facts::default()
        },
        vocabulary,
        check: SelfTest::default(),
    }
}

fn packed() -> Vec<u8> {
    packed_in(Bits::Eight)
}

fn packed_in(bits: Bits) -> Vec<u8> {
    pack(&model(FusionForm::LowRank(8)), bits).unwrap()
}

fn why(bytes: &[u8]) -> WeightsError {
    unpack::<Editor>(bytes, &device()).unwrap_err()
}

/// On this device a future is ready at once.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the device waits"),
    }
}

/// The header as JSON, and the data.
fn parts(file: &[u8]) -> (serde_json::Value, Vec<u8>) {
    let length = u64::from_le_bytes(file[..8].try_into().unwrap()) as usize;
    let header = serde_json::from_slice(&file[8..8 + length]).unwrap();
    (header, file[8 + length..].to_vec())
}

/// A file of a header and data, with a digest that is right.
fn file(header: &serde_json::Value, data: &[u8]) -> Vec<u8> {
    let header = serde_json::to_vec(header).unwrap();
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header);
    file.extend(data);
    packed::seal(&mut file);
    file
}

/// The packed file with something changed in its header.
fn changed(change: impl FnOnce(&mut serde_json::Value)) -> WeightsError {
    changed_in(&packed(), change)
}

fn changed_in(packed: &[u8], change: impl FnOnce(&mut serde_json::Value)) -> WeightsError {
    let (mut header, data) = parts(packed);
    change(&mut header);
    why(&file(&header, &data))
}

/// The packed file with something changed in a JSON entry of its metadata.
fn with_entry(key: &str, change: impl FnOnce(&mut serde_json::Value)) -> WeightsError {
    changed(|header| {
        let entry = &mut header["__metadata__"][key];
        let mut json = serde_json::from_str(entry.as_str().unwrap()).unwrap();
        change(&mut json);
        *entry = json.to_string().into();
    })
}

#[test]
fn every_form_comes_back_near_what_was_packed() {
    let forms = [
        FusionForm::Concat,
        FusionForm::Film,
        FusionForm::Bilinear,
        FusionForm::LowRank(8),
    ];
    for (form, bits) in forms
        .into_iter()
        .flat_map(|form| [(form.clone(), Bits::Eight), (form, Bits::Four)])
    {
        let model = model(form.clone());
        let packed = pack(&model, bits).unwrap();
        let read = unpack::<Editor>(&packed, &device()).unwrap();
        let (before, after) = (probe(&model), probe(&read));
        let mask = &before[..before.len() / 2];
        let mean = mask.iter().sum::<f32>() / mask.len() as f32;
        let spread = mask.iter().map(|c| (c - mean).powi(2)).sum::<f32>();
        let spread = spread / mask.len() as f32;
        assert!(spread > 1e-4, "{form:?} makes a flat mask: {spread}");
        // So small a model of random weights has no redundancy to hide the rounding in, and four
        // bits round eighteen times as coarsely.
        let off: Vec<f32> = before
            .iter()
            .zip(&after)
            .map(|(a, b)| (a - b).abs())
            .collect();
        let mean = off.iter().sum::<f32>() / off.len() as f32;
        let most = off.iter().fold(0f32, |a, b| a.max(*b));
        let [mean_near, most_near] = match bits {
            Bits::Eight => [0.015, 0.1],
            Bits::Four => [0.03, 0.4],
        };
        let near = mean > 0.0 && mean < mean_near && most < most_near;
        assert!(
            near,
            "{form:?} {bits:?} is {mean} off on average, {most} at most"
        );
        assert_eq!(read.facts, model.facts);
        assert!(now(read.self_test()).unwrap() < 1e-3);
        assert_eq!(
            packed,
            pack(&model, bits).unwrap(),
            "{form:?} packs the same again"
        );
        // What is read is what is packed: only new rounding of the scales may differ.
        let again = unpack::<Editor>(&pack(&read, bits).unwrap(), &device()).unwrap();
        assert!(now(again.self_test()).is_ok());
    }
}

/// What the self-test looks at.
fn probe<G: Generator>(model: &Model<G>) -> Vec<f32> {
    let pictures = model.generator.probe(model.first_condition().unwrap(), 64);
    let picture =
        |picture: Tensor<4>| averages(picture.dims(), &numbers(picture.into_data()).unwrap());
    pictures.into_iter().flat_map(picture).collect()
}

#[test]
fn the_recipes_model_is_small() {
    let model = editor(large());
    for (bits, most) in [(Bits::Eight, 3_000_000), (Bits::Four, 1_900_000)] {
        let packed = pack(&model, bits).unwrap();
        assert!(packed.len() <= most, "{bits:?}: {} bytes", packed.len());
    }
}

#[test]
fn a_model_that_computes_something_else_fails_its_self_test() {
    let mut read = unpack::<Editor>(&packed(), &device()).unwrap();
    read.generator = model(FusionForm::LowRank(8)).generator;
    read.text = read.config.text.init_with_colours(&device());
    let error = now(read.self_test()).unwrap_err();
    assert!(matches!(error, WeightsError::SelfTest { .. }), "{error}");
    let check = SelfTest::default();
    assert!(check.compare(&[], &[0.0; 256]).is_err());
    assert!(check.compare(&[0.0], &[f32::NAN]).is_err());
}

/// What is wrong with a file, for the half that paints, too.
fn both(packed: &[u8]) -> [WeightsError; 2] {
    let half = unpack_generator::<Editor>(packed, &device());
    [why(packed), half.unwrap_err()]
}

#[test]
fn a_self_test_that_would_pass_anything_is_refused() {
    let lax = 2.1 / 255.0;
    for (key, value) in [
        ("tolerance", 1e9.into()),
        ("tolerance", lax.into()),
        ("tolerance", (-1e-3).into()),
        ("tolerance", serde_json::json!(null)),
        ("condition", serde_json::json!([])),
        ("condition", serde_json::json!([0.5])),
        ("condition", serde_json::json!(vec![0.5; 17])),
        ("side", 48.into()),
    ] {
        let (mut header, data) = parts(&packed());
        let entry = &mut header["__metadata__"]["self_test"];
        let mut test: serde_json::Value = serde_json::from_str(entry.as_str().unwrap()).unwrap();
        test[key] = value;
        *entry = test.to_string().into();
        for error in both(&file(&header, &data)) {
            let named = matches!(
                error,
                WeightsError::Metadata {
                    entry: "self_test",
                    ..
                }
            );
            assert!(named, "{key}: {error}");
        }
    }
}

#[test]
fn the_half_that_paints_is_checked_by_its_digest_too() {
    let mut file = packed();
    let last = file.len() - 1;
    file[last] ^= 1;
    assert_eq!(both(&file), [WeightsError::Digest, WeightsError::Digest]);
}

#[test]
fn a_half_that_computes_something_else_fails_its_self_test() {
    let (_, half, check) = unpack_generator::<Editor>(&packed(), &device()).unwrap();
    assert!(now(check.paint(&half)).unwrap() < 1e-3);
    let other = |_: &str, shape: &[usize]| Ok::<_, ()>(vec![-0.1; shape.iter().product()]);
    let other = named::load("editor", half, other).unwrap();
    let error = now(check.paint(&other)).unwrap_err();
    assert!(matches!(error, WeightsError::SelfTest { .. }), "{error}");
}
