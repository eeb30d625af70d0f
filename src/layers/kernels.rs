//! Which kernel computes what is not prepacked: in training oneDNN and what is beside it, where it is used, else burn, which
//! has the product of large matrices as well; a page has only the kernels for inference.

use burn::tensor::Tensor;
use burn::tensor::activation::{self, leaky_relu, relu};
#[cfg(feature = "train")]
use burn::tensor::module::conv2d as burn_conv2d;
use burn::tensor::module::interpolate;
#[cfg(feature = "train")]
use burn::tensor::ops::ConvOptions;
use burn::tensor::ops::{InterpolateMode, InterpolateOptions};
use wordloom_kernels::Activation;
use wordloom_kernels::inference;
#[cfg(not(feature = "train"))]
use wordloom_kernels::inference::{Fused, PrepackedConv};
#[cfg(feature = "train")]
use wordloom_kernels::training::onednn;

/// A convolution, zero padded, with an activation behind it.
pub fn conv2d(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    stride: usize,
    padding: usize,
    activation: Activation,
) -> Tensor<4> {
    #[cfg(feature = "train")]
    {
        if onednn::takes(&x) {
            let y = onednn::conv2d(x, weight, stride, padding);
            return match bias {
                Some(bias) => onednn::add_to_all(y, bias, activation.slope()),
                None => activate(y, activation),
            };
        }
        let options = ConvOptions::new([stride; 2], [padding; 2], [1, 1], 1);
        activate(burn_conv2d(x, weight, bias, options), activation)
    }
    #[cfg(not(feature = "train"))]
    activate(
        PrepackedConv::new(weight, bias, stride, padding).forward(x, Fused::NOTHING),
        activation,
    )
}

/// An activation by itself.
pub fn activate(x: Tensor<4>, activation: Activation) -> Tensor<4> {
    match activation {
        Activation::None => x,
        Activation::LeakyRelu(0.0) => relu(x),
        Activation::LeakyRelu(slope) => leaky_relu(x, slope),
    }
}

/// What a network is given, as maps for oneDNN where that is used.
pub fn given(x: Tensor<4>) -> Tensor<4> {
    #[cfg(feature = "train")]
    return onednn::given(x);
    #[cfg(not(feature = "train"))]
    x
}

/// The places of each channel, `[b, c, h w]`, in single precision.
pub fn planes(x: Tensor<4>) -> Tensor<3> {
    #[cfg(feature = "train")]
    if onednn::takes(&x) {
        return onednn::float(x).swap_dims(1, 2);
    }
    x.flatten(2, 3)
}

/// A map in single precision.
pub fn single(x: Tensor<4>) -> Tensor<4> {
    let shape = x.dims();
    planes(x).reshape(shape)
}

/// The activation of `a + b`.
pub fn add(a: Tensor<4>, b: Tensor<4>, activation: Activation) -> Tensor<4> {
    #[cfg(feature = "train")]
    if onednn::takes(&a) {
        return onednn::add(a, b, activation.slope());
    }
    activate(a + b, activation)
}

/// `x[b, c, h, w] + v[b, c]`
pub fn add_to_places(x: Tensor<4>, v: Tensor<2>) -> Tensor<4> {
    #[cfg(feature = "train")]
    if onednn::takes(&x) {
        return onednn::add_to_places(x, v, Activation::None.slope());
    }
    let [b, c] = v.dims();
    x + v.reshape([b, c, 1, 1])
}

/// The mean over all places of `[b, c, h, w]`, `[b, c]`.
pub fn mean_over_places(x: Tensor<4>) -> Tensor<2> {
    #[cfg(feature = "train")]
    if onednn::takes(&x) {
        return onednn::mean_over_places(x);
    }
    planes(x).mean_dim(2).squeeze_dim(2)
}

/// The channels of several maps, one behind the other.
pub fn join(maps: Vec<Tensor<4>>) -> Tensor<4> {
    #[cfg(feature = "train")]
    if maps.iter().all(onednn::takes) {
        let joined = maps.into_iter().reduce(onednn::join);
        return joined.expect("a map");
    }
    Tensor::cat(maps, 1)
}

/// Twice the height and width, nearest neighbour.
pub fn twice(x: Tensor<4>) -> Tensor<4> {
    #[cfg(feature = "train")]
    if onednn::takes(&x) {
        return onednn::upsample(x);
    }
    let [_, _, h, w] = x.dims();
    let nearest = InterpolateOptions::new(InterpolateMode::Nearest);
    interpolate(x, nearest.with_output_size([2 * h, 2 * w]))
}

/// The sigmoid of logits.
pub fn sigmoid(x: Tensor<3>) -> Tensor<3> {
    #[cfg(feature = "train")]
    if onednn::takes_single(&x) {
        return onednn::sigmoid(x);
    }
    activation::sigmoid(x)
}

/// Gated linear units (Dauphin et al. 2017): one half of the channels, each let through as far as its partner in the
/// other half says.
pub fn glu(x: Tensor<4>) -> Tensor<4> {
    #[cfg(feature = "train")]
    if onednn::takes(&x) {
        return onednn::glu(x);
    }
    let half = x.dims()[1] / 2;
    x.clone().narrow(1, 0, half) * activation::sigmoid(x.narrow(1, half, half))
}

/// The matrix product `[m, k]` by `[k, n]`.
pub fn matmul(a: Tensor<2>, b: Tensor<2>) -> Tensor<2> {
    #[cfg(feature = "train")]
    {
        /// More rows are worth a general product.
        const FEW: usize = 32;
        let device = a.device();
        if a.dims()[0] > FEW || device.is_autodiff() || !wordloom_kernels::is_flex(&device) {
            return a.matmul(b);
        }
    }
    inference::matmul(a, b)
}

/// The matrix products of each `[m, k]` with its `[k, n]`, in `[b, m, k]` and `[b, k, n]`.
pub fn matmuls(a: Tensor<3>, b: Tensor<3>) -> Tensor<3> {
    #[cfg(feature = "train")]
    if a.device().is_autodiff() {
        return a.matmul(b);
    }
    let of = |whole: &Tensor<3>, i| whole.clone().narrow(0, i, 1).squeeze_dim(0);
    let each = (0..a.dims()[0]).map(|i| matmul(of(&a, i), of(&b, i)).unsqueeze());
    Tensor::cat(each.collect(), 0)
}
