//! The page as one folder for any static host, which is an npm package as well.
//!
//! All that a page loads lies in a folder named after its own bytes, so hosts and browsers may keep
//! it for ever. At the root lie the few addresses that stay: the pages, the service worker, and a
//! few lines for each module that other sites load.

mod out;

use crate::site;
use crate::{browser, cmd, wasm};
use anyhow::{Context, Result, ensure};
use clap::Args;
use out::{Out, clear, marked};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
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
    let bundle = site::Bundle::new()?;
    let parts = site::parts(&bundle)?;
    let pages = site::pages(&bundle)?;
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
}
