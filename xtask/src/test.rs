//! The test command: each step under its heading, up to the first that fails.

use crate::{browser, cmd, dist, size, toolchain, wasm};
use anyhow::{Context, Result, ensure};
use clap::Args;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Which checks to make; all when none is named.
#[derive(Args, Clone, Copy)]
pub struct Only {
    /// Format, lints and Rust tests
    #[arg(long)]
    rust: bool,
    /// Types of the page's JavaScript
    #[arg(long)]
    types: bool,
    /// Tests in Chromium, and some in Firefox
    #[arg(long)]
    browser: bool,
}

impl Only {
    /// Sees that what the checks are made with is there.
    fn tools(self, all: bool) -> Result<()> {
        toolchain::for_the_browser()?;
        if all || self.rust {
            toolchain::for_checks()?;
        }
        if all || self.types || self.browser {
            browser::install_packages("")?;
        }
        if all || self.browser {
            browser::chromium()?;
            browser::firefox()?;
        }
        Ok(())
    }
}

const STRICT: [&str; 3] = ["--", "-D", "warnings"];

/// Runs the checks and says how many there were.
pub fn run(only: Only) -> Result<()> {
    let all = !(only.rust || only.types || only.browser);
    let mut steps = Steps {
        done: 0,
        start: Instant::now(),
    };
    let cargo = |args: &[&str]| cmd::run(&mut cmd::cargo(args));
    let strict = |args: &[&str]| cmd::run(cmd::cargo(args).args(STRICT));

    // What is missing is better known now than after minutes of building.
    steps.step("Tools", || only.tools(all))?;
    if all || only.rust {
        steps.step("Format", || cargo(&["fmt", "--all", "--check"]))?;
        steps.step("Lints", || {
            strict(&["clippy", "--workspace", "--all-targets"])
        })?;
        let page = [
            "clippy",
            "--package=wordloom",
            "--lib",
            "--target=wasm32-unknown-unknown",
        ];
        steps.step("Lints of the library for the browser", || strict(&page))?;
        let gpu = [
            "--profile=wasm-gpu",
            "--no-default-features",
            "--features=check",
        ];
        let gpu = [&page[..], &gpu].concat();
        steps.step("Lints of the library for the GPU", || strict(&gpu))?;
        // Apart: xtask's dependencies are built already, in the profile that runs it.
        steps.step("Tests of xtask", || cargo(&["test", "--package=xtask"]))?;
        let others = ["--exclude=xtask", "--exclude=wordloom-benches"];
        let tests = [&["test", "--release", "--workspace"], &others[..]].concat();
        steps.step("Tests of the library, the kernels and the trainer", || {
            cargo(&tests)
        })?;
        // Again: beside the trainer they have its features.
        let alone = ["test", "--release", "--package=wordloom-kernels"];
        steps.step("Tests of the kernels that a page has", || cargo(&alone))?;
    }
    if all || only.types || only.browser {
        steps.step("Engine for the browser", wasm::build)?;
    }
    if all || only.types {
        steps.step("Types", || cmd::run(cmd::command("npx").arg("tsc")))?;
    }
    if all || only.browser {
        steps.step("Size of the page", size::check)?;
        steps.step("Kernels for the GPU beside burn's", || {
            wasm::CHECK.build().map(drop)
        })?;
        steps.step("Tests in the browser", in_browser)?;
    }
    println!(
        "\nAll is well: {} steps in {:.0} s.",
        steps.done,
        steps.start.elapsed().as_secs_f32()
    );
    Ok(())
}

struct Steps {
    done: usize,
    start: Instant,
}

impl Steps {
    fn step(&mut self, name: &str, step: impl FnOnce() -> Result<()>) -> Result<()> {
        let start = Instant::now();
        println!("\n== {name}");
        step().with_context(|| format!("the step \"{name}\" failed"))?;
        println!("   {:.1} s", start.elapsed().as_secs_f32());
        self.done += 1;
        Ok(())
    }
}

/// Node's own test runner on tests/browser.
fn in_browser() -> Result<()> {
    let files = test_files(&cmd::root().join("tests/browser"))?;
    // One file at a time: tests that measure time would disturb each other.
    let runner = ["--test", "--test-reporter=spec", "--test-concurrency=1"];
    let host = cmd::root().join("target/dist");
    dist::make(&host, 5)?;
    let mut node = browser::node()?;
    node.env("WORDLOOM_DIST", host);
    node.env("FIREFOX", browser::firefox()?);
    node.env("WORDLOOM_CHECK", cmd::root().join(wasm::CHECK.folder));
    cmd::run(node.args(runner).args(files))
}

/// Every `*.test.js`, by name: a folder means different things to different versions of Node.
fn test_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    let paths = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    let is_test = |path: &PathBuf| path.to_string_lossy().ends_with(".test.js");
    let mut files: Vec<_> = paths.into_iter().filter(is_test).collect();
    ensure!(!files.is_empty(), "{} holds no *.test.js", folder.display());
    files.sort();
    Ok(files)
}
