//! The page as one folder for any static host, which is an npm package as well.
//!
//! All that a page loads lies in a folder named after its own bytes, so hosts and browsers may keep
//! it for ever. At the root lie the few addresses that stay: the pages, the service worker, and one
//! line for each module that other sites load.

use crate::site;
use crate::{cmd, files, wasm};
use anyhow::{Context, Result, ensure};
use clap::Args;
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::thread;

/// What to make, and where.
#[derive(Args)]
pub struct Options {
    /// The folder to write; what an earlier run wrote there goes
    #[arg(long, default_value = "dist")]
    out: PathBuf,
    /// How hard brotli and gzip try, 1 to 11: less is faster, and larger
    #[arg(long, default_value_t = 11, value_parser = clap::value_parser!(i32).range(1..=11))]
    quality: i32,
    /// Take pkg/ as it is
    #[arg(long)]
    no_build: bool,
}

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Modules that other sites load.
const ENTRIES: [&str; 2] = ["element", "wordloom"];

/// Builds, and writes the folder.
pub fn run(options: Options) -> Result<()> {
    if !options.no_build {
        wasm::build()?;
    }
    let out = cmd::root().join(options.out);
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
    let out = Out { root: out, quality };
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
    for entry in ENTRIES {
        let line = format!("export * from './{version}/www/{entry}.js';\n");
        out.put(&format!("{entry}.js"), line.as_bytes())?;
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
    let pages = ["./", "embed.html"].map(String::from);
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
        fs::write(&path, bytes).with_context(|| format!("writing {}", path.display()))
    }
}

fn gzip(bytes: &[u8], quality: i32) -> Result<Vec<u8>> {
    let level = Compression::new(quality.clamp(1, 9) as u32);
    let mut encoder = GzEncoder::new(Vec::new(), level);
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

/// Removes what an earlier run wrote, and nothing that looks like something else.
fn clear(out: &Path) -> Result<()> {
    let Ok(mut entries) = fs::read_dir(out) else {
        return Ok(());
    };
    let ours = fs::read_to_string(out.join("package.json"))
        .is_ok_and(|text| text.contains("\"wordloom\""));
    ensure!(
        ours || entries.next().is_none(),
        "{} holds something else: empty it, or name another folder with --out",
        out.display()
    );
    fs::remove_dir_all(out).with_context(|| format!("removing {}", out.display()))
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
        assert!(worker.contains(r#"["./","embed.html","1-a/pkg/cpu/w.js"]"#));
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

    #[test]
    fn a_folder_of_something_else_stays() {
        let folder = std::env::temp_dir().join(format!("wordloom-dist-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("novel.txt"), "chapter one").unwrap();
        assert!(clear(&folder).is_err());
        assert!(folder.join("novel.txt").is_file());
        fs::write(folder.join("package.json"), r#"{"name": "wordloom"}"#).unwrap();
        clear(&folder).unwrap();
        assert!(!folder.exists());
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
