use super::*;
use crate::scenes::{BACKGROUND, Settled, label};

const SIZE: usize = 8;
const PLACES: usize = SIZE * SIZE / 4;
const WORDS: usize = 3;

/// Two pictures: a coat above and hair below, a pixel of which nobody decided; and a coat alone, in a photo
/// that says nothing of hair.
fn batch() -> Batch {
    let [coat, hair] = ["coat", "hair"].map(|name| label(name).expect("a label"));
    let mut both: Vec<u8> = (0..SIZE * SIZE)
        .map(|at| match at / SIZE {
            0..3 => coat,
            6.. => hair,
            _ => BACKGROUND,
        })
        .collect();
    both[5] = UNDECIDED;
    let alone = (0..SIZE * SIZE).map(|at| match at % SIZE {
        0..5 => coat,
        _ => BACKGROUND,
    });
    let silent = Settled {
        open: LabelSet::of(&["hair"]),
        ..Settled::default()
    };
    Batch {
        photos: vec![0; 2 * 3 * SIZE * SIZE],
        labels: both.into_iter().chain(alone).collect(),
        scenes: vec![0, 1],
        settled: vec![Settled::default(), silent],
    }
}

/// Coat, hair, and a hat that is nowhere.
fn asked(everything: &[Asked]) -> Vec<&Asked> {
    let find = |name| everything.iter().find(|asked| asked.name == name);
    ["coat", "hair", "hat"]
        .into_iter()
        .filter_map(find)
        .collect()
}

/// The loss as the recipe says it, by plain loops: `3 entropy + dice`.
fn plain(batch: &Batch, asked: &[&Asked], logits: &[f64]) -> f64 {
    let (mut entropy, mut dice) = (0.0, 0.0);
    let (mut answered, mut there) = (0.0, 0.0);
    for photo in 0..2 {
        let labels = &batch.labels[photo * SIZE * SIZE..][..SIZE * SIZE];
        for (word, asked) in asked.iter().enumerate() {
            if !batch.settled[photo].word(asked.labels) {
                continue;
            }
            answered += 1.0;
            let is_there = labels.iter().any(|label| asked.labels.has(*label));
            let weight = if is_there { 1.0 } else { 0.3 };
            let (mut both, mut either) = (0.0, 0.0);
            for place in 0..PLACES {
                let (x, y) = (2 * (place % (SIZE / 2)), 2 * (place / (SIZE / 2)));
                let four = [0, 1, SIZE, SIZE + 1].map(|step| labels[y * SIZE + x + step]);
                if four.contains(&UNDECIDED) {
                    continue;
                }
                let t = four
                    .iter()
                    .filter(|label| asked.labels.has(**label))
                    .count() as f64
                    / 4.0;
                let logit = logits[(photo * WORDS + word) * PLACES + place];
                let p = 1.0 / (1.0 + (-logit).exp());
                entropy -= weight * (t * p.ln() + (1.0 - t) * (1.0 - p).ln());
                both += p * t;
                either += p + t;
            }
            if is_there {
                there += 1.0;
                dice += 1.0 - (2.0 * both + 1.0) / (either + 1.0);
            }
        }
    }
    3.0 * entropy / (answered * PLACES as f64) + dice / there
}

#[test]
fn the_gradient_is_that_of_the_loss_over_all_questions_that_a_photo_answers() {
    let everything = everything();
    let (batch, asked) = (batch(), asked(&everything));
    let targets = Targets::new(&batch, SIZE, &asked);
    assert_eq!(targets.shape, [2, WORDS, PLACES]);
    let logits: Vec<f32> = (0..2 * WORDS * PLACES)
        .map(|i| (i as f32 * 1.7).sin() * 2.0)
        .collect();
    let gradient = targets.loss(&logits).gradient;
    let exact: Vec<f64> = logits.iter().copied().map(f64::from).collect();
    const STEP: f64 = 1e-4;
    for (at, ours) in gradient.iter().enumerate() {
        let moved = |by: f64| {
            let mut moved = exact.clone();
            moved[at] += by;
            plain(&batch, &asked, &moved)
        };
        let theirs = (moved(STEP) - moved(-STEP)) / (2.0 * STEP);
        assert!(
            (f64::from(*ours) - theirs).abs() < 2e-5,
            "{at}: {ours} and {theirs}"
        );
    }
    // What nobody settled costs nothing.
    assert!(
        gradient[4 * PLACES..5 * PLACES]
            .iter()
            .all(|slope| *slope == 0.0)
    );
    assert!(
        gradient[5 * PLACES..].iter().any(|slope| *slope != 0.0),
        "the hat that is not there"
    );
}

#[test]
fn a_word_has_its_share_of_each_place_and_nothing_where_nobody_decided() {
    let everything = everything();
    let (batch, asked) = (batch(), asked(&everything));
    let targets = Targets::new(&batch, SIZE, &asked);
    // Three rows of coat: the second row of places has half of it; the undecided pixel is in the first one.
    assert_eq!(
        targets.shares(0, 0)[..8],
        [1.0, 1.0, 0.0, 1.0, 0.5, 0.5, 0.5, 0.5]
    );
    assert_eq!(targets.shares(0, 2), [0.0; PLACES]);
}
