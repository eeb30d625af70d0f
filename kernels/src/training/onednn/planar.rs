//! Convolutions of tensors in single precision that lie as burn has them.

use super::*;

static USED: AtomicBool = AtomicBool::new(false);

/// Has the library compute convolutions in single precision on the CPU from now on; says whether it does.
pub fn use_library() -> bool {
    USED.store(load(), Ordering::Relaxed);
    is_used()
}

/// Whether it does.
pub(in crate::training) fn is_used() -> bool {
    USED.load(Ordering::Relaxed)
}

/// From the trainer's order to channels last, and back.
fn reorders_of(dims: [usize; 4]) -> Rc<[Plan; 2]> {
    thread_local! {
        static PLANS: RefCell<HashMap<[usize; 4], Rc<[Plan; 2]>>> = RefCell::default();
    }
    PLANS.with_borrow_mut(|plans| {
        let make = || {
            let library = library().expect("plans are made where the library is");
            let planes = library.contiguous(dims, Type::F32);
            let maps = library.channels_last(dims, Type::F32);
            Rc::new([library.reorder(planes, maps), library.reorder(maps, planes)])
        };
        plans.entry(dims).or_insert_with(make).clone()
    })
}

fn reorder([n, c, h, w]: [usize; 4], which: usize, from: &[f32]) -> Vec<f32> {
    let (photo, share) = (c * h * w, n.div_ceil(rayon::current_num_threads()));
    written(n * photo, share * photo, |start, room| {
        let plans = reorders_of([room.len() / photo, c, h, w]);
        plans[which].run(&[&from[start..start + room.len()]], room)
    })
}

/// What a convolution is given, channels last. Here and below what is given and what comes back is contiguous.
pub(in crate::training) fn channels_last(shape: &Convolution, x: &[f32]) -> Vec<f32> {
    reorder(shape.source, 0, x)
}

/// The convolution of a map that lies channels last.
pub(in crate::training) fn forward(shape: &Convolution, x: &[f32], weight: &[f32]) -> Vec<f32> {
    reorder(shape.result(), 1, &super::forward(shape, x, weight))
}

/// The gradients of what it was given, and of its weight, as far as they are wanted.
pub(in crate::training) fn gradients(
    shape: &Convolution,
    x: &[f32],
    gradient: &[f32],
    weight: &[f32],
    [of_x, of_weight]: [bool; 2],
) -> [Option<Vec<f32>>; 2] {
    let gradient = reorder(shape.result(), 0, gradient);
    let dx = || reorder(shape.source, 1, &input_gradient(shape, &gradient, weight));
    let dw = || weight_gradient(shape, x, &gradient);
    [of_x.then(dx), of_weight.then(dw)]
}
