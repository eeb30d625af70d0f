//! The words for colours, English and Chinese.

/// A word for a colour. There is one value for each word: [`named`] finds it.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Colour {
    /// The English word, in lower case.
    pub word: &'static str,
    /// The basic colour term that it is a kind of.
    pub group: &'static str,
    /// The Chinese words.
    pub chinese: &'static [&'static str],
}

const fn colour(
    word: &'static str,
    group: &'static str,
    chinese: &'static [&'static str],
) -> Colour {
    Colour {
        word,
        group,
        chinese,
    }
}

/// All of them, the basic terms first.
pub static COLOURS: [Colour; 36] = [
    colour("red", "red", &["红色", "大红色"]),
    colour("orange", "orange", &["橙色", "橘色", "橘黄色"]),
    colour("yellow", "yellow", &["黄色"]),
    colour("green", "green", &["绿色"]),
    colour("blue", "blue", &["蓝色"]),
    colour("purple", "purple", &["紫色"]),
    colour("pink", "pink", &["粉色", "粉红色"]),
    colour("white", "white", &["白色"]),
    colour("black", "black", &["黑色"]),
    colour("grey", "grey", &["灰色"]),
    colour("brown", "brown", &["棕色", "褐色"]),
    colour("gray", "grey", &["灰色"]),
    colour("violet", "purple", &["紫罗兰色"]),
    colour("lavender", "purple", &["淡紫色", "浅紫色"]),
    colour("lilac", "purple", &["丁香紫色"]),
    colour("mauve", "purple", &["淡紫色"]),
    colour("magenta", "pink", &["品红色", "洋红色"]),
    colour("fuchsia", "pink", &["紫红色", "玫红色"]),
    colour("salmon", "pink", &["三文鱼色"]),
    colour("crimson", "red", &["深红色"]),
    colour("scarlet", "red", &["鲜红色"]),
    colour("maroon", "red", &["暗红色", "枣红色"]),
    colour("burgundy", "red", &["酒红色"]),
    colour("peach", "orange", &["桃色"]),
    colour("rust", "orange", &["铁锈色"]),
    colour("gold", "yellow", &["金色"]),
    colour("mustard", "yellow", &["芥末黄色"]),
    colour("cream", "white", &["奶白色", "米白色"]),
    colour("navy", "blue", &["深蓝色", "藏青色"]),
    colour("turquoise", "blue", &["蓝绿色"]),
    colour("teal", "green", &["青色"]),
    colour("olive", "green", &["橄榄绿色"]),
    colour("charcoal", "grey", &["炭灰色", "深灰色"]),
    colour("beige", "brown", &["米色"]),
    colour("khaki", "brown", &["卡其色"]),
    colour("tan", "brown", &["浅棕色"]),
];

/// The colour of an English word, in any case.
pub fn named(word: &str) -> Option<&'static Colour> {
    COLOURS
        .iter()
        .find(|colour| colour.word.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_group_is_a_basic_term() {
        for colour in &COLOURS {
            assert_eq!(
                named(colour.group).map(|term| term.group),
                Some(colour.group)
            );
            assert_eq!(named(colour.word), Some(colour), "{} twice", colour.word);
            assert!(!colour.chinese.is_empty());
            assert!(colour.chinese.iter().all(|word| word.ends_with('色')));
        }
        assert_eq!(named("Lavender").unwrap().group, "purple");
        assert_eq!(named("redwood"), None);
    }
}
