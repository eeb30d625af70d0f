//! The whole way from photos to a model, a few steps long, on photos that the tests draw.

mod editor;
mod helper;
mod precision;
mod text_to_image;

use std::fs;

use helper::{Folder, command, loom, oxford_102, refused};

#[test]
fn what_is_wrong_with_the_data_is_named() {
    let folder = Folder::new();
    let data = format!("flowers={}", folder.path(""));
    let run = folder.path("run");
    let train = ["train", "judges", "--data", &data, "--run", &run];
    assert!(refused(&train).contains("text_c10"));
    let error = refused(&["train", "judges", "--data", &folder.path(""), "--run", &run]);
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
    let train = ["train", "judges", "--data", &data, "--run", &run];
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
fn errors_are_one_line_without_a_stack_trace() {
    let folder = Folder::new();
    for backtrace in ["0", "1", "full"] {
        let mut loom = command(&["pack", "--run", &folder.path("nowhere")]);
        let output = loom.env("RUST_BACKTRACE", backtrace).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(
            text.starts_with("Error: ") && text.contains("config.json"),
            "{text}"
        );
        assert_eq!(text.lines().count(), 1, "{text}");
    }
}

#[test]
fn sizes_that_nothing_is_made_for_are_refused() {
    let error = |step, size| refused(&["train", step, "--data", "street=x", "--size", size]);
    for step in ["trunk", "text-to-image", "judges"] {
        for size in ["0", "7", "100", "big"] {
            let error = error(step, size);
            assert!(error.contains("multiple of 16"), "{error}");
        }
    }
    // Only a trunk sees photos of any size.
    for step in ["text-to-image", "judges"] {
        let error = error(step, "96");
        assert!(error.contains("it is 64 or 128"), "{error}");
    }
}

#[test]
fn steps_in_the_wrong_order_say_what_comes_first() {
    let folder = Folder::new();
    oxford_102(folder.0.path());
    let data = format!("flowers={}", folder.path(""));
    let run = folder.path("run");
    assert!(refused(&["pack", "--run", &run]).contains("train text-to-image"));
    let resumed = [
        "train",
        "text-to-image",
        "--data",
        &data,
        "--run",
        &run,
        "--resume",
    ];
    assert!(refused(&resumed).contains("there is no training in"));
    let cuda = [
        "train", "judges", "--data", &data, "--run", &run, "--device", "cuda",
    ];
    assert!(refused(&cuda).contains("--features cuda"));
}
