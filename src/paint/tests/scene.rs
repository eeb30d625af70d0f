//! A drawn photo: a folded cloth before a background.

use std::ops::Range;

use crate::colour::{encode, srgb_to_lab};
use crate::shrink::{Size, shrink};

use super::super::{Change, Edit, Paint, spill::blur};

pub const FULL: Size = Size {
    width: 360,
    height: 240,
};
pub const SMALL: Size = Size {
    width: 90,
    height: 60,
};
/// Where the drawn cloth is, in pixels of the photo.
pub const CLOTH: [Range<usize>; 2] = [120..270, 50..190];

pub const RED: Paint = colour([190, 30, 40]);
pub const NAVY: Paint = colour([20, 30, 70]);
pub const WHITE: Paint = colour([255, 255, 255]);
pub const BLACK: Paint = colour([0, 0, 0]);

/// The bytes of a colour, which [`paints`] makes a paint of.
pub const fn colour(rgb: [u8; 3]) -> Paint {
    let [r, g, b] = rgb;
    Paint {
        change: Change::Colour {
            lab: [r as f32, g as f32, b as f32],
        },
        plain: false,
        fabric: None,
    }
}

/// The paint of bytes: conversion is no constant.
pub fn of(paint: Paint) -> Paint {
    let change = match paint.change {
        Change::Colour { lab } => Change::Colour {
            lab: srgb_to_lab(lab.map(|byte| byte as u8)),
        },
        other => other,
    };
    Paint { change, ..paint }
}

pub fn relative(lightness: f32, chroma: f32) -> Paint {
    Paint {
        change: Change::Relative { lightness, chroma },
        plain: false,
        fabric: None,
    }
}

pub fn plain(paint: Paint) -> Paint {
    Paint {
        plain: true,
        ..paint
    }
}

/// Any values in [-1, 1], the same on every run.
pub fn noise(len: usize, seed: u32) -> Vec<f32> {
    let mut state = seed;
    (0..len)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        })
        .collect()
}

pub fn inside(x: usize, y: usize) -> bool {
    CLOTH[0].contains(&x) && CLOTH[1].contains(&y)
}

/// A photo of a cloth on a background, by what each reflects at a place; light falls in folds.
pub fn photo(cloth: impl Fn(usize, usize) -> [f32; 3], background: [f32; 3]) -> Vec<u8> {
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

pub fn fold(x: usize, y: usize) -> f32 {
    ((x as f32 + 0.3 * y as f32) / 11.0).sin() + 0.3 * (y as f32 / 23.0).cos()
}

/// The mask of a rectangle as a network gives it: at low resolution, and blurred.
pub fn mask_of([columns, rows]: &[Range<usize>; 2]) -> Vec<f32> {
    let covered = |range: &Range<usize>, i: usize| range.contains(&(4 * i + 2)) as u8 as f32;
    let hard: Vec<[f32; 1]> = (0..SMALL.width * SMALL.height)
        .map(|i| [covered(columns, i % SMALL.width) * covered(rows, i / SMALL.width)])
        .collect();
    let soft = blur(&hard, SMALL, 1);
    soft.iter().map(|[value]| *value).collect()
}

pub fn fit(rgba: &[u8], layers: &[(Vec<f32>, Paint)]) -> Edit {
    let small = shrink(rgba, FULL, SMALL).expect("planes");
    Edit::fit(&small, SMALL, layers, FULL).expect("an edit")
}

pub fn painted(rgba: &[u8], layers: &[(Vec<f32>, Paint)]) -> Vec<u8> {
    let mut after = rgba.to_vec();
    fit(rgba, layers).apply(&mut after, 1.0).expect("a photo");
    after
}

pub fn lab_at(rgba: &[u8], x: usize, y: usize) -> [f32; 3] {
    let [r, g, b, _] = rgba.as_chunks::<4>().0[y * FULL.width + x];
    srgb_to_lab([r, g, b])
}
