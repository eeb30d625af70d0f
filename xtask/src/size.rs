//! What a visitor downloads, in bytes.

use crate::site::{self, Files};
use crate::{files, parts, wasm};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;

/// What the page, the element and their styles may cost under brotli, without wasm and models.
const PAGE_LIMIT: usize = 40 * 1024;

/// Builds, and prints the tables.
pub fn run() -> Result<()> {
    let cpu = wasm::CPU.build()?;
    wasm::GPU.build()?;
    println!(
        "{:<40} {:>12} {:>12}",
        "What a visitor downloads", "raw", "brotli"
    );
    let (mut code, mut style, mut model, mut page) = ([0; 2], [0; 2], [0; 2], [0; 2]);
    for (name, bytes) in published()? {
        let end = Path::new(&name).extension().and_then(|end| end.to_str());
        let total = match end {
            Some("wasm" | "js") => &mut code,
            Some("html" | "css" | "svg") => &mut style,
            Some("safetensors") => &mut model,
            _ => continue,
        };
        let sizes = [bytes.len(), files::brotli(&bytes, 11).len()];
        add(total, sizes);
        if is_page(&name) {
            add(&mut page, sizes);
        }
        row(&name, sizes);
    }
    println!();
    row("wasm + JS", code);
    row("HTML + CSS + SVG", style);
    row("models", model);
    row("of it page and element", page);

    let bytes = fs::read(&cpu).with_context(|| format!("reading {}", cpu.display()))?;
    println!(
        "\n{:<40} {:>12} {:>12}",
        "In pkg/cpu (each part shrunk alone)", "raw", "brotli"
    );
    for (name, bytes) in parts::of(&bytes)? {
        row(&name, [bytes.len(), files::brotli(&bytes, 11).len()]);
    }
    Ok(())
}

/// Fails when the page and the element cost too much.
pub fn check() -> Result<()> {
    let page = published()?.into_iter().filter(|(name, _)| is_page(name));
    let total = page.map(|(_, bytes)| files::brotli(&bytes, 11).len()).sum();
    println!("   page and element: {} bytes", grouped(total));
    ensure!(
        total <= PAGE_LIMIT,
        "page and element are {} bytes under brotli: {} are allowed",
        grouped(total),
        grouped(PAGE_LIMIT)
    );
    Ok(())
}

/// All that is published, but for the example.
fn published() -> Result<Files> {
    let mut all = site::parts()?;
    all.extend(site::pages()?);
    let worker = site::minified("sw.js", site::service_worker()?)?;
    all.insert("sw.js".into(), worker);
    all.retain(|name, _| !name.starts_with("example/"));
    Ok(all)
}

/// Whether a file is what the page and the element are made of: not the engine, not its model, no
/// photo, and no types, which are for editors.
fn is_page(name: &str) -> bool {
    let ours = !name.contains('/') || name.starts_with("www/");
    ours && [".html", ".js", ".css", ".svg"]
        .iter()
        .any(|end| name.ends_with(end))
}

fn add(total: &mut [usize; 2], sizes: [usize; 2]) {
    for (total, size) in total.iter_mut().zip(sizes) {
        *total += size;
    }
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
