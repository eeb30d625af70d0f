//! What a packed model tells of itself.

/// What is true of every model of a kind.
pub struct About {
    /// The data set.
    pub data: &'static str,
    /// The licence of the data, and what follows.
    pub licence: &'static str,
    /// What a visitor sees of it.
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
            "a red top with long sleeves",
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
            "红色的长袖上衣",
            "白色的裤子",
            "粉色的头发",
            "紫色的花瓣，黄色的花心",
        ],
    },
};

/// The generator of garments, of forms that were cut out of photos.
pub const GARMENTS: About = About {
    data: "fashion product images (Kaggle, P. Aggarwal), clothing-dataset (A. Grigorev 2020)",
    licence: "shop photos without a stated licence; CC0 1.0",
    offer: Offer {
        what: "garments of any colour and fabric",
        prompts: &[
            "a red polo shirt",
            "a navy and white striped t-shirt",
            "a red gingham skirt",
            "blue jeans",
            "a black dress with pink flowers",
            "a denim jacket",
            "a yellow dress",
            "an orange sweatshirt",
            "camouflage shorts",
        ],
        prompts_zh: &[
            "红色的Polo衫",
            "白底蓝条纹的T恤",
            "黄色的连衣裙",
            "牛仔裤",
            "红色格子的裙子",
            "黑色波点T恤",
        ],
    },
};
