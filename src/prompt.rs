//! A sentence is read into clauses, each with the thing it names and the change it asks for; its
//! words become word features and one sentence embedding.
//!
//! Mao et al. 2019 (BRL), section 3, and AttnGAN, section 3.1: words are embedded and read in
//! both directions by an LSTM; the two states at a word are its feature, the two last states are
//! the sentence embedding.
//!
//! - [`things`]: what words can name in a photo
//! - [`colours`]: names of colours, English and Chinese, and what people make of them
//! - [`sentence`]: a sentence to clauses
//! - `vocabulary`, `encoder`: a clause's words to ids, to numbers

pub mod colours;
mod encoder;
mod error;
pub mod form;
mod literal;
pub mod sentence;
pub mod things;
mod vocabulary;
mod words;

pub use encoder::{Batch, TextEncoder, TextEncoderConfig, TextFeatures};
pub use error::PromptError;
pub use sentence::{Change, Clause, Cover, Mark, Role, Sentence};
pub use things::{LABELS, THINGS, Thing};
pub use vocabulary::{PAD, Prompt, UNKNOWN, Vocabulary};
