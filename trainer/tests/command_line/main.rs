//! The whole way from photos to an edit, a few steps long, on photos that the test draws.

mod helper;
mod weaver;

use std::fs;
use std::path::{Path, PathBuf};

use helper::{Folder, flower, loom, oxford_102, refused, works};

#[test]
fn trains_packs_and_edits() {
    let folder = Folder::new();
    oxford_102(folder.0.path());
    let data = format!("flowers={}", folder.path(""));
    let (photo, edit, mask) = (
        folder.path("photo.png"),
        folder.path("edit.png"),
        folder.path("mask.png"),
    );
    flower([210, 110, 160], 3).save(&photo).unwrap();

    // One run in one go, another with a break: the same seed gives the same bytes.
    let models = ["whole", "broken"].map(|name| {
        let run = folder.path(name);
        let model = PathBuf::from(&run)
            .join("tiny.safetensors")
            .to_string_lossy()
            .into_owned();
        let options = ["--data", &data, "--run", &run, "--seed", "7"];
        let editor = |steps, more: &[&str]| {
            let command = [&["train", "editor", "--steps", steps], &options[..], more].concat();
            works(&command);
        };
        works(&[&["train", "text", "--epochs", "1"], &options[..]].concat());
        match name {
            "whole" => editor("3", &[]),
            _ => {
                editor("2", &[]);
                let error = refused(&[&["train", "editor"], &options[..]].concat());
                assert!(error.contains("--resume"), "{error}");
                editor("3", &["--resume"]);
            }
        }
        let pack = ["pack", "--run", &run, "--output", &model];
        works(
            &[
                &pack[..],
                &["--prompt", "make it blue", "--prompt", "把花变成红色"],
            ]
            .concat(),
        );
        model
    });
    let bytes = models.each_ref().map(|model| fs::read(model).unwrap());
    assert!(bytes[0] == bytes[1], "a break changed the weights");

    // One step each: alone, with a cost on backdrops, and from another run as well.
    let whole = folder.path("whole");
    let begin = |name: &str| {
        let run = folder.path(name);
        fs::create_dir_all(Path::new(&run).join("text")).unwrap();
        for file in ["vocabulary.json", "text/config.json", "text/matching.bpk"] {
            fs::copy(Path::new(&whole).join(file), Path::new(&run).join(file)).unwrap();
        }
        run
    };
    let editor = ["train", "editor", "--steps", "1", "--data", &data, "--run"];
    let from = ["--backdrop", "1", "--from", &whole];
    let more = [
        ("alone", &[][..]),
        ("backdrop", &from[..2]),
        ("from", &from),
    ];
    let weights = more.map(|(name, more)| {
        let run = begin(name);
        works(&[&editor[..], &[&run], more].concat());
        let model = folder.path(&format!("{name}.safetensors"));
        works(&[
            "pack",
            "--run",
            &run,
            "-o",
            &model,
            "--prompt",
            "make it blue",
        ]);
        // The tensors alone: what stands before them names the command.
        let file = fs::read(model).unwrap();
        let header = u64::from_le_bytes(*file.first_chunk().unwrap());
        file[8 + header as usize..].to_vec()
    });
    assert!(
        weights[0] != weights[1],
        "a cost on backdrops changes nothing"
    );
    assert!(
        weights[1] != weights[2],
        "a run begins as if there were no other"
    );
    let run = begin("film");
    let film = ["--fusion", "film", "--from", &whole];
    let error = refused(&[&editor[..], &[&run], &film].concat());
    assert!(error.contains("another size or fusing layer"), "{error}");

    // A text encoder that begins with another one's, which has to know the same words.
    let text = ["train", "text", "--epochs", "1", "--data", &data, "--run"];
    let first = |name: &str, more: &[&str]| {
        let output = loom(&[&text[..], &[&folder.path(name)], more].concat());
        let said = String::from_utf8(output.stderr).unwrap();
        let line = said.lines().find(|line| line.starts_with("step 0:"));
        line.unwrap().split('|').next().unwrap().to_owned()
    };
    let from = ["--from", &whole];
    assert_ne!(first("text", &[]), first("text-from", &from));
    first("words-from", &[&["--words"], &from[..]].concat());
    let other = begin("other");
    let words = Path::new(&other).join("vocabulary.json");
    let renamed = fs::read_to_string(&words)
        .unwrap()
        .replace("petals", "leaves");
    fs::write(&words, renamed).unwrap();
    let error = refused(&[&text[..], &[&folder.path("none"), "--from", &other]].concat());
    assert!(error.contains("other words"), "{error}");

    let manifest = fs::read_to_string(Path::new(&models[0]).with_file_name("manifest.json"));
    assert!(
        manifest
            .unwrap()
            .contains(&format!("\"bytes\": {}", bytes[0].len()))
    );

    let (run, four) = (folder.path("whole"), folder.path("four.safetensors"));
    // Orders are known in the colours that the photos have; none of these is orange.
    let pack = ["pack", "--run", &run, "--output", &four];
    let orange = [&pack[..], &["--prompt", "orange"]].concat();
    assert!(refused(&orange).contains("“orange”"));
    let pack = [&pack[..], &["--prompt", "make it blue", "--bits"]].concat();
    let said = works(&[&pack[..], &["4"]].concat());
    let smaller = fs::read(&four).unwrap().len();
    assert!(said.contains(&format!("{smaller} bytes")), "{said}");
    assert!(said.contains("differ from float by"), "{said}");
    assert!(4 * smaller < 3 * bytes[0].len(), "{smaller} bytes");
    assert!(refused(&[&pack[..], &["5"]].concat()).contains("4 or 8"));

    let asked = ["edit", &photo, "make it blue", "-o", &edit, "--mask", &mask];
    works(&[&asked[..], &["--model", &models[0]]].concat());
    let (edited, original) = (
        image::open(&edit).unwrap().to_rgb8(),
        image::open(&photo).unwrap().to_rgb8(),
    );
    assert_eq!(edited.dimensions(), original.dimensions());
    assert_eq!(
        image::open(&mask).unwrap().to_luma8().dimensions(),
        original.dimensions()
    );
    assert_ne!(edited, original);

    let graph = folder.path("graph.onnx");
    works(&["export", "onnx", "-o", &graph, "--model", &models[0]]);
    // Floats where the packed file has mostly bytes; `cargo xtask bench` checks what it computes.
    assert!(fs::metadata(&graph).unwrap().len() > 3 * bytes[0].len() as u64);

    let asked = ["edit", &photo, "xyzzy", "-o", &edit, "--model", &models[0]];
    assert!(refused(&asked).contains("xyzzy"));
}

#[test]
fn the_model_that_knows_the_words_edits() {
    let folder = Folder::new();
    let (photo, edit) = (folder.path("photo.png"), folder.path("edit.png"));
    flower([200, 20, 30], 1).save(&photo).unwrap();
    for (sentence, model) in [
        ("make the petals blue", "flowers"),
        ("make the shirt green", "clothing"),
        ("把衬衫变成绿色", "clothing"),
    ] {
        let made = |more: &[&str]| {
            works(&[&["edit", &photo, sentence, "-o", &edit], more].concat());
            fs::read(&edit).unwrap()
        };
        let model = format!("weights/{model}.safetensors");
        assert!(made(&[]) == made(&["--model", &model]), "{sentence}");
    }
}

#[test]
fn what_is_wrong_with_the_data_is_named() {
    let folder = Folder::new();
    let data = format!("flowers={}", folder.path(""));
    let run = folder.path("run");
    let train = ["train", "text", "--data", &data, "--run", &run];
    assert!(refused(&train).contains("text_c10"));
    let error = refused(&["train", "text", "--data", &folder.path(""), "--run", &run]);
    assert!(
        error.contains("KIND=FOLDER") && error.contains("flowers"),
        "{error}"
    );

    // All photos of the classes to train on, one way or another: nothing is left.
    oxford_102(folder.0.path());
    let photo = |n: usize| folder.path(&format!("jpg/image_{n:05}.jpg"));
    for n in 0..80 {
        fs::write(photo(n), b"not a photo").unwrap();
    }
    let error = refused(&train);
    assert!(
        error.contains("80 of 80") && error.contains("image_00000.jpg"),
        "{error}"
    );
    for n in 0..80 {
        fs::remove_file(photo(n)).unwrap();
    }
    let error = refused(&train);
    assert!(error.contains("image_00000.jpg is missing"), "{error}");
    for n in 0..80 {
        let text = format!("text_c10/class_{:05}/image_{n:05}.txt", n / 20 + 1);
        fs::write(folder.path(&text), "\n  \n").unwrap();
    }
    assert!(refused(&train).contains("image_00000.txt"));
}

#[test]
fn a_few_damaged_photos_are_named_and_left_out() {
    let folder = Folder::new();
    let data = format!("flowers={}", folder.path(""));
    let run = folder.path("run");
    oxford_102(folder.0.path());
    fs::write(folder.path("jpg/image_00007.jpg"), b"not a photo").unwrap();
    fs::remove_file(folder.path("jpg/image_00008.jpg")).unwrap();
    let train = [
        "train", "text", "--epochs", "1", "--data", &data, "--run", &run,
    ];
    let output = loom(&train);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(
        said.contains("1 of 79 photos left out") && said.contains("image_00007.jpg"),
        "{said}"
    );
    assert!(
        said.contains("1 of 80 photos of flowers left out"),
        "{said}"
    );
}

#[test]
fn steps_in_the_wrong_order_say_what_comes_first() {
    let folder = Folder::new();
    oxford_102(folder.0.path());
    let data = format!("flowers={}", folder.path(""));
    let run = folder.path("run");
    let editor = ["train", "editor", "--data", &data, "--run", &run];
    assert!(refused(&editor).contains("train text"));
    assert!(refused(&["pack", "--run", &run]).contains("train text"));
    let cuda = [
        "train", "text", "--data", &data, "--run", &run, "--device", "cuda",
    ];
    assert!(refused(&cuda).contains("--features cuda"));
}

#[test]
fn compares_layers_and_measures_them_alike() {
    let folder = Folder::new();
    oxford_102(folder.0.path());
    let data = format!("flowers={}", folder.path(""));
    let run = folder.path("run");
    let asked = ["compare", "--data", &data, "--run", &run, "--photos", "2"];
    let layers = ["--fusion", "film", "--fusion", "bilinear:4"];
    let shortly = ["--steps", "1", "--epochs", "1"];
    let compare = [&asked[..], &layers, &shortly].concat();
    let file = |name: &str| fs::read(Path::new(&run).join(name)).unwrap();

    let table = works(&compare);
    let line = |name: &str| {
        let start = format!("| {name} |");
        let line = table.lines().rfind(|line| line.starts_with(&start));
        line.unwrap_or_else(|| panic!("no {name} in {table}"))
            .to_string()
    };
    assert!(line("film") != line("bilinear-4"));
    assert!(line("the photos as they are").contains('±'), "{table}");
    let names = [
        "comparison/comparison.json",
        "comparison/comparison.md",
        "comparison/ranks.svg",
        "layers/film/editor/config.json",
        "layers/film/evaluation/report.json",
        "layers/film/evaluation/confusion.svg",
        "layers/bilinear-4/evaluation/colours.svg",
        "layers/bilinear-4/bilinear-4.safetensors",
    ];
    let first = names.map(file);
    let written = |name: &str| {
        fs::metadata(Path::new(&run).join(name))
            .unwrap()
            .modified()
            .unwrap()
    };
    let weights = "layers/film/editor/average.bpk";
    let trained = written(weights);
    works(&compare);
    for (name, first) in names.iter().zip(first) {
        assert!(file(name) == first, "{name} has changed");
    }
    assert_eq!(
        written(weights),
        trained,
        "a finished layer was trained again"
    );

    // The same figures by hand.
    let (model, judges) = (
        folder.path("run/layers/film/film.safetensors"),
        folder.path("run/judges"),
    );
    let evaluate = [
        "evaluate", "--data", &data, "--photos", "2", "--model", &model,
    ];
    let report = works(&[&evaluate[..], &["--judges", &judges]].concat());
    assert!(report.contains(&line("film")), "{report}");
    let colours = works(&evaluate);
    assert!(
        colours.contains("--judges") && !colours.contains('±'),
        "{colours}"
    );
    // A damaged photo is left out.
    fs::write(folder.path("jpg/image_00080.jpg"), b"not a photo").unwrap();
    let fewer = works(&evaluate);
    assert!(fewer.contains("\n1 photos"), "{fewer}");
    let none = folder.path("nobody");
    let error = refused(&[&evaluate[..], &["--judges", &none]].concat());
    assert!(error.contains("train judges"), "{error}");
}
