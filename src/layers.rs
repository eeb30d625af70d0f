//! The building blocks that the models share: a convolution, and one with its batch norm.

mod kernels;

use std::mem;

use burn::module::{Module, Param, ParamId};
use burn::nn::{BatchNorm, BatchNormConfig, Initializer, Linear};
use burn::tensor::{Device, Tensor};
use wordloom_kernels::Activation;
use wordloom_kernels::inference::{Fused, PrepackedConv};
#[cfg(feature = "train")]
use wordloom_kernels::training::onednn::{self, NormOptions};

#[cfg(feature = "cpu")]
use kernels::activate;
pub use kernels::single;
pub(crate) use kernels::{
    add, add_to_places, given, glu, join, matmul, matmuls, mean_over_places, planes, sigmoid,
};
use kernels::{conv2d, twice};

/// A weight to be drawn. A page only loads weights, and draws none: that would bring it burn's random
/// numbers, and the linear algebra of orthogonal matrices.
pub fn drawn<const D: usize>(
    initializer: &Initializer,
    shape: [usize; D],
    fan_in: usize,
    device: &Device,
) -> Param<Tensor<D>> {
    #[cfg(not(target_family = "wasm"))]
    return initializer.init_with(shape, Some(fan_in), None, device);
    #[cfg(target_family = "wasm")]
    {
        let _ = (initializer, fan_in);
        hollow(shape, device)
    }
}

/// A weight that has a shape, and takes no memory.
fn hollow<const D: usize>(shape: [usize; D], device: &Device) -> Param<Tensor<D>> {
    let zeros = move |device: &Device, _| Tensor::zeros(shape, device);
    Param::uninitialized(ParamId::new(), zeros, device.clone(), false, shape.into())
}

/// A linear map to be drawn.
pub fn drawn_linear(
    from: usize,
    to: usize,
    bias: bool,
    initializer: &Initializer,
    device: &Device,
) -> Linear {
    Linear {
        weight: drawn(initializer, [from, to], from, device),
        bias: bias.then(|| drawn(initializer, [to], from, device)),
    }
}

/// A square, zero-padded convolution.
#[derive(Module, Debug)]
pub struct Conv {
    /// `[channels_out, channels_in, kernel, kernel]`
    pub weight: Param<Tensor<4>>,
    /// `[channels_out]`
    pub bias: Option<Param<Tensor<1>>>,
    stride: usize,
    padding: usize,
    /// Where the weight went, after [`prepack`](Self::prepack).
    #[module(skip)]
    prepacked: Option<PrepackedConv>,
}

impl Conv {
    /// A convolution with an odd kernel that keeps height and width.
    pub fn same(
        from: usize,
        to: usize,
        kernel: usize,
        bias: bool,
        initializer: Initializer,
        device: &Device,
    ) -> Self {
        let fan_in = from * kernel * kernel;
        let zeros = Initializer::Zeros;
        Self {
            weight: drawn(&initializer, [to, from, kernel, kernel], fan_in, device),
            bias: bias.then(|| drawn(&zeros, [to], fan_in, device)),
            stride: 1,
            padding: kernel / 2,
            prepacked: None,
        }
    }

    /// A 4x4 convolution with stride 2, which halves even heights and widths.
    pub fn half(
        from: usize,
        to: usize,
        bias: bool,
        initializer: Initializer,
        device: &Device,
    ) -> Self {
        Self {
            stride: 2,
            padding: 1,
            ..Self::same(from, to, 4, bias, initializer, device)
        }
    }

    /// Without padding, so that a map as large as the kernel becomes one position.
    pub fn valid(self) -> Self {
        Self { padding: 0, ..self }
    }

    /// Prepacks the weight as the kernel for inference reads it, where there is one, and lets go of it.
    pub fn prepack(&mut self) {
        let device = self.weight.lazy_device();
        if !PrepackedConv::runs_on(&device) {
            return;
        }
        let hollow = hollow(self.weight.lazy_shape().dims(), &device);
        let weight = mem::replace(&mut self.weight, hollow).into_value();
        let bias = self.bias.as_ref().map(Param::val);
        self.prepacked = Some(PrepackedConv::new(weight, bias, self.stride, self.padding));
    }

    /// # Shapes
    /// - `x`: `[b, channels_in, h, w]`
    /// - output: `[b, channels_out, h / stride, w / stride]`
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        self.activated(x, Activation::None)
    }

    /// With a ReLU behind it.
    pub fn forward_relu(&self, x: Tensor<4>) -> Tensor<4> {
        self.activated(x, Activation::RELU)
    }

    /// With an activation behind it.
    pub fn activated(&self, x: Tensor<4>, activation: Activation) -> Tensor<4> {
        if let Some(prepacked) = &self.prepacked {
            let upsample = false;
            let fused = Fused {
                upsample,
                activation,
            };
            return prepacked.forward(x, fused);
        }
        let bias = self.bias.as_ref().map(Param::val);
        let (stride, padding) = (self.stride, self.padding);
        conv2d(x, self.weight.val(), bias, stride, padding, activation)
    }
}

/// A linear map of `[b, in]` to `[b, out]`.
pub fn linear(map: &Linear, x: Tensor<2>) -> Tensor<2> {
    let y = matmul(x, map.weight.val());
    match &map.bias {
        Some(bias) => y + bias.val().unsqueeze(),
        None => y,
    }
}

/// A convolution and its batch norm; once folded, a convolution with a bias.
#[derive(Module, Debug)]
pub struct ConvNorm {
    /// Without a bias while there is a norm.
    pub conv: Conv,
    /// Gone after [`fold`](Self::fold).
    pub norm: Option<BatchNorm>,
}

impl ConvNorm {
    /// Puts a batch norm (eps 1e-5) behind a convolution without bias.
    pub fn new(conv: Conv, device: &Device) -> Self {
        let channels = conv.weight.lazy_shape()[0]; // does not draw the weights yet
        let norm = Some(BatchNormConfig::new(channels).init(device));
        Self { conv, norm }
    }

    /// # Shapes
    /// Those of [`Conv::forward`].
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        self.activated(x, Activation::None)
    }

    /// With a ReLU behind it.
    pub fn forward_relu(&self, x: Tensor<4>) -> Tensor<4> {
        self.activated(x, Activation::RELU)
    }

    /// With an activation behind it.
    pub fn activated(&self, x: Tensor<4>, activation: Activation) -> Tensor<4> {
        // Packed models are folded: other builds meet no norm.
        #[cfg(feature = "train")]
        if let Some(norm) = self
            .norm
            .as_ref()
            .filter(|norm| norm.training.is_enabled() && onednn::takes(&x))
        {
            return trained(norm, &self.conv, x, activation);
        }
        #[cfg(feature = "cpu")]
        if let Some(norm) = &self.norm {
            return activate(
                given(norm.forward(single(self.conv.forward(x)))),
                activation,
            );
        }
        self.conv.activated(x, activation)
    }

    /// On a map of twice the height and width (nearest neighbour), with an activation behind it.
    pub fn upsampled(&self, x: Tensor<4>, activation: Activation) -> Tensor<4> {
        if let Some(prepacked) = &self.conv.prepacked {
            let upsample = true;
            let fused = Fused {
                upsample,
                activation,
            };
            return prepacked.forward(x, fused);
        }
        self.activated(twice(x), activation)
    }

    /// Folds the norm's running statistics into the convolution: the same function at inference,
    /// `w' = w gamma / sqrt(var + eps)`, `b' = beta - mean gamma / sqrt(var + eps)`.
    pub fn fold(&mut self) {
        let Some(norm) = self.norm.take() else { return };
        let var = norm.running_var.value_sync();
        let scale = norm.gamma.val() / (var + norm.epsilon).sqrt();
        let bias = norm.beta.val() - norm.running_mean.value_sync() * scale.clone();
        let channels = scale.dims()[0];
        let weight = self.conv.weight.val() * scale.reshape([channels, 1, 1, 1]);
        self.conv.weight = Param::from_tensor(weight);
        self.conv.bias = Some(Param::from_tensor(bias));
    }
}

/// The convolution and the norm by the batch's own statistics, where oneDNN is used.
#[cfg(feature = "train")]
fn trained(norm: &BatchNorm, conv: &Conv, x: Tensor<4>, activation: Activation) -> Tensor<4> {
    let options = NormOptions {
        stride: conv.stride,
        padding: conv.padding,
        epsilon: norm.epsilon as f32,
        slope: activation.slope() as f32,
    };
    let (gamma, beta) = (norm.gamma.val(), norm.beta.val());
    let normed = onednn::conv_norm(x, conv.weight.val(), gamma, beta, options);
    let moved = |running: Tensor<1>, now: Tensor<1>| {
        let moved = running * (1.0 - norm.momentum) + now.detach() * norm.momentum;
        moved.detach()
    };
    let mean = moved(norm.running_mean.value_sync(), normed.mean);
    let variance = moved(norm.running_var.value_sync(), normed.variance);
    norm.running_mean.update(mean);
    norm.running_var.update(variance);
    normed.output
}
