//! The same products in vectors, where there are no tiles (AVX512-BF16: AMD since Zen 4, Intel since
//! Cooper Lake).

use std::arch::x86_64::*;

use super::shape::{BLOCK, STEP, Stride};

/// Rows whose sums stay in registers: with two vectors of columns each, 16 of the 32.
const ROWS: usize = 8;

/// The processor has them: whoever holds this has asked.
#[derive(Debug, Clone, Copy)]
pub struct HasVectors(());

impl HasVectors {
    /// Asks.
    pub fn find() -> Option<Self> {
        let all = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512bf16");
        all.then_some(Self(()))
    }

    /// As [`super::blocks::Products::block`].
    ///
    /// # Safety
    /// The same.
    pub unsafe fn block(
        self,
        steps: impl Iterator<Item = (*const u16, *const u32)> + Clone,
        strides: (Stride, Stride),
        c: *mut f32,
        row: usize,
        add: bool,
    ) {
        // SAFETY: the caller's promise, and the instructions exist.
        unsafe { block(steps, strides, c, row, add) }
    }
}

/// As [`HasVectors::block`].
///
/// # Safety
/// The same.
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
unsafe fn block(
    steps: impl Iterator<Item = (*const u16, *const u32)> + Clone,
    (a_stride, b_stride): (Stride, Stride),
    c: *mut f32,
    row: usize,
    add: bool,
) {
    for first in (0..BLOCK).step_by(ROWS) {
        let skip = first / 16 * a_stride.half + first % 16 * a_stride.row;
        let c = c.wrapping_byte_add(first * row);
        let mut sums = [[_mm512_setzero_ps(); 2]; ROWS];
        // SAFETY: the caller's promise.
        unsafe {
            if add {
                for (i, sums) in sums.iter_mut().enumerate() {
                    let c = c.wrapping_byte_add(i * row);
                    *sums = [_mm512_loadu_ps(c), _mm512_loadu_ps(c.wrapping_add(16))];
                }
            }
            for (a, b) in steps.clone() {
                let a = a.wrapping_byte_add(skip).cast::<i32>();
                for pair in 0..STEP / 2 {
                    let b = b.wrapping_byte_add(pair * b_stride.row).cast::<__m512i>();
                    let next = b.wrapping_byte_add(b_stride.half);
                    let b = [
                        halves(_mm512_loadu_si512(b)),
                        halves(_mm512_loadu_si512(next)),
                    ];
                    for (i, sums) in sums.iter_mut().enumerate() {
                        let a = a.wrapping_byte_add(i * a_stride.row).wrapping_add(pair);
                        let a = halves(_mm512_set1_epi32(a.read_unaligned()));
                        sums[0] = _mm512_dpbf16_ps(sums[0], a, b[0]);
                        sums[1] = _mm512_dpbf16_ps(sums[1], a, b[1]);
                    }
                }
            }
            for (i, sums) in sums.iter().enumerate() {
                let c = c.wrapping_byte_add(i * row);
                _mm512_storeu_ps(c, sums[0]);
                _mm512_storeu_ps(c.wrapping_add(16), sums[1]);
            }
        }
    }
}

/// The same bits, as pairs of bf16.
#[inline]
#[target_feature(enable = "avx512f,avx512bf16")]
fn halves(bits: __m512i) -> __m512bh {
    // SAFETY: both are 64 bytes without invalid values.
    unsafe { std::mem::transmute(bits) }
}
