//! The half of the engine that sees the photo: looking, and what can be asked of a look.

use std::sync::Arc;

use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Tensor};

use super::cover;
use super::likeness::Likeness;
use super::look::{Look, mirrored, nearer, resampled, small_size};
use super::wish::{self, Instead, PAINT, Wish};
use super::{EngineError, read_back};
use crate::editor::{Editor, EditorConfig};
use crate::head::Head;
use crate::kernels::tensor;
use crate::paint::{Covering, Edit, Stroke};
use crate::prompt::Cover;
use crate::shrink::{PixelsError, Size, shrink};
use crate::trunk::{Features, STRIDE};
use crate::weights::{self, ModelConfig};

/// What is in a photo is at least this likely by [`Painter::sees`].
pub const LIKELY: f32 = 0.32;
/// What lies alone is shoes, a hat or a bag when that is at least this likely; a flower is one where nobody is, and
/// all clothes are a suit.
const NOT_UNLIKE: f32 = 0.05;
/// And it is at least this share of the photo.
pub const SHARE: f32 = 0.0005;

/// The half of a model that sees the photo, on a device.
#[derive(Debug)]
pub struct Painter {
    editor: Editor,
    /// The size of a photo's short side at which the network works, in pixels.
    short_side: usize,
    /// Numbers of a sentence embedding.
    pub(super) sentence: usize,
    pub(super) device: Device,
}

/// What a sentence does to a photo.
#[derive(Debug)]
pub struct Edited {
    /// The change, at any strength.
    pub edit: Edit,
    /// For each clause the share of the photo that it names, in [0, 1]; 0 for what is not there.
    pub shares: Vec<f32>,
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
        Ok(Self::new(editor, &config, device))
    }

    /// Of an editor whose weights are laid out.
    pub(super) fn new(editor: Editor, config: &ModelConfig<EditorConfig>, device: Device) -> Self {
        Self {
            editor,
            short_side: config.side,
            sentence: config.generator.sentence,
            device,
        }
    }

    /// Runs the network, twice, on a photo of `width * height * 4` bytes (rows of red, green, blue, alpha; where it
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
        let first = self.seen(planes.clone(), small);
        let again = self.again(rgba, photo, small).await?;
        let features = Features {
            places: (first.places + again.places) / 2.0,
            whole: (first.whole + again.whole) / 2.0,
        };
        Ok(Look {
            photo,
            small,
            likeness: Likeness::of(&planes, small),
            planes,
            features,
            found: Arc::default(),
        })
    }

    fn seen(&self, planes: Vec<f32>, size: Size) -> Features {
        let shape = [1, 3, size.height, size.width];
        self.editor.look(tensor(planes, shape, &self.device))
    }

    /// What a second look at a photo gives, from nearer and in the mirror, where the network errs elsewhere: placed as
    /// in the first.
    async fn again(&self, rgba: &[u8], photo: Size, small: Size) -> Result<Features, EngineError> {
        let near = small_size(photo, nearer(self.short_side), STRIDE);
        let planes = mirrored(&shrink(rgba, photo, near)?, near);
        let Features { places, whole } = self.seen(planes, near);
        let embedding = places.dims()[1];
        let [from, to] = [near, small].map(|size| Size {
            width: size.width / 2,
            height: size.height / 2,
        });
        let places = resampled(&mirrored(&read_back(places).await?, from), from, to);
        let shape = [1, embedding, to.height, to.width];
        let places = tensor(places, shape, &self.device);
        Ok(Features { places, whole })
    }

    /// Asks the clauses of a [`Reading`]'s condition of a photo. What is not there is not painted.
    ///
    /// # Errors
    /// For a condition of another model, and a device that fails.
    pub async fn edit(&self, look: &Look, condition: &[f32]) -> Result<Edited, EngineError> {
        self.corrected(look, condition, &[]).await
    }

    /// The same with a visitor's strokes.
    ///
    /// # Errors
    /// As [`edit`](Self::edit).
    pub async fn corrected(
        &self,
        look: &Look,
        condition: &[f32],
        strokes: &[Stroke],
    ) -> Result<Edited, EngineError> {
        self.edit_by(look, condition, strokes, None).await
    }

    /// The same, or by the masks of another head.
    pub(super) async fn edit_by(
        &self,
        look: &Look,
        condition: &[f32],
        strokes: &[Stroke],
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
        let (mut layers, mut covers, mut shares) = (Vec::new(), Vec::new(), Vec::new());
        for ((query, wish), likely) in asked {
            let instead = match wish.instead() {
                Instead::OnlyGarment if alone => clothes,
                Instead::OnlyThing if alone && likely >= NOT_UNLIKE => clothes,
                Instead::Clothes if likely >= NOT_UNLIKE => clothes,
                Instead::Itself if alone && likely >= NOT_UNLIKE => Some((&query, LIKELY)),
                _ => None,
            };
            let asked = match likely >= LIKELY {
                true => Some((&query, likely)),
                false => instead,
            };
            let whole = match wish.instead() {
                Instead::OnlyGarment if alone && likely >= LIKELY => clothes,
                _ => None,
            };
            let mut mask = match asked {
                Some((query, likely)) => self.found(head, look, query.clone(), likely).await?,
                None => Vec::new(),
            };
            if let Some((query, likely)) = whole {
                let clothes = self.found(head, look, query.clone(), likely).await?;
                wish::complete(&mut mask, &clothes);
            }
            let garment = wish.cover().map(|cover| (cover, mask.clone()));
            if let Some((cover, garment)) = &garment {
                let skin = match &context[..] {
                    [((query, _), likely), ..] if *likely >= LIKELY && !garment.is_empty() => {
                        self.found(head, look, query.clone(), *likely).await?
                    }
                    _ => Vec::new(),
                };
                mask = cover::covered(*cover, garment, &skin, wish.paint(), look);
            }
            let share = mask.iter().sum::<f32>() / mask.len().max(1) as f32;
            let there = share >= SHARE;
            shares.push(if there { share } else { 0.0 });
            let paint = wish.paint();
            match garment.filter(|_| there) {
                Some((cover, garment)) => covers.push(Covering {
                    mask,
                    garment,
                    paint,
                    free: cover == Cover::Below,
                }),
                None if there => layers.push((mask, paint, share)),
                None => {}
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
        let edit = Edit::corrected(
            &look.planes,
            look.small,
            &layers,
            &covers,
            look.photo,
            strokes,
        );
        let edit = edit.map_err(lost)?;
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
                    let mask = self.found(None, look, query, likely).await?;
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

    /// The mask of a thing that is there with this likelihood, in [0, 1] at the size of the small photo: this
    /// half's own, which the look remembers, or another head's.
    async fn found(
        &self,
        head: Option<&Head>,
        look: &Look,
        query: Vec<f32>,
        likely: f32,
    ) -> Result<Vec<f32>, EngineError> {
        if let (None, Some(mask)) = (head, look.recall(&query, likely)) {
            return Ok(mask);
        }
        let by = head.unwrap_or(&self.editor.head);
        let logits = self.logits(by, look, query.clone()).await?;
        let cut = wish::cut(&logits, likely);
        let logits: Vec<f32> = logits.iter().map(|logit| logit - cut).collect();
        let mask = wish::enlarged(&look.likeness.even(&logits), look.small);
        if head.is_none() {
            look.remember((query, likely, mask.clone()));
        }
        Ok(mask)
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
