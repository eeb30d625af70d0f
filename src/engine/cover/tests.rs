//! Somebody drawn of rectangles, nine hands tall.

use std::ops::Range;

use super::*;
use crate::engine::wish::Wish;

const SIZE: Size = Size {
    width: 96,
    height: 144,
};

type Part = (Range<usize>, Range<usize>);

/// A mask of rectangles, each its columns and its rows.
fn drawn(parts: &[Part]) -> Vec<f32> {
    let inside = |at: usize| {
        let (x, y) = (at % SIZE.width, at / SIZE.width);
        parts
            .iter()
            .any(|(columns, rows)| columns.contains(&x) && rows.contains(&y))
    };
    (0..SIZE.width * SIZE.height)
        .map(|at| f32::from(inside(at)))
        .collect()
}

/// The share of a part that is covered.
fn share(mask: &[f32], (columns, rows): Part) -> f32 {
    let area = (columns.len() * rows.len()) as f32;
    let rows = rows.map(|y| mask[y * SIZE.width..][columns.clone()].iter().sum::<f32>());
    rows.sum::<f32>() / area
}

const HEAD: Part = (43..53, 10..32);
const NECK: Part = (45..51, 32..36);
const TOP: Part = (36..60, 34..74);
const ARMS: [Part; 2] = [(31..36, 40..95), (60..65, 40..95)];
const SHORTS: Part = (36..60, 72..90);
const LEGS: [Part; 2] = [(38..46, 90..135), (50..58, 90..135)];

#[test]
fn arms_are_covered_without_hands_face_and_neckline() {
    let [left, right] = ARMS;
    // A neckline is cut into the top.
    let neckline = (46..50, 36..46);
    let sides = [(36..46, 34..46), (50..60, 34..46), (36..60, 46..74)];
    let garment = drawn(&sides);
    let leg = (44..50, 96..135);
    let skin = drawn(&[HEAD, NECK, neckline.clone(), left, right, leg.clone()]);
    let arms = masked(Cover::Arms, &garment, &skin, SIZE);
    for (columns, _) in ARMS {
        assert!(share(&arms, (columns.clone(), 41..72)) > 0.95);
        assert!(share(&arms, (columns, 86..95)) < 0.05);
    }
    for part in [HEAD, NECK, neckline, leg] {
        assert!(share(&arms, part.clone()) < 0.05, "{part:?}");
    }
    assert!(
        masked(Cover::Less, &garment, &skin, SIZE)
            .iter()
            .all(|m| *m == 0.0)
    );
}

#[test]
fn an_arm_goes_on_below_a_bracelet() {
    let [(left, rows), (right, _)] = ARMS;
    let cut = [left, right]
        .into_iter()
        .flat_map(|arm| [(arm.clone(), rows.start..76), (arm, 79..rows.end)]);
    let cut: Vec<Part> = cut.chain([HEAD, NECK]).collect();
    let arms = masked(Cover::Arms, &drawn(&[TOP]), &drawn(&cut), SIZE);
    assert!(share(&arms, (31..36, 79..95)) < 0.4);
    assert!(share(&arms, (31..36, 41..74)) > 0.95);
}

#[test]
fn where_an_arm_is_not_surely_found_none_is_covered() {
    let [left, (right, _)] = ARMS;
    let none = |skin: &[Part]| {
        let arms = masked(Cover::Arms, &drawn(&[TOP]), &drawn(skin), SIZE);
        arms.iter().all(|m| *m == 0.0)
    };
    // Hands alone, as of long sleeves; nobody; and one arm, and of the other the hand alone.
    let hands = [(31..36, 84..95), (60..65, 84..95)];
    assert!(none(&[HEAD, NECK, hands[0].clone(), hands[1].clone()]));
    assert!(none(&[]));
    assert!(none(&[HEAD, NECK, left.clone(), (right, 78..95)]));
    assert!(!none(&[HEAD, NECK, left]));
    let nothing = masked(Cover::Arms, &drawn(&[]), &drawn(&ARMS), SIZE);
    assert!(nothing.iter().all(|m| *m == 0.0));
}

#[test]
fn trousers_have_legs_and_skirts_hang_in_front_of_them() {
    let garment = drawn(&[SHORTS]);
    let [left, right] = LEGS;
    // A hand beside the shorts is no leg.
    let skin = drawn(&[left.clone(), right.clone(), (61..65, 80..94)]);
    let legs = masked(Cover::Legs, &garment, &skin, SIZE);
    for part in LEGS {
        assert!(share(&legs, (part.0.clone(), 91..128)) > 0.95);
        assert!(share(&legs, (part.0, 133..135)) < 0.05);
    }
    assert!(share(&legs, (48..49, 94..125)) < 0.4 && share(&legs, (61..65, 80..94)) < 0.1);
    let skirt = masked(Cover::Below, &garment, &skin, SIZE);
    assert!(share(&skirt, (37..59, 92..104)) > 0.95);
    assert!(share(&skirt, (0..96, 0..85)) < 0.01 && share(&skirt, (0..96, 112..144)) < 0.01);
}

#[test]
fn tight_trousers_bare_their_legs_as_shorts_do() {
    // Trousers from 72 to 130, of somebody whose head begins at 10.
    let legs = |left: Range<usize>, right: Range<usize>| {
        drawn(&[(36..60, 72..90), (left, 88..130), (right, 88..130)])
    };
    let skin = drawn(&[HEAD, NECK]);
    let bared = |garment: &[f32], skin: &[f32]| masked(Cover::Bare, garment, skin, SIZE);
    let tight = legs(38..46, 50..58);
    let bare = bared(&tight, &skin);
    for leg in [38..46, 50..58] {
        assert!(share(&bare, (leg.clone(), 98..130)) > 0.99);
        assert!(share(&bare, (leg, 72..95)) < 0.01);
    }
    assert!(share(&bare, (46..50, 72..130)) < 0.01);
    let none = |garment: &[f32], skin: &[f32]| bared(garment, skin).iter().all(|m| *m == 0.0);
    // Wide ones, one leg before the other or seen in part, shorts, and nobody's.
    assert!(none(&legs(33..47, 49..63), &skin));
    assert!(none(&legs(38..46, 46..54), &skin));
    assert!(none(&legs(38..40, 50..58), &skin));
    assert!(none(&drawn(&[SHORTS]), &skin));
    assert!(none(&tight, &drawn(&[])));
}

#[test]
fn what_is_bared_is_no_garments_any_more() {
    let garment = drawn(&[SHORTS]);
    let covering = |becomes| Covering {
        mask: drawn(&[(0..48, 0..144)]),
        of: garment.clone(),
        paint: Wish::default().paint(),
        becomes,
    };
    let mut masks = [garment.clone()];
    bare(
        &mut masks,
        &[covering(Becomes::Covered), covering(Becomes::Hanging)],
    );
    assert_eq!(masks[0], garment);
    bare(&mut masks, &[covering(Becomes::Bare)]);
    assert_eq!(masks[0], drawn(&[(48..60, 72..90)]));
}
