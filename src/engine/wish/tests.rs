use super::*;
use crate::fabric::{Direction, Kind};
use crate::random::normal;

#[test]
fn what_is_unsure_as_a_whole_is_taken_as_a_whole() {
    let logits = |of: &[(f32, usize)]| -> Vec<f32> {
        let parts = of.iter().flat_map(|(logit, count)| vec![*logit; *count]);
        parts.collect()
    };
    // Half of a garment is sure, the other half is more likely than anything else.
    let garment = logits(&[(2.0, 50), (-0.3, 50), (-6.0, 900)]);
    assert!((-2.2..-0.3).contains(&cut(&garment, 1.0)));
    // What is sure stays as it is.
    let sure = logits(&[(4.0, 100), (-1.5, 5), (-6.0, 900)]);
    assert!(cut(&sure, 1.0) > -1.5);
    // A place of what may not be there at all is as likely as that at most.
    let rare = logits(&[(-1.0, 100), (-6.0, 900)]);
    assert!(cut(&rare, 0.3) < -1.0);
    assert!(cut(&[], 1.0).is_finite());
}

fn clause(change: prompt::Change, plain: bool, fabric: Option<Fabric>) -> Clause {
    Clause {
        thing: None,
        typed: String::new(),
        tokens: Vec::new(),
        change,
        plain,
        fabric,
        cover: None,
    }
}

/// None, and of each kind one, with all that can be said of it.
fn fabrics() -> impl Iterator<Item = Option<Fabric>> {
    let directions = [
        Direction::Usual,
        Direction::Across,
        Direction::Down,
        Direction::Diagonal,
    ];
    let colours = [
        None,
        Some([0, 0, 0]),
        Some([255, 254, 253]),
        Some([1, 2, 3]),
    ];
    let fabrics = Kind::ALL
        .into_iter()
        .enumerate()
        .map(move |(i, kind)| Fabric {
            kind,
            colours: [0, 1, 2].map(|c| colours[(i + c) % 4]),
            scale: 0.5 + i as f32 / 8.0,
            direction: directions[i % 4],
        });
    std::iter::once(None).chain(fabrics.map(Some))
}

#[test]
fn every_change_goes_through_a_condition() {
    let colours = [[0, 0, 0], [255, 255, 255], [30, 144, 255], [1, 2, 3]];
    let steps = [[-2.0, 0.0], [0.5, 0.0], [0.0, 1.0], [1.0, -1.5], [0.0, 0.0]];
    let colours = colours.map(|srgb| {
        let lab = srgb_to_lab(srgb);
        (prompt::Change::Colour(srgb), Change::Colour { lab })
    });
    let steps = steps.map(|[lightness, chroma]| {
        let told = prompt::Change::Relative { lightness, chroma };
        (told, Change::Relative { lightness, chroma })
    });
    for (told, change) in colours.into_iter().chain(steps) {
        for (plain, fabric) in [false, true]
            .into_iter()
            .flat_map(|plain| fabrics().map(move |fabric| (plain, fabric)))
        {
            let condition = Wish::of(&clause(told, plain, fabric)).after(vec![0.25, -7.0]);
            assert_eq!(condition.len(), 2 + PAINT);
            assert_eq!(condition[..2], [0.25, -7.0]);
            let wish = Wish::from(&condition[2..]);
            let paint = Paint {
                change,
                plain,
                fabric,
            };
            assert_eq!(wish.paint(), paint);
        }
    }
    let nothing = Paint {
        change: Change::Relative {
            lightness: 0.0,
            chroma: 0.0,
        },
        plain: false,
        fabric: None,
    };
    assert_eq!(Wish::default().paint(), nothing);
}

#[test]
fn a_garment_that_is_most_of_the_clothes_is_all_of_them() {
    let clothes = [1.0, 0.9, 1.0, 1.0, 0.0];
    let mut most = [1.0, 1.0, 1.0, 0.1, 0.2];
    complete(&mut most, &clothes);
    assert_eq!(most, [1.0, 1.0, 1.0, 1.0, 0.2]);
    let mut half = [1.0, 1.0, 0.1, 0.0, 0.0];
    complete(&mut half, &clothes);
    assert_eq!(half, [1.0, 1.0, 0.1, 0.0, 0.0]);
}

#[test]
fn what_is_not_seen_may_be_something_else() {
    let thing = |name: &str| prompt::Thing::named(name).expect("a thing");
    for (name, instead) in [
        ("dress", Instead::OnlyGarment),
        ("top", Instead::OnlyGarment),
        ("polo", Instead::Group(3)),
        ("shorts", Instead::Group(4)),
        ("coat", Instead::Group(5)),
        ("suit", Instead::Clothes),
        ("shoes", Instead::OnlyThing),
        ("petals", Instead::Itself),
        ("leaves", Instead::Nothing),
    ] {
        let wish = Wish::of(&Clause::naming(thing(name)));
        let read = Wish::from(&wish.after(Vec::new())[..]);
        assert_eq!(read.instead(), instead, "{name}");
        let worn = !["petals", "leaves"].contains(&name);
        assert_eq!(instead.is_worn(), worn, "{name}");
        assert!(!read.is_context());
    }
    for cover in COVERS.into_iter().map(Some).chain([None]) {
        let clause = Clause {
            cover,
            ..Clause::naming(thing("dress"))
        };
        let read = Wish::from(&Wish::of(&clause).after(Vec::new())[..]);
        assert_eq!(read.cover(), cover);
    }
    assert!(Wish::context().is_context() && !Wish::default().is_context());
    for name in CONTEXTS {
        thing(name);
    }
}

#[test]
fn the_surer_mask_keeps_a_place() {
    let mut masks = vec![vec![0.8, 1.0, 0.0, 0.5], vec![0.4, 1.0, 0.0, 0.0]];
    let (first, mut second) = (masks.clone(), masks.clone());
    compete(&mut masks, &[false; 2]);
    assert_eq!(masks, [[0.8, 1.0, 0.0, 0.5], [0.2, 1.0, 0.0, 0.0]]);
    // What is seen keeps all that it has, also where another is surer.
    compete(&mut second, &[true, false]);
    assert_eq!(second[1], first[1]);
    let left = second[0].iter().zip([0.48, 0.0, 0.0, 0.5]);
    assert!(left.clone().all(|(a, b)| (a - b).abs() < 1e-6), "{left:?}");
    compete(&mut [], &[]);
}

#[test]
fn numbers_that_are_missing_are_zero() {
    let short = Wish::from(&[COLOUR, 50.0][..]);
    let lab = [50.0, 0.0, 0.0];
    assert_eq!(short.paint().change, Change::Colour { lab });
}

#[test]
fn logits_are_enlarged_bilinearly() {
    for [width, height] in [[2, 2], [2, 6], [8, 4], [10, 6], [32, 48]] {
        let (w, h) = (width / 2, height / 2);
        let logits = normal(3, w * h);
        let mask = enlarged(&logits, Size { width, height });
        assert_eq!(mask.len(), width * height);
        // Where a large pixel's centre lies among the small ones' centres.
        let place = |at: usize, side: usize| {
            let at = (at as f32 + 0.5) / 2.0 - 0.5;
            let at = at.clamp(0.0, (side - 1) as f32);
            let first = at.floor() as usize;
            (first, (first + 1).min(side - 1), at - at.floor())
        };
        for (i, value) in mask.iter().enumerate() {
            let (top, bottom, down) = place(i / width, h);
            let (left, right, across) = place(i % width, w);
            let row = |y: usize| {
                let (a, b) = (logits[y * w + left], logits[y * w + right]);
                a + across * (b - a)
            };
            let logit = row(top) + down * (row(bottom) - row(top));
            let expected = 1.0 / (1.0 + (-logit).exp());
            assert!((value - expected).abs() < 1e-5, "{width}x{height} at {i}");
        }
    }
}

#[test]
fn pieces_that_are_far_less_sure_are_left_out() {
    // Two people's coats, of which one is less sure, and something pale.
    let mut logits = [
        8.0, 1.0, -3.0, 5.0, -3.0, //
        2.0, -3.0, -3.0, 0.5, -3.0, //
        -3.0, -3.0, 3.0, -3.0, 3.0,
    ];
    keep_sure(&mut logits, 5);
    let there = logits.map(|logit| logit > 0.0);
    let drawn = "##.#.#..#......".bytes().map(|place| place == b'#');
    assert!(there.into_iter().eq(drawn), "{logits:?}");
    // Where nothing is, nothing is left out.
    let mut none = [-2.0; 4];
    keep_sure(&mut none, 2);
    assert_eq!(none, [-2.0; 4]);
}
