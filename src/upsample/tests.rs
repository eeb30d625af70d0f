use super::*;

pub(super) const SIZES: [Size; 6] = [
    size(1, 1),
    size(1, 9),
    size(7, 1),
    size(3, 2),
    size(9, 12),
    size(24, 16),
];

const fn size(width: usize, height: usize) -> Size {
    Size { width, height }
}

/// Any values in [-1, 1], the same on every run.
pub(super) fn noise(len: usize, seed: u32) -> Vec<f32> {
    let mut state = seed;
    (0..len)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        })
        .collect()
}

/// The pixels of the window around a pixel.
pub(super) fn covered(i: usize, size: Size, radius: usize) -> Vec<usize> {
    let (x, y) = (i % size.width, i / size.width);
    (0..size.width * size.height)
        .filter(|j| (j % size.width).abs_diff(x) <= radius)
        .filter(|j| (j / size.width).abs_diff(y) <= radius)
        .collect()
}

fn photo(size: Size, seed: u32) -> Vec<u8> {
    let values = noise(4 * size.width * size.height, seed);
    values.iter().map(|v| (127.5 * v + 127.5) as u8).collect()
}

/// The photo's own colours as planes.
fn planes(photo: &[u8]) -> Vec<f32> {
    let pixels = photo.as_chunks::<4>().0;
    let plane = |c| pixels.iter().map(move |p| f32::from(p[c]) / 127.5 - 1.0);
    (0..3).flat_map(plane).collect()
}

fn fit<const C: usize>(small: Size, seed: u32) -> LocalAffine<C> {
    let area = small.width * small.height;
    let (guide, target) = (noise(3 * area, seed), noise(C * area, seed + 1));
    LocalAffine::fit(&guide, &target, small, 2, 0.1).expect("a filter")
}

/// Bilinear interpolation of a function at a pixel of the photo, applied to its colour.
fn direct<const C: usize>(
    affine: &LocalAffine<C>,
    pixel: &[u8],
    (x, y): (usize, usize),
    photo: Size,
    c: usize,
) -> f64 {
    let small = affine.size;
    let place = |i: usize, full: usize, small: usize| {
        let at = (i as f64 + 0.5) * small as f64 / full as f64 - 0.5;
        at.clamp(0.0, (small - 1) as f64)
    };
    let x = place(x, photo.width, small.width);
    let y = place(y, photo.height, small.height);
    let mut sum = 0.0;
    for (i, function) in affine.coefficients.iter().enumerate() {
        let near = |at: f64, i: usize| (1.0 - (at - i as f64).abs()).max(0.0);
        let weight = near(x, i % small.width) * near(y, i / small.width);
        let [a @ .., b] = function[c].map(f64::from);
        let colours = pixel.iter().map(|p| f64::from(*p) / 127.5 - 1.0);
        let value = b + a.iter().zip(colours).map(|(a, p)| a * p).sum::<f64>();
        sum += weight * value;
    }
    sum
}

#[test]
fn a_pixel_takes_the_mean_of_the_windows_that_cover_it() {
    for small in SIZES {
        let area = small.width * small.height;
        let (guide, target) = (noise(3 * area, 5), noise(area, 6));
        let affine = LocalAffine::<1>::fit(&guide, &target, small, 2, 1e-3).expect("a filter");
        let windows = regressions::<1>(&guide, &target, small, 2, f64::from(1e-3_f32));
        for (i, ours) in affine.coefficients.iter().enumerate() {
            let covering = covered(i, small, 2);
            for j in 0..4 {
                let sum: f64 = covering.iter().map(|k| windows[*k][0][j]).sum();
                let mean = (sum / covering.len() as f64) as f32;
                assert!((ours[0][j] - mean).abs() <= 1e-6 * mean.abs().max(1.0));
            }
        }
    }
}

#[test]
fn every_pixel_gets_the_interpolated_function() {
    let photos = [
        size(1, 1),
        size(5, 4),
        size(24, 16),
        size(9000, 2),
        size(31, 200),
    ];
    for small in SIZES {
        let (edit, mask) = (fit::<3>(small, 7), fit::<1>(small, 8));
        for full in photos {
            let before = photo(full, 9);
            let mut after = before.clone();
            edit.apply(&mut after, full, 0.75).expect("an edit");
            let masked = mask.mask(&before, full).expect("a mask");
            for (i, pixel) in before.as_chunks::<4>().0.iter().enumerate() {
                let at = (i % full.width, i / full.width);
                for c in 0..3 {
                    let value = direct(&edit, &pixel[..3], at, full, c).clamp(-1.0, 1.0);
                    let old = f64::from(pixel[c]);
                    let value = old + 0.75 * (127.5 * value + 127.5 - old);
                    let ours = f64::from(after[4 * i + c]);
                    assert!(
                        (ours - value).abs() < 0.51,
                        "{small:?} {full:?} {at:?}: {ours} {value}"
                    );
                }
                assert_eq!(after[4 * i + 3], pixel[3], "alpha");
                let value = 255.0 * direct(&mask, &pixel[..3], at, full, 0).clamp(0.0, 1.0);
                assert!((f64::from(masked[i]) - value).abs() < 0.51);
            }
        }
    }
}

#[test]
fn an_edit_that_changes_nothing_gives_the_photo_back() {
    for small in SIZES {
        let guide = noise(3 * small.width * small.height, 10);
        let affine = LocalAffine::fit_edit(&guide, &guide, small, 2, 1e-3).expect("a filter");
        for full in [size(1, 1), size(2, 7), size(40, 30), size(300, 2)] {
            let before = photo(full, 11);
            let mut after = before.clone();
            affine.apply(&mut after, full, 1.0).expect("an edit");
            assert_eq!(before, after, "{small:?} {full:?}");
        }
        // As published, the filter does so only where eps is small beside the variance.
        let mut own = photo(small, 12);
        let (before, guide) = (own.clone(), planes(&own));
        let affine = LocalAffine::fit(&guide, &guide, small, 2, 1e-6).expect("a filter");
        affine.apply(&mut own, small, 1.0).expect("an edit");
        assert!(own.iter().zip(before).all(|(a, b)| a.abs_diff(b) <= 1));
    }
}

#[test]
fn constants_stay_constants() {
    for small in SIZES {
        let area = small.width * small.height;
        for guide in [noise(3 * area, 13), vec![0.3; 3 * area]] {
            let full = size(50, 20);
            let target = [0.2, -1.0, 1.0].map(|v| vec![v; area]).concat();
            let affine = LocalAffine::fit(&guide, &target, small, 2, 1e-3).expect("a filter");
            let mut after = photo(full, 14);
            affine.apply(&mut after, full, 1.0).expect("an edit");
            assert!(after.chunks(4).all(|pixel| pixel[..3] == [153, 0, 255]));
            let affine = LocalAffine::fit(&guide, &target[..area], small, 2, 1e-3);
            let mask = affine
                .expect("a filter")
                .mask(&after, full)
                .expect("a mask");
            assert_eq!(mask, [51; 1000]);
        }
    }
}

#[test]
fn grain_stays_where_a_flat_area_gets_a_new_colour() {
    let (small, full) = (size(8, 8), size(64, 64));
    let grey = vec![0.0; 3 * 64];
    let red: Vec<f32> = [0.5, -0.5, -0.5].iter().flat_map(|v| [*v; 64]).collect();
    let affine = LocalAffine::fit_edit(&grey, &red, small, 2, 1e-3).expect("a filter");
    let before: Vec<u8> = photo(full, 15).iter().map(|v| 120 + v / 16).collect();
    let mut after = before.clone();
    affine.apply(&mut after, full, 1.0).expect("an edit");
    for (after, before) in after.chunks(4).zip(before.chunks(4)) {
        for (c, shift) in [63.75, -63.75, -63.75].iter().enumerate() {
            let expected = f64::from(before[c]) + shift;
            assert!((f64::from(after[c]) - expected).abs() < 0.51);
        }
    }
}

#[test]
fn no_strength_leaves_every_byte() {
    let full = size(33, 21);
    let before = photo(full, 16);
    for strength in [0.0, -0.0, -3.0, f32::NAN] {
        let mut after = before.clone();
        let affine = fit::<3>(size(9, 12), 17);
        affine.apply(&mut after, full, strength).expect("an edit");
        assert_eq!(before, after, "{strength}");
    }
}

#[test]
fn stripes_make_the_whole() {
    let full = size(33, 21);
    let (edit, mask) = (fit::<3>(size(9, 12), 18), fit::<1>(size(9, 12), 19));
    let mut whole = photo(full, 20);
    let mut striped = whole.clone();
    let expected = mask.mask(&whole, full).expect("a mask");
    edit.apply(&mut whole, full, 0.6).expect("an edit");
    let mut masked = Vec::new();
    for (i, rows) in striped.chunks_mut(4 * 33 * 4).enumerate() {
        masked.extend(mask.mask_rows(rows, 4 * i, full).expect("a mask"));
        edit.apply_rows(rows, 4 * i, full, 0.6).expect("an edit");
    }
    assert_eq!(whole, striped);
    assert_eq!(expected, masked);
}

#[test]
fn what_does_not_fit_is_an_error() {
    let small = size(2, 2);
    let fit = |guide: &[f32], target: &[f32], small, eps| {
        let affine = LocalAffine::<3>::fit(guide, target, small, 2, eps);
        affine.expect_err("an error").to_string()
    };
    let (good, mut bad) = ([0.0; 12], [0.0; 12]);
    bad[7] = f32::NAN;
    assert!(fit(&good[1..], &good, small, 0.1).starts_with("guide: 11 values where 12"));
    assert!(fit(&good, &[], small, 0.1).starts_with("target: 0 values where 12"));
    assert!(fit(&good, &bad, small, 0.1).starts_with("target: not every value"));
    assert!(fit(&[], &[], size(0, 2), 0.1).starts_with("a picture of 0 by 2"));
    for eps in [0.0, -1.0, f32::NAN, f32::INFINITY] {
        assert!(fit(&good, &good, small, eps).starts_with("eps is"));
    }
    let edit = LocalAffine::fit_edit(&good, &good[1..], small, 2, 0.1);
    let found = edit.expect_err("an error").to_string();
    assert!(found.starts_with("edit: 11 values where 12"));

    let affine = LocalAffine::fit_edit(&good, &good, small, 2, 0.1).expect("a filter");
    let apply = |bytes: usize, first, photo| {
        let stripe = affine.apply_rows(&mut vec![0; bytes], first, photo, 1.0);
        stripe.expect_err("an error").to_string()
    };
    assert!(apply(13, 0, size(3, 5)).starts_with("stripe: 13 values where 12"));
    assert!(apply(24, 4, size(3, 5)).starts_with("a stripe of 2 rows from row 4"));
    assert!(apply(24, usize::MAX, size(3, 5)).starts_with("a stripe of 2 rows"));
    assert!(apply(24, 0, size(usize::MAX, 5)).starts_with("a picture of"));
    let whole = affine.apply(&mut [0; 24], size(3, 5), 1.0);
    assert!(
        whole
            .expect_err("an error")
            .to_string()
            .starts_with("photo: 24 values where 60")
    );
}
