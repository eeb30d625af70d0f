//! Kaggle's fashion product images, in their published layout: `images/ID.jpg`, `styles.csv`.
//!
//! In `styles.csv` nothing is quoted, and a few of the last column's names have commas. Only
//! garments are used. Captions are made from the attributes. Every fifth photo is unseen.

use std::path::Path;

use anyhow::{Result, ensure};

use super::skipped::Skipped;
use super::table::{Quoting, Table};
use super::{Item, Photo, Split, split_of};
use crate::captions::{self, Outfit};

/// Lists the photos.
///
/// # Errors
/// A table that is missing or lacks a column; photos of which more than the half are missing.
pub fn list(folder: &Path, split: Split) -> Result<Vec<Item>> {
    let table = Table::read(&folder.join("styles.csv"), Quoting::Bare)?;
    let names = [
        "id",
        "articleType",
        "baseColour",
        "gender",
        "productDisplayName",
    ];
    let columns = table.columns(names)?;
    table.broken.tell(table.rows.len(), "lines")?;
    let (mut items, mut skipped) = (Vec::new(), Skipped::default());
    for row in &table.rows {
        let [id, article, colour, gender, name] = columns.map(|column| row[column].as_str());
        let Some(noun) = garment(article, name) else {
            continue;
        };
        if split_of(id) != split {
            continue;
        }
        let photo = folder.join("images").join(id).with_extension("jpg");
        if photo.is_file() {
            let outfit = Outfit {
                noun,
                colour: captions::colour_in(colour),
                pattern: captions::pattern(name),
                sleeves: captions::sleeves(name),
                wearer: captions::wearer(gender),
            };
            items.push(Item::of_outfit(Photo::File(photo), &outfit));
        } else {
            skipped.add(format!("{} is missing", photo.display()));
        }
    }
    skipped.tell(items.len(), "product photos")?;
    ensure!(
        !items.is_empty(),
        "{} has no garments",
        folder.join("styles.csv").display()
    );
    Ok(items)
}

/// The garment of an article: polo shirts are among the T-shirts.
fn garment(article: &str, name: &str) -> Option<&'static captions::Noun> {
    let noun = captions::garment(article)?;
    let polo =
        || name.to_lowercase().contains("polo t") || name.to_lowercase().contains("polo shirt");
    if noun.english[0] == "t-shirt" && polo() {
        return captions::garment("polo");
    }
    Some(noun)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::tests::{draw, write};
    use std::fs;

    const HEADERS: &str = "id,gender,masterCategory,subCategory,articleType,baseColour,season,year,usage,productDisplayName\n";

    fn line(id: usize, article: &str, colour: &str, name: &str) -> String {
        format!("{id},Men,Apparel,Topwear,{article},{colour},Fall,2011,Casual,{name}\n")
    }

    #[test]
    fn garments_are_described_by_their_attributes() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let mut lines = HEADERS.to_owned();
        for id in 0..20 {
            lines += &line(
                id,
                "Shirts",
                "Navy Blue",
                "Turtle Check, Slim Fit, Men Navy Blue Shirt",
            );
            draw(&at(&format!("images/{id}.jpg")), [0, 0, 90]);
        }
        lines += &line(20, "Sports Shoes", "Black", "Fila Men Black Sports Shoes");
        lines += &line(21, "Tshirts", "NA", "U.S. Polo Assn. Men Polo T-shirt");
        draw(&at("images/21.jpg"), [9, 9, 9]);
        lines += &line(22, "Shirts", "Red", "no photo");
        lines += "23,Men,Apparel\n";
        write(&at("styles.csv"), &lines);
        let items: Vec<Item> = [Split::Train, Split::Unseen]
            .into_iter()
            .flat_map(|split| list(folder.path(), split).unwrap())
            .collect();
        assert_eq!(items.len(), 21, "no shoes");
        let shirt = items.iter().find(|item| item.class == "shirt").unwrap();
        assert_eq!(shirt.colour.unwrap().word, "navy");
        let caption = "a navy checked shirt for men";
        assert!(
            shirt.captions.iter().any(|made| made == caption),
            "{:?}",
            shirt.captions
        );
        let outfit = shirt.outfit.unwrap();
        assert_eq!(outfit.noun.chinese[0], "衬衫");
        assert_eq!(outfit.pattern.unwrap().english, "checked");
        let polo = items
            .iter()
            .find(|item| item.class == "polo shirt")
            .unwrap();
        assert_eq!(polo.colour, None);
    }

    #[test]
    fn a_wrong_folder_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let error = || format!("{:#}", list(folder.path(), Split::Train).unwrap_err());
        let styles = |text: &str| write(&folder.path().join("styles.csv"), text);
        assert!(error().contains("styles.csv"), "{}", error());
        styles(&HEADERS.replace("baseColour", "colour"));
        assert!(error().contains("“baseColour”"), "{}", error());
        styles(&(HEADERS.to_owned() + &line(1, "Watches", "Red", "a watch")));
        assert!(error().contains("no garments"), "{}", error());
        styles(&(HEADERS.to_owned() + &line(1, "Shirts", "Red", "a shirt")));
        assert!(error().contains("1.jpg is missing"), "{}", error());
        fs::write(folder.path().join("styles.csv"), [0xff, 0xfe, 0x00]).unwrap();
        assert!(error().contains("styles.csv"), "{}", error());
    }
}
