use super::*;
use crate::shrink::shrink;

/// A stroke of a hard brush along points of the full photo.
fn stroke(adds: bool, radius: f32, points: &[[f32; 2]]) -> Stroke {
    let [width, height] = [FULL.width as f32, FULL.height as f32];
    let path = points.iter().map(|[x, y]| [x / width, y / height]);
    Stroke {
        adds,
        radius: radius / width,
        soft: 0.0,
        path: path.collect(),
    }
}

fn mask(before: &[u8], layers: &[(Vec<f32>, Paint)], strokes: &[Stroke]) -> Vec<u8> {
    let small = shrink(before, FULL, SMALL).expect("planes");
    let edit = Edit::corrected(&small, SMALL, layers, &[], FULL, strokes).expect("an edit");
    edit.mask(before).expect("a mask")
}

/// All of a mask within a distance from a point.
fn around(mask: &[u8], [x, y]: [usize; 2], radius: usize) -> Vec<u8> {
    let inside = |i: &usize| {
        let (dx, dy) = (x.abs_diff(i % FULL.width), y.abs_diff(i / FULL.width));
        dx * dx + dy * dy <= radius * radius
    };
    (0..mask.len()).filter(inside).map(|i| mask[i]).collect()
}

fn cloth() -> (Vec<u8>, [(Vec<f32>, Paint); 1]) {
    let before = photo(|_, _| [0.4, 0.1, 0.1], [0.2, 0.3, 0.4]);
    (before, [(mask_of(&CLOTH), of(NAVY))])
}

#[test]
fn nothing_is_painted_where_a_stroke_took_away_and_all_where_one_added() {
    let (before, layers) = cloth();
    let strokes = [
        stroke(false, 20.0, &[[180.0, 100.0], [200.0, 100.0]]),
        stroke(true, 20.0, &[[50.0, 120.0]]),
    ];
    let plain = mask(&before, &layers, &[]);
    let corrected = mask(&before, &layers, &strokes);
    let all = |values: Vec<u8>, value: u8| values.iter().all(|v| *v == value);
    for x in [180, 190, 200] {
        assert!(around(&plain, [x, 100], 12).iter().all(|v| *v > 200));
        assert!(all(around(&corrected, [x, 100], 12), 0), "{x}");
    }
    assert!(all(around(&plain, [50, 120], 12), 0));
    assert!(all(around(&corrected, [50, 120], 12), 255));
    // What no stroke came near is as it was.
    for at in [[240, 160], [330, 40], [140, 170]] {
        assert_eq!(around(&corrected, at, 12), around(&plain, at, 12));
    }
    // And so are the photo's bytes.
    let small = shrink(&before, FULL, SMALL).expect("planes");
    let edit = Edit::corrected(&small, SMALL, &layers, &[], FULL, &strokes).expect("an edit");
    let mut after = before.clone();
    edit.apply(&mut after, 1.0).expect("a photo");
    let at = 4 * (100 * FULL.width + 190);
    assert_eq!(after[at..at + 4], before[at..at + 4]);
}

#[test]
fn a_later_stroke_lies_on_an_earlier_one() {
    let (before, layers) = cloth();
    let there = [[190.0, 100.0]];
    let strokes = [stroke(false, 20.0, &there), stroke(true, 20.0, &there)];
    let [last, first] = [&strokes[..], &strokes[..1]].map(|s| mask(&before, &layers, s));
    assert!(around(&last, [190, 100], 10).iter().all(|v| *v == 255));
    assert!(around(&first, [190, 100], 10).iter().all(|v| *v == 0));
}

#[test]
fn where_a_stroke_fades_the_photo_has_the_edge() {
    // The network missed the right half of the cloth; a soft stroke over it also runs over the edge.
    let (before, _) = cloth();
    let [columns, rows] = CLOTH;
    let layers = [(mask_of(&[columns.start..190, rows]), of(NAVY))];
    let mut along = stroke(true, 60.0, &[[215.0, 120.0], [243.0, 120.0]]);
    along.soft = 0.9;
    let corrected = mask(&before, &layers, &[along]);
    let row = |x: usize| corrected[120 * FULL.width + x];
    // Its middle between all and nothing is at 276, beyond the edge at 270.
    assert!((195..columns.end).all(|x| row(x) > 200));
    assert!((columns.end..300).all(|x| row(x) < 60));
}

#[test]
fn a_stroke_adds_to_the_thing_where_it_begins_and_takes_from_all() {
    let before = photo(|_, _| [0.3; 3], [0.3; 3]);
    let layers = [
        (mask_of(&[0..150, 0..240]), of(RED)),
        (mask_of(&[210..360, 0..240]), of(WHITE)),
    ];
    let small = shrink(&before, FULL, SMALL).expect("planes");
    let painted = |strokes: &[Stroke]| {
        let edit = Edit::corrected(&small, SMALL, &layers, &[], FULL, strokes).expect("an edit");
        let mut after = before.clone();
        edit.apply(&mut after, 1.0).expect("a photo");
        after
    };
    let through = painted(&[stroke(true, 16.0, &[[100.0, 120.0], [270.0, 120.0]])]);
    for x in [170, 200, 260] {
        assert!(lab_at(&through, x, 120)[1] > 30.0, "{x} is red");
    }
    let back = painted(&[stroke(true, 16.0, &[[270.0, 120.0], [100.0, 120.0]])]);
    for x in [110, 170, 200] {
        assert!(lab_at(&back, x, 120)[0] > 60.0, "{x} is white");
    }
    let away = painted(&[stroke(false, 16.0, &[[60.0, 120.0], [300.0, 120.0]])]);
    for x in [70, 290] {
        let at = 4 * (120 * FULL.width + x);
        assert_eq!(away[at..at + 4], before[at..at + 4], "{x}");
    }
}

#[test]
fn numbers_are_strokes_or_an_error() {
    let numbers = [0.1, 0.5, 2.0, 0.2, 0.3, 0.4, 0.5, -0.05, 7.0, 0.0];
    let strokes = Stroke::all(&numbers).expect("strokes");
    let first = Stroke {
        adds: true,
        radius: 0.1,
        soft: 0.5,
        path: vec![[0.2, 0.3], [0.4, 0.5]],
    };
    let second = Stroke {
        adds: false,
        radius: 0.05,
        soft: 1.0,
        path: Vec::new(),
    };
    assert_eq!(strokes, [first, second]);
    assert_eq!(Stroke::all(&[]), Ok(Vec::new()));
    for cut in [1, 2, 3, 6, 8, 9] {
        assert!(Stroke::all(&numbers[..cut]).is_err(), "{cut}");
    }
    assert!(Stroke::all(&[f32::NAN, 0.0, 0.0]).is_err());
    assert!(Stroke::all(&[0.1, 0.0, 1e30, 0.0, 0.0]).is_err());
    // Beside the photo, of no size, without points: none of it is anywhere.
    let (before, layers) = cloth();
    let plain = mask(&before, &layers, &[]);
    let odd = [stroke(true, 3.0, &[[-4e9, 4e9]]), stroke(false, 9.0, &[])];
    assert!(mask(&before, &layers, &odd) == plain);
    assert!(mask(&before, &[], &odd).iter().all(|v| *v == 0));
}
