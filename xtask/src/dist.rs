//! The page as one folder for any static host, which is an npm package as well.
//!
//! All that a page loads lies in a folder named after its own bytes, so hosts and browsers may keep
//! it for ever. At the root lie the few addresses that stay: the pages, the service worker, and a
//! few lines for each module that other sites load.

use crate::site;
use crate::{browser, cmd, files, wasm};
use anyhow::{Context, Result, ensure};
use clap::Args;
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};
use std::cmp::Reverse;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::Mutex;
use std::thread;

/// What to make, and where.
#[derive(Args)]
pub struct Options {
    /// The folder to write; what an earlier run wrote there goes, anything else stays
    #[arg(long, default_value = "dist")]
    out: PathBuf,
    /// How hard brotli and gzip try, 1 to 11: less is faster, and larger
    #[arg(long, default_value_t = 11, value_parser = clap::value_parser!(i32).range(1..=11))]
    quality: i32,
    /// Take pkg/ as it is
    #[arg(long)]
    no_build: bool,
}

/// Lists the files that a run has written, so that the next one removes these and no others.
const MARKS: &str = ".wordloom-dist";

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Modules that other sites load, and what is theirs.
const ENTRIES: [(&str, &str); 2] = [("element", "WordLoom"), ("wordloom", "open")];

/// Builds, and writes the folder.
pub fn run(options: Options) -> Result<()> {
    let out = cmd::root().join(options.out);
    marked(&out)?;
    browser::install_packages("")?;
    if !options.no_build {
        wasm::build()?;
    }
    let version = make(&out, options.quality)?;
    println!("{version} is in {}", out.display());
    Ok(())
}

/// Writes the folder from what is built, and gives the version's name.
pub fn make(out: &Path, quality: i32) -> Result<String> {
    let parts = site::parts()?;
    let pages = site::pages()?;
    let version = name(parts.iter().chain(&pages));
    clear(out)?;
    let out = Out::new(out, quality)?;
    // Brotli takes its time over megabytes of wasm: a thread for each file.
    thread::scope(|scope| {
        let mut puts = Vec::new();
        for (name, bytes) in &parts {
            let (out, path) = (&out, format!("{version}/{name}"));
            puts.push(scope.spawn(move || out.put(&path, bytes)));
        }
        let mut ends = puts.into_iter().map(|put| put.join().expect("no panic"));
        ends.try_for_each(|end| end)
    })?;
    for (page, source) in pages {
        let page_of_version = html(&page, str::from_utf8(&source)?, &version)?;
        out.put(&page, page_of_version.as_bytes())?;
    }
    let style = "example/post.css";
    out.put(style, &site::read(Path::new(style))?)?;
    let worker = String::from_utf8(site::service_worker()?)?;
    let worker = service_worker(&worker, &version, parts.keys())?;
    out.put("sw.js", &site::minified("sw.js", worker.into())?)?;
    for (entry, names) in ENTRIES {
        let script = site::minified("entry.js", entry_point(entry, names, &version).into())?;
        out.put(&format!("{entry}.js"), &script)?;
    }
    for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
        out.write(licence, &site::read(Path::new(licence))?)?;
    }
    let readme = String::from_utf8(site::read(Path::new("README.md"))?)?;
    out.write("README.md", embedding(&readme)?.as_bytes())?;
    out.write("package.json", package(&version).as_bytes())?;
    Ok(version)
}

/// The version's name: another one whenever a name or a byte of its files is another.
fn name<'a>(files: impl Iterator<Item = (&'a String, &'a Vec<u8>)>) -> String {
    let mut digest = Sha256::new();
    for (name, bytes) in files {
        digest.update(format!("{name}\0{}\0", bytes.len()));
        digest.update(bytes);
    }
    let digest = format!("{:x}", digest.finalize());
    format!("{VERSION}-{}", &digest[..10])
}

/// A page that names the files of its version. The post loads the element as another site would,
/// from the address that stays; the page itself gets what makes it work offline.
fn html(page: &str, source: &str, version: &str) -> Result<String> {
    let found = source.replace("../www/element.js", "../element.js");
    let found = found.replace("\"../www/", &format!("\"../{version}/www/"));
    let mut found = found.replace("\"www/", &format!("\"{version}/www/"));
    ensure!(found != source, "{page} loads nothing from www/");
    if page == "index.html" {
        let script = format!(
            "  <script type=\"module\" src=\"{version}/www/offline.js\"></script>\n</head>"
        );
        found = replaced(&found, "</head>", &script)?;
    }
    Ok(found)
}

/// The service worker, told what to keep: all that the page may load, but for wasm and models, which
/// the page itself keeps once it has needed them.
fn service_worker<'a>(
    source: &str,
    version: &str,
    parts: impl Iterator<Item = &'a String>,
) -> Result<String> {
    let large = [".wasm", ".safetensors", ".d.ts", ".md"];
    let parts = parts.filter(|name| !large.iter().any(|end| name.ends_with(end)));
    let pages = ["./", "embed.html", "manifest.webmanifest"].map(String::from);
    let kept: Vec<_> = pages
        .into_iter()
        .chain(parts.map(|name| format!("{version}/{name}")))
        .collect();
    let source = replaced(source, "VERSION = ''", &format!("VERSION = '{version}'"))?;
    replaced(
        &source,
        "([])",
        &format!("({})", serde_json::to_string(&kept)?),
    )
}

/// The module at an address that stays. A browser may have kept it for longer than the host keeps a
/// version's folder: then the host's own text of it, asked for anew, names the folder that is there.
fn entry_point(entry: &str, names: &str, version: &str) -> String {
    format!(
        "const found = await import('./{version}/www/{entry}.js').catch(async (error) => {{
          const text = await (await fetch(import.meta.url, {{ cache: 'no-cache' }})).text();
          const [path] = /[\\w.-]+\\/www\\/{entry}\\.js/.exec(text) ?? [];
          if (!path || path.startsWith('{version}/')) throw error;
          return import(new URL(path, import.meta.url).href);
        }});
        export const {{ {names} }} = found;"
    )
}

/// The source with the one place where `from` stands changed.
fn replaced(source: &str, from: &str, to: &str) -> Result<String> {
    ensure!(
        source.matches(from).count() == 1,
        "the source has to say {from:?} once"
    );
    Ok(source.replace(from, to))
}

/// What the package's page on a registry says: the README's part about embedding.
fn embedding(readme: &str) -> Result<String> {
    let part = readme
        .split("\n## ")
        .find(|part| part.starts_with("Embed\n"))
        .context("README.md has no part \"Embed\"")?;
    Ok(format!(
        "# Wordloom\n\nEdits a photo from a sentence, inside the browser tab.\n\n## {}\n",
        part.trim_end()
    ))
}

/// The package for a registry. Text, because order counts: TypeScript takes the first condition that
/// fits. The pages and what is compressed are for hosts.
fn package(version: &str) -> String {
    let licence = env!("CARGO_PKG_LICENSE");
    let www = format!("./{version}/www");
    let export = |name: &str| {
        format!(r#"{{ "types": "{www}/types/{name}.d.ts", "default": "{www}/{name}.js" }}"#)
    };
    let (module, element) = (export("wordloom"), export("element"));
    format!(
        r#"{{
  "name": "wordloom",
  "version": "{VERSION}",
  "description": "Edits a photo from a sentence, inside the browser tab",
  "license": "{licence}",
  "keywords": ["image-editing", "gan", "wasm", "webgpu", "custom-element"],
  "type": "module",
  "exports": {{
    ".": {module},
    "./element": {element},
    "./package.json": "./package.json"
  }},
  "sideEffects": ["{www}/element.js"],
  "files": ["{version}/", "LICENSE-*", "!**/*.br", "!**/*.gz"]
}}
"#
    )
}

struct Out<'a> {
    root: &'a Path,
    quality: i32,
    marks: Mutex<File>,
}

impl<'a> Out<'a> {
    fn new(root: &'a Path, quality: i32) -> Result<Self> {
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
    fn put(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.write(name, bytes)?;
        if files::kind(Path::new(name)).1 {
            self.write(&format!("{name}.br"), &files::brotli(bytes, self.quality))?;
            self.write(&format!("{name}.gz"), &gzip(bytes, self.quality)?)?;
        }
        Ok(())
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
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
fn marked(out: &Path) -> Result<Vec<PathBuf>> {
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
fn clear(out: &Path) -> Result<()> {
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

    fn name_of(files: &[(&str, &str)]) -> String {
        let owned = |(name, text): &(&str, &str)| (name.to_string(), text.as_bytes().to_vec());
        name(files.iter().map(owned).collect::<site::Files>().iter())
    }

    #[test]
    fn a_version_is_named_after_names_and_bytes() {
        let one = name_of(&[("www/a.js", "1"), ("www/b.js", "2")]);
        assert_eq!(one, name_of(&[("www/b.js", "2"), ("www/a.js", "1")]));
        let others: [&[_]; 4] = [
            &[("www/a.js", "1"), ("www/b.js", "3")],
            &[("www/a.js", "1"), ("www/c.js", "2")],
            &[("www/a.js", "12"), ("www/b.js", "")],
            &[("www/a.js", "1")],
        ];
        for other in others {
            assert_ne!(one, name_of(other));
        }
    }

    #[test]
    fn pages_name_the_version() {
        let page = r#"<link href="www/style.css"></head><img src="www/logo.svg">"#;
        let page = html("index.html", page, "1-a").unwrap();
        assert!(
            page.contains(r#"href="1-a/www/style.css""#)
                && page.contains(r#"src="1-a/www/logo.svg""#)
        );
        assert!(page.contains("1-a/www/offline.js"));
        let post = r#"<script src="../www/element.js"></script><img src="../www/samples/a.jpg">"#;
        let post = html("example/index.html", post, "1-a").unwrap();
        assert_eq!(
            post,
            r#"<script src="../element.js"></script><img src="../1-a/www/samples/a.jpg">"#
        );
        assert!(html("embed.html", "<p>nothing</p>", "1-a").is_err());
    }

    #[test]
    fn the_service_worker_keeps_what_is_small() {
        let source = String::from_utf8(site::service_worker().unwrap()).unwrap();
        let names = ["pkg/cpu/w.js", "pkg/cpu/w.wasm", "weights/m.safetensors"].map(String::from);
        let worker = service_worker(&source, "1-a", names.iter()).unwrap();
        assert!(worker.contains("VERSION = '1-a'"));
        assert!(
            worker.contains(r#"["./","embed.html","manifest.webmanifest","1-a/pkg/cpu/w.js"]"#)
        );
        assert!(service_worker("nothing to fill in", "1-a", names.iter()).is_err());
    }

    #[test]
    fn the_package_is_json() {
        let package: serde_json::Value = serde_json::from_str(&package("1-a")).unwrap();
        assert_eq!(
            package["exports"]["./element"]["default"],
            "./1-a/www/element.js"
        );
    }

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
