use super::super::colours;
use super::super::things::LABELS;
use super::*;

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

/// Sentences as people write them, and the clauses that they mean.
#[rustfmt::skip]
const SENTENCES: &[(&str, &[&str])] = &[
    // One thing, one colour.
    ("make the skirt red", &["skirt=red"]),
    ("Make the skirt RED!", &["skirt=red"]),
    ("a red skirt", &["skirt=red"]),
    ("red skirt", &["skirt=red"]),
    ("skirt red", &["skirt=red"]),
    ("skirt: red", &["skirt=red"]),
    ("skirt, red", &["skirt=red"]),
    ("the skirt should be red", &["skirt=red"]),
    ("the skirt is red", &["skirt=red"]),
    ("i want a red skirt", &["skirt=red"]),
    ("I'd like a red skirt please", &["skirt=red"]),
    ("I want the skirt to be red", &["skirt=red"]),
    ("i want to change the skirt to red", &["skirt=red"]),
    ("change the colour of the skirt to red", &["skirt=red"]),
    ("change the color of her skirt from blue to red", &["skirt=red"]),
    ("can you turn my skirt red?", &["skirt=red"]),
    ("please paint the skirt in red", &["skirt=red"]),
    ("paint the skirt with red", &["skirt=red"]),
    ("colour the skirt red", &["skirt=red"]),
    ("recolor the skirt to red", &["skirt=red"]),
    ("dye the woman's skirt red", &["skirt=red"]),
    ("the skirt in red", &["skirt=red"]),
    ("the skirt's colour should be red", &["skirt=red"]),
    ("a woman in a red skirt", &["skirt=red"]),
    ("a girl wearing red trousers", &["trousers=red"]),
    ("let the skirt be red", &["skirt=red"]),
    ("make the skirt look red", &["skirt=red"]),
    ("use red for the skirt", &["skirt=red"]),
    ("I think the skirt would look nice in red", &["skirt=red"]),
    ("please make the hat a nice dark green", &["hat=dark green"]),
    ("make her hair blonde", &["hair=blonde"]),
    ("make the t-shirt teal", &["t-shirt=teal"]),
    ("teal tee", &["t-shirt=teal"]),
    ("a mustard T shirt", &["t-shirt=mustard"]),
    ("the high heels should be hot pink", &["heels=hot pink"]),
    ("green background", &["background=green"]),
    ("make the astronaut's orange suit white", &["suit=white"]),
    // What it was is not what it becomes.
    ("make the red skirt blue", &["skirt=blue"]),
    ("change the red skirt to blue", &["skirt=blue"]),
    ("turn the white dress into a black dress", &["dress=black"]),
    ("turn the white dress into a black one", &["dress=black"]),
    ("replace the red skirt with a blue skirt", &["skirt=blue"]),
    ("replace the red skirt with a navy one", &["skirt=navy"]),
    ("swap the red skirt for a blue one", &["skirt=blue"]),
    ("the blue jeans should be black", &["jeans=black"]),
    ("turn the red blue", &["*=blue"]),
    ("change red to blue", &["*=blue"]),
    ("change it from red to blue", &["*=blue"]),
    ("the trousers into a red skirt", &["trousers=red"]),
    // Several things.
    ("a red skirt and a navy coat", &["skirt=red", "coat=navy"]),
    ("make the skirt red and the coat navy", &["skirt=red", "coat=navy"]),
    ("make the skirt red and make the coat navy", &["skirt=red", "coat=navy"]),
    ("make the skirt red. Make the coat navy.", &["skirt=red", "coat=navy"]),
    ("make the skirt red make the coat navy", &["skirt=red", "coat=navy"]),
    ("red skirt, navy coat", &["skirt=red", "coat=navy"]),
    ("red skirt navy coat", &["skirt=red", "coat=navy"]),
    ("skirt red coat navy", &["skirt=red", "coat=navy"]),
    ("the skirt red the coat navy", &["skirt=red", "coat=navy"]),
    ("shirt red, trousers blue", &["shirt=red", "trousers=blue"]),
    ("skirt red & coat navy", &["skirt=red", "coat=navy"]),
    ("skirt - red / coat - navy", &["skirt=red", "coat=navy"]),
    ("skirt, red; coat, navy", &["skirt=red", "coat=navy"]),
    ("the skirt should be red and the coat should be navy", &["skirt=red", "coat=navy"]),
    ("skirt to red coat to navy", &["skirt=red", "coat=navy"]),
    ("purple petals with a yellow centre", &["petals=purple", "centre=yellow"]),
    ("the petals are white and the center is yellow", &["petals=white", "centre=yellow"]),
    ("a flower with red petals and green leaves", &["petals=red", "leaves=green"]),
    ("a red flower on a blue background", &["flower=red", "background=blue"]),
    ("red shirt, blue jeans, white sneakers", &["shirt=red", "jeans=blue", "sneakers=white"]),
    ("a man in a blue shirt with red trousers", &["shirt=blue", "trousers=red"]),
    ("make the dress red, the shoes black and the bag white", &["dress=red", "shoes=black", "bag=white"]),
    ("make it yellow and the leaves dark green", &["*=yellow", "leaves=dark green"]),
    ("turn the dress red but the belt black", &["dress=red", "belt=black"]),
    // One colour for several.
    ("make the shirt and the trousers black", &["shirt=black", "trousers=black"]),
    ("make the shirt and trousers black", &["shirt=black", "trousers=black"]),
    ("shirt, trousers and shoes black", &["shirt=black", "trousers=black", "shoes=black"]),
    ("turn the dress and the shoes dark green", &["dress=dark green", "shoes=dark green"]),
    ("the shirt and the trousers should both be black", &["shirt=black", "trousers=black"]),
    ("the shirt and the trousers: make them black", &["shirt=black", "trousers=black"]),
    ("dye the dress and the shoes, please, navy", &["dress=navy", "shoes=navy"]),
    ("make the red skirt and the white coat blue", &["skirt=blue", "coat=blue"]),
    ("hat and scarf darker", &["hat=-1 +0", "scarf=-1 +0"]),
    // One thing for several colours: the first.
    ("white and blue petals", &["petals=white"]),
    ("white, blue and red petals", &["petals=white"]),
    ("the petals are white and blue", &["petals=white"]),
    ("make the skirt red or blue", &["skirt=red"]),
    ("a striped red and white shirt", &["shirt=red"]),
    // Things without a colour beside others.
    ("a flower with red petals", &["petals=red"]),
    ("a skirt and red shoes", &["shoes=red"]),
    ("the petals of the flower are red", &["petals=red"]),
    ("make the centre of the flower yellow", &["centre=yellow"]),
    ("make the flower petals blue", &["petals=blue"]),
    ("make the suit jacket blue", &["blazer=blue"]),
    ("the suit trousers should be grey", &["trousers=grey"]),
    ("the light blue denim jacket", &["jacket=light blue"]),
    ("make the leather jacket red", &["jacket=red"]),
    ("make the skirt flurple and the coat red", &["coat=red"]),
    ("red, the skirt", &["skirt=red"]),
    ("make it red, the skirt", &["skirt=red"]),
    ("the skirt is nice, make it red", &["skirt=red"]),
    // No thing.
    ("make it yellow", &["*=yellow"]),
    ("red", &["*=red"]),
    ("make her look blue", &["*=blue"]),
    ("a girl in red", &["*=red"]),
    ("everything in navy please", &["*=navy"]),
    ("#1e90ff", &["*=#1e90ff"]),
    ("make everything red except the shoes", &["*=red"]),
    ("make everything except the shoes red", &["*=red"]),
    ("red and blue", &["*=red"]),
    ("shiny red", &["*=red"]),
    // What stays.
    ("keep the shoes, make the skirt red", &["skirt=red"]),
    ("keep the shoes and make the skirt red", &["skirt=red"]),
    ("make the skirt red but keep the shoes black", &["skirt=red"]),
    ("make the skirt red without changing the hair", &["skirt=red"]),
    ("make the skirt red, not the coat", &["skirt=red"]),
    ("the skirt should not be red but blue", &["skirt=blue"]),
    ("make the skirt blue instead of red", &["skirt=blue"]),
    ("don't change the shoes; skirt green", &["skirt=green"]),
    ("leave the hair as it is, dress white", &["dress=white"]),
    ("the shoes stay as they are and the dress is white", &["dress=white"]),
    ("make everything but the shoes red", &["*=red"]),
    ("make it red but the shoes blue", &["*=red", "shoes=blue"]),
    // Colours that are things, too.
    ("orange trousers", &["trousers=orange"]),
    ("make the dress lavender", &["dress=lavender"]),
    ("a rose skirt", &["skirt=rose"]),
    ("a peach blouse", &["blouse=peach"]),
    ("make the rose red", &["flower=red"]),
    ("the rose should be white", &["flower=white"]),
    ("make the sunflower blue", &["flower=blue"]),
    ("a white rose", &["flower=white"]),
    ("make the roses yellow", &["flower=yellow"]),
    ("make the leaf red", &["leaves=red"]),
    ("change the orange to blue", &["*=blue"]),
    ("make the bag camel and the boots chocolate brown", &["bag=camel", "boots=chocolate brown"]),
    ("a straw hat in black", &["hat=black"]),
    ("shades of blue", &["*=blue"]),
    ("the shades should be blue", &["sunglasses=blue"]),
    // Any colour.
    ("make the dress #1e90ff", &["dress=#1e90ff"]),
    ("a #abc dress and rgb(10, 20, 30) shoes", &["dress=#aabbcc", "shoes=#0a141e"]),
    ("a very dark blue coat", &["coat=very dark blue"]),
    ("the coat pale warm grey", &["coat=pale warm grey"]),
    ("make the skirt dodger blue", &["skirt=dodger blue"]),
    ("robin's egg blue skirt", &["skirt=robin's egg blue"]),
    ("a bluish-green scarf", &["scarf=bluish green"]),
    ("light gray pants", &["trousers=light grey"]),
    ("an off-white coat", &["coat=off white"]),
    ("a wine-coloured dress", &["dress=wine"]),
    ("make the skirt a darker red", &["skirt=dark red"]),
    ("make the skirt a dark shade of green", &["skirt=dark shade of green"]),
    // Plain cloth.
    ("make the dress plain red", &["dress=plain red"]),
    ("a solid black shirt", &["shirt=plain black"]),
    ("make the dress red without patterns", &["dress=plain red"]),
    ("make the shirt plain", &["shirt=plain +0 +0"]),
    ("plain white", &["*=plain white"]),
    // Differences.
    ("make the skirt darker", &["skirt=-1 +0"]),
    ("darker", &["*=-1 +0"]),
    ("make the skirt much darker", &["skirt=-2 +0"]),
    ("make the skirt a bit darker", &["skirt=-0.5 +0"]),
    ("the skirt slightly lighter please", &["skirt=+0.5 +0"]),
    ("a darker skirt", &["skirt=-1 +0"]),
    ("make the red skirt darker", &["skirt=-1 +0"]),
    ("darken the red skirt", &["skirt=-1 +0"]),
    ("lighten her hair a lot", &["hair=+2 +0"]),
    ("make the dress more vivid", &["dress=+0 +1"]),
    ("make the dress much more saturated", &["dress=+0 +2"]),
    ("the petals less saturated", &["petals=+0 -1"]),
    ("the petals should be less bright", &["petals=-1 -0.5"]),
    ("duller background", &["background=+0 -1"]),
    ("make the background dark", &["background=-1 +0"]),
    ("make the dark skirt lighter", &["skirt=+1 +0"]),
    ("make the coat red and the skirt darker", &["coat=red", "skirt=-1 +0"]),
    ("brighter flower, darker leaves", &["flower=+1 +0.5", "leaves=-1 +0"]),
    ("tone down the background", &["background=+0 -1"]),
    ("reduce the saturation of the dress", &["dress=+0 -1"]),
    ("increase the coat's brightness slightly", &["coat=+0.5 +0"]),
    ("desaturate everything but the flower", &["*=+0 -1"]),
    ("make the dress red and a bit darker", &["dress=slightly dark red"]),
    ("make the hat less dark", &["hat=+1 +0"]),
    // Chinese.
    ("把裙子变成红色，外套变成藏青色", &["skirt=red", "jacket=navy"]),
    ("白色的花瓣", &["petals=white"]),
    ("红裙子", &["skirt=red"]),
    ("紅裙子", &["skirt=red"]),
    ("蓝色的裤子和白色的鞋子", &["trousers=blue", "shoes=white"]),
    ("把裙子变成红色", &["skirt=red"]),
    ("裙子变红", &["skirt=red"]),
    ("把裙子改成红色的", &["skirt=red"]),
    ("请把她的连衣裙换成黄色", &["dress=yellow"]),
    ("裙子要红色的", &["skirt=red"]),
    ("裙子的颜色改成红色", &["skirt=red"]),
    ("我想要一条红裙子和一件白衬衫", &["skirt=red", "shirt=white"]),
    ("让她的头发变成金色", &["hair=gold"]),
    ("给裙子染成绿色", &["skirt=green"]),
    ("把红色的裙子变成蓝色", &["skirt=blue"]),
    ("把红裙子换成一条蓝裙子", &["skirt=blue"]),
    ("裙子和外套都变成黑色", &["skirt=black", "jacket=black"]),
    ("把衬衫、裤子和鞋子都改成黑色", &["shirt=black", "trousers=black", "shoes=black"]),
    ("裙子红色外套蓝色", &["skirt=red", "jacket=blue"]),
    ("红色裙子蓝色外套", &["skirt=red", "jacket=blue"]),
    ("穿红裙子的女孩", &["skirt=red"]),
    ("红色的花，绿色的叶子", &["flower=red", "leaves=green"]),
    ("花瓣是白色，花心是黄色", &["petals=white", "centre=yellow"]),
    ("花的花瓣变成紫色", &["petals=purple"]),
    ("变成蓝色", &["*=blue"]),
    ("红色", &["*=red"]),
    ("把它变成粉红色", &["*=pink"]),
    ("把牛仔裤变成深蓝色", &["jeans=dark blue"]),
    ("浅灰色的T恤", &["t-shirt=light grey"]),
    ("帽子换成胭脂色", &["hat=胭脂色"]),
    ("裙子深一点", &["skirt=-1 +0"]),
    ("把裙子变得更亮", &["skirt=+1 +0.5"]),
    ("头发稍微浅一点", &["hair=+0.5 +0"]),
    ("背景暗一些", &["background=-1 +0"]),
    ("让花更鲜艳", &["flower=+0 +1"]),
    ("把外套加深", &["jacket=-1 +0"]),
    ("纯红色的裙子", &["skirt=plain red"]),
    ("裙子变成红色，鞋子不变", &["skirt=red"]),
    ("保留鞋子，裙子变成红色", &["skirt=red"]),
    ("不要改鞋子，把裙子变成红色", &["skirt=red"]),
    ("把裙子變成紅色，外套變成藍色", &["skirt=red", "jacket=blue"]),
    ("make the 裙子 red", &["skirt=red"]),
    ("把skirt变成red", &["skirt=red"]),
    ("上衣白色，下装黑色", &["top=white", "trousers=black"]),
    ("衣服染成#1e90ff", &["clothes=#1e90ff"]),
    ("把她的黑发变成金发", &["hair=gold"]),
    ("降低裙子的饱和度", &["skirt=+0 -1"]),
    ("外套亮度调高", &["jacket=+1 +0"]),
    ("把红色衬衫和白色裤子都变成黑色", &["shirt=black", "trousers=black"]),
    ("红花绿叶", &["flower=red", "leaves=green"]),
    ("黑色西装配白衬衫红领带", &["suit=black", "shirt=white", "tie=red"]),
    ("除了鞋子，全部变成红色", &["*=red"]),
    ("裙子不要红色，要蓝色", &["skirt=blue"]),
    ("浅一点的蓝色裙子", &["skirt=light blue"]),
    ("她穿着一件红色的大衣和一双黑色的靴子", &["coat=red", "boots=black"]),
    ("把帽子变成比现在更深的颜色", &["hat=-1 +0"]),
];

#[test]
fn sentences_mean_what_people_mean() {
    let mut wrong = Vec::new();
    for (sentence, clauses) in SENTENCES {
        let clauses: Vec<String> = clauses.iter().map(|clause| expected(clause)).collect();
        let ours = match read(sentence) {
            Ok(read) => read.clauses.iter().map(told).collect(),
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
    assert!(SENTENCES.len() >= 120);
}

#[test]
fn unknown_words_are_told_and_not_guessed_at() {
    for (sentence, unknown) in [
        ("the light blue denim jacket", &["denim"] as &[&str]),
        ("a Striped, striped red skirt", &["Striped", "striped"]),
        ("make the skirt flurple and the coat red", &["flurple"]),
        (
            "a checked red shirt; tartan, tartan!",
            &["checked", "tartan"],
        ),
        ("红色的毛绒外套", &["毛绒"]),
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
    for (sentence, _) in SENTENCES {
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
fn marks_say_what_was_read_where() {
    let sentence = "Make the 裙子 very dark blue, a bit darker striped hat";
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
            ("striped", Role::Unknown),
            ("hat", Role::Thing),
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
        .flat_map(|(sentence, _)| sentence.split(' '))
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
        "blue ", "red, ", "skirt ", "skirt, ", "very ", "rgb( ", "红", "裙子", "不", "of the ",
        "xyz ",
    ] {
        _ = read(&part.repeat(20_000));
    }
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    let error = read(&"x".repeat(10_000)).unwrap_err();
    assert!(error.to_string().len() < 300, "{error}");
}
