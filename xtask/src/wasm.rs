//! The library as the browser loads it: wasm, its JavaScript and its types.

use crate::cmd;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use wasm_bindgen_cli_support::Bindgen;

const TARGET: &str = "wasm32-unknown-unknown";

/// Where the build for the CPU lies.
pub const PACKAGE: &str = "pkg/cpu";

/// Builds [`PACKAGE`] and gives the path of cargo's own wasm, which still has function names.
pub fn build() -> Result<PathBuf> {
    let libraries =
        cmd::output(cmd::command("rustc").args(["--print", "target-libdir", "--target", TARGET]))?;
    ensure!(
        Path::new(libraries.trim()).is_dir(),
        "Rust has no libraries for {TARGET} here: run `rustup target add {TARGET}`"
    );
    // A cdylib is asked for here and not in Cargo.toml, whose comment says why.
    let args = [
        "rustc",
        "--lib",
        "--package=wordloom",
        "--crate-type=cdylib",
        "--profile=wasm",
        "--target",
        TARGET,
    ];
    let wasm = cmd::built(&args, "wordloom.wasm")?;
    bind(&wasm, &cmd::root().join(PACKAGE))?;
    Ok(wasm)
}

/// Writes wordloom.js, wordloom_bg.wasm and wordloom.d.ts, unless they come from this very wasm.
fn bind(wasm: &Path, out: &Path) -> Result<()> {
    let bytes = fs::read(wasm).with_context(|| format!("reading {}", wasm.display()))?;
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    let stamp = format!("{:016x}\n", hasher.finish());
    let stamp_file = out.join(".made-from");
    let complete = ["wordloom.js", "wordloom_bg.wasm", "wordloom.d.ts"]
        .iter()
        .all(|name| out.join(name).is_file());
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
    fs::write(&stamp_file, stamp).with_context(|| format!("writing {}", stamp_file.display()))
}
