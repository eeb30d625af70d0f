use super::*;
use crate::comparison::{Comparison, ComparisonConfig};
use crate::fusion::FusionForm;
use crate::head::HeadConfig;
use crate::weights::Bits;

/// The editor's own head, and one with FiLM that sees places of so many numbers; packed.
fn packed_layers(embedding: usize) -> Vec<u8> {
    let device = Device::flex();
    let model: Model<Editor> = weights::unpack(&packed(), &device).expect("an editor");
    let own = HeadConfig {
        embedding,
        ..model.config.generator.head()
    };
    let film = HeadConfig {
        fusion: FusionForm::Film,
        ..own.clone()
    };
    device.seed(4);
    let config = ComparisonConfig {
        heads: vec![own, film],
    };
    let mut heads = config.init(&device).heads;
    if embedding == model.config.generator.trunk.embedding {
        heads[0] = model.generator.head.clone();
    }
    let facts = Facts {
        metrics: [("film".to_owned(), 0.25)].into(),
        ..model.facts.clone()
    };
    let layers = Model {
        config: ModelConfig::new(model.config.text.clone(), config).with_side(32),
        text: model.text,
        generator: Comparison { heads },
        facts,
        vocabulary: model.vocabulary,
        check: SelfTest::default(),
    };
    weights::pack(&layers, Bits::Eight).expect("packed layers")
}

fn layers(embedding: usize) -> Layers {
    now(Layers::open(&packed_layers(embedding), Device::flex())).expect("layers")
}

#[test]
fn each_layer_edits_what_the_engine_saw_and_its_own_head_as_the_engine_does() {
    let (engine, layers, photo) = (engine(), layers(8), photo(40, 48));
    let measured: Vec<f64> = layers.names().iter().map(|(_, iou)| *iou).collect();
    assert_eq!(measured, [0.0, 0.25]);
    assert_eq!(layers.names()[1].0, "film");
    let look = look(&engine, &photo, 40, 48);
    let condition = now(engine.read(SENTENCE)).expect("a reading").condition;
    let by = |n| {
        let edited = now(layers.edit(engine.session(), &look, &condition, n)).expect("an edit");
        let mut rgba = photo.clone();
        edited.edit.apply(&mut rgba, 1.0).expect("pixels");
        rgba
    };
    let mut ours = photo.clone();
    let edited = now(engine.session().edit(&look, &condition)).expect("an edit");
    edited.edit.apply(&mut ours, 1.0).expect("pixels");
    assert_ne!(ours, photo);
    // Rounded to eight bits once more, it is not the same to the byte.
    let apart = by(0).iter().zip(&ours).map(|(a, b)| a.abs_diff(*b)).max();
    assert!(apart <= Some(12), "{apart:?}");
    assert_ne!(by(1), ours);
}

#[test]
fn a_layer_that_there_is_not_and_layers_of_another_trunk_are_refused() {
    let engine = engine();
    let look = look(&engine, &photo(40, 48), 40, 48);
    let condition = now(engine.read(SENTENCE)).expect("a reading").condition;
    let refused = |layers: &Layers, n| {
        let edited = now(layers.edit(engine.session(), &look, &condition, n));
        matches!(edited, Err(EngineError::Condition { .. }))
    };
    assert!(refused(&layers(8), 2));
    assert!(refused(&layers(12), 0));
}

#[test]
fn an_editor_is_not_taken_for_layers() {
    let error = now(Layers::open(&packed(), Device::flex())).expect_err("an editor");
    assert!(error.to_string().contains("compares layers"), "{error}");
}
