//! A cost that was computed elsewhere, with its gradient.

use std::sync::Arc;

use super::maps::{CHUNK, filled};
use super::*;

/// A number, zero, whose gradient for `x` is this one, in the order of its elements.
pub fn with_gradient(x: Tensor<3>, gradient: Vec<f32>) -> Tensor<1> {
    of_one(Known(Arc::new(gradient)), x)
}

#[derive(Debug)]
struct Known(Arc<Vec<f32>>);

impl Operation<1> for Known {
    /// The gradient, and the shape of what it is for.
    type Kept = (Arc<Vec<f32>>, [usize; 3]);

    fn forward<T: Value>(self, [x]: [Array; 1]) -> (Array, Self::Kept) {
        let shape = x.shape();
        assert_eq!(self.0.len(), shape.num_elements(), "a gradient's numbers");
        (flex(vec![0.0], [1]), (self.0, shape.dims()))
    }

    fn backward<T: Value>(
        (gradient, shape): Self::Kept,
        pull: Array,
        _: [bool; 1],
    ) -> [Option<Array>; 1] {
        let pull = floats(&pull)[0];
        let pulled = filled(gradient.len(), CHUNK, |start, to| {
            for (to, slope) in to.iter_mut().zip(&gradient[start..]) {
                *to = pull * slope;
            }
        });
        [Some(flex(pulled, shape))]
    }
}
