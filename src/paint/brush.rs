//! The visitor's brush: strokes that correct where an edit acts.
//!
//! A stroke is certain in its middle and fades to its rim. Where it is certain the matte is what it says, whatever
//! the photo shows. Where it fades it is laid over the mask, and the guided filter finds the photo's edge.

use crate::shrink::{PixelsError, Size};

use super::Paint;

/// What is said so clearly is certain.
const CERTAIN: f32 = 0.99;

/// A stroke of the brush.
#[derive(Debug, Clone, PartialEq)]
pub struct Stroke {
    /// Whether it adds to where the edit acts, or takes away from it.
    pub adds: bool,
    /// In shares of the photo's width.
    pub radius: f32,
    /// How much of the radius fades, 0 to 1.
    pub soft: f32,
    /// Where it went, in shares of the photo's width and height.
    pub path: Vec<[f32; 2]>,
}

impl Stroke {
    /// Strokes from numbers, one after the other: the radius, below 0 where it takes away; how soft; how many points;
    /// and the points.
    ///
    /// # Errors
    /// For numbers that end within a stroke, or are none.
    pub fn all(mut numbers: &[f32]) -> Result<Vec<Self>, PixelsError> {
        if !numbers.iter().all(|number| number.is_finite()) {
            return Err(PixelsError::NotFinite("strokes"));
        }
        let mut strokes = Vec::new();
        while let [radius, soft, count, rest @ ..] = numbers {
            let points = rest.as_chunks::<2>().0;
            let Some(path) = points.get(..*count as usize) else {
                break;
            };
            strokes.push(Self {
                adds: *radius > 0.0,
                radius: radius.abs(),
                soft: soft.clamp(0.0, 1.0),
                path: path.to_vec(),
            });
            numbers = &rest[2 * path.len()..];
        }
        if numbers.is_empty() {
            return Ok(strokes);
        }
        Err(PixelsError::Length {
            what: "strokes",
            expected: 0,
            found: numbers.len(),
        })
    }

    /// How much it says of each pixel of the small photo, 0 to 1.
    fn cover(&self, small: Size, full: Size) -> Vec<f32> {
        let pixel = pixel(small, full);
        let at = |[x, y]: [f32; 2]| [x * full.width as f32, y * full.height as f32];
        let radius = self.radius * full.width as f32;
        let inner = radius * (1.0 - self.soft);
        let outer = radius.max(inner + pixel[0].max(pixel[1]));
        let mut cover = vec![0.0_f32; small.width * small.height];
        let span = |ends: [f32; 2], pixel: f32, side: usize| {
            let [first, last] = [ends[0].min(ends[1]) - outer, ends[0].max(ends[1]) + outer];
            let place = |end: f32| ((end / pixel).max(0.0) as usize).min(side);
            place(first)..(place(last) + 1).min(side)
        };
        for (i, point) in self.path.iter().enumerate() {
            let (from, to) = (at(self.path[i.saturating_sub(1)]), at(*point));
            for y in span([from[1], to[1]], pixel[1], small.height) {
                for x in span([from[0], to[0]], pixel[0], small.width) {
                    let centre = [(x as f32 + 0.5) * pixel[0], (y as f32 + 0.5) * pixel[1]];
                    let share = (outer - distance(centre, from, to)) / (outer - inner);
                    let cover = &mut cover[y * small.width + x];
                    *cover = cover.max(share.min(1.0));
                }
            }
        }
        cover
    }
}

/// What strokes say of each layer's mask: of each pixel of the small photo from -1, certainly not there, over 0,
/// nothing, to 1, certainly there. A stroke that adds does so to the layer that is nearest to where it begins, and
/// takes away from the others. No planes without strokes.
pub fn said(
    strokes: &[Stroke],
    layers: &[(Vec<f32>, Paint)],
    small: Size,
    full: Size,
) -> Vec<Vec<f32>> {
    if strokes.is_empty() {
        return Vec::new();
    }
    let mut planes = vec![vec![0.0; small.width * small.height]; layers.len()];
    for stroke in strokes.iter().filter(|stroke| !stroke.path.is_empty()) {
        let cover = stroke.cover(small, full);
        let own = stroke.adds.then(|| {
            let far = |n: &usize| {
                far(
                    &laid(&layers[*n].0, &planes[*n]),
                    stroke.path[0],
                    small,
                    full,
                )
            };
            // Of those that are as near, the one that lies on the others.
            let layers = (0..layers.len()).rev();
            layers.min_by(|a, b| far(a).total_cmp(&far(b)))
        });
        for (n, plane) in planes.iter_mut().enumerate() {
            let says = if own == Some(Some(n)) { 1.0 } else { -1.0 };
            for (said, cover) in plane.iter_mut().zip(&cover) {
                *said += cover * (says - *said);
            }
        }
    }
    planes
}

/// A mask with what is said of it laid over it.
pub fn laid(mask: &[f32], said: &[f32]) -> Vec<f32> {
    let pixels = mask.iter().zip(said);
    let pixels = pixels.map(|(mask, said)| match *said > 0.0 {
        true => mask + said * (1.0 - mask),
        false => mask * (1.0 + said),
    });
    pixels.collect()
}

/// The matte's function of the photo's colour where what is said is certain: the same for every colour.
pub fn certain(said: f32) -> Option<[f32; 4]> {
    let all = if said > 0.0 { 1.0 } else { 0.0 };
    (said.abs() >= CERTAIN).then_some([0.0, 0.0, 0.0, all])
}

/// How far a point is from a mask, squared, in pixels of the photo.
fn far(mask: &[f32], [x, y]: [f32; 2], small: Size, full: Size) -> f32 {
    let [across, down] = pixel(small, full);
    let marked = mask.iter().enumerate().filter(|(_, mask)| **mask >= 0.5);
    marked.fold(f32::INFINITY, |least, (i, _)| {
        let dx = ((i % small.width) as f32 + 0.5) * across - x * full.width as f32;
        let dy = ((i / small.width) as f32 + 0.5) * down - y * full.height as f32;
        least.min(dx * dx + dy * dy)
    })
}

/// Width and height of a pixel of the small photo, in pixels of the photo.
fn pixel(small: Size, full: Size) -> [f32; 2] {
    [
        full.width as f32 / small.width as f32,
        full.height as f32 / small.height as f32,
    ]
}

/// How far a point is from a piece of a line.
fn distance(point: [f32; 2], from: [f32; 2], to: [f32; 2]) -> f32 {
    let along = [to[0] - from[0], to[1] - from[1]];
    let beside = [point[0] - from[0], point[1] - from[1]];
    let length = along[0] * along[0] + along[1] * along[1];
    let share = (along[0] * beside[0] + along[1] * beside[1]) / length.max(f32::MIN_POSITIVE);
    let share = share.clamp(0.0, 1.0);
    (beside[0] - share * along[0]).hypot(beside[1] - share * along[1])
}
