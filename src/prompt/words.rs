//! The words of a sentence with where they were typed, and phrases looked up among them.

use super::literal::literal;
use std::ops::Range;
use unicode_categories::UnicodeCategories;

/// No word of a table is longer, counted in words ("blue with a hint of purple") or characters of
/// Chinese.
pub(crate) const LONGEST: usize = 6;

/// What stands between a word and the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gap {
    /// Nothing: Chinese writes no spaces.
    None,
    /// A space, a hyphen, a colon.
    Space,
    /// A slash.
    Slash,
    /// A comma or another small pause.
    Comma,
    /// The end of a sentence.
    Stop,
}

/// A word of a sentence, a character of Chinese, or a colour by its numbers.
#[derive(Debug, Clone)]
pub(crate) struct Word {
    /// As it is compared: in lower case, without apostrophes, in simplified characters and with
    /// British spelling of "grey".
    pub text: String,
    /// Where it was typed, in bytes.
    pub range: Range<usize>,
    /// What stands before it.
    pub gap: Gap,
    /// The colour, where it is one by its numbers ("#1e90ff").
    pub literal: Option<[u8; 3]>,
}

impl Word {
    /// Whether it is a character of Chinese.
    pub fn is_han(&self) -> bool {
        self.text.starts_with(is_han)
    }
}

/// The words of a text.
pub(crate) fn split(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut gap = Gap::Stop;
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let (length, literal) = match literal(rest) {
            Some((rgb, length)) => (length, Some(rgb)),
            None if is_han(c) => (c.len_utf8(), None),
            // What begins with `#` and is no colour is told as it was typed.
            None if c == '#' || is_part_of_word(c) => {
                let inner = |c: char| is_part_of_word(c) && !is_han(c);
                let end = rest[c.len_utf8()..].find(|c| !inner(c));
                (end.map_or(rest.len(), |end| end + c.len_utf8()), None)
            }
            None => {
                gap = wider(gap, c);
                at += c.len_utf8();
                continue;
            }
        };
        let range = at..at + length;
        let typed = &text[range.clone()];
        at = range.end;
        if typed.chars().any(char::is_alphanumeric) {
            words.push(Word {
                text: compared(typed),
                range,
                gap,
                literal,
            });
            gap = Gap::None;
        }
    }
    words
}

/// The gap after one more character between words: the widest pause wins.
fn wider(gap: Gap, c: char) -> Gap {
    let here = match c {
        '.' | '!' | '?' | '。' | '！' | '？' | '\n' | '\r' => Gap::Stop,
        ',' | ';' | '，' | '、' | '；' | '(' | ')' | '（' | '）' | '|' | '→' | '—' | '–' | '…' => {
            Gap::Comma
        }
        '/' | '&' | '+' | '＆' | '／' => Gap::Slash,
        _ => Gap::Space,
    };
    if here as u8 > gap as u8 { here } else { gap }
}

/// A word as it is compared with the tables.
pub(crate) fn compared(typed: &str) -> String {
    let apostrophe = |c: &char| !matches!(c, '\'' | '’' | '‘' | '`');
    let lower = typed
        .chars()
        .filter(apostrophe)
        .flat_map(char::to_lowercase);
    let text: String = lower.map(simplified).collect();
    match text.find("gray") {
        Some(_) => text.replace("gray", "grey"),
        None => text,
    }
}

/// The words of a phrase joined as the tables have them; none across a pause.
pub(crate) fn joined(words: &[Word]) -> Option<String> {
    let mut text = words.first()?.text.clone();
    for word in &words[1..] {
        match word.gap {
            Gap::None => {}
            Gap::Space => text.push(' '),
            Gap::Slash => text.push('/'),
            Gap::Comma | Gap::Stop => return None,
        }
        text.push_str(&word.text);
    }
    Some(text)
}

/// Whether a word is in a list with bars between its words.
// Not copied into its many callers: three kilobytes of wasm, with the others that are marked so.
#[inline(never)]
pub(crate) fn lists(list: &str, word: &str) -> bool {
    list.split('|').any(|listed| listed == word)
}

/// What words are made of: letters of any script, their marks, digits, apostrophes.
fn is_part_of_word(c: char) -> bool {
    c.is_alphanumeric() || c.is_mark() || matches!(c, '\'' | '’')
}

pub(crate) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
}

/// Traditional characters beside the simplified ones of the tables.
const TRADITIONAL: &str = "紅红藍蓝綠绿黃黄紺绀銀银變变換换連连褲裤襯衬領领帶带襪袜頭头髮发髪发葉叶飾饰鏡镜\
錶表鏈链圍围請请讓让個个這这條条雙双顏颜淺浅與与還还後后飽饱艷艳鮮鲜讚赞絲丝緊紧長长禮礼馬马裝装\
運运動动風风絨绒腳脚給给為为內内樣样點点將将對对們们無无單单純纯橙橙橘橘淡淡膚肤\
揹背雜杂亞亚編编織织羅罗鴨鸭蔥葱蘆芦褐褐蒼苍瑪玛翠翠駝驼鵝鹅鐵铁鉛铅絳绛緋绯臙胭櫻樱薑姜雞鸡\
鞋鞋護护項项墜坠環环錢钱夾夹耳耳圖图裡里裏里幫帮別别間间莖茎們们顆颗隻只紋纹\
圓圆針针燈灯鳥鸟鋸锯齒齿寬宽細细橫横豎竖蘇苏蘭兰";

fn simplified(c: char) -> char {
    if !is_han(c) {
        return c;
    }
    let mut pairs = TRADITIONAL.chars();
    while let (Some(old), Some(new)) = (pairs.next(), pairs.next()) {
        if old == c {
            return new;
        }
    }
    c
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        split(text).into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn words_of_any_script_with_their_places() {
        let text = "Don't GRAY-ish, 把紅T恤 #1E90ff नीला!";
        assert_eq!(
            texts(text),
            [
                "dont",
                "grey",
                "ish",
                "把",
                "红",
                "t",
                "恤",
                "#1e90ff",
                "नीला"
            ]
        );
        let words = split(text);
        let typed: Vec<&str> = words.iter().map(|word| &text[word.range.clone()]).collect();
        assert_eq!(typed[..2], ["Don't", "GRAY"]);
        assert_eq!(typed[7..], ["#1E90ff", "नीला"]);
        assert_eq!(words[7].literal, Some([0x1e, 0x90, 0xff]));
        assert_eq!([words[2].gap, words[3].gap], [Gap::Space, Gap::Comma]);
        assert_eq!(words[5].gap, Gap::None);
        assert_eq!(joined(&words[1..3]).as_deref(), Some("grey ish"));
        assert_eq!(joined(&words[2..4]), None);
        assert_eq!(joined(&words[5..7]).as_deref(), Some("t恤"));
    }

    #[test]
    fn no_text_stops_it() {
        assert_eq!(
            texts("#12 #ggg # '' ’ 🌸 éé#abc"),
            ["#12", "#ggg", "éé", "#abc"]
        );
        assert_eq!(TRADITIONAL.chars().count() % 2, 0);
    }
}
