//! What edits photos: trained by masks, packed, asked, measured.

#[allow(dead_code)]
#[path = "../../src/data/mat/files.rs"]
mod mat_files;

use std::fs;
use std::path::Path;

use image::{Rgb, RgbImage};

use crate::helper::{COLOURS, Folder, refused, works};

/// The labels of [`person`]: numbers in `label_list.mat`.
const LABELS: [&str; 5] = ["null", "hair", "t-shirt", "pants", "skin"];

/// Somebody in a T-shirt and trousers: what a pixel shows, by its label.
fn person(x: u32, y: u32) -> u8 {
    match (x as i32 - 40, y as i32) {
        (-9..=9, 4..=12) => 1,
        (-9..=9, 13..=24) => 4,
        (-16..=16, 25..=60) => 2,
        (-14..=-2 | 2..=14, 61..=110) => 3,
        _ => 0,
    }
}

fn photo(colour: [u8; 3]) -> RgbImage {
    RgbImage::from_fn(80, 120, |x, y| match person(x, y) {
        1 => Rgb([60, 40, 30]),
        2 => Rgb(colour),
        3 => Rgb([40, 50, 90 + (y / 4) as u8]),
        4 => Rgb([220, 180, 160]),
        _ => Rgb([150, 150 + (x / 2) as u8, 150]),
    })
}

/// 40 people in the layout of Clothing Co-Parsing.
pub fn street(folder: &Path) {
    let (photos, masks) = (
        folder.join("photos"),
        folder.join("annotations/pixel-level"),
    );
    fs::create_dir_all(&photos).unwrap();
    fs::create_dir_all(&masks).unwrap();
    let list = mat_files::cells("label_list", &LABELS);
    mat_files::write(&folder.join("label_list.mat"), &[list]);
    let labels: Vec<u8> = (0..80 * 120).map(|at| person(at % 80, at / 80)).collect();
    let truth = mat_files::labels("groundtruth", 80, &labels);
    for (n, (_, colour)) in COLOURS.into_iter().cycle().take(40).enumerate() {
        photo(colour)
            .save(photos.join(format!("{n:04}.jpg")))
            .unwrap();
        mat_files::write(
            &masks.join(format!("{n:04}.mat")),
            std::slice::from_ref(&truth),
        );
    }
}

#[test]
fn trains_packs_edits_and_measures() {
    let folder = Folder::new();
    street(folder.0.path());
    let data = format!("street={}", folder.path(""));
    let small = [
        "--size", "64", "--batch", "4", "--asked", "8", "--seed", "7",
    ];
    let train = |run: &str, steps: &str, more: &[&str]| {
        let run = folder.path(run);
        let trunk = [
            "train", "trunk", "--data", &data, "--run", &run, "--steps", steps,
        ];
        [&trunk[..], &small, more]
            .concat()
            .iter()
            .map(|word| word.to_string())
            .collect::<Vec<_>>()
    };
    let does = |arguments: Vec<String>| {
        works(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    };
    // One run in one go, another with a break: the same seed gives the same bytes.
    does(train("whole", "3", &[]));
    does(train("broken", "2", &[]));
    let again = train("broken", "3", &[]);
    let error = refused(&again.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(error.contains("--resume"), "{error}");
    does(train("broken", "3", &["--resume"]));
    // And one that begins with another's networks.
    let whole = folder.path("whole");
    does(train("from", "1", &["--from", &whole]));

    let prompts = [
        "--prompt",
        "make the t-shirt blue",
        "--prompt",
        "白色的裤子",
    ];
    let packed = |run: &str, more: &[&str]| {
        let model = folder.path(&format!("{run}/tiny.safetensors"));
        let run = folder.path(run);
        let said = works(&[&["pack", "--run", &run, "-o", &model], &prompts[..], more].concat());
        (model.clone(), fs::read(model).unwrap(), said)
    };
    let (model, bytes, _) = packed("whole", &[]);
    assert!(
        bytes == packed("broken", &[]).1,
        "a break changed the weights"
    );
    assert!(bytes != packed("from", &[]).1);
    let manifest = fs::read_to_string(folder.path("whole/manifest.json")).unwrap();
    assert!(manifest.contains("\"task\": \"edit\""), "{manifest}");
    assert!(manifest.contains(&format!("\"bytes\": {}", bytes.len())));
    let (_, four, said) = packed("from", &["--bits", "4"]);
    assert!(said.contains("differs from float by"), "{said}");
    assert!(4 * four.len() < 3 * bytes.len(), "{} bytes", four.len());

    // An edit has the photo's size; what is missing is said; what nobody knows is refused.
    let names = ["photo.png", "edit.png", "mask.png"];
    let [shown, edit, mask] = names.map(|name| folder.path(name));
    photo([200, 30, 40]).save(&shown).unwrap();
    let asked = |sentence| {
        let asked = ["edit", &shown, sentence, "-o", &edit, "--mask", &mask];
        [&asked[..], &["--model", &model]].concat()
    };
    works(&asked("make the t-shirt blue"));
    for file in [&edit, &mask] {
        let picture = image::open(file).unwrap();
        assert_eq!((picture.width(), picture.height()), (80, 120));
    }
    assert!(refused(&asked("xyzzy")).contains("xyzzy"));
    let garment = ["make", "a red dress", "-o", &edit, "--model", &model];
    assert!(refused(&garment).contains("makes pictures"));

    // Many photos and sentences make a folder; what is there already is not made again.
    let many = folder.path("many");
    let [other, none] = ["other.png", "none.png"].map(|name| folder.path(name));
    photo([30, 60, 200]).save(&other).unwrap();
    fs::write(&none, "no picture").unwrap();
    let asked = |photos: &[&str]| {
        let sentences =
            ["a blue t-shirt", "a red t-shirt"].map(|sentence| ["--sentence", sentence]);
        let rest = [
            &["-o", &many, "--model", &model][..],
            sentences.as_flattened(),
        ]
        .concat();
        [&["edit"], photos, &rest]
            .concat()
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let said = |photos: &[&str]| {
        let asked = asked(photos);
        works(&asked.iter().map(String::as_str).collect::<Vec<_>>())
    };
    assert!(said(&[&shown]).starts_with("1 photos in"));
    let blue = folder.path("many/photo-a-blue-t-shirt.png");
    works(&[
        "edit",
        &shown,
        "a blue t-shirt",
        "-o",
        &edit,
        "--model",
        &model,
    ]);
    assert!(image::open(&blue).unwrap() == image::open(&edit).unwrap());
    fs::remove_file(&blue).unwrap();
    let both = said(&[&shown, &other]);
    assert!(
        both.starts_with("2 photos in") && both.contains("photos/s; 0 were"),
        "{both}"
    );
    let again = said(&[&shown, &other]);
    assert!(
        again.starts_with("0 photos in") && again.contains("2 were there"),
        "{again}"
    );
    assert_eq!(fs::read_dir(&many).unwrap().count(), 4);
    let broken = asked(&[&none, &shown]);
    let broken = refused(&broken.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(
        broken.contains("none.png") && broken.contains("1 of 2 photos"),
        "{broken}"
    );

    // The same figures twice, on photos that nobody trained on.
    let [first, second] = ["first", "second"].map(|name| {
        let report = folder.path(name);
        let evaluate = [
            "evaluate", "--data", &data, "--photos", "2", "--model", &model,
        ];
        let said = works(&[&evaluate[..], &["-o", &report]].concat());
        assert!(said.contains("## street: 2 photos"), "{said}");
        assert!(said.contains("| t-shirt | 2 |"), "{said}");
        let sheet = image::open(folder.path(&format!("{name}/street.png"))).unwrap();
        // Two pictures of 160 x 240 above each other, twice.
        assert!(sheet.width() >= 2 * 160 && sheet.height() > 2 * 240);
        fs::read_to_string(folder.path(&format!("{name}/report.json"))).unwrap()
    });
    assert!(first == second, "the same seed gives other figures");

    let sheet = folder.path("sheet.png");
    let sentences = [
        "--sentence",
        "make the t-shirt blue",
        "--sentence",
        "white trousers",
    ];
    let asked = ["sheet", &shown, "-o", &sheet, "--model", &model];
    works(&[&asked[..], &sentences].concat());
    let picture = image::open(&sheet).unwrap();
    assert!(picture.height() > 3 * 240 && picture.width() < 2 * 160);
    assert!(refused(&[&asked[..], &sentences, &["--pairs"]].concat()).contains("1 photos"));
    works(&[&asked[..], &sentences[..2], &["--pairs"]].concat());
    assert!(image::open(&sheet).unwrap().height() < 3 * 240);

    let graphs = folder.path("graphs");
    works(&["export", "onnx", "-o", &graphs, "--model", &model]);
    let size = |name: &str| fs::metadata(folder.path(name)).unwrap().len();
    // Floats where the packed file has mostly bytes; `cargo xtask bench` checks what they compute.
    assert!(size("graphs/trunk.onnx") > 3 * bytes.len() as u64);
    assert!((10_000..1_000_000).contains(&size("graphs/head.onnx")));
}

#[test]
fn what_is_wrong_with_masks_is_named() {
    let folder = Folder::new();
    let run = folder.path("run");
    let train = |data: &str| refused(&["train", "trunk", "--data", data, "--run", &run]);
    let error = train(&format!("street={}", folder.path("")));
    assert!(error.contains("label_list.mat"), "{error}");
    let error = train(&format!("birds={}", folder.path("")));
    assert!(error.contains("has no masks"), "{error}");
    let many = ["train", "trunk", "--data", "street=x", "--asked", "65"];
    assert!(refused(&many).contains("65"));
}
