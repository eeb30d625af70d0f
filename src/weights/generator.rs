//! What a packed file can hold around its text encoder: an editor, heads to compare, or a text-to-image generator.

use std::fmt::Debug;

use burn::module::Module;
use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Tensor};
use wordloom_kernels::tensor;

use super::{Sizes, WeightsError, drawing, refuse, within};
use crate::comparison::{Comparison, ComparisonConfig};
use crate::editor::{Editor, EditorConfig};
use crate::fusion::FusionForm::LowRank;
use crate::head::Head;
use crate::prompt::{
    Batch, PromptError, TextEncoder, TextEncoderConfig, Vocabulary, form, sentence,
};
use crate::random::normal;
use crate::text_to_image::{TextToImage, TextToImageConfig};
use crate::trunk::STRIDE;

/// A generator that is kept in packed files.
pub trait Generator: Module {
    /// Its sizes.
    type Config: Clone + Debug;

    /// What its tensors' names begin with.
    const NAME: &'static str;

    /// What it does, for a visitor who brings the other kind.
    const DOES: &'static str;

    /// Where its sizes stand in a file.
    fn sizes(sizes: &mut Sizes) -> &mut Option<Self::Config>;

    /// Refuses sizes that do not fit together, or that none has: `sentence` is the size of the
    /// sentence embedding, `side` that of the photos.
    ///
    /// # Errors
    /// The first that is wrong, by name.
    fn check(config: &Self::Config, sentence: usize, side: usize) -> Result<(), WeightsError>;

    /// Numbers of the condition that it takes.
    fn condition(config: &Self::Config) -> usize;

    /// One without batch norms, for weights to be loaded into.
    fn init_folded(config: &Self::Config, device: &Device) -> Self;

    /// The same function with every batch norm folded into its convolution.
    fn fold(self) -> Self;

    /// Its text encoder, for weights to be loaded into.
    fn init_text(config: &TextEncoderConfig, device: &Device) -> TextEncoder {
        config.init(device)
    }

    /// What it sees of a sentence, `[1, n]`.
    ///
    /// # Errors
    /// For a sentence that says nothing.
    fn read(
        &self,
        text: &TextEncoder,
        vocabulary: &Vocabulary,
        prompt: &str,
    ) -> Result<Tensor<2>, PromptError>;

    /// Whether it knows every word of a sentence.
    fn knows(&self, vocabulary: &Vocabulary, prompt: &str) -> bool {
        form::read(vocabulary, prompt).is_ok_and(|prompt| prompt.unknown.is_empty())
    }

    /// What the self-test looks at under a condition `[1, condition]`: pictures `[1, c, s, s]` in
    /// [-1, 1]. Where it is free to choose, they are made of `side` pixels.
    fn probe(&self, condition: Tensor<2>, side: usize) -> Vec<Tensor<4>>;
}

impl Generator for Editor {
    type Config = EditorConfig;

    const NAME: &'static str = "editor";
    const DOES: &'static str = "edits photos";

    fn sizes(sizes: &mut Sizes) -> &mut Option<EditorConfig> {
        &mut sizes.editor
    }

    fn check(config: &EditorConfig, sentence: usize, side: usize) -> Result<(), WeightsError> {
        let rank = match config.fusion {
            LowRank(rank) => rank,
            _ => 1,
        };
        let trunk = &config.trunk;
        let [narrow, wide] = extremes(&trunk.widths);
        let [_, eighth] = extremes(&trunk.eighth);
        within(&[
            ("editor.trunk.widths", narrow, 1 << 12),
            ("editor.trunk.widths", wide, 1 << 12),
            ("editor.trunk.eighth", eighth.saturating_add(1), 1 << 6),
            ("editor.trunk.sixteenth", trunk.sixteenth, 1 << 6),
            ("editor.trunk.embedding", trunk.embedding, 1 << 12),
            ("editor.fusion", rank, 1 << 12),
            ("editor.layers", config.layers.saturating_add(1), 1 << 6),
        ])?;
        if config.sentence != sentence {
            let found = config.sentence;
            return refuse(format!("editor.sentence is {found}, not {sentence}"));
        }
        if !side.is_multiple_of(STRIDE) {
            return refuse(format!("short_side is {side}, no multiple of {STRIDE}"));
        }
        Ok(())
    }

    fn condition(config: &EditorConfig) -> usize {
        config.sentence
    }

    fn init_folded(config: &EditorConfig, device: &Device) -> Self {
        config.init_folded(device)
    }

    fn fold(self) -> Self {
        Editor::fold(self)
    }

    fn init_text(config: &TextEncoderConfig, device: &Device) -> TextEncoder {
        config.init_with_colours(device)
    }

    fn read(
        &self,
        text: &TextEncoder,
        vocabulary: &Vocabulary,
        prompt: &str,
    ) -> Result<Tensor<2>, PromptError> {
        first_clause(text, vocabulary, prompt)
    }

    fn knows(&self, _: &Vocabulary, prompt: &str) -> bool {
        sentence::read(prompt).is_ok_and(|read| read.unknown.is_empty())
    }

    /// Where a drawing is what the condition names, and whether it is there.
    fn probe(&self, condition: Tensor<2>, side: usize) -> Vec<Tensor<4>> {
        let features = self.look(drawing(side, &condition.device()));
        let mask = sigmoid(self.mask(&features, condition.clone()));
        let presence = sigmoid(self.presence(&features, condition));
        vec![mask * 2.0 - 1.0, presence.reshape([1, 1, 1, 1]) * 2.0 - 1.0]
    }
}

impl Generator for Comparison {
    type Config = ComparisonConfig;

    const NAME: &'static str = "comparison";
    const DOES: &'static str = "compares layers";

    fn sizes(sizes: &mut Sizes) -> &mut Option<ComparisonConfig> {
        &mut sizes.comparison
    }

    fn check(config: &ComparisonConfig, sentence: usize, _: usize) -> Result<(), WeightsError> {
        within(&[("comparison.heads", config.heads.len(), 1 << 4)])?;
        for head in &config.heads {
            let rank = match head.fusion {
                LowRank(rank) => rank,
                _ => 1,
            };
            within(&[
                ("comparison.embedding", head.embedding, 1 << 12),
                ("comparison.whole", head.whole, 1 << 12),
                ("comparison.fusion", rank, 1 << 12),
                ("comparison.layers", head.layers.saturating_add(1), 1 << 6),
            ])?;
            if head.sentence != sentence || head.embedding != config.heads[0].embedding {
                return refuse("comparison.heads do not see the same".to_owned());
            }
        }
        Ok(())
    }

    fn condition(config: &ComparisonConfig) -> usize {
        config.heads.first().map_or(0, |head| head.sentence)
    }

    fn init_folded(config: &ComparisonConfig, device: &Device) -> Self {
        config.init(device)
    }

    /// It has no batch norms.
    fn fold(self) -> Self {
        self
    }

    fn init_text(config: &TextEncoderConfig, device: &Device) -> TextEncoder {
        config.init_with_colours(device)
    }

    fn read(
        &self,
        text: &TextEncoder,
        vocabulary: &Vocabulary,
        prompt: &str,
    ) -> Result<Tensor<2>, PromptError> {
        first_clause(text, vocabulary, prompt)
    }

    fn knows(&self, _: &Vocabulary, prompt: &str) -> bool {
        sentence::read(prompt).is_ok_and(|read| read.unknown.is_empty())
    }

    /// Each head's mask in 8x8 places that no photo has.
    fn probe(&self, condition: Tensor<2>, _side: usize) -> Vec<Tensor<4>> {
        const SIDE: usize = 8;
        let Some(embedding) = self.heads.first().map(Head::embedding) else {
            return Vec::new();
        };
        let drawn = normal(1, embedding * SIDE * SIDE);
        let places = tensor(drawn, [1, embedding, SIDE, SIDE], &condition.device());
        let masks = self.masks(&places, &condition).into_iter();
        masks.map(|mask| sigmoid(mask) * 2.0 - 1.0).collect()
    }
}

/// The sentence embedding of a prompt's first clause, `[1, sentence]`.
fn first_clause(
    text: &TextEncoder,
    vocabulary: &Vocabulary,
    prompt: &str,
) -> Result<Tensor<2>, PromptError> {
    let mut read = sentence::read(prompt)?;
    read.clauses.truncate(1);
    let device = text.devices().swap_remove(0);
    let batch = Batch::of_clauses(&read.clauses, vocabulary, &device);
    Ok(text.forward(&batch).pooled)
}

impl Generator for TextToImage {
    type Config = TextToImageConfig;

    const NAME: &'static str = "text_to_image";
    const DOES: &'static str = "makes pictures";

    fn sizes(sizes: &mut Sizes) -> &mut Option<TextToImageConfig> {
        &mut sizes.text_to_image
    }

    fn check(config: &TextToImageConfig, sentence: usize, side: usize) -> Result<(), WeightsError> {
        let [narrow, wide] = extremes(&config.widths);
        within(&[
            ("text_to_image.widths", config.widths.len(), 6),
            ("text_to_image.widths", narrow, 1 << 12),
            ("text_to_image.widths", wide, 1 << 12),
            ("text_to_image.fine", config.fine, 1 << 12),
            ("text_to_image.condition", config.condition, 1 << 12),
            ("text_to_image.local", config.local, 1 << 6),
            ("text_to_image.exemplars", config.exemplars, 1 << 16),
            ("text_to_image.blocks", config.blocks, 1 << 6),
        ])?;
        if config.sentence != sentence {
            let found = config.sentence;
            return refuse(format!("text_to_image.sentence is {found}, not {sentence}"));
        }
        if config.size() != side {
            let found = config.size();
            return refuse(format!("short_side is {side}, but forms have {found}"));
        }
        Ok(())
    }

    fn condition(config: &TextToImageConfig) -> usize {
        config.condition
    }

    fn init_folded(config: &TextToImageConfig, device: &Device) -> Self {
        config.init_folded(device)
    }

    fn fold(self) -> Self {
        TextToImage::fold(self)
    }

    /// The mean of the sentence's conditions.
    fn read(
        &self,
        text: &TextEncoder,
        vocabulary: &Vocabulary,
        prompt: &str,
    ) -> Result<Tensor<2>, PromptError> {
        let ids = form::read(vocabulary, prompt)?.ids;
        let device = text.devices().swap_remove(0);
        let sentence = text.forward(&Batch::new(&[ids], &device)).pooled;
        Ok(self.condition(sentence).draw(None))
    }

    /// Both stages' forms of three words that no sentence has, and of local latents that no garment has: the half that
    /// paints sees these, and they are too many to be kept in the file.
    fn probe(&self, condition: Tensor<2>, _side: usize) -> Vec<Tensor<4>> {
        let device = condition.device();
        let size = self.sentence_size();
        let words = tensor(normal(1, 3 * size), [1, 3, size], &device);
        let mask = Tensor::ones([1, 3], &device);
        let local = self.exemplars().dims()[1] - self.condition_size();
        let local = tensor(normal(2, local), [1, local], &device);
        let latents = Tensor::cat(vec![condition, local], 1);
        let generated = self.forward(latents, words, &mask);
        vec![generated.coarse, generated.fine]
    }
}

/// The smallest and the largest of some widths; 0 if there are none.
fn extremes(widths: &[usize]) -> [usize; 2] {
    let widths = || widths.iter().copied();
    [widths().min(), widths().max()].map(Option::unwrap_or_default)
}
