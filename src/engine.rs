//! From pixels and a sentence to pixels: the whole of an edit.
//!
//! [`Engine::read`] makes clauses of a sentence: a query that says where, and a paint that says what.
//! [`Painter::look`] runs the network, once for a photo; [`Painter::edit`] asks the queries of what it saw.
//! What comes out is applied to the full photo with any strength.
//!
//! ```no_run
//! # async fn example(weights: Vec<u8>, mut rgba: Vec<u8>) -> Result<(), wordloom::EngineError> {
//! use wordloom::{Device, Engine};
//!
//! let engine = Engine::open(&weights, Device::flex()).await?;
//! let look = engine.painter().look(&rgba, 640, 480).await?;
//! let reading = engine.read("a navy coat and white trousers").await?;
//! let edited = engine.painter().edit(&look, &reading.condition).await?;
//! edited.edit.apply(&mut rgba, 0.8)?;
//! # Ok(())
//! # }
//! ```

mod layers;
mod likeness;
mod maker;
#[cfg(test)]
mod tests;
mod wish;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Tensor};

use crate::editor::Editor;
use crate::head::Head;
use crate::kernels::tensor;
use crate::paint::Edit;
use crate::prompt::{Batch, Clause, Mark, PromptError, THINGS, Thing, sentence};
use crate::shrink::{PixelsError, Size, shrink};
use crate::trunk::{Features, STRIDE};
use crate::weights::{self, Model, WeightsError};

pub use layers::Layers;
use likeness::Likeness;
pub use maker::{Maker, Picture, Sketch, Wording};
use wish::CONTEXTS;
pub use wish::{Instead, PAINT, Wish};

/// The network sees a photo at most this many times as long as its short side. What is longer
/// is squeezed to that: a panorama costs four ordinary photos and its things look narrow to
/// the network, but the result keeps the panorama's own pixels.
const LONGEST: usize = 4;

/// What is in a photo is at least this likely by [`Painter::sees`].
pub const LIKELY: f32 = 0.4;
/// What lies alone is shoes, a hat or a bag when that is at least this likely.
const NOT_UNLIKE: f32 = 0.05;
/// And it is at least this share of the photo.
pub const SHARE: f32 = 0.0005;

/// A model on a device, ready to read sentences and to edit photos.
#[derive(Debug)]
pub struct Engine {
    model: Model<Editor>,
    painter: Painter,
}

/// The half of a model that sees the photo, on a device.
#[derive(Debug)]
pub struct Painter {
    editor: Editor,
    /// The size of a photo's short side at which the network works, in pixels.
    short_side: usize,
    /// Numbers of a sentence embedding.
    sentence: usize,
    device: Device,
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

/// What the network saw in a photo. It keeps nothing of the photo's full size.
#[derive(Debug, Clone)]
pub struct Look {
    photo: Size,
    small: Size,
    /// `[3, small.height, small.width]` in [-1, 1]
    planes: Vec<f32>,
    likeness: Likeness,
    features: Features,
    /// The masks that were asked for last: while a sentence is typed, its things stay and its colours change.
    found: Arc<Mutex<VecDeque<Found>>>,
}

/// A query, how likely its thing was said to be, and its mask.
type Found = (Vec<f32>, f32, Vec<f32>);

/// How many masks a [`Look`] remembers.
const REMEMBERED: usize = 8;

/// What a sentence does to a photo.
#[derive(Debug)]
pub struct Edited {
    /// The change, at any strength.
    pub edit: Edit,
    /// For each clause the share of the photo that it names, in [0, 1]; 0 for what is not there.
    pub shares: Vec<f32>,
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

impl Engine {
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
        model.generator = model.generator.lay_out();
        model.self_test().await?;
        let painter = Painter {
            editor: model.generator.clone(),
            short_side: model.config.side,
            sentence: model.config.generator.sentence,
            device,
        };
        Ok(Self { model, painter })
    }

    /// The half that sees the photo.
    pub fn painter(&self) -> &Painter {
        &self.painter
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
        let mut read = sentence::read(sentence)?;
        let count = read.clauses.len();
        let context = CONTEXTS.iter().filter_map(|name| Thing::named(name));
        read.clauses.extend(context.map(Clause::naming));
        let asked: Vec<Clause> = read.clauses.iter().map(widened).collect();
        let queries = self.queries_of(&asked).await?.into_iter();
        let wishes = read
            .clauses
            .iter()
            .enumerate()
            .map(|(n, clause)| match n < count {
                true => Wish::of(clause),
                false => Wish::context(),
            });
        let condition = wishes
            .zip(queries)
            .flat_map(|(wish, query)| wish.after(query));
        Ok(Reading {
            condition: condition.collect(),
            clauses: {
                read.clauses.truncate(count);
                read.clauses
            },
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
        let queries = self.queries_of(&clauses).await?.into_iter();
        let condition = queries.flat_map(|query| Wish::default().after(query));
        Ok(Queries {
            things,
            condition: condition.collect(),
        })
    }

    /// The sentence embedding of each clause.
    async fn queries_of(&self, clauses: &[Clause]) -> Result<Vec<Vec<f32>>, EngineError> {
        let Model {
            text, vocabulary, ..
        } = &self.model;
        let batch = Batch::of_clauses(clauses, vocabulary, &self.painter.device);
        let sentence = text.forward(&batch).pooled;
        let size = self.painter.sentence;
        let values = read_back(sentence).await?;
        Ok(values.chunks(size).map(<[f32]>::to_vec).collect())
    }
}

impl Painter {
    /// Reads of packed weights only this half, and compares what it computes with what it computed
    /// when packed, which also warms the device up.
    ///
    /// # Errors
    /// As [`Engine::open`].
    pub async fn open(packed: &[u8], device: Device) -> Result<Self, EngineError> {
        let (config, editor, check) = weights::unpack_generator::<Editor>(packed, &device)?;
        let editor = editor.lay_out();
        check.paint(&editor).await?;
        Ok(Self {
            editor,
            short_side: config.side,
            sentence: config.generator.sentence,
            device,
        })
    }

    /// Runs the network on a photo of `width * height * 4` bytes (rows of red, green, blue, alpha; where it
    /// is transparent, its colour counts less).
    ///
    /// # Errors
    /// For a photo without pixels or with the wrong number of bytes, and a device that fails.
    pub async fn look(
        &self,
        rgba: &[u8],
        width: usize,
        height: usize,
    ) -> Result<Look, EngineError> {
        let photo = check(rgba, width, height)?;
        let small = small_size(photo, self.short_side, STRIDE);
        let planes = shrink(rgba, photo, small)?;
        let shape = [1, 3, small.height, small.width];
        let features = self
            .editor
            .look(tensor(planes.clone(), shape, &self.device));
        Ok(Look {
            photo,
            small,
            likeness: Likeness::of(&planes, small),
            planes,
            features,
            found: Arc::default(),
        })
    }

    /// Asks the clauses of a [`Reading`]'s condition of a photo. What is not there is not painted.
    ///
    /// # Errors
    /// For a condition of another model, and a device that fails.
    pub async fn edit(&self, look: &Look, condition: &[f32]) -> Result<Edited, EngineError> {
        self.edit_by(look, condition, None).await
    }

    /// The same, or by the masks of another head.
    async fn edit_by(
        &self,
        look: &Look,
        condition: &[f32],
        head: Option<&Head>,
    ) -> Result<Edited, EngineError> {
        let wishes = self.wishes(condition)?;
        let likely = self.presence(look, &wishes).await?;
        let (context, asked): (Vec<_>, Vec<_>) = wishes
            .into_iter()
            .zip(likely)
            .partition(|((_, wish), _)| wish.is_context());
        let alone =
            matches!(&context[..], [(_, skin), (_, hair), _] if *skin < LIKELY && *hair < LIKELY);
        let clothes = context.last().filter(|(_, likely)| *likely >= LIKELY);
        let clothes = clothes.map(|((query, _), likely)| (query, *likely));
        let (mut layers, mut shares) = (Vec::new(), Vec::new());
        for ((query, wish), likely) in asked {
            let instead = match wish.instead() {
                Instead::OnlyGarment if alone => clothes,
                Instead::OnlyThing if alone && likely >= NOT_UNLIKE => clothes,
                Instead::Clothes => clothes,
                _ => None,
            };
            let asked = match likely >= LIKELY {
                true => Some((&query, likely)),
                false => instead,
            };
            let mask = match asked {
                Some((query, likely)) => match head {
                    Some(head) => self.found_by(head, look, query.clone(), likely).await?,
                    None => self.found(look, query.clone(), likely).await?,
                },
                None => Vec::new(),
            };
            let share = mask.iter().sum::<f32>() / mask.len().max(1) as f32;
            let there = share >= SHARE;
            shares.push(if there { share } else { 0.0 });
            if there {
                layers.push((mask, wish.paint(), share));
            }
        }
        // What is smaller lies on what is larger: shoes on clothes.
        layers.sort_by(|(.., a), (.., b)| b.total_cmp(a));
        let (mut masks, paints): (Vec<_>, Vec<_>) = layers
            .into_iter()
            .map(|(mask, paint, _)| (mask, paint))
            .unzip();
        wish::compete(&mut masks);
        let layers: Vec<_> = masks.into_iter().zip(paints).collect();
        let lost = |error: PixelsError| EngineError::Device(error.to_string());
        let edit = Edit::fit(&look.planes, look.small, &layers, look.photo).map_err(lost)?;
        Ok(Edited { edit, shares })
    }

    /// Of each query of a condition, how likely what it names is in the photo, and how much of the photo that
    /// would be, both in [0, 1].
    ///
    /// # Errors
    /// As [`edit`](Self::edit).
    pub async fn sees(&self, look: &Look, condition: &[f32]) -> Result<Vec<[f32; 2]>, EngineError> {
        let t = self.queries(&self.wishes(condition)?);
        let [presence, share] = self.editor.sees(&look.features, t);
        let likely = read_back(sigmoid(presence)).await?.into_iter();
        let shares = read_back(share).await?;
        Ok(likely
            .zip(shares)
            .map(|(likely, share)| [likely, share])
            .collect())
    }

    /// Where each clause of a condition has its thing, as an [`edit`](Self::edit) that asks for it alone finds it: 0 to
    /// 255, at the size of the small photo; all 0 for what is not there.
    ///
    /// # Errors
    /// As [`edit`](Self::edit).
    pub async fn places(
        &self,
        look: &Look,
        condition: &[f32],
    ) -> Result<Vec<Vec<u8>>, EngineError> {
        let wishes = self.wishes(condition)?;
        let likely = self.presence(look, &wishes).await?;
        let mut places = Vec::new();
        for ((query, _), likely) in wishes.into_iter().zip(likely) {
            places.push(match likely >= LIKELY {
                true => {
                    let mask = self.found(look, query, likely).await?;
                    mask.iter().map(|m| (255.0 * m).round() as u8).collect()
                }
                false => vec![0; look.planes.len() / 3],
            });
        }
        Ok(places)
    }

    /// The mask of each of a condition's clauses, whether it is there or not, at the size of the small
    /// photo, in [0, 1].
    ///
    /// # Errors
    /// As [`edit`](Self::edit).
    pub async fn masks(
        &self,
        look: &Look,
        condition: &[f32],
    ) -> Result<Vec<Vec<f32>>, EngineError> {
        let mut masks = Vec::new();
        for (query, _) in self.wishes(condition)? {
            let logits = self.logits(&self.editor.head, look, query).await?;
            masks.push(wish::enlarged(&logits, look.small));
        }
        Ok(masks)
    }

    /// The clauses of a condition.
    fn wishes(&self, condition: &[f32]) -> Result<Vec<(Vec<f32>, Wish)>, EngineError> {
        let each = self.sentence + PAINT;
        if condition.is_empty() || !condition.len().is_multiple_of(each) {
            return Err(EngineError::Condition {
                found: condition.len(),
                expected: each,
            });
        }
        let wishes = condition.chunks_exact(each).map(|numbers| {
            let (query, paint) = numbers.split_at(self.sentence);
            (query.to_vec(), Wish::from(paint))
        });
        Ok(wishes.collect())
    }

    async fn presence(
        &self,
        look: &Look,
        wishes: &[(Vec<f32>, Wish)],
    ) -> Result<Vec<f32>, EngineError> {
        let presence = self.editor.presence(&look.features, self.queries(wishes));
        read_back(sigmoid(presence)).await
    }

    fn queries(&self, wishes: &[(Vec<f32>, Wish)]) -> Tensor<2> {
        let queries: Vec<f32> = wishes.iter().flat_map(|(query, _)| query.clone()).collect();
        tensor(queries, [wishes.len(), self.sentence], &self.device)
    }

    /// The mask of a thing that is there with this likelihood, in [0, 1] at the size of the small photo.
    async fn found(
        &self,
        look: &Look,
        query: Vec<f32>,
        likely: f32,
    ) -> Result<Vec<f32>, EngineError> {
        if let Some(mask) = look.recall(&query, likely) {
            return Ok(mask);
        }
        let head = &self.editor.head;
        let mask = self.found_by(head, look, query.clone(), likely).await?;
        look.remember((query, likely, mask.clone()));
        Ok(mask)
    }

    /// The same by any head.
    async fn found_by(
        &self,
        head: &Head,
        look: &Look,
        query: Vec<f32>,
        likely: f32,
    ) -> Result<Vec<f32>, EngineError> {
        let logits = self.logits(head, look, query).await?;
        let cut = wish::cut(&logits, likely);
        let logits: Vec<f32> = logits.iter().map(|logit| logit - cut).collect();
        Ok(wish::enlarged(&look.likeness.even(&logits), look.small))
    }

    /// Where a query's thing is, at half of the small photo's resolution.
    async fn logits(
        &self,
        head: &Head,
        look: &Look,
        query: Vec<f32>,
    ) -> Result<Vec<f32>, EngineError> {
        let t = tensor(query, [1, self.sentence], &self.device);
        read_back(head.mask(look.features.places.clone(), t)).await
    }
}

impl Look {
    /// The photo's size.
    pub fn photo(&self) -> Size {
        self.photo
    }

    /// The size at which the network saw it.
    pub fn small(&self) -> Size {
        self.small
    }

    fn recall(&self, query: &[f32], likely: f32) -> Option<Vec<f32>> {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let same = found.iter().find(|(asked, as_likely, _)| {
            likely.to_bits() == as_likely.to_bits() && asked == query
        });
        same.map(|(.., mask)| mask.clone())
    }

    fn remember(&self, mask: Found) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.truncate(REMEMBERED - 1);
        found.push_front(mask);
    }
}

/// A clause that asks for the thing of whose kinds it names one. What is a blouse to one is a shirt to another,
/// and masks of the wider word are the better ones.
fn widened(clause: &Clause) -> Clause {
    let wider = clause.thing.and_then(Thing::kind_of);
    let name = |token: &&'static str| match (clause.thing, wider) {
        (Some(thing), Some(wider)) if thing.name == *token => wider.name,
        _ => *token,
    };
    Clause {
        tokens: clause.tokens.iter().map(name).collect(),
        ..clause.clone()
    }
}

async fn read_back<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, EngineError> {
    let lost = |error: &dyn std::fmt::Display| EngineError::Device(error.to_string());
    let data = tensor.into_data_async().await.map_err(|e| lost(&e))?;
    data.try_to_vec().map_err(|e| lost(&e))
}

fn check(rgba: &[u8], width: usize, height: usize) -> Result<Size, EngineError> {
    if width == 0 || height == 0 {
        return Err(EngineError::NoPixels { width, height });
    }
    let size = Size { width, height };
    let too_large = |_| EngineError::TooLarge { width, height };
    let (expected, given) = (4 * size.pixels().map_err(too_large)?, rgba.len());
    if given != expected {
        return Err(EngineError::Bytes {
            width,
            height,
            expected,
            given,
        });
    }
    Ok(size)
}

/// The size at which the network sees a photo: the short side is the model's, the long side
/// keeps the photo's shape up to [`LONGEST`] times that, both multiples of the network's stride.
fn small_size(photo: Size, short_side: usize, stride: usize) -> Size {
    let short = short_side.next_multiple_of(stride);
    let (shorter, longer) = (photo.width.min(photo.height), photo.width.max(photo.height));
    let shape = longer as f64 / shorter as f64;
    let long = (shape * (short / stride) as f64).round() as usize * stride;
    let side = |is_long| {
        if is_long {
            long.clamp(short, LONGEST * short)
        } else {
            short
        }
    };
    Size {
        width: side(photo.width > photo.height),
        height: side(photo.height > photo.width),
    }
}

/// `count` numbers from a normal distribution: each is the sum of twelve uniform ones. Unlike a
/// logarithm and a cosine, integers and one addition give the same bits on every machine.
pub(crate) fn normal(seed: u32, count: usize) -> Vec<f32> {
    let mut state = u64::from(seed);
    // SplitMix64 (Steele, Lea, Flood 2014).
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (x ^ (x >> 31)) >> 32
    };
    let one = u64::from(u32::MAX) + 1;
    let mut draw = || (0..12).map(|_| next()).sum::<u64>() as f64 / one as f64 - 6.0;
    (0..count).map(|_| draw() as f32).collect()
}
