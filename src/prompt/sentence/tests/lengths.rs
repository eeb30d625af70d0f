//! How far garments are to reach.

use super::*;
use crate::prompt::Cover;

/// A sentence and its clauses: with a colour as in the other table, or the skin that a thing covers.
#[rustfmt::skip]
const LENGTHS: &[(&str, &[&str])] = &[
    ("long sleeves", &["top+Arms"]),
    ("long sleeves please", &["top+Arms"]),
    ("a shirt with long sleeves", &["shirt+Arms"]),
    ("make the t-shirt long-sleeved", &["t-shirt+Arms"]),
    ("a long-sleeved shirt", &["shirt+Arms"]),
    ("a long sleeve shirt", &["shirt+Arms"]),
    ("a long sleeve red shirt", &["shirt=red", "shirt+Arms red"]),
    ("give the dress long sleeves", &["dress+Arms"]),
    ("make the sleeves longer", &["top+Arms"]),
    ("make the sleeves of the shirt longer", &["shirt+Arms"]),
    ("a red shirt with long sleeves", &["shirt=red", "shirt+Arms red"]),
    ("a long-sleeved red shirt", &["shirt=red", "shirt+Arms red"]),
    ("make the shirt red and long-sleeved", &["shirt=red", "shirt+Arms red"]),
    ("make the shirt long-sleeved and red", &["shirt=red", "shirt+Arms red"]),
    ("make the shirt long-sleeved and the trousers black", &["shirt+Arms", "trousers=black"]),
    ("a shirt with long sleeves and blue trousers", &["shirt+Arms", "trousers=blue"]),
    ("red trousers and long sleeves", &["trousers=red", "top+Arms"]),
    ("a longer skirt", &["skirt+Below"]),
    ("make the skirt longer", &["skirt+Below"]),
    ("lengthen the skirt", &["skirt+Below"]),
    ("a long dress", &["dress+Below"]),
    ("a long red dress", &["dress=red", "dress+Below red"]),
    ("make the dress long and red", &["dress=red", "dress+Below red"]),
    ("make the skirt longer and the coat red", &["skirt+Below", "coat=red"]),
    ("trousers down to the ankles", &["shorts+Legs"]),
    ("long trousers", &["shorts+Legs"]),
    ("turn the shorts into trousers", &["shorts+Legs"]),
    ("turn the shorts into long trousers", &["shorts+Legs"]),
    ("make the shorts longer", &["shorts+Legs"]),
    ("长袖", &["top+Arms"]),
    ("长袖衬衫", &["shirt+Arms"]),
    ("红色长袖衬衫", &["shirt=red", "shirt+Arms red"]),
    ("把T恤变成长袖", &["t-shirt+Arms"]),
    ("袖子长一点", &["top+Arms"]),
    ("长裤", &["shorts+Legs"]),
    ("把短裤变成长裤", &["shorts+Legs"]),
    ("长裙", &["dress+Below"]),
    ("裙子长一点", &["skirt+Below"]),
    ("把裙子变长", &["skirt+Below"]),
    ("make the trousers shorter", &["trousers+Bare"]),
    ("shorten the jeans", &["jeans+Bare"]),
    ("turn the trousers into shorts", &["trousers+Bare"]),
    ("turn the shorts into black trousers", &["shorts=black", "shorts+Legs black"]),
    ("turn the jeans into red shorts", &["jeans=red", "jeans+Bare red"]),
    ("make the trousers shorter and red", &["trousers=red", "trousers+Bare red"]),
    ("make the trousers shorter and the coat navy", &["trousers+Bare", "coat=navy"]),
    ("裤子短一点", &["trousers+Bare"]),
    ("把长裤变成短裤", &["trousers+Bare"]),
    // What cannot become shorter is told.
    ("a red sleeveless shirt", &["shirt=red", "shirt+Less red"]),
    ("make the skirt shorter and the coat navy", &["skirt+Less", "coat=navy"]),
    // What things are called, and what they were.
    ("red longsleeve", &["top=red"]),
    ("红色长袖", &["top=red"]),
    ("把长裤变成黑色", &["trousers=black"]),
    ("long black trousers", &["trousers=black"]),
    ("make the long dress red", &["dress=red"]),
    ("long blonde hair", &["hair=blonde"]),
    ("a long navy coat", &["coat=navy"]),
    ("a longer navy coat", &["coat=navy"]),
];

fn told(clause: &Clause) -> String {
    let thing = clause.thing.map_or("*", |thing| thing.name);
    let colour = match clause.change {
        Change::Colour([r, g, b]) => format!("#{r:02x}{g:02x}{b:02x}"),
        change => {
            assert_eq!(
                change,
                Change::Relative {
                    lightness: 0.0,
                    chroma: 0.0
                }
            );
            String::new()
        }
    };
    match clause.cover {
        Some(cover) => format!("{thing}+{cover:?} {colour}").trim().to_owned(),
        None => format!("{thing}={colour}"),
    }
}

/// What the table expects, with names of colours as their numbers.
fn expected(clause: &str) -> String {
    let at = clause.find(['=', ' ']).map_or(clause.len(), |at| at + 1);
    let (thing, colour) = clause.split_at(at);
    match colours::read(colour) {
        Some([r, g, b]) => format!("{thing}#{r:02x}{g:02x}{b:02x}"),
        None => clause.to_owned(),
    }
}

#[test]
fn words_of_length_say_what_a_garment_covers() {
    as_written(LENGTHS, expected, told);
}

#[test]
fn what_takes_cloth_away_is_refused_in_words() {
    for sentence in [
        "sleeveless",
        "a sleeveless shirt",
        "short sleeves",
        "make the skirt shorter",
        "a short skirt",
        "shorten the dress",
        "turn the trousers into a skirt",
        "make the shorts shorter",
        "无袖",
        "裙子短一点",
    ] {
        assert_eq!(read(sentence), Err(PromptError::Shorter), "{sentence}");
    }
}

#[test]
fn skin_is_called_in_the_language_of_the_sentence() {
    let typed = |sentence| read(sentence).unwrap().clauses[0].typed.clone();
    assert_eq!(typed("long sleeves"), "bare arms beside it");
    assert_eq!(typed("长裤"), "下面裸露的腿");
    let cover = |sentence| read(sentence).unwrap().clauses[0].cover;
    assert_eq!(cover("long sleeves"), Some(Cover::Arms));
}
