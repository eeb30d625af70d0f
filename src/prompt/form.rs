//! What a sentence says of a garment's form: all but its colours and cloths.

use super::sentence::{self, Mark, Role};
use super::{Prompt, PromptError, UNKNOWN, Vocabulary};

/// What is read where a sentence names no garment: captions of garments have no word for all of them.
const ANY: &str = "shirt";

/// Reads what a sentence says of form.
///
/// # Errors
/// When it has no word, or none that anybody knows.
pub fn read(vocabulary: &Vocabulary, sentence: &str) -> Result<Prompt, PromptError> {
    let prompt = match vocabulary.read(&without(sentence, |mark| !is_form(mark))) {
        // It says something, and nothing of form.
        Err(_) if !sentence::marks_but_lengths(sentence).is_empty() && !means(sentence, "") => {
            vocabulary.read(ANY)?
        }
        prompt => prompt?,
    };
    let unknown = prompt.unknown.into_iter();
    let words = prompt.words.into_iter().zip(prompt.ids);
    let (words, ids) = words
        .filter(|(word, id)| *id != UNKNOWN || means(sentence, word))
        .unzip();
    Ok(Prompt {
        ids,
        words,
        unknown: unknown.filter(|word| means(sentence, word)).collect(),
    })
}

/// The words of a sentence that nobody knows, each once, as they were typed.
pub fn unknown(vocabulary: &Vocabulary, sentence: &str) -> Vec<String> {
    let mut unknown = vocabulary.unknown(&without(sentence, |mark| !is_form(mark)));
    unknown.retain(|word| means(sentence, word));
    unknown
}

/// What else it says: its colours and cloths.
pub fn left_out(sentence: &str) -> String {
    without(sentence, is_form)
}

/// Whether a mark of a sentence may say something of form.
fn is_form(mark: &Mark) -> bool {
    matches!(mark.role, Role::Thing | Role::Unknown)
}

/// Whether a word is part of what a sentence says of form: "with" and "的" only join what does.
fn means(sentence: &str, word: &str) -> bool {
    let marks = sentence::marks_but_lengths(sentence)
        .into_iter()
        .filter(is_form);
    // Chinese ones that follow each other are told as one.
    let mut typed = marks.map(|mark| &sentence[mark.range]);
    typed.any(|typed| typed.contains(word) || word.contains(typed))
}

/// Blanks in the place of what some marks of a sentence say.
fn without(sentence: &str, goes: impl Fn(&Mark) -> bool) -> String {
    let mut rest = sentence.to_owned();
    for mark in sentence::marks_but_lengths(sentence)
        .into_iter()
        .filter(goes)
    {
        let blank = " ".repeat(mark.range.len());
        rest.replace_range(mark.range, &blank);
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary() -> Vocabulary {
        let words = ["a", "polo", "shirt", "shorts", "连", "衣", "裙"];
        Vocabulary::new(words.map(String::from)).unwrap()
    }

    fn words(sentence: &str) -> Vec<String> {
        read(&vocabulary(), sentence).unwrap().words
    }

    #[test]
    fn colours_and_cloths_say_nothing_of_form() {
        assert_eq!(words("a red striped polo shirt"), ["a", "polo", "shirt"]);
        assert_eq!(words("绿色的连衣裙"), ["连", "衣", "裙"]);
        assert_eq!(words("red"), [ANY]);
        assert!(read(&vocabulary(), "").is_err() && read(&vocabulary(), "xyzzy").is_err());
    }

    #[test]
    fn what_nobody_knows_is_told_and_what_joins_words_is_not() {
        let unknown = |sentence| unknown(&vocabulary(), sentence);
        assert_eq!(unknown("pink wobbly shorts with white dots"), ["wobbly"]);
        assert_eq!(unknown("红色的连衣裙"), [""; 0]);
        let read = read(&vocabulary(), "a wobbly shirt and more").unwrap();
        assert!(read.unknown.contains(&"wobbly".to_owned()));
        // What an edit knows of lengths changes nothing here.
        let long = words("a long polo shirt with long sleeves");
        assert_eq!(long, ["a", "polo", "shirt", "sleeves"]);
        let rest = left_out("a red wobbly shirt");
        assert_eq!(rest.split_whitespace().collect::<Vec<_>>(), ["a", "red"]);
    }
}
