//! Planes of numbers that look drawn, over a repeat: `side * side` values, the same on every machine.

/// A number of a place and a seed, all bits alike: "PCG hashes" of Jarzynski and Olano, "Hash Functions for
/// GPU Rendering" (JCGT 2020).
pub fn hash([x, y]: [u32; 2], seed: u32) -> u32 {
    let mix = |v: u32| {
        let v = v.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
        let w = ((v >> ((v >> 28) + 4)) ^ v).wrapping_mul(277_803_737);
        (w >> 22) ^ w
    };
    mix(x.wrapping_add(mix(y.wrapping_add(mix(seed)))))
}

/// A hash as a number from 0 to 1.
pub fn unit(hash: u32) -> f32 {
    (hash >> 8) as f32 / (1 << 24) as f32
}

/// The middle of each texel of a row.
pub fn middles(side: usize) -> impl Iterator<Item = f32> {
    (0..side).map(move |i| (i as f32 + 0.5) / side as f32)
}

/// A function of the place, `[u, v]` in [0, 1].
pub fn plane(side: usize, value: impl Fn([f32; 2]) -> f32) -> Vec<f32> {
    let value = &value;
    let row = |v| middles(side).map(move |u| value([u, v]));
    middles(side).flat_map(row).collect()
}

/// Adds smooth noise, drawn at `cells` places each way, from `-weight` to `weight`.
pub fn add_noise(plane: &mut [f32], side: usize, cells: [usize; 2], weight: f32, seed: u32) {
    let between = |cells: usize| -> Vec<(usize, usize, f32)> {
        let at = |u: f32| {
            let at = u * cells as f32;
            let part = at - at.floor();
            let first = at as usize;
            (first, (first + 1) % cells, part * part * (3.0 - 2.0 * part))
        };
        middles(side).map(at).collect()
    };
    let drawn = |x: usize, y: usize| weight * (2.0 * unit(hash([x as u32, y as u32], seed)) - 1.0);
    let columns = between(cells[0]);
    for (line, (top, bottom, y)) in plane.chunks_exact_mut(side).zip(between(cells[1])) {
        let row = (0..cells[0]).map(|x| drawn(x, top) + y * (drawn(x, bottom) - drawn(x, top)));
        let row: Vec<f32> = row.collect();
        for (value, (left, right, x)) in line.iter_mut().zip(&columns) {
            *value += row[*left] + x * (row[*right] - row[*left]);
        }
    }
}

/// What a field of scattered things is at least: so near to 0 that its slope is even where it begins.
pub const OUTSIDE: f32 = -0.1;

/// Draws something around a place in each of `cells * cells`: `value` of the way from that place, in cells, of
/// the texel and of a number that is another one in each cell. Of what overlaps the largest stays; further
/// than `reach` nothing is drawn, and there it is [`OUTSIDE`].
pub fn scattered(
    side: usize,
    cells: usize,
    reach: f32,
    seed: u32,
    value: impl Fn([f32; 2], usize, u32) -> f32,
) -> Vec<f32> {
    const JITTER: f32 = 0.55;
    let mut plane = vec![OUTSIDE; side * side];
    let cell = side as f32 / cells as f32;
    for i in 0..cells * cells {
        let own = [i % cells, i / cells];
        let drawn = hash(own.map(|at| at as u32), seed);
        let place = [0, 1].map(|c| {
            let drawn = unit(hash([drawn, c as u32], seed));
            (own[c] as f32 + 0.5 + JITTER * (drawn - 0.5)) * cell
        });
        let near = |c: usize| {
            let first = (place[c] - reach * cell).floor() as i32;
            first..(place[c] + reach * cell).ceil() as i32
        };
        let wrapped = |at: i32| at.rem_euclid(side as i32) as usize;
        for y in near(1) {
            for x in near(0) {
                let way = [x as f32 - place[0], y as f32 - place[1]].map(|way| (way + 0.5) / cell);
                let texel = wrapped(y) * side + wrapped(x);
                plane[texel] = f32::max(plane[texel], value(way, texel, drawn));
            }
        }
    }
    plane
}
