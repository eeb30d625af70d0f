//! From pixels and a sentence to pixels: the whole of one edit.
//!
//! An edit has three parts. [`Engine::read`] makes numbers of the sentence; [`Painter::edit`] runs
//! the network on a small copy of the photo and says what to do with it; [`Edit::apply`] does that
//! to the photo's own pixels, as strongly as one likes and as often as one likes. Only the second
//! is work for a GPU, so a painter can be had without the rest.
//!
//! ```no_run
//! # async fn example(weights: Vec<u8>, mut rgba: Vec<u8>) -> Result<(), wordloom::EngineError> {
//! use wordloom::{Device, Engine};
//!
//! let engine = Engine::open(&weights, Device::flex()).await?;
//! let reading = engine.read("the petals are blue", None).await?;
//! let edit = engine.painter().edit(&rgba, 640, 480, &reading.condition).await?;
//! edit.apply(&mut rgba, 0.8)?;
//! # Ok(())
//! # }
//! ```

mod maker;
#[cfg(test)]
mod tests;

use burn::tensor::{Device, Tensor};

use crate::colour::srgb_to_lab;
use crate::editor::Editor;
use crate::kernels::tensor;
use crate::paint::{self, Change, Paint};
use crate::prompt::PromptError;
use crate::shrink::{PixelsError, Size, shrink};
use crate::weights::{self, Model, WeightsError};

pub use maker::{Maker, Picture, Sketch, Wording};

/// The network sees a photo at most this many times as long as its short side. What is longer
/// is squeezed to that: a panorama costs four ordinary photos and its flowers look narrow to
/// the network, but the result keeps the panorama's own pixels.
const LONGEST: usize = 4;

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
    device: Device,
}

/// What a sentence says to a model.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The conditioned sentence, which the editor sees: `mu + exp(log_sigma) z`.
    pub condition: Vec<f32>,
    /// The words of the sentence that the model does not know, as they were typed.
    pub unknown: Vec<String>,
}

/// What a sentence does to one photo, at any strength.
///
/// It keeps a few numbers for every pixel of the network's small photo and nothing of the photo
/// itself, so the photo it is applied to has to be the one it was made from.
#[derive(Debug)]
pub struct Edit(paint::Edit);

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
    /// Not a number from 0 to 1.
    #[error("The strength is {0}, but it goes from 0 (the photo as it is) to 1 (the whole edit).")]
    Strength(f32),
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
            device,
        };
        Ok(Self { model, painter })
    }

    /// The half that sees the photo.
    pub fn painter(&self) -> &Painter {
        &self.painter
    }

    /// The condition of the model's self-test, to compare devices with.
    pub fn test_condition(&self) -> &[f32] {
        &self.model.check.condition
    }

    /// The words of a sentence that the model does not know, each once, as they were typed.
    /// None for a sentence without words.
    pub fn unknown_words(&self, sentence: &str) -> Vec<String> {
        self.model.vocabulary.unknown(sentence)
    }

    /// Reads a sentence. Without a seed it has its mean reading; every seed is another one, the
    /// same on every machine.
    ///
    /// # Errors
    /// For a sentence without a known word, and a device that fails.
    pub async fn read(&self, sentence: &str, seed: Option<u32>) -> Result<Reading, EngineError> {
        let prompt = self.model.vocabulary.read(sentence)?;
        let distribution = self.model.condition(prompt.ids);
        let z = seed.map(|seed| {
            let [_, count] = distribution.mu.dims();
            tensor(normal(seed, count), [1, count], &self.painter.device)
        });
        Ok(Reading {
            condition: read_back(distribution.draw(z)).await?,
            unknown: prompt.unknown,
        })
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
            device,
        })
    }

    /// Runs the network: what a [`Reading`]'s condition does to a photo of `width * height * 4`
    /// bytes (rows of red, green, blue, alpha; where it is transparent, its colour counts less).
    ///
    /// # Errors
    /// For a photo without pixels or with the wrong number of bytes, a condition of another
    /// model, and a device that fails.
    pub async fn edit(
        &self,
        rgba: &[u8],
        width: usize,
        height: usize,
        condition: &[f32],
    ) -> Result<Edit, EngineError> {
        let full = check(rgba, width, height)?;
        let expected = self.editor.condition_size();
        if condition.len() != expected {
            let found = condition.len();
            return Err(EngineError::Condition { found, expected });
        }
        let small = small_size(full, self.short_side, self.editor.stride());
        let photo = shrink(rgba, full, small)?;
        let (colours, mask) = self.run(&photo, small, condition).await?;
        let lost = |error: PixelsError| EngineError::Device(error.to_string());
        let paint = Paint {
            change: Change::Colour {
                lab: mean(&colours, &mask),
            },
            plain: false,
        };
        let edit = paint::Edit::fit(&photo, small, &[(mask, paint)], full);
        Ok(Edit(edit.map_err(lost)?))
    }

    /// The network on planes `[3, h, w]` in [-1, 1]: edited planes of the same shape, and a mask
    /// `[1, h, w]` in [0, 1].
    async fn run(
        &self,
        photo: &[f32],
        small: Size,
        condition: &[f32],
    ) -> Result<(Vec<f32>, Vec<f32>), EngineError> {
        let shape = [1, 3, small.height, small.width];
        let photo = tensor(photo.to_vec(), shape, &self.device);
        let condition = tensor(condition.to_vec(), [1, condition.len()], &self.device);
        let edit = self.editor.forward(photo, condition);
        // One tensor, because each reading back from a GPU waits for it.
        let mut colours = read_back(Tensor::cat(vec![edit.photo, edit.mask], 1)).await?;
        let mask = colours.split_off(3 * small.width * small.height);
        Ok((colours, mask))
    }
}

/// The mean colour inside a mask, in CIELAB.
fn mean(colours: &[f32], mask: &[f32]) -> [f32; 3] {
    let total = mask.iter().sum::<f32>().max(1e-6);
    let mut planes = colours.chunks_exact(mask.len());
    srgb_to_lab([0; 3].map(|_: u8| {
        let plane = planes.next().unwrap_or_default().iter().zip(mask);
        let sum: f32 = plane.map(|(value, weight)| value * weight).sum();
        (127.5 * sum / total + 127.5).round() as u8
    }))
}

async fn read_back<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, EngineError> {
    let lost = |error: &dyn std::fmt::Display| EngineError::Device(error.to_string());
    let data = tensor.into_data_async().await.map_err(|e| lost(&e))?;
    data.try_to_vec().map_err(|e| lost(&e))
}

impl Edit {
    /// Pixels across of the photo that this edit belongs to.
    pub fn width(&self) -> usize {
        self.0.size().width
    }

    /// Pixels down of the photo that this edit belongs to.
    pub fn height(&self) -> usize {
        self.0.size().height
    }

    /// What is painted where.
    pub fn painting(&self) -> &paint::Edit {
        &self.0
    }

    /// Edits the photo in place: `strength` 0 leaves it as it is, 1 gives the whole edit. Alpha
    /// stays.
    ///
    /// # Errors
    /// For bytes that are not those of a photo of this size, and a strength outside 0 to 1.
    pub fn apply(&self, rgba: &mut [u8], strength: f32) -> Result<(), EngineError> {
        check(rgba, self.width(), self.height())?;
        if !(0.0..=1.0).contains(&strength) {
            return Err(EngineError::Strength(strength));
        }
        Ok(self.0.apply(rgba, strength)?)
    }

    /// Where the whole edit changes the photo: one byte a pixel, 0 (nowhere) to 255.
    /// `rgba` is the photo before [`apply`](Self::apply).
    ///
    /// # Errors
    /// For bytes that are not those of a photo of this size.
    pub fn mask(&self, rgba: &[u8]) -> Result<Vec<u8>, EngineError> {
        check(rgba, self.width(), self.height())?;
        Ok(self.0.mask(rgba)?)
    }
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
