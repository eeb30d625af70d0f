use super::*;

fn hex(digits: &str) -> Option<[u8; 3]> {
    hexadecimal(digits)
}

/// The lines of a table.
fn lines(table: &'static str) -> impl Iterator<Item = (&'static str, [u8; 3])> {
    table.lines().map(|line| {
        let (name, rgb) = line.split_once(',').expect("a name and a colour");
        (name, hex(rgb).expect("a colour"))
    })
}

#[test]
fn every_name_of_the_tables_reads_as_its_colour_or_the_everyday_one_that_wins() {
    let mut count = 0;
    for (name, rgb) in lines(EVERYDAY) {
        assert_eq!(named(name), Some(rgb), "{name}");
    }
    for (name, rgb) in lines(XKCD) {
        assert_eq!(named(name), find(EVERYDAY, name).or(Some(rgb)), "{name}");
        count += usize::from(named(name) == Some(rgb));
    }
    assert!(count > 860, "{count} names of the survey keep their colour");
    for (name, rgb) in lines(CSS) {
        let wins = find(EVERYDAY, name).or_else(|| find(XKCD, name));
        assert_eq!(named(name), wins.or(Some(rgb)), "{name}");
    }
    for (name, rgb) in lines(CHINESE) {
        let wins = chinese::everyday(name);
        assert_eq!(named(name), wins.or(Some(rgb)), "{name}");
        let long = format!("{name}色");
        if find(CHINESE, &long).is_none() && wins.is_none() {
            assert_eq!(named(&long), Some(rgb), "{name}");
        }
    }
}

#[test]
fn whole_texts_read_as_names_do() {
    for (name, _) in lines(XKCD).chain(lines(EVERYDAY)) {
        assert_eq!(read(name), named(name), "{name}");
    }
    assert_eq!(read("Robin's egg-blue"), named("robin's egg blue"));
    assert_eq!(read("light GRAY"), named("light grey"));
    assert_eq!(read("antique white"), hex("faebd7"));
    assert_eq!(read("green/blue"), hex("01c08d"));
    assert_eq!(read("green blue"), hex("06b48b"));
    for nothing in [
        "",
        "skirt",
        "red skirt",
        "flurple",
        "dark",
        "very",
        "色",
        "red, blue",
    ] {
        assert_eq!(read(nothing), None, "{nothing}");
    }
}

#[test]
fn tables_are_sorted_and_say_nothing_rude() {
    for table in [EVERYDAY, XKCD, CSS, CHINESE] {
        assert!(lines(table).map(|(name, _)| name).is_sorted());
        for (name, _) in lines(table) {
            assert_eq!(name, compared(name), "{name}");
            let rude = [
                "poo", "puke", "vomit", "snot", "shit", "piss", "barf", "booger",
            ];
            let rude = name.split(' ').any(|word| rude.contains(&word));
            assert!(!rude, "{name}");
        }
    }
}

#[test]
fn chinese_names_are_read_with_and_without_the_word_for_colour() {
    for (chinese, english) in [
        ("红", "red"),
        ("红色", "red"),
        ("紅色", "red"),
        ("藏青色", "navy"),
        ("粉红色", "pink"),
        ("深蓝色", "dark blue"),
        ("浅灰", "light grey"),
        ("米色", "beige"),
        ("咖啡色", "coffee"),
        ("藍綠色", "藍綠"),
    ] {
        assert!(read(chinese).is_some(), "{chinese}");
        assert_eq!(read(chinese), read(english), "{chinese}");
    }
    assert_eq!(read("胭脂色"), hex("9d2933"));
    assert_eq!(read("丹"), None);
    assert_eq!(read("丹色"), hex("ff4e20"));
}

#[test]
fn colours_by_their_numbers() {
    for (text, rgb) in [
        ("#1e90ff", [0x1e, 0x90, 0xff]),
        ("#1E90FF80", [0x1e, 0x90, 0xff]),
        ("#abc", [0xaa, 0xbb, 0xcc]),
        ("rgb(30, 144, 255)", [30, 144, 255]),
        ("RGB(30 144 255)", [30, 144, 255]),
        ("rgba( 30,144,255, 0.5)", [30, 144, 255]),
        ("rgb (10%,100%,0%)", [26, 255, 0]),
        ("rgb(300, -5, 0)", [255, 0, 0]),
        ("rgb(12.5% 0.0 99.6)", [32, 0, 100]),
    ] {
        assert_eq!(read(text), Some(rgb), "{text}");
    }
    for text in [
        "#12",
        "#12345",
        "#ggg",
        "#",
        "rgb(1, 2)",
        "rgb(a, b, c)",
        "rgb(1, -, 2)",
        "rgb",
        "rgb(1,2,3",
    ] {
        assert_eq!(read(text), None, "{text}");
    }
}

/// Lightness and chroma.
fn look(name: &str) -> [f32; 2] {
    let rgb = read(name).unwrap_or_else(|| panic!("{name} is no colour"));
    let [l, a, b] = crate::colour::srgb_to_lab(rgb);
    [l, a.hypot(b)]
}

#[test]
fn compounds_go_where_their_words_say() {
    for (darker, than) in [
        ("dark mustard yellow", "mustard yellow"),
        ("very dark khaki", "dark khaki"),
        ("khaki", "light khaki"),
        ("light crimson", "very light crimson"),
        ("crimson", "pale crimson"),
        ("deep crimson", "crimson"),
        ("dark #1e90ff", "#1e90ff"),
        ("深#1e90ff", "#1e90ff"),
        ("dark shade of crimson", "crimson"),
        ("暗胭脂色", "胭脂色"),
        ("很深的胭脂色", "深胭脂色"),
        ("深一点的红色", "红色"),
    ] {
        assert!(look(darker)[0] < look(than)[0] - 3.0, "{darker} and {than}");
    }
    for (duller, than) in [
        ("muted crimson", "crimson"),
        ("dull turquoise", "turquoise"),
        ("dusty crimson", "crimson"),
        ("pastel crimson", "crimson"),
        ("crimson", "vivid crimson"),
        ("mustard", "bright mustard"),
        ("mint", "neon mint"),
    ] {
        assert!(look(duller)[1] < look(than)[1] - 3.0, "{duller} and {than}");
    }
    let blue = |name: &str| crate::colour::srgb_to_lab(read(name).unwrap())[2];
    assert!(blue("cool charcoal") < blue("charcoal") && blue("charcoal") < blue("warm charcoal"));
    let warm = read("pale warm grey").unwrap();
    assert!(
        warm[0] > warm[2] && look("pale warm grey")[0] > look("grey")[0] + 10.0,
        "{warm:?}"
    );
    // Names of the tables win.
    assert_eq!(read("light blue"), hex("96bee6"));
    assert_eq!(read("very dark blue"), hex("000133"));
    assert_eq!(read("bluish green"), hex("10a674"));
    // Others are mixed from theirs.
    let green = |name: &str| crate::colour::srgb_to_lab(read(name).unwrap())[1];
    assert!(green("greenish mustard") < green("mustard") - 5.0);
    assert!(green("green-ish mustard") < green("mustard") - 5.0);
    assert!(green("reddish khaki") > green("khaki") + 5.0);
    assert_eq!(read("snow white"), read("white"));
    assert_eq!(read("charcoal black"), read("black"));
    assert_eq!(read("medium crimson"), read("crimson"));
    assert_eq!(read("very red"), read("red"));
}
