//! CUB-200-2011 birds, in their published layout.
//!
//! `images.txt`, `image_class_labels.txt`, `classes.txt` and `train_test_split.txt` number the
//! photos in `images/CLASS/NAME.jpg`; the captions of Reed et al. are in `text_c10/CLASS/NAME.txt`.
//! Where their `trainvalclasses.txt` and `testclasses.txt` are there too, the split is theirs, by
//! class; otherwise it is the photos' own, by photo.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::skipped::Skipped;
use super::{Item, Photo, Split, sentences};
use crate::captions;

/// Lists the photos.
///
/// # Errors
/// A list that is missing or damaged, with its name; photos or captions of which more than the
/// half are missing.
pub fn list(folder: &Path, split: Split) -> Result<Vec<Item>> {
    let photos = numbered(&folder.join("images.txt"))?;
    let labels = by_number(&folder.join("image_class_labels.txt"))?;
    let classes = by_number(&folder.join("classes.txt"))?;
    let splits = Splits::read(folder)?;
    let (mut items, mut skipped) = (Vec::new(), Skipped::default());
    for (number, name) in photos {
        let class = labels.get(&number).and_then(|label| classes.get(label));
        let class = class.with_context(|| format!("photo {number}, {name}, has no class"))?;
        if splits.of(&number, class)? == split {
            items.extend(skipped.ok(item(folder, &name, class)));
        }
    }
    skipped.tell(items.len(), "photos of birds")?;
    ensure!(
        !items.is_empty(),
        "there are no photos in {}",
        folder.display()
    );
    Ok(items)
}

fn item(folder: &Path, name: &str, class: &str) -> Result<Item> {
    let photo = folder.join("images").join(name);
    ensure!(photo.is_file(), "{} is missing", photo.display());
    let captions = sentences(&folder.join("text_c10").join(name).with_extension("txt"))?;
    Ok(Item {
        photo: Photo::File(photo),
        class: class.to_owned(),
        colour: captions::colour(&captions),
        captions,
        outfit: None,
    })
}

/// Which photos are trained on.
enum Splits {
    /// Reed et al.: the classes to train on, and the ones to test on.
    Classes(HashSet<String>, HashSet<String>),
    /// Wah et al.: 1 for a photo to train on.
    Photos(HashMap<String, String>),
}

impl Splits {
    fn read(folder: &Path) -> Result<Self> {
        let [train, test] =
            ["trainvalclasses.txt", "testclasses.txt"].map(|name| folder.join(name));
        if !train.is_file() || !test.is_file() {
            return Ok(Self::Photos(by_number(
                &folder.join("train_test_split.txt"),
            )?));
        }
        let classes = |path: &Path| -> Result<HashSet<String>> {
            let text = read(path)?;
            Ok(text.split_whitespace().map(String::from).collect())
        };
        Ok(Self::Classes(classes(&train)?, classes(&test)?))
    }

    fn of(&self, number: &str, class: &str) -> Result<Split> {
        let train = match self {
            Self::Classes(train, test) => {
                ensure!(
                    train.contains(class) || test.contains(class),
                    "the class {class} is neither in trainvalclasses.txt nor in testclasses.txt"
                );
                train.contains(class)
            }
            Self::Photos(train) => {
                let train = train.get(number);
                train.with_context(|| format!("photo {number} is not in train_test_split.txt"))?
                    == "1"
            }
        };
        Ok(if train { Split::Train } else { Split::Unseen })
    }
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn by_number(path: &Path) -> Result<HashMap<String, String>> {
    Ok(numbered(path)?.into_iter().collect())
}

/// Lines of a number and a word.
fn numbered(path: &Path) -> Result<Vec<(String, String)>> {
    let text = read(path)?;
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| {
            let pair = line.trim().split_once(' ');
            let (number, word) =
                pair.with_context(|| format!("{} has the line “{line}”", path.display()))?;
            Ok((number.to_owned(), word.trim().to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::tests::{draw, write};
    use tempfile::TempDir;

    const CLASSES: [&str; 2] = ["001.Black_footed_Albatross", "004.Groove_billed_Ani"];

    /// Four photos of two classes; of each class the first is to be trained on.
    fn birds() -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let (mut images, mut labels, mut split) = (String::new(), String::new(), String::new());
        for number in 1..=4 {
            let class = (number - 1) / 2;
            let name = format!("{}/Bird_{number:04}", CLASSES[class]);
            images += &format!("{number} {name}.jpg\n");
            labels += &format!("{number} {}\n", class + 1);
            split += &format!("{number} {}\n", number % 2);
            draw(&at(&format!("images/{name}.jpg")), [20, 20, 200]);
            let text = "a blue bird with a white belly.\n\nthis bird is blue\n";
            write(&at(&format!("text_c10/{name}.txt")), text);
        }
        write(&at("images.txt"), &images);
        write(&at("image_class_labels.txt"), &labels);
        write(&at("train_test_split.txt"), &split);
        write(
            &at("classes.txt"),
            &format!("1 {}\n2 {}\n", CLASSES[0], CLASSES[1]),
        );
        folder
    }

    #[test]
    fn both_official_splits_are_read() {
        let folder = birds();
        let photos = |split| {
            let items = list(folder.path(), split).unwrap();
            items
                .iter()
                .map(|item| item.photo.to_string())
                .collect::<Vec<_>>()
        };
        let ends = |photos: Vec<String>, ends: [&str; 2]| {
            assert!(photos.len() == 2, "{photos:?}");
            assert!(
                photos
                    .iter()
                    .zip(ends)
                    .all(|(photo, end)| photo.ends_with(end)),
                "{photos:?}"
            );
        };
        ends(photos(Split::Train), ["0001.jpg", "0003.jpg"]);
        ends(photos(Split::Unseen), ["0002.jpg", "0004.jpg"]);
        write(&folder.path().join("trainvalclasses.txt"), CLASSES[1]);
        write(&folder.path().join("testclasses.txt"), CLASSES[0]);
        ends(photos(Split::Train), ["0003.jpg", "0004.jpg"]);
        ends(photos(Split::Unseen), ["0001.jpg", "0002.jpg"]);

        let item = &list(folder.path(), Split::Unseen).unwrap()[0];
        assert_eq!(item.class, CLASSES[0]);
        assert_eq!(item.colour.unwrap().word, "blue");
        assert_eq!(item.captions.len(), 2);
        assert!(item.photo.read().is_ok());
    }

    #[test]
    fn what_is_missing_is_named() {
        let folder = birds();
        let at = |name: &str| folder.path().join(name);
        let error = || format!("{:#}", list(folder.path(), Split::Train).unwrap_err());
        let (one, three) = (
            format!("images/{}/Bird_0001.jpg", CLASSES[0]),
            format!("text_c10/{}/Bird_0003.txt", CLASSES[1]),
        );
        fs::remove_file(at(&one)).unwrap();
        assert_eq!(list(folder.path(), Split::Train).unwrap().len(), 1);
        fs::remove_file(at(&three)).unwrap();
        assert!(
            error().contains("2 of 2") && error().contains("Bird_0001.jpg"),
            "{}",
            error()
        );
        write(&at("testclasses.txt"), "");
        write(&at("trainvalclasses.txt"), CLASSES[0]);
        assert!(error().contains(CLASSES[1]), "{}", error());
        write(&at("classes.txt"), "1\n");
        assert!(error().contains("classes.txt"), "{}", error());
        fs::remove_file(at("images.txt")).unwrap();
        assert!(error().contains("images.txt"), "{}", error());
    }
}
