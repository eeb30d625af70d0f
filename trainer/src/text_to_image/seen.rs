//! What losses and discriminators see of forms `[b, 2, h, w]` in [-1, 1], light first.

use burn::tensor::Tensor;
use burn::tensor::ops::PadMode;
use rand::Rng;
use wordloom::text_to_image::FORM;

/// Forms are shifted by up to this share of their size before a discriminator sees them.
const SHIFT: usize = 8;
/// How often a square of them is hidden from it, half as high and wide.
const CUTOUT: f64 = 0.5;
/// How much light counts beside alpha: a fold is that much fainter than an outline.
const LIGHT: f64 = 4.0;

/// How far forms are apart, and their steps from pixel to pixel, as folds and seams are those (Mathieu, Couprie and LeCun,
/// "Deep multi-scale video prediction beyond mean square error", ICLR 2016, eq. 6).
pub(super) fn apart(difference: Tensor<4>) -> Tensor<1> {
    let steps = |dim: usize| {
        let last = difference.dims()[dim] - 1;
        let next = difference.clone().narrow(dim, 1, last);
        (next - difference.clone().narrow(dim, 0, last))
            .abs()
            .mean()
    };
    difference.clone().abs().mean() + steps(2) + steps(3)
}

/// A difference of forms in which light counts [`LIGHT`] times.
pub(super) fn weighed(difference: Tensor<4>) -> Tensor<4> {
    let [light, alpha] = [0, 1].map(|channel| difference.clone().narrow(1, channel, 1));
    Tensor::cat(vec![light * LIGHT, alpha], 1)
}

/// What can be seen of a form: where there is no cloth, it is dark, whatever light there would be.
pub(super) fn seen(form: Tensor<4>) -> Tensor<4> {
    let alpha = form.clone().narrow(1, 1, 1);
    let light = (form.narrow(1, 0, 1) + 1.0) * (alpha.clone() + 1.0) * 0.5 - 1.0;
    Tensor::cat(vec![light, alpha], 1)
}

/// The same for a discriminator, which may have its say about light only: what outlines learn of it is torn.
pub(super) fn lit(form: Tensor<4>) -> Tensor<4> {
    let [light, alpha] = [0, 1].map(|channel| form.clone().narrow(1, channel, 1));
    seen(Tensor::cat(vec![light, alpha.detach()], 1))
}

/// Each form moved at random by up to an eighth, and a square of it hidden: the few thousand there are cannot be
/// learnt by heart (Zhao et al. 2020, "Differentiable Augmentation": translation and cutout).
pub(super) fn augmented(forms: Tensor<4>, rng: &mut impl Rng) -> Tensor<4> {
    let [b, _, h, w] = forms.dims();
    let most = h / SHIFT;
    let larger = forms.pad((most, most, most, most), PadMode::Constant(-1.0));
    let each = (0..b).map(|n| {
        let mut side = |size: usize| {
            let from = rng.random_range(0..=2 * most);
            from..from + size
        };
        let (rows, columns) = (side(h), side(w));
        let moved = larger.clone().slice([n..n + 1, 0..FORM, rows, columns]);
        if !rng.random_bool(CUTOUT) {
            return moved;
        }
        let mut side = |size: usize| {
            let from = rng.random_range(0..=size / 2);
            from..from + size / 2
        };
        let (rows, columns) = (side(h), side(w));
        let hidden = Tensor::full([1, FORM, rows.len(), columns.len()], -1.0, &moved.device());
        moved.slice_assign([0..1, 0..FORM, rows, columns], hidden)
    });
    Tensor::cat(each.collect(), 0)
}
