//! Chinese names. 色 ("colour") may stand behind any of them.

use super::{CHINESE, EVERYDAY, XKCD, find};

/// What people say of clothes, with the everyday English name of the same colour. The traditional
/// names of the table mean other, purer colours of dyes and minerals.
const NAMES: &str = include_str!("chinese-everyday.csv");

/// An everyday name.
pub(super) fn everyday(name: &str) -> Option<[u8; 3]> {
    // 色 alone is no name.
    let short = name.strip_suffix('色').unwrap_or(name);
    let english = NAMES.lines().find_map(|line| {
        let (chinese, english) = line.split_once(',')?;
        (chinese == short).then_some(english)
    })?;
    find(EVERYDAY, english).or_else(|| find(XKCD, english))
}

/// A name of the table, which has some with 色 and some without.
pub(super) fn traditional(name: &str) -> Option<[u8; 3]> {
    find(CHINESE, name).or_else(|| match name.strip_suffix('色') {
        Some(short) => find(CHINESE, short),
        None => find(CHINESE, &format!("{name}色")),
    })
}
