//! Feature maps in bf16, as the products read them.
//!
//! A map is padded with zeros and, for a stride `s`, taken apart into `s * s` phases: phase `(r, t)`
//! has every `s`th row from row `r` on and every `s`th column from column `t` on. What a kernel
//! position sees then lies in one phase at a fixed distance from the output position, so nothing has
//! to be gathered: output position `(y, x)` has number `y * width + x`, and the few numbers at the end
//! of a row that are no positions compute something that nobody reads.

use super::blocks::Unit;
use super::shape::BLOCK;

/// The layout of one channel.
#[derive(Debug, Clone, Copy)]
pub struct Planes {
    /// Height and width of the map.
    pub map: (usize, usize),
    /// Zeros above and to the left.
    pub front: usize,
    /// The stride by which it is taken apart.
    pub stride: usize,
    /// Width of a phase with its zeros.
    pub width: usize,
    /// Values of a phase, with as many zeros behind it as blocks reach past its end.
    pub length: usize,
}

impl Planes {
    /// Values of a channel, over all phases.
    pub fn channel(&self) -> usize {
        self.stride * self.stride * self.length
    }

    /// Where a kernel's row and column `ky`, `kx` are seen from output position 0.
    pub fn tap(&self, ky: usize, kx: usize) -> usize {
        let s = self.stride;
        (ky % s * s + kx % s) * self.length + ky / s * self.width + kx / s
    }

    /// Calls `line(from, to)` for each run of every `stride`th value: where it starts in the map,
    /// and in the layout. It ends with the map's row.
    #[inline(always)]
    fn lines(&self, mut line: impl FnMut(usize, usize)) {
        let (s, (h, w)) = (self.stride, self.map);
        for y in 0..h {
            let row = y + self.front;
            for x in 0..s.min(w) {
                let column = x + self.front;
                let phase = row % s * s + column % s;
                line(
                    y * w + x,
                    phase * self.length + row / s * self.width + column / s,
                );
            }
        }
    }

    /// Values in a run that begins in the map at `from`.
    fn run(&self, from: usize) -> usize {
        (self.map.1 - from % self.map.1).div_ceil(self.stride)
    }
}

/// The nearest bf16, ties to even.
#[inline(always)]
pub fn bf16(x: f32) -> u32 {
    let bits = x.to_bits();
    bits.wrapping_add(0x7fff + (bits >> 16 & 1)) >> 16
}

/// A function that is compiled for the vectors of a unit, which says that they are there.
macro_rules! for_vectors {
    ($(#[$doc:meta])* fn $name:ident($($argument:ident: $of:ty),*) $body:block) => {
        $(#[$doc])*
        pub fn $name(unit: Unit, $($argument: $of),*) {
            #[target_feature(enable = "avx512f,avx512bw")]
            fn vectors($($argument: $of),*) $body

            #[cfg(test)]
            fn numbers($($argument: $of),*) $body

            match unit {
                // SAFETY: whoever has one of these has asked for the vectors.
                Unit::Tiles(_) | Unit::Vectors(_) => unsafe { vectors($($argument),*) },
                #[cfg(test)]
                Unit::Numbers => numbers($($argument),*),
            }
        }
    };
}

for_vectors! {
    /// Channels `[c, h, w]` as pairs `[c / 2, phases, length, 2]`, for `b` of a product over channels.
    /// What `to` has in between stays: zeros, if it was made of them.
    fn pairs(of: Planes, x: &[f32], to: &mut [u32]) {
        let (h, w) = of.map;
        for (pair, to) in x.chunks(2 * h * w).zip(to.chunks_exact_mut(of.channel())) {
            let (first, second) = pair.split_at(h * w);
            of.lines(|from, at| {
                let to = &mut to[at..at + of.run(from)];
                if second.is_empty() {
                    let values = first[from..].iter().step_by(of.stride);
                    to.iter_mut().zip(values).for_each(|(to, a)| *to = bf16(*a));
                } else if of.stride == 1 {
                    for (to, (a, b)) in to.iter_mut().zip(first[from..].iter().zip(&second[from..])) {
                        *to = bf16(*a) | bf16(*b) << 16;
                    }
                } else {
                    let both = first[from..].iter().zip(&second[from..]);
                    for (to, (a, b)) in to.iter_mut().zip(both.step_by(of.stride)) {
                        *to = bf16(*a) | bf16(*b) << 16;
                    }
                }
            });
        }
    }
}

for_vectors! {
    /// Channels `[c, h, w]` as `[c, phases, length]`, for `a` of a product over positions.
    fn singles(of: Planes, x: &[f32], to: &mut [u16]) {
        let (h, w) = of.map;
        for (x, to) in x.chunks(h * w).zip(to.chunks_exact_mut(of.channel())) {
            of.lines(|from, at| {
                let to = &mut to[at..at + of.run(from)];
                if of.stride == 1 {
                    for (to, x) in to.iter_mut().zip(&x[from..]) {
                        *to = bf16(*x) as u16;
                    }
                } else {
                    for (to, x) in to.iter_mut().zip(x[from..].iter().step_by(of.stride)) {
                        *to = bf16(*x) as u16;
                    }
                }
            });
        }
    }
}

for_vectors! {
    /// Channels `[c, length]` as pairs of positions `[length / 2, width, 2]`, for `b` of a product over
    /// positions; `width` is `c` in whole blocks.
    fn transposed(x: &[u16], length: usize, to: &mut [u32]) {
        let width = x.len() / length;
        assert!(width.is_multiple_of(BLOCK) && length.is_multiple_of(BLOCK));
        for c in (0..width).step_by(16) {
            for q in (0..length).step_by(32) {
                for i in c..c + 16 {
                    let pairs = &x[i * length + q..i * length + q + 32];
                    for (pair, j) in pairs.as_chunks::<2>().0.iter().zip(q / 2..) {
                        to[j * width + i] = u32::from(pair[0]) | u32::from(pair[1]) << 16;
                    }
                }
            }
        }
    }
}
