//! Figure and ground: where a photo shows its backdrop, and where the thing in front of it.

/// Shades of each channel that are told apart in a backdrop.
const SHADES: usize = 6;
/// A colour of the backdrop has a share of the photo's border this many times
const TIMES: f64 = 4.0;
/// its share of the middle, with this much added to both, so that a few pixels say nothing.
const FEW: f64 = 0.02;

/// The same for figure and ground, whose shares are blurred, so that folds and shades do not end it.
/// The shades are finer near the border's: a white shirt is not quite as white as a shop's backdrop.
const FINE_SHADES: usize = 23;
const FINE_TIMES: f64 = 2.0;
const FINE_FEW: f64 = 0.003;
/// So much of the middle has to be figure, or it is not what the photo is about.
const COVER: f64 = 0.5;

/// Where the planes `[3, size, size]` of a photo show its backdrop, 1, and elsewhere 0: the colours
/// that the border has and the middle lacks, as far as they are connected with the border. Nowhere
/// in a photo whose border looks like its middle.
pub fn backdrop(planes: &[f32], size: usize) -> Vec<f32> {
    let (border, middle) = (border(size), middle(size));
    let colours = colours(planes, SHADES);
    let [around, inside] = [&border, &middle].map(|pixels| shares(&colours, pixels, SHADES));
    let foreign = |at: usize| around[colours[at]] + FEW > TIMES * (inside[colours[at]] + FEW);
    connected(border, size, foreign)
}

/// Where the planes `[3, size, size]` of a photo show the thing in its middle, 1, and elsewhere 0; and
/// the same for what is certainly around it. The thing has the colours that the middle has and the
/// border lacks, by the mean logarithm of how many times over a pixel and its neighbours, as far as they
/// are connected with the middle; around it is the reverse. Neither is anywhere in a photo whose middle
/// looks like its border.
pub fn figure_and_ground(planes: &[f32], size: usize) -> [Vec<f32>; 2] {
    let (border, middle) = (border(size), middle(size));
    let colours = colours(&from_median(planes, &border), FINE_SHADES);
    let [around, inside] = [&border, &middle].map(|pixels| {
        let shares = shares(&colours, pixels, FINE_SHADES);
        blurred(shares, FINE_SHADES)
    });
    let times = |at: &usize| (inside[*at] + FINE_FEW) / (around[*at] + FINE_FEW);
    let times: Vec<f64> = colours.iter().map(|at| times(at).ln()).collect();
    let mean = |at: usize| {
        let near = neighbourhood(at, size);
        let (sum, count) = near.fold((0.0, 0.0), |(sum, n), at| (sum + times[at], n + 1.0));
        sum / count
    };
    let figure = connected(middle.clone(), size, |at| mean(at) > FINE_TIMES.ln());
    let cover = middle.iter().filter(|at| figure[**at] == 1.0).count() as f64;
    if cover < COVER * middle.len() as f64 {
        return [vec![0.0; size * size], vec![0.0; size * size]];
    }
    [
        figure,
        connected(border, size, |at| mean(at) < -FINE_TIMES.ln()),
    ]
}

/// The signed root of how far values are from the median of these pixels, in [-1, 1].
fn from_median(planes: &[f32], pixels: &[usize]) -> Vec<f32> {
    let channels = planes.chunks(planes.len() / 3).flat_map(|plane| {
        let mut values: Vec<f32> = pixels.iter().map(|at| plane[*at]).collect();
        values.sort_by(f32::total_cmp);
        let median = values[values.len() / 2];
        let far = move |value: &f32| (value - median) / 2.0;
        plane
            .iter()
            .map(far)
            .map(|far| far.signum() * far.abs().sqrt())
    });
    channels.collect()
}

/// The colour of each pixel as a number under `shades`³.
fn colours(planes: &[f32], shades: usize) -> Vec<usize> {
    let area = planes.len() / 3;
    let shade = |at: usize| {
        let value = (planes[at] + 1.0) / 2.0;
        ((value * shades as f32) as usize).min(shades - 1)
    };
    let channels = |at| [at, area + at, 2 * area + at].map(shade);
    let colour = |at| channels(at).into_iter().fold(0, |all, n| all * shades + n);
    (0..area).map(colour).collect()
}

fn border(size: usize) -> Vec<usize> {
    let edge = size.div_ceil(16);
    (0..size * size)
        .filter(|at| !is_within(*at, size, edge))
        .collect()
}

fn middle(size: usize) -> Vec<usize> {
    (0..size * size)
        .filter(|at| is_within(*at, size, size / 4))
        .collect()
}

/// Whether a pixel is at least so far from the border.
fn is_within(at: usize, size: usize, far: usize) -> bool {
    let (x, y) = (at % size, at / size);
    x.min(y) >= far && x.max(y) + far < size
}

/// The share of these pixels that each colour has.
fn shares(colours: &[usize], pixels: &[usize], shades: usize) -> Vec<f64> {
    let mut shares = vec![0.0; shades.pow(3)];
    for at in pixels {
        shares[colours[*at]] += 1.0 / pixels.len() as f64;
    }
    shares
}

/// Shares that neighbouring colours have a part of: a quarter from each side, in each channel.
fn blurred(mut shares: Vec<f64>, shades: usize) -> Vec<f64> {
    for stride in [1, shades, shades.pow(2)] {
        let old = shares.clone();
        for (at, share) in shares.iter_mut().enumerate() {
            let shade = at / stride % shades;
            let darker = if shade > 0 { at - stride } else { at };
            let lighter = if shade + 1 < shades { at + stride } else { at };
            *share = (old[darker] + 2.0 * old[at] + old[lighter]) / 4.0;
        }
    }
    shares
}

/// A pixel and those around it.
fn neighbourhood(at: usize, size: usize) -> impl Iterator<Item = usize> {
    let (x, y) = (at % size, at / size);
    let near = move |n: usize| n.saturating_sub(1)..(n + 2).min(size);
    near(y).flat_map(move |y| near(x).map(move |x| y * size + x))
}

/// 1 where pixels are so and connected with one of `from` that is, 0 elsewhere.
fn connected(from: Vec<usize>, size: usize, is_so: impl Fn(usize) -> bool) -> Vec<f32> {
    let mut found = vec![0.0; size * size];
    let mut next = from;
    while let Some(at) = next.pop() {
        if found[at] == 1.0 || !is_so(at) {
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

    #[test]
    fn the_figure_is_the_thing_with_its_folds_and_none_where_it_looks_like_the_border() {
        let thing = |x: usize, y: usize| (5..19).contains(&x) && (4..20).contains(&y);
        let planes = |light: &dyn Fn(usize, usize) -> [f32; 3]| -> Vec<f32> {
            let places = (0..SIZE * SIZE).map(|at| light(at % SIZE, at / SIZE));
            let pixels: Vec<[f32; 3]> = places.collect();
            (0..3)
                .flat_map(|channel| pixels.iter().map(move |pixel| pixel[channel]))
                .collect()
        };
        let folds = |x: usize| (x as f32 * 0.9).sin() * 0.15;
        let shirt = planes(&|x, y| match thing(x, y) {
            true => [0.5, -0.4, -0.5].map(|value| value + folds(x)),
            false => [0.8, 0.7, 0.6],
        });
        let [figure, ground] = figure_and_ground(&shirt, SIZE);
        let right = (0..SIZE * SIZE).filter(|at| match thing(at % SIZE, at / SIZE) {
            true => figure[*at] == 1.0 && ground[*at] == 0.0,
            false => figure[*at] == 0.0 && ground[*at] == 1.0,
        });
        // A pixel where the two meet may be called either.
        assert!(right.count() > SIZE * SIZE - 120, "{figure:?} {ground:?}");
        let none = vec![0.0; SIZE * SIZE];
        let of = |planes: Vec<f32>| figure_and_ground(&planes, SIZE);
        assert_eq!(of(planes(&|_, _| [0.9; 3])), [none.clone(), none.clone()]);
        // A print on a shirt as white as its backdrop is not the shirt.
        let print = |x: usize, y: usize| (9..14).contains(&x) && (9..14).contains(&y);
        let white = planes(&|x, y| {
            if print(x, y) {
                [0.5, -0.5, -0.5]
            } else {
                [0.9; 3]
            }
        });
        assert_eq!(of(white), [none.clone(), none]);
    }
}
