use super::look::REMEMBERED;
use super::*;
use crate::editor::EditorConfig;
use crate::paint::Edit;
use crate::prompt::{TextEncoderConfig, Vocabulary};
use crate::random::normal;
use crate::shrink::Size;
use crate::trunk::TrunkConfig;
use crate::weights::{Bits, Facts, ModelConfig, SelfTest, named};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

mod errors;
mod instead;
mod layers;
mod looking;

/// On the CPU nothing is ever waited for.
fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the CPU waits for something"),
    }
}

/// A tiny model, packed.
fn packed() -> Vec<u8> {
    let device = Device::flex();
    let tokens = sentence::tokens().into_iter().map(String::from);
    let vocabulary = Vocabulary::new(tokens).expect("a vocabulary");
    let text = TextEncoderConfig::new(vocabulary.size())
        .with_embedding(5)
        .with_hidden(4);
    let trunk = TrunkConfig::new()
        .with_widths([8, 8, 16, 16])
        .with_eighth([1, 1])
        .with_sixteenth(2)
        .with_embedding(8);
    let editor = EditorConfig::new(trunk).with_layers(1).with_sentence(8);
    // Weights as training starts from find nothing; these find most of a photo.
    let mut seed = 0;
    let mut draw = |name: &str, shape: &[usize]| {
        seed += 1;
        let count: usize = shape.iter().product();
        let inputs = (count / shape[0]) as f32;
        let values = normal(seed, count).into_iter().map(|z| z / inputs.sqrt());
        Ok::<_, WeightsError>(match name {
            "editor.head.mask.weight" => values.map(|w| 5.0 * w).collect(),
            "editor.head.update.weight" => vec![0.0; count],
            "editor.head.mask.bias" => (0..count).map(|i| last(i, count, 3.0)).collect(),
            // A thing is there unless the first number of its query is far below zero.
            "editor.head.presence.weight" => (0..count)
                .map(|i| last(i, shape[1], if i < shape[1] { 4.0 } else { 0.0 }))
                .collect(),
            "editor.head.presence.bias" => (0..count).map(|i| last(i, count, 6.0)).collect(),
            _ => values.collect(),
        })
    };
    let model = Model {
        text: named::load("text", text.init_with_colours(&device), &mut draw).expect("an encoder"),
        generator: named::load("editor", editor.init_folded(&device), draw).expect("an editor"),
        config: ModelConfig::new(text, editor).with_side(32),
        facts: Facts {
            prompts: vec!["make the skirt blue".into()],
            ..Facts::default()
        },
        vocabulary,
        check: SelfTest::default(),
    };
    weights::pack(&model, Bits::Eight).expect("a packed model")
}

/// A value in the last column of rows, and 0 in all others.
fn last(at: usize, columns: usize, value: f32) -> f32 {
    if at % columns == columns - 1 {
        value
    } else {
        0.0
    }
}

fn engine() -> EditModel {
    now(EditModel::open(&packed(), Device::flex())).expect("an engine")
}

/// The condition of a thing that is nowhere, to become red.
fn missing() -> Vec<f32> {
    let clauses = sentence::read("make the hat red")
        .expect("a clause")
        .clauses;
    let mut query = vec![0.0; 8];
    query[0] = -3.0;
    Wish::of(&clauses[0]).after(query)
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

fn look(engine: &EditModel, photo: &[u8], width: usize, height: usize) -> Look {
    now(engine.session().look(photo, width, height)).expect("a look")
}

fn edit(engine: &EditModel, photo: &[u8], width: usize, height: usize) -> Edit {
    let look = look(engine, photo, width, height);
    let reading = now(engine.read(SENTENCE)).expect("a reading");
    let edited = now(engine.session().edit(&look, &reading.condition));
    edited.expect("an edit").edit
}

/// A photo after the whole of an edit.
fn after(photo: &[u8], edit: &Edit) -> Vec<u8> {
    let mut rgba = photo.to_vec();
    edit.apply(&mut rgba, 1.0).expect("the edit of this photo");
    rgba
}

const SENTENCE: &str = "make the skirt blue";

#[test]
fn photos_of_any_size_are_edited_and_keep_their_alpha() {
    let engine = engine();
    for (width, height) in [(1, 1), (1, 5), (7, 3), (640, 480), (4000, 3), (1, 12_000)] {
        let before = photo(width, height);
        let edit = edit(&engine, &before, width, height);
        assert_eq!(edit.size(), Size { width, height });
        assert_eq!(edit.mask(&before).unwrap().len(), width * height);

        let mut rgba = before.clone();
        edit.apply(&mut rgba, 0.0).unwrap();
        assert!(
            rgba == before,
            "{width}x{height}: strength 0 changes the photo"
        );
        let after = after(&before, &edit);
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
    let before = [12, 34, 56, 0].repeat(30 * 20);
    let edit = edit(&engine(), &before, 30, 20);
    let after = after(&before, &edit);
    assert!(after.iter().skip(3).step_by(4).all(|alpha| *alpha == 0));
}

#[test]
fn half_the_strength_is_half_the_change() {
    let before = photo(40, 30);
    let edit = edit(&engine(), &before, 40, 30);
    let mut half = before.clone();
    edit.apply(&mut half, 0.5).unwrap();
    let whole = after(&before, &edit);
    for ((before, half), whole) in before.iter().zip(half).zip(whole) {
        let between = (f32::from(*before) + f32::from(whole)) / 2.0;
        assert!((f32::from(half) - between).abs() <= 1.0);
    }
}

#[test]
fn the_half_that_paints_paints_the_same() {
    let (packed, photo) = (packed(), photo(60, 40));
    let engine = now(EditModel::open(&packed, Device::flex())).unwrap();
    let session = now(EditSession::open(&packed, Device::flex())).unwrap();
    let reading = now(engine.read(SENTENCE)).unwrap();
    let look = now(session.look(&photo, 60, 40)).unwrap();
    let edited = now(session.edit(&look, &reading.condition)).unwrap();
    let whole = edit(&engine, &photo, 60, 40);
    assert!(after(&photo, &edited.edit) == after(&photo, &whole));
}

#[test]
fn each_clause_has_its_query_and_its_paint() {
    let engine = engine();
    let reading = now(engine.read("a red skirt and navy shoes")).unwrap();
    assert_eq!(reading.clauses.len(), 2);
    assert!(reading.unknown.is_empty());
    let each = 8 + PAINT;
    assert_eq!(reading.condition.len(), (2 + CONTEXTS.len()) * each);
    for (clause, numbers) in reading.clauses.iter().zip(reading.condition.chunks(each)) {
        assert_eq!(Wish::from(&numbers[8..]), Wish::of(clause));
    }
    let alone = now(engine.read("a red skirt")).unwrap();
    let both = alone.condition.iter().zip(&reading.condition);
    let apart = both.take(each);
    assert!(apart.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max) < 1e-5);

    let photo = photo(60, 40);
    let look = look(&engine, &photo, 60, 40);
    let edited = now(engine.session().edit(&look, &reading.condition)).unwrap();
    let masks = now(engine.session().masks(&look, &reading.condition)).unwrap();
    assert_eq!((edited.shares.len(), edited.edit.layers().len()), (2, 2));
    assert_eq!(masks.len(), 2 + CONTEXTS.len());
    for (share, mask) in edited.shares.iter().zip(&masks) {
        assert_eq!(mask.len(), look.small().pixels().unwrap());
        assert!(mask.iter().all(|value| (0.0..=1.0).contains(value)));
        // What is cut below a half is more than the mask as it is.
        let mean = mask.iter().sum::<f32>() / mask.len() as f32;
        assert!(*share > mean - 1e-5, "{share} {mean}");
    }
    assert!(masks[0] != masks[1]);
}

#[test]
fn a_thing_is_placed_where_its_edit_is() {
    let (engine, photo) = (engine(), photo(60, 40));
    let look = look(&engine, &photo, 60, 40);
    let reading = now(engine.read(SENTENCE)).unwrap();
    let places = now(engine.session().places(&look, &reading.condition)).unwrap();
    assert_eq!(places.len(), 1);
    let edited = now(engine.session().edit(&look, &reading.condition)).unwrap();
    let nowhere = now(engine.session().places(&look, &missing())).unwrap();
    let place = &places[0];
    assert_eq!(nowhere, [vec![0; place.len()]]);
    assert_eq!(place.len(), look.small().pixels().unwrap());
    let share = place.iter().map(|at| f32::from(*at)).sum::<f32>() / (255.0 * place.len() as f32);
    assert!(
        (share - edited.shares[0]).abs() < 0.002,
        "{share} {edited:?}"
    );
}

#[test]
fn a_remembered_mask_is_the_same_edit() {
    let (engine, photo) = (engine(), photo(60, 40));
    let seen = look(&engine, &photo, 60, 40);
    let sentences = [
        "a red skirt",
        "a blue skirt",
        "a green skirt and navy shoes",
    ];
    // More queries than are remembered, each of them once more.
    let many = (0..2 * REMEMBERED).map(|i| Wish::default().after(vec![0.1 * i as f32; 8]));
    let readings = sentences.map(|sentence| now(engine.read(sentence)).unwrap().condition);
    for condition in readings.into_iter().chain(many) {
        let fresh = look(&engine, &photo, 60, 40);
        let first = now(engine.session().edit(&fresh, &condition)).unwrap();
        for _ in 0..2 {
            let again = now(engine.session().edit(&seen, &condition)).unwrap();
            assert_eq!(again.shares, first.shares);
            assert!(after(&photo, &again.edit) == after(&photo, &first.edit));
        }
    }
    assert_eq!(seen.found.lock().unwrap().len(), REMEMBERED);
}

#[test]
fn a_kind_of_a_thing_is_asked_for_as_that_thing() {
    let engine = engine();
    let read = |sentence: &str| now(engine.read(sentence)).unwrap();
    let (shirt, blouse) = (read("make the shirt red"), read("make the blouse red"));
    assert_eq!(shirt.condition, blouse.condition);
    assert_ne!(shirt.clauses[0].thing, blouse.clauses[0].thing);
    assert_ne!(shirt.condition, read("make the skirt red").condition);
}

#[test]
fn what_is_not_there_changes_no_byte() {
    let (engine, photo) = (engine(), photo(60, 40));
    let look = look(&engine, &photo, 60, 40);
    let session = engine.session();
    let edited = now(session.edit(&look, &missing())).unwrap();
    assert_eq!(edited.shares, [0.0]);
    assert!(after(&photo, &edited.edit) == photo);
    assert!(edited.edit.mask(&photo).unwrap().iter().all(|at| *at == 0));

    // What is named beside it is edited as if it were alone.
    let there = now(engine.read(SENTENCE)).unwrap().condition;
    let both = [missing(), there.clone()].concat();
    let seen = now(session.sees(&look, &both)).unwrap();
    assert!(seen[0][0] < LIKELY && seen[1][0] >= LIKELY, "{seen:?}");
    let both = now(session.edit(&look, &both)).unwrap();
    assert!(both.shares[0] == 0.0 && both.shares[1] > 0.0);
    let alone = now(session.edit(&look, &there)).unwrap();
    assert!(after(&photo, &both.edit) == after(&photo, &alone.edit));
}

#[test]
fn every_thing_that_is_listed_can_be_asked_for() {
    let (engine, photo) = (engine(), photo(30, 40));
    let queries = now(engine.queries()).unwrap();
    assert!(queries.things.iter().all(|thing| thing.listed) && queries.things.len() > 10);
    let look = look(&engine, &photo, 30, 40);
    let seen = now(engine.session().sees(&look, &queries.condition)).unwrap();
    assert_eq!(seen.len(), queries.things.len());
    assert!(seen.as_flattened().iter().all(|x| (0.0..=1.0).contains(x)));
    let edited = now(engine.session().edit(&look, &queries.condition)).unwrap();
    assert_eq!(edited.shares.len(), queries.things.len());
}

#[test]
fn colours_tell_what_lies_alone_and_nothing_else() {
    let engine = engine();
    // Red on the left, blue on the right.
    let pixel = |at: usize| match at % 60 < 30 {
        true => [200, 20, 30, 255],
        false => [20, 30, 200, 255],
    };
    let photo: Vec<u8> = (0..60 * 40).flat_map(pixel).collect();
    let look = look(&engine, &photo, 60, 40);
    let of = |first: f32| [vec![first], vec![0.2; 7]].concat();
    let place = |sentence: &str, context: [f32; 3]| {
        let clauses = sentence::read(sentence).unwrap().clauses;
        let mut condition = Wish::of(&clauses[0]).after(of(0.0));
        for first in context {
            condition.extend(Wish::context().after(of(first)));
        }
        now(engine.session().places(&look, &condition)).unwrap()
    };
    let (somebody, nobody) = ([0.0, 0.0, 0.0], [-3.0, -3.0, 0.0]);
    let shirt = "make the shirt red";
    assert!(place(shirt, nobody) != place(shirt, somebody));
    let background = "make the background red";
    assert!(place(background, nobody) == place(background, somebody));
}

#[test]
fn numbers_that_are_none_paint_nothing() {
    let engine = engine();
    let flat = [0, 255].map(|value| vec![value; 4 * 33 * 21]);
    for photo in [photo(33, 21), flat[0].clone(), flat[1].clone()] {
        let look = look(&engine, &photo, 33, 21);
        let good = now(engine.read(SENTENCE)).unwrap().condition;
        let masks = now(engine.session().masks(&look, &good)).unwrap();
        assert!(masks[0].iter().all(|value| value.is_finite()));
        for (at, value) in (0..good.len()).flat_map(|at| [(at, f32::NAN), (at, f32::INFINITY)]) {
            let mut bad = good.clone();
            bad[at] = value;
            if let Ok(edited) = now(engine.session().edit(&look, &bad)) {
                assert!(edited.shares.iter().all(|share| share.is_finite()));
                let mut rgba = photo.clone();
                assert!(edited.edit.apply(&mut rgba, 1.0).is_ok());
            }
        }
    }
}
