//! The words for cloth, English and Chinese, and for how large and in which direction its figure is.

use crate::fabric::{Direction, Kind};
use crate::prompt::Thing;
use crate::prompt::words::{Gap, LONGEST, Word, joined, lists};

/// A line of the table.
#[derive(Debug, PartialEq)]
pub(super) struct Line {
    pub kind: Kind,
    /// Its colours where no word says any.
    pub usual: &'static str,
    pub scale: f32,
    pub direction: Direction,
    /// Words for the figure, which then has the colour before it: "stripes".
    nouns: &'static str,
    /// Words for the cloth: "striped".
    words: &'static str,
}

const fn line(kind: Kind, nouns: &'static str, words: &'static str) -> Line {
    Line {
        kind,
        usual: "",
        scale: 1.0,
        direction: Direction::Usual,
        nouns,
        words,
    }
}

impl Line {
    const fn of(self, usual: &'static str) -> Self {
        Self { usual, ..self }
    }

    const fn times(self, scale: f32) -> Self {
        Self { scale, ..self }
    }

    const fn towards(self, direction: Direction) -> Self {
        Self { direction, ..self }
    }
}

/// The cloths. A word in two lines means the first.
#[rustfmt::skip]
static LINES: &[Line] = &[
    line(Kind::Stripes, "stripes|stripe|lines|条纹|条子|条条", "striped|stripy|stripey|stripped"),
    line(Kind::Stripes, "横条纹|横条|横纹", "").towards(Direction::Across),
    line(Kind::Stripes, "竖条纹|竖条|竖纹|直条纹|直条", "").towards(Direction::Down),
    line(Kind::Stripes, "斜条纹|斜条|斜纹", "").towards(Direction::Diagonal),
    line(Kind::PinStripes, "pinstripes|pinstripe|pin stripes|pin stripe|chalk stripes|chalk stripe|针条纹|\
        铅笔条纹", "pinstriped|pin striped|chalk striped"),
    line(Kind::Breton, "breton stripes|breton stripe|nautical stripes|nautical stripe|sailor stripes|\
        sailor stripe|海军条纹|海军风条纹|海魂条纹|水手条纹", "breton|breton striped|nautical striped|\
        sailor striped|海魂").of("white|navy"),
    line(Kind::Gingham, "checks|check|方格|方格子", "gingham|gingam|checked|checkered|chequered|checker|\
        chequer"),
    line(Kind::Gingham, "", "buffalo plaid|buffalo check|buffalo checks|buffalo checked").times(2.0),
    line(Kind::Windowpane, "windowpane|windowpanes|window pane|window panes|窗格纹|窗格", ""),
    line(Kind::Tartan, "", "tartan|tartans|scottish tartan|plaid|plaids|plad|madras|格子|格纹|格子纹|苏格兰格|\
        苏格兰格纹|苏格兰格子"),
    line(Kind::Houndstooth, "", "houndstooth|hounds tooth|hound tooth|houndtooth|dogtooth|dogstooth|\
        dog tooth|dogs tooth|puppytooth|千鸟格|千鸟|犬牙格|狗牙格"),
    line(Kind::Herringbone, "", "herringbone|herring bone|人字纹|人字呢|人字|鱼骨纹"),
    line(Kind::Zigzag, "zigzags|zig zags|chevrons", "zigzag|zig zag|chevron|锯齿纹|锯齿|之字纹|之字形"),
    line(Kind::Dots, "dots|dot|spots|polka dots|polkadots|poka dots|波点|圆点|斑点|点点|波尔卡圆点", "polka dot|\
        polkadot|polka|poka dot|polka dotted|polkadotted|dotted|dotty|spotted|spotty"),
    line(Kind::PinDots, "pin dots|pindots|pin dot|pindot|swiss dots|swiss dot|针点", "pin dotted"),
    line(Kind::Denim, "", "denim|denims|牛仔|丹宁").of("denim blue"),
    line(Kind::Denim, "", "dark denim|dark wash denim|raw denim|深色牛仔").of("dark denim blue"),
    line(Kind::Denim, "", "light denim|light wash denim|washed denim|faded denim|浅色牛仔|水洗牛仔")
        .of("light denim blue"),
    line(Kind::Tweed, "", "tweed|tweeds|tweedy|粗花呢|花呢"),
    line(Kind::Corduroy, "", "corduroy|corduroys|cord|cords|灯芯绒|条绒"),
    line(Kind::Knit, "", "knit|knitted|knits|cable knit|cable knitted|针织|毛线|麻花针织"),
    line(Kind::Camouflage, "", "camo|camouflage|camouflaged|camoflage|army camo|army print|military print|迷彩")
        .of("camo|dark olive|dark brown"),
    line(Kind::Leopard, "", "leopard|leopard skin|leopard spots|cheetah|豹纹").of("camel|black|brown"),
    line(Kind::Floral, "florals|碎花|小碎花", "floral|flowery|flowered|hawaiian"),
];

/// Words that say that a cloth is one, and no more.
#[rustfmt::skip]
const PRINTS: &str = "print|prints|printed|pattern|patterns|patterned|fabric|cloth|material|texture|textured|\
    design|weave|motif|size|sized|width|图案|花纹|印花|纹|纹理|纹样|布|布料|面料|料子|材质|质地";

/// How large, beside the usual.
#[rustfmt::skip]
const SCALES: &[(f32, &str)] = &[
    (3.0, "huge|giant|enormous|超大|巨大"),
    (2.0, "wide|bold|broad|thick|large|big|chunky|fat|宽|粗|大"),
    (1.6, "wider|bolder|broader|thicker|larger|bigger"),
    (1.0, "medium|regular|中号"),
    (0.6, "thinner|finer|narrower|smaller|slimmer|tinier"),
    (0.5, "thin|fine|narrow|small|slim|skinny|little|mini|细|窄|小"),
    (0.35, "tiny|teeny|micro|细小|微小"),
];

/// Which way.
#[rustfmt::skip]
const DIRECTIONS: &[(Direction, &str)] = &[
    (Direction::Across, "horizontal|horizontally|across|crosswise|sideways|横|横向|水平"),
    (Direction::Down, "vertical|vertically|lengthwise|down|竖|竖向|纵向|垂直|直"),
    (Direction::Diagonal, "diagonal|diagonally|slanted|slanting|斜|斜向"),
];

/// Chinese words for a figure that mean one behind 底 and a colour only, 白底蓝条, or behind any colour.
const FIGURES: &[(&str, &str)] = &[
    ("条", "条纹"),
    ("点", "圆点"),
    ("格", "方格"),
    ("花", "碎花"),
];

/// What a kind of cloth is called, in English and Chinese: a word that can stand before a garment.
pub fn names(kind: Kind) -> [&'static str; 2] {
    let words = |line: &'static Line| line.words.split('|').chain(line.nouns.split('|'));
    let all = || {
        LINES
            .iter()
            .filter(|line| line.kind == kind)
            .flat_map(words)
    };
    [true, false].map(|english| {
        let mut all = all().filter(|word| !word.is_empty() && word.is_ascii() == english);
        all.next().unwrap_or_default()
    })
}

/// The cloth that these words begin with, how many words that is, and whether it is a figure.
pub(super) fn cloth(words: &[Word]) -> Option<(usize, &'static Line, bool)> {
    let (mut length, line, noun) = longest(words).or_else(|| flowers(words))?;
    // Jeans, a cowboy's hat and his boots.
    let other = words
        .get(length)
        .is_some_and(|next| lists("裤|帽|靴", &next.text));
    if other && line.kind == Kind::Denim {
        return None;
    }
    while let Some(more) = print(&words[length..]) {
        length += more;
    }
    Some((length, line, noun))
}

fn longest(words: &[Word]) -> Option<(usize, &'static Line, bool)> {
    (1..=words.len().min(LONGEST)).rev().find_map(|length| {
        let typed = joined(&words[..length])?;
        let (line, noun) = named(&typed)?;
        Some((length, line, noun))
    })
}

/// "a flower print", "a pattern of daisies": any flower that is printed.
fn flowers(words: &[Word]) -> Option<(usize, &'static Line, bool)> {
    let (length, thing) = Thing::at(words)?;
    let printed = thing.name == "flower" && print(&words[length..]).is_some();
    printed.then_some((length, floral(), false))
}

/// How many words here say that a cloth is one.
fn print(words: &[Word]) -> Option<usize> {
    let near = words
        .first()
        .filter(|word| matches!(word.gap, Gap::None | Gap::Space));
    let longest = words.len().min(2);
    near.and(
        (1..=longest)
            .rev()
            .find(|length| joined(&words[..*length]).is_some_and(|typed| is_print(&typed))),
    )
}

fn named(word: &str) -> Option<(&'static Line, bool)> {
    LINES.iter().find_map(|line| {
        let noun = lists(line.nouns, word);
        (noun || lists(line.words, word)).then_some((line, noun))
    })
}

/// The figure of a Chinese word that follows the colours of the ground and of itself.
pub(super) fn figure(word: &str) -> Option<&'static Line> {
    let (_, full) = FIGURES.iter().find(|(short, _)| *short == word)?;
    Some(named(full)?.0)
}

/// Flowers that are printed.
pub(super) fn floral() -> &'static Line {
    LINES
        .iter()
        .rfind(|line| line.kind == Kind::Floral)
        .unwrap_or(&LINES[0])
}

/// The denim of "a jean jacket".
pub(super) fn denim() -> &'static Line {
    LINES
        .iter()
        .find(|line| line.kind == Kind::Denim)
        .unwrap_or(&LINES[0])
}

pub(super) fn is_print(word: &str) -> bool {
    lists(PRINTS, word)
}

pub(super) fn scale(word: &str) -> Option<f32> {
    let (scale, _) = SCALES.iter().find(|(_, words)| lists(words, word))?;
    Some(*scale)
}

pub(super) fn direction(word: &str) -> Option<Direction> {
    let (direction, _) = DIRECTIONS.iter().find(|(_, words)| lists(words, word))?;
    Some(*direction)
}
