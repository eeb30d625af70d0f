//! The convolution by oneDNN, with its gradients, as a network is trained with it. It is alone in a process: what computes
//! convolutions is said once for all of it.
#![cfg(feature = "train")]

use std::io::Write;

use burn::tensor::module::conv2d as burn_conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Distribution, Tensor, Tolerance};
use wordloom_kernels::training::conv2d;
use wordloom_kernels::training::onednn::planar::use_library;

#[test]
fn convolutions_by_the_library_agree_with_burns() {
    if !use_library() {
        // Past what the test runner hides.
        let why = "skipped: no oneDNN here (libdnnl.so.3, or the file that ONEDNN names)";
        let _ = writeln!(std::io::stderr(), "{}: {why}", module_path!());
        return;
    }
    let device = Device::flex().autodiff();
    let random = |shape: [usize; 4]| -> Tensor<4> {
        Tensor::random(shape, Distribution::Normal(0.0, 1.0), &device)
    };
    for [k, stride, padding] in [[3, 1, 1], [4, 2, 1], [1, 1, 0]] {
        let (x, weight) = (random([2, 3, 8, 10]), random([5, 3, k, k]));
        let (x, weight) = (x.require_grad(), weight.require_grad());
        let options = ConvOptions::new([stride; 2], [padding; 2], [1, 1], 1);
        let ours = conv2d(x.clone(), weight.clone(), None, stride, padding);
        let burns = burn_conv2d(x.clone(), weight.clone(), None, options);
        let near = Tolerance::<f32>::rel_abs(1e-4, 1e-4);
        ours.to_data().assert_approx_eq(&burns.to_data(), near);
        let pull = random(ours.dims());
        let gradients = [ours, burns].map(|y| (y * pull.clone()).sum().backward());
        for tensor in [&x, &weight] {
            let [ours, burns] = [0, 1].map(|i| tensor.grad(&gradients[i]).expect("a gradient"));
            ours.into_data().assert_approx_eq(&burns.into_data(), near);
        }
    }
}
