//! Wordloom.
pub mod editor;
pub mod fusion;
pub mod kernels;
pub mod layers;
pub mod prompt;
pub mod weights;
