//! The library as the browser loads it: wasm, its JavaScript and its types.

use crate::cmd;
use crate::toolchain::{self, TARGET};
use anyhow::{Context, Result};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use wasm_bindgen_cli_support::Bindgen;

const WASM: &str = "wordloom_bg.wasm";

/// A build of the library for the browser.
#[derive(Clone, Copy)]
pub struct Package {
    /// Where it lies.
    pub folder: &'static str,
    options: &'static [&'static str],
}

/// Reads sentences, and edits photos on any device.
pub const CPU: Package = Package {
    folder: "pkg/cpu",
    options: &["--profile=wasm"],
};

/// Edits photos on WebGPU; loaded behind the other one where there is a GPU.
pub const GPU: Package = Package {
    folder: "pkg/gpu",
    options: &[
        "--profile=wasm-gpu",
        "--no-default-features",
        "--features=gpu",
    ],
};

/// The build for the GPU with burn's convolution in it, to compare ours with.
pub const CHECK: Package = Package {
    folder: "target/check",
    options: &[
        "--profile=wasm-gpu",
        "--no-default-features",
        "--features=check",
    ],
};

/// Builds both packages.
pub fn build() -> Result<()> {
    for package in [CPU, GPU] {
        package.build()?;
    }
    Ok(())
}

impl Package {
    /// Builds it and gives the path of cargo's own wasm, which still has function names.
    pub fn build(self) -> Result<PathBuf> {
        toolchain::for_the_browser()?;
        // A cdylib is asked for here and not in Cargo.toml, whose comment says why.
        let mut args = vec![
            "rustc",
            "--lib",
            "--package=wordloom",
            "--crate-type=cdylib",
            "--target",
            TARGET,
        ];
        args.extend(self.options);
        let wasm = cmd::built(&args, "wordloom.wasm")?;
        bind(&wasm, &cmd::root().join(self.folder))?;
        Ok(wasm)
    }
}

/// Writes wordloom.js, wordloom_bg.wasm, wordloom.d.ts and manifest.json, unless they come from
/// this very wasm.
fn bind(wasm: &Path, out: &Path) -> Result<()> {
    let bytes = fs::read(wasm).with_context(|| format!("reading {}", wasm.display()))?;
    let stamp = format!("{:x}\n", Sha256::digest(&bytes));
    let stamp_file = out.join(".made-from");
    let files = ["wordloom.js", WASM, "wordloom.d.ts", "manifest.json"];
    let complete = files.iter().all(|name| out.join(name).is_file());
    if complete && fs::read_to_string(&stamp_file).is_ok_and(|old| old == stamp) {
        return Ok(());
    }
    let _ = fs::remove_file(&stamp_file);
    Bindgen::new()
        .input_bytes("wordloom", bytes)
        .web(true)?
        .typescript(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(out)
        .with_context(|| format!("making {} from {}", out.display(), wasm.display()))?;
    describe(out)?;
    fs::write(&stamp_file, stamp).with_context(|| format!("writing {}", stamp_file.display()))
}

/// Tells the page how many bytes the wasm has, for its progress bar: a server that compresses
/// says another number.
fn describe(out: &Path) -> Result<()> {
    let bytes = fs::read(out.join(WASM))?;
    let sha256 = format!("{:x}", Sha256::digest(&bytes));
    let manifest = json!({ "files": { WASM: { "bytes": bytes.len(), "sha256": sha256 } } });
    let path = out.join("manifest.json");
    fs::write(&path, manifest.to_string()).with_context(|| format!("writing {}", path.display()))
}
