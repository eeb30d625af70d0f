//! The page beside another runtime, on the same weights in the same browser.

use crate::{browser, cmd, wasm};
use anyhow::Result;
use std::path::PathBuf;

/// Builds both sides, lets the browser compare them, and writes the figures to `json`.
pub fn run(json: PathBuf) -> Result<()> {
    browser::install_packages("")?;
    browser::install_packages("tests/bench")?;
    browser::chromium()?;
    wasm::build()?;
    let mut node = browser::node()?;
    cmd::run(node.arg("tests/bench/bench.js").env("BENCH_JSON", json))
}
