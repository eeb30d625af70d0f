//! Oxford-102 flowers, in its published layout.
//!
//! `jpg/image_00001.jpg`, and the captions of Reed et al., one a line, in
//! `text_c10/class_00001/image_06734.txt`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::skipped::Skipped;
use super::{Item, KEPT_OUT, Photo, Split, sentences};
use crate::captions;

/// Lists the photos; every fifth class is unseen.
///
/// # Errors
/// A folder that is missing or empty; photos of which more than the half lack their file or their
/// captions.
pub fn list(folder: &Path, split: Split) -> Result<Vec<Item>> {
    let texts = folder.join("text_c10");
    let classes = sorted(&texts, "class_")?;
    let (mut items, mut skipped) = (Vec::new(), Skipped::default());
    for (class, path) in classes.iter().enumerate() {
        let unseen = class % KEPT_OUT == KEPT_OUT - 1;
        if unseen == (split == Split::Unseen) {
            for file in sorted(path, "image_")? {
                if file.extension().is_some_and(|end| end == "txt") {
                    items.extend(skipped.ok(item(folder, path, &file)));
                }
            }
        }
    }
    skipped.tell(items.len(), "photos of flowers")?;
    ensure!(
        !items.is_empty(),
        "there are no captions in {}",
        texts.display()
    );
    Ok(items)
}

fn item(folder: &Path, class: &Path, file: &Path) -> Result<Item> {
    let captions = sentences(file)?;
    let name = file.file_stem().unwrap_or_default();
    let photo = folder.join("jpg").join(name).with_extension("jpg");
    ensure!(
        photo.is_file(),
        "{} has captions but {} is missing",
        file.display(),
        photo.display()
    );
    let colour = captions::flower_colour(&captions);
    let class = class.file_name().unwrap_or_default();
    Ok(Item {
        photo: Photo::File(photo),
        captions,
        class: class.to_string_lossy().into_owned(),
        colour,
        outfit: None,
    })
}

/// The entries of a folder whose name starts with `prefix`, by name.
fn sorted(folder: &Path, prefix: &str) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| {
        format!(
            "cannot open {}: is this the folder that holds jpg/ and text_c10/?",
            folder.display()
        )
    })?;
    let mut paths = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    paths.retain(|path| {
        let name = path.file_name().unwrap_or_default();
        name.to_string_lossy().starts_with(prefix)
    });
    paths.sort();
    Ok(paths)
}
