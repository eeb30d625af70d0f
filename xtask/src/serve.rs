//! A small server for the page, on this machine only.

use crate::{cmd, files, wasm};
use anyhow::{Context, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::collections::HashMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;
use tokio::runtime::Runtime;
use tokio::task::spawn_blocking;

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
    let listen = |port| TcpListener::bind(("127.0.0.1", port));
    let listener = listen(port).or_else(|error| {
        println!("Port {port} cannot be used ({error}): taking a free one.");
        listen(0)
    });
    let listener = listener.context("no port of 127.0.0.1 can be used")?;
    listener.set_nonblocking(true)?;
    let address = format!("http://{}/", listener.local_addr()?);
    let site = Arc::new(Site {
        root: cmd::root(),
        shrunk: Mutex::default(),
    });
    // Only GET and HEAD are answered; anything else is 405.
    let site = Router::new().fallback_service(get(answer).with_state(site));
    let runtime = Runtime::new()?;
    thread::spawn(move || {
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            axum::serve(listener, site).await
        })
    });
    Ok(address)
}

struct Site {
    root: PathBuf,
    /// Brotli of what was asked for, by the digest of its bytes: a changed file is a new entry.
    shrunk: Mutex<HashMap<u64, Bytes>>,
}

async fn answer(State(site): State<Arc<Site>>, uri: Uri, headers: HeaderMap) -> Response {
    spawn_blocking(move || site.file(&uri, &headers))
        .await
        .unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

impl Site {
    fn file(&self, uri: &Uri, headers: &HeaderMap) -> Response {
        let found = files::resolve(uri.path()).map(|path| (fs::read(self.root.join(&path)), path));
        let Some((Ok(bytes), path)) = found else {
            return (
                StatusCode::NOT_FOUND,
                "There is no such file on this page.\n",
            )
                .into_response();
        };
        let value = |name| {
            headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .unwrap_or("")
        };
        let (kind, shrinks) = files::kind(&path);
        let digest = digest(&bytes);
        let brotli = shrinks && accepts_brotli(value(header::ACCEPT_ENCODING));
        let tag = format!("\"{digest:016x}{}\"", if brotli { "-br" } else { "" });
        let known = value(header::IF_NONE_MATCH)
            .split(',')
            .any(|known| known.trim() == tag);
        let always = [
            (header::CONTENT_TYPE, kind),
            (header::ETAG, tag.as_str()),
            (header::CACHE_CONTROL, "no-cache"),
            (header::VARY, "Accept-Encoding"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        if known {
            return (StatusCode::NOT_MODIFIED, always).into_response();
        }
        if brotli {
            let coding = [(header::CONTENT_ENCODING, "br")];
            return (always, coding, self.shrink(digest, &bytes)).into_response();
        }
        (always, bytes).into_response()
    }

    fn shrink(&self, digest: u64, bytes: &[u8]) -> Bytes {
        if let Some(shrunk) = self.shrunk.lock().unwrap().get(&digest) {
            return shrunk.clone();
        }
        // Quality 5: close to what a host keeps, and no wait.
        let shrunk = Bytes::from(files::brotli(bytes, 5));
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
