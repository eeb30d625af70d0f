//! Wordloom edits a photo from a sentence, or makes a garment of one, in the browser tab.
//!
//! ```text
//! photo ──► shrink ──► trunk ──► embeddings, once ──► head ──► masks ──► paint ──► photo
//! sentence ──► prompt ──► clauses: a query and a paint each ──┘            photo ──┘
//!
//! sentence ──► prompt ──► weaver ──► coarse form ──► fine form ──► paint ──► picture
//! ```
//!
//! [`Engine`] is the whole of it: [`Engine::open`] takes a packed model, [`Engine::read`] a sentence,
//! [`Painter::look`] a photo, [`Painter::edit`] both, and [`Edit::apply`] changes the photo. [`Maker`] makes
//! garments from sentences alone. JavaScript sees both through `web`.
//!
//! # A map of the house
//! - [`engine`]: an edit from pixels to pixels, and a garment from a sentence
//! - [`prompt`]: a sentence to clauses, things and colours, and to its embedding
//! - [`trunk`]: a photo to an embedding for each of its places
//! - [`head`]: where a sentence acts, by a [`fusion`] of places and text; both are the [`editor`]
//! - [`paint`]: masks and colours to the full photo, with its own light and edges; [`colour`] is CIELAB
//! - [`fabric`]: cloth that is woven and printed, for [`paint`] to lay on
//! - [`weaver`]: a sentence to the form of a garment, in two stages
//! - [`shrink`]: the photo down to the network's size
//! - [`weights`]: packed model files: read, check, unpack
//! - [`kernels`]: operations that are faster here than in burn
//! - `gpu`: the browser's GPU, and the full photo drawn on it
//!
//! Training lives in the crate `wordloom-trainer`, which depends on this one.

pub mod colour;
pub mod comparison;
pub mod conditioning;
pub mod editor;
pub mod engine;
pub mod fabric;
pub mod fusion;
#[cfg(all(feature = "gpu", target_arch = "wasm32"))]
pub mod gpu;
pub mod head;
pub mod kernels;
pub mod layers;
pub mod paint;
pub mod prompt;
pub mod shrink;
pub mod trunk;
pub mod weaver;
#[cfg(target_arch = "wasm32")]
pub mod web;
pub mod weights;

pub use burn::tensor::Device;
pub use engine::{Engine, EngineError, Look, Maker, Painter, Reading};
pub use paint::Edit;
