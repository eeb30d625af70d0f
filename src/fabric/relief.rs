//! Cloth of one colour whose threads stand out: how much light each place of the repeat gives back, 1 in the
//! mean.

/// A function of the place in a repeat, `[u, v]` in [0, 1].
pub type Shade = fn([f32; 2]) -> f32;

/// A rib with its valley.
pub fn corduroy([u, _]: [f32; 2]) -> f32 {
    let across = 2.0 * (u - u.floor()) - 1.0;
    let rib = 1.0 - across.abs().powi(4);
    // Lit from the left.
    0.62 + 0.475 * rib - 0.12 * across * rib
}

/// A column of stitches: two strands that lean to its middle, one above the other.
pub fn knit([u, v]: [f32; 2]) -> f32 {
    let across = 2.0 * (u - u.floor()) - 1.0;
    let side = across.abs();
    // A strand climbs from the column's middle outwards.
    let along = 1.0 * v - 0.55 * side;
    let strand = 2.0 * (along - along.floor()) - 1.0;
    let round = (1.0 - strand * strand) * (1.0 - (2.0 * side - 1.0).powi(4));
    0.5 + 0.94 * round
}
