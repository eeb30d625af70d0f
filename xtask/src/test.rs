//! The test command: each step under its heading, up to the first that fails.

use crate::{cmd, serve, wasm};
use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

/// Which checks to make; all when none is named.
#[derive(Args, Clone, Copy)]
pub struct Only {
    /// Format, lints and Rust tests
    #[arg(long)]
    rust: bool,
    /// Types of the page's JavaScript
    #[arg(long)]
    types: bool,
    /// Tests in Chromium
    #[arg(long)]
    browser: bool,
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
        // Apart: xtask's dependencies are built already, in the profile that runs it.
        steps.step("Tests of xtask", || cargo(&["test", "--package=xtask"]))?;
        let tests = ["test", "--release", "--workspace", "--exclude=xtask"];
        steps.step("Tests of the library and the trainer", || cargo(&tests))?;
    }
    if all || only.types || only.browser {
        steps.step("Engine for the browser", || wasm::build().map(drop))?;
        steps.step("Tools from npm", install_packages)?;
    }
    if all || only.types {
        steps.step("Types", || cmd::run(cmd::command("npx").arg("tsc")))?;
    }
    if all || only.browser {
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

/// `npm ci`, when node_modules is missing or older than the lockfile.
fn install_packages() -> Result<()> {
    let missing =
        "the page's tests need Node.js 20.10 or newer with npm: install them and try again";
    cmd::output(cmd::command("node").arg("--version")).context(missing)?;
    let root = cmd::root();
    let changed =
        |path: &str| -> Option<SystemTime> { fs::metadata(root.join(path)).ok()?.modified().ok() };
    if changed("node_modules/.package-lock.json") < changed("package-lock.json") {
        cmd::run(cmd::command("npm").args(["ci", "--no-audit", "--no-fund"])).context(missing)?;
    }
    Ok(())
}

/// Node's own test runner on tests/browser, with the page served and the native tool at hand.
fn in_browser() -> Result<()> {
    let files = test_files(&cmd::root().join("tests/browser"))?;
    let name = format!("loom{}", std::env::consts::EXE_SUFFIX);
    let loom = cmd::built(&["build", "--release", "--package=wordloom-trainer"], &name)?;
    let chromium = chromium()?;
    let address = serve::start(0)?;
    // One file at a time: tests that measure time would disturb each other.
    let mut node = cmd::command("node");
    node.args(["--test", "--test-reporter=spec", "--test-concurrency=1"])
        .args(files);
    cmd::run(
        node.env("WORDLOOM_URL", address)
            .env("CHROMIUM", chromium)
            .env("LOOM", loom),
    )
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

/// The browser: named by CHROMIUM, found on PATH, or installed from Debian's packages.
fn chromium() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("CHROMIUM").map(PathBuf::from) {
        ensure!(
            path.is_file(),
            "CHROMIUM names {}, which is no file",
            path.display()
        );
        return Ok(path);
    }
    let find = || cmd::find(&["chromium", "chromium-browser", "google-chrome"]);
    if let Some(path) = find() {
        return Ok(path);
    }
    let root = cmd::output(cmd::command("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if !root || cmd::find(&["apt-get"]).is_none() {
        bail!(
            "no Chromium on PATH: install it (on Debian `sudo apt-get install chromium`), or set CHROMIUM to its path"
        );
    }
    println!("No Chromium on PATH: installing Debian's.");
    cmd::run(cmd::command("apt-get").arg("update"))?;
    let mut install = cmd::command("apt-get");
    cmd::run(
        install
            .args(["install", "-y", "chromium"])
            .env("DEBIAN_FRONTEND", "noninteractive"),
    )?;
    find().context("apt-get installed chromium, yet it is not on PATH")
}
