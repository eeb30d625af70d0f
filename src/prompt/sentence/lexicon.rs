//! The words between things and colours, English and Chinese, and those for a difference.

use crate::prompt::words::lists;

/// What a word does in a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Begins an order: "make", 让.
    Verb,
    /// Begins one that names both sides: "replace the red skirt with a blue one", 把.
    Replace,
    /// What comes after it is what the thing becomes: "to", "is", 变成.
    Pivot,
    /// Joins equals: "and", 和.
    And,
    /// Joins what is not equal: "while", "on".
    Break,
    /// So does "but"; behind "everything" it says what is to stay.
    But,
    /// Joins, or is a pivot after "replace": "with", "for".
    With,
    /// "in", 穿: joins when a thing follows.
    In,
    /// Between two things: the first is a part of the second: "of".
    Of,
    /// 的 and "s": between two things, the second is a part of the first.
    Belongs,
    /// What was: "from".
    From,
    /// Points at something: "the", "her".
    The,
    /// "a", 一件.
    A,
    /// Stands for a thing: "it", 它.
    It,
    /// What follows is to stay: "keep", "except".
    Keep,
    /// So is what came before: "unchanged", 不变.
    Kept,
    /// "not", 不要.
    Not,
    /// Before a colour: not so much of it, or none, which says no other.
    Less,
    /// More or less of a quality: "reduce the dress's saturation".
    Raise,
    Lower,
    /// Cloth that nobody here knows; listed so that it is told as one word.
    Cloth,
    /// 底: the colour before it is the ground of a cloth.
    Base,
    /// Without prints.
    Plain,
    /// How much of a difference, in hundredths.
    Degree(u8),
    /// Says nothing that matters.
    Word,
}

/// A line of the table: the role, the token, the words with bars between. (A slice of words would
/// take eight bytes more for each.)
type Line = (Role, &'static str, &'static str);

/// Words that are known, by what they do. An empty token is left out of a clause.
#[rustfmt::skip]
const WORDS: &[Line] = &[
    (Role::Verb, "make", "make|makes|making|made|let|give|gives|render|get|give me|让|使|给|弄|令"),
    (Role::Verb, "turn", "turn|turns|turning"),
    (Role::Verb, "change", "change|changes|changing|paint|painting|dye|dyeing|recolor|recolour|recoloring|\
        recolouring|tint|transform|convert|edit|modify|adjust|set"),
    (Role::Replace, "change", "replace|swap|switch|exchange|substitute|把|将|请把|请将"),
    (Role::Pivot, "to", "to|into|to be|become|becomes|becoming|变成|变为|变|改成|改为|改|换成|换为|换|染成|\
        染|涂成|涂|弄成|做成|调成|调|变得|成|为|转成|转为|设为|设成|刷成|画成|成为|替换成|\
        替换为|更换为|修改为|修改成|改变成|改变为|改变|更改为"),
    (Role::Pivot, "", "as"),
    (Role::Pivot, "is", "is|was|looks|look|appears|appear|seems|是"),
    (Role::Pivot, "are", "are|were"),
    (Role::Pivot, "be", "be|being"),
    (Role::Word, "should", "should|must|shall|ought|has to|have to|needs|应该|应|得是"),
    (Role::Word, "i", "i|id|我"),
    (Role::Word, "want", "want|wants|would like|like|prefer|need|wish|love|想要|想|要|希望|喜欢|需要"),
    (Role::And, "", "and|n|plus|as well as|also|和|与|及|以及|跟|还有|并|并且|且|配|搭配|配上|加|同时|再|\
        然后"),
    (Role::But, "", "but|但|但是"),
    (Role::Break, "", "while|whereas|then|on|against|over|under|beside|behind|above|below|near|next to|\
        in front of|along|that|which|who|yet|不过|而|在"),
    (Role::With, "", "with|w|by|for|having|has|用|带|带有"),
    (Role::In, "", "in|wearing|wears|wear|dressed in|inside|穿|穿着|戴|戴着|身穿"),
    (Role::Of, "", "of|from the|on the|at the"),
    (Role::Belongs, "", "的|之|s"),
    (Role::From, "", "from|从|由"),
    (Role::The, "the", "the|my|her|his|their|our|your|this|that|these|those|its|teh|womans|mans|girls|boys|\
        ladys|persons|models|womens|mens|brides|这|那|这个|那个|这件|那件|这条|那条|这双|\
        那双"),
    (Role::A, "a", "a|an|some|another|any|一件|一条|一双|一顶|一朵|一个|一只|一副|一身|一套|一片|一种|\
        个|件|条|双|顶|朵|一"),
    (Role::It, "it", "it|them|they|everything|all of it|all of them|both of them|dress her|dress him|\
        dress them|dress me|it all|它|它们|全都|一切"),
    (Role::Keep, "", "keep|keeps|keeping|leave|preserve|retain|dont change|do not change|dont touch|\
        do not touch|not change|without changing|without touching|not touch|ignore|except|\
        except for|excluding|apart from|other than|but not|not the|without|instead of|\
        rather than|保留|保持|不要改|不要改变|不要动|别改|别动|不改|不动|不改变|除了|除|\
        而不是"),
    (Role::Kept, "", "unchanged|untouched|as is|as it is|as they are|alone|stay|stays|remain|remains|不变|\
        不要变|别变|以外|之外|原样|不用变|不用改"),
    (Role::Not, "", "not|dont|doesnt|do not|isnt|arent|shouldnt|should not|never|no|不是|不要|不|别|没有|\
        没|无"),
    (Role::Less, "", "less|remove|removing|delete|erase|take away|去掉|去除|删除|移除"),
    (Role::Cloth, "", "花纹|印花|皮革"),
    (Role::Base, "", "底|base|ground"),
    (Role::Raise, "", "increase|raise|boost|higher|提高|增加|增强|提升|调高|高|高一点|高一些"),
    (Role::Lower, "", "reduce|lower|decrease|降低|减少|减弱|调低|低|低一点|低一些"),
    (Role::Plain, "plain", "plain|solid|uniform colour|uniform color|unpatterned|single coloured|single colored|\
        solid coloured|solid colored|plain coloured|plain colored|one colour|one color|\
        without pattern|without patterns|without a pattern|without any pattern|\
        without the pattern|without print|without prints|without a print|without the print|\
        without any print|no print|no prints|no pattern|no patterns|remove the print|\
        remove the pattern|纯色|单色|素色|纯|没有图案|无图案|去掉图案|没有花纹|无花纹"),
    (Role::Degree(200), "", "much|far|lot|lots|a lot|way|considerably|significantly|多|很多|得多|许多"),
    (Role::Degree(150), "", "very|really|extremely|quite a bit|非常|很|十分|特别|太|超"),
    (Role::Degree(50), "", "bit|a bit|a little bit|little|a little|slightly|somewhat|touch|a touch|tad|a tad|\
        稍微|稍|略|略微|有点|有一点|一点点|微微"),
    (Role::Word, "", "please|pls|just|only|can|could|would|will|you|he|we|she|him|me|us|at|so|too|even|\
        still|more|most|see|now|again|first|second|finally|all|both|whole|entire|entirely|completely|totally|\
        fully|every|each|same|there|here|where|it is|up|out|down|off|if|possible|lets|what|\
        how|about|do|does|did|color|colour|colors|colours|colored|coloured|coloring|\
        colouring|ones|one|kind|type|version|shade|shade of|shades of|tone|tones|tint of|\
        hue|hues|style|look like|photo|photos|photograph|picture|pictures|image|images|pic|\
        woman|women|man|men|girl|boy|lady|guy|person|people|model|child|kid|kids|baby|bride|\
        new|old|nice|beautiful|pretty|big|large|small|long|short|tight|loose|high|low|left|\
        right|own|thing|things|part|parts|piece|pieces|pair|pair of|pairs of|apply|add|put|\
        use|using|color of|colour of|scale|single|try|show|better|covered|mostly|running|going|standing|sitting|instead|rather|much like|ok|okay|hi|\
        hello|hey|thanks|thank|yes|have|had|think|its a|front|side|somehow|any more|quite|\
        colour in|make sure|fashion|请|帮|帮我|请帮我|你|您|他|她|们|她们|他们|我们|可以|能|\
        能不能|可不可以|吗|呢|吧|啊|呀|了|着|地|得|都|全|全部|所有|也|就|只|只要|只有|整个|\
        整件|整条|颜色|色|色彩|色调|照片|图片|图|相片|画面|里|里面|中|上|上面|下|下面|女孩|\
        男孩|女人|男人|女士|男士|女生|男生|人|人物|模特|小孩|孩子|新娘|宝宝|一下|这样|那样|\
        有|看起来|来|去|更|些|一些|点|一点|部分|身上|头上|脚上|手上|大|小|新|旧|好看|漂亮|\
        美丽|谢谢|你好|现在|比|其他|其它|其余|别的|另|另外|中的|款|版|系|起来|相间|风格"),
];

/// What a word for a difference asks for: steps of lightness, steps of chroma.
type Steps = [f32; 2];

/// Adjectives that become orders by "more", "less", 更, or by an ending.
#[rustfmt::skip]
const ADJECTIVES: &[(Steps, &str)] = &[
    ([-1.0, 0.0], "dark|dim|shadowy|深|暗|深沉|黑暗|暗淡"),
    ([1.0, 0.0], "light|浅"),
    ([1.0, 0.5], "bright|luminous|亮|明亮|鲜亮|亮丽"),
    ([0.5, -0.5], "pale|pastel|淡"),
    ([-0.5, 0.5], "deep|rich|浓|浓郁"),
    ([0.0, 1.0], "vivid|vibrant|saturated|colorful|colourful|intense|bold|strong|lively|鲜艳|艳|艳丽|\
        饱和|鲜明"),
    ([0.5, 1.0], "neon|荧光"),
    ([0.0, -0.5], "soft|柔和"),
    ([0.0, -1.0], "dull|muted|faded|desaturated|subdued|washed out|drab|素雅|低调"),
];

/// Words that are orders as they stand.
#[rustfmt::skip]
const ORDERS: &[(Steps, &str)] = &[
    ([-1.0, 0.0], "darker|darken|darkens|darkening|darkened|dimmer|dimmed|变深|变暗|加深|调暗|调深|\
        压暗|弄暗|弄深|染深"),
    ([1.0, 0.0], "lighter|lighten|lightens|lightening|lightened|变浅|调浅|弄浅|染浅|减淡"),
    ([1.0, 0.5], "brighter|brighten|brightens|brightening|brightened|brighten up|变亮|提亮|调亮|加亮|\
        弄亮"),
    ([0.5, -0.5], "paler|变淡|调淡"),
    ([-0.5, 0.5], "deeper|deepen|richer"),
    ([0.0, 1.0], "saturate|saturates|intensify|bolder|stronger|livelier|more colour|more color|\
        more saturation|变鲜艳|变艳"),
    ([0.0, -0.5], "softer|soften"),
    ([0.0, -1.0], "duller|desaturate|desaturates|mute|tone down|toned down|fade|less colour|less color|\
        less saturation|weaker"),
];

/// What adjectives are about, which is an order with another word only: "reduce the saturation".
#[rustfmt::skip]
const QUALITIES: &[(Steps, &str)] = &[
    ([-1.0, 0.0], "darkness"),
    ([1.0, 0.0], "brightness|lightness|亮度|明度"),
    ([0.0, 1.0], "saturation|vividness|vibrance|intensity|饱和度|鲜艳度|彩度"),
];

/// Words before an adjective or what it is about that make it an order.
#[rustfmt::skip]
const MORE: &str = "more|even more|更|更加|再|还要|更为|变得更";

/// Words before an adjective or what it is about that turn it round.
#[rustfmt::skip]
const LESS: &str = "less|not so|not as|not too|not that|too|太|不那么|没那么|不太|不要那么|不要太";

/// Words behind a Chinese adjective that make it an order, with how much of one.
const SOME: &[(f32, &str)] = &[
    (0.5, "一点点"),
    (1.0, "一点|一些|点|些|一点儿|点儿"),
    (2.0, "多|很多|得多|许多"),
];

/// The role and the token of a word.
pub(super) fn role(word: &str) -> Option<(Role, &'static str)> {
    let (role, token, _) = WORDS.iter().find(|(_, _, words)| lists(words, word))?;
    Some((*role, token))
}

/// The tokens of [`WORDS`], with repetitions.
pub(super) fn tokens() -> impl Iterator<Item = &'static str> {
    let tokens = WORDS.iter().map(|(_, token, _)| *token);
    tokens.filter(|token| !token.is_empty())
}

/// The steps of an adjective.
pub(super) fn adjective(word: &str) -> Option<Steps> {
    steps(ADJECTIVES, word)
}

/// The steps of what adjectives are about.
pub(super) fn quality(word: &str) -> Option<Steps> {
    steps(QUALITIES, word)
}

/// The steps of a word that is an order.
pub(super) fn order(word: &str) -> Option<Steps> {
    steps(ORDERS, word)
}

fn steps(table: &[(Steps, &str)], word: &str) -> Option<Steps> {
    let (steps, _) = table.iter().find(|(_, words)| lists(words, word))?;
    Some(*steps)
}

/// 1 for "more", -1 for "less".
pub(super) fn comparison(word: &str) -> Option<f32> {
    match (lists(MORE, word), lists(LESS, word)) {
        (true, _) => Some(1.0),
        (_, true) => Some(-1.0),
        _ => None,
    }
}

/// How much the words behind a Chinese adjective add; `None` for others.
pub(super) fn some(word: &str) -> Option<f32> {
    let (much, _) = SOME.iter().find(|(_, words)| lists(words, word))?;
    Some(*much)
}
