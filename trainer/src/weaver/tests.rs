use super::*;
use burn::tensor::TensorData;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use wordloom::weights::named;

#[test]
fn shifted_pictures_keep_their_size_and_get_white_borders() {
    let device = Device::flex();
    let black = Tensor::<4>::full([16, 3, 16, 16], -1.0, &device);
    let moved = shifted(black, &mut SmallRng::seed_from_u64(1));
    assert_eq!(moved.dims(), [16, 3, 16, 16]);
    let values: Vec<f32> = moved.into_data().try_to_vec().unwrap();
    let white = values.iter().filter(|value| **value == 1.0).count();
    assert!(values.iter().all(|value| value.abs() == 1.0));
    // At most two of sixteen rows and columns of a picture become white.
    assert!(white > 0 && white < values.len() / 4, "{white}");
}

#[test]
fn a_weaver_of_twice_the_size_begins_with_all_but_one_level() {
    let (folder, device) = (tempfile::tempdir().unwrap(), Device::flex());
    let networks = |widths: &[usize], seed| {
        let weaver = WeaverConfig::new().with_widths(widths.to_vec());
        let config = WeavingConfig::new(weaver.with_fine(4), 1, seed);
        (Networks::new(&config, &device), config)
    };
    let (small, config) = networks(&[8, 6], 1);
    let checkpoint = Checkpoint::new(folder.path(), "weaver");
    small.save(&checkpoint, &config).unwrap();
    let (large, config) = networks(&[8, 6, 6], 2);
    let large = large.begin_with(folder.path(), &config).unwrap();
    let weights = |weaver: &Weaver| named::values("weaver", &weaver.valid());
    let (old, new) = (weights(&small.weaver), weights(&large.weaver));
    let others = new.iter().filter(|one| !old.contains(one));
    let others: Vec<_> = others.map(|one| one.name.as_str()).collect();
    let is_new = |name: &&str| name.starts_with("weaver.ups.1.");
    assert!(
        !others.is_empty() && others.iter().all(is_new),
        "{others:?}"
    );
    let (far, config) = networks(&[8, 6, 6, 6], 3);
    let error = far.begin_with(folder.path(), &config).err().unwrap();
    assert!(error.to_string().contains("16x16"), "{error}");
    let judges = |judge: &Discriminator| named::values("judge", &judge.valid());
    assert_eq!(
        judges(&large.discriminators[0]),
        judges(&small.discriminators[1])
    );
}

#[test]
fn a_batch_is_learnt_by_heart() {
    let device = Device::flex().autodiff();
    let weaver = WeaverConfig::new()
        .with_widths(vec![24, 16, 12])
        .with_fine(8);
    let size = weaver.size();
    let config = WeavingConfig::new(weaver, 1, 3);
    device.seed(3);
    let normal =
        |shape: [usize; 2]| Tensor::<2>::random(shape, Distribution::Normal(0.0, 1.0), &device);
    let text = Read {
        features: wordloom::prompt::TextFeatures {
            sentence: normal([4, 256]),
            pooled: normal([4, 256]),
            words: normal([4 * 3, 256]).reshape([4, 3, 256]),
        },
        mask: Tensor::ones([4, 3], &device),
    };
    // A square of another colour and at another place in each.
    let colour = |n: usize, c: usize| [0.8, -0.8][(n + c) % 2];
    let inside = |n: usize, x: usize, y: usize| (4 + 4 * n..20).contains(&x) && y > 6 * n;
    let values = (0..4 * 3 * size * size).map(|at| {
        let (x, y) = (at % size, at / size % size);
        let (c, n) = (at / size / size % 3, at / size / size / 3);
        if inside(n, x, y) { colour(n, c) } else { 0.9 }
    });
    let values: Vec<f32> = values.collect();
    let photos = Tensor::<4>::from_data(TensorData::new(values, [4, 3, size, size]), &device);
    let halves = avg_pool2d(photos.clone(), AvgPoolOptions::new([2, 2]));

    let mut networks = Networks::new(&config, &device);
    let mut step = || -> f32 {
        // The same noise each time.
        device.seed(7);
        let condition = networks.weaver.condition(text.features.sentence.clone());
        let woven = weave(&networks.weaver, &condition, &text, &config);
        let apart = |made: Tensor<4>, real: &Tensor<4>| (made - real.clone()).square().mean();
        let loss = apart(woven.fine, &photos) + apart(woven.coarse, &halves);
        let gradients = GradientsParams::from_grads(loss.backward(), &networks.weaver);
        let weaver = networks.weaver.clone();
        networks.weaver = networks.weaver_optimiser.step(4e-3, weaver, gradients);
        loss.into_scalar()
    };
    let losses: Vec<f32> = (0..120).map(|_| step()).collect();
    let (before, after) = (losses[0], losses[119]);
    println!("{before} {after}");
    assert!(after < 0.1 * before, "{before} and then {after}");
}
