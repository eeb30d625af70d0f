//! Where a photo shows its backdrop: what is around a thing and not in it.

/// Shades of each channel that are told apart.
const SHADES: usize = 6;
/// A colour of the backdrop has a share of the photo's border this many times
const TIMES: f64 = 4.0;
/// its share of the middle, with this much added to both, so that a few pixels say nothing.
const FEW: f64 = 0.02;

/// Where the planes `[3, size, size]` of a photo show its backdrop, 1, and elsewhere 0: the colours
/// that the border has and the middle lacks, as far as they are connected with the border. Nowhere
/// in a photo whose border looks like its middle.
pub fn backdrop(planes: &[f32], size: usize) -> Vec<f32> {
    let area = size * size;
    let colour = |at: usize| {
        let shade = |channel: usize| {
            let value = (planes[channel * area + at] + 1.0) / 2.0;
            ((value * SHADES as f32) as usize).min(SHADES - 1)
        };
        (0..3).fold(0, |colour, channel| colour * SHADES + shade(channel))
    };
    let colours: Vec<usize> = (0..area).map(colour).collect();
    let (edge, quarter) = (size.div_ceil(16), size / 4);
    // Pixels that are at least so far from the border.
    let within = |at: usize, far: usize| {
        let (x, y) = (at % size, at / size);
        x.min(y) >= far && x.max(y) + far < size
    };
    let border: Vec<usize> = (0..area).filter(|at| !within(*at, edge)).collect();
    let middle: Vec<usize> = (0..area).filter(|at| within(*at, quarter)).collect();
    let shares = |pixels: &[usize]| {
        let mut shares = vec![FEW; SHADES.pow(3)];
        for at in pixels {
            shares[colours[*at]] += 1.0 / pixels.len() as f64;
        }
        shares
    };
    let (around, inside) = (shares(&border), shares(&middle));
    let foreign = |at: usize| around[colours[at]] > TIMES * inside[colours[at]];

    let mut found = vec![0.0; area];
    let mut next = border;
    while let Some(at) = next.pop() {
        if found[at] == 1.0 || !foreign(at) {
            continue;
        }
        found[at] = 1.0;
        let (x, y) = (at % size, at / size);
        next.extend((x > 0).then(|| at - 1));
        next.extend((x + 1 < size).then(|| at + 1));
        next.extend((y > 0).then(|| at - size));
        next.extend((y + 1 < size).then(|| at + size));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: usize = 24;

    /// The share of a photo, grey in [-1, 1] by place, that is backdrop. All of it is light.
    fn share(grey: impl Fn(usize, usize) -> f32) -> f32 {
        let places = (0..SIZE * SIZE).map(|at| (at % SIZE, at / SIZE));
        let plane: Vec<f32> = places.map(|(x, y)| grey(x, y)).collect();
        let found = backdrop(&plane.repeat(3), SIZE);
        let light = found
            .iter()
            .zip(&plane)
            .all(|(found, grey)| *found == 0.0 || *grey > 0.3);
        assert!(light, "{found:?}");
        found.iter().sum::<f32>() / (SIZE * SIZE) as f32
    }

    #[test]
    fn the_backdrop_is_what_surrounds_a_thing() {
        let thing = |x: usize, y: usize| (6..18).contains(&x) && (6..18).contains(&y);
        assert_eq!(share(|x, y| if thing(x, y) { -0.5 } else { 0.9 }), 0.75);
        let floor = |x: usize, y: usize| if (x + y).is_multiple_of(2) { 0.9 } else { 0.4 };
        assert_eq!(
            share(|x, y| if thing(x, y) { -0.5 } else { floor(x, y) }),
            0.75
        );
        // A light button on it is not connected with the border.
        let hole = |x: usize, y: usize| thing(x, y) && (x, y) != (12, 12);
        assert_eq!(share(|x, y| if hole(x, y) { -0.5 } else { 0.9 }), 0.75);
    }

    #[test]
    fn there_is_none_where_a_thing_cannot_be_told_from_it() {
        assert_eq!(share(|_, _| 0.9), 0.0, "white on white");
        let stripes = |x: usize, _: usize| (x % 3) as f32 * 0.8 - 0.7;
        assert_eq!(share(stripes), 0.0, "the same everywhere");
    }
}
