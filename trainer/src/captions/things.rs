//! Words for garments and their attributes.

/// What a thing is called.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Noun {
    /// English words; the first is the usual one.
    pub english: &'static [&'static str],
    /// Whether these are plural: trousers.
    pub plural: bool,
    /// Chinese words; the first is the usual one.
    pub chinese: &'static [&'static str],
    /// The Chinese measure word.
    pub measure: &'static str,
    /// What data sets call it besides, as [`plain`] writes it, without plural.
    labels: &'static [&'static str],
}

/// A word for an attribute: a pattern, sleeves, a wearer.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Attribute {
    /// The English word.
    pub english: &'static str,
    /// The Chinese one.
    pub chinese: &'static str,
    /// The words of a product's name that mean it.
    words: &'static [&'static str],
}

const fn top(
    english: &'static [&'static str],
    chinese: &'static [&'static str],
    labels: &'static [&'static str],
) -> Noun {
    Noun {
        english,
        plural: false,
        chinese,
        measure: "件",
        labels,
    }
}

const fn bottom(
    english: &'static [&'static str],
    chinese: &'static [&'static str],
    labels: &'static [&'static str],
) -> Noun {
    Noun {
        plural: true,
        measure: "条",
        ..top(english, chinese, labels)
    }
}

/// Garments. What is missing is not drawn from: shoes, bags, watches, scarves, underwear.
static GARMENTS: [Noun; 24] = [
    top(
        &["t-shirt", "tshirt", "tee"],
        &["T恤", "T恤衫"],
        &["basictee"],
    ),
    top(&["polo shirt", "polo"], &["Polo衫", "T恤"], &[]),
    top(&["shirt"], &["衬衫", "衬衣"], &[]),
    top(&["blouse"], &["女式衬衫", "衬衫"], &[]),
    top(&["top"], &["上衣"], &["topwear", "camisole"]),
    top(
        &["long-sleeved shirt", "longsleeve"],
        &["长袖衫", "长袖T恤"],
        &["longsleeve"],
    ),
    top(
        &["vest", "tank top", "undershirt"],
        &["背心"],
        &["tank", "innerwearvest"],
    ),
    top(&["sweater", "pullover", "jumper"], &["毛衣"], &["knitwear"]),
    top(&["cardigan"], &["开衫", "毛衣"], &[]),
    top(&["sweatshirt"], &["卫衣"], &[]),
    top(&["hoodie"], &["连帽衫", "卫衣"], &[]),
    top(
        &["jacket"],
        &["夹克", "外套"],
        &[
            "rainjacket",
            "nehrujacket",
            "jacketscoat",
            "bomber",
            "anorak",
        ],
    ),
    top(
        &["coat", "jacket"],
        &["外套", "大衣"],
        &["outwear", "outerwear", "parka", "peacoat"],
    ),
    top(
        &["blazer", "suit jacket"],
        &["西装", "西装外套"],
        &["suit", "suitsblazer"],
    ),
    top(&["waistcoat"], &["马甲"], &[]),
    top(&["tunic"], &["长上衣", "上衣"], &[]),
    top(&["kurta"], &["长衫", "上衣"], &["kurti"]),
    Noun {
        measure: "条",
        ..top(&["dress"], &["连衣裙", "裙子"], &[])
    },
    Noun {
        measure: "条",
        ..top(&["skirt"], &["半身裙", "裙子"], &[])
    },
    top(&["jumpsuit", "romper"], &["连体裤"], &[]),
    bottom(
        &["trousers", "pants"],
        &["裤子", "长裤"],
        &[
            "trackpant",
            "chino",
            "capri",
            "jogger",
            "sweatpant",
            "loungepant",
        ],
    ),
    bottom(&["jeans"], &["牛仔裤", "裤子"], &["jegging"]),
    bottom(&["shorts"], &["短裤"], &["cutoff"]),
    bottom(&["leggings"], &["打底裤", "紧身裤"], &[]),
];

/// The garment that a data set's label means, if it is one.
pub fn garment(label: &str) -> Option<&'static Noun> {
    let label = plain(label);
    GARMENTS.iter().find(|noun| {
        let english = noun.english.iter().map(|word| plain(word));
        let mut names = noun
            .labels
            .iter()
            .map(|word| (*word).to_owned())
            .chain(english);
        // "jacket" is a jacket, though coats are called that as well.
        names.any(|name| name == label)
    })
}

/// Letters only, in lower case, without the plural's s: "T-Shirts" is "tshirt".
fn plain(label: &str) -> String {
    let letters = label.chars().filter(char::is_ascii_alphabetic);
    let mut plain: String = letters.map(|c| c.to_ascii_lowercase()).collect();
    if plain.ends_with("sses") || plain.ends_with("xes") {
        plain.truncate(plain.len() - 2);
    } else if plain.ends_with('s') && !plain.ends_with("ss") {
        plain.truncate(plain.len() - 1);
    }
    plain
}

const fn attribute(
    english: &'static str,
    chinese: &'static str,
    words: &'static [&'static str],
) -> Attribute {
    Attribute {
        english,
        chinese,
        words,
    }
}

/// The more telling ones first: a striped print is striped.
static PATTERNS: [Attribute; 7] = [
    attribute(
        "striped",
        "条纹",
        &["stripe", "stripes", "striped", "stripped"],
    ),
    attribute(
        "checked",
        "格子",
        &["check", "checks", "checked", "checkered", "plaid"],
    ),
    attribute("floral", "碎花", &["floral", "flower", "flowers"]),
    attribute("dotted", "波点", &["polka", "dot", "dots", "dotted"]),
    attribute(
        "embroidered",
        "刺绣",
        &["embroidered", "embroided", "embroidery"],
    ),
    attribute(
        "printed",
        "印花",
        &["printed", "print", "prints", "graphic"],
    ),
    attribute("solid", "纯色", &["solid", "plain"]),
];

/// The pattern that a product's name gives.
pub fn pattern(name: &str) -> Option<&'static Attribute> {
    named_in(name, &PATTERNS)
}

static SLEEVES: [Attribute; 3] = [
    attribute("sleeveless", "无袖", &["sleeveless"]),
    attribute(
        "short-sleeved",
        "短袖",
        &[
            "half sleeve",
            "half sleeves",
            "short sleeve",
            "short sleeves",
        ],
    ),
    attribute(
        "long-sleeved",
        "长袖",
        &[
            "full sleeve",
            "full sleeves",
            "long sleeve",
            "long sleeves",
            "longsleeve",
        ],
    ),
];

/// The sleeves that a product's name or label gives.
pub fn sleeves(name: &str) -> Option<&'static Attribute> {
    named_in(name, &SLEEVES)
}

static WEARERS: [Attribute; 5] = [
    attribute("men", "男士", &["men"]),
    attribute("women", "女士", &["women"]),
    attribute("boys", "男童", &["boys"]),
    attribute("girls", "女童", &["girls"]),
    attribute("children", "儿童", &["kids"]),
];

/// For whom something is made.
pub fn wearer(name: &str) -> Option<&'static Attribute> {
    named_in(name, &WEARERS)
}

fn named_in(name: &str, attributes: &'static [Attribute]) -> Option<&'static Attribute> {
    let words = super::words(name).join(" ");
    let padded = format!(" {words} ");
    attributes.iter().find(|attribute| {
        let mut names = attribute.words.iter();
        names.any(|word| padded.contains(&format!(" {word} ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_all_data_sets_mean_the_same_garments() {
        for (label, english) in [
            ("Tshirts", "t-shirt"),
            ("T-Shirt", "t-shirt"),
            ("Shirts", "shirt"),
            ("Longsleeve", "long-sleeved shirt"),
            ("Dresses", "dress"),
            ("Pants", "trousers"),
            ("Track Pants", "trousers"),
            ("JACKETS & COATS", "jacket"),
            ("Outwear", "coat"),
            ("Undershirt", "vest"),
            ("Jeans", "jeans"),
        ] {
            assert_eq!(
                garment(label).map(|noun| noun.english[0]),
                Some(english),
                "{label}"
            );
        }
        for label in [
            "Not sure", "Other", "Skip", "Shoes", "Watches", "Handbags", "Bra", "Hat", "",
        ] {
            assert_eq!(garment(label), None, "{label}");
        }
    }

    #[test]
    fn attributes_are_read_from_a_products_name() {
        let name = "Turtle Check Men Navy Blue Full-Sleeve Shirt";
        assert_eq!(pattern(name).unwrap().english, "checked");
        assert_eq!(wearer("Women").unwrap().chinese, "女士");
        assert_eq!(sleeves(name).unwrap().english, "long-sleeved");
        assert_eq!(pattern("Checkmate Men Shirt"), None);
        assert_eq!(wearer("Unisex"), None);
    }
}
