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
use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Tensor};

use crate::fusion::{Fusion, FusionConfig, FusionForm};
use crate::kernels::matmuls;
use crate::layers::{drawn_linear, linear};

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
    pub fn lay_out(mut self) -> Self {
        self.layers.iter_mut().for_each(Fusion::lay_out);
        self
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
    fn twice(
        &self,
        places: Tensor<3>,
        query: Tensor<3>,
    ) -> (Tensor<3>, Tensor<3>, Tensor<3>) {
        let [b, c, _] = places.dims();
        let n = query.dims()[1];
        let first = bilinear(places.clone(), query.clone());
        let share = sigmoid(first.clone());
        let found = matmuls(share.clone(), places.clone().swap_dims(1, 2)) / (share.sum_dim(2) + 1.0);
        let update = linear(&self.update, found.clone().reshape([b * n, c]));
        let masks = bilinear(places, query + update.reshape([b, n, c + 1]));
        (first, masks, found)
    }
}

/// `x_p^T q`, and the bias that is the query's last number: `[b, n, places]`.
fn bilinear(places: Tensor<3>, query: Tensor<3>) -> Tensor<3> {
    let c = places.dims()[1];
    let bias = query.clone().narrow(2, c, 1);
    matmuls(query.narrow(2, 0, c), places) + bias
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Distribution, Tolerance};

    /// Photos, embedding, height and width, numbers of the whole photo, sentences, numbers of a sentence.
    const SIZES: [usize; 7] = [2, 5, 3, 4, 7, 3, 6];

    fn head(form: FusionForm, layers: usize) -> Head {
        let [_, c, _, _, whole, _, d] = SIZES;
        let config = HeadConfig::new(c, whole, d)
            .with_fusion(form)
            .with_layers(layers);
        config.init(&Device::flex())
    }

    fn random<const D: usize>(shape: [usize; D]) -> Tensor<D> {
        Tensor::random(shape, Distribution::Normal(0.0, 1.0), &Device::flex())
    }

    fn near() -> Tolerance<f32> {
        Tolerance::rel_abs(1e-4, 1e-4)
    }

    #[test]
    fn all_sentences_of_all_photos_are_as_one_by_one() {
        let [b, c, h, w, _, n, d] = SIZES;
        let head = head(FusionForm::Film, 0);
        let (places, t) = (random([b, c, h, w]), random([n, d]));
        let rows: Tensor<3> = places.clone().flatten(2, 3);
        let all = head.masks(rows.swap_dims(1, 2), t.clone());
        assert_eq!(all.dims(), [b, h * w, n]);
        for i in 0..n {
            let same = t.clone().narrow(0, i, 1).expand([b, d]);
            let one = head.mask(places.clone(), same);
            assert_eq!(one.dims(), [b, 1, h, w]);
            let column = all.clone().narrow(2, i, 1).reshape([b, 1, h, w]);
            column
                .into_data()
                .assert_approx_eq(&one.into_data(), near());
        }
    }

    #[test]
    fn a_mask_is_a_bilinear_form() {
        let [_, c, ..] = SIZES;
        let head = head(FusionForm::Film, 0);
        let numbers = |data: burn::tensor::TensorData| -> Vec<f32> { data.try_to_vec().unwrap() };
        let (x, t) = (random([1, c, 1, 1]), random([1, SIZES[6]]));
        let ours: f32 = head.mask(x.clone(), t.clone()).into_scalar();
        let (x, t) = (numbers(x.into_data()), numbers(t.into_data()));
        let weight = numbers(head.mask.weight.val().into_data());
        let bias = numbers(head.mask.bias.as_ref().unwrap().val().into_data());
        let query = |k: usize| {
            let terms = t
                .iter()
                .enumerate()
                .map(|(i, t)| t * weight[i * (c + 1) + k]);
            terms.sum::<f32>() + bias[k]
        };
        let form: f32 = (0..c).map(|k| x[k] * query(k)).sum();
        assert!((ours - form - query(c)).abs() < 1e-4);
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
            let laid = head.clone().lay_out().mask(places.clone(), t.clone());
            let data = ours.into_data();
            laid.into_data().assert_approx_eq(&data, near());

            let [first, second] = [0, 1].map(|i: usize| head.layers[i].clone());
            head.layers.clear();
            let x = places.clone() + first.forward(places.clone(), t.clone());
            let x = x.clone() + second.forward(x, t.clone());
            let plain = head.mask(x, t.clone());
            plain.into_data().assert_approx_eq(&data, near());
        }
    }

    #[test]
    fn presence_is_told_of_every_sentence_for_every_photo() {
        let [b, c, h, w, whole, n, d] = SIZES;
        let head = head(FusionForm::Film, 0);
        let (places, t) = (random([b, h * w, c]), random([n, d]));
        let of_photo = random([b, whole]);
        let seen = seen(of_photo.clone(), places.clone(), 1);
        assert_eq!(seen.dims(), [b, whole + 2 * c]);
        let all = head.presence(seen.clone(), t.clone());
        assert_eq!(all.dims(), [b, n]);
        for (photo, sentence) in (0..b).flat_map(|photo| (0..n).map(move |i| (photo, i))) {
            let one = |x: &Tensor<2>, i| x.clone().narrow(0, i, 1);
            let alone: f32 = head
                .presence(one(&seen, photo), one(&t, sentence))
                .into_scalar();
            let of_all: f32 = all
                .clone()
                .narrow(0, photo, 1)
                .narrow(1, sentence, 1)
                .into_scalar();
            assert!((alone - of_all).abs() < 1e-4);
        }

        let part = |from, count| seen.clone().narrow(1, from, count).into_data();
        part(0, whole).assert_eq(&of_photo.into_data(), true);
        let mean: Tensor<2> = places.clone().mean_dim(1).squeeze_dim(1);
        part(whole, c).assert_approx_eq(&mean.into_data(), near());
        let most: Tensor<2> = places.max_dim(1).squeeze_dim(1);
        part(whole + c, c).assert_eq(&most.into_data(), true);
    }

    #[test]
    fn seen_is_the_same_along_rows_and_planes() {
        let device = Device::flex();
        let places = Tensor::<3>::random([2, 48, 999], Distribution::Normal(0.0, 1.0), &device);
        let whole = Tensor::<2>::random([2, 160], Distribution::Normal(0.0, 1.0), &device);
        let planes = seen(whole.clone(), places.clone(), 2);
        let rows = seen(whole, places.swap_dims(1, 2), 1);
        assert_eq!(planes.dims(), [2, 256]);
        let near = Tolerance::<f32>::absolute(1e-5);
        planes.to_data().assert_approx_eq(&rows.to_data(), near);
    }
}
