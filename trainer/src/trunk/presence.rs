//! Whether a thing is in a photo at all: what that costs.

use burn::tensor::{Device, Tensor, TensorData};

use crate::asking::Targets;

/// Binary cross entropy of what is there: more than a five-hundredth of a photo is, nothing is not, and
/// between them nobody is asked.
///
/// Of each word, the photos that have it and those that lack it weigh as the roots of their numbers: who asks
/// for a rare thing mostly has it.
pub fn loss(logits: Tensor<2>, targets: &Targets, device: &Device) -> Tensor<1> {
    let [photos, n, _] = targets.shape;
    let answers: Vec<Option<bool>> = targets
        .settled
        .iter()
        .zip(&targets.area)
        .map(|(settled, area)| match area {
            _ if !settled => None,
            0.002.. => Some(true),
            0.0 => Some(false),
            _ => None,
        })
        .collect();
    let mut weights = vec![0.0; photos * n];
    for word in 0..n {
        let of_word = || (word..photos * n).step_by(n);
        let root = |answer| {
            let count = of_word().filter(|at| answers[*at] == Some(answer)).count();
            (count as f32).sqrt()
        };
        let (with, without) = (root(true), root(false));
        for at in of_word() {
            weights[at] = match answers[at] {
                Some(true) => 1.0 / (with * (with + without)),
                Some(false) => 1.0 / (without * (with + without)),
                None => 0.0,
            };
        }
    }
    let total = weights.iter().sum::<f32>().max(1.0);
    let tensor =
        |values: Vec<f32>| Tensor::<2>::from_data(TensorData::new(values, [photos, n]), device);
    let there = |answer: &Option<bool>| f32::from(*answer == Some(true));
    let target = tensor(answers.iter().map(there).collect());
    // ln(1 + e^-|x|) + max(x, 0) - x t
    let entropy =
        logits.clone().abs().neg().exp().log1p() + logits.clone().clamp_min(0.0) - logits * target;
    (entropy * tensor(weights)).sum() / total
}
