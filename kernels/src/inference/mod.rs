//! Kernels for inference. Weights of convolutions are prepacked once, when a model is loaded, in the order
//! in which a device reads them; upsampling before, and bias and activation behind it cost no pass of
//! their own.

#[cfg(feature = "cpu")]
mod cpu;
#[cfg(feature = "gpu")]
mod gpu;

use burn::tensor::{Device, Tensor};

use crate::Activation;

/// A convolution with its weights prepacked for its device.
#[derive(Debug, Clone)]
pub struct PrepackedConv {
    shape: Shape,
    weights: Weights,
}

#[derive(Debug, Clone)]
enum Weights {
    #[cfg(feature = "cpu")]
    Cpu(std::sync::Arc<cpu::Weights>),
    #[cfg(feature = "gpu")]
    Gpu(gpu::Weights),
}

#[derive(Debug, Clone, Copy)]
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

/// What is fused with a convolution.
#[derive(Debug, Clone, Copy)]
pub struct Fused {
    /// Nearest neighbour, twice the height and width, before it.
    pub upsample: bool,
    /// Its epilogue.
    pub activation: Activation,
}

impl Fused {
    /// A convolution by itself.
    pub const NOTHING: Self = Self {
        upsample: false,
        activation: Activation::None,
    };

    fn scale(&self) -> usize {
        if self.upsample { 2 } else { 1 }
    }
}

impl PrepackedConv {
    /// Whether there is such a kernel for a device: for all but some of the trainer's.
    pub fn runs_on(device: &Device) -> bool {
        #[cfg(feature = "cpu")]
        if crate::is_flex(device) {
            return true;
        }
        let _ = device;
        cfg!(feature = "gpu")
    }

    /// Prepacks `weight` `[out, in, kernel, kernel]`.
    ///
    /// # Panics
    /// On a device that it does not [run on](Self::runs_on).
    pub fn new(weight: Tensor<4>, bias: Option<Tensor<1>>, stride: usize, padding: usize) -> Self {
        let [out, cin, kernel, _] = weight.dims();
        let shape = Shape {
            cin,
            out,
            kernel,
            stride,
            padding,
        };
        #[cfg(feature = "cpu")]
        if crate::is_flex(&weight.device()) {
            let weights = Weights::Cpu(cpu::Weights::new(weight, bias, shape).into());
            return Self { shape, weights };
        }
        #[cfg(feature = "gpu")]
        return Self {
            weights: Weights::Gpu(gpu::Weights::new(weight, bias)),
            shape,
        };
        #[cfg(not(feature = "gpu"))]
        panic!("conv2d: no kernel for {:?}", weight.device())
    }

    /// # Shapes
    /// - `x`: `[batch, in, h, w]`
    /// - output: `[batch, out, (H + 2 padding - kernel) / stride + 1, ...]` with `H` of `h`, or
    ///   of twice `h` when upsampled
    pub fn forward(&self, x: Tensor<4>, fused: Fused) -> Tensor<4> {
        let [_, channels, _, _] = x.dims();
        assert_eq!(channels, self.shape.cin, "conv2d: the input's channels");
        match &self.weights {
            #[cfg(feature = "cpu")]
            Weights::Cpu(weights) => cpu::forward(x, weights, self.shape, fused),
            #[cfg(feature = "gpu")]
            Weights::Gpu(weights) => gpu::forward(x, weights, self.shape, fused),
        }
    }
}

/// The matrix product `[m, k]` by `[k, n]` on the same devices: on the CPU for few rows, which sentences have, and
/// on a GPU as a 1x1 convolution of `n` positions.
pub fn matmul(a: Tensor<2>, b: Tensor<2>) -> Tensor<2> {
    #[cfg(feature = "cpu")]
    if crate::is_flex(&a.device()) {
        return cpu::rows_by_matrix(a, b);
    }
    let ([m, k], [_, n]) = (a.dims(), b.dims());
    let (x, weight) = (b.reshape([1, k, 1, n]), a.reshape([m, k, 1, 1]));
    let product = PrepackedConv::new(weight, None, 1, 0).forward(x, Fused::NOTHING);
    product.reshape([m, n])
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::activation::leaky_relu;
    use burn::tensor::module::{conv2d, interpolate};
    use burn::tensor::ops::{ConvOptions, InterpolateMode, InterpolateOptions};
    use burn::tensor::{Distribution, Tolerance};

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
            for (upsample, slope) in [(false, 1.0), (false, 0.2), (true, 0.0)] {
                // Sums are then of about 1, of which Winograd's transforms lose little.
                let deviation = 1.0 / ((cin * kernel * kernel) as f64).sqrt();
                let weight = random([cout, cin, kernel, kernel], deviation);
                let x = random([b, cin, h, w], 1.0);
                let bias = random([1, 1, 1, cout], 1.0).reshape([cout]);
                let prepacked =
                    PrepackedConv::new(weight.clone(), Some(bias.clone()), stride, padding);
                let activation = match slope {
                    1.0 => Activation::None,
                    slope => Activation::LeakyRelu(slope),
                };
                let fused = Fused {
                    upsample,
                    activation,
                };
                let ours = prepacked.forward(x.clone(), fused);

                let larger = InterpolateOptions::new(InterpolateMode::Nearest)
                    .with_output_size([2 * h, 2 * w]);
                let x = if upsample { interpolate(x, larger) } else { x };
                let options = ConvOptions::new([stride; 2], [padding; 2], [1, 1], 1);
                let burns = leaky_relu(conv2d(x, weight, Some(bias), options), slope);
                let near = Tolerance::<f32>::rel_abs(1e-4, 5e-4);
                ours.into_data().assert_approx_eq(&burns.into_data(), near);
            }
        }
    }
}
