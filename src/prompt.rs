//! A sentence becomes word features and one sentence embedding.
//!
//! Mao et al. 2019 (BRL), section 3, and AttnGAN, section 3.1: words are embedded and read in
//! both directions by an LSTM; the two states at a word are its feature, the two last states are
//! the sentence embedding.

mod encoder;
pub mod things;
mod vocabulary;

pub use encoder::{Batch, TextEncoder, TextEncoderConfig, TextFeatures};
pub use things::{LABELS, THINGS, Thing};
pub use vocabulary::{PAD, Prompt, PromptError, UNKNOWN, Vocabulary};
