//! Kernels of our own, each checked against burn's operation on random shapes.
//!
//! They exist where burn's generic CPU kernel leaves most of the machine idle; on every other
//! backend the burn operation runs.

mod conv;

pub use conv::conv2d;
