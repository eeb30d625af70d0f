//! The half of a model that sees the photo: looking, and what can be asked of a look.

use std::sync::Arc;

use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Tensor};
use wordloom_kernels::tensor;

use super::context::{Asked, Context, LIKELY};
use super::cover;
use super::likeness::Likeness;
use super::look::{Look, Looking, mirrored, resampled};
use super::wish::{self, Instead, PAINT, Wish};
use super::{EngineError, read_back};
use crate::editor::{Editor, EditorConfig};
use crate::head::Head;
use crate::paint::{Covering, Edit, Stroke};
use crate::shrink::{PixelsError, Size};
use crate::trunk::Features;
use crate::weights::{self, ModelConfig};

/// What is in a photo is at least this share of it.
pub const SHARE: f32 = 0.0005;

/// The half of a model that sees the photo, on a device.
#[derive(Debug)]
pub struct EditSession {
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
    /// Whether things lie elsewhere after it: sleeves and hems of another length.
    pub reshapes: bool,
}

impl EditSession {
    /// Reads of packed weights only this half, and compares what it computes with what it computed
    /// when packed, which also warms the device up.
    ///
    /// # Errors
    /// As [`EditModel::open`](super::EditModel::open).
    pub async fn open(packed: &[u8], device: Device) -> Result<Self, EngineError> {
        let (config, editor, check) = weights::unpack_generator::<Editor>(packed, &device)?;
        let editor = editor.prepack();
        check.paint(&editor).await?;
        Ok(Self::new(editor, &config, device))
    }

    /// Of an editor whose weights are prepacked.
    pub(super) fn new(editor: Editor, config: &ModelConfig<EditorConfig>, device: Device) -> Self {
        Self {
            editor,
            short_side: config.side,
            sentence: config.generator.sentence,
            device,
        }
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
        let mut looking = self.looking(rgba.len(), width, height)?;
        looking.rows(rgba);
        Ok(self.look_at(looking))
    }

    /// Begins to look at a photo of so many bytes, whose rows come one after the other.
    ///
    /// # Errors
    /// For a photo without pixels or with the wrong number of bytes.
    pub fn looking(
        &self,
        bytes: usize,
        width: usize,
        height: usize,
    ) -> Result<Looking, EngineError> {
        Looking::new(bytes, Size { width, height }, self.short_side)
    }

    /// Runs the network on a photo of which all rows have come.
    pub fn look_at(&self, looking: Looking) -> Look {
        let Looking { photo, small, far } = looking;
        let ((small, size), (far, further)) = (small, far);
        let planes = small.planes();
        Look {
            photo,
            small: size,
            likeness: Likeness::of(&planes, size),
            first: self.seen(planes.clone(), size),
            far: (mirrored(&far.planes(), further), further),
            planes,
            both: Arc::default(),
            found: Arc::default(),
        }
    }

    /// The mean of two looks. The second, from further away and in the mirror, where the network errs elsewhere, is made
    /// when something is asked of a photo for the first time.
    async fn both<'a>(&self, look: &'a Look) -> Result<&'a Features, EngineError> {
        if let Some(both) = look.both.get() {
            return Ok(both);
        }
        let (planes, size) = &look.far;
        let again = self.seen(planes.clone(), *size);
        let [from, to] = [*size, look.small].map(|size| Size {
            width: size.width / 2,
            height: size.height / 2,
        });
        let places = resampled(&mirrored(&read_back(again.places).await?, from), from, to);
        let Features {
            places: first,
            whole,
        } = &look.first;
        // On plain numbers: a page's build has no other use for sums of tensors.
        let mean = |first: Vec<f32>, again: Vec<f32>| -> Vec<f32> {
            let pairs = first.iter().zip(again);
            pairs.map(|(first, again)| (first + again) / 2.0).collect()
        };
        let (shape, wide) = (first.dims(), whole.dims());
        let places = mean(read_back(first.clone()).await?, places);
        let whole = mean(
            read_back(whole.clone()).await?,
            read_back(again.whole).await?,
        );
        Ok(look.both.get_or_init(|| Features {
            places: tensor(places, shape, &self.device),
            whole: tensor(whole, wide, &self.device),
        }))
    }

    fn seen(&self, planes: Vec<f32>, size: Size) -> Features {
        let shape = [1, 3, size.height, size.width];
        self.editor.look(tensor(planes, shape, &self.device))
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
        let (context, asked) = self.asked(look, condition).await?;
        let (mut layers, mut covers, mut shares) = (Vec::new(), Vec::new(), Vec::new());
        for (asked, wish) in asked {
            let (mask, covering) = self.place(head, look, &context, &asked, wish).await?;
            let share = mask.iter().sum::<f32>() / mask.len().max(1) as f32;
            let there = share >= SHARE;
            shares.push(if there { share } else { 0.0 });
            let paint = wish.paint();
            match covering.filter(|_| there) {
                Some(covering) => covers.push(covering),
                None if there => {
                    let instead = Context::is_instead(&asked, wish.instead());
                    layers.push((mask, paint, share, instead));
                }
                None => {}
            }
        }
        // What is smaller lies on what is larger: shoes on clothes.
        layers.sort_by(|(_, _, a, _), (_, _, b, _)| b.total_cmp(a));
        let instead: Vec<bool> = layers.iter().map(|(.., instead)| *instead).collect();
        let (mut masks, paints): (Vec<_>, Vec<_>) = layers
            .into_iter()
            .map(|(mask, paint, ..)| (mask, paint))
            .unzip();
        wish::compete(&mut masks, &instead);
        cover::bare(&mut masks, &covers);
        let layers: Vec<_> = masks.into_iter().zip(paints).collect();
        let lost = |error: PixelsError| EngineError::Device(error.to_string());
        let (planes, small, photo) = (&look.planes, look.small, look.photo);
        let edit = Edit::corrected(planes, small, &layers, &covers, photo, strokes);
        let edit = edit.map_err(lost)?;
        Ok(Edited {
            edit,
            shares,
            reshapes: !covers.is_empty(),
        })
    }

    /// The mask of what a wish paints, empty where that is not there; and what a garment's other length covers or bares.
    async fn place(
        &self,
        head: Option<&Head>,
        look: &Look,
        context: &Context,
        asked: &Asked,
        wish: Wish,
    ) -> Result<(Vec<f32>, Option<Covering>), EngineError> {
        let instead = wish.instead();
        let mut mask = match context.painted(asked, instead) {
            Some(asked) => self.found(head, look, context, &asked, instead).await?,
            None => Vec::new(),
        };
        if let Some(clothes) = context.completing(asked, instead) {
            let clothes = self.found(head, look, context, clothes, instead).await?;
            wish::complete(&mut mask, &clothes);
        }
        let Some(cover) = wish.cover() else {
            return Ok((mask, None));
        };
        let skin = match context.skin() {
            Some(skin) if !mask.is_empty() => {
                self.found(head, look, context, skin, Instead::Nothing)
                    .await?
            }
            _ => Vec::new(),
        };
        let covering = cover::covering(cover, mask, skin, wish.paint(), look);
        Ok((covering.mask.clone(), Some(covering)))
    }

    /// Of each clause of a condition, how likely what it names is in the photo, and how much of the photo that
    /// would be, both in [0, 1].
    ///
    /// # Errors
    /// As [`edit`](Self::edit).
    pub async fn sees(&self, look: &Look, condition: &[f32]) -> Result<Vec<[f32; 2]>, EngineError> {
        let mut wishes = self.wishes(condition)?;
        wishes.retain(|(_, wish)| !wish.is_context());
        let t = self.queries(&wishes);
        let features = self.both(look).await?;
        let [presence, share] = self.editor.sees(features, t);
        let likely = read_back(sigmoid(presence)).await?.into_iter();
        let shares = read_back(share).await?;
        Ok(likely.zip(shares).map(Into::into).collect())
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
        let (context, asked) = self.asked(look, condition).await?;
        let mut places = Vec::new();
        for (asked, wish) in asked {
            places.push(match asked.likely >= LIKELY {
                true => {
                    let instead = wish.instead();
                    let mask = self.found(None, look, &context, &asked, instead).await?;
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

    /// The clauses that paint, each with how likely its thing is there, and what was asked for their sake.
    async fn asked(
        &self,
        look: &Look,
        condition: &[f32],
    ) -> Result<(Context, Vec<(Asked, Wish)>), EngineError> {
        let wishes = self.wishes(condition)?;
        let features = self.both(look).await?;
        let presence = self.editor.presence(features, self.queries(&wishes));
        let likely = read_back(sigmoid(presence)).await?;
        let asked = wishes.into_iter().zip(likely);
        let asked = asked.map(|((query, wish), likely)| (Asked { query, likely }, wish));
        let (context, asked): (Vec<_>, Vec<_>) = asked.partition(|(_, wish)| wish.is_context());
        let context = Context::of(context.into_iter().map(|(asked, _)| asked));
        Ok((context, asked))
    }

    fn queries(&self, wishes: &[(Vec<f32>, Wish)]) -> Tensor<2> {
        let queries: Vec<f32> = wishes.iter().flat_map(|(query, _)| query.clone()).collect();
        tensor(queries, [wishes.len(), self.sentence], &self.device)
    }

    /// The mask of a thing that is there, in [0, 1] at the size of the small photo: this half's own, which the look
    /// remembers, or another head's. Of what is worn sure pieces stay, and of what lies alone its colours tell more.
    async fn found(
        &self,
        head: Option<&Head>,
        look: &Look,
        context: &Context,
        Asked { query, likely }: &Asked,
        instead: Instead,
    ) -> Result<Vec<f32>, EngineError> {
        let alone = context.lies_alone(instead);
        if let (None, Some(mask)) = (head, look.recall(query, *likely, alone)) {
            return Ok(mask);
        }
        let by = head.unwrap_or(&self.editor.head);
        let logits = self.logits(by, look, query.clone()).await?;
        let cut = wish::cut(&logits, *likely);
        let logits: Vec<f32> = logits.iter().map(|logit| logit - cut).collect();
        let mut logits = look.likeness.even(&logits);
        if instead.is_worn() {
            wish::keep_sure(&mut logits, look.small.width / 2);
        }
        if alone {
            logits = look.likeness.told_apart(&logits);
        }
        let mask = wish::enlarged(&logits, look.small);
        if head.is_none() {
            look.remember((query.clone(), *likely, alone, mask.clone()));
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
        let places = self.both(look).await?.places.clone();
        read_back(head.mask(places, t)).await
    }
}
