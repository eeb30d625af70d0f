use super::*;
use crate::text_to_image::{TextToImage, TextToImageConfig};

fn model() -> Model<TextToImage> {
    let text = TextEncoderConfig::new(7).with_embedding(32).with_hidden(8);
    let generator = TextToImageConfig::new()
        .with_widths(vec![8, 6, 4])
        .with_fine(3)
        .with_condition(7)
        .with_exemplars(5)
        .with_sentence(16);
    let config = ModelConfig::new(text, generator.clone()).with_side(generator.size());
    draw(config, generator.init(&device()))
}

#[test]
fn a_text_to_image_generator_comes_back_and_is_no_editor() {
    let model = model();
    let packed = pack(&model, Bits::Eight).unwrap();
    let read = unpack::<TextToImage>(&packed, &device()).unwrap();
    // Of one condition: the sentence itself is read by an encoder of four bits.
    let condition = model.first_condition().unwrap();
    let forms = |model: &Model<TextToImage>| -> Vec<f32> {
        let forms = model.generator.probe(condition.clone(), 64).into_iter();
        let each = forms.map(|form| averages(form.dims(), &numbers(form.into_data()).unwrap()));
        each.flatten().collect()
    };
    let (before, after) = (forms(&model), forms(&read));
    let apart = before.iter().zip(&after).map(|(a, b)| (a - b).abs());
    assert!(apart.fold(0f32, f32::max) < 0.05);
    assert!(
        before.iter().any(|share| (share - before[0]).abs() > 0.1),
        "a flat picture"
    );
    assert!(now(read.self_test()).unwrap() < 1e-3);
    let (_, half, check) = unpack_generator::<TextToImage>(&packed, &device()).unwrap();
    assert!(now(check.paint(&half)).unwrap() < 1e-3);
    let other = of_other_weights(&read);
    assert!(now(check.paint(&other)).is_err());

    assert_eq!(why(&packed), WeightsError::OtherKind("edits photos"));
    let editor = unpack::<TextToImage>(&super::packed(), &device()).unwrap_err();
    assert!(editor.to_string().contains("makes pictures"), "{editor}");
    for (path, value) in [
        ("/text_to_image/widths", serde_json::json!([])),
        ("/text_to_image/condition", 0.into()),
        ("/text_to_image/local", 0.into()),
        ("/text_to_image/sentence", 17.into()),
        ("/short_side", 33.into()),
    ] {
        let (mut header, data) = parts(&packed);
        let entry = &mut header["__metadata__"]["config"];
        let mut config: serde_json::Value = serde_json::from_str(entry.as_str().unwrap()).unwrap();
        *config.pointer_mut(path).unwrap() = value;
        *entry = config.to_string().into();
        let error = unpack::<TextToImage>(&file(&header, &data), &device()).unwrap_err();
        assert!(
            matches!(
                error,
                WeightsError::Metadata {
                    entry: "config",
                    ..
                }
            ),
            "{path}: {error}"
        );
    }
}

fn of_other_weights(model: &Model<TextToImage>) -> TextToImage {
    let negative = |_: &str, shape: &[usize]| Ok::<_, ()>(vec![-0.3; shape.iter().product()]);
    named::load("text_to_image", model.generator.clone(), negative).unwrap()
}
