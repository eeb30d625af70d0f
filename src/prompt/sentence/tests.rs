mod any_text;
mod cloth;
mod fabrics;
mod lengths;
mod sentences;

use super::super::colours;
use super::super::things::LABELS;
use super::*;
use fabrics::{CHINESE, FABRICS};
use sentences::SENTENCES;

/// A clause as the table below writes it: "skirt=red", "*=darker 1" for what the photo is about.
fn told(clause: &Clause) -> String {
    let thing = clause.thing.map_or("*", |thing| thing.name);
    let plain = if clause.plain { "plain " } else { "" };
    match clause.change {
        Change::Colour([r, g, b]) => format!("{thing}={plain}#{r:02x}{g:02x}{b:02x}"),
        Change::Relative { lightness, chroma } => {
            format!("{thing}={plain}{lightness:+} {chroma:+}")
        }
    }
}

/// What the table expects, with names of colours as their numbers.
fn expected(clause: &str) -> String {
    let (thing, change) = clause.split_once('=').expect("thing=change");
    let (plain, change) = match change.strip_prefix("plain ") {
        Some(change) => ("plain ", change),
        None => ("", change),
    };
    match colours::read(change) {
        Some([r, g, b]) => format!("{thing}={plain}#{r:02x}{g:02x}{b:02x}"),
        None => format!("{thing}={plain}{change}"),
    }
}

/// Reads a table of sentences and their clauses, and names all that are read otherwise.
fn as_written(
    table: &[(&str, &[&str])],
    expected: impl Fn(&str) -> String,
    told: impl Fn(&Clause) -> String,
) {
    let mut wrong = Vec::new();
    for (sentence, clauses) in table {
        let clauses: Vec<String> = clauses.iter().map(|clause| expected(clause)).collect();
        let ours = match read(sentence) {
            Ok(read) => read.clauses.iter().map(&told).collect(),
            Err(error) => vec![error.to_string()],
        };
        if ours != clauses {
            wrong.push(format!("{sentence:?}: {ours:?} and not {clauses:?}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn sentences_mean_what_people_mean() {
    as_written(SENTENCES, expected, told);
    assert!(SENTENCES.len() >= 120);
}

#[test]
fn unknown_words_are_told_and_not_guessed_at() {
    for (sentence, unknown) in [
        ("the light blue leather jacket", &["leather"] as &[&str]),
        ("a Silken, silken red skirt", &["Silken", "silken"]),
        ("make the skirt flurple and the coat red", &["flurple"]),
        ("a lace red shirt; paisley, paisley!", &["lace", "paisley"]),
        ("a striped silk shirt", &["silk"]),
        ("make the skirt wide and red", &["wide"]),
        ("a thin red scarf, no stripes", &["thin"]),
        ("红色的毛绒外套", &["毛绒"]),
        ("印花的红色衬衫", &["印花"]),
        ("裙子底红色", &["底"]),
        ("make the skirt #12345 red", &["#12345"]),
        ("a नीला red skirt", &["नीला"]),
        ("make the skirt red, please", &[]),
        ("2 red shoes", &[]),
    ] {
        let read = read(sentence).unwrap_or_else(|error| panic!("{sentence}: {error}"));
        assert_eq!(read.unknown, unknown, "{sentence}");
        assert_eq!(read.clauses.len(), 1, "{sentence}");
    }
}

#[test]
fn sentences_that_ask_for_nothing_are_refused_in_words() {
    let error = |sentence| read(sentence).expect_err(sentence);
    for empty in ["", "  \n", "🌸🌸", "...!", "# ’"] {
        assert_eq!(error(empty), PromptError::Empty, "{empty:?}");
    }
    let words = |words: &[&str]| {
        words
            .iter()
            .map(|word| (*word).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        error("xyzzy plugh"),
        PromptError::NoKnownWord(words(&["xyzzy", "plugh"]))
    );
    for (sentence, unknown) in [
        ("the skirt", &[] as &[&str]),
        ("hello", &[]),
        ("make it", &[]),
        ("裙子", &[]),
        ("make the skirt less red", &[]),
        ("remove the red from the skirt", &[]),
        ("make the skirt flurple", &["flurple"]),
        ("把裙子变成彩虹色", &["彩虹"]),
    ] {
        assert_eq!(
            error(sentence),
            PromptError::NoChange(words(unknown)),
            "{sentence}"
        );
    }
    for (sentence, unknown) in [
        ("make the curtains red", &["curtains"] as &[&str]),
        ("red curtains", &["curtains"]),
        ("make the curtains red and blue", &["curtains"]),
        ("make the sky darker", &["sky"]),
        ("make the curtains striped", &["curtains"]),
        ("striped curtains", &["curtains"]),
        ("把窗帘变成红色", &["窗帘"]),
    ] {
        assert_eq!(
            error(sentence),
            PromptError::UnknownThing(words(unknown)),
            "{sentence}"
        );
    }
    for sentence in [
        "keep the shoes",
        "don't make the skirt red",
        "不要改裙子",
        "鞋子不变",
    ] {
        assert_eq!(error(sentence), PromptError::Kept, "{sentence}");
    }
    assert!(
        error("make the skirt flurple")
            .to_string()
            .starts_with("I do not know “flurple”. Say")
    );
    assert!(error("the skirt").to_string().starts_with("Say a colour"));
}

#[test]
fn a_clause_has_the_words_of_its_own_piece() {
    for (sentence, expected) in [
        (
            "make the red skirt blue and the coat navy",
            "make the skirt <colour>|the coat <colour>",
        ),
        (
            "change the Pants to very dark blue",
            "change the trousers to <colour>",
        ),
        ("i want a striped red T-shirt", "i want a <colour> t-shirt"),
        (
            "turn the dress and my shoes dark green",
            "turn the dress <colour>|the shoes <colour>",
        ),
        (
            "make the centre of the flower yellow",
            "make the centre <colour>",
        ),
        ("the hat should be much darker", "the hat should be darker"),
        ("a darker hat", "a darker hat"),
        ("more vivid petals", "vivid petals"),
        (
            "give her a plain purple dress",
            "make a plain <colour> dress",
        ),
        ("make it yellow", "make it <colour>"),
        ("red", "<colour>"),
        (
            "把裙子变成红色，外套变成藏青色",
            "change skirt to <colour>|jacket to <colour>",
        ),
        ("红裙子", "<colour> skirt"),
        ("裙子深一点", "skirt darker"),
        (
            "make the skirt navy and white striped",
            "make the skirt <colour>",
        ),
        ("thin red stripes on a cream dress", "a <colour> dress"),
        ("a white shirt with blue stripes", "a <colour> shirt"),
        ("make the coat tweed", "make the coat <colour>"),
        ("白底蓝条纹的衬衫", "<colour> shirt"),
    ] {
        let read = read(sentence).unwrap();
        let ours: Vec<String> = read
            .clauses
            .iter()
            .map(|clause| clause.tokens.join(" "))
            .collect();
        assert_eq!(ours.join("|"), expected, "{sentence}");
    }
    let read = read("make the Dark Blue Jeans red").unwrap();
    assert_eq!(read.clauses[0].typed, "Jeans");
}

#[test]
fn tokens_are_a_closed_vocabulary() {
    let tokens = tokens();
    for (i, token) in tokens.iter().enumerate() {
        assert!(!tokens[..i].contains(token), "{token} twice");
    }
    assert!(tokens.len() < LABELS.len() + 60, "{}", tokens.len());
    let sentences = SENTENCES.iter().map(|(sentence, _)| sentence);
    let cloths = FABRICS.iter().chain(CHINESE).map(|(sentence, _)| sentence);
    for sentence in sentences.chain(cloths) {
        for clause in read(sentence).unwrap().clauses {
            let known = clause.tokens.iter().all(|token| tokens.contains(token));
            assert!(
                known && !clause.tokens.is_empty(),
                "{sentence}: {:?}",
                clause.tokens
            );
            let thing = clause
                .thing
                .is_none_or(|thing| clause.tokens.contains(&thing.name));
            assert!(thing, "{sentence}: {:?}", clause.tokens);
            assert!(
                clause
                    .tokens
                    .iter()
                    .filter(|token| **token == COLOUR)
                    .count()
                    <= 1
            );
        }
    }
}

#[test]
fn what_asks_for_no_change_yet_is_marked_all_the_same() {
    let of = |sentence: &str| -> Vec<(String, Role)> {
        let marks = marks(sentence).into_iter();
        let typed = marks.map(|mark| (sentence[mark.range].to_owned(), mark.role));
        typed.collect()
    };
    let thing = |typed: &str| (typed.to_owned(), Role::Thing);
    assert_eq!(of("make the coat "), [thing("coat")]);
    assert_eq!(of("把裙子变成"), [thing("裙子")]);
    assert_eq!(of(" !"), []);
    for sentence in ["a navy striped coat, qwrtzu", "把裙子变成红色"] {
        assert_eq!(marks(sentence), read(sentence).unwrap().marks);
    }
}

#[test]
fn marks_say_what_was_read_where() {
    let sentence = "Make the 裙子 very dark blue, a bit darker silken hat, very wide red stripes";
    let read = read(sentence).unwrap();
    let marks: Vec<(&str, Role)> = read
        .marks
        .iter()
        .map(|mark| (&sentence[mark.range.clone()], mark.role))
        .collect();
    let blue = colours::read("very dark blue").unwrap();
    assert_eq!(
        marks,
        [
            ("裙子", Role::Thing),
            ("very dark blue", Role::Colour(blue)),
            ("darker", Role::Change),
            ("silken", Role::Unknown),
            ("hat", Role::Thing),
            ("wide", Role::Fabric),
            ("red", Role::Colour(colours::read("red").unwrap())),
            ("stripes", Role::Fabric),
        ]
    );
}

#[test]
fn every_word_of_every_thing_is_read() {
    for thing in super::super::THINGS {
        for word in thing.words() {
            for sentence in [format!("make the {word} red"), format!("把{word}变成红色")] {
                let read = read(&sentence).unwrap_or_else(|error| panic!("{sentence}: {error}"));
                let ours: Vec<String> = read.clauses.iter().map(told).collect();
                assert_eq!(
                    ours,
                    [expected(&format!("{}=red", thing.name))],
                    "{sentence}"
                );
            }
        }
    }
}

#[test]
fn every_name_of_a_colour_is_read_in_a_sentence() {
    for name in colours::names() {
        // 丹 alone is not read, and a leaf is a thing.
        let Some(rgb) = colours::read(name).filter(|_| name != "leaf") else {
            continue;
        };
        let forms: &[String] = match name.is_ascii() {
            true => &[format!("make the skirt {name}"), format!("a {name} skirt")],
            false => &[format!("把裙子变成{name}"), format!("{name}的裙子")],
        };
        for sentence in forms {
            let read = read(sentence).unwrap_or_else(|error| panic!("{sentence}: {error}"));
            assert_eq!(read.clauses[0].change, Change::Colour(rgb), "{sentence}");
            let skirt = read.clauses.len() == 1 && read.clauses[0].thing.unwrap().name == "skirt";
            assert!(skirt && read.unknown.is_empty(), "{sentence}: {read:?}");
        }
    }
}

#[test]
fn sentences_about_other_things_are_apart() {
    for [one, other] in [
        ["make the coat navy", "pink hair"],
        ["红色的裙子", "a darker background"],
        ["a striped shirt and white trousers", "make the shoes teal"],
    ] {
        assert!(apart(one, other) && apart(other, one), "{one}, {other}");
    }
    for [one, other] in [
        ["make the pants navy", "white trousers"],
        ["a navy skirt", "绿色的裙子"],
        ["make the coat navy", "green coats"],
        ["make the clothes teal", "a red shirt"],
        ["a navy coat and pink hair", "make the hair green"],
        ["make it blue", "pink hair"],
        ["qwrtzu", "pink hair"],
        ["", ""],
    ] {
        assert!(!apart(one, other) && !apart(other, one), "{one}, {other}");
    }
}
