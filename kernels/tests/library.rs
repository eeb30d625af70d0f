//! Networks that are trained with oneDNN. It is alone in a process: what they are trained in is said once for all of it.
#![cfg(feature = "train")]

use std::io::Write;

use burn::tensor::{DType, Device, Distribution, Tensor};
use wordloom_kernels::training::onednn::{given, takes, use_library};

#[test]
fn layers_are_trained_in_what_was_said_first() {
    if !use_library(false) {
        // Past what the test runner hides.
        let why = "skipped: no oneDNN here (libdnnl.so.3, or the file that ONEDNN names)";
        let _ = writeln!(std::io::stderr(), "{}: {why}", module_path!());
        return;
    }
    assert!(!use_library(true) && use_library(false));
    let drawn = |device: &Device| -> Tensor<4> {
        Tensor::random([2, 3, 4, 5], Distribution::Normal(0.0, 1.0), device)
    };
    let photo = drawn(&Device::flex().autodiff());
    let map = given(photo.clone());
    assert!(takes(&map));
    assert_eq!(map.dtype(), DType::F32);
    map.into_data().assert_eq(&photo.into_data(), true);
    // What is only used, as for a sheet, is not trained.
    assert!(!takes(&given(drawn(&Device::flex()))));
}
