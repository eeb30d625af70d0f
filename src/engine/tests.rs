use super::*;
use crate::editor::EditorConfig;
use crate::fusion::FusionForm;
use crate::prompt::{TextEncoderConfig, Vocabulary};
use crate::weights::{Bits, Facts, ModelConfig, SelfTest, named};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// On the CPU nothing is ever waited for.
fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the CPU waits for something"),
    }
}

/// A tiny model, packed and opened.
fn engine() -> Engine {
    let device = Device::flex();
    let words = ["the", "petals", "are", "blue"].map(String::from);
    let vocabulary = Vocabulary::new(words).expect("a vocabulary");
    let text = TextEncoderConfig::new(vocabulary.size())
        .with_embedding(5)
        .with_hidden(4);
    let editor = EditorConfig::new()
        .with_widths(vec![4, 6, 8])
        .with_blocks(1)
        .with_fusion(FusionForm::LowRank(16))
        .with_sentence(8)
        .with_condition(8);
    // Weights as training starts from hardly change a photo; these do.
    let mut seed = 0;
    let draw = |_: &str, shape: &[usize]| {
        seed += 1;
        let count: usize = shape.iter().product();
        let inputs = (count / shape[0]) as f32;
        let values = normal(seed, count).into_iter().map(|z| z / inputs.sqrt());
        Ok::<_, WeightsError>(values.collect())
    };
    let drawn = named::load("editor", editor.init_folded(&device), draw);
    let model = Model {
        text: text.init(&device),
        generator: drawn.expect("an editor"),
        config: ModelConfig::new(text, editor).with_side(16),
        facts: Facts {
            prompts: vec!["blue petals".into()],
            ..Facts::default()
        },
        vocabulary,
        check: SelfTest::default(),
    };
    let packed = weights::pack(&model, Bits::Eight).expect("a packed model");
    now(Engine::open(&packed, device)).expect("an engine")
}

/// A photo with colours, texture and any alpha.
fn photo(width: usize, height: usize) -> Vec<u8> {
    let pixel = |i: usize| {
        let (x, y) = (i % width, i / width);
        let noise = (i.wrapping_mul(2_654_435_761) >> 7) % 40;
        [
            x * 200 / width + noise,
            y * 200 / height + noise,
            noise * 5,
            255 - i * 7 % 256,
        ]
        .map(|v| v as u8)
    };
    (0..width * height).flat_map(pixel).collect()
}

fn edit(engine: &Engine, photo: &[u8], width: usize, height: usize, seed: Option<u32>) -> Edit {
    try_edit(engine, photo, width, height, "the petals are blue", seed).expect("an edit")
}

fn try_edit(
    engine: &Engine,
    photo: &[u8],
    width: usize,
    height: usize,
    sentence: &str,
    seed: Option<u32>,
) -> Result<Edit, EngineError> {
    let reading = now(engine.read(sentence, seed))?;
    now(engine
        .painter()
        .edit(photo, width, height, &reading.condition))
}

#[test]
fn photos_of_any_size_are_edited_and_keep_their_alpha() {
    let engine = engine();
    for (width, height) in [(1, 1), (1, 5), (7, 3), (640, 480), (4000, 3), (1, 12_000)] {
        let before = photo(width, height);
        let edit = edit(&engine, &before, width, height, None);
        assert_eq!((edit.width(), edit.height()), (width, height));
        assert_eq!(edit.mask(&before).unwrap().len(), width * height);

        let mut after = before.clone();
        edit.apply(&mut after, 0.0).unwrap();
        assert!(
            after == before,
            "{width}x{height}: strength 0 changes the photo"
        );
        edit.apply(&mut after, 1.0).unwrap();
        assert!(
            after != before,
            "{width}x{height}: strength 1 leaves the photo"
        );
        let alpha = |rgba: &[u8]| rgba.iter().skip(3).step_by(4).copied().collect::<Vec<_>>();
        assert!(alpha(&after) == alpha(&before), "{width}x{height}: alpha");
    }
}

#[test]
fn transparent_photos_stay_transparent() {
    let mut rgba = [12, 34, 56, 0].repeat(30 * 20);
    let edit = edit(&engine(), &rgba, 30, 20, None);
    edit.apply(&mut rgba, 1.0).unwrap();
    assert!(rgba.iter().skip(3).step_by(4).all(|alpha| *alpha == 0));
}

#[test]
fn half_the_strength_is_half_the_change() {
    let before = photo(40, 30);
    let edit = edit(&engine(), &before, 40, 30, None);
    let at = |strength| {
        let mut rgba = before.clone();
        edit.apply(&mut rgba, strength).unwrap();
        rgba
    };
    let (half, whole) = (at(0.5), at(1.0));
    for ((before, half), whole) in before.iter().zip(half).zip(whole) {
        let between = (f32::from(*before) + f32::from(whole)) / 2.0;
        assert!((f32::from(half) - between).abs() <= 1.0);
    }
}

#[test]
fn a_seed_is_a_reading_of_the_sentence() {
    let (engine, photo) = (engine(), photo(50, 40));
    let with = |seed| {
        let mut rgba = photo.clone();
        let edit = edit(&engine, &photo, 50, 40, seed);
        edit.apply(&mut rgba, 1.0).unwrap();
        rgba
    };
    assert!(with(Some(7)) == with(Some(7)));
    assert!(with(Some(7)) != with(Some(8)));
    assert!(with(Some(7)) != with(None));
}

#[test]
fn drawn_numbers_are_normal_and_never_change() {
    let z = normal(1, 100_000);
    let mean = z.iter().sum::<f32>() / z.len() as f32;
    let var = z.iter().map(|z| (z - mean).powi(2)).sum::<f32>() / z.len() as f32;
    let within = z.iter().filter(|z| z.abs() < 1.0).count() as f32 / z.len() as f32;
    assert!(
        mean.abs() < 0.01 && (var - 1.0).abs() < 0.02,
        "{mean} {var}"
    );
    assert!((within - 0.683).abs() < 0.01, "{within}");
    // Computed with integers of any size, in another language.
    assert_eq!(
        normal(7, 4),
        [-1.0009542, 1.3335403, 0.51886206, -0.87937015]
    );
}

#[test]
fn the_network_sees_the_photo_in_its_own_shape() {
    let small = |width, height| {
        let Size { width, height } = small_size(Size { width, height }, 64, 4);
        (width, height)
    };
    assert_eq!(small(1, 1), (64, 64));
    assert_eq!(small(640, 480), (84, 64));
    assert_eq!(small(480, 640), (64, 84));
    assert_eq!(small(12_000, 9_000), (84, 64));
    assert_eq!(small(1, 12_000), (64, 256));
    assert_eq!(small(usize::MAX, 1), (256, 64));
}

#[test]
fn errors_say_what_to_do() {
    let engine = engine();
    let error = |rgba: &[u8], width, height, sentence| {
        let edit = try_edit(&engine, rgba, width, height, sentence, None);
        edit.expect_err("an error").to_string()
    };
    let blue = "the petals are blue";
    assert!(error(&[], 0, 7, blue).starts_with("The photo is 0 x 7 pixels"));
    assert!(error(&[0; 15], 2, 2, blue).contains("16 bytes"));
    assert!(error(&[], usize::MAX, 2, blue).contains("Make it smaller"));
    assert!(error(&[0; 16], 2, 2, " ").starts_with("The sentence is empty"));
    assert!(error(&[0; 16], 2, 2, "xyzzy").contains("“xyzzy”"));

    let foreign = now(engine.painter().edit(&[0; 16], 2, 2, &[0.0; 3]));
    assert!(foreign.unwrap_err().to_string().contains("3 numbers"));

    let damaged = now(Engine::open(b"no model", Device::flex()));
    assert!(matches!(damaged, Err(EngineError::Weights(_))));

    let edit = edit(&engine, &[9; 16], 2, 2, None);
    for strength in [-0.1, 1.1, f32::NAN, f32::INFINITY] {
        let error = edit.apply(&mut [9; 16], strength).unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("The strength is {strength},")),
            "{error}"
        );
    }
    assert!(edit.apply(&mut [9; 12], 1.0).is_err());
    assert!(edit.mask(&[9; 20]).is_err());
}

#[test]
fn unknown_words_are_told_and_do_no_harm() {
    let engine = engine();
    let sentence = "the Xyzzy petals";
    assert_eq!(engine.unknown_words(sentence), ["Xyzzy"]);
    assert_eq!(engine.unknown_words("蓝色"), ["蓝色"]);
    assert!(engine.unknown_words("🌸").is_empty());
    assert_eq!(now(engine.read(sentence, None)).unwrap().unknown, ["Xyzzy"]);
}
