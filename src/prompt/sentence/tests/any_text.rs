//! No text stops the reader, whatever it is made of.

use super::*;

/// A generator of numbers for the test below (Marsaglia's xorshift).
fn number(state: &mut u32) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    *state as usize
}

#[test]
fn no_text_stops_the_reader() {
    let pieces: Vec<&str> = SENTENCES
        .iter()
        .map(|(sentence, _)| sentence)
        .chain(FABRICS.iter().chain(CHINESE).map(|(sentence, _)| sentence))
        .flat_map(|sentence| sentence.split(' '))
        .chain([
            ",",
            ".",
            "/",
            "&",
            "#",
            "#12",
            "rgb(",
            "rgb(1,2,3",
            "’",
            "'s",
            "-",
            "的",
            "不要",
            "-ish",
            "of the",
            "not",
            "more",
            "less",
            "to",
            "from",
            "but",
            "with",
            "🌸",
            "e\u{301}",
            "\u{0}",
            "ﷺ",
            "नीला",
            "İ",
            "ß",
            "\n",
            "darker",
            "very",
            "dark",
            "keep",
            "it",
            "把",
            "变成",
            "grayish",
        ])
        .collect();
    let mut state = 16;
    for _ in 0..6_000 {
        let count = number(&mut state) % 14;
        let mut sentence = String::new();
        for _ in 0..count {
            sentence += pieces[number(&mut state) % pieces.len()];
            if !number(&mut state).is_multiple_of(4) {
                sentence.push(' ');
            }
        }
        let Ok(read) = read(&sentence) else {
            continue;
        };
        assert!(!read.clauses.is_empty(), "{sentence:?}");
        for (i, clause) in read.clauses.iter().enumerate() {
            let twice = read.clauses[..i]
                .iter()
                .any(|other| other.thing == clause.thing);
            assert!(!twice, "{sentence:?}: {read:?}");
            if let Change::Relative { lightness, chroma } = clause.change {
                assert!(lightness.is_finite() && chroma.is_finite(), "{sentence:?}");
            }
        }
        let mut end = 0;
        for mark in &read.marks {
            assert!(mark.range.start >= end && sentence.get(mark.range.clone()).is_some());
            end = mark.range.end;
        }
    }
}

#[test]
fn any_length_is_read_soon() {
    let start = std::time::Instant::now();
    for part in [
        "blue ",
        "red, ",
        "skirt ",
        "skirt, ",
        "very ",
        "rgb( ",
        "红",
        "裙子",
        "不",
        "of the ",
        "xyz ",
        "striped ",
        "条纹",
        "navy and white stripes ",
        "dots on a ",
        "wide stripes, ",
        "底白点",
    ] {
        _ = read(&part.repeat(20_000));
    }
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    let error = read(&"x".repeat(10_000)).unwrap_err();
    assert!(error.to_string().len() < 300, "{error}");
}
