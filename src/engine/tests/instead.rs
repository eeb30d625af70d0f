//! What is painted where a thing is asked for that is not seen.

use super::*;

/// A query by its first number: things are there at 0, by a sixth at -1.9, and hardly at -3.
fn query(first: f32) -> Vec<f32> {
    [vec![first], vec![0.2; 7]].concat()
}

/// What clauses make of a photo, and of which share of it, where skin, hair, clothes, a top, trousers and a jacket are there
/// or not.
fn edited(clauses: &[(f32, &str)], context: [bool; 6]) -> (Vec<u8>, Vec<f32>) {
    let (engine, photo) = (engine(), photo(60, 40));
    let look = look(&engine, &photo, 60, 40);
    let mut condition = Vec::new();
    for (first, sentence) in clauses {
        let clauses = sentence::read(sentence).unwrap().clauses;
        condition.extend(Wish::of(&clauses[0]).after(query(*first)));
    }
    for there in context {
        condition.extend(Wish::context().after(query(if there { 0.0 } else { -3.0 })));
    }
    let edited = now(engine.session().edit(&look, &condition)).unwrap();
    assert_eq!(edited.shares.len(), clauses.len());
    let mut rgba = photo;
    edited.edit.apply(&mut rgba, 1.0).unwrap();
    (rgba, edited.shares)
}

fn share_as(first: f32, sentence: &str, context: [bool; 6]) -> f32 {
    edited(&[(first, sentence)], context).1[0]
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

#[test]
fn what_is_seen_keeps_its_place_from_what_may_be_something_else() {
    // The polo is taken for a top, which is where the sweater is.
    let (sweater, polo) = ((0.0, "a red sweater"), (-1.9, "a blue polo"));
    let red = |clauses: &[(f32, &str)]| -> i32 {
        let (rgba, _) = edited(clauses, SOMEBODY);
        let pixels = rgba.chunks(4);
        pixels.map(|p| i32::from(p[0]) - i32::from(p[2])).sum()
    };
    let [only_red, only_blue] = [red(&[sweater]), red(&[polo])];
    for both in [red(&[sweater, polo]), red(&[polo, sweater])] {
        assert!(
            4 * (both - only_blue) > 3 * (only_red - only_blue),
            "{only_red} {both} {only_blue}"
        );
    }
}
