//! Loops over values, in code for AVX-512 where the processor has that.

/// A function of which the compiler makes such code, for each type of values.
macro_rules! vectors {
    ($($(#[$attribute:meta])* fn $name:ident($($argument:ident: $type:ty),* $(,)?) $body:block)*) => {$(
        $(#[$attribute])*
        pub(super) fn $name<T: $crate::training::onednn::Value>($($argument: $type),*) {
            #[inline(always)]
            fn plain<T: $crate::training::onednn::Value>($($argument: $type),*) $body

            #[cfg(target_arch = "x86_64")]
            if $crate::training::onednn::vectors::has_avx512() {
                #[target_feature(enable = "avx512f,avx512bw,avx512vl,fma")]
                fn vectors<T: $crate::training::onednn::Value>($($argument: $type),*) {
                    plain::<T>($($argument),*);
                }
                // SAFETY: the processor has just been asked.
                return unsafe { vectors::<T>($($argument),*) };
            }
            plain::<T>($($argument),*);
        }
    )*};
}

/// Whether the processor has AVX-512 for bytes and for short vectors, as all have that compute in bf16.
#[cfg(target_arch = "x86_64")]
pub fn has_avx512() -> bool {
    is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("fma")
}

#[inline(always)]
pub fn relu(x: f32, slope: f32) -> f32 {
    if x > 0.0 { x } else { slope * x }
}
