//! Packed model files.

pub mod named;
