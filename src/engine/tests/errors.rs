//! What cannot be done is said.

use super::*;

#[test]
fn errors_say_what_to_do() {
    let engine = engine();
    let unseen = |rgba: &[u8], width, height| {
        let look = now(engine.session().look(rgba, width, height));
        look.expect_err("an error").to_string()
    };
    assert!(unseen(&[], 0, 7).starts_with("The photo is 0 x 7 pixels"));
    assert!(unseen(&[0; 15], 2, 2).contains("16 bytes"));
    assert!(unseen(&[], usize::MAX, 2).contains("Make it smaller"));
    let unread = |sentence| {
        now(engine.read(sentence))
            .expect_err("an error")
            .to_string()
    };
    assert!(unread(" ").starts_with("The sentence is empty"));
    assert!(unread("xyzzy").contains("“xyzzy”"));

    let photo = [9; 16];
    let look = look(&engine, &photo, 2, 2);
    let session = engine.session();
    for foreign in [vec![], vec![0.0; 3], vec![0.0; 8 + PAINT + 1]] {
        let (found, each) = (foreign.len(), 8 + PAINT);
        let expected = format!("{found} numbers, but this model expects {each}");
        let errors = [
            now(session.edit(&look, &foreign)).map(drop),
            now(session.sees(&look, &foreign)).map(drop),
            now(session.masks(&look, &foreign)).map(drop),
            now(session.places(&look, &foreign)).map(drop),
        ];
        for error in errors {
            let error = error.expect_err("an error").to_string();
            assert!(error.contains(&expected), "{error}");
        }
    }

    for open in [
        now(EditModel::open(b"no model", Device::flex())).map(drop),
        now(EditSession::open(b"no model", Device::flex())).map(drop),
    ] {
        assert!(matches!(open, Err(EngineError::Weights(_))));
    }

    let edit = edit(&engine, &photo, 2, 2);
    for strength in [-0.1, 0.0, f32::NAN, f32::NEG_INFINITY] {
        let mut rgba = photo;
        edit.apply(&mut rgba, strength).unwrap();
        assert_eq!(rgba, photo, "a strength of {strength} changes the photo");
    }
    assert!(edit.apply(&mut [9; 12], 1.0).is_err());
    assert!(edit.mask(&[9; 20]).is_err());
}

#[test]
fn unknown_words_are_told_and_do_no_harm() {
    let engine = engine();
    let sentence = "make the Xyzzy skirt red";
    assert_eq!(engine.unknown_words(sentence), ["Xyzzy"]);
    assert_eq!(engine.unknown_words("xyzzy"), ["xyzzy"]);
    assert!(engine.unknown_words("🌸").is_empty());
    assert_eq!(now(engine.read(sentence)).unwrap().unknown, ["Xyzzy"]);
}
