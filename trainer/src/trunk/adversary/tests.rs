use super::*;
use crate::asking;
use crate::scenes::{BACKGROUND, Settled, label};
use rand::SeedableRng;

const SIZE: usize = 32;

/// A square of a colour on grey for each photo: a coat on the left half.
fn batch(colours: &[[u8; 3]]) -> Batch {
    let coat = label("coat").expect("a label");
    let inside = |at: usize| at % SIZE < SIZE / 2;
    let pixel = |at: usize, colour: [u8; 3]| if inside(at) { colour } else { [120; 3] };
    let photo = |colour: &[u8; 3]| -> Vec<u8> {
        (0..SIZE * SIZE).flat_map(|at| pixel(at, *colour)).collect()
    };
    let labels = (0..SIZE * SIZE).map(|at| if inside(at) { coat } else { BACKGROUND });
    Batch {
        photos: colours.iter().flat_map(photo).collect(),
        labels: labels.collect::<Vec<_>>().repeat(colours.len()),
        scenes: vec![0; colours.len()],
        settled: vec![Settled::default(); colours.len()],
    }
}

/// The coat of each photo, and what was asked of the batch: "coat" alone.
fn edits(colours: &[[u8; 3]]) -> Edits {
    let everything = asking::everything();
    let coat: Vec<&Asked> = everything
        .iter()
        .filter(|asked| asked.name == "coat")
        .collect();
    let batch = batch(colours);
    let targets = Targets::new(&batch, SIZE, &coat);
    let mut rng = SmallRng::seed_from_u64(1);
    Edits::choose(
        &batch,
        &targets,
        &coat,
        &mut rng,
        &Device::flex().autodiff(),
    )
    .unwrap()
}

fn numbers(tensor: Tensor<4>) -> Vec<f32> {
    tensor.into_data().try_into_vec().unwrap()
}

/// The logits of masks that are `value` everywhere.
fn masks(photos: usize, value: f32) -> Tensor<3> {
    let places = SIZE * SIZE / 4;
    Tensor::full([photos, 1, places], value, &Device::flex().autodiff())
}

const RED: [u8; 3] = [190, 30, 40];
const BLUE: [u8; 3] = [40, 60, 170];

#[test]
fn a_photo_is_said_to_be_what_it_is_and_gets_the_colour_of_the_next() {
    let edits = edits(&[RED, BLUE]);
    let colours = |clauses: &[Clause]| -> Vec<[f32; 3]> {
        let lab = |clause: &Clause| match clause.change {
            Change::Colour(srgb) => srgb_to_lab(srgb),
            Change::Relative { .. } => panic!("no colour in {clause:?}"),
        };
        clauses.iter().map(lab).collect()
    };
    let near = |ours: &[f32; 3], theirs: [u8; 3]| {
        let theirs = srgb_to_lab(theirs);
        ours.iter().zip(theirs).all(|(a, b)| (a - b).abs() < 2.0)
    };
    let (own, asked) = (colours(&edits.own), colours(&edits.asked));
    assert!(near(&own[0], RED) && near(&own[1], BLUE), "{own:?}");
    assert!(near(&asked[0], BLUE) && near(&asked[1], RED), "{asked:?}");
    assert!(
        edits
            .own
            .iter()
            .all(|clause| clause.tokens == ["coat", COLOUR])
    );
}

#[test]
fn an_edit_is_the_photo_where_the_mask_is_empty_and_painted_where_it_is_full() {
    let edits = edits(&[RED, BLUE]);
    let nothing = numbers(edits.with(masks(2, -30.0)));
    let photo = numbers(edits.photos.clone());
    assert!(
        nothing
            .iter()
            .zip(&photo)
            .all(|(a, b)| (a - b).abs() < 1e-4)
    );
    let all = numbers(edits.with(masks(2, 30.0)));
    // The first photo's coat, its first pixel: as blue as asked for.
    let plane = SIZE * SIZE / 4;
    for (c, byte) in BLUE.into_iter().enumerate() {
        let value = 127.5 * (all[c * plane] + 1.0);
        assert!((value - f32::from(byte)).abs() < 6.0, "{value} for {byte}");
    }
}

#[test]
fn photos_that_show_nothing_are_not_edited() {
    let everything = asking::everything();
    let hat: Vec<&Asked> = everything
        .iter()
        .filter(|asked| asked.name == "hat")
        .collect();
    let batch = batch(&[RED, BLUE]);
    let targets = Targets::new(&batch, SIZE, &hat);
    let (mut rng, device) = (SmallRng::seed_from_u64(1), Device::flex().autodiff());
    let edits = Edits::choose(&batch, &targets, &hat, &mut rng, &device).unwrap();
    let mut adversary = Adversary::new(SIZE, 8, &device);
    let read = |_: &[Clause]| unreachable!("nothing to read");
    assert!(adversary.judge(&edits, masks(2, 0.0), read, 1e-3).is_none());
}

/// Edits that have taken the ground along are told from photos, and less of the ground in the mask makes the
/// discriminator content.
#[test]
fn a_discriminator_learns_to_tell_edits_and_its_gradient_reaches_the_masks() {
    let edits = edits(&[RED, BLUE, [40, 150, 60], [230, 220, 120]]);
    let device = Device::flex().autodiff();
    device.seed(3);
    let mut adversary = Adversary::new(SIZE, 3, &device);
    // The sentences as their colours.
    let read = |clauses: &[Clause]| {
        let lab = |clause: &Clause| match clause.change {
            Change::Colour(srgb) => srgb_to_lab(srgb).map(|x| x / 50.0),
            Change::Relative { .. } => [0.0; 3],
        };
        let values: Vec<f32> = clauses.iter().flat_map(lab).collect();
        Tensor::<2>::from_data(TensorData::new(values, [clauses.len(), 3]), &device)
    };
    let mut step = |logits: Tensor<3>| adversary.judge(&edits, logits, read, 5e-3).unwrap();
    let [before, _] = step(masks(4, 2.0)).map(Tensor::into_scalar::<f32>);
    for _ in 0..40 {
        step(masks(4, 2.0));
    }
    let logits = masks(4, 2.0).require_grad();
    let [after, made] = step(logits.clone());
    let after: f32 = after.into_scalar();
    assert!(after < 0.4 * before, "{before} and then {after}");
    let gradients = made.backward();
    let slope = logits.grad(&gradients).unwrap();
    let slope: Vec<f32> = slope.into_data().try_into_vec().unwrap();
    let half = SIZE / 2;
    let on = |ground: bool| -> f32 {
        let places = slope.iter().enumerate();
        let there = places.filter(|(at, _)| (at % half >= half / 2) == ground);
        there.map(|(_, slope)| slope).sum()
    };
    // A larger mask on the ground costs more.
    assert!(on(true) > 0.0, "{}", on(true));
    assert!(slope.iter().any(|slope| *slope != 0.0));
}
