//! Feature maps, channels last: what is done with them between convolutions.

use std::mem::MaybeUninit;

use super::vectors::relu;
use super::*;
use burn::backend::ops::FloatTensorOps;
use burn::tensor::TensorData;

/// Values that a core works on at a time.
pub(super) const CHUNK: usize = 1 << 15;

/// A tensor `[n, c, h, w]` of values that lie channels last.
pub(super) fn maps<T: Value>(values: Vec<T>, [n, c, h, w]: [usize; 4]) -> FloatTensor<Flex> {
    let data = TensorData::new(values, [n, h, w, c]);
    let rows = Flex::float_from_data(data, &Default::default());
    Flex::float_permute(rows, &[0, 3, 1, 2])
}

/// The same tensor channels last, whatever it was.
pub(super) fn last<T: Value>(x: FloatTensor<Flex>) -> FloatTensor<Flex> {
    let x = match x.dtype() == T::dtype() {
        true => x,
        false => Flex::float_cast(x, T::dtype().into()),
    };
    let rows = Flex::float_permute(x, &[0, 2, 3, 1]).to_contiguous();
    Flex::float_permute(rows, &[0, 3, 1, 2])
}

/// The values of a tensor that is channels last.
pub(super) fn elements<T: Value>(x: &FloatTensor<Flex>) -> &[T] {
    let start = x.layout().start_offset();
    &T::storage(x)[start..start + x.layout().num_elements()]
}

/// Fills a vector on all cores, chunk by chunk: `fill(start, zeros)`.
pub(super) fn filled<T: Value>(
    count: usize,
    chunk: usize,
    fill: impl Fn(usize, &mut [T]) + Sync,
) -> Vec<T> {
    written(count, chunk, |start, room| {
        room.fill(MaybeUninit::new(T::default()));
        // SAFETY: all of it has just been written.
        let zeros = unsafe { room.assume_init_mut() };
        fill(start, zeros);
        zeros
    })
}

vectors! {
    /// `leaky_relu(a + b)`
    fn sum(to: &mut [T], a: &[T], b: &[T], slope: f32) {
        for ((to, a), b) in to.iter_mut().zip(a).zip(b) {
            *to = T::nearest(relu(a.wide() + b.wide(), slope));
        }
    }

    /// `leaky_relu(x + v)` at every place.
    fn plus(to: &mut [T], x: &[T], v: &[f32], slope: f32) {
        for (to, x) in to.chunks_exact_mut(v.len()).zip(x.chunks_exact(v.len())) {
            for ((to, x), v) in to.iter_mut().zip(x).zip(v) {
                *to = T::nearest(relu(x.wide() + v, slope));
            }
        }
    }

    /// The gradient before a ReLU whose result was `y`.
    fn pass(to: &mut [T], y: &[T], gradient: &[T], slope: f32) {
        for ((to, y), g) in to.iter_mut().zip(y).zip(gradient) {
            let g = g.wide();
            *to = T::nearest(if y.wide() > 0.0 { g } else { slope * g });
        }
    }

    /// Adds all places of a map.
    fn add_up(sums: &mut [f32], places: &[T]) {
        for x in places.chunks_exact(sums.len()) {
            sums.iter_mut().zip(x).for_each(|(sum, x)| *sum += x.wide());
        }
    }

    /// The sum of four places, two of them in each of two rows.
    fn four(to: &mut [T], first: &[T], second: &[T]) {
        let [(a, b), (c, d)] = [first, second].map(|two| two.split_at(to.len()));
        let four = a.iter().zip(b).zip(c.iter().zip(d));
        for (to, ((a, b), (c, d))) in to.iter_mut().zip(four) {
            *to = T::nearest(a.wide() + b.wide() + c.wide() + d.wide());
        }
    }
}

/// `leaky_relu(a + b)`; a slope of 1 leaves the ReLU out.
pub fn add(a: Tensor<4>, b: Tensor<4>, slope: f64) -> Tensor<4> {
    let (a, b) = (a.into_dispatch(), b.into_dispatch());
    Tensor::from_dispatch(<Dispatch as Maps>::sum_relu(a, b, slope as f32))
}

/// `leaky_relu(x[n, c, h, w] + bias[c])`; a slope of 1 leaves the ReLU out.
pub fn add_to_all(x: Tensor<4>, bias: Tensor<1>, slope: f64) -> Tensor<4> {
    let ([n, ..], [c]) = (x.dims(), bias.dims());
    add_to_places(x, bias.reshape([1, c]).expand([n, c]), slope)
}

/// Twice the height and width, nearest neighbour.
pub fn upsample(x: Tensor<4>) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as Maps>::upsampled(x.into_dispatch()))
}

/// The mean over all places in single precision, `[n, c]`.
pub fn mean_over_places(x: Tensor<4>) -> Tensor<2> {
    Tensor::from_dispatch(<Dispatch as Maps>::mean_places(x.into_dispatch()))
}

/// `leaky_relu(x[n, c, h, w] + v[n, c])`; a slope of 1 leaves the ReLU out.
pub fn add_to_places(x: Tensor<4>, v: Tensor<2>, slope: f64) -> Tensor<4> {
    let (x, v) = (x.into_dispatch(), v.into_dispatch());
    Tensor::from_dispatch(<Dispatch as Maps>::plus_vector(x, v, slope as f32))
}

#[backend_extension(Flex, Autodiff)]
trait Maps: Backend {
    fn sum_relu(a: FloatTensor<Self>, b: FloatTensor<Self>, slope: f32) -> FloatTensor<Self>;
    fn upsampled(x: FloatTensor<Self>) -> FloatTensor<Self>;
    fn mean_places(x: FloatTensor<Self>) -> FloatTensor<Self>;
    fn plus_vector(x: FloatTensor<Self>, v: FloatTensor<Self>, slope: f32) -> FloatTensor<Self>;
}

impl Maps for Flex {
    fn sum_relu(a: FloatTensor<Self>, b: FloatTensor<Self>, slope: f32) -> FloatTensor<Self> {
        typed!(a, summed(a, b, slope))
    }

    fn upsampled(x: FloatTensor<Self>) -> FloatTensor<Self> {
        typed!(x, upsampled(x))
    }

    fn mean_places(x: FloatTensor<Self>) -> FloatTensor<Self> {
        typed!(x, means(x))
    }

    fn plus_vector(x: FloatTensor<Self>, v: FloatTensor<Self>, slope: f32) -> FloatTensor<Self> {
        typed!(x, with_vector(x, &v, slope))
    }
}

fn summed<T: Value>(a: FloatTensor<Flex>, b: FloatTensor<Flex>, slope: f32) -> FloatTensor<Flex> {
    let shape = a.shape().dims();
    assert_eq!(b.shape().dims(), shape, "maps that are added");
    let (a, b) = (last::<T>(a), last::<T>(b));
    let (a, b) = (elements::<T>(&a), elements(&b));
    let sums = filled(a.len(), CHUNK, |start, part| {
        sum(part, &a[start..], &b[start..], slope);
    });
    maps(sums, shape)
}

fn upsampled<T: Value>(x: FloatTensor<Flex>) -> FloatTensor<Flex> {
    let [n, c, h, w] = x.shape().dims();
    let x = last::<T>(x);
    let values = elements::<T>(&x);
    let row = w * c;
    let large = filled(4 * values.len(), 4 * row, |start, rows| {
        let from = &values[start / 4..start / 4 + row];
        let (first, second) = rows.split_at_mut(2 * row);
        for (to, x) in first.chunks_exact_mut(2 * c).zip(from.chunks_exact(c)) {
            to[..c].copy_from_slice(x);
            to[c..].copy_from_slice(x);
        }
        second.copy_from_slice(first);
    });
    maps(large, [n, c, 2 * h, 2 * w])
}

fn means<T: Value>(x: FloatTensor<Flex>) -> FloatTensor<Flex> {
    let [n, c, h, w] = x.shape().dims();
    let x = last::<T>(x);
    let mut means = sums(elements::<T>(&x), n, c);
    let share = 1.0 / (h * w) as f32;
    means.iter_mut().for_each(|sum| *sum *= share);
    flex(means, [n, c])
}

fn with_vector<T: Value>(
    x: FloatTensor<Flex>,
    v: &FloatTensor<Flex>,
    slope: f32,
) -> FloatTensor<Flex> {
    let [n, c, h, w] = x.shape().dims();
    assert_eq!(v.shape().dims(), [n, c], "a vector for each photo");
    let (x, v) = (last::<T>(x), v.to_contiguous());
    let (x, v) = (elements::<T>(&x), floats(&v));
    let sums = filled(x.len(), h * w * c, |start, part| {
        plus(part, &x[start..], &v[start / (h * w)..][..c], slope);
    });
    maps(sums, [n, c, h, w])
}

/// A gradient behind a ReLU whose result was `y`.
fn passed<T: Value>(
    gradient: FloatTensor<Flex>,
    y: &FloatTensor<Flex>,
    slope: f32,
) -> FloatTensor<Flex> {
    let (shape, gradient) = (y.shape().dims(), last::<T>(gradient));
    if slope == 1.0 {
        return gradient;
    }
    let (y, g) = (elements::<T>(y), elements(&gradient));
    let masked = filled(g.len(), CHUNK, |start, part| {
        pass(part, &y[start..], &g[start..], slope);
    });
    maps(masked, shape)
}

/// The sums over all places, `[n, c]`.
fn sums<T: Value>(values: &[T], n: usize, c: usize) -> Vec<f32> {
    let photo = values.len() / n;
    filled(n * c, c, |start, sums: &mut [f32]| {
        add_up(sums, &values[start / c * photo..][..photo]);
    })
}

/// The gradient of each operation.
#[derive(Debug)]
struct SumBackward;
#[derive(Debug)]
struct UpsampleBackward;
#[derive(Debug)]
struct MeanBackward;
#[derive(Debug)]
struct PlusBackward;

impl Backward<Flex, 2> for SumBackward {
    /// The result, and the slope.
    type State = (FloatTensor<Flex>, f32);

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let (y, slope) = ops.state;
        let gradient = grads.consume::<Flex>(&ops.node);
        let gradient = typed!(y, passed(gradient, &y, slope));
        for node in ops.parents.into_iter().flatten() {
            grads.register::<Flex>(node.id, gradient.clone());
        }
    }
}

impl Backward<Flex, 1> for UpsampleBackward {
    type State = [usize; 4];

    fn backward(self, ops: Ops<[usize; 4], 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<Flex>(&ops.node);
        if let [Some(node)] = ops.parents {
            let sums = typed!(gradient, fours(gradient, ops.state));
            grads.register::<Flex>(node.id, sums);
        }
    }
}

/// The sums of what lies at the four places that one became.
fn fours<T: Value>(gradient: FloatTensor<Flex>, [n, c, h, w]: [usize; 4]) -> FloatTensor<Flex> {
    let gradient = last::<T>(gradient);
    let (values, row) = (elements::<T>(&gradient), w * c);
    let sums = filled(n * h * row, row, |start, to| {
        let (first, second) = values[4 * start..4 * (start + row)].split_at(2 * row);
        let pairs = first.chunks_exact(2 * c).zip(second.chunks_exact(2 * c));
        for (to, (first, second)) in to.chunks_exact_mut(c).zip(pairs) {
            four(to, first, second);
        }
    });
    maps(sums, [n, c, h, w])
}

impl Backward<Flex, 1> for MeanBackward {
    /// Shape and type of the map.
    type State = ([usize; 4], DType);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<Flex>(&ops.node).to_contiguous();
        let (shape, of) = ops.state;
        if let [Some(node)] = ops.parents {
            grads.register::<Flex>(node.id, by_type!(of, spread(floats(&gradient), shape)));
        }
    }
}

/// An even share of each number for all places.
fn spread<T: Value>(sums: &[f32], [n, c, h, w]: [usize; 4]) -> FloatTensor<Flex> {
    let share = 1.0 / (h * w) as f32;
    let each: Vec<T> = sums.iter().map(|sum| T::nearest(sum * share)).collect();
    let spread = filled(n * c * h * w, c, |start, to| {
        to.copy_from_slice(&each[start / (h * w * c) * c..][..c]);
    });
    maps(spread, [n, c, h, w])
}

impl Backward<Flex, 2> for PlusBackward {
    /// The result, and the slope.
    type State = (FloatTensor<Flex>, f32);

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let (y, slope) = ops.state;
        let [n, c, _, _] = y.shape().dims();
        let gradient = grads.consume::<Flex>(&ops.node);
        let gradient = typed!(y, passed(gradient, &y, slope));
        let [x, v] = ops.parents;
        if let Some(node) = v {
            let sums = typed!(y, sums(elements(&gradient), n, c));
            grads.register::<Flex>(node.id, flex(sums, [n, c]));
        }
        if let Some(node) = x {
            grads.register::<Flex>(node.id, gradient);
        }
    }
}

impl<C: CheckpointStrategy> Maps for Autodiff<Flex, C> {
    fn sum_relu(a: FloatTensor<Self>, b: FloatTensor<Self>, slope: f32) -> FloatTensor<Self> {
        let operation = SumBackward.prepare::<C>([a.node(), b.node()]);
        let y = Flex::sum_relu(a.into_primitive(), b.into_primitive(), slope);
        match operation.compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((y.clone(), slope), y),
            OpsKind::UnTracked(prep) => prep.finish(y),
        }
    }

    fn upsampled(x: FloatTensor<Self>) -> FloatTensor<Self> {
        let operation = UpsampleBackward.prepare::<C>([x.node()]);
        let x = x.into_primitive();
        let shape = x.shape().dims();
        let y = Flex::upsampled(x);
        match operation.compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(shape, y),
            OpsKind::UnTracked(prep) => prep.finish(y),
        }
    }

    fn mean_places(x: FloatTensor<Self>) -> FloatTensor<Self> {
        let operation = MeanBackward.prepare::<C>([x.node()]);
        let x = x.into_primitive();
        let shape = (x.shape().dims(), x.dtype());
        let y = Flex::mean_places(x);
        match operation.compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(shape, y),
            OpsKind::UnTracked(prep) => prep.finish(y),
        }
    }

    fn plus_vector(x: FloatTensor<Self>, v: FloatTensor<Self>, slope: f32) -> FloatTensor<Self> {
        let operation = PlusBackward.prepare::<C>([x.node(), v.node()]);
        let y = Flex::plus_vector(x.into_primitive(), v.into_primitive(), slope);
        match operation.compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((y.clone(), slope), y),
            OpsKind::UnTracked(prep) => prep.finish(y),
        }
    }
}
