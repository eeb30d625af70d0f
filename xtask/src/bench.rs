//! The page beside another runtime, on the same weights in the same browser; the page as its visitors have it, and in
//! other people's projects; and the training beside another framework, on the same networks.

use crate::{browser, cmd, dist, wasm};
use anyhow::{Context, Result};
use std::fs;
use std::path::PathBuf;

/// Builds both sides, lets the browser compare them, or measure the page alone, and writes the figures to `json`.
pub fn run(json: PathBuf, page: bool) -> Result<()> {
    browser::install_packages("")?;
    if !page {
        browser::install_packages("tests/bench")?;
    }
    browser::chromium()?;
    wasm::build()?;
    let script = match page {
        true => "tests/bench/page.js",
        false => "tests/bench/bench.js",
    };
    let mut node = browser::node()?;
    // With a target folder elsewhere there may be none for the figures.
    if let Some(folder) = json.parent() {
        fs::create_dir_all(cmd::root().join(folder))?;
    }
    cmd::run(node.arg(script).env("BENCH_JSON", json))
}

/// Builds the folder for static hosts, and has a script install it where others bundle their pages.
pub fn bundlers() -> Result<()> {
    browser::install_packages("")?;
    wasm::build()?;
    let host = cmd::root().join("target/dist");
    dist::make(&host, 5)?;
    let mut node = browser::node()?;
    cmd::run(
        node.arg("tests/bench/bundlers.js")
            .env("WORDLOOM_DIST", host),
    )
}

/// Builds the trainer, and has a script train the same networks with PyTorch, taking turns. `PYTHON` names a
/// Python that has it.
pub fn train() -> Result<()> {
    let python = std::env::var_os("PYTHON").unwrap_or("python3".into());
    let check = "import torch, numpy, PIL";
    cmd::output(cmd::command(&python).args(["-c", check])).context(
        "this needs Python with PyTorch, NumPy and Pillow: `sudo apt-get install python3-torch python3-pil`, \
         or `pip install torch numpy pillow`; the variable PYTHON names another one",
    )?;
    let mut script = cmd::command(&python);
    cmd::run(
        script
            .arg("tests/bench/train/main.py")
            .env("LOOM", browser::loom()?),
    )
}
