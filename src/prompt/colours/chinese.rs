//! Chinese names. 色 ("colour") may stand behind any of them.

use super::{CHINESE, EVERYDAY, XKCD, find};

/// What people say of clothes, with the everyday English name of the same colour. The traditional
/// names of the table mean other, purer colours of dyes and minerals.
const NAMES: &[(&str, &str)] = &[
    ("红", "red"),
    ("大红", "red"),
    ("深红", "dark red"),
    ("暗红", "dark red"),
    ("酒红", "burgundy"),
    ("粉", "pink"),
    ("粉红", "pink"),
    ("玫红", "hot pink"),
    ("玫瑰红", "hot pink"),
    ("玫瑰", "rose"),
    ("橙", "orange"),
    ("橘", "orange"),
    ("桔", "orange"),
    ("黄", "yellow"),
    ("芥末", "mustard"),
    ("芥末黄", "mustard"),
    ("姜黄", "mustard"),
    ("金", "gold"),
    ("金黄", "golden yellow"),
    ("绿", "green"),
    ("深绿", "dark green"),
    ("墨绿", "dark green"),
    ("军绿", "army green"),
    ("橄榄", "olive"),
    ("橄榄绿", "olive"),
    ("薄荷", "mint"),
    ("薄荷绿", "mint"),
    ("湖绿", "turquoise"),
    ("孔雀蓝", "teal"),
    ("水鸭", "teal"),
    ("青绿", "teal"),
    ("绿松石", "turquoise"),
    ("青蓝", "cyan"),
    ("蓝", "blue"),
    ("宝蓝", "royal blue"),
    ("藏青", "navy"),
    ("藏蓝", "navy"),
    ("海军蓝", "navy"),
    ("深蓝", "dark blue"),
    ("浅蓝", "light blue"),
    ("淡蓝", "light blue"),
    ("天蓝", "sky blue"),
    ("紫", "purple"),
    ("薰衣草", "lavender"),
    ("浅紫", "lavender"),
    ("淡紫", "lavender"),
    ("紫罗兰", "violet"),
    ("丁香紫", "lilac"),
    ("洋红", "magenta"),
    ("品红", "magenta"),
    ("棕", "brown"),
    ("褐", "brown"),
    ("咖啡", "coffee"),
    ("咖", "coffee"),
    ("巧克力", "chocolate"),
    ("栗", "chestnut"),
    ("驼", "camel"),
    ("卡其", "khaki"),
    ("米", "beige"),
    ("米黄", "beige"),
    ("米白", "cream"),
    ("奶油", "cream"),
    ("奶白", "cream"),
    ("杏", "apricot"),
    ("白", "white"),
    ("纯白", "white"),
    ("灰", "grey"),
    ("浅灰", "light grey"),
    ("深灰", "dark grey"),
    ("炭灰", "charcoal"),
    ("银", "silver"),
    ("银灰", "silver"),
    ("黑", "black"),
    ("纯黑", "black"),
    ("栗红", "maroon"),
    ("珊瑚", "coral"),
    ("珊瑚红", "coral"),
    ("桃", "peach"),
    ("蜜桃", "peach"),
    ("肉", "nude"),
    ("裸", "nude"),
    ("象牙", "ivory"),
    ("亚麻", "blonde"),
];

/// An everyday name.
pub(super) fn everyday(name: &str) -> Option<[u8; 3]> {
    // 色 alone is no name.
    let short = name.strip_suffix('色').unwrap_or(name);
    let (_, english) = NAMES.iter().find(|(chinese, _)| *chinese == short)?;
    find(EVERYDAY, english).or_else(|| find(XKCD, english))
}

/// A name of the table, which has some with 色 and some without.
pub(super) fn traditional(name: &str) -> Option<[u8; 3]> {
    find(CHINESE, name).or_else(|| match name.strip_suffix('色') {
        Some(short) => find(CHINESE, short),
        None => find(CHINESE, &format!("{name}色")),
    })
}
