//! From pixels and a sentence to pixels: the whole of an edit.
//!
//! [`EditModel::read`] makes clauses of a sentence: a query that says where, and a paint that says what.
//! [`EditSession::look`] runs the network, when a photo comes; [`EditSession::edit`] asks the queries of what it saw.
//! What comes out is applied to the full photo with any strength.
//!
//! ```no_run
//! # async fn example(weights: Vec<u8>, mut rgba: Vec<u8>) -> Result<(), wordloom::EngineError> {
//! use wordloom::{Device, EditModel};
//!
//! let engine = EditModel::open(&weights, Device::flex()).await?;
//! let look = engine.session().look(&rgba, 640, 480).await?;
//! let reading = engine.read("a navy coat and white trousers").await?;
//! let edited = engine.session().edit(&look, &reading.condition).await?;
//! edited.edit.apply(&mut rgba, 0.8)?;
//! # Ok(())
//! # }
//! ```

mod connected;
mod context;
mod cover;
mod dress;
mod garments;
mod ground;
mod layers;
mod likeness;
mod look;
mod session;
#[cfg(test)]
mod tests;
mod wish;

use burn::tensor::{Device, Tensor};

use crate::editor::Editor;
use crate::prompt::{Batch, Clause, Mark, PromptError, THINGS, Thing, sentence};
use crate::shrink::PixelsError;
use crate::weights::{self, Model, WeightsError};

pub use connected::connected;
pub use context::LIKELY;
pub use dress::Form;
pub use garments::{Finished, GarmentModel, Sketch, Wording, paint};
pub use layers::Layers;
pub use look::{Look, Looking};
pub use session::{EditSession, Edited, SHARE};
use wish::CONTEXTS;
pub use wish::{Instead, PAINT, Wish};

/// A model on a device, ready to read sentences and to edit photos.
#[derive(Debug)]
pub struct EditModel {
    model: Model<Editor>,
    session: EditSession,
}

/// What a sentence says to a model.
#[derive(Debug, Clone)]
pub struct Reading {
    /// For each clause its query, the sentence embedding, and the [`PAINT`] numbers of its paint.
    pub condition: Vec<f32>,
    /// The clauses, in the order of the sentence.
    pub clauses: Vec<Clause>,
    /// The words of the sentence that nobody knows, as they were typed.
    pub unknown: Vec<String>,
    /// The parts of the sentence that say something.
    pub marks: Vec<Mark>,
}

/// Things that can be asked for, and their queries.
#[derive(Debug, Clone)]
pub struct Queries {
    /// The things.
    pub things: Vec<&'static Thing>,
    /// Their queries, one after the other, with a paint each as in a [`Reading`].
    pub condition: Vec<f32>,
}

/// Why there is no edit, in words for the person who asked for it.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The weights are damaged, or not for this program.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// The sentence says nothing to this model.
    #[error(transparent)]
    Prompt(#[from] PromptError),
    /// A side is zero.
    #[error("The photo is {width} x {height} pixels, so there is nothing in it to edit.")]
    NoPixels {
        /// Pixels across.
        width: usize,
        /// Pixels down.
        height: usize,
    },
    /// The photo's bytes cannot be counted on this machine.
    #[error(
        "A photo of {width} x {height} pixels is more than fits into this device's memory. Make it smaller first."
    )]
    TooLarge {
        /// Pixels across.
        width: usize,
        /// Pixels down.
        height: usize,
    },
    /// Not four bytes (red, green, blue, alpha) a pixel.
    #[error(
        "A photo of {width} x {height} pixels has {expected} bytes of red, green, blue and alpha, but {given} were given."
    )]
    Bytes {
        /// Pixels across.
        width: usize,
        /// Pixels down.
        height: usize,
        /// `width * height * 4`
        expected: usize,
        /// The bytes that came.
        given: usize,
    },
    /// A reading of another model.
    #[error("The sentence was read as {found} numbers, but this model expects {expected}.")]
    Condition {
        /// Numbers that came.
        found: usize,
        /// Numbers that the editor sees.
        expected: usize,
    },
    /// A picture's sizes contradict each other: a bug of ours.
    #[error(transparent)]
    Pixels(#[from] PixelsError),
    /// The device did not give a picture back.
    #[error("The device gave no picture back ({0}). Try again, or reload the page.")]
    Device(String),
}

impl EditModel {
    /// Reads packed weights and runs the model's self-test, which also warms the device up.
    ///
    /// # Errors
    /// [`EngineError::Weights`] names what is wrong with the file, or says that this device
    /// computes something else than the trainer did.
    pub async fn open(packed: &[u8], device: Device) -> Result<Self, EngineError> {
        Self::of(weights::unpack(packed, &device)?, device).await
    }

    /// The same of weights whose digest has been compared already: see
    /// [`unpack_verified`](weights::unpack_verified).
    ///
    /// # Errors
    /// As [`open`](Self::open), except for the digest.
    pub async fn open_verified(packed: &[u8], device: Device) -> Result<Self, EngineError> {
        Self::of(weights::unpack_verified(packed, &device)?, device).await
    }

    async fn of(mut model: Model<Editor>, device: Device) -> Result<Self, EngineError> {
        model.generator = model.generator.prepack();
        model.self_test().await?;
        let session = EditSession::new(model.generator.clone(), &model.config, device);
        Ok(Self { model, session })
    }

    /// The half that sees the photo.
    pub fn session(&self) -> &EditSession {
        &self.session
    }

    /// The words of a sentence that nobody knows, each once, as they were typed. None for a
    /// sentence without words.
    pub fn unknown_words(&self, sentence: &str) -> Vec<String> {
        match sentence::read(sentence) {
            Ok(read) => read.unknown,
            Err(error) => error.unknown().to_vec(),
        }
    }

    /// Why a sentence says nothing: see [`PromptError::key`]. None where it can be read.
    pub fn trouble(&self, sentence: &str) -> Option<&'static str> {
        sentence::read(sentence).err().map(|error| error.key())
    }

    /// Reads a sentence.
    ///
    /// # Errors
    /// For a sentence that asks for no change or for nothing known, and a device that fails.
    pub async fn read(&self, sentence: &str) -> Result<Reading, EngineError> {
        let read = sentence::read(sentence)?;
        let asked = read.clauses.iter().map(widened).collect();
        Ok(Reading {
            condition: self.condition(&read.clauses, asked).await?,
            clauses: read.clauses,
            unknown: read.unknown,
            marks: read.marks,
        })
    }

    /// The things that a photo is searched for, to tell what is in it.
    ///
    /// # Errors
    /// A device that fails.
    pub async fn queries(&self) -> Result<Queries, EngineError> {
        let listed = THINGS.iter().filter(|thing| thing.listed);
        self.queries_for(listed.collect()).await
    }

    /// Queries for these things, each by its own name.
    ///
    /// # Errors
    /// A device that fails.
    pub async fn queries_for(&self, things: Vec<&'static Thing>) -> Result<Queries, EngineError> {
        let clauses: Vec<Clause> = things.iter().map(|thing| Clause::naming(thing)).collect();
        let condition = self.condition(&clauses, clauses.clone()).await?;
        Ok(Queries { things, condition })
    }

    /// What each clause wants, by the query of what is asked for it, and behind them what is asked for their sake.
    async fn condition(
        &self,
        clauses: &[Clause],
        mut asked: Vec<Clause>,
    ) -> Result<Vec<f32>, EngineError> {
        let context = CONTEXTS.iter().filter_map(|name| Thing::named(name));
        asked.extend(context.map(Clause::naming));
        let queries = self.queries_of(&asked).await?.into_iter();
        let wishes = clauses.iter().map(Wish::of);
        let wishes = wishes.chain(std::iter::repeat(Wish::context()));
        let numbers = wishes.zip(queries);
        Ok(numbers
            .flat_map(|(wish, query)| wish.after(query))
            .collect())
    }

    /// The sentence embedding of each clause.
    async fn queries_of(&self, clauses: &[Clause]) -> Result<Vec<Vec<f32>>, EngineError> {
        let Model {
            text, vocabulary, ..
        } = &self.model;
        let batch = Batch::of_clauses(clauses, vocabulary, &self.session.device);
        let sentence = text.forward(&batch).pooled;
        let size = self.session.sentence;
        let values = read_back(sentence).await?;
        Ok(values.chunks(size).map(<[f32]>::to_vec).collect())
    }
}

/// A clause that asks for the thing of whose kinds it names one. What is a blouse to one is a shirt to another,
/// and masks of the wider word are the better ones.
fn widened(clause: &Clause) -> Clause {
    let wider = clause.thing.and_then(Thing::kind_of);
    // Where a sentence without a thing acts has nothing to do with prints.
    let asked = |token: &&&'static str| clause.thing.is_some() || **token != "plain";
    let name = |token: &&'static str| match (clause.thing, wider) {
        (Some(thing), Some(wider)) if thing.name == *token => wider.name,
        _ => *token,
    };
    Clause {
        tokens: clause.tokens.iter().filter(asked).map(name).collect(),
        ..clause.clone()
    }
}

async fn read_back<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, EngineError> {
    let lost = |error: &dyn std::fmt::Display| EngineError::Device(error.to_string());
    let data = tensor.into_data_async().await.map_err(|e| lost(&e))?;
    data.try_to_vec().map_err(|e| lost(&e))
}
