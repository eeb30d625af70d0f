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
                outfit: None,
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
    let mut blue = 0;
    for _ in 0..200 {
        let drawn = data.draw(16, &mut rng).unwrap();
        // The red of each says which it is.
        let red = |planes: &[f32]| ((planes[0] + 1.0) * 127.5).round() as u32 / 3;
        let photos: HashSet<u32> = drawn.photos.chunks(3 * 16 * 16).map(red).collect();
        assert_eq!(photos.len(), 16);
        assert_eq!(drawn.sentences.len(), 16);
        blue += photos.iter().filter(|n| (60..64).contains(*n)).count();
    }
    // Of 3200: without balance 160.
    assert!(blue > 400, "{blue}");
    assert_eq!(data.draw(80, &mut rng).unwrap().sentences.len(), 80);
    assert!(data.draw(81, &mut rng).is_err());
}
