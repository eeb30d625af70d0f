//! What makes pictures of sentences alone: trained, packed, and asked.

use std::fs;
use std::path::Path;

use crate::helper::{COLOURS, Folder, flower, refused, works};

/// 100 photos of T-shirts in the layout of the fashion product images.
fn products(folder: &Path) {
    fs::create_dir_all(folder.join("images")).unwrap();
    let mut styles = "id,gender,articleType,baseColour,productDisplayName\n".to_owned();
    for (n, (name, colour)) in COLOURS.into_iter().cycle().take(100).enumerate() {
        let photo = folder.join(format!("images/{n}.jpg"));
        flower(colour, n as u32 % 20).save(photo).unwrap();
        styles += &format!("{n},Men,Tshirts,{name},A {name} T-shirt\n");
    }
    fs::write(folder.join("styles.csv"), styles).unwrap();
}

#[test]
fn a_text_encoder_that_goes_on_keeps_its_words() {
    let folder = Folder::new();
    products(folder.0.path());
    let data = format!("fashion-product={}", folder.path(""));
    let run = folder.path("run");
    let text = ["train", "text", "--data", &data, "--run", &run];
    works(&[&text[..], &["--epochs", "1"]].concat());
    let words =
        |run| fs::read_to_string(folder.0.path().join(run).join("vocabulary.json")).unwrap();
    let before = words("run");

    // The same photos are called something else.
    let styles = folder.path("styles.csv");
    let others = fs::read_to_string(&styles).unwrap();
    fs::write(&styles, others.replace(",Tshirts,", ",Dresses,")).unwrap();
    works(&[&text[..], &["--resume"]].concat());
    assert_eq!(before, words("run"));
    let other = folder.path("other");
    let begun = ["train", "text", "--data", &data, "--run", &other];
    works(&[&begun[..], &["--epochs", "1"]].concat());
    assert_ne!(before, words("other"));
}

#[test]
fn trains_packs_and_makes_pictures() {
    let folder = Folder::new();
    products(folder.0.path());
    let data = format!("fashion-product={}", folder.path(""));
    let (run, model) = (folder.path("run"), folder.path("garments.safetensors"));
    let options = ["--data", &data, "--run", &run];
    works(&[&["train", "text", "--epochs", "1", "--words"], &options[..]].concat());
    let again = refused(&[&["train", "text"], &options[..]].concat());
    assert!(again.contains("--resume"), "{again}");
    let weaver = |more: &[&str]| works(&[&["train", "weaver"], more, &options[..]].concat());
    weaver(&["--steps", "1"]);
    weaver(&["--steps", "2", "--resume"]);
    let larger = [
        &["train", "weaver", "--resume", "--size", "128"],
        &options[..],
    ]
    .concat();
    assert!(refused(&larger).contains("--size 64"));
    let prompt = ["--prompt", "a red t-shirt"];
    works(&[&["pack", "--run", &run, "-o", &model], &prompt[..]].concat());
    let manifest = fs::read_to_string(folder.path("manifest.json")).unwrap();
    assert!(manifest.contains("\"task\": \"make\""), "{manifest}");

    let sheet = folder.path("sheet.png");
    let make = [
        "make",
        "a red t-shirt",
        "蓝色的T恤",
        "--seeds",
        "3",
        "--model",
        &model,
    ];
    let made = || {
        works(&[&make[..], &["-o", &sheet]].concat());
        image::open(&sheet).unwrap().to_rgb8()
    };
    let pictures = made();
    assert_eq!(pictures.dimensions(), (3 * 192, 2 * 192));
    assert!(pictures == made(), "the same seeds make the same pictures");
    let tile = |x: u32, y: u32| {
        image::imageops::crop_imm(&pictures, x * 192, y * 192, 192, 192).to_image()
    };
    assert!(tile(0, 0) != tile(1, 0), "every seed is another picture");
    assert!(
        tile(0, 0) != tile(0, 1),
        "every sentence is another picture"
    );
    let one = ["make", "a red t-shirt", "--seed", "2", "--model", &model];
    works(&[&one[..], &["-o", &sheet]].concat());
    let one = image::open(&sheet).unwrap();
    assert_eq!((one.width(), one.height()), (512, 512));
    let one = one
        .resize_exact(192, 192, image::imageops::FilterType::Triangle)
        .to_rgb8();
    let apart = |other: &image::RgbImage| {
        let apart = one.iter().zip(other.iter()).map(|(a, b)| a.abs_diff(*b));
        apart.map(f64::from).sum::<f64>() / one.len() as f64
    };
    // Hardly trained, all are much alike.
    let second = apart(&tile(1, 0));
    assert!(second < apart(&tile(0, 0)) && second < apart(&tile(2, 0)));

    let photo = folder.path("images/1.jpg");
    let edit = ["edit", &photo, "red", "-o", &sheet, "--model", &model];
    assert!(refused(&edit).contains("edits photos"));
    let two = refused(
        &[
            &make[..3],
            &["--seed", "2", "-o", &sheet, "--model", &model],
        ]
        .concat(),
    );
    assert!(two.contains("one sentence"), "{two}");
    let unknown = ["make", "xyzzy", "-o", &sheet, "--model", &model];
    assert!(refused(&unknown).contains("xyzzy"));
}
