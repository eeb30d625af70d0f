use super::*;
use burn::tensor::TensorData;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use wordloom::weights::named;

use crate::networks::Discriminator;
use crate::run::Training as _;
use wordloom::text_to_image::FORM;

fn vocabulary() -> Vocabulary {
    Vocabulary::new(["a", "shirt", "dress"].map(String::from)).unwrap()
}

fn config(widths: &[usize], seed: u64) -> TextToImageTraining {
    let generator = TextToImageConfig::new()
        .with_widths(widths.to_vec())
        .with_fine(8)
        .with_condition(6)
        .with_exemplars(8)
        .with_sentence(16);
    TextToImageTraining {
        kinds: 2,
        ..TextToImageTraining::new(&vocabulary(), generator, 1, seed)
    }
}

#[test]
fn augmented_forms_keep_their_size_and_lose_borders_and_squares() {
    let device = Device::flex();
    let bright = Tensor::<4>::ones([32, FORM, 16, 16], &device);
    let moved = augmented(bright, &mut SmallRng::seed_from_u64(1));
    assert_eq!(moved.dims(), [32, FORM, 16, 16]);
    let values: Vec<f32> = moved.into_data().try_to_vec().unwrap();
    assert!(values.iter().all(|value| value.abs() == 1.0));
    let dark = |form: &[f32]| form.iter().filter(|value| **value < 0.0).count();
    let dark: Vec<usize> = values.chunks(FORM * 16 * 16).map(dark).collect();
    // At most two of sixteen rows and columns go; a square takes a quarter besides.
    let whole = dark
        .iter()
        .filter(|dark| **dark <= FORM * (256 - 14 * 14))
        .count();
    assert!((8..24).contains(&whole), "{dark:?}");
    assert!(dark.iter().all(|dark| *dark < FORM * 128));
}

#[test]
fn light_counts_where_there_is_cloth() {
    let device = Device::flex();
    let form = |light: f32, alpha: f32| {
        let data = TensorData::new(vec![light, alpha], [1, FORM, 1, 1]);
        let seen: Vec<f32> = seen(Tensor::from_data(data, &device))
            .into_data()
            .try_to_vec()
            .unwrap();
        seen
    };
    assert_eq!(form(0.5, 1.0), [0.5, 1.0]);
    assert_eq!(form(0.5, -1.0), form(-0.7, -1.0));
}

#[test]
fn a_generator_of_twice_the_size_begins_with_all_but_what_is_between() {
    let (folder, device) = (tempfile::tempdir().unwrap(), Device::flex());
    let networks = |widths: &[usize], seed| {
        let config = config(widths, seed);
        (Networks::new(&config, &device), config)
    };
    let (small, config) = networks(&[8, 6, 4], 1);
    let checkpoint = Checkpoint::new(folder.path(), "text-to-image");
    small.save(&checkpoint, &config).unwrap();
    let (large, config) = networks(&[8, 6, 5, 4], 2);
    let large = large.begin_with(folder.path(), &config).unwrap();
    let weights = |of: &Networks| named::values("text_to_image", &of.autoencoder.generator.valid());
    let (old, new) = (weights(&small), weights(&large));
    let others = new.iter().filter(|one| !old.contains(one));
    let others: Vec<_> = others.map(|one| one.name.as_str()).collect();
    let is_new = |name: &&str| {
        let between = ["text_to_image.ups.1.", "text_to_image.ups.2."];
        between.iter().any(|level| name.starts_with(level)) || *name == "text_to_image.exemplars"
    };
    assert!(
        !others.is_empty() && others.iter().all(is_new),
        "{others:?}"
    );
    let (far, config) = networks(&[8, 6, 5, 5, 4], 3);
    let error = far.begin_with(folder.path(), &config).err().unwrap();
    assert!(error.to_string().contains("32x32"), "{error}");
    let judges = |judge: &Discriminator| named::values("judge", &judge.valid());
    assert_eq!(
        judges(&large.discriminators[0]),
        judges(&small.discriminators[1])
    );
}

/// Narrow forms are shirts, wide ones dresses.
fn forms(folder: &Path) -> Forms {
    forms_of(folder, &["shirt", "dress"])
}

fn forms_of(folder: &Path, classes: &[&'static str]) -> Forms {
    let items = (0..8u32).map(|n| {
        let class = classes[n as usize % classes.len()];
        let wide = if class == "dress" { 24 } else { 8 };
        let cloth = 16 - wide / 2..16 + wide / 2;
        let alpha = |x: u32| if cloth.contains(&x) { 255 } else { 0 };
        forms::item(&folder.join(format!("{class}-{n}.png")), class, 32, |x| {
            [128, alpha(x)]
        })
    });
    Forms::load(&items.collect::<Vec<_>>(), &vocabulary(), 32).unwrap()
}

#[test]
fn forms_and_what_sentences_say_of_them_are_learnt() {
    let folder = tempfile::tempdir().unwrap();
    let device = Device::flex().autodiff();
    let (forms, vocabulary) = (forms(folder.path()), vocabulary());
    let config = TextToImageTraining {
        batch: 8,
        learning_rate: 4e-3,
        steps: 100,
        kl: 0.05,
        adversarial: 0.01,
        kind: 1.0,
        ..config(&[12, 8, 8], 3)
    };
    let mut training = Training {
        networks: Networks::new(&config, &device),
        checkpoint: Checkpoint::new(folder.path(), "text-to-image"),
        forms: &forms,
        usual: forms.by_outline(),
        exemplars: &forms,
        vocabulary: &vocabulary,
        device,
        config,
    };
    let mut losses = Vec::new();
    for step in 0..100 {
        let told = training.step(step).unwrap();
        losses.push(told[0].1.clone().into_scalar());
    }
    let mean = |part: &[f32]| part.iter().sum::<f32>() / part.len() as f32;
    let (before, after) = (mean(&losses[..5]), mean(&losses[95..]));
    assert!(after < 0.5 * before, "{before} and then {after}");

    // Every other exemplar is a dress, as every other form is evenly drawn.
    training.keep_exemplars().unwrap();
    let average = training.networks.average.clone();
    let batch = Batch::new(&vec![vec![2]; 8], &average.generator.devices()[0]);
    let words = average.text.forward(&batch).words;
    let exemplars = average.generator.exemplars();
    let made = average.generator.forward(exemplars, words, &batch.mask);
    let alpha = made.fine.narrow(1, 1, 1).mean_dims(&[2, 3]);
    let widths: Vec<f32> = alpha.into_data().try_to_vec().unwrap();
    for pair in widths.chunks(2) {
        assert!(pair[0] > pair[1] + 0.5, "{widths:?}");
    }

    // Of other forms, only those are exemplars.
    let wide = forms_of(folder.path(), &["dress"]);
    training.exemplars = &wide;
    training.keep_exemplars().unwrap();
    let dresses = &training.networks.average;
    let made = dresses.generator.forward(
        dresses.generator.exemplars(),
        dresses.text.forward(&batch).words,
        &batch.mask,
    );
    let narrowest: f32 = made
        .fine
        .narrow(1, 1, 1)
        .mean_dims(&[2, 3])
        .min()
        .into_scalar();
    assert!(narrowest > 0.0, "{narrowest}");

    // A sentence's condition says which it is: the classes are in the order of their names.
    let Autoencoder {
        text,
        generator,
        kinds,
        ..
    } = average;
    for (class, word) in ["a dress", "a shirt"].into_iter().enumerate() {
        let ids = vocabulary.read(word).unwrap().ids;
        let batch = Batch::new(&[ids], &generator.devices()[0]);
        let condition = generator.condition(text.forward(&batch).pooled).mu;
        let named = log_softmax(kinds.forward(condition), 1).exp();
        let share: f32 = named.narrow(1, class, 1).into_scalar();
        assert!(share > 0.5, "{word}: {share}");
    }
}
