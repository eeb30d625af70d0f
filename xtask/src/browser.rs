//! Scripts that drive the page in a real browser: what they need, and how they are started.

use crate::{cmd, serve};
use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::SystemTime;

/// `npm ci` in a folder of the repository, when its node_modules is missing or older than its
/// lockfile.
pub fn install_packages(folder: &str) -> Result<()> {
    let missing = "this needs Node.js 20.10 or newer with npm: install them and try again";
    cmd::output(cmd::command("node").arg("--version")).context(missing)?;
    let root = cmd::root().join(folder);
    let changed =
        |path: &str| -> Option<SystemTime> { fs::metadata(root.join(path)).ok()?.modified().ok() };
    if changed("node_modules/.package-lock.json") < changed("package-lock.json") {
        let mut npm = cmd::command("npm");
        npm.args(["ci", "--no-audit", "--no-fund"])
            .current_dir(root);
        cmd::run(&mut npm).context(missing)?;
    }
    Ok(())
}

/// Node, with the page served and the browser and the native tool named in its environment.
pub fn node() -> Result<Command> {
    let mut node = cmd::command("node");
    node.env("CHROMIUM", chromium()?)
        .env("WORDLOOM_URL", serve::start(0)?)
        .env("LOOM", loom()?);
    Ok(node)
}

/// The native tool, built.
pub fn loom() -> Result<PathBuf> {
    let name = format!("loom{}", std::env::consts::EXE_SUFFIX);
    cmd::built(&["build", "--release", "--package=wordloom-trainer"], &name)
}

/// The browser that tests and benches drive: named by CHROMIUM, found on PATH, or installed from Debian's packages.
pub fn chromium() -> Result<PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    installed("Chromium", "CHROMIUM", &names)
}

/// The second engine, in the same way: named by FIREFOX.
pub fn firefox() -> Result<PathBuf> {
    installed("Firefox", "FIREFOX", &["firefox-esr", "firefox"])
}

/// `names` are those of its programs; the first is Debian's package as well.
fn installed(browser: &str, variable: &str, names: &[&str]) -> Result<PathBuf> {
    if let Some(path) = std::env::var_os(variable).map(PathBuf::from) {
        ensure!(
            path.is_file(),
            "{variable} names {}, which is no file",
            path.display()
        );
        return Ok(path);
    }
    let package = names[0];
    if let Some(path) = cmd::find(names) {
        return Ok(path);
    }
    let root = cmd::output(cmd::command("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if !root || cmd::find(&["apt-get"]).is_none() {
        bail!(
            "no {browser} on PATH: install it (on Debian `sudo apt-get install {package}`), or set {variable} to its path"
        );
    }
    println!("No {browser} on PATH: installing Debian's.");
    cmd::run(cmd::command("apt-get").arg("update"))?;
    let mut install = cmd::command("apt-get");
    cmd::run(
        install
            .args(["install", "-y", package])
            .env("DEBIAN_FRONTEND", "noninteractive"),
    )?;
    cmd::find(names).with_context(|| format!("apt-get installed {package}, yet it is not on PATH"))
}
