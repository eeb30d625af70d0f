//! The primitives that a training needs, each as a [`Plan`].

use std::ffi::c_int;
use std::ptr;

use super::{Layout, OneDnn, Plan, Type, arg};

/// What a descriptor of a primitive can be asked for: `dnnl_query_*_md`.
mod query {
    use super::c_int;

    /// The weight, as the primitive wants it.
    pub const WEIGHT: c_int = 131;
    /// The gradient of the weight.
    pub const WEIGHT_GRADIENT: c_int = 132;
    /// What a batch norm remembers of its ReLU.
    pub const WORKSPACE: c_int = 135;
}

const TRAINING: c_int = 64;
const BACKWARD: c_int = 128;
const DIRECT: c_int = 1;

/// Sizes of a convolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Convolution {
    /// `[n, c, h, w]`
    pub source: [usize; 4],
    /// `[out, c, k, k]`
    pub weight: [usize; 4],
    /// Positions from one to the next.
    pub stride: usize,
    /// Zeros around the source.
    pub padding: usize,
}

impl Convolution {
    /// `[n, out, h, w]` of the result.
    pub fn result(&self) -> [usize; 4] {
        let ([n, _, h, w], [out, _, k, _]) = (self.source, self.weight);
        let side = |side: usize| (side + 2 * self.padding - k) / self.stride + 1;
        [n, out, side(h), side(w)]
    }
}

impl OneDnn {
    /// Changes order and type: [`arg::SOURCE`] to [`arg::RESULT`].
    pub fn reorder(&self, from: Layout, to: Layout) -> Plan {
        let (engine, none) = (self.engine, ptr::null_mut());
        // SAFETY: descriptors and engines are live.
        let desc = self.made(|made| unsafe {
            (self.functions.reorder_primitive_desc_create)(
                made, from.desc, engine, to.desc, engine, none,
            )
        });
        self.plan(desc, vec![(arg::SOURCE, from), (arg::RESULT, to)])
    }

    /// A convolution and its two gradients, channels last.
    pub fn convolution(&self, shape: &Convolution, of: Type) -> [Plan; 3] {
        let source = self.channels_last(shape.source, of);
        let result = self.channels_last(shape.result(), of);
        let weight = self.any_weight(shape.weight, of);
        let gradient = self.any_weight(shape.weight, Type::F32);
        let strides = [shape.stride as i64; 2];
        let dilations = [0i64; 2];
        let padding = [shape.padding as i64; 2];
        let (s, d, p) = (strides.as_ptr(), dilations.as_ptr(), padding.as_ptr());
        let (f, engine, none) = (&self.functions, self.engine, ptr::null_mut());
        // SAFETY: here and below all descriptors are live, and two sizes are read of each array.
        let forward = self.made(|to| unsafe {
            (f.convolution_forward_primitive_desc_create)(
                to,
                engine,
                TRAINING,
                DIRECT,
                source.desc,
                weight,
                none,
                result.desc,
                s,
                d,
                p,
                p,
                none,
            )
        });
        // SAFETY: as above.
        let input = self.made(|to| unsafe {
            (f.convolution_backward_data_primitive_desc_create)(
                to,
                engine,
                DIRECT,
                source.desc,
                weight,
                result.desc,
                s,
                d,
                p,
                p,
                forward,
                none,
            )
        });
        // SAFETY: as above.
        let weights = self.made(|to| unsafe {
            (f.convolution_backward_weights_primitive_desc_create)(
                to,
                engine,
                DIRECT,
                source.desc,
                gradient,
                none,
                result.desc,
                s,
                d,
                p,
                p,
                forward,
                none,
            )
        });
        let of_forward = self.asked(forward, query::WEIGHT);
        let of_input = self.asked(input, query::WEIGHT);
        let of_weights = self.asked(weights, query::WEIGHT_GRADIENT);
        [
            self.plan(
                forward,
                vec![
                    (arg::SOURCE, source),
                    (arg::WEIGHT, of_forward),
                    (arg::RESULT, result),
                ],
            ),
            self.plan(
                input,
                vec![
                    (arg::RESULT_GRADIENT, result),
                    (arg::WEIGHT, of_input),
                    (arg::SOURCE_GRADIENT, source),
                ],
            ),
            self.plan(
                weights,
                vec![
                    (arg::SOURCE, source),
                    (arg::RESULT_GRADIENT, result),
                    (arg::WEIGHT_GRADIENT, of_weights),
                ],
            ),
        ]
    }

    /// A batch norm in training and its gradient, channels last, with a ReLU behind it or none.
    pub fn batch_norm(&self, shape: [usize; 4], epsilon: f32, relu: bool, of: Type) -> [Plan; 2] {
        const SCALE: u32 = 2;
        const SHIFT: u32 = 4;
        const RELU: u32 = 8;
        let flags = SCALE | SHIFT | if relu { RELU } else { 0 };
        let (map, channels) = (self.channels_last(shape, of), self.channels(shape[1]));
        let (f, engine, none) = (&self.functions, self.engine, ptr::null_mut());
        // SAFETY: all descriptors are live.
        let forward = self.made(|to| unsafe {
            (f.batch_normalization_forward_primitive_desc_create)(
                to, engine, TRAINING, map.desc, map.desc, epsilon, flags, none,
            )
        });
        // SAFETY: as above.
        let backward = self.made(|to| unsafe {
            (f.batch_normalization_backward_primitive_desc_create)(
                to, engine, BACKWARD, map.desc, map.desc, map.desc, epsilon, flags, forward, none,
            )
        });
        let statistics = [(arg::MEAN, channels), (arg::VARIANCE, channels)];
        let workspace = relu.then(|| (arg::WORKSPACE, self.asked(forward, query::WORKSPACE)));
        let both = |first: &[(i32, Layout)], last: &[(i32, Layout)]| {
            let middle = statistics.into_iter().chain(workspace);
            first
                .iter()
                .copied()
                .chain(middle)
                .chain(last.iter().copied())
                .collect()
        };
        let scale = (arg::SCALE, channels);
        [
            self.plan(
                forward,
                both(
                    &[(arg::SOURCE, map), scale, (arg::SHIFT, channels)],
                    &[(arg::RESULT, map)],
                ),
            ),
            self.plan(
                backward,
                both(
                    &[(arg::SOURCE, map), (arg::RESULT_GRADIENT, map), scale],
                    &[
                        (arg::SOURCE_GRADIENT, map),
                        (arg::SCALE_GRADIENT, channels),
                        (arg::SHIFT_GRADIENT, channels),
                    ],
                ),
            ),
        ]
    }
}
