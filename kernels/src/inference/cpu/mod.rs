//! On the CPU: Winograd's transforms where they save, the columns of a matrix product elsewhere.

mod columns;
mod product;
mod rows;
mod winograd;

pub use rows::rows_by_matrix;

use std::sync::Arc;

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::Tensor;

use super::{Fused, Shape};
use crate::flex::{flex, floats};
use product::Panels;

/// Fewer channels than these, and transforming them costs more than Winograd's products save.
const WINOGRAD_CHANNELS: usize = 16;

/// Weights in the order in which the matrix product reads them.
#[derive(Debug)]
pub struct Weights {
    panels: Form,
    bias: Vec<f32>,
}

#[derive(Debug)]
enum Form {
    Columns(Panels),
    Winograd(Panels),
}

/// One picture `[channels, height, width]`; height and width are those after upsampling.
#[derive(Clone, Copy)]
struct Picture<'a> {
    values: &'a [f32],
    height: usize,
    width: usize,
    upsample: bool,
}

impl Picture<'_> {
    /// Copies a channel to where lines are `stride` apart.
    fn channel(&self, c: usize, to: &mut [f32], stride: usize) {
        let scale = if self.upsample { 2 } else { 1 };
        let (h, w) = (self.height / scale, self.width / scale);
        let lines = self.values[c * h * w..][..h * w].chunks_exact(w);
        for (y, line) in lines.enumerate() {
            if self.upsample {
                for copy in 0..2 {
                    let to = &mut to[(2 * y + copy) * stride..][..2 * w];
                    for (to, value) in to.chunks_exact_mut(2).zip(line) {
                        to.fill(*value);
                    }
                }
            } else {
                to[y * stride..][..w].copy_from_slice(line);
            }
        }
    }
}

impl Weights {
    pub fn new(weight: Tensor<4>, bias: Option<Tensor<1>>, shape: Shape) -> Self {
        let weight = values(weight);
        let bias = bias.map_or_else(|| vec![0.0; shape.out], values);
        let winograd = shape.kernel == 3 && shape.stride == 1 && shape.padding == 1;
        let panels = if winograd && shape.cin.min(shape.out) >= WINOGRAD_CHANNELS {
            Form::Winograd(winograd::prepack(&weight, shape.cin))
        } else {
            Form::Columns(Panels::new(
                &weight,
                shape.cin * shape.kernel * shape.kernel,
            ))
        };
        Self { panels, bias }
    }

    fn run(&self, shape: Shape, picture: Picture, slope: f32, y: &mut [f32]) {
        let finish = |o: usize, sum: f32| {
            let sum = sum + self.bias[o];
            if sum < 0.0 { sum * slope } else { sum }
        };
        match &self.panels {
            Form::Columns(panels) => columns::run(panels, &shape, picture, finish, y),
            Form::Winograd(panels) => winograd::run(panels, &shape, picture, finish, y),
        }
    }
}

/// What a tensor holds; without a copy, if nobody else has it.
fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    let data = tensor.into_data();
    data.try_into_vec().expect("a float tensor has floats")
}

/// As [`PrepackedConv::forward`](super::PrepackedConv::forward).
pub fn forward(x: Tensor<4>, weights: &Arc<Weights>, shape: Shape, fused: Fused) -> Tensor<4> {
    let y = <Dispatch as CpuKernels>::conv(x.into_dispatch(), weights.clone(), shape, fused);
    Tensor::from_dispatch(y)
}

#[backend_extension(Flex)]
trait CpuKernels: Backend {
    fn conv(
        x: FloatTensor<Self>,
        weights: Arc<Weights>,
        shape: Shape,
        fused: Fused,
    ) -> FloatTensor<Self>;
}

impl CpuKernels for Flex {
    fn conv(
        x: FloatTensor<Self>,
        weights: Arc<Weights>,
        shape: Shape,
        fused: Fused,
    ) -> FloatTensor<Self> {
        let x = x.to_contiguous();
        let &[batch, cin, h, w] = &x.shape()[..] else {
            panic!("conv2d: the input is not of rank 4: {:?}", x.shape())
        };
        let scale = fused.scale();
        let [oh, ow] = shape.output([h * scale, w * scale]);
        let mut y = vec![0.0; batch * shape.out * oh * ow];
        let pictures = floats(&x).chunks_exact(cin * h * w);
        for (values, y) in pictures.zip(y.chunks_exact_mut(shape.out * oh * ow)) {
            let picture = Picture {
                values,
                height: h * scale,
                width: w * scale,
                upsample: fused.upsample,
            };
            weights.run(shape, picture, fused.activation.slope() as f32, y);
        }
        flex(y, [batch, shape.out, oh, ow])
    }
}
