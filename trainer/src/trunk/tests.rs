use super::*;
use crate::data::Kind;
use crate::run::Training as _;
use crate::scenes::{Settled, label};
use image::{Rgb, RgbImage};
use wordloom::head::HeadConfig;

/// Somebody's coat, or skirt, on a floor.
fn scene(name: &str, colour: [u8; 3], across: bool) -> Scene {
    let inside = |x: u32, y: u32| match across {
        true => (20..100).contains(&x) && (40..80).contains(&y),
        false => (40..80).contains(&x) && (20..100).contains(&y),
    };
    let photo = RgbImage::from_fn(120, 120, |x, y| match inside(x, y) {
        true => Rgb(colour),
        false => Rgb([90 + (x / 4) as u8, 100, 80 + (y / 4) as u8]),
    });
    let label = label(name).expect("a label");
    let labels = (0..120 * 120).map(|at| match inside(at % 120, at / 120) {
        true => label,
        false => crate::scenes::BACKGROUND,
    });
    let settled = Settled::default();
    Scene::new(300, photo, labels.collect(), Kind::Street, name, settled).unwrap()
}

#[test]
fn a_batch_is_learnt_by_heart() {
    let folder = tempfile::tempdir().unwrap();
    let device = Device::flex().autodiff();
    let recipe = TrunkTraining::new(1, 5);
    let trunk = recipe.trunk.with_widths([16, 24, 32, 48]);
    let config = TrunkTraining {
        head: HeadConfig::new(trunk.embedding, trunk.widths[3], 2 * recipe.text.hidden),
        trunk,
        size: 64,
        batch: 4,
        asked: 8,
        // Of the first step it is a hundredth.
        learning_rate: 0.3,
        ..recipe
    };
    let scenes = Arc::new(vec![
        scene("coat", [180, 30, 40], false),
        scene("skirt", [40, 60, 190], true),
    ]);
    let first_batch = || {
        let sampling = SamplingConfig {
            size: config.size,
            batch: config.batch,
            ..SamplingConfig::default()
        };
        Batches::new(scenes.clone(), sampling, config.seed, 0).unwrap()
    };
    let networks = Networks::new(&config, &device);
    let mut training = Training {
        everything: asking::everything(),
        vocabulary: vocabulary().unwrap(),
        averaged: networks.valid(),
        networks,
        adversary: None,
        optimiser: AdamWConfig::new().init(),
        checkpoint: Checkpoint::new(folder.path(), "trunk"),
        batches: first_batch(),
        config: config.clone(),
        device,
    };
    // The first step, again and again: the same pictures, and the same is asked of them.
    let mut step = || -> Vec<(&str, f32)> {
        training.batches = first_batch();
        let losses = training.step(0).unwrap().into_iter();
        losses
            .map(|(name, loss)| (name, loss.into_scalar()))
            .collect()
    };
    let losses: Vec<_> = (0..80).map(|_| step()).collect();
    for ((name, before), (_, after)) in losses[0].iter().zip(&losses[79]) {
        println!("{name}: {before} and then {after}");
        assert!(*after < 0.2 * before, "{name}: {before} and then {after}");
    }
}
