//! How well edits match their sentences, from the embeddings of a matching network.

use nalgebra::DMatrix;
use rand::Rng;
use rand::seq::index;

/// Sentences that an edit's own one has to stand out from, itself among them.
pub const AMONG: usize = 100;

/// Cosine similarities of pictures `[n, d]` with sentences `[m, d]`: `[n, m]`.
pub fn similarities(pictures: &DMatrix<f64>, sentences: &DMatrix<f64>) -> DMatrix<f64> {
    let unit = |rows: &DMatrix<f64>| {
        let mut rows = rows.clone();
        for mut row in rows.row_iter_mut() {
            row /= row.norm().max(1e-12);
        }
        rows
    };
    unit(pictures) * unit(sentences).transpose()
}

/// Which sentence belongs to each picture, and which ones try to take its place.
pub struct Trial {
    /// The picture's own sentence.
    pub own: usize,
    /// Up to 99 sentences that say something else.
    pub others: Vec<usize>,
}

impl Trial {
    /// Draws the others of a picture with the sentence `own`: different photos' sentences, none
    /// of which has the same words.
    pub fn new(own: usize, sentences: &[String], rng: &mut impl Rng) -> Self {
        let order = index::sample(rng, sentences.len(), sentences.len());
        let others = order
            .into_iter()
            .filter(|n| sentences[*n] != sentences[own]);
        Self {
            own,
            others: others.take(AMONG - 1).collect(),
        }
    }
}

/// The share of pictures whose own sentence is more similar than every other one of its trial,
/// from similarities `[pictures, sentences]`. None without pictures.
pub fn top_1(similarities: &DMatrix<f64>, trials: &[Trial]) -> Option<f64> {
    let first = |(picture, trial): &(usize, &Trial)| {
        let to = |sentence: usize| similarities[(*picture, sentence)];
        trial.others.iter().all(|other| to(*other) < to(trial.own))
    };
    let right = trials.iter().enumerate().filter(first).count();
    (!trials.is_empty()).then(|| right as f64 / trials.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    #[test]
    fn similarities_are_cosines() {
        let pictures = DMatrix::from_row_slice(2, 2, &[3.0, 0.0, 1.0, 1.0]);
        let sentences = DMatrix::from_row_slice(3, 2, &[2.0, 0.0, 0.0, 5.0, -1.0, 0.0]);
        let half = 0.5f64.sqrt();
        let expected = DMatrix::from_row_slice(2, 3, &[1.0, 0.0, -1.0, half, half, -half]);
        assert!((similarities(&pictures, &sentences) - expected).norm() < 1e-12);
        let nothing = similarities(&DMatrix::zeros(1, 2), &sentences);
        assert_eq!(nothing, DMatrix::zeros(1, 3));
    }

    #[test]
    fn top_1_counts_the_pictures_that_find_their_own() {
        let scores = DMatrix::from_row_slice(3, 3, &[0.9, 0.1, 0.2, 0.5, 0.4, 0.3, 0.6, 0.7, 0.7]);
        let trial = |own, others: &[usize]| Trial {
            own,
            others: others.to_vec(),
        };
        // The second one's is beaten, the third one's only equalled.
        let trials = [trial(0, &[1, 2]), trial(1, &[0, 2]), trial(2, &[0, 1])];
        assert_eq!(top_1(&scores, &trials), Some(1.0 / 3.0));
        assert_eq!(top_1(&scores, &[]), None);
    }

    #[test]
    fn a_trial_has_99_sentences_that_say_something_else() {
        let mut rng = SmallRng::seed_from_u64(1);
        let sentences: Vec<String> = (0..300).map(|n| format!("sentence {}", n / 2)).collect();
        let trial = Trial::new(17, &sentences, &mut rng);
        assert_eq!(trial.others.len(), 99);
        assert!(trial.others.iter().all(|n| sentences[*n] != sentences[17]));
        let few = Trial::new(0, &sentences[..5], &mut rng);
        assert_eq!(few.others.len(), 3);
    }
}
