//! Something cut out of a photo by its mask, to be laid on another picture.

use rand::rngs::SmallRng;

use super::Scene;
use super::labels::{LABELS, LabelSet, UNDECIDED};
use super::light::Light;
use super::warp::{self, Beyond, Frame, Window};

/// Nothing smaller is cut out: its longer side and its area, in pixels of its photo.
pub const MIN_SIDE: usize = 24;
const MIN_AREA: usize = 350;

/// The rectangle around all that has one of these labels, when that is large enough.
pub fn extent(scene: &Scene, labels: LabelSet) -> Option<Window> {
    let (mut left, mut top, mut right, mut bottom) = (usize::MAX, usize::MAX, 0, 0);
    let mut area = 0;
    for part in scene.components.iter().filter(|c| labels.has(c.label)) {
        left = left.min(part.left);
        top = top.min(part.top);
        right = right.max(part.right);
        bottom = bottom.max(part.bottom);
        area += part.area;
    }
    let (width, height) = (right.checked_sub(left)?, bottom.checked_sub(top)?);
    let window = Window {
        left,
        top,
        width,
        height,
    };
    (width.max(height) >= MIN_SIDE && area >= MIN_AREA).then_some(window)
}

/// Something cut out of a photo.
pub struct Cutout<'a> {
    scene: &'a Scene,
    /// The rectangle around it.
    pub window: Window,
    labels: LabelSet,
    /// `[window.height, window.width]`
    mask: Vec<bool>,
}

impl<'a> Cutout<'a> {
    /// All of a photo that has these labels, when that is large enough.
    pub fn new(scene: &'a Scene, labels: LabelSet) -> Option<Self> {
        Some(Self::within(scene, extent(scene, labels)?, labels))
    }

    /// A thing that is alone in its photo.
    pub fn thing(scene: &'a Scene) -> Self {
        let decided = (0..LABELS.len() as u8).collect();
        Self::within(scene, Window::of(&scene.photo), decided)
    }

    fn within(scene: &'a Scene, window: Window, labels: LabelSet) -> Self {
        let columns = scene.photo.width() as usize;
        let rows = scene.labels.chunks_exact(columns).skip(window.top);
        let whole: Vec<bool> = rows
            .take(window.height)
            .flat_map(|row| &row[window.left..window.left + window.width])
            .map(|label| labels.has(*label))
            .collect();
        // One pixel less all around: what is on the edge has the old background in it. Not
        // where the photo ends.
        let at = |x: usize, y: usize| whole[y * window.width + x];
        let mask = (0..whole.len()).map(|place| {
            let (x, y) = (place % window.width, place / window.width);
            whole[place]
                && (x == 0 || at(x - 1, y))
                && (y == 0 || at(x, y - 1))
                && (x + 1 == window.width || at(x + 1, y))
                && (y + 1 == window.height || at(x, y + 1))
        });
        let mask = mask.collect();
        Self {
            scene,
            window,
            labels,
            mask,
        }
    }

    /// Lays it on a picture under a frame, in a light of its own, and gives the share of each pixel that it covers, for
    /// `beneath` to change the picture before.
    pub fn paste(
        &self,
        frame: &Frame,
        size: usize,
        rng: &mut SmallRng,
        (picture, labels): (&mut [u8], &mut [u8]),
        beneath: impl FnOnce(&[u8], &mut SmallRng, &mut [u8]),
    ) {
        let photo = &self.scene.photo;
        let (mut colours, shares) = warp::cutout(photo, self.window, &self.mask, frame, size);
        Light::lamp(rng).apply(&mut colours, size);
        beneath(&shares, rng, picture);
        let mut names = vec![UNDECIDED; size * size];
        let (columns, all) = (photo.width() as usize, Window::of(photo));
        let edge = Beyond::Edge;
        warp::labels(
            &self.scene.labels,
            columns,
            all,
            edge,
            frame,
            size,
            &mut names,
        );
        for (at, share) in shares.iter().enumerate().filter(|(_, share)| **share > 0) {
            let alpha = f32::from(*share) / 255.0;
            let old = &mut picture[3 * at..3 * at + 3];
            for (old, new) in old.iter_mut().zip(&colours[3 * at..]) {
                let (from, to) = (f32::from(*old), f32::from(*new));
                *old = (from + alpha * (to - from) + 0.5) as u8;
            }
            if *share >= 128 {
                // On an edge, the middle of a pixel may be beside the mask.
                let name = names[at];
                labels[at] = if self.labels.has(name) {
                    name
                } else {
                    UNDECIDED
                };
            }
        }
    }
}
