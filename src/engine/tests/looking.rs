//! At which sizes a photo is looked at, and for how many sentences.

use wordloom_kernels::tensor;

use super::super::look::{further, mirrored, resampled, small_size};
use super::*;
use crate::shrink::shrink;
use crate::trunk::STRIDE;

#[test]
fn the_network_sees_the_photo_in_its_own_shape() {
    let small = |width, height| {
        let Size { width, height } = small_size(Size { width, height }, 192, STRIDE);
        (width, height)
    };
    assert_eq!(small(1, 1), (192, 192));
    assert_eq!(small(640, 480), (256, 192));
    assert_eq!(small(480, 640), (192, 256));
    assert_eq!(small(12_000, 9_000), (256, 192));
    assert_eq!(small(1, 12_000), (192, 768));
    assert_eq!(small(usize::MAX, 1), (768, 192));
}

#[test]
fn a_photo_is_seen_again_from_further_away_and_in_the_mirror() {
    let (engine, photo) = (engine(), photo(60, 40));
    let look = look(&engine, &photo, 60, 40);
    let size = Size {
        width: 60,
        height: 40,
    };
    let side = engine.model.config.side;
    let seen = |side: usize, turn: bool| {
        let small = small_size(size, side, STRIDE);
        let planes = shrink(&photo, size, small).unwrap();
        let planes = match turn {
            true => mirrored(&planes, small),
            false => planes,
        };
        let shape = [1, 3, small.height, small.width];
        let photo = tensor(planes, shape, &Device::flex());
        let features = engine.model.generator.look(photo);
        let places = Size {
            width: small.width / 2,
            height: small.height / 2,
        };
        let values = features.places.into_data().try_into_vec::<f32>().unwrap();
        (places, values)
    };
    assert!(further(side) < side);
    let ((to, first), (from, again)) = (seen(side, false), seen(further(side), true));
    let again = resampled(&mirrored(&again, from), from, to);
    assert!(first.iter().zip(&again).any(|(a, b)| (a - b).abs() > 0.05));
    let session = engine.session();
    let reading = now(engine.read(SENTENCE)).unwrap();
    // The second comes with the first question, whatever that is.
    assert!(look.both.get().is_none());
    let at_once = now(session.edit(&look, &reading.condition)).unwrap();
    let other = self::look(&engine, &photo, 60, 40);
    now(session.sees(&other, &reading.condition)).unwrap();
    assert!(other.both.get().is_some());
    let later = now(session.edit(&other, &reading.condition)).unwrap();
    assert_eq!(at_once.shares, later.shares);
    assert_eq!(after(&photo, &at_once.edit), after(&photo, &later.edit));
    let mean = look.both.get().unwrap().places.clone().into_data();
    let mean = mean.try_into_vec::<f32>().unwrap();
    assert_eq!(mean.len(), first.len());
    for ((mean, first), again) in mean.iter().zip(&first).zip(&again) {
        assert!(
            (2.0 * mean - first - again).abs() < 1e-3,
            "{mean} {first} {again}"
        );
    }
}

#[test]
fn one_look_serves_every_sentence() {
    let (engine, photo) = (engine(), photo(70, 50));
    let look = look(&engine, &photo, 70, 50);
    assert_eq!((look.photo().width, look.photo().height), (70, 50));
    assert_eq!((look.small().width, look.small().height), (48, 32));
    let with = |sentence| {
        let reading = now(engine.read(sentence)).unwrap();
        let edited = now(engine.session().edit(&look, &reading.condition)).unwrap();
        after(&photo, &edited.edit)
    };
    let blue = with(SENTENCE);
    assert!(with("make the shoes white") != blue);
    assert!(with(SENTENCE) == blue, "the look has changed");
    let fresh = edit(&engine, &photo, 70, 50);
    assert!(after(&photo, &fresh) == blue);
}

#[test]
fn words_find_their_places_of_the_photo_in_an_edited_picture() {
    let (engine, photo) = (engine(), photo(60, 40));
    let session = engine.session();
    let first = look(&engine, &photo, 60, 40);
    let reading = now(engine.read(SENTENCE)).unwrap();
    let picture: Vec<u8> = photo
        .as_chunks::<4>()
        .0
        .iter()
        .flat_map(|[r, .., a]| [*r, 90, 20, *a])
        .collect();
    let taken = |width, height| {
        let mut looking = session.looking(4 * width * height, width, height).unwrap();
        looking.rows(&picture[..4 * width * height]);
        looking
    };
    let again = first.repainted(taken(60, 40)).unwrap();
    let masks = |look: &Look| now(session.masks(look, &reading.condition)).unwrap();
    assert_eq!(masks(&again), masks(&first));
    let anew = look(&engine, &picture, 60, 40);
    assert_ne!(masks(&anew), masks(&first));
    assert_eq!(again.planes, anew.planes);
    assert!(first.repainted(taken(40, 60)).is_err());
}
