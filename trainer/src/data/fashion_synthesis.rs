//! Fashion Synthesis (Zhu et al. 2017, "Be Your Own Prada"), in its published files.
//!
//! | file | variable | what |
//! |---|---|---|
//! | `G2.h5` | `ih` | photos `[n, 3, 128, 128]`, from 0 to 1, less their mean, columns before rows |
//! | | `ih_mean` | the mean |
//! | `language_original.mat` | `engJ` | a sentence a photo |
//! | | `nameList` | its path in DeepFashion, `img/Sheer_Pleated-Front_Blouse/img_00000001.jpg` |
//! | `ind.mat` | `train_ind`, `test_ind` | the official split, from 1 |

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};

use super::hdf5::{Arrays, Pictures};
use super::mat::Mat;
use super::{Item, Photo, Split};
use crate::captions;

/// Lists the photos of the official split.
///
/// # Errors
/// A file or a variable that is missing, with its name; variables that do not fit together.
pub fn list(folder: &Path, split: Split) -> Result<Vec<Item>> {
    let arrays = Arrays::open(&folder.join("G2.h5"))?;
    let pictures = Arc::new(Pictures::deviations(&arrays, "ih", "ih_mean")?);
    let language = Mat::read(&folder.join("language_original.mat"))?;
    let (sentences, names) = (language.texts("engJ")?, language.texts("nameList")?);
    let rows = pictures.len();
    ensure!(
        sentences.len() == rows && names.len() == rows,
        "{} has {rows} photos, but there are {} sentences and {} names",
        folder.join("G2.h5").display(),
        sentences.len(),
        names.len()
    );
    let chosen = match split {
        Split::Train => "train_ind",
        Split::Unseen => "test_ind",
    };
    let chosen = Mat::read(&folder.join("ind.mat"))?.rows(chosen)?;
    chosen
        .into_iter()
        .map(|row| {
            let sentence = sentences.get(row);
            let sentence =
                sentence.with_context(|| format!("ind.mat names photo {}, of {rows}", row + 1))?;
            Ok(item(
                Photo::Row(pictures.clone(), row),
                sentence,
                &names[row],
            ))
        })
        .collect()
}

fn item(photo: Photo, sentence: &str, name: &str) -> Item {
    // The class is the last word of the folder.
    let folder = name.rsplit('/').nth(1).unwrap_or_default();
    let class = folder.rsplit('_').next().unwrap_or_default();
    let noun = captions::garment(class);
    Item {
        photo,
        class: noun.map_or(class, |noun| noun.english[0]).to_owned(),
        colour: captions::colour_in(sentence),
        captions: vec![sentence.to_owned()],
        outfit: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::mat_files::{cells, small, write};
    use hdf5_pure::FileBuilder;
    use std::fs;
    use tempfile::TempDir;

    fn ind(folder: &TempDir, last: u8) {
        let variables = [small("train_ind", &[1, last]), small("test_ind", &[2])];
        write(&folder.path().join("ind.mat"), &variables);
    }

    fn language(folder: &TempDir, variables: &[Vec<u8>]) {
        write(&folder.path().join("language_original.mat"), variables);
    }

    /// Three photos, 4 wide and 6 high, red on the left and blue on the right.
    fn prada() -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let mut photo = vec![0.0f32; 3 * 4 * 6];
        for x in 0..4 {
            for y in 0..6 {
                let channel = if x < 2 { 0 } else { 2 };
                photo[(channel * 4 + x) * 6 + y] = 0.5;
            }
        }
        let mut file = FileBuilder::new();
        let ih = file.create_dataset("ih");
        ih.with_f32_data(&photo.repeat(3)).with_shape(&[3, 3, 4, 6]);
        let mean = file.create_dataset("ih_mean");
        mean.with_f32_data(&[0.25; 72]).with_shape(&[3, 4, 6]);
        file.write(folder.path().join("G2.h5")).unwrap();
        let sentences = [
            "the lady wore a blue long-sleeved blouse",
            "the man was wearing a striped tee",
            "the lady is wearing a red romper",
        ];
        let names = [
            "img/Sheer_Pleated-Front_Blouse/img_00000001.jpg",
            "img/Striped_Tee/img_00000002.jpg",
            "img/Odd_Thing/img_00000003.jpg",
        ];
        language(
            &folder,
            &[cells("engJ", &sentences), cells("nameList", &names)],
        );
        ind(&folder, 3);
        folder
    }

    #[test]
    fn photos_meet_their_sentences() {
        let folder = prada();
        let train = list(folder.path(), Split::Train).unwrap();
        assert_eq!(train.len(), 2);
        assert_eq!(
            train[0].captions,
            ["the lady wore a blue long-sleeved blouse"]
        );
        assert_eq!(train[0].class, "blouse");
        assert_eq!(train[0].colour.unwrap().word, "blue");
        assert_eq!(train[1].class, "Thing");
        let photo = train[0].photo.read().unwrap().to_rgb8();
        assert_eq!(photo.dimensions(), (4, 6));
        assert_eq!(photo.get_pixel(0, 5).0, [191, 64, 64]);
        assert_eq!(photo.get_pixel(3, 0).0, [64, 64, 191]);
        let unseen = list(folder.path(), Split::Unseen).unwrap();
        assert_eq!(unseen.len(), 1);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let folder = prada();
        let error = || format!("{:#}", list(folder.path(), Split::Train).unwrap_err());
        ind(&folder, 9);
        assert!(error().contains("photo 9, of 3"), "{}", error());
        write(&folder.path().join("ind.mat"), &[small("test_ind", &[1])]);
        assert!(error().contains("“train_ind”"), "{}", error());
        language(
            &folder,
            &[cells("engJ", &["a", "b"]), cells("nameList", &["a", "b"])],
        );
        assert!(error().contains("2 sentences"), "{}", error());
        language(&folder, &[small("engJ", &[1])]);
        assert!(error().contains("“engJ”"), "{}", error());
        let path = |name: &str| folder.path().join(name);
        fs::write(path("language_original.mat"), "MATLAB").unwrap();
        assert!(error().contains("language_original.mat"), "{}", error());
        fs::write(path("G2.h5"), "no HDF5").unwrap();
        assert!(error().contains("G2.h5"), "{}", error());
        fs::remove_file(path("G2.h5")).unwrap();
        assert!(error().contains("G2.h5"), "{}", error());
    }
}
