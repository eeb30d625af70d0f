//! Anybody's photos: a folder with a `captions.csv`.
//!
//! Its columns are `file`, the photo's path in the folder, and `caption`; a photo may have several
//! lines. A third column, `class`, is used where it is there. Every fifth photo is unseen.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Result, ensure};

use super::skipped::Skipped;
use super::table::{Quoting, Table};
use super::{Item, Photo, Split, split_of};
use crate::captions;

/// Lists the photos.
///
/// # Errors
/// A table that is missing or lacks a column; photos of which more than the half are missing.
pub fn list(folder: &Path, split: Split) -> Result<Vec<Item>> {
    let table = Table::read(&folder.join("captions.csv"), Quoting::Quoted)?;
    let [file, caption] = table.columns(["file", "caption"])?;
    let class = table.column("class");
    table.broken.tell(table.rows.len(), "lines")?;
    let mut photos: BTreeMap<&str, (Vec<String>, &str)> = BTreeMap::new();
    let mut skipped = Skipped::default();
    for row in &table.rows {
        let class = class.map_or("", |class| &row[class]);
        if row[caption].chars().any(char::is_alphanumeric) {
            let of_photo = photos.entry(&row[file]).or_insert((Vec::new(), class));
            of_photo.0.push(row[caption].clone());
        } else {
            skipped.add(format!("{} has an empty caption", row[file]));
        }
    }
    skipped.tell(photos.len(), "lines")?;
    let (mut items, mut skipped) = (Vec::new(), Skipped::default());
    photos.retain(|name, _| split_of(name) == split);
    for (name, (captions, class)) in photos {
        let photo = folder.join(name);
        if photo.is_file() {
            items.push(Item {
                photo: Photo::File(photo),
                class: class.to_owned(),
                colour: captions::colour(&captions),
                captions,
                outfit: None,
            });
        } else {
            skipped.add(format!("{} is missing", photo.display()));
        }
    }
    skipped.tell(items.len(), "photos")?;
    ensure!(
        !items.is_empty(),
        "{} has too few photos: every fifth is kept out of training",
        folder.join("captions.csv").display()
    );
    Ok(items)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::tests::{draw, write};

    #[test]
    fn several_captions_and_a_class_belong_to_a_photo() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let mut lines = String::from("file,caption,class\n");
        for n in 0..40 {
            lines += &format!("sub/{n}.png,\"a round, red stone\",stone\n");
            lines += &format!("sub/{n}.png,红色的石头,stone\n");
            draw(&at(&format!("sub/{n}.png")), [200, 0, 0]);
        }
        write(&at("captions.csv"), &lines);
        let [train, unseen] =
            [Split::Train, Split::Unseen].map(|split| list(folder.path(), split).unwrap());
        assert_eq!(train.len() + unseen.len(), 40);
        assert!((3..14).contains(&unseen.len()), "{}", unseen.len());
        assert_eq!(train[0].captions, ["a round, red stone", "红色的石头"]);
        assert_eq!(train[0].class, "stone");
        assert_eq!(train[0].colour.unwrap().word, "red");
    }

    #[test]
    fn a_wrong_table_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let error = || format!("{:#}", list(folder.path(), Split::Train).unwrap_err());
        let captions = |text: &str| write(&folder.path().join("captions.csv"), text);
        assert!(error().contains("captions.csv"), "{}", error());
        captions("photo,caption\na.png,red\n");
        assert!(error().contains("“file”"), "{}", error());
        captions("file,caption\na.png,red\n");
        assert!(error().contains("a.png is missing"), "{}", error());
        captions("file,caption\na.png,\" \"\n");
        assert!(
            error().contains("a.png has an empty caption"),
            "{}",
            error()
        );
        captions("file,caption\na.png,red,or blue\n");
        assert!(error().contains("line 2"), "{}", error());
        captions("file,caption\n");
        assert!(error().contains("too few"), "{}", error());
    }
}
