//! What a visitor downloads, in bytes.

use crate::site::{self, Files};
use crate::{files, parts, wasm};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;

/// What a visitor downloads until the first edit on the CPU, with the model that edits.
const FIRST_EDIT_LIMIT: usize = 3_700_000;

/// What the page, the element and their styles may cost under brotli, without wasm and models.
const PAGE_LIMIT: usize = 40 * 1024;

/// Parts of the page that come when a visitor, a file or a model asks for them, and what they may cost.
const ON_DEMAND: [&str; 60] = [
    "www/address.js",
    "www/aim.js",
    "www/behind.js",
    "www/brush.css",
    "www/brush.js",
    "www/camera.js",
    "www/chain.js",
    "www/cloths.css",
    "www/cloths.js",
    "www/compare/compare.css",
    "www/compare/compare.js",
    "www/compare/worker.js",
    "www/cut.js",
    "www/dropper.js",
    "www/export.js",
    "www/file.js",
    "www/folder.js",
    "www/formats.js",
    "www/full.js",
    "www/gpu.js",
    "www/handed.js",
    "www/help.css",
    "www/help.js",
    "www/i18n/zh.js",
    "www/language.js",
    "www/live.css",
    "www/live.js",
    "www/make/asking.js",
    "www/make/card.js",
    "www/make/chosen.js",
    "www/make/grid.js",
    "www/make/link.js",
    "www/make/loom.js",
    "www/make/make.css",
    "www/make/make.js",
    "www/make/noise.js",
    "www/make/running.js",
    "www/make/texts.js",
    "www/make/tile.js",
    "www/make/view.js",
    "www/make/words.js",
    "www/make/worker.js",
    "www/many/item.js",
    "www/many/many.css",
    "www/many/many.js",
    "www/many/texts.js",
    "www/more.css",
    "www/more.js",
    "www/parts.js",
    "www/point.css",
    "www/point.js",
    "www/several.js",
    "www/share.js",
    "www/snippet.css",
    "www/snippet.js",
    "www/strip.js",
    "www/suggest.js",
    "www/swatches.js",
    "www/tabs.js",
    "www/zip.js",
];
/// No first view waits for these, and no visitor fetches all of them: Chinese, for those who read it; what edits
/// photos (a GPU, a camera, an address, files that say more than pixels or cannot be read); what comes behind an
/// opened photo (cloths, what is under the pointer, edits while one types, what has been made, the brush, many photos
/// at once), and behind a first edit (saving, sharing, code for blogs); the second tab and the element's other mode,
/// which are a small page of their own: there one chooses pictures, mixes them, has them in another cloth and links to
/// them.
const ON_DEMAND_LIMIT: usize = 50 * 1024;

/// Builds, and prints the tables.
pub fn run() -> Result<()> {
    let cpu = wasm::CPU.build()?;
    wasm::GPU.build()?;
    println!(
        "{:<40} {:>12} {:>12}",
        "What a visitor downloads", "raw", "brotli"
    );
    let [
        mut code,
        mut style,
        mut model,
        mut page,
        mut later,
        mut first,
    ] = [[0; 2]; 6];
    for (name, bytes) in published()? {
        let end = Path::new(&name).extension().and_then(|end| end.to_str());
        let total = match end {
            Some("wasm" | "js") => &mut code,
            Some("html" | "css" | "svg") => &mut style,
            Some("safetensors") => &mut model,
            _ => continue,
        };
        let sizes = [bytes.len(), sent(&name, &bytes)];
        add(total, sizes);
        if is_of_the_first_edit(&name) {
            add(&mut first, sizes);
        }
        if is_page(&name) {
            add(&mut page, sizes);
        }
        if is_on_demand(&name) {
            add(&mut later, sizes);
        }
        row(&name, sizes);
    }
    println!();
    row("wasm + JS", code);
    row("HTML + CSS + SVG", style);
    row("models", model);
    row("of it page and element", page);
    row("of it parts of the page on demand", later);
    row("page, wasm and model of the first edit", first);

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

/// Fails when the page and the element, or all of a first edit, cost too much.
pub fn check() -> Result<()> {
    let published = published()?;
    let within = |what: &str, counts: fn(&str) -> bool, limit: usize| {
        let counted = published.iter().filter(|(name, _)| counts(name));
        let total = counted.map(|(name, bytes)| sent(name, bytes)).sum();
        println!("   {what}: {} bytes", grouped(total));
        ensure!(
            total <= limit,
            "{what}: {} bytes are sent, and {} are allowed",
            grouped(total),
            grouped(limit)
        );
        Ok(())
    };
    within("page and element", is_page, PAGE_LIMIT)?;
    within("parts of the page on demand", is_on_demand, ON_DEMAND_LIMIT)?;
    within(
        "page, wasm and model of the first edit",
        is_of_the_first_edit,
        FIRST_EDIT_LIMIT,
    )
}

/// The bytes that a host sends: models as they are, which nothing makes smaller, all else under brotli.
fn sent(name: &str, bytes: &[u8]) -> usize {
    match name.ends_with(".safetensors") {
        true => bytes.len(),
        false => files::brotli(bytes, 11).len(),
    }
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
/// photo, no types, which are for editors, and not what comes on demand.
fn is_page(name: &str) -> bool {
    let ours = !name.contains('/') || name.starts_with("www/");
    let kind = [".html", ".js", ".css", ".svg"]
        .iter()
        .any(|end| name.ends_with(end));
    ours && kind && !is_on_demand(name)
}

/// Whether a file is fetched before a first edit on the CPU: the page, the engine and its model.
fn is_of_the_first_edit(name: &str) -> bool {
    let engine = ["pkg/cpu/wordloom.js", "pkg/cpu/wordloom_bg.wasm"];
    is_page(name) || engine.contains(&name) || name == "weights/editor.safetensors"
}

fn is_on_demand(name: &str) -> bool {
    ON_DEMAND.contains(&name)
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
    use super::{ON_DEMAND, grouped, is_on_demand, is_page};
    use crate::site;
    use std::path::Path;

    #[test]
    fn what_comes_on_demand_is_nothing_that_the_page_begins_with() {
        let source = |name: &str| String::from_utf8(site::read(Path::new(name)).unwrap()).unwrap();
        let names = crate::files::within(&crate::cmd::root(), Path::new("www")).unwrap();
        let names = names.iter().filter_map(|path| path.to_str());
        let first: Vec<_> = names
            .filter(|name| is_page(name) && name.ends_with(".js"))
            .collect();
        assert!(first.len() > 20);
        for part in ON_DEMAND {
            let file = part.trim_start_matches("www/");
            assert!(!is_page(part) && is_on_demand(part) && !source(part).is_empty());
            assert!(!source("index.html").contains(file), "{part}");
            for name in &first {
                let import = format!("from './{file}'");
                assert!(!source(name).contains(&import), "{name} loads {part}");
            }
        }
    }

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
