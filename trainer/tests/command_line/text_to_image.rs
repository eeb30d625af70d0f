//! What makes pictures of sentences alone: trained, packed, and asked.

use std::fs;
use std::path::Path;

use crate::helper::{COLOURS, Folder, refused, works};

/// 60 forms of T-shirts and dresses in the layout that `cargo loom garments` writes.
fn forms(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let mut captions = "file,caption,class\n".to_owned();
    for n in 0..60u32 {
        let (class, bottom) = [("t-shirt", 70), ("dress", 120)][n as usize % 2];
        let cloth = |x: u32, y: u32| (30 + n % 9..98).contains(&x) && (8..bottom).contains(&y);
        let pixel = |x, y| image::LumaA([90 + x as u8 / 2, if cloth(x, y) { 255 } else { 0 }]);
        let form = image::GrayAlphaImage::from_fn(128, 128, pixel);
        form.save(folder.join(format!("{n}.png"))).unwrap();
        for caption in [
            format!("a {class}"),
            ["T恤", "连衣裙"][n as usize % 2].to_owned(),
        ] {
            captions += &format!("{n}.png,{caption},{class}\n");
        }
    }
    fs::write(folder.join("captions.csv"), captions).unwrap();
}

#[test]
fn garments_are_cut_out_of_photos() {
    let folder = Folder::new();
    let products = folder.0.path();
    fs::create_dir_all(products.join("images")).unwrap();
    let mut styles = "id,gender,articleType,baseColour,productDisplayName\n".to_owned();
    for (n, (name, colour)) in COLOURS.into_iter().enumerate() {
        let shirt = |x: u32, y: u32| (50..174).contains(&x) && (40..190).contains(&y);
        let photo = image::RgbImage::from_fn(224, 224, |x, y| match shirt(x, y) {
            true => image::Rgb(colour),
            false => image::Rgb([255; 3]),
        });
        photo
            .save(products.join(format!("images/{n}.jpg")))
            .unwrap();
        styles += &format!("{n},Men,Tshirts,{name},A {name} T-shirt\n");
    }
    fs::write(products.join("styles.csv"), styles).unwrap();
    let (data, output) = (
        format!("fashion-product={}", folder.path("")),
        folder.path("out"),
    );
    works(&["garments", "--data", &data, "-o", &output]);
    let read = |name: &str| fs::read_to_string(products.join("out").join(name)).unwrap();
    let (forms, cut_outs) = (read("forms/captions.csv"), read("cut-outs/captions.csv"));
    assert!(forms.contains(",\"a t-shirt for men\",t-shirt"), "{forms}");
    let name = COLOURS[0].0;
    assert!(
        !forms.contains(name) && cut_outs.contains(name),
        "{cut_outs}"
    );
    let first = cut_outs.lines().nth(1).unwrap().split(',').next().unwrap();
    let form = image::open(products.join("out/forms").join(first))
        .unwrap()
        .to_luma_alpha8();
    assert_eq!(
        (form.dimensions(), form.get_pixel(64, 64).0[1]),
        ((128, 128), 255)
    );
    assert_eq!(form.get_pixel(1, 1).0[1], 0);
}

#[test]
fn trains_packs_and_makes_pictures() {
    let folder = Folder::new();
    forms(&folder.0.path().join("forms"));
    let data = format!("folder={}", folder.path("forms"));
    let (run, model) = (folder.path("run"), folder.path("garments.safetensors"));
    let options = ["--data", &data, "--run", &run];
    let generator =
        |more: &[&str]| works(&[&["train", "text-to-image"], more, &options[..]].concat());
    generator(&["--steps", "1"]);
    let again = refused(&[&["train", "text-to-image"], &options[..]].concat());
    assert!(again.contains("--resume"), "{again}");
    generator(&["--steps", "2", "--resume"]);
    let larger = [
        &["train", "text-to-image", "--resume", "--size", "128"],
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
    // After two steps all exemplars are alike, and so are the seeds' pictures.
    assert!(
        tile(0, 0) != tile(0, 1),
        "every sentence is another picture"
    );
    let one = ["make", "a red t-shirt", "--seed", "2", "--model", &model];
    works(&[&one[..], &["-o", &sheet]].concat());
    let one = image::open(&sheet).unwrap();
    assert_eq!((one.width(), one.height()), (512, 512));
    assert!(one.color().has_alpha(), "a garment on nothing");

    let photo = folder.path("forms/1.png");
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
