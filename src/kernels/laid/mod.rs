//! Convolutions for inference on the CPU: weights are laid out once, when a model is loaded, in
//! the order in which the matrix product reads them; enlarging before, and bias and activation
//! behind it cost no pass of their own.

mod columns;
mod product;
mod winograd;

use std::sync::Arc;

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::Tensor;

use super::{floats, is_flex, tensor};
use product::Panels;

/// Fewer channels than these, and transforming them costs more than Winograd's products save.
const WINOGRAD_CHANNELS: usize = 16;

/// A convolution with its weights laid out for the CPU.
#[derive(Debug)]
pub struct LaidConv {
    shape: Shape,
    weights: Weights,
    bias: Vec<f32>,
}

#[derive(Debug)]
enum Weights {
    Columns(Panels),
    Winograd(Vec<Panels>),
}

#[derive(Debug)]
struct Shape {
    cin: usize,
    out: usize,
    kernel: usize,
    stride: usize,
    padding: usize,
}

impl Shape {
    fn output(&self, input: [usize; 2]) -> [usize; 2] {
        input.map(|side| (side + 2 * self.padding - self.kernel) / self.stride + 1)
    }
}

/// What is behind the sum of a convolution, and before it.
#[derive(Debug, Clone, Copy)]
pub struct Around {
    /// Nearest neighbour, twice the height and width, before the convolution.
    pub enlarge: bool,
    /// Slope of the leaky ReLU behind it: 0 is a ReLU, 1 none.
    pub slope: f64,
}

/// One picture `[channels, height, width]`; height and width are those after enlarging.
#[derive(Clone, Copy)]
struct Picture<'a> {
    values: &'a [f32],
    height: usize,
    width: usize,
    enlarge: bool,
}

impl Picture<'_> {
    /// Copies a channel to where lines are `stride` apart.
    fn channel(&self, c: usize, to: &mut [f32], stride: usize) {
        let scale = if self.enlarge { 2 } else { 1 };
        let (h, w) = (self.height / scale, self.width / scale);
        let lines = self.values[c * h * w..][..h * w].chunks_exact(w);
        for (y, line) in lines.enumerate() {
            if self.enlarge {
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

impl LaidConv {
    /// Lays out `weight` `[out, in, kernel, kernel]`; nothing on a device that is not the CPU.
    pub fn new(
        weight: Tensor<4>,
        bias: Option<Tensor<1>>,
        stride: usize,
        padding: usize,
    ) -> Option<Arc<Self>> {
        if !is_flex(weight.device().as_dispatch()) {
            return None;
        }
        let [out, cin, kernel, _] = weight.dims();
        let values = |data: burn::tensor::TensorData| data.try_to_vec().ok();
        let weight: Vec<f32> = values(weight.into_data())?;
        let bias = match bias {
            Some(bias) => values(bias.into_data())?,
            None => vec![0.0; out],
        };
        let winograd = kernel == 3 && stride == 1 && padding == 1;
        let weights = if winograd && cin.min(out) >= WINOGRAD_CHANNELS {
            Weights::Winograd(winograd::lay_out(&weight, cin))
        } else {
            Weights::Columns(Panels::new(&weight, cin * kernel * kernel))
        };
        let shape = Shape {
            cin,
            out,
            kernel,
            stride,
            padding,
        };
        Some(Arc::new(Self {
            shape,
            weights,
            bias,
        }))
    }

    /// # Shapes
    /// - `x`: `[batch, in, h, w]`
    /// - output: `[batch, out, (H + 2 padding - kernel) / stride + 1, ...]` with `H` of `h`, or
    ///   of twice `h` when enlarged
    pub fn forward(self: &Arc<Self>, x: Tensor<4>, around: Around) -> Tensor<4> {
        let y = <Dispatch as LaidKernels>::laid(x.into_dispatch(), self.clone(), around);
        Tensor::from_dispatch(y)
    }

    fn run(&self, picture: Picture, slope: f32, y: &mut [f32]) {
        let finish = |o: usize, sum: f32| {
            let sum = sum + self.bias[o];
            if sum < 0.0 { sum * slope } else { sum }
        };
        match &self.weights {
            Weights::Columns(panels) => columns::run(panels, &self.shape, picture, finish, y),
            Weights::Winograd(panels) => winograd::run(panels, &self.shape, picture, finish, y),
        }
    }
}

#[backend_extension(Flex)]
trait LaidKernels: Backend {
    fn laid(x: FloatTensor<Self>, conv: Arc<LaidConv>, around: Around) -> FloatTensor<Self>;
}

impl LaidKernels for Flex {
    fn laid(x: FloatTensor<Self>, conv: Arc<LaidConv>, around: Around) -> FloatTensor<Self> {
        let x = x.to_contiguous();
        let &[batch, cin, h, w] = &x.shape()[..] else {
            panic!("conv2d: the input is not of rank 4: {:?}", x.shape())
        };
        assert_eq!(cin, conv.shape.cin, "conv2d: the input's channels");
        let scale = if around.enlarge { 2 } else { 1 };
        let [oh, ow] = conv.shape.output([h * scale, w * scale]);
        let mut y = vec![0.0; batch * conv.shape.out * oh * ow];
        let pictures = floats(&x).chunks_exact(cin * h * w);
        for (values, y) in pictures.zip(y.chunks_exact_mut(conv.shape.out * oh * ow)) {
            let picture = Picture {
                values,
                height: h * scale,
                width: w * scale,
                enlarge: around.enlarge,
            };
            conv.run(picture, around.slope as f32, y);
        }
        tensor(y, [batch, conv.shape.out, oh, ow])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::activation::leaky_relu;
    use burn::tensor::module::{conv2d, interpolate};
    use burn::tensor::ops::{ConvOptions, InterpolateMode, InterpolateOptions};
    use burn::tensor::{Device, Distribution, Tolerance};

    /// (batch, channels in and out, height, width, kernel, stride, padding)
    const SHAPES: [[usize; 8]; 9] = [
        [1, 1, 1, 1, 1, 1, 1, 0],
        [2, 3, 5, 7, 9, 3, 1, 1],
        [3, 8, 4, 16, 12, 4, 2, 1],
        [1, 32, 4, 13, 22, 3, 1, 1],
        [2, 4, 1, 4, 4, 4, 1, 0],
        [1, 64, 32, 64, 48, 3, 1, 1],
        [2, 16, 16, 5, 3, 3, 1, 1],
        [1, 17, 19, 33, 21, 3, 1, 1],
        [1, 128, 64, 16, 18, 1, 1, 0],
    ];

    #[test]
    fn agrees_with_burn_on_random_shapes() {
        let device = Device::flex();
        let random = |shape: [usize; 4], deviation: f64| -> Tensor<4> {
            Tensor::random(shape, Distribution::Normal(0.0, deviation), &device)
        };
        for [b, cin, cout, h, w, kernel, stride, padding] in SHAPES {
            for (enlarge, slope) in [(false, 1.0), (false, 0.2), (true, 0.0)] {
                // Sums are then of about 1, of which Winograd's transforms lose little.
                let deviation = 1.0 / ((cin * kernel * kernel) as f64).sqrt();
                let weight = random([cout, cin, kernel, kernel], deviation);
                let x = random([b, cin, h, w], 1.0);
                let bias = random([1, 1, 1, cout], 1.0).reshape([cout]);
                let laid = LaidConv::new(weight.clone(), Some(bias.clone()), stride, padding);
                let ours = laid
                    .expect("the CPU")
                    .forward(x.clone(), Around { enlarge, slope });

                let larger = InterpolateOptions::new(InterpolateMode::Nearest)
                    .with_output_size([2 * h, 2 * w]);
                let x = if enlarge { interpolate(x, larger) } else { x };
                let options = ConvOptions::new([stride; 2], [padding; 2], [1, 1], 1);
                let burns = leaky_relu(conv2d(x, weight, Some(bias), options), slope);
                let near = Tolerance::<f32>::rel_abs(1e-4, 5e-4);
                ours.into_data().assert_approx_eq(&burns.into_data(), near);
            }
        }
    }
}
