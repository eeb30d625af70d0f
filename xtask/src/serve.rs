//! A small server for the page, on this machine only.

use crate::{cmd, files, wasm};
use anyhow::{Result, anyhow};
use std::collections::HashMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;
use tiny_http::{Header, Method, Request, Response, Server};

/// As many answers at once as a browser opens connections.
const THREADS: usize = 6;

/// Builds, serves until interrupted, and says where.
pub fn run(port: u16) -> Result<()> {
    wasm::build()?;
    for (needed, hint) in [
        ("index.html", "the page"),
        ("weights/manifest.json", "the list of models"),
    ] {
        if !cmd::root().join(needed).is_file() {
            eprintln!("Note: {needed} ({hint}) is not there.");
        }
    }
    println!("Wordloom is at {}  (Ctrl+C ends it)", start(port)?);
    loop {
        thread::park();
    }
}

/// Serves in the background for the life of this process; gives the address.
pub fn start(port: u16) -> Result<String> {
    let listen = |port| Server::http(("127.0.0.1", port));
    let server = listen(port).or_else(|error| {
        println!("Port {port} cannot be used ({error}): taking a free one.");
        listen(0)
    });
    let server =
        Arc::new(server.map_err(|error| anyhow!("no port of 127.0.0.1 can be used: {error}"))?);
    let address = format!("http://{}/", server.server_addr());
    let site = Arc::new(Site {
        root: cmd::root(),
        shrunk: Mutex::default(),
    });
    for _ in 0..THREADS {
        let (server, site) = (server.clone(), site.clone());
        thread::spawn(move || {
            while let Ok(request) = server.recv() {
                site.answer(request);
            }
        });
    }
    Ok(address)
}

struct Site {
    root: PathBuf,
    /// Brotli of what was asked for, by the digest of its bytes: a changed file is a new entry.
    shrunk: Mutex<HashMap<u64, Arc<[u8]>>>,
}

impl Site {
    fn answer(&self, request: Request) {
        let response = if matches!(request.method(), Method::Get | Method::Head) {
            self.file(&request)
        } else {
            plain(405, "Only GET and HEAD are answered here.")
        };
        // Without a threshold tiny_http sends large files in chunks, hence without their length.
        let response = response.with_chunked_threshold(usize::MAX);
        // A visitor who left is no error.
        let _ = request.respond(response);
    }

    fn file(&self, request: &Request) -> Response<std::io::Cursor<Vec<u8>>> {
        let found =
            files::resolve(request.url()).map(|path| (fs::read(self.root.join(&path)), path));
        let Some((Ok(bytes), path)) = found else {
            return plain(404, "There is no such file on this page.");
        };
        let (kind, shrinks) = files::kind(&path);
        let digest = digest(&bytes);
        let brotli = shrinks && accepts_brotli(value(request, "Accept-Encoding"));
        let tag = format!("\"{digest:016x}{}\"", if brotli { "-br" } else { "" });
        let known = value(request, "If-None-Match")
            .split(',')
            .any(|known| known.trim() == tag);
        let body = match (known, brotli) {
            (true, _) => Vec::new(),
            (false, true) => self.shrink(digest, &bytes).to_vec(),
            (false, false) => bytes,
        };
        let mut response = Response::from_data(body)
            .with_status_code(if known { 304 } else { 200 })
            .with_header(header("Content-Type", kind))
            .with_header(header("ETag", &tag))
            .with_header(header("Cache-Control", "no-cache"))
            .with_header(header("X-Content-Type-Options", "nosniff"));
        if shrinks {
            response = response.with_header(header("Vary", "Accept-Encoding"));
        }
        if brotli {
            response = response.with_header(header("Content-Encoding", "br"));
        }
        response
    }

    fn shrink(&self, digest: u64, bytes: &[u8]) -> Arc<[u8]> {
        if let Some(shrunk) = self.shrunk.lock().unwrap().get(&digest) {
            return shrunk.clone();
        }
        // Quality 5: close to what a host keeps, and no wait.
        let shrunk: Arc<[u8]> = files::brotli(bytes, 5).into();
        self.shrunk.lock().unwrap().insert(digest, shrunk.clone());
        shrunk
    }
}

fn digest(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

fn accepts_brotli(header: &str) -> bool {
    header.split(',').any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let refused = |part: &str| {
            part.strip_prefix("q=")
                .is_some_and(|q| q.parse() == Ok(0.0))
        };
        parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case("br"))
            && !parts.any(refused)
    })
}

fn value<'a>(request: &'a Request, name: &'static str) -> &'a str {
    let mut headers = request.headers().iter();
    headers
        .find(|header| header.field.equiv(name))
        .map_or("", |header| header.value.as_str())
}

fn header(name: &str, value: &str) -> Header {
    Header::from_bytes(name, value).expect("our headers are ASCII")
}

fn plain(status: u16, message: &str) -> Response<std::io::Cursor<Vec<u8>>> {
    Response::from_string(format!("{message}\n")).with_status_code(status)
}

#[cfg(test)]
mod tests {
    use super::accepts_brotli;

    #[test]
    fn brotli_only_for_those_who_take_it() {
        for yes in ["br", "gzip, deflate, br, zstd", "BR;q=0.5", "gzip,br;q=1"] {
            assert!(accepts_brotli(yes), "{yes}");
        }
        for no in [
            "",
            "gzip, deflate",
            "br;q=0",
            "br; q=0.0",
            "brotli",
            "identity",
        ] {
            assert!(!accepts_brotli(no), "{no}");
        }
    }
}
