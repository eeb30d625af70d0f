//! Convolutions of tensors in single precision that lie as burn has them, for networks whose other operations are burn's.

use std::sync::OnceLock;

use super::*;

/// What they are computed in; none for our own kernels.
static PRECISION: OnceLock<Type> = OnceLock::new();

/// Has the library compute convolutions on the CPU from now on, rounded to bf16 or not; says whether it does. Whoever
/// says so first is obeyed.
pub fn use_library(round: bool) -> bool {
    let of = if round { Type::Bf16 } else { Type::F32 };
    load() && *PRECISION.get_or_init(|| of) == of
}

/// What computes a convolution, where the library does.
pub(in crate::training) fn plan(shape: Convolution) -> Option<Arc<Planar>> {
    PRECISION.get().map(|of| plan_of(shape, *of))
}

/// A convolution with all that brings maps from and to channels last.
pub(in crate::training) struct Planar {
    of: Type,
    convolving: Convolving,
    source: [Plan; 2],
    result: [Plan; 2],
}

pub(super) fn plan_of(shape: Convolution, of: Type) -> Arc<Planar> {
    type Plans = HashMap<(Convolution, Type), Arc<Planar>>;
    static PLANS: LazyLock<Mutex<Plans>> = LazyLock::new(Mutex::default);
    let mut plans = PLANS.lock().unwrap_or_else(PoisonError::into_inner);
    let make = || {
        let library = library().expect("plans are made where the library is");
        let reorders = |dims| {
            let planes = library.contiguous(dims, Type::F32);
            let maps = library.channels_last(dims, of);
            [library.reorder(planes, maps), library.reorder(maps, planes)]
        };
        Arc::new(Planar {
            of,
            convolving: Convolving::new(&shape, of),
            source: reorders(shape.source),
            result: reorders(shape.result()),
        })
    };
    plans.entry((shape, of)).or_insert_with(make).clone()
}

/// All tensors are contiguous.
impl Planar {
    pub fn forward(&self, x: &[f32], weight: &[f32]) -> Vec<f32> {
        match self.of {
            Type::Bf16 => self.forward_in::<bf16>(x, weight),
            Type::F32 => self.forward_in::<f32>(x, weight),
        }
    }

    pub fn input_gradient(&self, gradient: &[f32], weight: &[f32]) -> Vec<f32> {
        match self.of {
            Type::Bf16 => self.input_gradient_in::<bf16>(gradient, weight),
            Type::F32 => self.input_gradient_in::<f32>(gradient, weight),
        }
    }

    pub fn weight_gradient(&self, x: &[f32], gradient: &[f32]) -> Vec<f32> {
        match self.of {
            Type::Bf16 => self.weight_gradient_in::<bf16>(x, gradient),
            Type::F32 => self.weight_gradient_in::<f32>(x, gradient),
        }
    }

    fn forward_in<T: Value>(&self, x: &[f32], weight: &[f32]) -> Vec<f32> {
        let x = reordered::<T>(&self.source[0], x);
        reordered(&self.result[1], &self.convolving.forward(&x, weight))
    }

    fn input_gradient_in<T: Value>(&self, gradient: &[f32], weight: &[f32]) -> Vec<f32> {
        let gradient = reordered::<T>(&self.result[0], gradient);
        let dx = self.convolving.input_gradient(&gradient, weight);
        reordered(&self.source[1], &dx)
    }

    fn weight_gradient_in<T: Value>(&self, x: &[f32], gradient: &[f32]) -> Vec<f32> {
        let x = reordered::<T>(&self.source[0], x);
        let gradient = reordered::<T>(&self.result[0], gradient);
        self.convolving.weight_gradient(&x, &gradient)
    }
}
