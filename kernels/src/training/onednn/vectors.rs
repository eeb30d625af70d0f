//! Loops over values in bf16 in code for AVX-512, which [`load`](super::load) has found where any of them run.

use half::bf16;

/// A function of which the compiler makes such code.
macro_rules! vectors {
    ($($(#[$attribute:meta])* fn $name:ident($($argument:ident: $type:ty),* $(,)?) $body:block)*) => {$(
        $(#[$attribute])*
        pub(super) fn $name($($argument: $type),*) {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512bw,avx512vl,fma")]
                fn vectors($($argument: $type),*) $body
                debug_assert!($crate::training::onednn::library::library().is_some());
                // SAFETY: there are maps in bf16 only where the library is loaded, and that is where these are.
                unsafe { vectors($($argument),*) }
            }
            #[cfg(not(target_arch = "x86_64"))]
            $body
        }
    )*};
}

// Rounding as `half` does, without its branches for NaN: the compiler makes vectors of these.
#[inline(always)]
pub fn wide(x: bf16) -> f32 {
    f32::from_bits(u32::from(x.to_bits()) << 16)
}

#[inline(always)]
pub fn narrow(x: f32) -> bf16 {
    let bits = x.to_bits();
    bf16::from_bits((bits.wrapping_add(0x7fff + ((bits >> 16) & 1)) >> 16) as u16)
}

#[inline(always)]
pub fn relu(x: f32, slope: f32) -> f32 {
    if x > 0.0 { x } else { slope * x }
}
