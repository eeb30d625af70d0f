//! What is published: the page's files as a visitor gets them.

mod bundle;

pub use bundle::Bundle;

use crate::{cmd, files};
use anyhow::{Context, Result, ensure};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Bytes by name; names have `/` between their parts.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Pages that are published, and what the first is called where it is installed.
const PAGES: [&str; 4] = [
    "index.html",
    "embed.html",
    "example/index.html",
    "manifest.webmanifest",
];

/// All that pages load, with these scripts.
pub fn parts(bundle: &Bundle) -> Result<Files> {
    let root = cmd::root();
    let mut parts = bundle.scripts.clone();
    for folder in ["www", "pkg", "weights"] {
        for path in files::within(&root, Path::new(folder))? {
            if let Some(name) = published(&path) {
                let bytes = minified(&name, read(&path)?)?;
                parts.insert(name, bytes);
            }
        }
    }
    Ok(parts)
}

/// The pages, as they are in the repository but for their indentation, and for what the first loads ahead: the scripts that
/// come with its own.
pub fn pages(bundle: &Bundle) -> Result<Files> {
    let ahead = bundle.with(&["www/page.js"]).into_iter();
    let ahead = ahead.filter(|name| name != "www/page.js");
    let ahead: Vec<_> = ahead.map(|name| format!("{AHEAD}\"{name}\">")).collect();
    let page = |name: &str| {
        let source = String::from_utf8(read(Path::new(name))?)?;
        let mut lines: Vec<_> = source.lines().map(str::trim_start).collect();
        if let Some(first) = lines.iter().position(|line| line.starts_with(AHEAD)) {
            lines.retain(|line| !line.starts_with(AHEAD));
            lines.splice(first..first, ahead.iter().map(String::as_str));
        }
        Ok((name.to_owned(), lines.join("\n").into_bytes()))
    };
    PAGES.into_iter().map(page).collect()
}

/// The service worker, which is none of what pages load: it chooses between versions.
pub fn service_worker() -> Result<Vec<u8>> {
    read(Path::new(SERVICE_WORKER))
}

/// How a page asks for a script ahead.
const AHEAD: &str = "<link rel=\"modulepreload\" href=";

const SERVICE_WORKER: &str = "www/sw.js";

/// A file of the repository.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(cmd::root().join(path)).with_context(|| format!("reading {}", path.display()))
}

/// The name under which a file is published as it is; none for what only this repository needs, and for scripts of `www`.
fn published(path: &Path) -> Option<String> {
    let name = path.to_str()?.replace('\\', "/");
    let hidden = name.split('/').any(|part| part.starts_with('.'));
    let ours = [".rs", ".wasm.d.ts"].iter().any(|end| name.ends_with(end));
    let joined = name.starts_with("www/") && name.ends_with(".js");
    (!hidden && !ours && !joined).then_some(name)
}

/// Scripts and styles, each for itself, without what only readers of the source need.
pub fn minified(name: &str, source: Vec<u8>) -> Result<Vec<u8>> {
    let end = Path::new(name).extension().and_then(|end| end.to_str());
    let Some(loader) = end.filter(|end| ["js", "css"].contains(end)) else {
        return Ok(source);
    };
    let esbuild = cmd::root().join("node_modules/.bin/esbuild");
    let mut child = Command::new(esbuild)
        .args(["--minify", "--charset=utf8", &format!("--loader={loader}")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("esbuild, from node_modules, could not be started")?;
    // It reads to the end before it writes.
    let mut stdin = child.stdin.take().context("esbuild takes no input")?;
    stdin.write_all(&source)?;
    drop(stdin);
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "esbuild could not read {name}");
    Ok(output.stdout)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_visitor_needs_is_published() {
        for name in [
            "www/logo.svg",
            "pkg/gpu/wordloom.js",
            "pkg/gpu/wordloom_bg.wasm",
            "weights/garments.md",
        ] {
            assert_eq!(published(Path::new(name)).as_deref(), Some(name));
        }
        for name in ["www/page.js", "pkg/cpu/.made-from", "www/samples/draw.rs"] {
            assert_eq!(published(Path::new(name)), None, "{name}");
        }
    }
}
