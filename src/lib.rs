//! Wordloom edits a photo from a sentence, or makes a picture of one, in the browser tab.
//!
//! ```text
//! photo ──► shrink ──► editor ──► small mask and colour ──► paint ──► photo
//! sentence ──► prompt ──┘                      photo ────────┘
//!
//! sentence ──► prompt ──► weaver ──► coarse picture ──► fine picture
//! ```
//!
//! [`Engine`] is the whole of it: [`Engine::open`] takes a packed model, [`Engine::read`] a sentence,
//! [`Painter::edit`] a photo, and [`Edit::apply`] changes it. [`Maker`] is the same for pictures from
//! sentences alone. JavaScript sees both through `web`.
//!
//! # A map of the house
//! - [`engine`]: an edit from pixels to pixels, and a picture from a sentence
//! - [`prompt`]: a sentence to word features and one sentence embedding
//! - [`editor`]: the editing generator, made of [`layers`] and a [`fusion`] of photo and sentence
//! - [`weaver`]: a sentence to a picture of a garment, in two stages
//! - [`paint`]: masks and colours to the full photo, with its own light and edges, in [`colour`]'s
//!   CIELAB
//! - [`shrink`]: the photo down to the network's size
//! - [`weights`]: packed model files: read, check, unpack
//! - [`kernels`]: operations that are faster here than in burn
//! - `gpu`: the browser's GPU, and the full photo drawn on it
//!
//! Training lives in the crate `wordloom-trainer`, which depends on this one.

pub mod colour;
pub mod editor;
pub mod engine;
pub mod fusion;
#[cfg(all(feature = "gpu", target_arch = "wasm32"))]
pub mod gpu;
pub mod kernels;
pub mod layers;
pub mod paint;
pub mod prompt;
pub mod shrink;
pub mod weaver;
#[cfg(target_arch = "wasm32")]
pub mod web;
pub mod weights;

pub use burn::tensor::Device;
pub use engine::{Edit, Engine, EngineError, Maker, Painter, Reading};
