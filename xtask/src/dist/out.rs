//! The folder that is written: never over what is somebody else's, and removed as it was written.

use crate::files;
use anyhow::{Context, Result, ensure};
use flate2::{Compression, write::GzEncoder};
use std::cmp::Reverse;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::Mutex;

/// Lists the files that a run has written, so that the next one removes these and no others.
const MARKS: &str = ".wordloom-dist";

/// Writes files, and marks them.
pub struct Out<'a> {
    root: &'a Path,
    quality: i32,
    marks: Mutex<File>,
}

impl<'a> Out<'a> {
    /// Makes the folder, where it is not there.
    pub fn new(root: &'a Path, quality: i32) -> Result<Self> {
        let making = || format!("making {}", root.display());
        fs::create_dir_all(root).with_context(making)?;
        let marks = Mutex::new(File::create(root.join(MARKS)).with_context(making)?);
        Ok(Self {
            root,
            quality,
            marks,
        })
    }
}

impl Out<'_> {
    /// Writes a file, and beside it what hosts send to browsers that take brotli or gzip.
    pub fn put(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.write(name, bytes)?;
        if files::kind(Path::new(name)).1 {
            self.write(&format!("{name}.br"), &files::brotli(bytes, self.quality))?;
            self.write(&format!("{name}.gz"), &gzip(bytes, self.quality)?)?;
        }
        Ok(())
    }

    /// Writes a file as it is.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.root.join(name);
        let folder = path.parent().expect("the folder is above");
        fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        // Never over a file that is somebody else's; marked first, for a run that dies here.
        let writing = || format!("writing {}", path.display());
        ensure!(
            fs::symlink_metadata(&path).is_err(),
            "{} is not what `cargo xtask dist` has written: move it away",
            path.display()
        );
        writeln!(self.marks.lock().expect("no panic"), "{name}").with_context(writing)?;
        let mut file = File::create_new(&path).with_context(writing)?;
        file.write_all(bytes).with_context(writing)
    }
}

fn gzip(bytes: &[u8], quality: i32) -> Result<Vec<u8>> {
    let level = Compression::new(quality.clamp(1, 9) as u32);
    let mut encoder = GzEncoder::new(Vec::new(), level);
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

/// The files that an earlier run wrote into a folder; none where there is none, or nothing in it.
///
/// # Errors
/// When no run has marked it, and there is something in it.
pub fn marked(out: &Path) -> Result<Vec<PathBuf>> {
    let Ok(marks) = fs::read_to_string(out.join(MARKS)) else {
        let empty = fs::read_dir(out).map_or(!out.exists(), |mut entries| entries.next().is_none());
        ensure!(
            empty,
            "{} holds something that `cargo xtask dist` has not marked as its own: empty it, or name \
             another folder with --out",
            out.display()
        );
        return Ok(Vec::new());
    };
    let paths: Vec<_> = marks.lines().map(PathBuf::from).collect();
    let below = |path: &PathBuf| {
        let mut parts = path.components();
        path != Path::new("") && parts.all(|part| matches!(part, Component::Normal(_)))
    };
    ensure!(
        paths.iter().all(below),
        "{} names a file that is not below it",
        out.join(MARKS).display()
    );
    Ok(paths)
}

/// Removes what an earlier run wrote, and folders that are empty then.
pub fn clear(out: &Path) -> Result<()> {
    let paths = marked(out)?;
    for path in &paths {
        match fs::remove_file(out.join(path)) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("removing {}", path.display()));
            }
            _ => {}
        }
    }
    let mut folders: Vec<&Path> = paths
        .iter()
        .flat_map(|path| path.ancestors().skip(1))
        .collect();
    folders.sort_by_key(|folder| Reverse(folder.components().count()));
    for folder in folders
        .into_iter()
        .filter(|folder| *folder != Path::new(""))
    {
        // Those that hold something else stay.
        let _ = fs::remove_dir(out.join(folder));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder that is there until the test ends.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let name = format!("wordloom-{name}-{}", std::process::id());
            let folder = std::env::temp_dir().join(name);
            fs::create_dir_all(&folder).unwrap();
            Self(folder)
        }

        fn has(&self, name: &str) -> bool {
            self.0.join(name).exists()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_folder_of_something_else_stays() {
        let folder = Folder::new("other");
        fs::write(folder.0.join("novel.txt"), "chapter one").unwrap();
        let package = r#"{"name": "blog", "dependencies": {"wordloom": "1"}}"#;
        fs::write(folder.0.join("package.json"), package).unwrap();
        let error = clear(&folder.0).unwrap_err().to_string();
        assert!(error.contains("has not marked"), "{error}");
        assert!(folder.has("novel.txt") && folder.has("package.json"));
    }

    #[test]
    fn only_what_was_marked_is_removed() {
        let folder = Folder::new("ours");
        let write = |out: &Out| {
            out.put("1-a/www/page.js", b"1")
                .and(out.write("LICENSE", b"2"))
        };
        write(&Out::new(&folder.0, 1).unwrap()).unwrap();
        assert!(folder.has("1-a/www/page.js.br"));
        for theirs in ["CNAME", "1-a/theirs.txt"] {
            fs::write(folder.0.join(theirs), "loom.example").unwrap();
        }
        clear(&folder.0).unwrap();
        assert!(!folder.has("1-a/www") && !folder.has("LICENSE"));
        assert!(folder.has("CNAME") && folder.has("1-a/theirs.txt"));
        // A file in the place of ours is not written over, and so not ours next time.
        fs::write(folder.0.join("LICENSE"), "theirs").unwrap();
        assert!(write(&Out::new(&folder.0, 1).unwrap()).is_err());
        clear(&folder.0).unwrap();
        assert_eq!(fs::read(folder.0.join("LICENSE")).unwrap(), b"theirs");
    }

    #[test]
    fn marks_lead_nowhere_else() {
        let folder = Folder::new("marks");
        for path in ["../novel.txt", "/etc/novel.txt", "a/../../novel.txt", ""] {
            fs::write(folder.0.join(MARKS), format!("{path}\n")).unwrap();
            assert!(clear(&folder.0).is_err(), "{path}");
        }
    }

    #[test]
    fn gzip_gives_the_bytes_back() {
        let bytes: Vec<u8> = (0..100_000u32).map(|i| (i % 251) as u8).collect();
        let shrunk = gzip(&bytes, 11).unwrap();
        assert!(shrunk.len() < bytes.len() / 10);
        let mut back = Vec::new();
        flate2::write::GzDecoder::new(&mut back)
            .write_all(&shrunk)
            .unwrap();
        assert_eq!(back, bytes);
    }
}
