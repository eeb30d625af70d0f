//! Everything that a training of the trunk depends on but the data, and the command that says it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use wordloom::editor::EditorConfig;
use wordloom::head::HeadConfig;
use wordloom::prompt::TextEncoderConfig;
use wordloom::trunk::TrunkConfig;

use crate::asking;
use crate::data::{self, Kind};
use crate::run;

/// Everything that the result depends on but the data.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TrunkTraining {
    /// The data sets.
    #[serde(default)]
    pub data: Vec<Kind>,
    /// Whether data sets without masks have pseudo-masks, and the others doubts.
    #[serde(default)]
    pub pseudo_masks: bool,
    /// Sizes of the trunk.
    pub trunk: TrunkConfig,
    /// Sizes of the head.
    pub head: HeadConfig,
    /// Sizes of the text encoder.
    pub text: TextEncoderConfig,
    /// Height and width of the crops.
    pub size: usize,
    /// Photos in a batch.
    pub batch: usize,
    /// Photos as they are: see [`SamplingConfig::plain`].
    #[serde(default)]
    pub plain: bool,
    /// Words that are asked of each of them.
    pub asked: usize,
    /// Steps of the whole training; the learning rate falls to zero over its second half.
    pub steps: usize,
    /// The learning rate after a hundred steps.
    #[serde(alias = "rate")]
    pub learning_rate: f64,
    /// Share of itself that the average of the weights keeps at each step, in the end.
    #[serde(alias = "keep")]
    pub ema_decay: f64,
    /// Weight of the first masks, by the words alone.
    pub first: f64,
    /// Weight of the presence of words, by cross entropy.
    pub presence: f64,
    /// Weight of the discriminator's judgement of edits; 0 for none.
    #[serde(default)]
    pub adversarial: f64,
    /// The run, or the packed editor, whose networks it began with, if it did not begin with random ones.
    #[serde(default)]
    pub from: Option<PathBuf>,
    /// The command of that run or editor.
    #[serde(default)]
    pub before: Option<String>,
    /// Where the random numbers start.
    pub seed: u64,
    /// The next step.
    pub step: usize,
}

impl TrunkTraining {
    /// The recipe's values.
    pub fn new(steps: usize, seed: u64) -> Self {
        let vocabulary = asking::words().len() + 2;
        let text = TextEncoderConfig::new(vocabulary)
            .with_embedding(64)
            .with_hidden(64)
            .with_dropout(0.1);
        let trunk = TrunkConfig::new();
        let head = HeadConfig::new(trunk.embedding, trunk.widths[3], 2 * text.hidden);
        Self {
            data: Vec::new(),
            pseudo_masks: false,
            trunk,
            head,
            text,
            size: 128,
            batch: 32,
            plain: false,
            asked: 48,
            steps,
            learning_rate: 2e-3,
            ema_decay: 0.998,
            first: 0.4,
            presence: 0.5,
            adversarial: 0.0,
            from: None,
            before: None,
            seed,
            step: 0,
        }
    }

    /// The commands of this training and of those before it.
    pub fn command(&self) -> String {
        let before = self.before.iter().map(|before| format!("{before} && "));
        format!(
            "{}cargo loom train trunk{}{} --size {} --batch {} --asked {} --steps {} --rate {} --seed {}{}{}{}",
            before.collect::<String>(),
            data::placeholders(&self.data),
            if self.pseudo_masks {
                " --pseudo-masks FOLDER"
            } else {
                ""
            },
            self.size,
            self.batch,
            self.asked,
            self.steps,
            self.learning_rate,
            self.seed,
            if self.plain { " --plain" } else { "" },
            match self.adversarial {
                0.0 => String::new(),
                weight => format!(" --adversarial {weight}"),
            },
            run::begun_with(self.from.as_deref())
        )
    }

    /// Sizes of the editor that its networks make.
    pub fn editor(&self) -> EditorConfig {
        EditorConfig::new(self.trunk.clone())
            .with_fusion(self.head.fusion.clone())
            .with_layers(self.head.layers)
            .with_sentence(self.head.sentence)
    }

    /// It rises for a hundred steps, and falls to zero over the second half.
    pub fn learning_rate(&self, step: usize) -> f64 {
        let rise = (step + 1) as f64 / 100.0;
        let left = (self.steps - step) as f64 / self.steps as f64;
        self.learning_rate * rise.min(1.0) * (2.0 * left).min(1.0)
    }
}
