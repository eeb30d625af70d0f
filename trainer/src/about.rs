//! What a packed model tells of itself, by the data that it was trained on.

use crate::data::Kind;

/// What is true of every model trained on a kind of data.
pub struct About {
    /// The data set.
    pub data: &'static str,
    /// The licence of the data, and what follows.
    pub licence: &'static str,
    /// Of the models that are made of it.
    pub offer: Offer,
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

/// Height and width at which the editor sees the short side of a photo, in pixels.
pub const SHORT_SIDE: usize = 192;

/// The editor, of all data with masks.
pub const EDITOR: About = About {
    data: "Clothing Co-Parsing (Yang, Luo and Lin 2014), clothing-dataset (A. Grigorev 2020), \
           Oxford-17 flowers (Nilsback and Zisserman 2006)",
    licence: "annotations under Apache-2.0 and CC0 1.0; photos for research",
    offer: Offer {
        what: "colours and fabrics of clothes, colours of hair, flowers and backgrounds",
        prompts: &[
            "make the dress red",
            "a navy coat",
            "a navy and white striped shirt",
            "white trousers",
            "a green tartan skirt",
            "plain mustard top",
            "pink hair",
            "purple petals with a yellow centre",
            "a darker background",
        ],
        prompts_zh: &[
            "把裙子变成红色",
            "藏青色的外套",
            "白底蓝条纹的衬衫",
            "白色的裤子",
            "粉色的头发",
            "紫色的花瓣，黄色的花心",
        ],
    },
};

const FLOWERS: About = About {
    data: "Oxford-102 flowers (Nilsback and Zisserman 2008), captions of Reed et al. 2016",
    licence: "research data set without a stated licence",
    offer: Offer {
        what: "pictures of flowers",
        prompts: &["a flower with red petals", "this flower is yellow"],
        prompts_zh: &["红色的花", "花瓣是黄色的"],
    },
};

const BIRDS: About = About {
    data: "CUB-200-2011 birds (Wah et al. 2011), captions of Reed et al. 2016",
    licence: "research data set for non-commercial use",
    offer: Offer {
        what: "pictures of birds",
        prompts: &["this bird is blue", "a yellow bird"],
        prompts_zh: &["蓝色的鸟", "黄色的鸟"],
    },
};

const CLOTHES: About = About {
    data: "clothing-dataset (A. Grigorev 2020)",
    licence: "CC0 1.0",
    offer: Offer {
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
            Self::Fabrics => About {
                data: "close-ups of cloth (Medeiros et al. 2017)",
                licence: "MIT",
                ..CLOTHES
            },
            Self::Folder => About {
                data: "photos and captions of somebody's own",
                licence: "that of the photos",
                offer: Offer {
                    what: "pictures of what its captions name",
                    prompts: &["blue", "red", "yellow"],
                    prompts_zh: &["蓝色", "红色", "黄色"],
                },
            },
        }
    }
}
