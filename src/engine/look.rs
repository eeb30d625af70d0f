//! What the network saw in a photo, kept for all that is asked of it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use super::likeness::Likeness;
use crate::shrink::Size;
use crate::trunk::Features;

/// The network sees a photo at most this many times as long as its short side. What is longer
/// is squeezed to that: a panorama costs four ordinary photos and its things look narrow to
/// the network, but the result keeps the panorama's own pixels.
const LONGEST: usize = 4;

/// What the network saw in a photo. It keeps nothing of the photo's full size.
#[derive(Debug, Clone)]
pub struct Look {
    pub(super) photo: Size,
    pub(super) small: Size,
    /// `[3, small.height, small.width]` in [-1, 1]
    pub(super) planes: Vec<f32>,
    pub(super) likeness: Likeness,
    pub(super) features: Features,
    /// The masks that were asked for last: while a sentence is typed, its things stay and its colours change.
    pub(super) found: Arc<Mutex<VecDeque<Found>>>,
}

/// A query, how likely its thing was said to be, and its mask.
type Found = (Vec<f32>, f32, Vec<f32>);

/// How many masks a [`Look`] remembers.
pub(super) const REMEMBERED: usize = 8;

impl Look {
    /// The photo's size.
    pub fn photo(&self) -> Size {
        self.photo
    }

    /// The size at which the network saw it.
    pub fn small(&self) -> Size {
        self.small
    }

    pub(super) fn recall(&self, query: &[f32], likely: f32) -> Option<Vec<f32>> {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let same = found.iter().find(|(asked, as_likely, _)| {
            likely.to_bits() == as_likely.to_bits() && asked == query
        });
        same.map(|(.., mask)| mask.clone())
    }

    pub(super) fn remember(&self, mask: Found) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.truncate(REMEMBERED - 1);
        found.push_front(mask);
    }
}

/// The size at which the network sees a photo: the short side is the model's, the long side
/// keeps the photo's shape up to [`LONGEST`] times that, both multiples of the network's stride.
pub(super) fn small_size(photo: Size, short_side: usize, stride: usize) -> Size {
    let short = short_side.next_multiple_of(stride);
    let (shorter, longer) = (photo.width.min(photo.height), photo.width.max(photo.height));
    let shape = longer as f64 / shorter as f64;
    let long = (shape * (short / stride) as f64).round() as usize * stride;
    let side = |is_long| {
        if is_long {
            long.clamp(short, LONGEST * short)
        } else {
            short
        }
    };
    Size {
        width: side(photo.width > photo.height),
        height: side(photo.height > photo.width),
    }
}
