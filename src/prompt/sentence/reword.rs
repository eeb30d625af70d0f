//! A sentence with another cloth in it, or another size or direction of it: what buttons do to what was typed.

use super::part::{Kind, Part};
use super::parts::parts;
use super::{fabrics, read, weave::weave};
use crate::prompt::words::{Word, compared, split};

/// What a word says of a cloth.
#[derive(Clone, Copy, PartialEq)]
enum Says {
    Cloth,
    Scale,
    Direction,
}

fn says(word: &str) -> Says {
    let word = compared(word);
    match fabrics::scale(&word) {
        Some(_) => Says::Scale,
        None if fabrics::direction(&word).is_some() => Says::Direction,
        None => Says::Cloth,
    }
}

/// The sentence with `word`, a cloth, a size or a direction, in the place of the first that it names; else what
/// is said of a cloth comes before that, and a cloth before the first thing. `None` where there is neither.
///
/// "make the striped dress red" is about a dress that has stripes: "make the dress red" becomes "red striped
/// dress".
pub fn reword(sentence: &str, word: &str) -> Option<String> {
    let mut words: Vec<Word> = split(sentence);
    words.truncate(1000);
    let (_, typed) = weave(sentence, parts(&words, true));
    let text = |part: &Part| &sentence[part.range.clone()];
    let new = says(word);
    let same = |part: &&Part| match part.kind {
        Kind::Cloth(_) => new == Says::Cloth,
        Kind::Measure => new == says(text(part)),
        _ => false,
    };
    if let Some(part) = typed.iter().find(same) {
        let mut reworded = sentence.to_owned();
        reworded.replace_range(part.range.clone(), word);
        return Some(reworded);
    }
    let before = |part: &&Part| match new {
        Says::Cloth => matches!(part.kind, Kind::Thing(_)),
        _ => matches!(part.kind, Kind::Cloth(_)),
    };
    let part = typed.iter().find(before)?;
    // Chinese writes no spaces.
    let space = if text(part).is_ascii() { " " } else { "" };
    let mut reworded = sentence.to_owned();
    reworded.insert_str(part.range.start, &format!("{word}{space}"));
    let told = read(&reworded).is_ok_and(|read| read.clauses[0].fabric.is_some());
    if told || new != Says::Cloth {
        return Some(reworded);
    }
    let colour = typed
        .iter()
        .find(|part| matches!(part.kind, Kind::Colour(_)));
    let phrase = colour.map(text).into_iter().chain([word, text(part)]);
    Some(phrase.collect::<Vec<_>>().join(space))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fabric::{Direction, Fabric, Kind};
    use crate::prompt::sentence::{Change, read};

    fn fabric(sentence: &str) -> Fabric {
        let read = read(sentence).expect(sentence);
        read.clauses[0].fabric.expect(sentence)
    }

    #[test]
    fn a_cloth_comes_to_its_thing_and_goes_for_another() {
        let reworded = |sentence: &str, word: &str| reword(sentence, word).expect(sentence);
        assert_eq!(
            reworded("make the dress red", "gingham"),
            "red gingham dress"
        );
        assert_eq!(reworded("a navy coat", "tweed"), "a navy tweed coat");
        assert_eq!(
            reworded("a wide striped shirt", "tartan"),
            "a wide tartan shirt"
        );
        assert_eq!(reworded("a tartan shirt", "large"), "a large tartan shirt");
        assert_eq!(
            reworded("a thin striped shirt", "diagonal"),
            "a thin diagonal striped shirt"
        );
        assert_eq!(
            reworded("a thin striped shirt", "huge"),
            "a huge striped shirt"
        );
        assert_eq!(reworded("把裙子变成红色", "格子"), "红色格子裙子");
        assert_eq!(reworded("红色格子裙子", "大"), "红色大格子裙子");
        assert_eq!(reword("red", "gingham"), None);
        assert_eq!(reword("a red dress", "large"), None);
        assert_eq!(reword("", "gingham"), None);
    }

    #[test]
    fn what_comes_is_read_as_that_cloth_with_the_colour_that_was_there() {
        for kind in Kind::ALL {
            for (sentence, name) in ["make the dress red", "把裙子变成红色"]
                .into_iter()
                .zip(fabrics::names(kind))
            {
                let reworded = reword(sentence, name).expect(name);
                let woven = fabric(&reworded);
                assert_eq!(woven.kind, kind, "{reworded}");
                let Change::Colour(red) = read("a red dress").expect("a colour").clauses[0].change
                else {
                    panic!("no colour");
                };
                let colours = woven.colours;
                assert!(colours.contains(&Some(red)), "{reworded}: {colours:?}");
            }
        }
    }

    #[test]
    fn its_size_and_direction_are_read() {
        for (sizes, sentence) in [
            (
                ["tiny", "small", "medium", "large", "huge"],
                "a striped dress",
            ),
            (["微小", "小", "中号", "大", "超大"], "条纹裙子"),
        ] {
            let scales = sizes.map(|size| fabric(&reword(sentence, size).expect(size)).scale);
            assert!(scales.is_sorted(), "{scales:?}");
            assert_eq!(scales[2], 1.0);
        }
        let across = reword("a striped dress", "horizontal").expect("a sentence");
        assert_eq!(fabric(&across).direction, Direction::Across);
    }
}
