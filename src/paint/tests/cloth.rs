//! What a garment looks like as another cloth.

use super::scene::*;
use crate::fabric::{Fabric, Kind};
use crate::paint::{Edit, Paint};
use crate::shrink::Size;

pub fn as_cloth(kind: Kind, colours: [Option<[u8; 3]>; 3]) -> Paint {
    Paint {
        fabric: Some(Fabric {
            colours,
            ..Fabric::new(kind)
        }),
        ..relative(0.0, 0.0)
    }
}

fn lightness(rgba: &[u8], y: usize) -> Vec<f32> {
    let columns = CLOTH[0].start + 8..CLOTH[0].end - 8;
    columns.map(|x| lab_at(rgba, x, y)[0]).collect()
}

#[test]
fn a_cloth_of_one_colour_is_painted_as_that_colour() {
    let before = photo(|_, _| [0.4, 0.1, 0.1], [0.2, 0.3, 0.4]);
    for rgb in [[20, 30, 70], [255; 3], [0; 3], [200, 40, 90]] {
        let cloth = as_cloth(Kind::Gingham, [Some(rgb); 3]);
        let cloth = painted(&before, &[(mask_of(&CLOTH), cloth)]);
        let colour = painted(&before, &[(mask_of(&CLOTH), plain(of(colour(rgb))))]);
        for (cloth, colour) in cloth.iter().zip(&colour) {
            // A texel's numbers are rounded, and white cloth's folds grow as its own lightness says.
            assert!(cloth.abs_diff(*colour) <= 6, "{rgb:?}: {cloth} {colour}");
        }
    }
}

#[test]
fn every_cloth_is_lit_as_the_garment_is_and_nothing_else_changes() {
    let before = photo(|_, _| [0.3; 3], [0.2, 0.3, 0.4]);
    // From fold to fold; the repeats between them have one mean.
    let fold_light = |rgba: &[u8], bright: bool| {
        let rows = CLOTH[1].start + 8..CLOTH[1].end - 8;
        let places = rows.flat_map(|y| (CLOTH[0].start + 8..CLOTH[0].end - 8).map(move |x| (x, y)));
        let places = places
            .filter(|(x, y)| (fold(*x, *y) > 0.7) == bright && (fold(*x, *y) < -0.7) != bright);
        let values: Vec<f32> = places.map(|(x, y)| lab_at(rgba, x, y)[0]).collect();
        values.iter().sum::<f32>() / values.len() as f32
    };
    for kind in Kind::ALL {
        let layers = [(mask_of(&CLOTH), as_cloth(kind, [None; 3]))];
        let after = painted(&before, &layers);
        let [bright, dark] = [true, false].map(|bright| fold_light(&after, bright));
        assert!(bright > 1.15 * dark, "{kind:?}: {bright} {dark}");
        let mask = fit(&before, &layers).mask(&before).expect("a mask");
        let pixels = before
            .as_chunks::<4>()
            .0
            .iter()
            .zip(after.as_chunks::<4>().0);
        for ((before, after), mask) in pixels.zip(mask) {
            assert!(mask > 0 || before == after, "{kind:?}");
            assert_eq!(before[3], after[3], "alpha");
        }
    }
}

#[test]
fn an_old_pattern_does_not_shine_through() {
    let stripes = |_: usize, y: usize| match (y / 8).is_multiple_of(2) {
        true => [0.75, 0.72, 0.65],
        false => [0.03, 0.04, 0.12],
    };
    let before = photo(stripes, [0.3; 3]);
    let red = Some([190, 30, 40]);
    let after = painted(
        &before,
        &[(mask_of(&CLOTH), as_cloth(Kind::Gingham, [red; 3]))],
    );
    let row = |rgba: &[u8], y: usize| {
        let values = lightness(rgba, y);
        values.iter().sum::<f32>() / values.len() as f32
    };
    for y in (80..160).step_by(16) {
        let [old, new] = [&before, &after].map(|rgba| (row(rgba, y + 4) - row(rgba, y + 12)).abs());
        assert!(new < 0.2 * old, "{y}: {new} of {old}");
    }
}

#[test]
fn deep_folds_of_coloured_cloth_stay() {
    // The same red in two lights, as far apart as stripes are.
    let folds = |_: usize, y: usize| match (y / 8).is_multiple_of(2) {
        true => [0.5, 0.05, 0.04],
        false => [0.15, 0.015, 0.012],
    };
    let before = photo(folds, [0.3; 3]);
    let blue = Some([60, 90, 190]);
    let after = painted(
        &before,
        &[(mask_of(&CLOTH), as_cloth(Kind::Gingham, [blue; 3]))],
    );
    let row = |rgba: &[u8], y: usize| {
        let values = lightness(rgba, y);
        values.iter().sum::<f32>() / values.len() as f32
    };
    for y in (80..160).step_by(16) {
        let [old, new] = [&before, &after].map(|rgba| (row(rgba, y + 4) - row(rgba, y + 12)).abs());
        assert!(new > 0.5 * old, "{y}: {new} of {old}");
    }
}

#[test]
fn stripes_of_the_backgrounds_colour_make_no_teeth() {
    let stripes = |_: usize, y: usize| match (y / 8).is_multiple_of(2) {
        true => [0.62, 0.6, 0.55],
        false => [0.03, 0.04, 0.12],
    };
    let before = photo(stripes, [0.66, 0.66, 0.64]);
    let edit = fit(&before, &[(mask_of(&CLOTH), of(RED))]);
    let mask = edit.mask(&before).expect("a mask");
    let ends = (CLOTH[1].start + 16..CLOTH[1].end - 16).map(|y| {
        let row = &mask[y * FULL.width..][..FULL.width];
        row.iter().rposition(|value| *value >= 128).unwrap_or(0)
    });
    let ends: Vec<usize> = ends.collect();
    let [least, most] = [ends.iter().min(), ends.iter().max()].map(|end| *end.expect("rows"));
    // Less than a pixel of the small photo.
    assert!(most - least < 4, "{least} to {most}");
}

#[test]
fn a_garment_has_as_many_repeats_however_large_the_photo_is() {
    let area = SMALL.width * SMALL.height;
    let cloth = |times: usize| {
        let full = Size {
            width: times * FULL.width,
            height: times * FULL.height,
        };
        let layers = [(mask_of(&CLOTH), as_cloth(Kind::Tartan, [None; 3]))];
        let edit = Edit::fit(&vec![0.1; 3 * area], SMALL, &layers, full).expect("an edit");
        edit.layers()[0].cloth().expect("a cloth").clone()
    };
    let [once, ten] = [1, 10].map(cloth);
    assert!((once.axes()[0][0] / ten.axes()[0][0] - 10.0).abs() < 1e-3);
    assert_eq!(once.shifts().len(), area);
    for (once, ten) in once.shifts().iter().zip(ten.shifts()) {
        assert!(
            (0..2).all(|c| (once[c] - ten[c]).abs() < 1e-2),
            "{once:?} {ten:?}"
        );
    }
    // The repeat is drawn as finely as the photo.
    assert!(ten.tile().side() > 5 * once.tile().side());
}
