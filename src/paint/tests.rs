use super::*;

mod brush;
mod cloth;
mod cover;
mod looks;
mod scene;

use crate::fabric::Kind;
use cloth::as_cloth;
use scene::*;

#[test]
fn any_strength_is_from_0_to_1() {
    let nothing = [f32::NEG_INFINITY, -1.0, -0.0, 0.0, f32::NAN, -f32::NAN];
    assert_eq!(nothing.map(strength), [0.0; 6]);
    let some = [1e-6, 0.5, 1.0, 1.5, f32::INFINITY];
    assert_eq!(some.map(strength), [1e-6, 0.5, 1.0, 1.0, 1.0]);
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
fn a_sharp_edge_leaks_next_to_nothing() {
    for (cloth, background) in [(0.05, 0.5), (0.6, 0.1), (0.25, 0.2)] {
        let before = photo(|_, _| [cloth; 3], [background; 3]);
        let after = painted(&before, &[(mask_of(&CLOTH), of(RED))]);
        let [columns, rows] = &CLOTH;
        let near = |pixels: usize, x: usize, y: usize| {
            (columns.start - pixels..columns.end + pixels).contains(&x)
                && (rows.start - pixels..rows.end + pixels).contains(&y)
        };
        let pixels = before.iter().zip(&after).enumerate();
        for (i, (before, after)) in pixels {
            let (x, y) = (i / 4 % FULL.width, i / 4 / FULL.width);
            // One and a half pixels of the small photo are six of the full one; as far again, noise that looks
            // like cloth is painted a little.
            let most = match (near(6, x, y), near(12, x, y)) {
                (true, _) => continue,
                (_, true) => 4,
                _ => 0,
            };
            assert!(
                before.abs_diff(*after) <= most,
                "{x}, {y}: {before} {after}"
            );
        }
    }
}

#[test]
fn stripes_of_rows_are_the_whole() {
    let before = photo(|x, _| [0.3 + x as f32 / 900.0, 0.1, 0.1], [0.3; 3]);
    let layers = [
        (mask_of(&CLOTH), of(NAVY)),
        (mask_of(&[150..360, 100..240]), plain(of(WHITE))),
        (
            mask_of(&[0..100, 0..240]),
            as_cloth(Kind::Leopard, [None; 3]),
        ),
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
    let cloths = Kind::ALL.map(|kind| as_cloth(kind, [None; 3]));
    let paints = [RED, WHITE, BLACK, NAVY].map(of).into_iter().chain(cloths);
    let orders = [relative(-9.0, 9.0), relative(9.0, -9.0), relative(0.0, 0.0)];
    for small in [vec![-1.0; 3 * area], vec![1.0; 3 * area], rough] {
        for mask in &masks {
            for paint in paints.clone().chain(orders) {
                for paint in [paint, plain(paint)] {
                    let layers = [(mask.clone(), paint)];
                    let edit = Edit::fit(&small, SMALL, &layers, FULL).expect("an edit");
                    let layer = &edit.layers()[0];
                    let tones = layer.tones();
                    assert!(tones.numbers().iter().all(|v| v.is_finite()), "{tones:?}");
                    let cells = layer.cells().iter().flatten().flatten();
                    assert!(cells.copied().all(f32::is_finite), "{paint:?}");
                    let shifts = layer.cloth().into_iter().flat_map(|cloth| cloth.shifts());
                    assert!(shifts.flatten().all(|shift| shift.is_finite()), "{paint:?}");
                    for value in [0.0, 1e-6, 0.2, 1.0] {
                        let new = tones.painted([value, 0.0, 1.0 - value], 50.0);
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
            let navy = [Some([20, 30, 70]); 3];
            for paint in [of(NAVY), as_cloth(Kind::Tweed, navy)] {
                let layers = [(mask.clone(), paint)];
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
}
