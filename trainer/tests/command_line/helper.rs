//! Photos in a data set's layout, and the command.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use image::{Rgb, RgbImage};
use tempfile::TempDir;

pub const COLOURS: [(&str, [u8; 3]); 5] = [
    ("red", [200, 30, 40]),
    ("yellow", [230, 210, 40]),
    ("blue", [50, 60, 200]),
    ("purple", [130, 40, 160]),
    ("white", [240, 240, 235]),
];

/// A round flower of a colour on green.
pub fn flower(colour: [u8; 3], n: u32) -> RgbImage {
    RgbImage::from_fn(100, 90, |x, y| {
        let (dx, dy) = (x as i32 - 40 - n as i32, y as i32 - 45);
        match dx * dx + dy * dy {
            d if d < 60 => Rgb([220, 180, 40]),
            d if d < 900 => Rgb(colour),
            _ => Rgb([40, 90 + (y / 2) as u8, 30]),
        }
    })
}

/// 100 photos of five classes in the layout of Oxford-102.
pub fn oxford_102(folder: &Path) {
    fs::create_dir_all(folder.join("jpg")).unwrap();
    for (class, (name, colour)) in COLOURS.into_iter().enumerate() {
        let texts = folder.join(format!("text_c10/class_{:05}", class + 1));
        fs::create_dir_all(&texts).unwrap();
        for n in 0..20 {
            let image = format!("image_{:05}", class * 20 + n);
            let photo = folder.join("jpg").join(&image).with_extension("jpg");
            flower(colour, n as u32).save(photo).unwrap();
            let captions = format!("this flower has {name} petals.\nround {name} petals\n");
            fs::write(texts.join(image).with_extension("txt"), captions).unwrap();
        }
    }
}

/// The command, to be run in the root: of this checkout, as a shared target folder may have this test from another.
pub fn command(arguments: &[&str]) -> Command {
    let mut loom = Command::new(env!("CARGO_BIN_EXE_loom"));
    let package = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it");
    loom.current_dir(Path::new(&package).join(".."))
        .args(arguments);
    loom
}

/// Runs the command.
pub fn loom(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

/// Runs what has to work, and gives what it prints.
pub fn works(arguments: &[&str]) -> String {
    let output = loom(arguments);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {error}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Runs what has to fail, and gives its message.
pub fn refused(arguments: &[&str]) -> String {
    let output = loom(arguments);
    assert!(!output.status.success(), "{arguments:?} worked");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!error.contains("panicked"), "{arguments:?}: {error}");
    error
}

pub struct Folder(pub TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_string_lossy().into_owned()
    }
}
