//! What a visitor downloads, in bytes.

use crate::{cmd, files, parts, wasm};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};

/// What the page, the element and their styles may cost under brotli, without wasm and models.
const PAGE_LIMIT: usize = 40 * 1024;

/// Builds, and prints the tables.
pub fn run() -> Result<()> {
    let builds = [wasm::CPU, wasm::GPU];
    let builds = builds.map(|package| package.build().map(|wasm| (package, wasm)));
    let builds = builds.into_iter().collect::<Result<Vec<_>>>()?;
    let root = cmd::root();
    let paths = paths(&["www", "pkg", "weights"])?;

    println!(
        "{:<40} {:>12} {:>12}",
        "What a visitor downloads", "raw", "brotli"
    );
    let (mut code, mut style, mut model) = ([0; 2], [0; 2], [0; 2]);
    for path in paths {
        let total = match path.extension().and_then(|extension| extension.to_str()) {
            Some("wasm" | "js" | "mjs") => &mut code,
            Some("html" | "css") => &mut style,
            Some("safetensors") => &mut model,
            _ => continue,
        };
        let bytes =
            fs::read(root.join(&path)).with_context(|| format!("reading {}", path.display()))?;
        let sizes = [bytes.len(), files::brotli(&bytes, 11).len()];
        total[0] += sizes[0];
        total[1] += sizes[1];
        row(&path.display().to_string(), sizes);
    }
    println!();
    row("wasm + JS", code);
    row("HTML + CSS", style);
    row("models", model);
    page()?;

    for (package, wasm) in builds {
        let bytes = fs::read(&wasm).with_context(|| format!("reading {}", wasm.display()))?;
        let heading = format!("In {} (each part shrunk alone)", package.folder);
        println!("\n{heading:<40} {:>12} {:>12}", "raw", "brotli");
        for (name, bytes) in parts::of(&bytes)? {
            row(&name, [bytes.len(), files::brotli(&bytes, 11).len()]);
        }
    }
    Ok(())
}

/// Prints what the page and the element cost, and fails when that is too much.
pub fn page() -> Result<()> {
    let mut total = [0; 2];
    for path in paths(&["www"])? {
        let ours = path.extension().and_then(|extension| extension.to_str());
        // Types are for editors.
        let types = path.to_string_lossy().ends_with(".d.ts");
        if types || !matches!(ours, Some("html" | "js" | "css" | "svg")) {
            continue;
        }
        let bytes = fs::read(cmd::root().join(path))?;
        total[0] += bytes.len();
        total[1] += files::brotli(&bytes, 11).len();
    }
    row("page and element", total);
    ensure!(
        total[1] <= PAGE_LIMIT,
        "page and element are {} bytes under brotli: {} are allowed",
        grouped(total[1]),
        grouped(PAGE_LIMIT)
    );
    Ok(())
}

/// The pages, and the files of these folders, by name.
fn paths(folders: &[&str]) -> Result<Vec<PathBuf>> {
    let mut paths: Vec<_> = files::PAGES.map(PathBuf::from).into();
    for folder in folders {
        paths.extend(files::within(&cmd::root(), Path::new(folder))?);
    }
    paths.sort();
    Ok(paths)
}

fn row(name: &str, [raw, brotli]: [usize; 2]) {
    println!("{name:<40} {:>12} {:>12}", grouped(raw), grouped(brotli));
}

/// 1234567 as 1,234,567.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn digits_in_threes() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (1234567, "1,234,567"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }
}
