//! The primitives that a training needs, each as a [`Plan`].

use std::ffi::c_int;

use super::{Layout, OneDnn, Plan, Type, arg, made};

/// What a descriptor of a primitive can be asked for: `dnnl_query_*_md`.
mod query {
    use super::c_int;

    /// The weight, as the primitive wants it.
    pub const WEIGHT: c_int = 131;
    /// The gradient of the weight.
    pub const WEIGHT_GRADIENT: c_int = 132;
}

const TRAINING: c_int = 64;
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
    /// The same of so many photos.
    pub fn of(self, photos: usize) -> Self {
        let [_, c, h, w] = self.source;
        Self {
            source: [photos, c, h, w],
            ..self
        }
    }

    /// Photos that a thread takes at once.
    pub fn share(&self) -> usize {
        self.source[0].div_ceil(rayon::current_num_threads()).max(1)
    }

    /// Multiplications and additions of it, and of each of its gradients.
    pub fn operations(&self) -> usize {
        let [_, cin, k, _] = self.weight;
        2 * cin * k * k * self.result().iter().product::<usize>()
    }

    /// Values of a photo, before and after.
    pub fn photo(&self) -> [usize; 2] {
        [self.source, self.result()].map(|[_, c, h, w]| c * h * w)
    }

    /// `[n, out, h, w]` of the result.
    pub fn result(&self) -> [usize; 4] {
        let ([n, _, h, w], [out, _, k, _]) = (self.source, self.weight);
        let side = |side: usize| (side + 2 * self.padding - k) / self.stride + 1;
        [n, out, side(h), side(w)]
    }
}

impl OneDnn {
    /// Changes order and type.
    pub fn reorder(&self, from: Layout, to: Layout) -> Plan {
        self.alone();
        let (make, engine) = (self.functions.reorder_primitive_desc_create, self.engine);
        let desc = made(|made| make(made, from.desc, engine, to.desc, engine, None));
        self.plan(desc, [(arg::SOURCE, from), (arg::RESULT, to)])
    }

    /// A convolution and its two gradients, channels last.
    pub fn convolution(&self, shape: &Convolution, of: Type) -> [Plan; 3] {
        self.alone();
        let source = self.channels_last(shape.source, of);
        let result = self.channels_last(shape.result(), of);
        let weight = self.any_weight(shape.weight, of);
        let gradient = self.any_weight(shape.weight, Type::F32);
        let [s, d, p] = [shape.stride, 0, shape.padding].map(|size| [size as i64; 2]);
        let (f, engine, x, y) = (&self.functions, self.engine, source.desc, result.desc);
        let make = f.convolution_forward_primitive_desc_create;
        #[rustfmt::skip]
        let forward = made(|to| make(to, engine, TRAINING, DIRECT, x, weight, None, y, &s, &d, &p, &p, None));
        let make = f.convolution_backward_data_primitive_desc_create;
        #[rustfmt::skip]
        let input = made(|to| make(to, engine, DIRECT, x, weight, y, &s, &d, &p, &p, forward, None));
        let make = f.convolution_backward_weights_primitive_desc_create;
        #[rustfmt::skip]
        let weights = made(|to| make(to, engine, DIRECT, x, gradient, None, y, &s, &d, &p, &p, forward, None));
        let of_forward = (arg::WEIGHT, self.asked(forward, query::WEIGHT));
        let of_input = (arg::WEIGHT, self.asked(input, query::WEIGHT));
        let of_weights = self.asked(weights, query::WEIGHT_GRADIENT);
        let of_weights = (arg::WEIGHT_GRADIENT, of_weights);
        let (x, y) = ((arg::SOURCE, source), (arg::RESULT, result));
        let (dx, dy) = (
            (arg::SOURCE_GRADIENT, source),
            (arg::RESULT_GRADIENT, result),
        );
        [
            self.plan(forward, [x, of_forward, y]),
            self.plan(input, [dy, of_input, dx]),
            self.plan(weights, [x, dy, of_weights]),
        ]
    }
}
