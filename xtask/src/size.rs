//! What a visitor downloads, in bytes.

use crate::site::{self, Bundle, Files};
use crate::{files, parts, wasm};
use anyhow::{Context, Result, ensure};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// What a visitor downloads until the first edit on the CPU, with the model that edits.
const FIRST_EDIT_LIMIT: usize = 3_700_000;

/// What the page, the element and their styles may cost under brotli, without wasm and models.
const PAGE_LIMIT: usize = 40 * 1024;

/// What is counted as the page and the opened element: these scripts and what they import. All others come when a visitor, a
/// file or a model asks for them.
const SCRIPTS: [&str; 7] = [
    "www/element.js",
    "www/element/card.js",
    "www/embed.js",
    "www/engine/worker.js",
    "www/offline.js",
    "www/page.js",
    "www/wordloom.js",
];
/// Their styles.
const STYLES: [&str; 4] = [
    "www/element/element.css",
    "www/embed.css",
    "www/page/style.css",
    "www/ui/base.css",
];
/// What parts on demand may cost. No first view waits for these, and no visitor fetches all of them: Chinese, for those who read it; what edits
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
    let published = Published::new()?;
    for (name, bytes) in &published.files {
        let end = Path::new(name).extension().and_then(|end| end.to_str());
        let total = match end {
            Some("wasm" | "js") => &mut code,
            Some("html" | "css" | "svg") => &mut style,
            Some("safetensors") => &mut model,
            _ => continue,
        };
        let sizes = [bytes.len(), sent(name, bytes)];
        add(total, sizes);
        if published.is_of_the_first_edit(name) {
            add(&mut first, sizes);
        }
        if published.is_page(name) {
            add(&mut page, sizes);
        }
        if published.is_on_demand(name) {
            add(&mut later, sizes);
        }
        row(name, sizes);
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
    let published = Published::new()?;
    let within = |what: &str, counts: fn(&Published, &str) -> bool, limit: usize| {
        let counted = published.files.iter();
        let counted = counted.filter(|(name, _)| counts(&published, name));
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
    within("page and element", Published::is_page, PAGE_LIMIT)?;
    within(
        "parts of the page on demand",
        Published::is_on_demand,
        ON_DEMAND_LIMIT,
    )?;
    within(
        "page, wasm and model of the first edit",
        Published::is_of_the_first_edit,
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
struct Published {
    files: Files,
    /// The scripts of the page and the element.
    scripts: BTreeSet<String>,
}

impl Published {
    fn new() -> Result<Self> {
        let bundle = Bundle::new()?;
        let mut files = site::parts(&bundle)?;
        files.extend(site::pages(&bundle)?);
        let worker = site::minified("sw.js", site::service_worker()?)?;
        files.insert("sw.js".into(), worker);
        files.retain(|name, _| !name.starts_with("example/"));
        Ok(Self {
            files,
            scripts: bundle.with(&SCRIPTS),
        })
    }

    /// Whether a file is what the page and the element are made of: not the engine, not its model, no
    /// photo, no types, which are for editors, and not what comes on demand.
    fn is_page(&self, name: &str) -> bool {
        let [html, css, svg, js] = [".html", ".css", ".svg", ".js"].map(|end| name.ends_with(end));
        html || svg
            || css && STYLES.contains(&name)
            || js && (name == "sw.js" || self.scripts.contains(name))
    }

    fn is_on_demand(&self, name: &str) -> bool {
        let script = name.ends_with(".js") || name.ends_with(".css");
        script && name.starts_with("www/") && !self.is_page(name)
    }

    /// Whether a file is fetched before a first edit on the CPU: the page, the engine and its model.
    fn is_of_the_first_edit(&self, name: &str) -> bool {
        let engine = ["pkg/cpu/wordloom.js", "pkg/cpu/wordloom_bg.wasm"];
        self.is_page(name) || engine.contains(&name) || name == "weights/editor.safetensors"
    }
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
    use super::{Published, SCRIPTS, STYLES, grouped};

    #[test]
    fn what_comes_on_demand_is_nothing_that_the_page_begins_with() {
        let published = Published::new().unwrap();
        let text = |name: &str| String::from_utf8(published.files[name].clone()).unwrap();
        for name in SCRIPTS.iter().chain(&STYLES) {
            assert!(
                published.is_page(name) && !published.is_on_demand(name) && !text(name).is_empty()
            );
        }
        for name in [
            "www/brush/brush.css",
            "www/sentence/live.js",
            "www/i18n/zh.js",
            "www/make/card.js",
        ] {
            assert!(
                published.is_on_demand(name) && !published.is_page(name),
                "{name}"
            );
            assert!(!text("index.html").contains(name), "{name}");
        }
        // Whatever a page links is of it.
        for page in ["index.html", "embed.html"] {
            let text = text(page);
            let styles = text
                .split("href=\"")
                .filter_map(|rest| rest.split('"').next());
            let mut styles = styles.filter(|style| style.ends_with(".css")).peekable();
            assert!(styles.peek().is_some());
            styles.for_each(|style| assert!(published.is_page(style), "{style} of {page}"));
        }
        // What the page loads ahead is there, and is of the page.
        let page = text("index.html");
        let ahead = page
            .lines()
            .filter_map(|line| line.strip_prefix("<link rel=\"modulepreload\" href=\""));
        let ahead: Vec<_> = ahead.map(|line| line.trim_end_matches("\">")).collect();
        assert!(ahead.len() > 3);
        assert!(
            ahead
                .iter()
                .all(|name| published.is_page(name) && published.files.contains_key(*name)),
            "{ahead:?}"
        );
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
