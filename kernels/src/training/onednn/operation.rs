//! An operation on maps and its gradient, as burn and its automatic differentiation call them.

use std::fmt::Debug;
use std::marker::PhantomData;

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::{Autodiff, Backend, Dispatch, backend_extension};

use super::*;

/// What is computed of `N` tensors.
pub(super) trait Operation<const N: usize>: Debug + Send + 'static {
    /// What the gradient needs, and whoever asked for the operation.
    type Kept: Debug + Clone + Send + 'static;

    /// The result. `T` is the type of the first tensor.
    fn forward<T: Value>(self, given: [Array; N]) -> (Array, Self::Kept);

    /// The gradients of what was given, those at least that are wanted, by the result's.
    fn backward<T: Value>(
        kept: Self::Kept,
        gradient: Array,
        wanted: [bool; N],
    ) -> [Option<Array>; N];
}

/// What an operation makes of a tensor.
pub(super) fn of_one<const A: usize, const D: usize>(
    operation: impl Operation<1>,
    x: Tensor<A>,
) -> Tensor<D> {
    let (y, _) = <Dispatch as Operations>::one(operation, x.into_dispatch());
    Tensor::from_dispatch(y)
}

/// What it makes of maps and another tensor.
pub(super) fn of_two<const D: usize>(
    operation: impl Operation<2>,
    a: Tensor<4>,
    b: Tensor<D>,
) -> Tensor<4> {
    let (a, b) = (a.into_dispatch(), b.into_dispatch());
    let (y, _) = <Dispatch as Operations>::two(operation, a, b);
    Tensor::from_dispatch(y)
}

/// What it makes of maps, a weight and two numbers of each channel, and what it keeps.
pub(super) fn of_four<O: Operation<4>>(
    operation: O,
    x: Tensor<4>,
    weight: Tensor<4>,
    [a, b]: [Tensor<1>; 2],
) -> (Tensor<4>, O::Kept) {
    let (x, weight) = (x.into_dispatch(), weight.into_dispatch());
    let [a, b] = [a, b].map(Tensor::into_dispatch);
    let (y, kept) = <Dispatch as Operations>::four(operation, x, weight, a, b);
    (Tensor::from_dispatch(y), kept)
}

#[backend_extension(Flex, Autodiff)]
trait Operations: Backend {
    fn one<O: Operation<1>>(operation: O, a: FloatTensor<Self>) -> (FloatTensor<Self>, O::Kept);
    fn two<O: Operation<2>>(
        operation: O,
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, O::Kept);
    fn four<O: Operation<4>>(
        operation: O,
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        c: FloatTensor<Self>,
        d: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, O::Kept);
}

impl Operations for Flex {
    fn one<O: Operation<1>>(operation: O, a: Array) -> (Array, O::Kept) {
        computed(operation, [a])
    }

    fn two<O: Operation<2>>(operation: O, a: Array, b: Array) -> (Array, O::Kept) {
        computed(operation, [a, b])
    }

    fn four<O: Operation<4>>(
        operation: O,
        a: Array,
        b: Array,
        c: Array,
        d: Array,
    ) -> (Array, O::Kept) {
        computed(operation, [a, b, c, d])
    }
}

/// A tensor with its place in the graph, whichever checkpoints that keeps.
type Tracked = FloatTensor<Autodiff<Flex>>;

impl<C: CheckpointStrategy> Operations for Autodiff<Flex, C> {
    fn one<O: Operation<1>>(operation: O, a: Tracked) -> (Tracked, O::Kept) {
        tracked::<C, _, _>(operation, [a])
    }

    fn two<O: Operation<2>>(operation: O, a: Tracked, b: Tracked) -> (Tracked, O::Kept) {
        tracked::<C, _, _>(operation, [a, b])
    }

    fn four<O: Operation<4>>(
        operation: O,
        a: Tracked,
        b: Tracked,
        c: Tracked,
        d: Tracked,
    ) -> (Tracked, O::Kept) {
        tracked::<C, _, _>(operation, [a, b, c, d])
    }
}

/// The result, and what its gradient needs.
fn computed<O: Operation<N>, const N: usize>(operation: O, given: [Array; N]) -> (Array, O::Kept) {
    match given[0].dtype() {
        DType::BF16 => operation.forward::<bf16>(given),
        _ => operation.forward::<f32>(given),
    }
}

/// The same, with its gradient to follow.
fn tracked<C: CheckpointStrategy, O: Operation<N>, const N: usize>(
    operation: O,
    given: [Tracked; N],
) -> (Tracked, O::Kept) {
    let nodes = given.each_ref().map(|x| x.node());
    let step = Gradient::<O>(PhantomData).prepare::<C>(nodes);
    let given = given.map(|x| x.into_primitive());
    let of = given[0].dtype();
    let (y, kept) = computed(operation, given);
    let y = match step.compute_bound().stateful() {
        OpsKind::Tracked(step) => step.finish((kept.clone(), of), y),
        OpsKind::UnTracked(step) => step.finish(y),
    };
    (y, kept)
}

/// The gradient of an operation.
#[derive(Debug)]
struct Gradient<O>(PhantomData<O>);

impl<O: Operation<N>, const N: usize> Backward<Flex, N> for Gradient<O> {
    /// With the type of the first tensor that was given.
    type State = (O::Kept, DType);

    fn backward(self, ops: Ops<Self::State, N>, grads: &mut Gradients, _: &mut Checkpointer) {
        let (gradient, (kept, of)) = (grads.consume::<Flex>(&ops.node), ops.state);
        let wanted = ops.parents.each_ref().map(Option::is_some);
        let gradients = match of {
            DType::BF16 => O::backward::<bf16>(kept, gradient, wanted),
            _ => O::backward::<f32>(kept, gradient, wanted),
        };
        for (node, gradient) in ops.parents.into_iter().zip(gradients) {
            if let (Some(node), Some(gradient)) = (node, gradient) {
                grads.register::<Flex>(node.id, gradient);
            }
        }
    }
}
