use super::*;
use crate::colour::{encode, lab_to_srgb, srgb_to_lab};
use crate::shrink::shrink;

const FULL: Size = Size {
    width: 360,
    height: 240,
};
const SMALL: Size = Size {
    width: 90,
    height: 60,
};
/// Where the drawn cloth is, in pixels of the photo.
const CLOTH: [Range<usize>; 2] = [120..270, 50..190];

const RED: Paint = colour([190, 30, 40]);
const NAVY: Paint = colour([20, 30, 70]);
const WHITE: Paint = colour([255, 255, 255]);
const BLACK: Paint = colour([0, 0, 0]);

/// The bytes of a colour, which [`paints`] makes a paint of.
const fn colour(rgb: [u8; 3]) -> Paint {
    let [r, g, b] = rgb;
    Paint {
        change: Change::Colour {
            lab: [r as f32, g as f32, b as f32],
        },
        plain: false,
    }
}

/// The paint of bytes: conversion is no constant.
fn of(paint: Paint) -> Paint {
    let change = match paint.change {
        Change::Colour { lab } => Change::Colour {
            lab: srgb_to_lab(lab.map(|byte| byte as u8)),
        },
        other => other,
    };
    Paint { change, ..paint }
}

fn relative(lightness: f32, chroma: f32) -> Paint {
    Paint {
        change: Change::Relative { lightness, chroma },
        plain: false,
    }
}

fn plain(paint: Paint) -> Paint {
    Paint {
        plain: true,
        ..paint
    }
}

/// Any values in [-1, 1], the same on every run.
fn noise(len: usize, seed: u32) -> Vec<f32> {
    let mut state = seed;
    (0..len)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        })
        .collect()
}

fn inside(x: usize, y: usize) -> bool {
    CLOTH[0].contains(&x) && CLOTH[1].contains(&y)
}

/// A photo of a cloth on a background, by what each reflects at a place; light falls in folds.
fn photo(cloth: impl Fn(usize, usize) -> [f32; 3], background: [f32; 3]) -> Vec<u8> {
    let grain = noise(FULL.width * FULL.height, 3);
    let pixel = |i: usize| {
        let (x, y) = (i % FULL.width, i / FULL.width);
        let (reflected, light) = if inside(x, y) {
            (cloth(x, y), 1.0 + 0.35 * fold(x, y))
        } else {
            (background, 1.0)
        };
        let light = light * (1.0 + 0.03 * grain[i]);
        let [r, g, b] = reflected.map(|part| (255.0 * encode(part * light)).round() as u8);
        [r, g, b, (i % 256) as u8]
    };
    (0..FULL.width * FULL.height).flat_map(pixel).collect()
}

fn fold(x: usize, y: usize) -> f32 {
    ((x as f32 + 0.3 * y as f32) / 11.0).sin() + 0.3 * (y as f32 / 23.0).cos()
}

/// The mask of a rectangle as a network gives it: at low resolution, and blurred.
fn mask_of([columns, rows]: &[Range<usize>; 2]) -> Vec<f32> {
    let covered = |range: &Range<usize>, i: usize| range.contains(&(4 * i + 2)) as u8 as f32;
    let hard: Vec<[f32; 1]> = (0..SMALL.width * SMALL.height)
        .map(|i| [covered(columns, i % SMALL.width) * covered(rows, i / SMALL.width)])
        .collect();
    let soft = spill::blur(&hard, SMALL, 1);
    soft.iter().map(|[value]| *value).collect()
}

fn fit(rgba: &[u8], layers: &[(Vec<f32>, Paint)]) -> Edit {
    let small = shrink(rgba, FULL, SMALL).expect("planes");
    Edit::fit(&small, SMALL, layers, FULL).expect("an edit")
}

fn painted(rgba: &[u8], layers: &[(Vec<f32>, Paint)]) -> Vec<u8> {
    let mut after = rgba.to_vec();
    fit(rgba, layers).apply(&mut after, 1.0).expect("a photo");
    after
}

fn lab_at(rgba: &[u8], x: usize, y: usize) -> [f32; 3] {
    let [r, g, b, _] = rgba.as_chunks::<4>().0[y * FULL.width + x];
    srgb_to_lab([r, g, b])
}

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
    for cloth in [[0.02; 3], [0.5, 0.1, 0.05], [0.8; 3]] {
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
fn strength_0_and_what_is_outside_stay_to_the_byte() {
    let before = photo(|_, _| [0.4, 0.1, 0.1], [0.2, 0.3, 0.4]);
    let layers = [(mask_of(&CLOTH), of(NAVY))];
    let edit = fit(&before, &layers);
    for strength in [0.0, -1.0, f32::NAN] {
        let mut after = before.clone();
        edit.apply(&mut after, strength).expect("a photo");
        assert!(after == before, "strength {strength}");
    }
    let after = painted(&before, &layers);
    let mask = edit.mask(&before).expect("a mask");
    let pixels = before
        .as_chunks::<4>()
        .0
        .iter()
        .zip(after.as_chunks::<4>().0);
    for ((before, after), mask) in pixels.zip(mask) {
        assert_eq!(before[3], after[3], "alpha");
        assert!(mask > 0 || before == after);
    }
}

#[test]
fn half_the_strength_is_half_the_change() {
    let before = photo(|_, _| [0.4, 0.1, 0.1], [0.2, 0.3, 0.4]);
    let edit = fit(&before, &[(mask_of(&CLOTH), of(NAVY))]);
    let (mut half, mut whole) = (before.clone(), before.clone());
    edit.apply(&mut half, 0.5).expect("a photo");
    edit.apply(&mut whole, 7.0).expect("a photo");
    for ((before, half), whole) in before.iter().zip(half).zip(whole) {
        let between = (f32::from(*before) + f32::from(whole)) / 2.0;
        assert!((f32::from(half) - between).abs() <= 1.0);
    }
}

#[test]
fn a_sharp_edge_leaks_nothing() {
    for (cloth, background) in [(0.05, 0.5), (0.6, 0.1), (0.25, 0.2)] {
        let before = photo(|_, _| [cloth; 3], [background; 3]);
        let after = painted(&before, &[(mask_of(&CLOTH), of(RED))]);
        let [columns, rows] = &CLOTH;
        // One and a half pixels of the small photo are six of the full one.
        let near = |x: usize, y: usize| {
            (columns.start - 6..columns.end + 6).contains(&x)
                && (rows.start - 6..rows.end + 6).contains(&y)
        };
        let pixels = before
            .as_chunks::<4>()
            .0
            .iter()
            .zip(after.as_chunks::<4>().0);
        for (i, (before, after)) in pixels.enumerate() {
            let (x, y) = (i % FULL.width, i / FULL.width);
            assert!(near(x, y) || before == after, "{x}, {y}: {after:?}");
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
        // Neither a dark fringe nor a bright rim: the untreated pixels are 30 away.
        let off = distance(ours, ideal);
        assert!(off < 16.0, "{x}: {ours:?} instead of {ideal:?}");
        assert!(ours[0] > 65.0, "{x}: a fringe, {ours:?}");
    }
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
    // An order for nothing changes next to nothing.
    assert!(distance(new(0.0, 0.0), old) < 1.0);
}

#[test]
fn stripes_of_rows_are_the_whole() {
    let before = photo(|x, _| [0.3 + x as f32 / 900.0, 0.1, 0.1], [0.3; 3]);
    let layers = [
        (mask_of(&CLOTH), of(NAVY)),
        (mask_of(&[150..360, 100..240]), plain(of(WHITE))),
    ];
    let edit = fit(&before, &layers);
    let whole = painted(&before, &layers);
    let mask = edit.mask(&before).expect("a mask");
    let mut stripes = before.clone();
    for (i, stripe) in stripes.chunks_mut(4 * FULL.width * 17).enumerate() {
        let part = edit.mask_rows(stripe, 17 * i).expect("a mask");
        assert!(part == mask[17 * i * FULL.width..][..part.len()]);
        edit.apply_rows(stripe, 17 * i, 1.0).expect("a stripe");
    }
    assert!(stripes == whole);
}

#[test]
fn of_two_layers_the_later_lies_on_top_and_nothing_shows_between() {
    let before = photo(|_, _| [0.03; 3], [0.03; 3]);
    let (left, right) = ([60..180, 40..200], [180..300, 40..200]);
    let beside = [(mask_of(&left), of(RED)), (mask_of(&right), of(WHITE))];
    let after = painted(&before, &beside);
    for x in 70..290 {
        let lab = lab_at(&after, x, 120);
        assert!(lab[0] > 25.0, "{x}: the photo shows, {lab:?}");
        assert!(lab[1] > 30.0 || x > 168, "{x}: {lab:?}");
        assert!(lab[1] < 5.0 || x < 192, "{x}: {lab:?}");
    }
    let over = [(mask_of(&left), of(RED)), (mask_of(&left), of(NAVY))];
    let alone = painted(&before, &over[1..]);
    let over = painted(&before, &over);
    for x in 80..160 {
        assert_eq!(lab_at(&over, x, 120), lab_at(&alone, x, 120));
    }
    assert!(painted(&before, &[]) == before);
}

#[test]
fn any_photo_and_any_mask_give_numbers() {
    let area = SMALL.width * SMALL.height;
    let rough: Vec<f32> = noise(3 * area, 1).iter().map(|v| 1.5 * v).collect();
    let masks = [
        vec![0.0; area],
        vec![1.0; area],
        noise(area, 2).iter().map(|v| 0.5 * v + 0.5).collect(),
        (0..area).map(|i| (i == 700) as u8 as f32).collect(),
    ];
    let paints = [RED, WHITE, BLACK, NAVY].map(of);
    let orders = [relative(-9.0, 9.0), relative(9.0, -9.0), relative(0.0, 0.0)];
    for small in [vec![-1.0; 3 * area], vec![1.0; 3 * area], rough] {
        for mask in &masks {
            for paint in paints.into_iter().chain(orders) {
                for paint in [paint, plain(paint)] {
                    let layers = [(mask.clone(), paint)];
                    let edit = Edit::fit(&small, SMALL, &layers, FULL).expect("an edit");
                    let layer = &edit.layers()[0];
                    let tones = layer.tones();
                    assert!(tones.numbers().iter().all(|v| v.is_finite()), "{tones:?}");
                    let cells = layer.cells().iter().flatten().flatten();
                    assert!(cells.copied().all(f32::is_finite), "{paint:?}");
                    let painter = tones.painter();
                    for value in [0.0, 1e-6, 0.2, 1.0] {
                        let new = painter([value, 0.0, 1.0 - value], 50.0);
                        assert!(new.iter().all(|v| v.is_finite()), "{tones:?}: {new:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn photos_of_any_size_are_painted() {
    let size = |width, height| Size { width, height };
    for small in [size(1, 1), size(1, 9), size(7, 1), size(9, 12)] {
        for full in [size(1, 1), size(5, 4), size(900, 2), size(31, 200)] {
            let photo = noise(3 * small.width * small.height, 4);
            let mask = vec![1.0; small.width * small.height];
            let layers = [(mask, of(NAVY))];
            let edit = Edit::fit(&photo, small, &layers, full).expect("an edit");
            let mut rgba = [200, 150, 90, 7].repeat(full.width * full.height);
            assert!(edit.mask(&rgba).expect("a mask").iter().all(|m| *m == 255));
            edit.apply(&mut rgba, 1.0).expect("a photo");
            for pixel in rgba.as_chunks::<4>().0 {
                assert!(pixel[0] != 200 && pixel[3] == 7, "{small:?} {full:?}");
            }
        }
    }
}

#[test]
fn the_mask_is_the_filtered_one_interpolated_and_given_contrast() {
    let small = Size {
        width: 9,
        height: 7,
    };
    let full = Size {
        width: 40,
        height: 31,
    };
    let photo = noise(3 * 63, 5);
    let mask: Vec<f32> = noise(63, 6).iter().map(|v| 0.5 * v + 0.5).collect();
    let edit = Edit::fit(&photo, small, &[(mask, of(RED))], full).expect("an edit");
    // Of one colour, front and back say nothing more about an edge.
    let mut alike = edit.clone();
    for cell in &mut alike.layers[0].cells {
        cell[1] = [0.2; 4];
        cell[2] = [0.2; 4];
    }
    let rgba: Vec<u8> = noise(4 * 40 * 31, 7)
        .iter()
        .map(|v| (127.5 * v + 127.5) as u8)
        .collect();
    let ours = alike.mask(&rgba).expect("a mask");
    for (i, pixel) in rgba.as_chunks::<4>().0.iter().enumerate() {
        let place = |i: usize, full: usize, small: usize| {
            let at = (i as f64 + 0.5) * small as f64 / full as f64 - 0.5;
            at.clamp(0.0, (small - 1) as f64)
        };
        let x = place(i % 40, 40, 9);
        let y = place(i / 40, 31, 7);
        let mut value = 0.0;
        for (j, [function, ..]) in edit.layers[0].cells.iter().enumerate() {
            let near = |at: f64, i: usize| (1.0 - (at - i as f64).abs()).max(0.0);
            let [slopes @ .., offset] = function.map(f64::from);
            let colours = pixel.iter().map(|p| f64::from(*p) / 127.5 - 1.0);
            let sum = slopes.iter().zip(colours).map(|(a, p)| a * p).sum::<f64>();
            value += near(x, j % 9) * near(y, j / 9) * (sum + offset);
        }
        let value = 255.0 * (4.0 * (value - 0.5) + 0.5).clamp(0.0, 1.0);
        assert!((f64::from(ours[i]) - value).abs() < 0.6, "{i}: {value}");
    }
}

#[test]
fn what_does_not_fit_is_an_error() {
    let photo = vec![0.0; 3 * SMALL.width * SMALL.height];
    let mask = vec![0.5; SMALL.width * SMALL.height];
    let fit = |photo: &[f32], mask: &[f32], paint| {
        Edit::fit(photo, SMALL, &[(mask.to_vec(), paint)], FULL)
    };
    assert!(fit(&photo[1..], &mask, of(RED)).is_err());
    assert!(fit(&photo, &mask[1..], of(RED)).is_err());
    assert!(fit(&photo, &vec![f32::NAN; mask.len()], of(RED)).is_err());
    assert!(fit(&vec![f32::INFINITY; photo.len()], &mask, of(RED)).is_err());
    assert!(fit(&photo, &mask, relative(f32::NAN, 0.0)).is_err());
    let edit = fit(&photo, &mask, of(RED)).expect("an edit");
    assert!(edit.apply(&mut [0; 12], 1.0).is_err());
    assert!(edit.mask(&[0; 12]).is_err());
    let line = 4 * FULL.width;
    assert!(
        edit.apply_rows(&mut vec![0; line], FULL.height, 1.0)
            .is_err()
    );
    assert!(edit.apply_rows(&mut vec![0; line - 1], 0, 1.0).is_err());
    assert!(edit.apply_rows(&mut vec![0; line], 239, 1.0).is_ok());
    assert_eq!(lab_to_srgb(srgb_to_lab([1, 2, 3])), [1, 2, 3]);
}
