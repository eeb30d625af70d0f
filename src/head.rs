//! The head: where in a photo a sentence acts, and whether what it names is there at all.
//!
//! Mao et al. 2019 (BRL), section 3: at each place `p` the embedding `x_p` meets the sentence `t` in a
//! bilinear form, `m_p = x_p^T W t + b^T t`, the logit of the mask. Before it may come layers of the kind that
//! the paper is named after, as they stand there: `x + fuse(x, t)`, with any of its fusing layers.
//!
//! The words alone do not know this photo's coat from its skirt. So the query is told what it found, as in
//! K-Net (Zhang et al. 2021, section 3.3): with `z` the mean embedding under the first mask, the query
//! `W t + A z` gives the mask, and `z` and the whole photo say whether the thing is there.

use burn::config::Config;
use burn::module::Module;
use burn::nn::{Initializer, Linear};
use burn::tensor::{Device, Tensor};

use crate::fusion::{Fusion, FusionConfig, FusionForm};
use crate::layers::{drawn_linear, linear, matmuls, sigmoid};

/// Sizes of the head.
#[derive(Config, Debug)]
pub struct HeadConfig {
    /// Numbers of a place's embedding.
    pub embedding: usize,
    /// Numbers that the trunk says of the whole photo.
    pub whole: usize,
    /// Size of the sentence embedding.
    pub sentence: usize,
    /// The layer that fuses places and sentence before the mask.
    #[config(default = "FusionForm::LowRank(64)")]
    pub fusion: FusionForm,
    /// How many of these layers there are; with none, the mask is the plain bilinear form.
    #[config(default = 0)]
    pub layers: usize,
}

/// The head.
#[derive(Module, Debug)]
pub struct Head {
    layers: Vec<Fusion>,
    /// `W` and, as the last column, `b`.
    mask: Linear,
    /// `A`, and what it adds to the bias.
    update: Linear,
    presence: Linear,
}

/// What sentences are told of photos.
#[derive(Debug, Clone)]
pub struct Answers {
    /// Logits of the first masks, by the words alone, `[b, n, places]`.
    pub first: Tensor<3>,
    /// Logits of the masks, `[b, n, places]`.
    pub masks: Tensor<3>,
    /// Logits `[b, n]`: is there what the sentence names?
    pub presence: Tensor<2>,
}

impl HeadConfig {
    /// Draws the weights: the logits begin near zero, and the update with none.
    pub fn init(&self, device: &Device) -> Head {
        let fusion = FusionConfig::new(self.fusion.clone(), self.embedding, self.sentence);
        let normal = Initializer::Normal {
            mean: 0.0,
            std: 1.0 / 16.0,
        };
        let query = |to: usize| drawn_linear(self.sentence, to + 1, true, &normal, device);
        let (c, zeros) = (self.embedding, Initializer::Zeros);
        Head {
            layers: (0..self.layers).map(|_| fusion.init(device)).collect(),
            mask: query(c),
            update: drawn_linear(c, c + 1, false, &zeros, device),
            presence: query(self.whole + c),
        }
    }
}

impl Head {
    /// The same function, faster on the CPU: its weights must not change any more.
    pub fn prepack(mut self) -> Self {
        self.layers.iter_mut().for_each(Fusion::prepack);
        self
    }

    /// Numbers of a place's embedding.
    pub fn embedding(&self) -> usize {
        self.mask.weight.lazy_shape()[1] - 1
    }

    /// The same masks, with the presence that another head tells.
    pub fn with_presence_of(self, other: Self) -> Self {
        Self {
            presence: other.presence,
            ..self
        }
    }

    /// Logits of the masks of one sentence a photo, `[b, 1, h, w]`.
    ///
    /// # Shapes
    /// - `places`: `[b, embedding, h, w]`
    /// - `t`: `[b, sentence]`
    pub fn mask(&self, places: Tensor<4>, t: Tensor<2>) -> Tensor<4> {
        let [b, c, h, w] = places.dims();
        let fused = self.layers.iter().fold(places, |x, layer| {
            let y = layer.forward(x.clone(), t.clone());
            x + y
        });
        let query = linear(&self.mask, t).reshape([b, 1, c + 1]);
        let (_, masks, _) = self.twice(fused.reshape([b, c, h * w]), query);
        masks.reshape([b, 1, h, w])
    }

    /// Asks every sentence of every photo, where there are no fusing layers.
    ///
    /// # Shapes
    /// - `places`: `[b, embedding, places]`
    /// - `whole`: `[b, whole]`, what the trunk says of the whole photo
    /// - `t`: `[n, sentence]`
    pub fn ask(&self, places: Tensor<3>, whole: Tensor<2>, t: Tensor<2>) -> Answers {
        let [b, c, _] = places.dims();
        let [n, _] = t.dims();
        let of_all = |query: Tensor<2>| {
            let width = query.dims()[1];
            query.reshape([1, n, width]).expand([b, n, width])
        };
        let query = of_all(linear(&self.mask, t.clone()));
        let (first, masks, found) = self.twice(places, query);

        let query = linear(&self.presence, t);
        let width = whole.dims()[1];
        let of_whole = whole.matmul(query.clone().narrow(1, 0, width).transpose());
        let of_found = found * of_all(query.clone().narrow(1, width, c));
        let of_found: Tensor<2> = of_found.sum_dim(2).squeeze_dim(2);
        let bias = query.narrow(1, width + c, 1).reshape([1, n]);
        Answers {
            first,
            masks,
            presence: of_whole + of_found + bias,
        }
    }

    /// The masks by the words alone, those by what they found, and that: the mean embedding under the
    /// first mask, short where there is little of it, `[b, n, embedding]`.
    fn twice(&self, places: Tensor<3>, query: Tensor<3>) -> (Tensor<3>, Tensor<3>, Tensor<3>) {
        let [b, c, count] = places.dims();
        let n = query.dims()[1];
        // A one behind each embedding: for the bias, the query's last number, and for how much a mask has.
        let ones = Tensor::ones([b, 1, count], &places.device());
        let places = Tensor::cat(vec![places, ones], 1);
        let first = matmuls(query.clone(), places.clone());
        let sums = matmuls(sigmoid(first.clone()), places.clone().swap_dims(1, 2));
        let found = sums.clone().narrow(2, 0, c) / (sums.narrow(2, c, 1) + 1.0);
        let update = linear(&self.update, found.clone().reshape([b * n, c]));
        let masks = matmuls(query + update.reshape([b, n, c + 1]), places);
        (first, masks, found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::module::Param;
    use burn::tensor::{Distribution, Tolerance};

    /// Photos, embedding, height and width, numbers of the whole photo, sentences, numbers of a sentence.
    const SIZES: [usize; 7] = [2, 5, 3, 4, 7, 3, 6];

    fn random<const D: usize>(shape: [usize; D]) -> Tensor<D> {
        Tensor::random(shape, Distribution::Normal(0.0, 1.0), &Device::flex())
    }

    /// A head whose update is not zero any more.
    fn head(form: FusionForm, layers: usize) -> Head {
        let [_, c, _, _, whole, _, d] = SIZES;
        let config = HeadConfig::new(c, whole, d)
            .with_fusion(form)
            .with_layers(layers);
        let mut head = config.init(&Device::flex());
        head.update.weight = Param::from_tensor(random([c, c + 1]));
        head
    }

    fn near() -> Tolerance<f32> {
        Tolerance::rel_abs(1e-4, 1e-4)
    }

    fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        tensor.into_data().try_into_vec().unwrap()
    }

    #[test]
    fn all_sentences_of_all_photos_are_as_one_by_one() {
        let [b, c, h, w, whole, n, d] = SIZES;
        let head = head(FusionForm::Film, 0);
        let (places, t) = (random([b, c, h, w]), random([n, d]));
        let of_photos = random([b, whole]);
        let planes: Tensor<3> = places.clone().flatten(2, 3);
        let all = head.ask(planes.clone(), of_photos.clone(), t.clone());
        assert_eq!(all.masks.dims(), [b, n, h * w]);
        assert_eq!(all.presence.dims(), [b, n]);
        for i in 0..n {
            let one = t.clone().narrow(0, i, 1);
            let mask = head.mask(places.clone(), one.clone().expand([b, d]));
            assert_eq!(mask.dims(), [b, 1, h, w]);
            let row = all.masks.clone().narrow(1, i, 1).reshape([b, 1, h, w]);
            row.into_data().assert_approx_eq(&mask.into_data(), near());
            let alone = head.ask(planes.clone(), of_photos.clone(), one).presence;
            let column = all.presence.clone().narrow(1, i, 1);
            column
                .into_data()
                .assert_approx_eq(&alone.into_data(), near());
        }
    }

    /// The equations, number by number, for one photo and one sentence.
    #[test]
    fn a_mask_is_a_bilinear_form_that_is_told_what_it_found() {
        let [_, c, h, w, whole, _, d] = SIZES;
        let (head, area) = (head(FusionForm::Film, 0), h * w);
        let (x, y, t) = (random([1, c, area]), random([1, whole]), random([1, d]));
        let ours = head.ask(x.clone(), y.clone(), t.clone());

        let map = |linear: &Linear, row: &[f32]| -> Vec<f32> {
            let weight = numbers(linear.weight.val());
            let out = weight.len() / row.len();
            let bias = linear.bias.as_ref().map(|bias| numbers(bias.val()));
            let sum = |k: usize| {
                let terms = row.iter().enumerate().map(|(i, v)| v * weight[i * out + k]);
                terms.sum::<f32>() + bias.as_ref().map_or(0.0, |bias| bias[k])
            };
            (0..out).map(sum).collect()
        };
        let (x, y, t) = (numbers(x), numbers(y), numbers(t));
        let form = |query: &[f32]| -> Vec<f32> {
            let at = |p: usize| (0..c).map(|k| x[k * area + p] * query[k]).sum::<f32>();
            (0..area).map(|p| at(p) + query[c]).collect()
        };
        let query = map(&head.mask, &t);
        let first = form(&query);
        let share: Vec<f32> = first.iter().map(|m| 1.0 / (1.0 + (-m).exp())).collect();
        let mass = share.iter().sum::<f32>() + 1.0;
        let found: Vec<f32> = (0..c)
            .map(|k| (0..area).map(|p| share[p] * x[k * area + p]).sum::<f32>() / mass)
            .collect();
        let update = map(&head.update, &found);
        let masks = form(
            &query
                .iter()
                .zip(update)
                .map(|(q, u)| q + u)
                .collect::<Vec<_>>(),
        );
        let query = map(&head.presence, &t);
        let seen = y.iter().chain(&found).zip(&query).map(|(v, q)| v * q);
        let presence = seen.sum::<f32>() + query[whole + c];

        let same = |ours: Vec<f32>, theirs: &[f32]| {
            assert_eq!(ours.len(), theirs.len());
            for (a, b) in ours.iter().zip(theirs) {
                assert!((a - b).abs() < 1e-4, "{a} {b}");
            }
        };
        same(numbers(ours.first), &first);
        same(numbers(ours.masks), &masks);
        same(numbers(ours.presence), &[presence]);
    }

    #[test]
    fn layers_are_added_to_what_they_see() {
        let [b, c, h, w, _, _, d] = SIZES;
        let (places, t) = (random([b, c, h, w]), random([b, d]));
        for form in [
            FusionForm::Concat,
            FusionForm::Film,
            FusionForm::Bilinear,
            FusionForm::LowRank(4),
        ] {
            let mut head = head(form, 2);
            let ours = head.mask(places.clone(), t.clone());
            let prepacked = head.clone().prepack().mask(places.clone(), t.clone());
            let data = ours.into_data();
            prepacked.into_data().assert_approx_eq(&data, near());

            let [first, second] = [0, 1].map(|i: usize| head.layers[i].clone());
            head.layers.clear();
            let x = places.clone() + first.forward(places.clone(), t.clone());
            let x = x.clone() + second.forward(x, t.clone());
            let plain = head.mask(x, t.clone());
            plain.into_data().assert_approx_eq(&data, near());
        }
    }
}
