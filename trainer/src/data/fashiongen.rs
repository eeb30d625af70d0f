//! FashionGEN (Rostamzadeh et al. 2018), in its published files
//! `fashiongen_256_256_train.h5` and `fashiongen_256_256_validation.h5`.
//!
//! Of their arrays these are read, one row a photo: `input_image` `[n, 256, 256, 3]`, `input_name`,
//! `input_description`, `input_category`, `input_subcategory`, `input_gender`. Only garments are
//! used. Captions are a product's name, the first sentence of its description, and what its
//! attributes make.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, ensure};

use super::hdf5::{Arrays, Pictures};
use super::{Item, Photo, Split};
use crate::captions::{self, Outfit};

/// Lists the photos of the official split.
///
/// # Errors
/// A file or an array that is missing, with its name; arrays of different lengths.
pub fn list(folder: &Path, split: Split) -> Result<Vec<Item>> {
    let path = folder.join(match split {
        Split::Train => "fashiongen_256_256_train.h5",
        Split::Unseen => "fashiongen_256_256_validation.h5",
    });
    let arrays = Arrays::open(&path)?;
    let pictures = Arc::new(Pictures::bytes(&arrays, "input_image")?);
    let column = |name: &str| {
        let texts = arrays.texts(name)?;
        ensure!(
            texts.len() == pictures.len(),
            "{} has {} photos, but “{name}” has {} rows",
            path.display(),
            pictures.len(),
            texts.len()
        );
        Ok(texts)
    };
    let (names, descriptions) = (column("input_name")?, column("input_description")?);
    let (categories, finer) = (column("input_category")?, column("input_subcategory")?);
    let genders = column("input_gender")?;
    let mut items = Vec::new();
    for row in 0..pictures.len() {
        let noun = captions::garment(&finer[row]).or_else(|| captions::garment(&categories[row]));
        let Some(noun) = noun else {
            continue;
        };
        let (name, description) = (names[row].trim(), descriptions[row].trim());
        let first = description
            .split(['.', '\n', '<'])
            .next()
            .unwrap_or_default();
        let outfit = Outfit {
            noun,
            colour: captions::colour_in(name).or_else(|| captions::colour_in(first)),
            pattern: captions::pattern(first),
            sleeves: captions::sleeves(first),
            wearer: captions::wearer(&genders[row]),
        };
        let mut item = Item::of_outfit(Photo::Row(pictures.clone(), row), &outfit);
        let said = [name, first].into_iter().map(str::trim);
        item.captions
            .extend(said.filter(|text| !text.is_empty()).map(String::from));
        items.push(item);
    }
    ensure!(!items.is_empty(), "{} has no garments", path.display());
    Ok(items)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hdf5_pure::FileBuilder;

    const DESCRIPTION: &str = "Long sleeve cotton blouse in navy blue. Tonal stitching.";
    const NAMES: [&str; 6] = [
        "input_image",
        "input_name",
        "input_description",
        "input_category",
        "input_subcategory",
        "input_gender",
    ];

    /// Three rows, a blouse, a bag and a dress; without one array, or with one row less of it.
    fn write(path: &Path, without: &str, short: &str) {
        let mut file = FileBuilder::new();
        let texts = [
            ["Navy Blouse", "Bag", "Robe \u{e0} pois"],
            [DESCRIPTION, "A bag.", "<br>"],
            ["TOPS", "HANDBAGS", "DRESSES"],
            ["BLOUSES", "TOTES", "SHORT DRESSES"],
            ["Women", "Men", "Women"],
        ];
        if without != NAMES[0] {
            let pixels = [[10, 20, 90], [0, 0, 0], [250, 10, 10]];
            let pixels: Vec<u8> = pixels.iter().flat_map(|rgb| rgb.repeat(16)).collect();
            let images = file.create_dataset(NAMES[0]);
            images.with_u8_data(&pixels).with_shape(&[3, 4, 4, 3]);
            images.with_chunks(&[2, 4, 4, 3]).with_deflate(4);
        }
        for (name, mut texts) in NAMES[1..].iter().zip(texts.map(Vec::from)) {
            if *name == short {
                texts.pop();
            }
            if *name != without {
                let rows = texts.len() as u64;
                let array = file.create_dataset(name);
                array.with_strings_sized(&texts, 100).unwrap();
                array.with_shape(&[rows, 1]);
            }
        }
        file.write(path).unwrap();
    }

    #[test]
    fn garments_are_described() {
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join("fashiongen_256_256_train.h5"), "", "");
        let items = list(folder.path(), Split::Train).unwrap();
        assert_eq!(items.len(), 2, "no bag");
        let blouse = &items[0];
        assert_eq!(
            (blouse.class.as_str(), blouse.colour.unwrap().word),
            ("blouse", "navy")
        );
        for caption in [
            "Navy Blouse",
            "Long sleeve cotton blouse in navy blue",
            "a navy long-sleeved blouse for women",
        ] {
            assert!(
                blouse.captions.iter().any(|said| said == caption),
                "{:?}",
                blouse.captions
            );
        }
        assert_eq!(
            blouse.photo.read().unwrap().to_rgb8().get_pixel(2, 1).0,
            [10, 20, 90]
        );
        assert_eq!(items[1].class, "dress");
        assert_eq!(items[1].captions.last().unwrap(), "Robe \u{e0} pois");
        assert_eq!(
            items[1].photo.read().unwrap().to_rgb8().get_pixel(0, 3).0,
            [250, 10, 10]
        );
    }

    #[test]
    fn what_is_missing_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fashiongen_256_256_validation.h5");
        let error = || format!("{:#}", list(folder.path(), Split::Unseen).unwrap_err());
        assert!(
            error().contains("fashiongen_256_256_validation.h5"),
            "{}",
            error()
        );
        for name in NAMES {
            write(&path, name, "");
            assert!(error().contains(&format!("“{name}”")), "{}", error());
        }
        write(&path, "", "input_name");
        assert!(error().contains("“input_name” has 2 rows"), "{}", error());
        std::fs::write(&path, "no HDF5").unwrap();
        assert!(error().contains("as HDF5"), "{}", error());
    }
}
