//! Printed cloth: figures where a field over the repeat is above 0.

use std::f32::consts::TAU;

use super::noise::{OUTSIDE, add_noise, hash, plane, scattered, unit};
use super::thread::Thread::{self, Figure, Fourth, Third};

/// Makes a field of so many values a side. Near its edge it has to be even, for its slope says how far the
/// edge is.
pub type Field = fn(usize) -> Vec<f32>;

/// Figures in their order, each over those before.
pub type Figures = &'static [(Field, Thread)];

/// Discs in rows that are set off.
pub const DOTS: Figures = &[(|side| dots(side, 0.2), Figure)];
/// Small ones.
pub const PIN_DOTS: Figures = &[(|side| dots(side, 0.12), Figure)];
/// Bands that go up and down.
pub const ZIGZAG: Figures = &[(zigzag, Figure)];
/// Patches.
pub const CAMOUFLAGE: Figures = &[
    (|side| patches(side, 1, 0.1), Third),
    (|side| patches(side, 2, 0.15), Figure),
    (|side| patches(side, 3, 0.5), Fourth),
];
/// What rosettes enclose, and rosettes.
pub const LEOPARD: Figures = &[(enclosed, Third), (rosettes, Figure)];
/// Leaves, small flowers, petals and hearts of large ones.
pub const FLORAL: Figures = &[
    (leaves, Fourth),
    (|side| flowers(side, SMALL, petals), Third),
    (|side| flowers(side, LARGE, petals), Figure),
    (|side| flowers(side, LARGE, heart), Third),
];

fn dots(side: usize, radius: f32) -> Vec<f32> {
    let off = |at: f32| (at - at.floor() - 0.5).abs();
    let distance = |u, v| off(u).hypot(off(v));
    plane(side, |[u, v]| {
        radius - distance(u + 0.25, v + 0.25).min(distance(u + 0.75, v + 0.75))
    })
}

fn zigzag(side: usize) -> Vec<f32> {
    let wave = |at: f32| (at - at.floor() - 0.5).abs();
    plane(side, |[u, v]| 0.25 - wave(2.0 * u + 0.9 * wave(2.0 * v)))
}

fn patches(side: usize, seed: u32, least: f32) -> Vec<f32> {
    let mut field = vec![-least; side * side];
    for (n, (cells, weight)) in (0..).zip([([3, 5], 1.0), ([7, 11], 0.6), ([17, 23], 0.25)]) {
        add_noise(&mut field, side, cells, weight, seed + 10 * n);
    }
    field
}

/// Something around each place of a leopard's coat: of the distance in cells, wobbled, the angle, and a
/// number of each rosette's own.
fn coat(side: usize, value: impl Fn(f32, f32, u32) -> f32) -> Vec<f32> {
    let wobble = |seed| {
        let mut field = vec![0.0; side * side];
        add_noise(&mut field, side, [22, 22], 0.16, seed);
        add_noise(&mut field, side, [47, 47], 0.07, seed + 1);
        field
    };
    let (right, down) = (wobble(30), wobble(40));
    scattered(side, 9, 0.75, 7, |[x, y], texel, drawn| {
        let stretch = 0.85 + 0.35 * part(drawn, 0);
        let (x, y) = ((x + right[texel]) * stretch, (y + down[texel]) / stretch);
        value(x.hypot(y), y.atan2(x) + TAU * part(drawn, 1), drawn)
    })
}

/// The radius of a rosette; some are spots without a hole.
fn rosette(drawn: u32) -> (f32, bool) {
    (0.28 + 0.1 * part(drawn, 2), part(drawn, 3) > 0.12)
}

fn enclosed(side: usize) -> Vec<f32> {
    coat(side, |distance, _, drawn| match rosette(drawn) {
        (radius, true) => radius - distance,
        _ => OUTSIDE,
    })
}

fn rosettes(side: usize) -> Vec<f32> {
    coat(side, |distance, angle, drawn| match rosette(drawn) {
        (radius, true) => {
            let width = 0.06 + 0.055 * (2.0 * angle).sin() + 0.045 * (3.0 * angle + 2.0).sin();
            width - (distance - radius).abs()
        }
        (radius, false) => 0.55 * radius - distance,
    })
}

/// Cells in a repeat, the share of them that has a flower, its radius in cells, and a seed.
type Flowers = (usize, f32, f32, u32);
const LARGE: Flowers = (4, 0.9, 0.36, 11);
const SMALL: Flowers = (7, 0.6, 0.2, 12);

/// A part of each flower: of the place from its centre, its radius, and a number of its own.
fn flowers(
    side: usize,
    (cells, share, radius, seed): Flowers,
    value: impl Fn([f32; 2], f32, u32) -> f32,
) -> Vec<f32> {
    scattered(side, cells, 1.5 * radius, seed, |way, _, drawn| {
        match part(drawn, 0) < share {
            true => value(way, radius * (0.7 + 0.3 * part(drawn, 1)), drawn),
            false => OUTSIDE,
        }
    })
}

fn petals([x, y]: [f32; 2], radius: f32, drawn: u32) -> f32 {
    let angle = 2.5 * y.atan2(x) + TAU * part(drawn, 2);
    radius * (0.52 + 0.48 * angle.sin().abs().sqrt()) - x.hypot(y)
}

fn heart([x, y]: [f32; 2], radius: f32, _: u32) -> f32 {
    0.24 * radius - x.hypot(y)
}

/// Three to each large flower.
fn leaves(side: usize) -> Vec<f32> {
    flowers(side, LARGE, |[x, y], radius, drawn| {
        let leaf = |turn: f32| {
            let (sin, cos) = (TAU * part(drawn, 3) + turn).sin_cos();
            let (along, aside) = (x * cos + y * sin, y * cos - x * sin);
            let length = 1.45 * radius;
            0.55 * along * (1.0 - along / length) - aside.abs()
        };
        leaf(0.0).max(leaf(2.3)).max(leaf(4.0))
    })
}

/// The `n`th number of what was drawn, from 0 to 1.
fn part(drawn: u32, n: u32) -> f32 {
    unit(hash([drawn, n], 9))
}
