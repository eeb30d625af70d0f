//! What painted cloth looks like.

use super::scene::*;
use crate::colour::{encode, lab_to_srgb, srgb_to_lab};

/// The CIELAB colours of the cloth, without its rim.
fn labs(rgba: &[u8]) -> Vec<[f32; 3]> {
    let rows = CLOTH[1].start + 6..CLOTH[1].end - 6;
    let place = |y| (CLOTH[0].start + 6..CLOTH[0].end - 6).map(move |x| (x, y));
    rows.flat_map(place)
        .map(|(x, y)| lab_at(rgba, x, y))
        .collect()
}

fn quantile(labs: &[[f32; 3]], channel: usize, at: f32) -> f32 {
    let mut values: Vec<f32> = labs.iter().map(|lab| lab[channel]).collect();
    values.sort_by(f32::total_cmp);
    values[(at * (values.len() - 1) as f32) as usize]
}

fn median(labs: &[[f32; 3]]) -> [f32; 3] {
    [0, 1, 2].map(|c| quantile(labs, c, 0.5))
}

fn distance(a: [f32; 3], b: [f32; 3]) -> f32 {
    let squares = a.iter().zip(b).map(|(a, b)| (a - b).powi(2));
    squares.sum::<f32>().sqrt()
}

/// The correlation of two photos' lightness on the cloth.
fn correlation(a: &[[f32; 3]], b: &[[f32; 3]]) -> f32 {
    let mean = |labs: &[[f32; 3]]| labs.iter().map(|lab| lab[0]).sum::<f32>() / labs.len() as f32;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (a[0] - mean_a, b[0] - mean_b);
        (ab, aa, bb) = (ab + a * b, aa + a * a, bb + b * b);
    }
    ab / (aa * bb).sqrt()
}

#[test]
fn the_median_reaches_the_colour_and_folds_stay() {
    let mask = mask_of(&CLOTH);
    for cloth in [
        [0.5, 0.1, 0.05],
        [0.03; 3],
        [0.7, 0.68, 0.6],
        [0.1, 0.2, 0.5],
    ] {
        let before = photo(|_, _| cloth, [0.3, 0.35, 0.3]);
        for rgb in [
            [190, 30, 40],
            [63, 127, 214],
            [206, 179, 1],
            [60, 90, 60],
            [90; 3],
        ] {
            let after = painted(&before, &[(mask.clone(), of(colour(rgb)))]);
            let (before, after) = (labs(&before), labs(&after));
            let off = distance(median(&after), srgb_to_lab(rgb));
            assert!(off < 3.0, "{cloth:?} to {rgb:?}: {:?}", median(&after));
            let folds = correlation(&before, &after);
            assert!(folds > 0.9, "{cloth:?} to {rgb:?}: {folds}");
        }
    }
}

#[test]
fn white_and_black_look_like_cloth() {
    let mask = mask_of(&CLOTH);
    for cloth in [[0.02; 3], [0.5, 0.1, 0.05], [0.6; 3]] {
        let before = photo(|_, _| cloth, [0.3; 3]);
        let old = labs(&before);
        let white = labs(&painted(&before, &[(mask.clone(), of(WHITE))]));
        let [l, a, b] = median(&white);
        assert!(l > 83.0 && a.abs() < 2.0 && b.abs() < 2.0, "{cloth:?}: {l}");
        let clipped = white.iter().filter(|lab| lab[0] > 99.5).count();
        assert!(50 * clipped < white.len(), "{cloth:?}: {clipped} clipped");
        let spread = quantile(&white, 0, 0.95) - quantile(&white, 0, 0.05);
        assert!(spread > 8.0, "{cloth:?}: white without folds, {spread}");
        assert!(correlation(&old, &white) > 0.9);

        let black = labs(&painted(&before, &[(mask.clone(), of(BLACK))]));
        assert!(median(&black)[0] < 16.0, "{cloth:?}: {:?}", median(&black));
        let spread = quantile(&black, 0, 0.95) - quantile(&black, 0, 0.05);
        assert!(spread > 3.0, "{cloth:?}: a hole, {spread}");
        assert!(correlation(&old, &black) > 0.9);
        for lab in white.iter().chain(&black) {
            assert!(lab[1].hypot(lab[2]) < 6.0, "{cloth:?}: a tint, {lab:?}");
        }
    }
}

#[test]
fn pixels_that_mix_cloth_and_background_keep_no_old_colour() {
    // An edge that is drawn by coverage, as a lens draws it, and not at a pixel's border.
    let covered = |x: usize| ((x as f32 - 119.0) / 3.0).clamp(0.0, 1.0);
    let scene = |cloth: [f32; 3], x: usize| {
        let background = [0.45, 0.5, 0.4];
        [0, 1, 2].map(|c| background[c] + covered(x) * (cloth[c] - background[c]))
    };
    let draw = |cloth: [f32; 3]| -> Vec<u8> {
        let pixel = |i: usize| {
            let [r, g, b] = scene(cloth, i % FULL.width).map(|v| (255.0 * encode(v)) as u8);
            [r, g, b, 255]
        };
        (0..FULL.width * FULL.height).flat_map(pixel).collect()
    };
    let before = draw([0.01, 0.01, 0.012]);
    let mask = mask_of(&[120..FULL.width, 0..FULL.height]);
    let after = painted(&before, &[(mask, of(colour([206, 179, 1])))]);
    let ideal = draw([0.61, 0.45, 0.0003]);
    for x in 112..132 {
        let (ours, ideal) = (lab_at(&after, x, 120), lab_at(&ideal, x, 120));
        // Neither a dark fringe nor a bright rim: with contrast alone they are 19 away.
        let off = distance(ours, ideal);
        assert!(off < 16.0, "{x}: {ours:?} instead of {ideal:?}");
        assert!(ours[0] > 65.0, "{x}: a fringe, {ours:?}");
    }
}

#[test]
fn colour_that_a_camera_carries_over_an_edge_goes_with_the_thing() {
    // Light has its edge within three pixels; colour, as in JPEG, within nine.
    let covered = |x: usize, width: f32| ((x as f32 - 120.0) / width + 0.5).clamp(0.0, 1.0);
    let [wall, cloth] = [srgb_to_lab([150, 160, 145]), srgb_to_lab([215, 40, 120])];
    let pixel = |i: usize| {
        let x = i % FULL.width;
        let parts = [covered(x, 3.0), covered(x, 9.0), covered(x, 9.0)];
        let lab = [0, 1, 2].map(|c| wall[c] + parts[c] * (cloth[c] - wall[c]));
        let [r, g, b] = lab_to_srgb(lab);
        [r, g, b, 255]
    };
    let before: Vec<u8> = (0..FULL.width * FULL.height).flat_map(pixel).collect();
    let mask = mask_of(&[120..FULL.width, 0..FULL.height]);
    let after = painted(&before, &[(mask, of(colour([60, 110, 80])))]);
    let chroma = |lab: [f32; 3]| (lab[1] - wall[1]).hypot(lab[2] - wall[2]);
    let [old, left] = [&before, &after].map(|rgba| -> f32 {
        let beside = (114..120).map(|x| lab_at(rgba, x, 120));
        beside
            .map(|lab| chroma([lab[0], lab[1].max(wall[1]), lab[2]]))
            .sum()
    });
    assert!(left < 0.2 * old, "a rim of the old colour: {left} of {old}");
}

#[test]
fn prints_stay_unless_it_is_to_be_plain() {
    let stripes = |_: usize, y: usize| {
        if (y / 8).is_multiple_of(2) {
            [0.75, 0.72, 0.65]
        } else {
            [0.03, 0.04, 0.12]
        }
    };
    let before = photo(stripes, [0.3; 3]);
    let contrast = |rgba: &[u8]| {
        let mean = |rows: fn(usize) -> bool| {
            let rows = (CLOTH[1].start + 16..CLOTH[1].end - 16).filter(|y| y % 8 == 4 && rows(*y));
            let values = rows.flat_map(|y| (140..250).map(move |x| (x, y)));
            let values: Vec<_> = values.map(|(x, y)| lab_at(rgba, x, y)[0]).collect();
            values.iter().sum::<f32>() / values.len() as f32
        };
        mean(|y| (y / 8).is_multiple_of(2)) - mean(|y| !(y / 8).is_multiple_of(2))
    };
    let mask = mask_of(&CLOTH);
    let (kept, taken) = (
        painted(&before, &[(mask.clone(), of(RED))]),
        painted(&before, &[(mask.clone(), plain(of(RED)))]),
    );
    assert!(contrast(&kept) > 25.0, "{}", contrast(&kept));
    assert!(contrast(&taken) < 0.25 * contrast(&kept));
    let off = distance(median(&labs(&taken)), srgb_to_lab([190, 30, 40]));
    assert!(off < 8.0, "{off}");

    // A badge of another colour keeps some of it, and what has none gets none.
    for (badge, hue) in [([0.02, 0.05, 0.6], -20.0), ([0.7; 3], 0.0)] {
        let on = |x: usize, y: usize| (170..210).contains(&x) && (100..140).contains(&y);
        let cloth = |x, y| if on(x, y) { badge } else { [0.5, 0.1, 0.05] };
        let before = photo(cloth, [0.3; 3]);
        let after = painted(&before, &[(mask.clone(), of(WHITE))]);
        let [_, a, b] = lab_at(&after, 190, 120);
        assert!(b < hue + 3.0 && a > -3.0, "{badge:?}: {a} {b}");
        let after = painted(&before, &[(mask.clone(), plain(of(WHITE)))]);
        let [_, a, b] = lab_at(&after, 190, 120);
        assert!(a.hypot(b) < 2.0, "{badge:?}: {a} {b}");
    }
}

#[test]
fn relative_orders_move_light_and_chroma() {
    let cloth = [0.1, 0.2, 0.5];
    let before = photo(|_, _| cloth, [0.3; 3]);
    let old = median(&labs(&before));
    let new = |lightness, chroma| {
        let after = painted(&before, &[(mask_of(&CLOTH), relative(lightness, chroma))]);
        assert!(correlation(&labs(&before), &labs(&after)) > 0.9);
        median(&labs(&after))
    };
    let chroma = |lab: [f32; 3]| lab[1].hypot(lab[2]);
    let angle = |lab: [f32; 3]| lab[2].atan2(lab[1]);
    let (darker, darkest, lighter) = (new(-1.0, 0.0), new(-2.0, 0.0), new(1.0, 0.0));
    assert!(darkest[0] < darker[0] - 5.0 && darker[0] < old[0] - 8.0);
    assert!(lighter[0] > old[0] + 8.0);
    let (paler, fuller) = (new(0.0, -1.0), new(0.0, 1.0));
    assert!(chroma(paler) < 0.75 * chroma(old), "{paler:?} {old:?}");
    assert!(chroma(fuller) > 1.15 * chroma(old), "{fuller:?} {old:?}");
    for lab in [darker, lighter, paler] {
        assert!((angle(lab) - angle(old)).abs() < 0.1, "{lab:?} {old:?}");
    }
    // An order for nothing changes nothing, whatever is printed on the cloth.
    let spots = |x: usize, y: usize| [0.8, 0.02, 0.3].map(|v| v * ((x ^ y) & 8) as f32 / 8.0);
    let before = photo(spots, [0.3; 3]);
    let after = painted(&before, &[(mask_of(&CLOTH), relative(0.0, 0.0))]);
    for (x, y) in (80..160).flat_map(|y| (145..245).map(move |x| (x, y))) {
        let [before, after] = [&before, &after].map(|rgba| lab_at(rgba, x, y));
        assert!(distance(before, after) < 1.5, "{before:?} {after:?}");
    }
}
