//! A garment's cloth where it goes on over skin, and where it hangs free.

use std::ops::Range;

use super::scene::*;
use crate::paint::{Becomes, Covering, Edit, Paint};
use crate::shrink::shrink;

/// The upper half of the drawn cloth is a garment's, the lower one is skin.
const SEAM: usize = 120;
const GARMENT: [Range<usize>; 2] = [120..270, 50..SEAM];
const SKIN: [Range<usize>; 2] = [120..270, SEAM..190];

fn worn() -> Vec<u8> {
    let reflected = |_, y| match y < SEAM {
        true => [0.05, 0.2, 0.1],
        false => [0.5, 0.3, 0.2],
    };
    photo(reflected, [0.2, 0.3, 0.4])
}

fn covered(before: &[u8], paint: Paint, becomes: Becomes) -> Vec<u8> {
    let cover = Covering {
        mask: mask_of(&SKIN),
        of: mask_of(&GARMENT),
        paint,
        becomes,
    };
    let small = shrink(before, FULL, SMALL).expect("planes");
    let edit = Edit::corrected(&small, SMALL, &[], &[cover], FULL, &[]).expect("an edit");
    let mut after = before.to_vec();
    edit.apply(&mut after, 1.0).expect("a photo");
    after
}

/// The colours of the places within a half, away from its edges.
fn within(rgba: &[u8], [columns, rows]: [Range<usize>; 2]) -> Vec<[f32; 3]> {
    let rows = rows.start + 16..rows.end - 16;
    let place = |y| (columns.start + 16..columns.end - 16).map(move |x| (x, y));
    rows.flat_map(place)
        .map(|(x, y)| lab_at(rgba, x, y))
        .collect()
}

fn mean(colours: &[[f32; 3]]) -> [f32; 3] {
    [0, 1, 2].map(|c| colours.iter().map(|lab| lab[c]).sum::<f32>() / colours.len() as f32)
}

fn near(a: [f32; 3], b: [f32; 3]) -> bool {
    (0..3).all(|c| (a[c] - b[c]).abs() < 4.0)
}

#[test]
fn skin_becomes_the_garments_colour_in_its_own_light() {
    let before = worn();
    let after = covered(&before, relative(0.0, 0.0), Becomes::Covered);
    let [own, sleeve] = [GARMENT, SKIN].map(|half| within(&after, half));
    assert_eq!(own, within(&before, GARMENT));
    assert!(
        near(mean(&own), mean(&sleeve)),
        "{:?} {:?}",
        mean(&own),
        mean(&sleeve)
    );
    // Where the skin was bright the cloth is.
    let skin = within(&before, SKIN);
    let middle = mean(&skin)[0];
    let lit = |bright: bool| {
        let places = skin.iter().zip(&sleeve);
        let places = places.filter(|(skin, _)| (skin[0] > middle) == bright);
        mean(&places.map(|(_, sleeve)| *sleeve).collect::<Vec<_>>())[0]
    };
    assert!(lit(true) > lit(false) + 5.0, "{} {}", lit(true), lit(false));
}

#[test]
fn a_garment_that_gets_a_colour_has_it_on_the_skin_too() {
    let before = worn();
    let sleeve = within(&covered(&before, of(RED), Becomes::Covered), SKIN);
    let red = within(&painted(&before, &[(mask_of(&GARMENT), of(RED))]), GARMENT);
    assert!(
        near(mean(&sleeve), mean(&red)),
        "{:?} {:?}",
        mean(&sleeve),
        mean(&red)
    );
}

#[test]
fn what_hangs_free_shows_nothing_of_what_is_behind() {
    let reflected = |x: usize, y: usize| match y < SEAM {
        true => [0.05, 0.2, 0.1],
        false => [[0.9; 3], [0.02; 3]][(x / 9 + y / 9) % 2],
    };
    let before = photo(reflected, [0.2, 0.3, 0.4]);
    let after = covered(&before, relative(0.0, 0.0), Becomes::Hanging);
    let [own, skirt] = [GARMENT, SKIN].map(|half| within(&after, half));
    assert!(
        near(mean(&own), mean(&skirt)),
        "{:?} {:?}",
        mean(&own),
        mean(&skirt)
    );
    for x in CLOTH[0].start + 16..CLOTH[0].end - 16 {
        let [upper, lower] = [140, 170].map(|y| lab_at(&after, x, y)[0]);
        assert!((upper - lower).abs() < 1.5, "{x}: {upper} {lower}");
    }
}

#[test]
fn what_is_bared_has_the_colour_of_skin_and_no_folds_of_cloth() {
    // Skin above, and below cloth with small folds.
    let reflected = |x: usize, y: usize| match y < SEAM {
        true => [0.5, 0.3, 0.2],
        false => [0.05, 0.06, 0.2].map(|c| c * if x % 12 < 6 { 0.6 } else { 1.4 }),
    };
    let before = photo(reflected, [0.2, 0.3, 0.4]);
    let after = covered(&before, relative(0.0, 0.0), Becomes::Bare);
    let [skin, leg] = [GARMENT, SKIN].map(|half| within(&after, half));
    assert_eq!(skin, within(&before, GARMENT));
    let [own, new] = [mean(&skin), mean(&leg)];
    assert!(
        (1..3).all(|c| (own[c] - new[c]).abs() < 4.0),
        "{own:?} {new:?}"
    );
    assert!((own[0] - new[0]).abs() < 10.0, "{own:?} {new:?}");
    let rough = |colours: &[[f32; 3]]| {
        let steps = colours
            .windows(2)
            .map(|pair| (pair[0][0] - pair[1][0]).abs());
        steps.sum::<f32>() / colours.len() as f32
    };
    assert!(
        rough(&leg) < rough(&within(&before, SKIN)),
        "{}",
        rough(&leg)
    );
    // A limb is round.
    let line = |x: usize| lab_at(&after, x, 155)[0];
    let [side, middle] = [CLOTH[0].start + 5, (CLOTH[0].start + CLOTH[0].end) / 2];
    assert!(
        line(side) < line(middle) - 3.0,
        "{} {}",
        line(side),
        line(middle)
    );
}
