//! What is painted where a thing is asked for that is not seen.

use super::*;

/// A query by its first number: things are there at 0, by a sixth at -1.9, and hardly at -3.
fn query(first: f32) -> Vec<f32> {
    [vec![first], vec![0.2; 7]].concat()
}

/// What share of a photo is painted for a sentence, where skin, hair, clothes, a top, trousers and a jacket are there or not.
fn share_as(first: f32, sentence: &str, context: [bool; 6]) -> f32 {
    let (engine, photo) = (engine(), photo(60, 40));
    let look = look(&engine, &photo, 60, 40);
    let clauses = sentence::read(sentence).unwrap().clauses;
    let mut condition = Wish::of(&clauses[0]).after(query(first));
    for there in context {
        condition.extend(Wish::context().after(query(if there { 0.0 } else { -3.0 })));
    }
    let edited = now(engine.session().edit(&look, &condition)).unwrap();
    assert_eq!(edited.shares.len(), 1);
    edited.shares[0]
}

const SOMEBODY: [bool; 6] = [true, true, true, true, true, false];
const NOBODY: [bool; 6] = [false, false, true, true, true, false];

#[test]
fn what_a_missing_thing_may_be_instead() {
    let share = |sentence: &str, context| share_as(-3.0, sentence, context);
    assert!(share("make the shirt red", NOBODY) > 0.0);
    assert_eq!(share("make the shirt red", SOMEBODY), 0.0);
    assert_eq!(share("make the shirt red", [false; 6]), 0.0);
    for context in [SOMEBODY, NOBODY] {
        assert_eq!(share("make the hat red", context), 0.0);
    }
    for sentence in ["make the flower red", "blue petals", "make it red"] {
        assert!(share_as(-1.9, sentence, NOBODY) > 0.0);
        assert_eq!(share_as(-1.9, sentence, SOMEBODY), 0.0);
        assert_eq!(share(sentence, NOBODY), 0.0);
    }
    assert_eq!(share_as(-1.9, "red leaves", NOBODY), 0.0);
    assert!(share_as(-1.9, "make the suit red", SOMEBODY) > 0.0);
    let naked = [true, true, false, true, true, true];
    assert_eq!(share_as(-1.9, "make the suit red", naked), 0.0);
    assert_eq!(share("make the suit red", SOMEBODY), 0.0);
}

#[test]
fn a_garment_that_is_not_seen_may_be_one_of_its_group() {
    let share = |sentence: &str| share_as(-1.9, sentence, SOMEBODY);
    assert!(share("make the polo red") > 0.0 && share("red shorts") > 0.0);
    // There is no jacket; a dress is of no group; and long trousers are no shorts.
    for sentence in ["make the coat red", "a red dress", "long red trousers"] {
        assert_eq!(share(sentence), 0.0, "{sentence}");
    }
}
