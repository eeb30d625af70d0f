//! Where a photo shows nothing but a plain backdrop.

/// So near to the backdrop's colour are its pixels, in each channel of [-1, 1].
const NEAR: f32 = 0.2;
/// The backdrop takes so much of a photo's border,
const BORDER: f64 = 0.5;
/// and less than so much of its middle ninth: otherwise it is what the photo shows.
const MIDDLE: f64 = 0.1;

/// Where the planes `[3, size, size]` of a photo show its backdrop, 1, and elsewhere 0: what has the
/// median colour of the border and is connected with it. Nowhere in a photo without a plain one.
pub fn backdrop(planes: &[f32], size: usize) -> Vec<f32> {
    let area = size * size;
    let border: Vec<usize> = (0..area)
        .filter(|at| {
            let (x, y) = (at % size, at / size);
            x.min(y) == 0 || x.max(y) == size - 1
        })
        .collect();
    let colour = [0, 1, 2].map(|channel| {
        let mut values: Vec<f32> = border
            .iter()
            .map(|at| planes[channel * area + at])
            .collect();
        values.sort_unstable_by(f32::total_cmp);
        values[values.len() / 2]
    });
    let near = |at: usize| {
        let apart = |channel: usize| (planes[channel * area + at] - colour[channel]).abs();
        (0..3).all(|channel| apart(channel) < NEAR)
    };

    let mut found = vec![0.0; area];
    let mut next: Vec<usize> = border.iter().copied().filter(|at| near(*at)).collect();
    if (next.len() as f64) < BORDER * border.len() as f64 {
        return found;
    }
    while let Some(at) = next.pop() {
        if found[at] == 1.0 || !near(at) {
            continue;
        }
        found[at] = 1.0;
        let (x, y) = (at % size, at / size);
        let beside = [(x > 0, at.wrapping_sub(1)), (x + 1 < size, at + 1)];
        let above = [(y > 0, at.wrapping_sub(size)), (y + 1 < size, at + size)];
        next.extend(
            beside
                .into_iter()
                .chain(above)
                .filter(|(inside, _)| *inside)
                .map(|(_, at)| at),
        );
    }
    let middle = size / 3..size - size / 3;
    let taken = middle
        .clone()
        .flat_map(|y| middle.clone().map(move |x| y * size + x));
    let taken = taken.filter(|at| found[*at] == 1.0).count();
    if taken as f64 >= MIDDLE * (middle.len() * middle.len()) as f64 {
        found.fill(0.0);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: usize = 24;

    /// The share of a photo, `[-1, 1]` grey by place, that is backdrop.
    fn share(grey: impl Fn(usize, usize) -> f32) -> f32 {
        let plane: Vec<f32> = (0..SIZE * SIZE)
            .map(|at| grey(at % SIZE, at / SIZE))
            .collect();
        let found = backdrop(&plane.repeat(3), SIZE);
        assert!(
            found
                .iter()
                .zip(&plane)
                .all(|(found, grey)| *found == 0.0 || *grey > 0.5)
        );
        found.iter().sum::<f32>() / (SIZE * SIZE) as f32
    }

    #[test]
    fn the_backdrop_is_what_surrounds_a_thing() {
        let thing = |x: usize, y: usize| (6..18).contains(&x) && (6..18).contains(&y);
        let on_white = share(|x, y| if thing(x, y) { -0.5 } else { 0.9 });
        assert_eq!(on_white, 0.75);
        // A white button on it is not connected with the border.
        let hole = |x: usize, y: usize| thing(x, y) && (x, y) != (12, 12);
        assert_eq!(share(|x, y| if hole(x, y) { -0.5 } else { 0.9 }), 0.75);
    }

    #[test]
    fn there_is_none_where_a_thing_cannot_be_told_from_it() {
        assert_eq!(share(|_, _| 0.9), 0.0, "white on white");
        let stripes = |x: usize, _: usize| (x / 2 % 3) as f32 * 0.8 - 0.7;
        assert_eq!(share(stripes), 0.0, "not plain");
    }
}
