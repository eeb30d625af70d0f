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
use tokio::sync::watch;
use tokio::task::spawn_blocking;

/// The policy of the README, but that photos may come from any address. The pages name it, too, for hosts
/// that send no headers.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
     img-src 'self' http: https:; connect-src 'self' http: https:; worker-src 'self'; \
     manifest-src 'self'; base-uri 'none'; form-action 'none'";

/// Builds, serves until interrupted, and says where. The page works with the CPU's build alone, which
/// takes a third of the time; requests for the GPU's wait until it is there.
pub fn run(port: u16) -> Result<()> {
    for (needed, hint) in [
        ("index.html", "the page"),
        ("weights/manifest.json", "the list of models"),
    ] {
        if !cmd::root().join(needed).is_file() {
            eprintln!("Note: {needed} ({hint}) is not there.");
        }
    }
    wasm::CPU.build()?;
    let (send, gpu) = watch::channel(Gpu::Building);
    println!(
        "Wordloom is at {}  (Ctrl+C ends it)\nThe part for GPUs is built behind it: until then the \
         page computes on the CPU.",
        listen(port, gpu)?
    );
    match wasm::GPU.build() {
        Ok(_) => {
            println!("The part for GPUs is there.");
            send.send_replace(Gpu::Built);
        }
        Err(error) => {
            eprintln!("No part for GPUs, the page computes on the CPU: {error:#}");
            send.send_replace(Gpu::Failed);
        }
    }
    loop {
        thread::park();
    }
}

/// Serves what is built in the background for the life of this process; gives the address.
pub fn start(port: u16) -> Result<String> {
    listen(port, watch::channel(Gpu::Built).1)
}

fn listen(port: u16, gpu: watch::Receiver<Gpu>) -> Result<String> {
    let listen = |port| TcpListener::bind(("127.0.0.1", port));
    let listener = listen(port).or_else(|error| {
        println!("Port {port} cannot be used ({error}): taking a free one.");
        listen(0)
    });
    let listener = listener.context("no port of 127.0.0.1 can be used")?;
    serve(listener, cmd::root(), gpu)
}

fn serve(listener: TcpListener, root: PathBuf, gpu: watch::Receiver<Gpu>) -> Result<String> {
    listener.set_nonblocking(true)?;
    let address = format!("http://{}/", listener.local_addr()?);
    let site = Arc::new(Site {
        root,
        gpu,
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

/// How far the GPU's build is. Files of an earlier one may lie there, which does not fit the page.
#[derive(Clone, Copy, PartialEq)]
enum Gpu {
    Building,
    Built,
    Failed,
}

struct Site {
    root: PathBuf,
    gpu: watch::Receiver<Gpu>,
    /// Brotli of what was asked for, by the digest of its bytes: a changed file is a new entry.
    shrunk: Mutex<HashMap<u64, Bytes>>,
}

async fn answer(State(site): State<Arc<Site>>, uri: Uri, headers: HeaderMap) -> Response {
    let path = files::resolve(uri.path());
    let path = match path {
        Some(path) if path.starts_with(wasm::GPU.folder) => {
            let mut gpu = site.gpu.clone();
            let over = gpu.wait_for(|gpu| *gpu != Gpu::Building).await;
            let built = over.is_ok_and(|gpu| *gpu == Gpu::Built);
            built.then_some(path)
        }
        path => path,
    };
    spawn_blocking(move || site.file(path, &headers))
        .await
        .unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

impl Site {
    fn file(&self, path: Option<PathBuf>, headers: &HeaderMap) -> Response {
        let found = path.map(|path| (fs::read(self.root.join(&path)), path));
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
            (header::CONTENT_SECURITY_POLICY, POLICY),
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
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::path::Path;
    use std::time::Duration;

    /// A site in a folder, which the caller removes.
    fn site(name: &str, gpu: watch::Receiver<Gpu>) -> (PathBuf, String) {
        let root = std::env::temp_dir().join(format!("wordloom-{name}-{}", std::process::id()));
        for (path, text) in [("index.html", "page"), ("pkg/gpu/manifest.json", "gpu")] {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = serve(listener, root.clone(), gpu).unwrap();
        (root, address)
    }

    fn ask(address: &str, path: &str) -> TcpStream {
        let host = address.trim_start_matches("http://").trim_end_matches('/');
        let mut stream = TcpStream::connect(host).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        stream
    }

    fn told(mut stream: TcpStream) -> String {
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn the_page_is_there_before_the_gpu_is_built() {
        for (end, status) in [(Gpu::Built, "200 OK"), (Gpu::Failed, "404 Not Found")] {
            let (send, gpu) = watch::channel(Gpu::Building);
            let (root, address) = site(&status[..3], gpu);
            let waiting = ask(&address, "/pkg/gpu/manifest.json");
            assert!(told(ask(&address, "/")).starts_with("HTTP/1.1 200"));
            waiting
                .set_read_timeout(Some(Duration::from_millis(100)))
                .unwrap();
            assert!((&waiting).read(&mut [0]).is_err(), "an answer too early");
            waiting.set_read_timeout(None).unwrap();
            send.send_replace(end);
            let answer = told(waiting);
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {status}")),
                "{answer}"
            );
            fs::remove_dir_all(root).unwrap();
        }
    }

    #[test]
    fn the_policy_is_that_of_the_readme() {
        let (root, address) = site("policy", watch::channel(Gpu::Built).1);
        let answer = told(ask(&address, "/")).to_lowercase();
        let sent = format!("content-security-policy: {}", POLICY.to_lowercase());
        assert!(answer.contains(&sent), "{answer}");
        fs::remove_dir_all(root).unwrap();

        let readme = fs::read_to_string(cmd::root().join(Path::new("README.md"))).unwrap();
        let words = readme.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(&POLICY.replace(" http: https:", "")));
        assert_eq!(
            words.matches("base-uri 'none'; form-action 'none'").count(),
            2
        );
        for page in ["index.html", "embed.html"] {
            let page = fs::read_to_string(cmd::root().join(page)).unwrap();
            let meta =
                format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">");
            let (before, _) = page.split_once(&meta).expect("the policy");
            assert!(!before.contains("<link") && !before.contains("<script"));
        }
    }

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
