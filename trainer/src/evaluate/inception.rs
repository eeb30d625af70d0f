//! How a classifier sees edits as a whole: Inception Score and Fréchet distance.

use nalgebra::{DMatrix, DVector, RowDVector, SymmetricEigen};

/// Inception Score (Salimans et al. 2016, section 4) of class probabilities `[n, classes]`:
/// `exp(mean KL(p(y|x) || p(y)))`, in `splits` parts one after the other. Mean and deviation over
/// the parts; none for fewer photos than parts.
pub fn inception_score(probabilities: &DMatrix<f64>, splits: usize) -> Option<(f64, f64)> {
    let count = probabilities.nrows();
    if splits == 0 || count < splits {
        return None;
    }
    let score = |split: usize| {
        let (from, to) = (split * count / splits, (split + 1) * count / splits);
        let part = probabilities.rows(from, to - from);
        let marginal = part.row_mean();
        let kl = |p: f64, q: f64| if p > 0.0 { p * (p / q).ln() } else { 0.0 };
        let divergence = |row: RowDVector<f64>| -> f64 {
            row.iter().zip(&marginal).map(|(p, q)| kl(*p, *q)).sum()
        };
        let all: f64 = part.row_iter().map(|row| divergence(row.into())).sum();
        (all / part.nrows() as f64).exp()
    };
    let scores = DVector::from_iterator(splits, (0..splits).map(score));
    Some((scores.mean(), scores.variance().sqrt()))
}

/// Fréchet distance of the normal distributions that fit two sets of features `[n, d]` (Heusel et
/// al. 2017, equation 6): `|m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2))`. None for fewer than two
/// photos in a set.
pub fn frechet_distance(real: &DMatrix<f64>, made: &DMatrix<f64>) -> Option<f64> {
    if real.nrows() < 2 || made.nrows() < 2 {
        return None;
    }
    let ((mean1, c1), (mean2, c2)) = (normal(real), normal(made));
    // C1 C2 has the eigenvalues of the symmetric C1^(1/2) C2 C1^(1/2).
    let root = square_root(&c1);
    let product = &root * &c2 * &root;
    let product = (&product + product.transpose()) / 2.0;
    let roots = SymmetricEigen::new(product).eigenvalues;
    let trace: f64 = roots.iter().map(|value| value.max(0.0).sqrt()).sum();
    let distance = (mean1 - mean2).norm_squared() + c1.trace() + c2.trace() - 2.0 * trace;
    // Equal sets are at most rounding below zero.
    Some(distance.max(0.0))
}

/// Mean and covariance (divided by `n - 1`) of features `[n, d]`.
fn normal(features: &DMatrix<f64>) -> (RowDVector<f64>, DMatrix<f64>) {
    let mean = features.row_mean();
    let mut centred = features.clone();
    for mut row in centred.row_iter_mut() {
        row -= &mean;
    }
    let covariance = centred.transpose() * &centred / (features.nrows() - 1) as f64;
    (mean, covariance)
}

/// The square root of a positive semidefinite matrix.
fn square_root(matrix: &DMatrix<f64>) -> DMatrix<f64> {
    let eigen = SymmetricEigen::new(matrix.clone());
    let roots = eigen.eigenvalues.map(|value| value.max(0.0).sqrt());
    &eigen.eigenvectors * DMatrix::from_diagonal(&roots) * eigen.eigenvectors.transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inception_score_is_one_for_no_and_the_number_of_classes_for_sure_variety() {
        let unsure = DMatrix::from_element(40, 8, 1.0 / 8.0);
        let (mean, deviation) = inception_score(&unsure, 10).unwrap();
        assert!((mean - 1.0).abs() < 1e-12 && deviation < 1e-12);
        let one = DMatrix::from_fn(40, 8, |_, class| f64::from(class == 3));
        assert!((inception_score(&one, 10).unwrap().0 - 1.0).abs() < 1e-12);
        let sure = DMatrix::from_fn(80, 8, |photo, class| f64::from(photo % 8 == class));
        assert!((inception_score(&sure, 10).unwrap().0 - 8.0).abs() < 1e-9);
        // One part sees both classes, the other a single one: 2 and 1.
        let parts = DMatrix::from_fn(4, 2, |photo, class| {
            f64::from(usize::from(photo == 1) == class)
        });
        let (mean, deviation) = inception_score(&parts, 2).unwrap();
        assert!((mean - 1.5).abs() < 1e-12 && (deviation - 0.5).abs() < 1e-12);
        assert_eq!(inception_score(&unsure, 41), None);
    }

    /// Features with exactly this mean and covariance: the columns are orthogonal.
    fn features(mean: [f64; 2], map: [[f64; 2]; 2]) -> DMatrix<f64> {
        let corners = [[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]];
        // Four corners have covariance 4/3.
        let scale = 0.75f64.sqrt();
        DMatrix::from_fn(4, 2, |n, k| {
            mean[k] + scale * (map[k][0] * corners[n][0] + map[k][1] * corners[n][1])
        })
    }

    #[test]
    fn frechet_distance_of_known_normal_distributions() {
        let standard = features([0.0, 0.0], [[1.0, 0.0], [0.0, 1.0]]);
        assert!(frechet_distance(&standard, &standard).unwrap() < 1e-12);
        // Means apart: 3^2 + 4^2. Deviations apart: (2 - 1)^2 + (5 - 1)^2.
        let moved = features([3.0, 4.0], [[1.0, 0.0], [0.0, 1.0]]);
        assert!((frechet_distance(&standard, &moved).unwrap() - 25.0).abs() < 1e-9);
        let wider = features([0.0, 0.0], [[2.0, 0.0], [0.0, 5.0]]);
        assert!((frechet_distance(&standard, &wider).unwrap() - 17.0).abs() < 1e-9);
        // Correlated: C = [[5, 4], [4, 5]] has eigenvalues 1 and 9: (1 - 1)^2 + (3 - 1)^2.
        let turned = features([0.0, 0.0], [[1.0, 2.0], [2.0, 1.0]]);
        assert!((frechet_distance(&standard, &turned).unwrap() - 4.0).abs() < 1e-9);
        // Covariances that do not commute: tr (C1 C2)^(1/2) = sqrt(tr + 2 sqrt(det)) in 2 x 2.
        let (trace, determinant) = (4.0 * 5.0 + 25.0 * 5.0, 9.0 * 100.0f64);
        let expected = 10.0 + 29.0 - 2.0 * (trace + 2.0 * determinant.sqrt()).sqrt();
        assert!((frechet_distance(&turned, &wider).unwrap() - expected).abs() < 1e-9);
        assert_eq!(frechet_distance(&standard, &DMatrix::zeros(1, 2)), None);
    }

    #[test]
    fn a_covariance_without_full_rank_has_a_root() {
        let line = DMatrix::from_fn(5, 3, |n, k| n as f64 * [1.0, 2.0, 0.0][k]);
        assert!(frechet_distance(&line, &line).unwrap() < 1e-9);
    }
}
