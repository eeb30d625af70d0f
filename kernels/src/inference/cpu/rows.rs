//! The product of a few rows and a matrix: sentences, which are a row or one a word.
//!
//! There is little to compute, and a general product is much code: a browser compiles it twice,
//! before the first edit and for speed beside it.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::Tensor;

use crate::flex::{flex, floats};

/// The matrix product `[m, k]` by `[k, n]`.
pub fn rows_by_matrix(a: Tensor<2>, b: Tensor<2>) -> Tensor<2> {
    let y = <Dispatch as RowKernels>::rows(a.into_dispatch(), b.into_dispatch());
    Tensor::from_dispatch(y)
}

#[backend_extension(Flex)]
trait RowKernels: Backend {
    fn rows(a: FloatTensor<Self>, b: FloatTensor<Self>) -> FloatTensor<Self>;
}

impl RowKernels for Flex {
    fn rows(a: FloatTensor<Self>, b: FloatTensor<Self>) -> FloatTensor<Self> {
        let (a, b) = (a.to_contiguous(), b.to_contiguous());
        let ([m, k], [rows, n]) = (sides(&a), sides(&b));
        assert!(k == rows, "matmul: [{m}, {k}] by [{rows}, {n}]");
        let mut y = vec![0.0; m * n];
        for (row, y) in floats(&a).chunks_exact(k).zip(y.chunks_exact_mut(n)) {
            for (weight, values) in row.iter().zip(floats(&b).chunks_exact(n)) {
                add(*weight, values, y);
            }
        }
        flex(y, [m, n])
    }
}

fn sides(matrix: &FloatTensor<Flex>) -> [usize; 2] {
    match matrix.shape()[..] {
        [m, n] => [m, n],
        _ => panic!("matmul: not a matrix: {:?}", matrix.shape()),
    }
}

/// Adds values times a weight. A function that is called often: browsers put faster code in its place
/// between two calls.
#[inline(never)]
fn add(weight: f32, values: &[f32], sums: &mut [f32]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += weight * value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, Distribution, Tolerance};

    #[test]
    fn agrees_with_burn_on_random_shapes() {
        let device = Device::flex();
        let random = |shape: [usize; 2]| -> Tensor<2> {
            Tensor::random(shape, Distribution::Normal(0.0, 1.0), &device)
        };
        for [m, k, n] in [[1, 1, 1], [1, 128, 512], [5, 7, 3], [32, 33, 65]] {
            let (a, b) = (random([m, k]), random([k, n]));
            let transposed = random([n, k]).transpose();
            for b in [b, transposed] {
                let (ours, burns) = (rows_by_matrix(a.clone(), b.clone()), a.clone().matmul(b));
                let near = Tolerance::<f32>::rel_abs(1e-4, 1e-4);
                ours.into_data().assert_approx_eq(&burns.into_data(), near);
            }
        }
    }

    #[test]
    #[should_panic(expected = "matmul: [2, 3] by [4, 5]")]
    fn matrices_that_do_not_fit_are_refused() {
        let zeros = |shape: [usize; 2]| Tensor::<2>::zeros(shape, &Device::flex());
        rows_by_matrix(zeros([2, 3]), zeros([4, 5]));
    }
}
