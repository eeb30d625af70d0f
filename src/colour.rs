//! sRGB and CIELAB (white D65), in code without branches, so that rows of pixels go through it four
//! or eight at a time.

use std::sync::LazyLock;

/// Linear sRGB to XYZ over the white's XYZ: IEC 61966-2-1's primaries. Each row adds up to 1, so grey
/// has exactly equal numbers.
const TO_XYZ: [[f32; 3]; 3] = [
    [0.433_887_35, 0.376_224, 0.189_888_65],
    [0.212_639, 0.715_168_7, 0.072_192_31],
    [0.017_750_04, 0.109_447_62, 0.872_802_3],
];

/// The inverse of [`TO_XYZ`].
const TO_RGB: [[f32; 3]; 3] = [
    [3.080_399, -1.537_383_2, -0.543_015_9],
    [-0.921_223_36, 1.875_967_5, 0.045_255_86],
    [0.052_873_94, -0.203_976_96, 1.151_103],
];

/// CIE 15: below `(6 / 29)^3` the cube root is a line.
const KNEE: f32 = 216.0 / 24389.0;
const SLOPE: f32 = 841.0 / 108.0;
const FOOT: f32 = 4.0 / 29.0;

/// The linear value of each sRGB byte, 0 to 1.
pub static LINEAR: LazyLock<[f32; 256]> =
    LazyLock::new(|| std::array::from_fn(|byte| decode(byte as f32 / 255.0)));

/// The CIELAB colour of sRGB bytes: lightness 0 to 100, and a and b, within 110 of 0.
pub fn srgb_to_lab(rgb: [u8; 3]) -> [f32; 3] {
    lab_of(rgb.map(|byte| LINEAR[usize::from(byte)]))
}

/// The sRGB bytes of a CIELAB colour, each channel clamped: a colour that no screen shows loses
/// chroma. What is not a number becomes 0.
pub fn lab_to_srgb(lab: [f32; 3]) -> [u8; 3] {
    linear_of(lab).map(|value| (encode(value) * 255.0).round() as u8)
}

/// The CIELAB colour of linear sRGB, 0 to 1: at most 0.03 away.
#[inline(always)]
pub fn lab_of(linear: [f32; 3]) -> [f32; 3] {
    let [x, y, z] = TO_XYZ.map(|row| {
        let t = row[0] * linear[0] + row[1] * linear[1] + row[2] * linear[2];
        let root = cube_root(t);
        if t > KNEE { root } else { SLOPE * t + FOOT }
    });
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// The linear sRGB of a CIELAB colour, outside 0 to 1 for one that no screen shows.
#[inline(always)]
pub fn linear_of([lightness, a, b]: [f32; 3]) -> [f32; 3] {
    let y = (lightness + 16.0) * (1.0 / 116.0);
    let [x, y, z] = [y + a * (1.0 / 500.0), y, y - b * (1.0 / 200.0)].map(|f| {
        let cube = f * f * f;
        if f > 6.0 / 29.0 {
            cube
        } else {
            (f - FOOT) * (1.0 / SLOPE)
        }
    });
    TO_RGB.map(|row| row[0] * x + row[1] * y + row[2] * z)
}

/// The luminance of a linear colour, 0 to 1.
#[inline(always)]
pub fn luminance([r, g, b]: [f32; 3]) -> f32 {
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

/// sRGB's transfer function, from linear to 0 to 1; what is outside 0 to 1 is clamped. The power is
/// fitted by roots: at most 0.1 of 255 away.
#[inline(always)]
pub fn encode(linear: f32) -> f32 {
    // Comparisons, unlike `f32::max`, are one instruction here and in wasm, and end a NaN.
    let x = if linear > 0.0 { linear } else { 0.0 };
    let x = if x < 1.0 { x } else { 1.0 };
    let root = x.sqrt();
    let curve = 0.833_753_1 * root + 0.298_112_17 * root.sqrt() - 0.055_321_014 * x - 0.076_905_12;
    if x > 0.003_130_8 { curve } else { 12.92 * x }
}

/// The inverse of [`encode`], from 0 to 1.
fn decode(value: f32) -> f32 {
    if value > 0.040_45 {
        ((value + 0.055) / 1.055).powf(2.4)
    } else {
        value / 12.92
    }
}

/// The cube root of a number from [`KNEE`] to 1, fitted by square roots: at most 3e-5 away.
#[inline(always)]
fn cube_root(t: f32) -> f32 {
    let root = t.sqrt();
    let fourth = root.sqrt();
    0.547_279_5 * fourth + root * (0.704_244_5 - 0.308_645_14 * fourth) + 0.076_188_63 * t
        - 0.019_052_073
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(ours: [f32; 3], expected: [f32; 3], bound: f32) -> bool {
        ours.iter()
            .zip(expected)
            .all(|(ours, expected)| (ours - expected).abs() <= bound)
    }

    #[test]
    fn known_colours_have_their_numbers() {
        // As other programs have them.
        for (rgb, lab) in [
            ([255, 255, 255], [100.0, 0.0, 0.0]),
            ([0, 0, 0], [0.0, 0.0, 0.0]),
            ([255, 0, 0], [53.24, 80.09, 67.2]),
            ([0, 255, 0], [87.73, -86.18, 83.18]),
            ([0, 0, 255], [32.3, 79.19, -107.86]),
            ([119, 119, 119], [50.03, 0.0, 0.0]),
            ([63, 127, 214], [53.05, 8.33, -50.66]),
        ] {
            let ours = srgb_to_lab(rgb);
            assert!(near(ours, lab, 0.15), "{rgb:?}: {ours:?}");
        }
    }

    #[test]
    fn every_colour_comes_back() {
        for r in (0..=255).step_by(5) {
            for g in (0..=255).step_by(5) {
                for b in 0..=255 {
                    let back = lab_to_srgb(srgb_to_lab([r, g, b]));
                    let off = [
                        r.abs_diff(back[0]),
                        g.abs_diff(back[1]),
                        b.abs_diff(back[2]),
                    ];
                    assert!(off.iter().all(|off| *off <= 1), "{r} {g} {b}: {back:?}");
                }
            }
        }
        for grey in 0..=255 {
            let [_, a, b] = srgb_to_lab([grey; 3]);
            assert!(a.abs() < 1e-3 && b.abs() < 1e-3, "{grey}: {a} {b}");
        }
    }

    #[test]
    fn what_no_screen_shows_is_clamped() {
        assert_eq!(lab_to_srgb([150.0, 0.0, 0.0]), [255; 3]);
        assert_eq!(lab_to_srgb([-20.0, 0.0, 0.0]), [0; 3]);
        assert_eq!(lab_to_srgb([f32::NAN; 3]), [0; 3]);
        assert_eq!(lab_to_srgb([50.0, 500.0, 500.0])[0], 255);
    }

    #[test]
    fn roots_and_powers_are_close_to_the_exact_ones() {
        for i in 0..=20_000 {
            let t = (i as f32 / 20_000.0).powi(3);
            assert!(t < KNEE || (cube_root(t) - t.cbrt()).abs() < 3e-5, "{t}");
            let exact = if t > 0.003_130_8 {
                1.055 * t.powf(1.0 / 2.4) - 0.055
            } else {
                12.92 * t
            };
            assert!((encode(t) - exact).abs() < 0.1 / 255.0, "{t}");
        }
    }
}
