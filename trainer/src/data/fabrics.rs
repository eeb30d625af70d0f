//! Close-ups of cloth (Medeiros et al., ASSETS 2017), in folders named after their kind:
//! `checkered/checkered_00001.jpg`.
//!
//! Photos of one cloth have consecutive numbers. Every third cloth of a kind is unseen.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::{Item, Photo, Split};

/// Photos of one cloth, at most.
const OF_ONE: usize = 8;
/// Every so many cloths one is unseen.
const KEPT_OUT: usize = 3;

/// Lists the photos.
///
/// # Errors
/// A folder that cannot be read, or has no photos in folders.
pub fn list(folder: &Path, split: Split) -> Result<Vec<Item>> {
    let mut items = Vec::new();
    for kind in entries(folder)?.into_iter().filter(|path| path.is_dir()) {
        let class = kind.file_name().unwrap_or_default().to_string_lossy();
        let photos = entries(&kind)?.into_iter();
        let photos = photos.filter_map(|path| Some((number(&path)?, path)));
        let (mut cloth, mut of_one, mut last) = (0, 0, None);
        for (number, photo) in photos {
            if last.is_some_and(|last| number != last + 1 || of_one == OF_ONE) {
                (cloth, of_one) = (cloth + 1, 0);
            }
            (of_one, last) = (of_one + 1, Some(number));
            let unseen = cloth % KEPT_OUT == KEPT_OUT - 1;
            if unseen == (split == Split::Unseen) {
                items.push(Item {
                    photo: Photo::File(photo),
                    captions: vec![format!("{class} cloth")],
                    class: class.clone().into_owned(),
                    colour: None,
                    outfit: None,
                });
            }
        }
    }
    ensure!(
        !items.is_empty(),
        "{} has no photos KIND/KIND_00001.jpg",
        folder.display()
    );
    Ok(items)
}

/// What is in a folder, by name.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = || -> std::io::Result<Vec<PathBuf>> {
        let entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
        let mut entries = entries.collect::<std::io::Result<Vec<_>>>()?;
        entries.sort();
        Ok(entries)
    };
    read().with_context(|| format!("cannot read {}", folder.display()))
}

/// The number at the end of a photo's name.
fn number(path: &Path) -> Option<usize> {
    let photo = path.extension().is_some_and(|end| end == "jpg");
    let name = path.file_stem().filter(|_| photo)?.to_str()?;
    name.rsplit('_').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::tests::draw;

    #[test]
    fn photos_of_one_cloth_stay_together() {
        let folder = tempfile::tempdir().unwrap();
        // Four cloths, of which the first two follow one another.
        let numbers = (1..=16).chain(30..=37).chain(50..=52);
        for number in numbers {
            let name = format!("solid/solid_{number:05}.jpg");
            draw(&folder.path().join(name), [90, 0, 0]);
        }
        let list = |split| list(folder.path(), split).unwrap();
        let unseen: Vec<String> = (list(Split::Unseen).iter())
            .map(|item| item.photo.to_string())
            .collect();
        assert_eq!((unseen.len(), list(Split::Train).len()), (8, 19));
        assert!(unseen[0].ends_with("solid_00030.jpg") && unseen[7].ends_with("solid_00037.jpg"));
        assert!(list(Split::Train).iter().all(|item| item.class == "solid"));
        let empty = tempfile::tempdir().unwrap();
        let error = super::list(empty.path(), Split::Train).unwrap_err();
        assert!(error.to_string().contains("KIND/KIND_00001.jpg"));
    }
}
