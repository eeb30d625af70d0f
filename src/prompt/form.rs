//! What a sentence says of a garment's form: all but its colours and cloths.

use super::sentence::{self, Mark, Role};
use super::{Prompt, PromptError, UNKNOWN, Vocabulary};

/// What is read where a sentence names no garment: captions of garments have no word for all of them.
const ANY: &str = "shirt";

/// Garments whose exemplars are those of another one: the photos that may be published name no more kinds. Plurals are as
/// they are.
const LIKE: &[(&str, &str)] = &[
    ("t-shirt", "tee tshirt"),
    (
        "trousers",
        "jeans pants chinos slacks joggers sweatpants leggings",
    ),
    (
        "long-sleeved shirt",
        "sweater jumper pullover sweatshirt cardigan longsleeve",
    ),
    ("coat", "jacket parka anorak"),
    ("vest", "singlet undershirt waistcoat"),
    ("dress", "gown frock tunic sundress"),
    ("shirt", "blouse"),
    ("裤子", "牛仔裤 打底裤 长裤"),
    ("长袖衫", "毛衣 卫衣 针织衫"),
    ("外套", "夹克 风衣"),
];

/// Reads what a sentence says of form.
///
/// # Errors
/// When it has no word, or none that anybody knows.
pub fn read(vocabulary: &Vocabulary, sentence: &str) -> Result<Prompt, PromptError> {
    let (sentence, typed) = &likened(sentence);
    let prompt = match vocabulary.read(&without(sentence, |mark| !is_form(mark))) {
        // It says something, and nothing of form.
        Err(_) if !sentence::marks_but_lengths(sentence).is_empty() && !means(sentence, "") => {
            vocabulary.read(ANY)?
        }
        prompt => prompt?,
    };
    let unknown = prompt.unknown.into_iter();
    let words = prompt.words.into_iter().zip(prompt.ids);
    let (mut words, ids): (Vec<String>, _) = words
        .filter(|(word, id)| *id != UNKNOWN || means(sentence, word))
        .unzip();
    for (name, typed) in typed {
        let parts = vocabulary.words(name).unwrap_or_default();
        let parts: Vec<String> = parts.into_iter().map(|(part, _)| part).collect();
        let mut all = words.windows(parts.len().max(1));
        if let Some(at) = all.position(|some| *some == parts[..]) {
            words[at..at + parts.len()].fill(typed.clone());
        }
    }
    Ok(Prompt {
        ids,
        words,
        unknown: unknown.filter(|word| means(sentence, word)).collect(),
    })
}

/// The words of a sentence that nobody knows, each once, as they were typed.
pub fn unknown(vocabulary: &Vocabulary, sentence: &str) -> Vec<String> {
    let (sentence, _) = &likened(sentence);
    let mut unknown = vocabulary.unknown(&without(sentence, |mark| !is_form(mark)));
    unknown.retain(|word| means(sentence, word));
    unknown
}

/// A sentence with [`LIKE`]'s garments in the place of its own; and each of these, with what was typed.
fn likened(sentence: &str) -> (String, Vec<(&'static str, String)>) {
    let (mut likened, mut typed) = (sentence.to_owned(), Vec::new());
    for (name, words) in LIKE {
        for word in words.split(' ') {
            // Another's letters before or behind it make another word of it, but for a plural's s.
            let letter = |c: &char| c.is_ascii_alphanumeric();
            let lower = likened.to_ascii_lowercase();
            let found = lower.match_indices(word).filter_map(|(from, _)| {
                let to = from + word.len();
                let plural = lower[to..].starts_with('s') && word.is_ascii();
                let to = to + usize::from(plural);
                let before = lower[..from].chars().next_back();
                let behind = lower[to..].chars().next();
                (!before.as_ref().is_some_and(letter) && !behind.as_ref().is_some_and(letter))
                    .then_some(from..to)
            });
            let found: Vec<_> = found.collect();
            for range in found.into_iter().rev() {
                typed.push((*name, likened[range.clone()].to_owned()));
                likened.replace_range(range, name);
            }
        }
    }
    (likened, typed)
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
    fn a_garment_of_anothers_form_is_read_as_that_one() {
        let likened = |sentence| likened(sentence).0;
        assert_eq!(likened("Red Jeans"), "Red trousers");
        assert_eq!(
            likened("sweaters, and jeans"),
            "long-sleeved shirt, and trousers"
        );
        assert_eq!(likened("红色的毛衣"), "红色的长袖衫");
        // A part of another word is none.
        assert_eq!(likened("steep teeth"), "steep teeth");
    }

    #[test]
    fn it_is_told_as_it_was_typed() {
        assert_eq!(words("a pink Blouse"), ["a", "Blouse"]);
        let read = read(&vocabulary(), "blouse, shorts").unwrap();
        assert_eq!(read.words, ["blouse", "shorts"]);
        let shirt = vocabulary().read("shirt").unwrap().ids[0];
        assert_eq!(read.ids[0], shirt);
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
