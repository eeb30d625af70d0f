//! Convolutions by oneDNN, each thread some of a batch's photos.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Instant;

use super::maps::CHUNK;
use super::*;

/// A convolution of a thread's photos, with all that brings its weight from and to the trainer's order.
#[derive(Debug)]
struct Convolving {
    forward: Plan,
    input: Plan,
    weight: Plan,
    pack_forward: Plan,
    pack_input: Plan,
    unpack: Plan,
}

/// Making a plan takes milliseconds: each thread makes it once.
fn plan_of<T: Value>(shape: Convolution) -> Rc<Convolving> {
    thread_local! {
        static PLANS: RefCell<HashMap<(Convolution, Type), Rc<Convolving>>> = RefCell::default();
    }
    PLANS.with_borrow_mut(|plans| {
        let make = || Rc::new(Convolving::new(&shape, T::TYPE));
        plans.entry((shape, T::TYPE)).or_insert_with(make).clone()
    })
}

impl Convolving {
    fn new(shape: &Convolution, of: Type) -> Self {
        let library = library().expect("plans are made where the library is");
        let [forward, input, weight] = library.convolution(shape, of);
        let order = library.contiguous(shape.weight, Type::F32);
        Self {
            pack_forward: library.reorder(order, forward.layout(arg::WEIGHT)),
            pack_input: library.reorder(order, input.layout(arg::WEIGHT)),
            unpack: library.reorder(weight.layout(arg::WEIGHT_GRADIENT), order),
            forward,
            input,
            weight,
        }
    }
}

/// The convolution of maps that lie channels last with a weight `[out, in, k, k]`.
pub(super) fn forward<T: Value>(shape: &Convolution, x: &[T], weight: &[f32]) -> Vec<T> {
    let photo = shape.photo();
    by_threads(shape, photo, x, weight, |of| {
        [&of.pack_forward, &of.forward]
    })
}

/// The gradient of what a convolution was given.
fn input_gradient<T: Value>(shape: &Convolution, gradient: &[T], weight: &[f32]) -> Vec<T> {
    let [from, to] = shape.photo();
    by_threads(shape, [to, from], gradient, weight, |of| {
        [&of.pack_input, &of.input]
    })
}

/// Runs a primitive, and before it the one that packs its weight, on each thread's photos: of so many values before and
/// after.
fn by_threads<T: Value>(
    shape: &Convolution,
    [from, to]: [usize; 2],
    given: &[T],
    weight: &[f32],
    plans: impl Fn(&Convolving) -> [&Plan; 2] + Sync,
) -> Vec<T> {
    let photos = shape.source[0];
    metered(shape.operations(), || {
        written(photos * to, shape.share() * to, |start, room| {
            let (first, photos) = (start / to, room.len() / to);
            let plan = plan_of::<T>(shape.of(photos));
            let [pack, compute] = plans(&plan);
            let weight: Vec<T> = pack.made(&[weight]);
            compute.run(&[&given[first * from..][..photos * from], &weight], room)
        })
    })
}

/// The gradient of its weight.
fn weight_gradient<T: Value>(shape: &Convolution, x: &[T], gradient: &[T]) -> Vec<f32> {
    let [from, to] = shape.photo();
    let share = shape.share();
    let each = x.par_chunks(share * from);
    let each = each.zip(gradient.par_chunks(share * to));
    let parts = each.map(|(x, gradient)| {
        let plan = plan_of::<T>(shape.of(x.len() / from));
        let packed: Vec<f32> = plan.weight.made(&[x, gradient]);
        plan.unpack.made(&[&packed])
    });
    metered(shape.operations(), || {
        let mut parts = parts.collect::<Vec<Vec<f32>>>().into_iter();
        let mut sum = parts.next().unwrap_or_default();
        for part in parts {
            let pairs = sum.par_chunks_mut(CHUNK).zip(part.par_chunks(CHUNK));
            pairs.for_each(|(sum, part)| sum.iter_mut().zip(part).for_each(|(a, b)| *a += b));
        }
        sum
    })
}

/// What a convolution as the networks have them and the gradient of its weight take, the fastest of several.
pub(super) fn seconds<T: Value>() -> f64 {
    let shape = Convolution {
        source: [16, 64, 32, 32],
        weight: [64, 64, 3, 3],
        stride: 1,
        padding: 1,
    };
    let weight = vec![0.1; shape.weight.iter().product()];
    let x = vec![T::nearest(0.1); shape.source.iter().product()];
    let once = |_| {
        let began = Instant::now();
        let y = forward(&shape, &x, &weight);
        weight_gradient(&shape, &x, &y);
        began.elapsed().as_secs_f64()
    };
    // The first makes the plans.
    (0..6).map(once).fold(f64::INFINITY, f64::min)
}

/// The convolution (cross-correlation) of a map with a weight `[out, in, k, k]`, zero padded.
pub fn conv2d(x: Tensor<4>, weight: Tensor<4>, stride: usize, padding: usize) -> Tensor<4> {
    of_two(Conv { stride, padding }, x, weight)
}

#[derive(Debug)]
struct Conv {
    stride: usize,
    padding: usize,
}

impl Operation<2> for Conv {
    /// What was given.
    type Kept = (Array, Array, Convolution);

    fn forward<T: Value>(self, [x, weight]: [Array; 2]) -> (Array, Self::Kept) {
        let shape = convolution(&x, &weight, self.stride, self.padding);
        let (x, weight) = (last::<T>(x), weight.to_contiguous());
        let y = forward::<T>(&shape, elements(&x), floats(&weight));
        (maps(y, shape.result()), (x, weight, shape))
    }

    fn backward<T: Value>(
        (x, weight, shape): Self::Kept,
        gradient: Array,
        wanted: [bool; 2],
    ) -> [Option<Array>; 2] {
        let gradient = last::<T>(gradient);
        gradients(&shape, [&x, &weight], elements::<T>(&gradient), wanted)
    }
}

/// Sizes of the convolution of these.
pub(super) fn convolution(x: &Array, weight: &Array, stride: usize, padding: usize) -> Convolution {
    Convolution {
        source: x.shape().dims(),
        weight: weight.shape().dims(),
        stride,
        padding,
    }
}

/// Gradients of what a convolution was given, as far as they are wanted.
pub(super) fn gradients<T: Value>(
    shape: &Convolution,
    [x, weight]: [&Array; 2],
    gradient: &[T],
    [of_x, of_weight]: [bool; 2],
) -> [Option<Array>; 2] {
    let dx = || input_gradient(shape, gradient, floats(weight));
    let dw = || weight_gradient(shape, elements(x), gradient);
    [
        of_x.then(|| maps(dx(), shape.source)),
        of_weight.then(|| flex(dw(), shape.weight)),
    ]
}
