//! What a packed model tells of itself, by the data that it was trained on.

use crate::data::Kind;

/// What is true of every model trained on a kind of data.
pub struct About {
    /// What visitors choose between.
    pub subject: &'static str,
    /// The data set.
    pub data: &'static str,
    /// The licence of the data, and what follows.
    pub licence: &'static str,
    /// Of its editors.
    pub edits: Offer,
    /// Of its weavers.
    pub makes: Offer,
    /// Words that tell of the subject, beside those in the prompts.
    pub words: &'static [&'static str],
}

/// What a model offers to a visitor.
pub struct Offer {
    /// What it edits or makes, in a few words.
    pub what: &'static str,
    /// Sentences to try.
    pub prompts: &'static [&'static str],
    /// The same in Chinese.
    pub prompts_zh: &'static [&'static str],
}

const FLOWERS: About = About {
    subject: "flowers",
    data: "Oxford-102 flowers (Nilsback and Zisserman 2008), captions of Reed et al. 2016",
    licence: "research data set without a stated licence",
    edits: Offer {
        what: "the colours of a flower's petals and centre",
        prompts: &crate::sheet::SENTENCES,
        prompts_zh: &[
            "把花瓣变成蓝色",
            "花瓣是红色的",
            "变成黄色",
            "紫色",
            "白色的花瓣",
            "粉色的花",
            "橙色",
            "紫色的花瓣，黄色的花心",
        ],
    },
    makes: Offer {
        what: "pictures of flowers",
        prompts: &["a flower with red petals", "this flower is yellow"],
        prompts_zh: &["红色的花", "花瓣是黄色的"],
    },
    words: &[
        "petal", "bloom", "blossom", "rose", "tulip", "花", "花瓣", "花朵",
    ],
};

const BIRDS: About = About {
    subject: "birds",
    data: "CUB-200-2011 birds (Wah et al. 2011), captions of Reed et al. 2016",
    licence: "research data set for non-commercial use",
    edits: Offer {
        what: "the colours of a bird",
        prompts: &["this bird is blue", "make it red", "a yellow bird"],
        prompts_zh: &["把鸟变成蓝色", "红色", "黄色的鸟"],
    },
    makes: Offer {
        what: "pictures of birds",
        prompts: &["this bird is blue", "a yellow bird"],
        prompts_zh: &["蓝色的鸟", "黄色的鸟"],
    },
    words: &["feathers", "wings", "鸟"],
};

const CLOTHES: About = About {
    subject: "clothes",
    data: "clothing-dataset (A. Grigorev 2020)",
    licence: "CC0 1.0",
    edits: Offer {
        what: "the colour of a garment",
        prompts: &[
            "make the shirt green",
            "a red dress",
            "the t-shirt is blue",
            "yellow",
            "change the jacket to purple",
            "a black top",
            "pink",
        ],
        prompts_zh: &[
            "把衬衫变成绿色",
            "红色的连衣裙",
            "蓝色的T恤",
            "黄色",
            "把外套变成紫色",
            "黑色的上衣",
            "粉色",
        ],
    },
    makes: Offer {
        what: "pictures of garments",
        prompts: &[
            "a red polo t-shirt",
            "a blue shirt for men",
            "a black dress",
            "a yellow top for women",
            "a green t-shirt",
            "a pink dress",
            "a blue striped shirt",
        ],
        prompts_zh: &[
            "红色的T恤",
            "蓝色的衬衫",
            "黑色的连衣裙",
            "黄色的上衣",
            "绿色的T恤",
            "粉色的连衣裙",
        ],
    },
    words: &[
        "clothes", "shirt", "dress", "jeans", "trousers", "pants", "skirt", "jacket", "coat",
        "sweater", "hoodie", "衣服", "裙子", "裤子", "外套", "衬衫",
    ],
};

impl Kind {
    /// What is true of every model trained on it.
    pub fn about(self) -> About {
        match self {
            Self::Flowers => FLOWERS,
            Self::Birds => BIRDS,
            Self::Clothing => CLOTHES,
            Self::FashionProduct => About {
                data: "fashion product images (Kaggle, P. Aggarwal)",
                licence: "shop photos without a stated licence",
                ..CLOTHES
            },
            Self::FashionSynthesis => About {
                data: "Fashion Synthesis (Zhu et al. 2017) on DeepFashion",
                licence: "research data set for non-commercial use",
                ..CLOTHES
            },
            Self::Fashiongen => About {
                data: "FashionGEN (Rostamzadeh et al. 2018)",
                licence: "research data set",
                ..CLOTHES
            },
            Self::Street => About {
                data: "Clothing Co-Parsing (Yang, Luo and Lin 2014)",
                licence: "repository under Apache-2.0; photographers' rights unverified",
                ..CLOTHES
            },
            Self::Oxford17 => About {
                data: "Oxford-17 flowers with trimaps (Nilsback and Zisserman 2006)",
                licence: "research data set without a stated licence",
                ..FLOWERS
            },
            Self::Folder => About {
                subject: "photos",
                data: "photos and captions of somebody's own",
                licence: "that of the photos",
                edits: Offer {
                    what: "what its captions name",
                    prompts: &["make it blue", "red", "make it yellow"],
                    prompts_zh: &["变成蓝色", "红色", "变成黄色"],
                },
                makes: Offer {
                    what: "pictures of what its captions name",
                    prompts: &["blue", "red", "yellow"],
                    prompts_zh: &["蓝色", "红色", "黄色"],
                },
                words: &[],
            },
        }
    }
}
