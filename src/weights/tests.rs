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
mod weaver;

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

#[test]
fn foreign_files_are_named() {
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    for bytes in [&png[..], b"<!DOCTYPE html><html></html>", &[0; 100]] {
        assert_eq!(why(bytes), WeightsError::NotAModel);
    }
    assert_eq!(why(b""), WeightsError::Length(0));
    let other = file(&serde_json::json!({"__metadata__": {"format": "pt"}}), &[]);
    assert_eq!(why(&other), WeightsError::Foreign);
    assert_eq!(
        why(&file(&serde_json::json!({}), &[])),
        WeightsError::Foreign
    );
    let error = changed(|header| header["__metadata__"]["version"] = "7".into());
    assert!(matches!(error, WeightsError::Version { .. }), "{error}");
    assert!(error.to_string().contains("version 7"));
}

#[test]
fn a_file_cut_short_anywhere_is_refused() {
    let file = packed();
    for length in (0..file.len()).step_by(7).chain([8, 9, file.len() - 1]) {
        assert_eq!(why(&file[..length]), WeightsError::Length(length));
    }
    let longer = [&file[..], b"\0"].concat();
    assert_eq!(why(&longer), WeightsError::Length(file.len() + 1));
}

#[test]
fn any_changed_byte_is_noticed() {
    let file = packed();
    let (_, data) = parts(&file);
    let start = file.len() - data.len();
    for at in (0..start).chain((start..file.len()).step_by(11)) {
        for flip in [1, 0x80] {
            let mut file = file.clone();
            file[at] ^= flip;
            let error = why(&file);
            assert!(at < start || error == WeightsError::Digest, "{at}: {error}");
        }
    }
    assert!(
        WeightsError::Digest
            .to_string()
            .contains("digest does not match")
    );
}

#[test]
fn tensors_that_do_not_fit_are_named() {
    const NAME: &str = "editor.trunk.sixteenth.0.conv1.conv.weight";
    let error = changed(|header| {
        let info = header.as_object_mut().unwrap().remove(NAME).unwrap();
        header["editor.trunk.sixteenth.9.conv1.conv.weight"] = info;
    });
    assert_eq!(error, WeightsError::Missing(NAME.into()));
    let error = changed(|header| {
        let end = header["text.embedding.weight"]["data_offsets"][1].clone();
        header["surplus"] =
            serde_json::json!({"dtype": "I8", "shape": [0], "data_offsets": [end, end]});
    });
    assert_eq!(error, WeightsError::Unexpected("surplus".into()));
    let error = changed(|header| header[NAME]["shape"] = [16, 16, 9].into());
    assert!(matches!(error, WeightsError::Shape { .. }), "{error}");
    assert!(error.to_string().contains(NAME), "{error}");
    for dtype in ["U8", "F8_E4M3"] {
        let error = changed(|header| header[NAME]["dtype"] = dtype.into());
        assert!(matches!(error, WeightsError::Type { .. }), "{error}");
    }
    let error = changed(|header| {
        let entries = header.as_object_mut().unwrap();
        let names = [NAME, "editor.trunk.downs.0.conv.weight"].map(String::from);
        let [a, b] = names.each_ref().map(|name| entries.remove(name).unwrap());
        entries.extend(names.into_iter().zip([b, a]));
    });
    assert!(matches!(error, WeightsError::Shape { .. }), "{error}");
}

#[test]
fn numbers_that_are_not_finite_are_named() {
    let (header, data) = parts(&packed());
    for (name, bytes) in [
        (
            "editor.trunk.ups.0.conv.weight.scale",
            &f32::INFINITY.to_le_bytes()[..],
        ),
        (
            "editor.trunk.ups.0.conv.weight.scale",
            &f32::NAN.to_le_bytes(),
        ),
        ("editor.trunk.out.bias", &half::f16::NAN.to_le_bytes()),
    ] {
        let at = header[name]["data_offsets"][0].as_u64().unwrap() as usize;
        let mut data = data.clone();
        data[at..at + bytes.len()].copy_from_slice(bytes);
        let error = why(&file(&header, &data));
        assert_eq!(error, WeightsError::NotFinite(name.into()));
    }
    let mut model = model(FusionForm::Concat);
    let nan = |_: &str, shape: &[usize]| Ok(vec![f32::NAN; shape.iter().product()]);
    model.generator = named::load::<_, WeightsError>("editor", model.generator, nan).unwrap();
    assert!(matches!(
        pack(&model, Bits::Eight),
        Err(WeightsError::NotFinite(_))
    ));
}

#[test]
fn metadata_that_does_not_fit_is_named() {
    let entry = |error: WeightsError| match error {
        WeightsError::Metadata { entry, .. } => entry,
        error => panic!("{error}"),
    };
    for key in ["config", "facts", "tokenizer", "self_test"] {
        let error = changed(|header| header["__metadata__"][key] = "{".into());
        assert_eq!(entry(error), key);
        let missing = changed(|header| {
            header["__metadata__"].as_object_mut().unwrap().remove(key);
        });
        assert_eq!(entry(missing), key);
    }
    for (path, value) in [
        ("/text/hidden", 1_000_000_000_000_u64.into()),
        ("/text/embedding", 0.into()),
        ("/text/dropout", 2.0.into()),
        (
            "/editor/trunk/widths",
            serde_json::json!([8, 8, 16, 1_000_000_000]),
        ),
        ("/editor/trunk/eighth/0", 4_000_000_000_u64.into()),
        ("/editor/trunk/sixteenth", 0.into()),
        ("/editor/trunk/embedding", 0.into()),
        ("/editor/layers", u64::MAX.into()),
        ("/editor/fusion", serde_json::json!({"LowRank": 0})),
        ("/editor/sentence", 17.into()),
        ("/short_side", 63.into()),
    ] {
        let error = with_entry("config", |config| {
            *config.pointer_mut(path).unwrap() = value
        });
        assert_eq!(entry(error), "config", "{path}");
    }
    for side in [0u64, 48, 1 << 40] {
        let error = with_entry("self_test", |test| test["side"] = side.into());
        assert_eq!(entry(error), "self_test", "{side}");
    }
    let fewer = with_entry("tokenizer", |tokenizer| {
        let words = tokenizer["vocab"].as_object_mut().unwrap();
        words.remove("red");
    });
    assert_eq!(entry(fewer), "tokenizer");
    let more = with_entry("config", |config| {
        config["text"]["vocabulary"] = 1_000_000.into();
    });
    assert_eq!(entry(more), "tokenizer");
    // A size that is allowed, but not the file's.
    let error = with_entry("config", |config| {
        config["editor"]["trunk"]["embedding"] = 4096.into()
    });
    assert!(matches!(error, WeightsError::Shape { .. }), "{error}");
    let error = with_entry("config", |config| {
        config["editor"]["trunk"]["eighth"][1] = 3.into()
    });
    assert!(matches!(error, WeightsError::Missing(_)), "{error}");
    let error = with_entry("tokenizer", |json| json["vocab"]["red"] = 9.into());
    assert_eq!(entry(error), "tokenizer");

    let mut model = model(FusionForm::Concat);
    for prompts in [vec![], vec!["xyzzy".to_owned()]] {
        model.facts.prompts = prompts;
        assert_eq!(entry(pack(&model, Bits::Eight).unwrap_err()), "facts");
    }
    model.vocabulary = Vocabulary::new([]).unwrap();
    assert_eq!(entry(pack(&model, Bits::Eight).unwrap_err()), "tokenizer");
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
