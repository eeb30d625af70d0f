//! The gradients of the convolution for its input and its weight.

use super::*;
use crate::training::zeros;
use burn::backend::Autodiff;
use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};

/// Without the library, weight gradients are summed in this many parts, whatever the number of threads: a run with the
/// same seed gives the same weights.
const PARTS: usize = 8;

#[derive(Debug)]
struct ConvBackward;

/// What the gradients are made of.
#[derive(Debug, Clone)]
enum Kept {
    /// By our own kernels: both tensors.
    Ours(NodeId, NodeId),
    /// By the library: the map as it was given, channels last, and the weight.
    Library(Vec<f32>, FloatTensor<Flex>),
}

impl Backward<Flex, 2> for ConvBackward {
    type State = (Kept, ConvShape);

    fn backward(
        self,
        ops: Ops<Self::State, 2>,
        grads: &mut Gradients,
        checkpointer: &mut Checkpointer,
    ) {
        let grad = grads.consume::<Flex>(&ops.node).to_contiguous();
        let (grad, (kept, shape)) = (floats(&grad), ops.state);
        let wanted = [0, 1].map(|of| ops.parents[of].is_some());
        let gradients = match kept {
            Kept::Library(x, weight) => {
                planar::gradients(&(&shape).into(), &x, grad, floats(&weight), wanted)
            }
            Kept::Ours(x, weight) => {
                let x: FloatTensor<Flex> = checkpointer.retrieve_node_output(x);
                let weight: FloatTensor<Flex> = checkpointer.retrieve_node_output(weight);
                let (x, weight) = (x.to_contiguous(), weight.to_contiguous());
                let operations = shape.operations();
                let dx = || metered(operations, || input_gradient(&shape, floats(&weight), grad));
                let dw = || metered(operations, || weight_gradient(&shape, floats(&x), grad));
                [wanted[0].then(dx), wanted[1].then(dw)]
            }
        };
        let shapes = [
            [shape.batch, shape.cin, shape.h, shape.w],
            [shape.out, shape.cin, shape.k, shape.k],
        ];
        for ((node, gradient), shape) in ops.parents.into_iter().zip(gradients).zip(shapes) {
            if let (Some(node), Some(gradient)) = (node, gradient) {
                grads.register::<Flex>(node.id, flex(gradient, shape));
            }
        }
    }
}

impl<C: CheckpointStrategy> ConvKernels for Autodiff<Flex, C> {
    fn conv(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        stride: usize,
        padding: usize,
    ) -> FloatTensor<Self> {
        let shape = ConvShape::new(&x.shape(), &weight.shape(), stride, padding);
        let operation = ConvBackward.prepare::<C>([x.node(), weight.node()]);
        match operation.compute_bound().stateful() {
            OpsKind::Tracked(prep) if planar::is_used() => {
                let library = (&shape).into();
                let x = x.into_primitive().to_contiguous();
                let x = planar::channels_last(&library, floats(&x));
                let weight = weight.into_primitive().to_contiguous();
                let y = planar::forward(&library, &x, floats(&weight));
                let y = flex(y, [shape.batch, shape.out, shape.oh, shape.ow]);
                prep.finish((Kept::Library(x, weight), shape), y)
            }
            OpsKind::Tracked(mut prep) => {
                let kept = Kept::Ours(prep.checkpoint(&x), prep.checkpoint(&weight));
                let y = Flex::conv(x.into_primitive(), weight.into_primitive(), stride, padding);
                prep.finish((kept, shape), y)
            }
            OpsKind::UnTracked(prep) => prep.finish(Flex::conv(
                x.into_primitive(),
                weight.into_primitive(),
                stride,
                padding,
            )),
        }
    }
}

fn input_gradient(shape: &ConvShape, weight: &[f32], grad: &[f32]) -> Vec<f32> {
    let (depth, area) = (shape.depth(), shape.area());
    let picture = shape.cin * shape.h * shape.w;
    let mut dx = zeros(shape.batch * picture);
    grad.par_chunks(shape.out * area)
        .zip(dx.par_chunks_mut(picture))
        .for_each(|(grad, dx)| {
            let mut columns = Vec::new();
            for (y0, y1) in shape.tiles() {
                let tile = (y1 - y0) * shape.ow;
                columns.resize(depth * tile, 0.0);
                gemm(
                    Matrix::new(weight, depth).transposed(),
                    Matrix::new(&grad[y0 * shape.ow..], area),
                    (&mut columns, tile),
                    [depth, shape.out, tile],
                    false,
                );
                shape.col2im(&columns, (y0, y1), dx);
            }
        });
    dx
}

fn weight_gradient(shape: &ConvShape, x: &[f32], grad: &[f32]) -> Vec<f32> {
    let (depth, area) = (shape.depth(), shape.area());
    let pictures = shape.batch.div_ceil(PARTS);
    let parts: Vec<Vec<f32>> = x
        .par_chunks(pictures * shape.cin * shape.h * shape.w)
        .zip(grad.par_chunks(pictures * shape.out * area))
        .map(|(x, grad)| {
            let mut dw = vec![0.0; shape.out * depth];
            let mut columns = Vec::new();
            for (x, grad) in x
                .chunks(shape.cin * shape.h * shape.w)
                .zip(grad.chunks(shape.out * area))
            {
                for (y0, y1) in shape.tiles() {
                    let tile = (y1 - y0) * shape.ow;
                    columns.resize(depth * tile, 0.0);
                    shape.im2col(x, (y0, y1), &mut columns);
                    gemm(
                        Matrix::new(&grad[y0 * shape.ow..], area),
                        Matrix::new(&columns, tile).transposed(),
                        (&mut dw, depth),
                        [shape.out, tile, depth],
                        true,
                    );
                }
            }
            dw
        })
        .collect();
    let mut parts = parts.into_iter();
    let mut sum = parts.next().unwrap_or_default();
    for part in parts {
        sum.iter_mut().zip(part).for_each(|(a, b)| *a += b);
    }
    sum
}

impl ConvShape {
    /// Adds the columns of one tile back to where they were gathered from.
    fn col2im(&self, columns: &[f32], rows: (usize, usize), dx: &mut [f32]) {
        self.lines(rows, |start, input, from, to| {
            let line = &columns[start + from..start + to];
            if self.stride == 1 {
                let seen = &mut dx[input..input + line.len()];
                seen.iter_mut().zip(line).for_each(|(to, from)| *to += from);
            } else {
                let seen = dx[input..].iter_mut().step_by(self.stride);
                seen.zip(line).for_each(|(to, from)| *to += from);
            }
        });
    }
}
