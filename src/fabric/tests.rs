use super::*;
use crate::colour::linear_of;

const RED: [u8; 3] = [150, 36, 44];

fn tile(fabric: &Fabric, pixels: f32) -> Tile {
    Tile::new(fabric, &fabric.threads(srgb_to_lab(RED)), pixels)
}

/// Linear colours at places that many texels of any tile lie between.
fn mean(tile: &Tile) -> [f32; 3] {
    let side = 200;
    let at = |i: usize| (i as f32 + 0.5) / side as f32;
    let places = (0..side * side).map(|i| [at(i % side), at(i / side)]);
    let sum = places.fold([0.0; 3], |sum: [f32; 3], place| {
        let linear = linear_of(tile.at(place));
        [0, 1, 2].map(|c| sum[c] + linear[c])
    });
    sum.map(|sum| sum / (side * side) as f32)
}

#[test]
fn cloth_has_one_mean_colour_from_near_and_from_far() {
    for kind in Kind::ALL {
        let fabric = Fabric::new(kind);
        let near = mean(&tile(&fabric, 400.0));
        for times in [1.0, 1.37, 3.0, 8.1, 20.0] {
            let pixels = times * kind.usual().least;
            let far = mean(&tile(&fabric, pixels));
            for c in 0..3 {
                // Between texels is the mean of CIELAB, not of light.
                let most = 0.012 + 0.1 / pixels;
                let apart = (far[c] - near[c]).abs();
                assert!(apart < most, "{kind:?}, {pixels}: {far:?} {near:?}");
            }
        }
    }
}

#[test]
fn cloth_repeats() {
    for kind in Kind::ALL {
        let tile = tile(&Fabric::new(kind), 30.0);
        for [u, v] in [[0.1, 0.7], [0.0, 0.999], [0.5, 0.5]] {
            let here = tile.at([u, v]);
            for [right, down] in [[1.0, 0.0], [0.0, 1.0], [-7.0, 12.0]] {
                let there = tile.at([u + right, v + down]);
                let apart = (0..3)
                    .map(|c| (here[c] - there[c]).abs())
                    .fold(0.0, f32::max);
                assert!(apart < 0.1, "{kind:?}, {u}, {v}: {here:?} {there:?}");
            }
        }
        // Where one repeat meets the next there is no edge that is nowhere within it.
        let lines = |columns: bool| {
            let step = |x: usize| {
                let texel = |x: usize, y: usize| match columns {
                    true => tile.texels()[y * tile.side() + x % tile.side()],
                    false => tile.texels()[x % tile.side() * tile.side() + y],
                };
                let steps =
                    (0..tile.side()).map(|y| (texel(x, y) & 4095).abs_diff(texel(x + 1, y) & 4095));
                steps.sum::<u32>()
            };
            let within = (0..tile.side() - 1).map(step).max().expect("texels");
            (step(tile.side() - 1), within)
        };
        for (seam, within) in [lines(true), lines(false)] {
            assert!(seam <= 2 * within, "{kind:?}: {seam}, {within}");
        }
    }
}

#[test]
fn edges_are_as_sharp_as_the_photo() {
    for pixels in [12.0, 40.0, 333.0] {
        let fabric = Fabric::new(Kind::Stripes);
        let tile = tile(&fabric, pixels);
        let [ground, figure, ..] = fabric.threads(srgb_to_lab(RED));
        let between = |at: &[f32; 3]| (at[0] - ground[0]) / (figure[0] - ground[0]);
        // Through the edge in the repeat's middle, in tenths of a pixel.
        let steps = (-20..20).map(|i| between(&tile.at([0.5 + i as f32 / 10.0 / pixels, 0.3])));
        let steps: Vec<f32> = steps.collect();
        let mixed = steps
            .iter()
            .filter(|share| (0.04..0.96).contains(*share))
            .count();
        assert!(mixed <= 12, "{pixels}: {mixed} tenths of a pixel");
    }
}

#[test]
fn gingham_is_the_mean_of_warp_and_weft_where_they_cross() {
    let fabric = Fabric::new(Kind::Gingham);
    let tile = tile(&fabric, 12.0);
    let [ground, figure, ..] = fabric.threads(srgb_to_lab(RED)).map(linear_of);
    let half = [0, 1, 2].map(|c| 0.5 * (ground[c] + figure[c]));
    for (place, expected) in [
        ([0.25, 0.25], ground),
        ([0.75, 0.25], half),
        ([0.25, 0.75], half),
        ([0.75, 0.75], figure),
    ] {
        let found = linear_of(tile.at(place));
        for c in 0..3 {
            assert!(
                (found[c] - expected[c]).abs() < 0.01,
                "{place:?}: {found:?} {expected:?}"
            );
        }
    }
}

#[test]
fn houndstooth_is_four_and_four_threads_of_twill() {
    let fabric = Fabric::new(Kind::Houndstooth);
    // Sixteen texels a thread.
    let tile = tile(&fabric, 64.0);
    assert_eq!(tile.side(), 128);
    // As weavers draw it.
    let draft = [
        "....#..#", "......##", ".....##.", "....##..", ".##.####", "##..####", "#..#####",
        "..######",
    ];
    let [ground, figure, ..] = fabric.threads(srgb_to_lab(RED));
    let middle = 0.5 * (ground[0] + figure[0]);
    let woven = (0..8).map(|y| {
        let threads = (0..8).map(|x| {
            let place = [x, y].map(|thread| (thread as f32 + 0.5) / 8.0);
            match tile.at(place)[0] > middle {
                true => '#',
                false => '.',
            }
        });
        threads.collect::<String>()
    });
    let woven: Vec<String> = woven.collect();
    assert_eq!(woven, draft, "{}", woven.join("\n"));
}

#[test]
fn colours_are_those_named_and_else_the_cloths_own() {
    let own = srgb_to_lab(RED);
    let [ground, figure, ..] = Fabric::new(Kind::Dots).threads(own);
    assert_eq!(ground, own);
    assert!(figure[0] > 90.0, "white on red: {figure:?}");
    let light = srgb_to_lab([230, 225, 200]);
    assert!(Fabric::new(Kind::Dots).threads(light)[1][0] < 15.0);
    for kind in Kind::ALL {
        let named = [[1, 2, 3], [200, 100, 50], [20, 230, 90]];
        let fabric = Fabric {
            colours: named.map(Some),
            ..Fabric::new(kind)
        };
        assert_eq!(fabric.threads(own)[..3], named.map(srgb_to_lab), "{kind:?}");
    }
    // Denim is blue, and green denim has nothing of it.
    let blue = Fabric::new(Kind::Denim).threads(own)[0];
    assert!(blue[2] < -15.0, "{blue:?}");
    let green = Fabric {
        colours: [Some([40, 110, 50]), None, None],
        ..Fabric::new(Kind::Denim)
    };
    assert!(green.threads(own).iter().all(|colour| colour[1] < 0.0));
}

#[test]
fn larger_ones_are_larger_and_run_as_they_are_told() {
    let usual = Fabric::new(Kind::Stripes);
    let large = Fabric {
        scale: 2.0,
        ..usual
    };
    assert_eq!(large.repeat(10.0), 2.0 * usual.repeat(10.0));
    assert_eq!(usual.repeat(20.0), 2.0 * usual.repeat(10.0));
    // However small somebody is in a photo, there is something to be seen of it.
    assert!(usual.repeat(0.01) >= 4.0);
    let down = Fabric {
        direction: Direction::Down,
        ..usual
    };
    // Whether a swatch changes on this way.
    let differs = |fabric: &Fabric, [right, below]: [i32; 2]| {
        let swatch = fabric.swatch(RED, 64);
        let green = |x: i32, y: i32| swatch[(4 * (64 * y + x) + 1) as usize];
        (0..32 * 32)
            .map(|i| (16 + i % 32, 16 + i / 32))
            .any(|(x, y)| green(x, y).abs_diff(green(x + right, y + below)) > 60)
    };
    assert!(!differs(&usual, [9, 0]) && differs(&usual, [0, 9]));
    assert!(differs(&down, [9, 0]) && !differs(&down, [0, 9]));
    let diagonal = Fabric {
        direction: Direction::Diagonal,
        ..usual
    };
    assert!(!differs(&diagonal, [9, -9]) && differs(&diagonal, [9, 9]));
}

#[test]
fn any_fabric_can_be_drawn() {
    for kind in Kind::ALL {
        for scale in [f32::NAN, -1.0, 0.0, 0.3, 1e9] {
            let fabric = Fabric {
                scale,
                ..Fabric::new(kind)
            };
            for side in [0, 1, 7] {
                assert_eq!(fabric.swatch(RED, side).len(), 4 * side * side);
            }
        }
    }
    for numbers in [
        [0.0; 6],
        [19.0; 6],
        [1.0, 0.0, 0.0, 0.0, f32::NAN, 0.0],
        [-3.0; 6],
    ] {
        assert_eq!(Fabric::from_numbers(&numbers), None);
    }
}
