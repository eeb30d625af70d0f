//! Training in bf16 beside training in single precision.

use std::io::Write;

use crate::editor::street;
use crate::helper::{Folder, loom};

/// Steps that are made, so that the losses of the hundredth after the first are told.
const STEPS: &str = "101";
/// How far the first losses may be apart, as a share of them, the mean of all that are told, and the last ones: each step is
/// rounded a little otherwise, and the next one begins where it ended.
const APART: [f64; 3] = [0.02, 0.1, 0.25];

/// The losses of the masks that a training's log tells; nothing where this machine cannot train so.
fn losses(folder: &Folder, device: &str) -> Option<Vec<f64>> {
    let (data, run) = (format!("street={}", folder.path("")), folder.path(device));
    let small = ["--size", "64", "--batch", "4", "--asked", "8", "--plain"];
    let train = ["train", "trunk", "--data", &data, "--run", &run];
    let output = loom(&[&train[..], &small, &["--steps", STEPS, "--device", device]].concat());
    let log = String::from_utf8(output.stderr).unwrap();
    if !output.status.success() {
        assert!(log.contains("this needs oneDNN"), "{log}");
        return None;
    }
    let told = log.lines().filter(|line| line.starts_with("step "));
    let losses = told.map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!([words[2], words[4]], ["entropy", "dice"], "{line}");
        [words[3], words[5]]
            .map(|loss| loss.parse::<f64>().unwrap())
            .iter()
            .sum()
    });
    Some(losses.collect())
}

#[test]
fn a_hundred_steps_in_bf16_are_close_to_those_in_single_precision() {
    let folder = Folder::new();
    street(folder.0.path());
    let Some(half) = losses(&folder, "bf16") else {
        // Past what the test runner hides.
        let why =
            "skipped: no oneDNN here (libdnnl.so.3, or the file that ONEDNN names), or no AVX-512";
        let _ = writeln!(std::io::stderr(), "{}: {why}", module_path!());
        return;
    };
    let single = losses(&folder, "cpu").expect("what trains in bf16 trains in single precision");
    println!("{half:?} in bf16, {single:?} in single precision");
    assert!(half.len() == single.len() && half.len() > 5);
    let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len() as f64;
    let of = |losses: &[f64]| [losses[0], mean(losses), losses[losses.len() - 1]];
    let ([first, .., last], single) = (of(&half), of(&single));
    for ((half, single), apart) in of(&half).into_iter().zip(single).zip(APART) {
        assert!(
            (half - single).abs() < apart * single,
            "{half} and {single}"
        );
    }
    assert!(last < 0.5 * first, "nothing was learnt");
}
