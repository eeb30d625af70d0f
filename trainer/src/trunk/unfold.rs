//! The weights of a packed editor, for a training to go on with: batch norms that were folded are put behind their
//! convolutions again.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use burn::module::{Module, Param};
use burn::nn::BatchNormConfig;
use burn::tensor::{Device, Tensor};
use wordloom::layers::ConvNorm;
use wordloom::trunk::Trunk;

use super::{Networks, TrunkTraining, vocabulary};
use crate::heads;

/// The networks of a packed editor, and the command that trained them.
///
/// - `photos`: `[b, 3, size, size]` in [-1, 1]; what norms see of them are their first statistics
///
/// # Errors
/// A file that is no editor, or one of other sizes or words.
pub fn packed(
    file: &Path,
    config: &TrunkTraining,
    photos: Tensor<4>,
) -> Result<(Networks, String)> {
    let device = photos.device();
    let (model, _) = heads::editor(file)?;
    ensure!(
        model.vocabulary.to_json()? == vocabulary()?.to_json()?,
        "{} reads other words than are trained today",
        file.display()
    );
    let packed = Networks {
        trunk: unfolded(model.generator.trunk.to_device(&device), photos),
        text: model.text,
        head: model.generator.head,
    };
    let networks = Networks::new(config, &device);
    let networks = networks
        .try_load_record(packed.valid().into_record())
        .with_context(|| format!("{} has networks of other sizes", file.display()))?;
    Ok((networks, model.facts.command))
}

/// The same function with norms, by the statistics of these photos: each adds the bias that its convolution had,
/// and does nothing else to them.
fn unfolded(mut trunk: Trunk, photos: Tensor<4>) -> Trunk {
    let device = photos.device();
    let layers = trunk.norms().into_iter();
    let biases: Vec<Option<Tensor<1>>> = layers.map(|layer| with_norm(layer, &device)).collect();
    // What a layer sees is right once all before it are.
    for _ in 0..=biases.len() {
        trunk.forward(photos.clone());
        for (layer, bias) in trunk.norms().into_iter().zip(&biases) {
            matched(layer, bias);
        }
    }
    for norm in trunk
        .norms()
        .into_iter()
        .filter_map(|layer| layer.norm.as_mut())
    {
        norm.momentum = BatchNormConfig::new(1).momentum;
    }
    trunk
}

/// Puts a norm in whose statistics are the last batch's alone, and takes the bias away.
fn with_norm(layer: &mut ConvNorm, device: &Device) -> Option<Tensor<1>> {
    let bias = layer.conv.bias.take()?.into_value();
    let [channels] = bias.dims();
    let norm = BatchNormConfig::new(channels).with_momentum(1.0);
    layer.norm = Some(norm.init(device));
    Some(bias)
}

/// `gamma = sqrt(var + eps)` and `beta = mean + bias`.
fn matched(layer: &mut ConvNorm, bias: &Option<Tensor<1>>) {
    let (Some(norm), Some(bias)) = (&mut layer.norm, bias) else {
        return;
    };
    let deviation = (norm.running_var.value_sync() + norm.epsilon).sqrt();
    let mean = norm.running_mean.value_sync();
    norm.gamma = Param::from_tensor(deviation.detach());
    norm.beta = Param::from_tensor((mean + bias.clone()).detach());
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Distribution, Tolerance};
    use wordloom::trunk::TrunkConfig;

    #[test]
    fn norms_that_are_put_in_again_change_nothing() {
        let device = Device::flex().autodiff();
        let sizes = TrunkConfig::new().with_widths([8, 12, 16, 20]);
        let mut folded = sizes.init_folded(&device);
        for layer in folded.norms() {
            let channels = layer.conv.weight.dims()[0];
            let bias = Tensor::random([channels], Distribution::Normal(0.2, 0.5), &device);
            layer.conv.bias = Some(Param::from_tensor(bias));
        }
        let photos = Tensor::random([2, 3, 64, 64], Distribution::Uniform(-1.0, 1.0), &device);
        let trunk = unfolded(folded.clone(), photos.clone());
        let seen = |trunk: &Trunk| trunk.forward(photos.clone()).places.into_data();
        let near = Tolerance::<f32>::rel_abs(0.01, 0.01);
        seen(&trunk).assert_approx_eq(&seen(&folded), near);
        // And by what they remember.
        let remembered = trunk.valid().forward(photos.clone().inner()).places;
        remembered
            .into_data()
            .assert_approx_eq(&seen(&folded), near);
    }
}
