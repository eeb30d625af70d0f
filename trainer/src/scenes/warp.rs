//! Photos and labels under a similarity transform: crops, turned and scaled at once.
//!
//! Photos are made smaller by averaging, as the page does it (`src/shrink.rs`): `k * k` bilinear
//! samples an output pixel, each of them the mean over one photo pixel's area, cover the square
//! that it stands for. They do so exactly where the scale is a whole number, and with a little
//! overlap elsewhere. Enlarged, there is one bilinear sample.

use image::RgbImage;

/// Where the pixels of a picture lie in a photo: the pixel at column `x` and row `y` is the
/// parallelogram at `origin + x * right + y * down`, in the photo's pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    origin: [f32; 2],
    right: [f32; 2],
    down: [f32; 2],
}

impl Frame {
    /// A square frame around a place of a photo.
    ///
    /// - `centre`: `[x, y]` in the photo's pixels
    /// - `scale`: how many of the photo's pixels one of the picture's is wide
    /// - `at`: where that place comes to lie in the picture, `[x, y]` in its pixels
    /// - `angle`: how far the picture's content is turned, in radians
    /// - `mirrored`: whether left and right are exchanged
    pub fn new(centre: [f32; 2], scale: f32, at: [f32; 2], angle: f32, mirrored: bool) -> Self {
        let (sin, cos) = angle.sin_cos();
        let sign = if mirrored { -scale } else { scale };
        let right = [cos * sign, -sin * scale];
        let down = [sin * sign, cos * scale];
        let origin = [0, 1].map(|i| centre[i] - at[0] * right[i] - at[1] * down[i]);
        Self {
            origin,
            right,
            down,
        }
    }

    fn at(&self, x: f32, y: f32) -> [f32; 2] {
        [0, 1].map(|i| self.origin[i] + x * self.right[i] + y * self.down[i])
    }

    /// Samples in each direction for one pixel.
    fn samples(&self) -> usize {
        let scale = self.right[0].hypot(self.right[1]);
        // 2.2 photo pixels are covered by two samples as well as by three, which would blur.
        ((scale - 0.25).ceil() as usize).clamp(1, 16)
    }
}

/// What lies where a picture reaches beyond a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beyond {
    /// The photo's edge goes on.
    Edge,
    /// The photo comes again, mirrored.
    Mirror,
}

/// A rectangle of a photo of which nothing outside is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Its first column.
    pub left: usize,
    /// Its first row.
    pub top: usize,
    /// Its columns, at least one.
    pub width: usize,
    /// Its rows, at least one.
    pub height: usize,
}

impl Window {
    /// A whole photo.
    pub fn of(photo: &RgbImage) -> Self {
        Self {
            left: 0,
            top: 0,
            width: photo.width() as usize,
            height: photo.height() as usize,
        }
    }

    fn column(&self, x: i32, beyond: Beyond) -> usize {
        self.left + fold(x - self.left as i32, self.width, beyond)
    }

    fn row(&self, y: i32, beyond: Beyond) -> usize {
        self.top + fold(y - self.top as i32, self.height, beyond)
    }
}

fn fold(at: i32, count: usize, beyond: Beyond) -> usize {
    let last = count as i32 - 1;
    if (0..=last).contains(&at) {
        return at as usize;
    }
    match beyond {
        Beyond::Edge => at.clamp(0, last) as usize,
        Beyond::Mirror => {
            let at = at.rem_euclid(2 * count as i32);
            at.min(2 * last + 1 - at) as usize
        }
    }
}

/// The part of a photo that a frame shows, `picture` is `[rows, width, 3]`.
pub fn photo(
    photo: &RgbImage,
    window: Window,
    beyond: Beyond,
    frame: &Frame,
    width: usize,
    picture: &mut [u8],
) {
    let (bytes, columns) = (photo.as_raw().as_slice(), photo.width() as usize);
    let k = frame.samples();
    let (step, total) = (1.0 / k as f32, 1.0 / (k * k) as f32);
    for (y, row) in picture.chunks_exact_mut(3 * width).enumerate() {
        for (x, pixel) in row.as_chunks_mut::<3>().0.iter_mut().enumerate() {
            let mut sum = [0.0f32; 3];
            for j in 0..k {
                for i in 0..k {
                    let [u, v] = frame.at(
                        x as f32 + (i as f32 + 0.5) * step,
                        y as f32 + (j as f32 + 0.5) * step,
                    );
                    let taps = Taps::new(u, v);
                    let xs = [0, 1].map(|i| window.column(taps.x + i, beyond));
                    let ys = [0, 1].map(|i| window.row(taps.y + i, beyond));
                    for (y, weights) in ys.into_iter().zip(taps.weights) {
                        for (x, weight) in xs.into_iter().zip(weights) {
                            let at = 3 * (y * columns + x);
                            for (sum, byte) in sum.iter_mut().zip(&bytes[at..at + 3]) {
                                *sum += weight * f32::from(*byte);
                            }
                        }
                    }
                }
            }
            *pixel = sum.map(|sum| (sum * total + 0.5) as u8);
        }
    }
}

/// The four pixels around a place, and what each of them counts there.
struct Taps {
    x: i32,
    y: i32,
    weights: [[f32; 2]; 2],
}

impl Taps {
    fn new(u: f32, v: f32) -> Self {
        let (u, v) = (u - 0.5, v - 0.5);
        let (x, y) = (u.floor(), v.floor());
        let (fx, fy) = (u - x, v - y);
        Self {
            x: x as i32,
            y: y as i32,
            weights: [
                [(1.0 - fy) * (1.0 - fx), (1.0 - fy) * fx],
                [fy * (1.0 - fx), fy * fx],
            ],
        }
    }
}

/// The labels under a frame, each that of the photo's pixel at the middle of the picture's.
///
/// - `labels`: `[height, columns]`
/// - `picture`: `[rows, width]`
pub fn labels(
    labels: &[u8],
    columns: usize,
    window: Window,
    beyond: Beyond,
    frame: &Frame,
    width: usize,
    picture: &mut [u8],
) {
    for (y, row) in picture.chunks_exact_mut(width).enumerate() {
        for (x, label) in row.iter_mut().enumerate() {
            let [u, v] = frame.at(x as f32 + 0.5, y as f32 + 0.5);
            let x = window.column(u.floor() as i32, beyond);
            let y = window.row(v.floor() as i32, beyond);
            *label = labels[y * columns + x];
        }
    }
}

/// The part of a photo that a mask shows, under a frame.
///
/// - `mask`: `[window.height, window.width]`, whether a pixel of the window belongs to it
/// - output: colours `[rows, width, 3]` without those beside the mask, and the share of each
///   pixel that the mask covers, `[rows, width]`, 0 to 255
pub fn cutout(
    photo: &RgbImage,
    window: Window,
    mask: &[bool],
    frame: &Frame,
    size: usize,
) -> (Vec<u8>, Vec<u8>) {
    let (bytes, columns) = (photo.as_raw().as_slice(), photo.width() as usize);
    let (mut colours, mut shares) = (vec![0; 3 * size * size], vec![0; size * size]);
    let k = frame.samples();
    let (step, total) = (1.0 / k as f32, 255.0 / (k * k) as f32);
    let inside = |x: i32, y: i32| {
        let (x, y) = (x - window.left as i32, y - window.top as i32);
        let (x, y) = (usize::try_from(x).ok()?, usize::try_from(y).ok()?);
        (x < window.width && y < window.height).then_some(y * window.width + x)
    };
    let pixels = colours.as_chunks_mut::<3>().0.iter_mut().zip(&mut shares);
    for (at, (pixel, share)) in pixels.enumerate() {
        let (x, y) = ((at % size) as f32, (at / size) as f32);
        let [u, v] = frame.at(x + 0.5, y + 0.5);
        let reach = k as i32 + 1;
        let (near, far) = (u.floor() as i32, v.floor() as i32);
        // Most of a picture lies beside the cutout.
        if near + reach < window.left as i32
            || far + reach < window.top as i32
            || near - reach > (window.left + window.width) as i32
            || far - reach > (window.top + window.height) as i32
        {
            continue;
        }
        let (mut sum, mut covered) = ([0.0f32; 3], 0.0);
        for j in 0..k {
            for i in 0..k {
                let [u, v] = frame.at(x + (i as f32 + 0.5) * step, y + (j as f32 + 0.5) * step);
                let taps = Taps::new(u, v);
                for (j, weights) in (0..).zip(taps.weights) {
                    for (i, weight) in (0..).zip(weights) {
                        let (x, y) = (taps.x + i, taps.y + j);
                        if inside(x, y).is_some_and(|at| mask[at]) {
                            let at = 3 * (y as usize * columns + x as usize);
                            for (sum, byte) in sum.iter_mut().zip(&bytes[at..at + 3]) {
                                *sum += weight * f32::from(*byte);
                            }
                            covered += weight;
                        }
                    }
                }
            }
        }
        if covered > 0.0 {
            *pixel = sum.map(|sum| (sum / covered + 0.5) as u8);
            *share = (covered * total + 0.5) as u8;
        }
    }
    (colours, shares)
}

/// A photo and its labels with a short side of at most `short` pixels.
pub fn fit(image: RgbImage, map: Vec<u8>, short: u32) -> (RgbImage, Vec<u8>) {
    let (width, height) = image.dimensions();
    if width.min(height) <= short {
        return (image, map);
    }
    let scale = width.min(height) as f32 / short as f32;
    let to = |side: u32| ((side as f32 / scale).round() as u32).max(1);
    let (w, h) = (to(width), to(height));
    let frame = Frame {
        origin: [0.0; 2],
        right: [width as f32 / w as f32, 0.0],
        down: [0.0, height as f32 / h as f32],
    };
    let (all, edge) = (Window::of(&image), Beyond::Edge);
    let mut small = RgbImage::new(w, h);
    photo(&image, all, edge, &frame, w as usize, &mut small);
    let mut names = vec![0; w as usize * h as usize];
    labels(
        &map,
        width as usize,
        all,
        edge,
        &frame,
        w as usize,
        &mut names,
    );
    (small, names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    fn ramp(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| {
            Rgb([(10 * x) as u8, (10 * y) as u8, 7])
        })
    }

    #[test]
    fn a_smaller_picture_is_the_mean_as_the_page_makes_it() {
        use wordloom::shrink::{Size, shrink};
        let image = RgbImage::from_fn(24, 24, |x, y| {
            Rgb([(x * y) as u8, (x * 37 + y * 11) as u8, 3])
        });
        let rgba: Vec<u8> = image
            .pixels()
            .flat_map(|p| [p[0], p[1], p[2], 255])
            .collect();
        let size = |side| Size {
            width: side,
            height: side,
        };
        for (side, tolerance) in [(8, 0.51), (12, 0.51), (10, 12.0)] {
            let page = shrink(&rgba, size(24), size(side)).unwrap();
            let frame = Frame::new(
                [12.0; 2],
                24.0 / side as f32,
                [side as f32 / 2.0; 2],
                0.0,
                false,
            );
            let mut ours = vec![0; 3 * side * side];
            photo(
                &image,
                Window::of(&image),
                Beyond::Edge,
                &frame,
                side,
                &mut ours,
            );
            for (at, pixel) in ours.as_chunks::<3>().0.iter().enumerate() {
                for c in 0..3 {
                    let page = (page[c * side * side + at] + 1.0) * 127.5;
                    let ours = f32::from(pixel[c]);
                    assert!((page - ours).abs() <= tolerance, "{side}: {page} {ours}");
                }
            }
        }
    }

    #[test]
    fn quarter_turns_and_mirrors_move_pixels_as_they_say() {
        let image = ramp(4, 4);
        let see = |angle: f32, mirrored| {
            let frame = Frame::new([2.0; 2], 1.0, [2.0; 2], angle.to_radians(), mirrored);
            let mut picture = vec![0; 48];
            photo(
                &image,
                Window::of(&image),
                Beyond::Edge,
                &frame,
                4,
                &mut picture,
            );
            picture[..6].to_vec()
        };
        assert_eq!(see(0.0, false), [0, 0, 7, 10, 0, 7]);
        assert_eq!(see(0.0, true), [30, 0, 7, 20, 0, 7]);
        // Turned clockwise, the lower left corner comes to the upper left.
        assert_eq!(see(90.0, false), [0, 30, 7, 0, 20, 7]);
        assert_eq!(see(180.0, false), [30, 30, 7, 20, 30, 7]);
    }

    #[test]
    fn beyond_a_photo_its_edge_or_its_mirror_image_goes_on() {
        let image = ramp(4, 4);
        let see = |beyond| {
            let frame = Frame::new([0.0; 2], 1.0, [3.0, 0.0], 0.0, false);
            let mut picture = vec![0; 18];
            photo(&image, Window::of(&image), beyond, &frame, 6, &mut picture);
            picture.iter().step_by(3).copied().collect::<Vec<_>>()
        };
        assert_eq!(see(Beyond::Edge), [0, 0, 0, 0, 10, 20]);
        assert_eq!(see(Beyond::Mirror), [20, 10, 0, 0, 10, 20]);
    }

    #[test]
    fn a_cutout_has_no_colour_of_what_is_beside_it() {
        let image = RgbImage::from_fn(8, 8, |x, _| Rgb(if x < 3 { [200; 3] } else { [0; 3] }));
        let mask: Vec<bool> = (0..64).map(|at| at % 8 < 3).collect();
        let frame = Frame::new([4.0; 2], 2.0, [2.0; 2], 0.0, false);
        let (colours, shares) = cutout(&image, Window::of(&image), &mask, &frame, 4);
        assert_eq!(shares[..4], [255, 128, 0, 0]);
        assert_eq!(colours[..9], [200, 200, 200, 200, 200, 200, 0, 0, 0]);
    }

    #[test]
    fn large_photos_are_kept_small() {
        let labels: Vec<u8> = (0..400 * 800)
            .map(|at| if at % 400 < 200 { 5 } else { 0 })
            .collect();
        let (small, labels) = fit(ramp(400, 800), labels, 100);
        assert_eq!(small.dimensions(), (100, 200));
        assert_eq!((labels[10], labels[60], labels.len()), (5, 0, 20_000));
    }
}
