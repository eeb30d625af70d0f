//! Wordloom edits a photo from a sentence, or makes a garment of one, in the browser tab.
//!
//! ```text
//! photo ──► shrink ──► trunk ──► embeddings, once ──► head ──► masks ──► paint ──► photo
//! sentence ──► prompt ──► clauses: a query and a paint each ──┘            photo ──┘
//!
//! sentence ──► prompt ──► text_to_image ──► coarse form ──► fine form ──► paint ──► picture
//! ```
//!
//! [`EditModel`] is the whole of it: [`EditModel::open`] takes a packed model, [`EditModel::read`] a sentence,
//! [`EditSession::look`] a photo, [`EditSession::edit`] both, and [`Edit::apply`] changes the photo. [`GarmentModel`] makes
//! garments from sentences alone. JavaScript sees both through `web`.
//!
//! # A map of the house
//! - [`engine`]: an edit from pixels to pixels, and a garment from a sentence
//! - [`prompt`]: a sentence to clauses, things and colours, and to its embedding
//! - [`trunk`]: a photo to an embedding for each of its places
//! - [`head`]: where a sentence acts, by a [`fusion`] of places and text; both are the [`editor`]
//! - [`paint`]: masks and colours to the full photo, with its own light and edges; [`colour`] is CIELAB
//! - [`fabric`]: cloth that is woven and printed, for [`paint`] to lay on
//! - [`text_to_image`]: a sentence to the form of a garment, in two stages
//! - [`shrink`]: the photo down to the network's size
//! - [`weights`]: packed model files: read, check, unpack
//! - `gpu`: the browser's GPU, and the full photo drawn on it
//!
//! Operations that are faster than burn's live in the crate `wordloom-kernels`, which [`layers`] chooses from; training in
//! `wordloom-trainer`, which depends on both.

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
pub mod layers;
pub mod paint;
pub mod prompt;
mod random;
pub mod shrink;
pub mod text_to_image;
pub mod trunk;
#[cfg(target_arch = "wasm32")]
pub mod web;
pub mod weights;

pub use burn::tensor::Device;
pub use engine::{EditModel, EditSession, EngineError, GarmentModel, Look, Reading};
pub use paint::Edit;
