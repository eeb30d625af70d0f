use super::*;
use crate::captions::named;
use crate::data::{Photo, vocabulary};
use image::Rgb;
use rand::SeedableRng;
use rand::rngs::SmallRng;

/// 60 yellow photos, 4 blue ones, 2 violet ones, 14 of no colour that is known.
fn dataset(folder: &std::path::Path) -> Dataset {
    let items: Vec<Item> = (0..80u32)
        .map(|n| {
            let path = folder.join(format!("{n}.png"));
            let photo = RgbImage::from_pixel(9, 8, Rgb([3 * n as u8, 0, 0]));
            photo.save(&path).unwrap();
            let colour = match n {
                0..60 => named("yellow"),
                60..64 => named("blue"),
                64..66 => named("violet"),
                _ => None,
            };
            Item {
                photo: Photo::File(path),
                captions: vec!["it has petals".into()],
                class: "flower".into(),
                colour,
                subject: Subject::Flower { centre: None },
            }
        })
        .collect();
    Dataset::load(&items, &vocabulary(&items).unwrap(), 16).unwrap()
}

#[test]
fn rare_colours_are_drawn_often_and_no_photo_twice() {
    let folder = tempfile::tempdir().unwrap();
    let data = dataset(folder.path());
    let mut rng = SmallRng::seed_from_u64(3);
    let mut counts: BTreeMap<Option<&str>, usize> = BTreeMap::new();
    for _ in 0..200 {
        let drawn = data.draw(16, &mut rng).unwrap();
        let photos: HashSet<u32> = drawn
            .photos
            .chunks(3 * 16 * 16)
            .map(|planes| planes[0].to_bits())
            .collect();
        assert_eq!(photos.len(), 16);
        assert_eq!((drawn.sentences.len(), drawn.colours.len()), (16, 16));
        for colour in drawn.colours {
            *counts.entry(colour).or_default() += 1;
        }
    }
    // Of 3200: without balance 160 blue, 80 purple and 560 without colour.
    assert!(counts[&Some("blue")] > 400, "{counts:?}");
    assert!(counts[&Some("purple")] > 220, "{counts:?}");
    assert!((200..500).contains(&counts[&None]), "{counts:?}");
    assert_eq!(data.draw(80, &mut rng).unwrap().sentences.len(), 80);
    assert!(data.draw(81, &mut rng).is_err());
}

#[test]
fn the_vocabulary_knows_orders_for_colours_that_occur() {
    let folder = tempfile::tempdir().unwrap();
    let data = dataset(folder.path());
    let knows = |sentence| data.vocabulary.read(sentence).unwrap().unknown.is_empty();
    assert!(knows("make the petals yellow"));
    assert!(!knows("make the petals violet"), "two photos are too few");
}
