//! Conditioning augmentation: a sentence embedding becomes a distribution, from which a generator's condition
//! is drawn.

use burn::module::Module;
use burn::nn::{Initializer, Linear};
use burn::tensor::activation::leaky_relu;
use burn::tensor::{Device, Tensor};

use crate::layers::{drawn_linear, linear};

/// Conditioning augmentation (Zhang et al., StackGAN, section 3.2; Mao et al., section 3):
/// a sentence becomes a normal distribution from which the generator's condition is drawn.
#[derive(Module, Debug)]
pub struct Condition {
    mu: Linear,
    log_sigma: Linear,
}

/// Mean and logarithm of the deviation of a condition, both `[b, condition]`.
#[derive(Debug, Clone)]
pub struct Distribution {
    /// Mean.
    pub mu: Tensor<2>,
    /// Logarithm of the standard deviation.
    pub log_sigma: Tensor<2>,
}

impl Condition {
    /// Draws the weights of the maps from a sentence embedding to a condition of this size.
    pub fn new(sentence: usize, size: usize, device: &Device) -> Self {
        let uniform = Initializer::KaimingUniform {
            gain: 1.0 / 3f64.sqrt(),
            fan_out_only: false,
        };
        let map = || drawn_linear(sentence, size, false, &uniform, device);
        Self {
            mu: map(),
            log_sigma: map(),
        }
    }

    /// The numbers that a condition has.
    pub fn size(&self) -> usize {
        self.mu.weight.lazy_shape()[1]
    }

    /// The numbers that a sentence embedding has.
    pub fn sentence_size(&self) -> usize {
        self.mu.weight.lazy_shape()[0]
    }

    /// # Shapes
    /// - `sentence`: `[b, 256]`
    pub fn forward(&self, sentence: Tensor<2>) -> Distribution {
        Distribution {
            mu: leaky_relu(linear(&self.mu, sentence.clone()), 0.2),
            log_sigma: leaky_relu(linear(&self.log_sigma, sentence), 0.2),
        }
    }
}

impl Distribution {
    /// `mu + exp(log_sigma) * z`; the mean itself without `z`.
    pub fn draw(&self, z: Option<Tensor<2>>) -> Tensor<2> {
        match z {
            Some(z) => self.mu.clone() + self.log_sigma.clone().exp() * z,
            None => self.mu.clone(),
        }
    }
}
