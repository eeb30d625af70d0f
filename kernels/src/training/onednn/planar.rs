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
#[derive(Debug)]
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

/// A map as a convolution reads it.
#[derive(Debug, Clone)]
pub(in crate::training) enum Map {
    Half(Vec<bf16>),
    Single(Vec<f32>),
}

/// All tensors are contiguous.
impl Planar {
    /// What the convolution is given.
    pub fn source(&self, x: &[f32]) -> Map {
        self.map(&self.source[0], x)
    }

    pub fn forward(&self, x: &Map, weight: &[f32]) -> Vec<f32> {
        match x {
            Map::Half(x) => reordered(&self.result[1], &self.convolving.forward(x, weight)),
            Map::Single(x) => reordered(&self.result[1], &self.convolving.forward(x, weight)),
        }
    }

    /// The gradients of what it was given and of its weight, as far as they are wanted.
    pub fn gradients(
        &self,
        x: &Map,
        gradient: &[f32],
        weight: &[f32],
        wanted: [bool; 2],
    ) -> [Option<Vec<f32>>; 2] {
        match (x, self.map(&self.result[0], gradient)) {
            (Map::Half(x), Map::Half(gradient)) => self.pulled(x, &gradient, weight, wanted),
            (Map::Single(x), Map::Single(gradient)) => self.pulled(x, &gradient, weight, wanted),
            _ => unreachable!("both maps are made here"),
        }
    }

    fn map(&self, plan: &Plan, planes: &[f32]) -> Map {
        match self.of {
            Type::Bf16 => Map::Half(reordered(plan, planes)),
            Type::F32 => Map::Single(reordered(plan, planes)),
        }
    }

    fn pulled<T: Value>(
        &self,
        x: &[T],
        gradient: &[T],
        weight: &[f32],
        [of_x, of_weight]: [bool; 2],
    ) -> [Option<Vec<f32>>; 2] {
        let convolving = &self.convolving;
        let dx = || {
            reordered(
                &self.source[1],
                &convolving.input_gradient(gradient, weight),
            )
        };
        let dw = || convolving.weight_gradient(x, gradient);
        [of_x.then(dx), of_weight.then(dw)]
    }
}
