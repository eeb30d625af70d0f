//! Names of colours to sRGB: 915 of the xkcd survey, those of CSS, 161 Chinese ones, everyday names
//! as cloth of that name looks (they win), colours by their numbers, and what people make of all
//! these with further words ("very dark blue", "pale warm grey", 深蓝色).

mod chinese;
mod compound;
#[cfg(test)]
mod tests;

use super::literal::hexadecimal;
use super::words::{Word, compared, joined, split};

pub(crate) use compound::{Shift, apart, phrase, shifted};

/// Colours that are flowers, too: "the rose should be white".
pub(crate) const FLOWERS: &str = "rose|lavender|lilac|violet|iris|sunflower|marigold|carnation|orchid|dandelion|heather|\
    cornflower";

/// Colours that are things, too, which nobody here knows: "make the sky darker".
pub(crate) const NOUNS: &str = "sky|grass|sea|ocean|forest|sand|stone|earth|desert|ice|snow|mud|dirt|moss|fern|pine|\
    brick|apple|pear|banana|lemon|melon|watermelon|mango|tomato|pumpkin|strawberry|cherry|\
    wine|tea|wheat|butter|lipstick|straw|squash";

/// The tables, each a line for a name, sorted by their bytes. A name that two of them have means
/// what the first says.
const EVERYDAY: &str = include_str!("colours/everyday.csv");
const XKCD: &str = include_str!("colours/xkcd.csv");
const CSS: &str = include_str!("colours/css.csv");
const CHINESE: &str = include_str!("colours/chinese.csv");

/// The colour of a name in the tables, as sRGB. `None` for compounds of names and for colours by
/// their numbers: [`read`] takes those, too.
pub fn named(name: &str) -> Option<[u8; 3]> {
    lookup(&compared(&name.trim().replace('-', " ")))
}

/// All names of the tables, for training sentences and lists; a few are in two of the tables.
pub fn names() -> impl Iterator<Item = &'static str> {
    let lines = [EVERYDAY, XKCD, CSS, CHINESE]
        .into_iter()
        .flat_map(str::lines);
    lines.filter_map(|line| Some(line.split_once(',')?.0))
}

/// The colour that a whole text says: a name, a compound of names, or numbers ("#abc",
/// "rgb(30, 144, 255)"), as sRGB. `None` when any word of it is of something else.
pub fn read(text: &str) -> Option<[u8; 3]> {
    let words = split(text);
    let (length, rgb) = phrase(&words)?;
    (length == words.len()).then_some(rgb)
}

/// A name as it is compared.
fn lookup(name: &str) -> Option<[u8; 3]> {
    if !name.is_ascii() {
        return chinese::everyday(name).or_else(|| chinese::traditional(name));
    }
    find(EVERYDAY, name)
        .or_else(|| find(XKCD, name))
        .or_else(|| find(CSS, name))
        // CSS writes its names without spaces.
        .or_else(|| {
            name.contains(' ')
                .then(|| find(CSS, &name.replace(' ', "")))?
        })
}

/// The colour of the longest name that these words begin with, and how many words that is.
fn longest(words: &[Word]) -> Option<(usize, [u8; 3])> {
    if let Some(rgb) = words.first()?.literal {
        return Some((1, rgb));
    }
    let most = words.len().min(super::words::LONGEST);
    (1..=most).rev().find_map(|length| {
        let words = &words[..length];
        let rgb = lookup(&joined(words)?)?;
        // 丹 or 素 alone is most often part of another word.
        let rare = length == 1 && words[0].is_han() && chinese::everyday(&words[0].text).is_none();
        (!rare).then_some((length, rgb))
    })
}

/// The colour on the line of this name. Binary search over the bytes of the table.
fn find(table: &str, name: &str) -> Option<[u8; 3]> {
    let (mut from, mut to) = (0, table.len());
    while from < to {
        // The line around the middle.
        let middle = from + (to - from) / 2;
        let start = table.as_bytes()[from..middle]
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(from, |i| from + i + 1);
        let line = table[start..].lines().next()?;
        let (key, rgb) = line.split_once(',')?;
        match name.as_bytes().cmp(key.as_bytes()) {
            std::cmp::Ordering::Less => to = start,
            std::cmp::Ordering::Greater => from = start + line.len() + 1,
            std::cmp::Ordering::Equal => return hexadecimal(rgb),
        }
    }
    None
}
