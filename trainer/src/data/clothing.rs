//! The clothing data set of A. Grigorev, in its published layout: `images/UUID.jpg`, `images.csv`.
//!
//! Its labels name garments and no colours: these are measured on the photos. Captions are made
//! from both. Every fifth photo is unseen.

use std::path::Path;

use anyhow::{Result, ensure};
use rayon::prelude::*;

use super::garment_colour;
use super::skipped::Skipped;
use super::table::{Quoting, Table};
use super::{Item, Photo, Split, split_of};
use crate::captions::{self, Outfit};

/// Lists the photos, and measures their colours on all cores.
///
/// # Errors
/// A table that is missing or lacks a column; photos of which more than the half are missing or
/// damaged.
pub fn list(folder: &Path, split: Split) -> Result<Vec<Item>> {
    let table = Table::read(&folder.join("images.csv"), Quoting::Quoted)?;
    let columns = table.columns(["image", "label", "kids"])?;
    table.broken.tell(table.rows.len(), "lines")?;
    let photos: Vec<_> = table
        .rows
        .iter()
        .map(|row| columns.map(|column| row[column].as_str()))
        // "Not sure", "Other", "Skip", shoes and hats are no garments.
        .filter_map(|[name, label, kids]| Some((name, captions::garment(label)?, kids)))
        .filter(|(name, _, _)| split_of(name) == split)
        .collect();
    let read: Vec<Result<Item>> = photos
        .par_iter()
        .map(|(name, noun, kids)| {
            let photo = folder.join("images").join(name).with_extension("jpg");
            ensure!(photo.is_file(), "{} is missing", photo.display());
            let photo = Photo::File(photo);
            let colour = garment_colour::measure(&photo.read()?.to_rgb8());
            let outfit = Outfit {
                noun,
                colour,
                pattern: None,
                sleeves: None,
                wearer: captions::wearer("kids").filter(|_| kids.eq_ignore_ascii_case("true")),
            };
            Ok(Item {
                ..Item::of_outfit(photo, &outfit)
            })
        })
        .collect();
    let mut skipped = Skipped::default();
    let items: Vec<Item> = read
        .into_iter()
        .filter_map(|item| skipped.ok(item))
        .collect();
    skipped.tell(items.len(), "photos of clothes")?;
    ensure!(
        !items.is_empty(),
        "{} has no garments",
        folder.join("images.csv").display()
    );
    Ok(items)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::tests::write;
    use image::{Rgb, RgbImage};

    /// A garment of a colour on a floor.
    fn photo(path: &Path, colour: [u8; 3]) {
        let garment = |x: u32, y: u32| (12..52).contains(&x) && (8..56).contains(&y);
        let photo = RgbImage::from_fn(64, 64, |x, y| match garment(x, y) {
            true => Rgb(colour),
            false => Rgb([200, 190, 170]),
        });
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        photo.save(path).unwrap();
    }

    #[test]
    fn garments_get_the_colour_of_their_photo() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let mut lines = String::from("image,sender_id,label,kids\n");
        for n in 0..20 {
            lines += &format!("green-{n},1,T-Shirt,False\n");
            photo(&at(&format!("images/green-{n}.jpg")), [30, 120, 40]);
        }
        for label in ["Not sure", "Other", "Skip", "Shoes", "Hat"] {
            lines += &format!("{label},1,{label},False\n");
        }
        lines += "child,1,Dress,True\ndamaged,1,Dress,False\n";
        photo(&at("images/child.jpg"), [200, 20, 30]);
        write(&at("images/damaged.jpg"), "no photo");
        write(&at("images.csv"), &lines);
        let items: Vec<Item> = [Split::Train, Split::Unseen]
            .into_iter()
            .flat_map(|split| list(folder.path(), split).unwrap())
            .collect();
        assert_eq!(items.len(), 21);
        let shirt = items.iter().find(|item| item.class == "t-shirt").unwrap();
        assert_eq!(shirt.colour.unwrap().word, "green");
        assert!(
            shirt.captions.iter().any(|caption| caption == "绿色T恤"),
            "{:?}",
            shirt.captions
        );
        let dress = items.iter().find(|item| item.class == "dress").unwrap();
        let caption = "a red dress for children";
        assert!(
            dress.captions.iter().any(|made| made == caption),
            "{:?}",
            dress.captions
        );
    }

    #[test]
    fn a_wrong_folder_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let error = || format!("{:#}", list(folder.path(), Split::Train).unwrap_err());
        let images = |text: &str| write(&folder.path().join("images.csv"), text);
        assert!(error().contains("images.csv"), "{}", error());
        images("image,sender_id,kids\n");
        assert!(error().contains("“label”"), "{}", error());
        images("image,sender_id,label,kids\na,1,Skip,False\n");
        assert!(error().contains("no garments"), "{}", error());
        let lines: String = (0..9).map(|n| format!("{n},1,Shirt,False\n")).collect();
        images(&format!("image,sender_id,label,kids\n{lines}"));
        assert!(error().contains(".jpg is missing"), "{}", error());
    }
}
