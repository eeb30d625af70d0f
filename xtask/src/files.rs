//! The files of the page: which addresses name one, of which type, and their size under brotli.

use anyhow::Result;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders that a visitor may read from.
const FOLDERS: [&str; 4] = ["www", "pkg", "weights", "example"];

/// Pages beside them, and what a page that is installed is called.
const PAGES: [&str; 3] = ["index.html", "embed.html", "manifest.webmanifest"];

/// All files of a folder of the root, the folder's name before theirs; none where it is missing.
pub fn within(root: &Path, folder: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    let Ok(entries) = fs::read_dir(root.join(folder)) else {
        return Ok(paths);
    };
    for entry in entries {
        let entry = entry?;
        let path = folder.join(entry.file_name());
        if entry.path().is_dir() {
            paths.extend(within(root, &path)?);
        } else {
            paths.push(path);
        }
    }
    Ok(paths)
}

/// The file, relative to the root, that an address of a request names; nothing outside the page.
pub fn resolve(address: &str) -> Option<PathBuf> {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let path = percent_decode(path.strip_prefix('/')?)?;
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    // Hidden files and `..` begin with a dot; the other characters mean something on some system.
    if parts
        .iter()
        .any(|part| part.starts_with('.') || part.contains(['\\', ':', '\0']))
    {
        return None;
    }
    match parts.as_slice() {
        [] => Some("index.html".into()),
        [page] if PAGES.contains(page) => Some(page.into()),
        ["example"] => Some("example/index.html".into()),
        [folder, _, ..] if FOLDERS.contains(folder) => Some(parts.iter().collect()),
        _ => None,
    }
}

fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let [high, low, tail @ ..] = rest else {
            return None;
        };
        let digit = |byte: &u8| char::from(*byte).to_digit(16);
        bytes.push((digit(high)? * 16 + digit(low)?) as u8);
        rest = tail;
    }
    String::from_utf8(bytes).ok()
}

/// The content type, and whether brotli makes such a file smaller.
pub fn kind(path: &Path) -> (&'static str, bool) {
    match path
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or_default()
    {
        "html" => ("text/html; charset=utf-8", true),
        "js" | "mjs" => ("text/javascript; charset=utf-8", true),
        "css" => ("text/css; charset=utf-8", true),
        "json" => ("application/json", true),
        "webmanifest" => ("application/manifest+json", true),
        "svg" => ("image/svg+xml", true),
        "md" | "txt" | "ts" => ("text/plain; charset=utf-8", true),
        "wasm" => ("application/wasm", true),
        "png" => ("image/png", false),
        "jpg" | "jpeg" => ("image/jpeg", false),
        "webp" => ("image/webp", false),
        "ico" => ("image/x-icon", false),
        "woff2" => ("font/woff2", false),
        // Weights among them: int8 numbers hardly shrink, and the page counts their bytes.
        _ => ("application/octet-stream", false),
    }
}

/// `bytes` under brotli; quality 11 is what a host of static files would keep.
pub fn brotli(bytes: &[u8], quality: i32) -> Vec<u8> {
    let mut shrunk = Vec::with_capacity(bytes.len() / 3);
    let params = brotli::enc::BrotliEncoderParams {
        quality,
        lgwin: 24,
        size_hint: bytes.len(),
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &bytes[..], &mut shrunk, &params).expect("memory takes every byte");
    shrunk
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_page() {
        for (address, file) in [
            ("/", "index.html"),
            ("/?photo=1#top", "index.html"),
            ("/index.html", "index.html"),
            ("/embed.html?src=a.jpg", "embed.html"),
            ("/example/", "example/index.html"),
            ("/www/page.js", "www/page.js"),
            ("//www//page.js?v=2", "www/page.js"),
            ("/pkg/cpu/wordloom_bg.wasm", "pkg/cpu/wordloom_bg.wasm"),
            ("/www/a%20b%C3%A9.png", "www/a bé.png"),
        ] {
            assert_eq!(resolve(address), Some(PathBuf::from(file)), "{address}");
        }
    }

    #[test]
    fn nothing_else_has_an_address() {
        for address in [
            "",
            "index.html",
            "/Cargo.toml",
            "/.git/config",
            "/www",
            "/www/",
            "/www/../Cargo.toml",
            "/www/%2e%2e/Cargo.toml",
            "/www/..%2fCargo.toml",
            "/www%2f..%2fCargo.toml",
            "/www/..\\Cargo.toml",
            "/www/%5c..%5cCargo.toml",
            "/www/c:/x",
            "/www/a%00.js",
            "/www/a%",
            "/www/a%2",
            "/www/a%zz",
            "/www/%ff",
            "/pkg/cpu/.made-from",
            "/www/.hidden/a.js",
            "/src/lib.rs",
            "/kernels/src/lib.rs",
            "/index.html/x",
        ] {
            assert_eq!(resolve(address), None, "{address}");
        }
    }

    #[test]
    fn types_that_browsers_insist_on() {
        assert_eq!(
            kind(Path::new("pkg/cpu/wordloom_bg.wasm")),
            ("application/wasm", true)
        );
        assert_eq!(
            kind(Path::new("www/page.js")),
            ("text/javascript; charset=utf-8", true)
        );
        assert_eq!(
            kind(Path::new("weights/flowers.safetensors")),
            ("application/octet-stream", false)
        );
    }

    #[test]
    fn brotli_gives_the_bytes_back() {
        let bytes: Vec<u8> = (0..100_000u32).map(|i| (i % 251) as u8).collect();
        let shrunk = brotli(&bytes, 5);
        assert!(shrunk.len() < bytes.len() / 10);
        let mut back = Vec::new();
        brotli::BrotliDecompress(&mut &shrunk[..], &mut back).unwrap();
        assert_eq!(back, bytes);
    }
}
