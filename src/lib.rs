//! Wordloom.
pub mod editor;
pub mod fusion;
pub mod kernels;
pub mod layers;
pub mod prompt;
pub mod shrink;
pub mod upsample;
pub mod weights;
