//! Two-dimensional convolution, on the CPU: by oneDNN where it is used, else im2col in tiles that stay in cache, then
//! one matrix product per tile, photo by photo.
//!
//! burn-flex gathers its columns from a channels-last copy made on one thread, and takes weight
//! gradients by a convolution whose matrix product is only nine columns wide; the same three
//! products in their natural shapes are faster.

mod gradients;

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::Tensor;
use burn::tensor::module::conv2d as burn_conv2d;
use burn::tensor::ops::ConvOptions;
use rayon::prelude::*;

use super::meter::metered;
use super::onednn::{Convolution, planar};
use crate::flex::{flex, floats, is_flex};

/// Columns gathered at a time, in floats: 640 KB, two thirds of a core's second-level cache.
const TILE: usize = 160 * 1024;
/// The matrix product works on this many output positions at once where it has AVX-512.
const POSITIONS: usize = 64;

/// The two-dimensional convolution (cross-correlation) of `x` with `weight`, zero padded.
///
/// # Shapes
/// - `x`: `[batch, channels_in, height, width]`
/// - `weight`: `[channels_out, channels_in, kernel, kernel]`
/// - `bias`: `[channels_out]`
/// - output: `[batch, channels_out, (height + 2 padding - kernel) / stride + 1, ...]`
pub fn conv2d(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    stride: usize,
    padding: usize,
) -> Tensor<4> {
    if !is_flex(&x.device()) {
        let options = ConvOptions::new([stride; 2], [padding; 2], [1, 1], 1);
        return burn_conv2d(x, weight, bias, options);
    }
    let y =
        <Dispatch as ConvKernels>::conv(x.into_dispatch(), weight.into_dispatch(), stride, padding);
    let y = Tensor::from_dispatch(y);
    match bias {
        Some(bias) => {
            let channels = bias.dims()[0];
            y + bias.reshape([1, channels, 1, 1])
        }
        None => y,
    }
}

/// The convolution and its two gradients; a backend without kernels of its own takes burn's.
#[backend_extension(Flex, Autodiff)]
trait ConvKernels: Backend {
    fn conv(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        stride: usize,
        padding: usize,
    ) -> FloatTensor<Self>;
}

impl ConvKernels for Flex {
    fn conv(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        stride: usize,
        padding: usize,
    ) -> FloatTensor<Self> {
        let shape = ConvShape::new(&x.shape(), &weight.shape(), stride, padding);
        let (x, weight) = (x.to_contiguous(), weight.to_contiguous());
        let y = forward(&shape, floats(&x), floats(&weight));
        flex(y, [shape.batch, shape.out, shape.oh, shape.ow])
    }
}

/// Sizes of one convolution.
#[derive(Debug, Clone, Copy)]
struct ConvShape {
    batch: usize,
    cin: usize,
    h: usize,
    w: usize,
    out: usize,
    k: usize,
    oh: usize,
    ow: usize,
    stride: usize,
    padding: usize,
}

impl ConvShape {
    fn new(x: &[usize], weight: &[usize], stride: usize, padding: usize) -> Self {
        let &[batch, cin, h, w] = x else {
            panic!("conv2d: the input is not of rank 4: {x:?}")
        };
        let &[out, channels, k, kw] = weight else {
            panic!("conv2d: the weight is not of rank 4: {weight:?}")
        };
        assert!(
            cin == channels && k == kw,
            "conv2d: a weight {weight:?} does not fit an input {x:?}"
        );
        let size = |side: usize| (side + 2 * padding - k) / stride + 1;
        let (oh, ow) = (size(h), size(w));
        Self {
            batch,
            cin,
            h,
            w,
            out,
            k,
            oh,
            ow,
            stride,
            padding,
        }
    }

    /// Rows of the column matrix: one for each input channel and kernel position.
    fn depth(&self) -> usize {
        self.cin * self.k * self.k
    }

    /// Multiplications and additions.
    fn operations(&self) -> usize {
        Convolution::from(self).operations()
    }

    /// Output positions.
    fn area(&self) -> usize {
        self.oh * self.ow
    }

    /// Ranges of output rows whose columns fit a tile, in whole [`POSITIONS`] if possible.
    fn tiles(self) -> impl Iterator<Item = (usize, usize)> {
        let whole = (POSITIONS / self.ow).max(1);
        let rows = TILE / (self.depth() * self.ow) / whole * whole;
        let rows = rows.clamp(1, self.oh);
        (0..self.oh)
            .step_by(rows)
            .map(move |y| (y, (y + rows).min(self.oh)))
    }

    /// Output columns whose input column `ox * stride + kx - padding` lies inside the picture.
    fn inside(&self, kx: usize) -> (usize, usize) {
        let first = self.padding.saturating_sub(kx).div_ceil(self.stride);
        let last = (self.w + self.padding)
            .saturating_sub(kx)
            .div_ceil(self.stride);
        (first.min(self.ow), last.clamp(first.min(self.ow), self.ow))
    }

    /// Calls `line(row, input, from, to)` for each row of columns `[depth, tile]`, where
    /// `input` is the index in one picture of what output column `from` sees. A row that sees
    /// only padding has `from == to`.
    fn lines(&self, (y0, y1): (usize, usize), mut line: impl FnMut(usize, usize, usize, usize)) {
        let tile = (y1 - y0) * self.ow;
        for c in 0..self.cin {
            for ky in 0..self.k {
                for kx in 0..self.k {
                    let row = ((c * self.k + ky) * self.k + kx) * tile;
                    let (from, to) = self.inside(kx);
                    for oy in y0..y1 {
                        let start = row + (oy - y0) * self.ow;
                        let iy = (oy * self.stride + ky).wrapping_sub(self.padding);
                        if iy < self.h && from < to {
                            let ix = from * self.stride + kx - self.padding;
                            line(start, (c * self.h + iy) * self.w + ix, from, to);
                        } else {
                            line(start, 0, 0, 0);
                        }
                    }
                }
            }
        }
    }

    /// Gathers the columns of one tile of a picture.
    fn im2col(&self, x: &[f32], rows: (usize, usize), columns: &mut [f32]) {
        self.lines(rows, |start, input, from, to| {
            let line = &mut columns[start..start + self.ow];
            line[..from].fill(0.0);
            line[to..].fill(0.0);
            let line = &mut line[from..to];
            if self.stride == 1 {
                line.copy_from_slice(&x[input..input + line.len()]);
            } else {
                let seen = x[input..].iter().step_by(self.stride);
                line.iter_mut().zip(seen).for_each(|(to, from)| *to = *from);
            }
        });
    }
}

impl From<&ConvShape> for Convolution {
    fn from(shape: &ConvShape) -> Self {
        Self {
            source: [shape.batch, shape.cin, shape.h, shape.w],
            weight: [shape.out, shape.cin, shape.k, shape.k],
            stride: shape.stride,
            padding: shape.padding,
        }
    }
}

fn forward(shape: &ConvShape, x: &[f32], weight: &[f32]) -> Vec<f32> {
    if planar::is_used() {
        let shape = shape.into();
        return planar::forward(&shape, &planar::channels_last(&shape, x), weight);
    }
    let (depth, area) = (shape.depth(), shape.area());
    let mut y = vec![0.0; shape.batch * shape.out * area];
    let picture = |(x, y): (&[f32], &mut [f32])| {
        let mut columns = Vec::new();
        for (y0, y1) in shape.tiles() {
            let tile = (y1 - y0) * shape.ow;
            columns.resize(depth * tile, 0.0);
            shape.im2col(x, (y0, y1), &mut columns);
            gemm(
                Matrix::new(weight, depth),
                Matrix::new(&columns, tile),
                (&mut y[y0 * shape.ow..], area),
                [shape.out, depth, tile],
                false,
            );
        }
    };
    let pictures = shape.cin * shape.h * shape.w;
    let pairs = x
        .par_chunks(pictures)
        .zip(y.par_chunks_mut(shape.out * area));
    metered(shape.operations(), || pairs.for_each(picture));
    y
}

/// A matrix in a slice, with the distance between its rows and between its columns.
#[derive(Clone, Copy)]
struct Matrix<'a> {
    values: &'a [f32],
    row: usize,
    column: usize,
}

impl<'a> Matrix<'a> {
    fn new(values: &'a [f32], row: usize) -> Self {
        Self {
            values,
            row,
            column: 1,
        }
    }

    fn transposed(self) -> Self {
        Self {
            row: self.column,
            column: self.row,
            ..self
        }
    }

    fn reaches(&self, rows: usize, columns: usize) -> bool {
        (rows - 1) * self.row + (columns - 1) * self.column < self.values.len()
    }
}

/// `c = a b`, or `c += a b`, for `a` `[m, k]`, `b` `[k, n]` and `c` `[m, n]` whose rows are
/// `c.1` apart.
fn gemm(a: Matrix, b: Matrix, c: (&mut [f32], usize), [m, k, n]: [usize; 3], add: bool) {
    let (c, row) = c;
    assert!(
        a.reaches(m, k) && b.reaches(k, n) && (m - 1) * row + n <= c.len(),
        "gemm: [{m}, {k}] x [{k}, {n}] reaches past the end of its operands"
    );
    // SAFETY: the assertion above bounds every element that the strides reach, and `c` is
    // borrowed exclusively.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            c.as_mut_ptr(),
            1,
            row as isize,
            add,
            a.values.as_ptr(),
            a.column as isize,
            a.row as isize,
            b.values.as_ptr(),
            b.column as isize,
            b.row as isize,
            1.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, Distribution, Tolerance};

    /// (batch, channels in and out, height, width, kernel, stride, padding)
    const SHAPES: [[usize; 8]; 8] = [
        [1, 1, 1, 1, 1, 1, 1, 0],
        [2, 3, 5, 7, 9, 3, 1, 1],
        [3, 8, 4, 16, 12, 4, 2, 1],
        [1, 5, 6, 2, 3, 3, 1, 1],
        [2, 4, 1, 4, 4, 4, 1, 0],
        [1, 64, 32, 64, 48, 3, 1, 1],
        [5, 40, 70, 12, 12, 4, 2, 1],
        [2, 6, 33, 7, 10, 4, 2, 1],
    ];

    #[test]
    fn agrees_with_burn_on_random_shapes() {
        for [b, cin, cout, h, w, k, stride, padding] in SHAPES {
            let device = Device::flex().autodiff();
            let random = |shape: [usize; 4]| -> Tensor<4> {
                Tensor::random(shape, Distribution::Normal(0.0, 1.0), &device)
            };
            let (x, weight) = (random([b, cin, h, w]), random([cout, cin, k, k]));
            let bias = random([1, 1, 1, cout]).reshape([cout]);
            let (x, weight) = (x.require_grad(), weight.require_grad());
            let options = ConvOptions::new([stride; 2], [padding; 2], [1, 1], 1);
            let ours = conv2d(
                x.clone(),
                weight.clone(),
                Some(bias.clone()),
                stride,
                padding,
            );
            let burns = burn_conv2d(x.clone(), weight.clone(), Some(bias), options);
            let near = Tolerance::<f32>::rel_abs(1e-4, 1e-3);
            ours.to_data().assert_approx_eq(&burns.to_data(), near);

            let pull = random(ours.dims());
            let ours = (ours * pull.clone()).sum().backward();
            let burns = (burns * pull).sum().backward();
            for tensor in [&x, &weight] {
                let gradient = |of| tensor.grad(of).expect("a gradient").into_data();
                gradient(&ours).assert_approx_eq(&gradient(&burns), near);
            }
        }
    }
}
