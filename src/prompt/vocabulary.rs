//! The words that a model knows, and sentences as their ids.

#[cfg(test)]
mod tests;

use super::PromptError;
use ahash::AHashMap;
#[cfg(feature = "train")]
use tokenizers::Trainer;
use tokenizers::models::wordlevel::WordLevel;
use tokenizers::normalizers::Lowercase;
use tokenizers::{
    Model, Normalizer, OffsetReferential, OffsetType, PreTokenizedString, SplitDelimiterBehavior,
};
use unicode_categories::UnicodeCategories;

/// The id that fills short sentences up.
pub const PAD: u32 = 0;
/// The id of every word that the vocabulary lacks.
pub const UNKNOWN: u32 = 1;

const SPECIAL: [&str; 2] = ["<pad>", "<unk>"];

/// What words are made of: letters of any script, their marks, digits, apostrophes.
fn is_part_of_word(c: char) -> bool {
    c.is_alphanumeric() || c.is_mark() || c == '\''
}

/// Chinese writes no spaces: each of its characters is a word to the model.
fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
}

/// The words that a model knows, as a word-level model of the `tokenizers` crate. A whole tokenizer
/// of that crate would bring two regular expression engines to the page.
#[derive(Debug, Clone)]
pub struct Vocabulary(WordLevel);

/// A sentence as the ids of its words.
#[derive(Debug, Clone, PartialEq)]
pub struct Prompt {
    /// One id a word, [`UNKNOWN`] for words that the vocabulary lacks.
    pub ids: Vec<u32>,
    /// The words as they were typed.
    pub words: Vec<String>,
    /// The words that the vocabulary lacks, each once, as they were typed.
    pub unknown: Vec<String>,
}

impl Vocabulary {
    /// A vocabulary of these words, in the order of their ids from 2 on.
    pub fn new(words: impl IntoIterator<Item = String>) -> tokenizers::Result<Self> {
        let words = SPECIAL.map(String::from).into_iter().chain(words);
        let vocab: AHashMap<String, u32> = words.zip(0..).collect();
        let model = WordLevel::builder()
            .vocab(vocab)
            .unk_token(SPECIAL[UNKNOWN as usize].into());
        Ok(Self(model.build()?))
    }

    /// The words that occur at least `min_count` times in these sentences, most frequent first.
    #[cfg(feature = "train")]
    pub fn learn(
        sentences: impl Iterator<Item = String> + Send,
        min_count: u64,
    ) -> tokenizers::Result<Self> {
        let mut counts = tokenizers::models::wordlevel::WordLevelTrainer::builder()
            .min_frequency(min_count)
            .show_progress(false)
            .build()?;
        counts.feed(sentences, |sentence| {
            let words = split(sentence)?;
            Ok(words.into_iter().map(|(_, lower)| lower).collect())
        })?;
        let mut learnt = WordLevel::default();
        counts.train(&mut learnt)?;
        let mut words: Vec<(String, u32)> = learnt.get_vocab().into_iter().collect();
        words.sort_by_key(|(_, id)| *id);
        Self::new(words.into_iter().map(|(word, _)| word))
    }

    /// The vocabulary of a file in the format of the `tokenizers` crate.
    ///
    /// # Errors
    /// When it is not one that [`new`](Self::new) makes: nothing else in such a file (another
    /// pattern, padding, ids with holes) is ever obeyed.
    pub fn from_json(json: &str) -> serde_json::Result<Self> {
        let read: WordLevel = serde_json::from_str(json)?;
        let ours = read.unk_token == SPECIAL[UNKNOWN as usize]
            && SPECIAL
                .iter()
                .zip(0..)
                .all(|(word, id)| read.token_to_id(word) == Some(id))
            && (0..read.get_vocab_size() as u32).all(|id| read.id_to_token(id).is_some());
        match ours {
            true => Ok(Self(read)),
            false => Err(serde::de::Error::custom("not a vocabulary of Wordloom")),
        }
    }

    /// The same as JSON.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(&self.0)
    }

    /// The number of ids.
    pub fn size(&self) -> usize {
        self.0.get_vocab_size()
    }

    /// The id of one word in lower case.
    pub fn id(&self, word: &str) -> u32 {
        self.0.token_to_id(word).unwrap_or(UNKNOWN)
    }

    /// The words of a sentence as they were typed, with their ids.
    ///
    /// # Errors
    /// When the tokenizer refuses the text; none is known that it does.
    pub fn words(&self, sentence: &str) -> tokenizers::Result<Vec<(String, u32)>> {
        let id = |lower: &str| self.0.token_to_id(lower).unwrap_or(UNKNOWN);
        let words = split(sentence)?.into_iter();
        Ok(words.map(|(word, lower)| (word, id(&lower))).collect())
    }

    /// Reads a visitor's sentence.
    ///
    /// # Errors
    /// When it has no word, or none that the vocabulary knows.
    pub fn read(&self, sentence: &str) -> Result<Prompt, PromptError> {
        let words = self.words(sentence).map_err(|_| PromptError::Empty)?;
        let mut unknown: Vec<String> = Vec::new();
        // Chinese characters that follow each other are told as one word.
        for run in words.chunk_by(|a, b| {
            [a, b]
                .iter()
                .all(|(word, id)| *id == UNKNOWN && word.starts_with(is_han))
        }) {
            let word: String = run.iter().map(|(word, _)| word.as_str()).collect();
            if run[0].1 == UNKNOWN && !unknown.contains(&word) {
                unknown.push(word);
            }
        }
        if words.is_empty() {
            return Err(PromptError::Empty);
        }
        let (words, ids): (Vec<String>, Vec<u32>) = words.into_iter().unzip();
        if ids.iter().all(|id| *id == UNKNOWN) {
            return Err(PromptError::NoKnownWord(unknown));
        }
        Ok(Prompt {
            ids,
            words,
            unknown,
        })
    }

    /// The words of a sentence that the vocabulary lacks, each once, as they were typed. None for a
    /// sentence without words.
    pub fn unknown(&self, sentence: &str) -> Vec<String> {
        match self.read(sentence) {
            Ok(prompt) => prompt.unknown,
            Err(PromptError::NoKnownWord(words)) => words,
            Err(_) => Vec::new(),
        }
    }
}

/// The words of a sentence, as they were typed and in lower case.
fn split(sentence: &str) -> tokenizers::Result<Vec<(String, String)>> {
    let mut text = PreTokenizedString::from(sentence);
    text.normalize(|part| Lowercase.normalize(part))?;
    let between = |c| !is_part_of_word(c);
    text.split(|_, part| part.split(between, SplitDelimiterBehavior::Removed))?;
    text.split(|_, part| part.split(is_han, SplitDelimiterBehavior::Isolated))?;
    let words = text.get_splits(OffsetReferential::Original, OffsetType::Byte);
    let words = words.into_iter().map(|(lower, (from, to), _)| {
        let typed = sentence.get(from..to).unwrap_or_default();
        (typed.to_owned(), lower.to_owned())
    });
    Ok(words.collect())
}
