//! What JavaScript sees. Thin: whatever there is to decide is decided in [`crate::engine`].

#[cfg(feature = "check")]
mod check;
#[cfg(feature = "cpu")]
mod cpu;
#[cfg(feature = "cpu")]
mod garments;
#[cfg(feature = "gpu")]
mod gpu;

use wasm_bindgen::prelude::*;

/// Panics are bugs; their message belongs in the console and not in "unreachable".
#[wasm_bindgen(start)]
fn start() {
    console_error_panic_hook::set_once();
}
