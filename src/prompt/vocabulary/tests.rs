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
    assert_eq!(prompt.words[3..], ["Chartreuse", "chartreuse", "blue"]);
    assert_eq!(prompt.unknown, ["Chartreuse", "chartreuse"]);
    assert_eq!(vocabulary().read("it's").unwrap().ids, [6]);
}

#[test]
fn words_of_any_script_are_told_apart_and_chinese_is_read_character_by_character() {
    let words = |sentence| {
        let words = split(sentence).unwrap().into_iter();
        words.map(|(typed, _)| typed).collect::<Vec<_>>()
    };
    assert_eq!(
        words("把花瓣,变成blue色"),
        ["把", "花", "瓣", "变", "成", "blue", "色"]
    );
    assert_eq!(
        words("नीला फूल — cafe\u{301}!"),
        ["नीला", "फूल", "cafe\u{301}"]
    );
    let vocabulary = Vocabulary::new(["蓝", "色"].map(String::from)).unwrap();
    let prompt = vocabulary.read("变蓝色").unwrap();
    assert_eq!(
        (prompt.ids, prompt.unknown),
        (vec![UNKNOWN, 2, 3], vec!["变".into()])
    );
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
    for (why, words, unknown) in [
        ("a hole", r#""<pad>":0,"<unk>":1,"blue":3"#, "<unk>"),
        ("twice", r#""<pad>":0,"<unk>":1,"blue":2,"red":2"#, "<unk>"),
        ("other ids", r#""<pad>":1,"<unk>":0,"blue":2"#, "<unk>"),
        ("another", r#""<pad>":0,"<unk>":1,"blue":2"#, "blue"),
    ] {
        let json = format!(r#"{{"type":"WordLevel","vocab":{{{words}}},"unk_token":"{unknown}"}}"#);
        assert!(Vocabulary::from_json(&json).is_err(), "{why}");
    }
    assert!(Vocabulary::from_json("{}").is_err());
}
