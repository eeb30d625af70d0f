//! The words that a model knows, and sentences as their ids.

use ahash::AHashMap;
use serde::{Deserialize, Serialize};
use tokenizers::models::wordlevel::WordLevel;
use tokenizers::normalizers::Lowercase;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::{Decoder, Encoding, PostProcessor, SplitDelimiterBehavior, TokenizerImpl};

/// The id that fills short sentences up.
pub const PAD: u32 = 0;
/// The id of every word that the vocabulary lacks.
pub const UNKNOWN: u32 = 1;

const SPECIAL: [&str; 2] = ["<pad>", "<unk>"];

/// A word: a run of letters, their marks, digits and apostrophes, of any script.
const WORD: &str = r"[\p{L}\p{M}\p{N}']+";

type WordTokenizer = TokenizerImpl<WordLevel, Lowercase, Split, Nothing, Nothing>;

/// Neither behind the words nor back to text does anything happen: this keeps every other
/// tokenizer's post-processor and decoder out of the wasm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Nothing;

impl PostProcessor for Nothing {
    fn added_tokens(&self, _is_pair: bool) -> usize {
        0
    }

    fn process_encodings(
        &self,
        encodings: Vec<Encoding>,
        _add_special_tokens: bool,
    ) -> tokenizers::Result<Vec<Encoding>> {
        Ok(encodings)
    }
}

impl Decoder for Nothing {
    fn decode_chain(&self, tokens: Vec<String>) -> tokenizers::Result<Vec<String>> {
        Ok(tokens)
    }
}

/// The words that a model knows, in the format of the `tokenizers` crate.
#[derive(Debug, Clone)]
pub struct Vocabulary(WordTokenizer);

/// A sentence as the ids of its words.
#[derive(Debug, Clone, PartialEq)]
pub struct Prompt {
    /// One id a word, [`UNKNOWN`] for words that the vocabulary lacks.
    pub ids: Vec<u32>,
    /// The words that the vocabulary lacks, each once, as they were typed.
    pub unknown: Vec<String>,
}

/// Why a sentence says nothing.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PromptError {
    /// There is no word in it.
    #[error("The sentence is empty: say what to change, for example “the petals are blue”.")]
    Empty,
    /// None of its words is in the vocabulary.
    #[error("This model knows none of these words: {}. Try simple English words, for example “the petals are blue”.", listed(.0))]
    NoKnownWord(Vec<String>),
}

/// Names the first few words, and says when there are more.
fn listed(words: &[String]) -> String {
    const SHOWN: usize = 5;
    let mut list: Vec<String> = words
        .iter()
        .take(SHOWN)
        .map(|word| {
            let short: String = word.chars().take(30).collect();
            if short.len() < word.len() {
                format!("“{short}…”")
            } else {
                format!("“{word}”")
            }
        })
        .collect();
    if words.len() > SHOWN {
        list.push(format!("and {} more", words.len() - SHOWN));
    }
    list.join(", ")
}

impl Vocabulary {
    /// A vocabulary of these words, in the order of their ids from 2 on.
    pub fn new(words: impl IntoIterator<Item = String>) -> tokenizers::Result<Self> {
        let words = SPECIAL.map(String::from).into_iter().chain(words);
        let vocab: AHashMap<String, u32> = words.zip(0..).collect();
        let model = WordLevel::builder()
            .vocab(vocab)
            .unk_token(SPECIAL[UNKNOWN as usize].into())
            .build()?;
        let pattern = SplitPattern::Regex(WORD.into());
        // Inverted: what the pattern does not match is what separates words, and is dropped.
        let words = Split::new(pattern, SplitDelimiterBehavior::Removed, true)?;
        let mut tokenizer = TokenizerImpl::new(model);
        tokenizer.with_normalizer(Some(Lowercase))?;
        tokenizer.with_pre_tokenizer(Some(words));
        Ok(Self(tokenizer))
    }

    /// The words that occur at least `min_count` times in these sentences, most frequent first.
    #[cfg(feature = "train")]
    pub fn learn(
        sentences: impl Iterator<Item = String> + Send,
        min_count: u64,
    ) -> tokenizers::Result<Self> {
        let mut tokenizer = Self::new([])?.0;
        let mut trainer = tokenizers::models::wordlevel::WordLevelTrainer::builder()
            .min_frequency(min_count)
            .show_progress(false)
            .build()?;
        tokenizer.train(&mut trainer, sentences)?;
        let mut words: Vec<(String, u32)> = tokenizer.get_vocab(false).into_iter().collect();
        words.sort_by_key(|(_, id)| *id);
        Self::new(words.into_iter().map(|(word, _)| word))
    }

    /// The vocabulary of a file in the format of the `tokenizers` crate.
    ///
    /// # Errors
    /// When it is not one that [`new`](Self::new) makes: nothing else in such a file (another
    /// pattern, padding, ids with holes) is ever obeyed.
    pub fn from_json(json: &str) -> serde_json::Result<Self> {
        let foreign = |_| serde::de::Error::custom("not a tokenizer of Wordloom");
        let read: WordTokenizer = serde_json::from_str(json)?;
        let mut words: Vec<(String, u32)> = read.get_vocab(true).into_iter().collect();
        words.sort_by_key(|(_, id)| *id);
        if !words.iter().map(|(_, id)| *id).eq(0..words.len() as u32) {
            return Err(foreign(()));
        }
        let words = words.into_iter().skip(SPECIAL.len()).map(|(word, _)| word);
        let ours = Self::new(words).map_err(|_| foreign(()))?;
        match ours.to_json()? == serde_json::to_string(&read)? {
            true => Ok(ours),
            false => Err(foreign(())),
        }
    }

    /// The same as JSON.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(&self.0)
    }

    /// The number of ids.
    pub fn size(&self) -> usize {
        self.0.get_vocab_size(false)
    }

    /// The words of a sentence as they were typed, with their ids.
    ///
    /// # Errors
    /// When the tokenizer refuses the text; none is known that it does.
    pub fn words(&self, sentence: &str) -> tokenizers::Result<Vec<(String, u32)>> {
        let encoding = self.0.encode(sentence, false)?;
        let word = |&(from, to): &(usize, usize)| sentence.get(from..to).unwrap_or_default();
        let words = encoding
            .get_offsets()
            .iter()
            .map(|span| word(span).to_owned());
        Ok(words.zip(encoding.get_ids().iter().copied()).collect())
    }

    /// Reads a visitor's sentence.
    ///
    /// # Errors
    /// When it has no word, or none that the vocabulary knows.
    pub fn read(&self, sentence: &str) -> Result<Prompt, PromptError> {
        let words = self.words(sentence).map_err(|_| PromptError::Empty)?;
        let mut unknown: Vec<String> = Vec::new();
        for (word, _) in words.iter().filter(|(_, id)| *id == UNKNOWN) {
            if !unknown.contains(word) {
                unknown.push(word.clone());
            }
        }
        if words.is_empty() {
            return Err(PromptError::Empty);
        }
        let ids: Vec<u32> = words.into_iter().map(|(_, id)| id).collect();
        if ids.iter().all(|id| *id == UNKNOWN) {
            return Err(PromptError::NoKnownWord(unknown));
        }
        Ok(Prompt { ids, unknown })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary() -> Vocabulary {
        let words = ["the", "petals", "are", "blue", "it's"];
        Vocabulary::new(words.map(String::from)).expect("a vocabulary")
    }

    #[test]
    fn reads_words_and_reports_unknown_ones() {
        let prompt = vocabulary()
            .read("The PETALS are Chartreuse, chartreuse blue!")
            .unwrap();
        assert_eq!(prompt.ids, [2, 3, 4, UNKNOWN, UNKNOWN, 5]);
        assert_eq!(prompt.unknown, ["Chartreuse", "chartreuse"]);
        assert_eq!(vocabulary().read("it's").unwrap().ids, [6]);
    }

    #[test]
    fn sentences_that_say_nothing_are_refused() {
        let vocabulary = vocabulary();
        for empty in ["", "   \n", "🌸🌸", "...!"] {
            assert_eq!(vocabulary.read(empty), Err(PromptError::Empty), "{empty:?}");
        }
        for unknown in ["蓝色", "<pad> <unk>", "xyzzy"] {
            let error = vocabulary.read(unknown).unwrap_err();
            assert!(
                matches!(error, PromptError::NoKnownWord(_)),
                "{unknown:?}: {error}"
            );
        }
    }

    #[test]
    fn any_length_is_read() {
        let long = "blue ".repeat(2000);
        assert_eq!(vocabulary().read(&long).unwrap().ids.len(), 2000);
        let error = vocabulary().read(&"x".repeat(10_000)).unwrap_err();
        assert!(error.to_string().len() < 300, "{error}");
    }

    #[cfg(feature = "train")]
    #[test]
    fn learns_the_words_that_occur_often() {
        let sentences = ["blue petals", "Blue, very", "petals blue"].map(String::from);
        let learnt = Vocabulary::learn(sentences.into_iter(), 2).unwrap();
        assert_eq!(learnt.size(), 4);
        assert_eq!(
            learnt.read("blue petals very").unwrap().ids,
            [2, 3, UNKNOWN]
        );
    }

    #[test]
    fn survives_its_file_format() {
        let read = Vocabulary::from_json(&vocabulary().to_json().unwrap()).unwrap();
        assert_eq!(read.size(), 7);
        assert_eq!(read.read("Blue petals").unwrap().ids, [5, 3]);
        assert!(Vocabulary::from_json("{}").is_err());
    }
}
