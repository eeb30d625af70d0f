//! What Rust needs here beside the compiler: looked for before anything is built, and brought by rustup
//! where it is missing. rustup reads rust-toolchain.toml itself, but not where it may install nothing
//! on its own (`RUSTUP_AUTO_INSTALL=0`).

use crate::cmd;
use anyhow::{Context, Result, bail, ensure};
use std::path::Path;
use std::process::Stdio;

/// What the browser runs.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// A part of a toolchain, as rustup counts them.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Part {
    Target(&'static str),
    Component(&'static str),
}

/// Looks for the libraries that the browser's builds need.
///
/// # Errors
/// When they are missing, and rustup is too, or cannot install them.
pub fn for_the_browser() -> Result<()> {
    complete(Part::Target(TARGET), has, rustup().as_deref())
}

/// Looks for what `cargo fmt` and `cargo clippy` are.
///
/// # Errors
/// As [`for_the_browser`].
pub fn for_checks() -> Result<()> {
    let rustup = rustup();
    for name in ["rustfmt", "clippy"] {
        complete(Part::Component(name), has, rustup.as_deref())?;
    }
    Ok(())
}

/// Installs a part that is missing.
fn complete(part: Part, has: impl Fn(Part) -> Result<bool>, rustup: Option<&Call>) -> Result<()> {
    if has(part)? {
        return Ok(());
    }
    let Some(rustup) = rustup else {
        bail!("{}", part.advice());
    };
    let words = part.words();
    println!(
        "Rust has no {} here: running `rustup {}`.",
        part.name(),
        words.join(" ")
    );
    rustup(&words).with_context(|| format!("rustup could not install {}", part.name()))?;
    ensure!(
        has(part)?,
        "rustup installed {}, but not for the Rust on PATH: {}",
        part.name(),
        part.advice()
    );
    Ok(())
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Target(name) | Self::Component(name) => name,
        }
    }

    /// rustup's arguments.
    fn words(self) -> [&'static str; 3] {
        match self {
            Self::Target(name) => ["target", "add", name],
            Self::Component(name) => ["component", "add", name],
        }
    }

    /// For a person, in one line.
    fn advice(self) -> String {
        format!(
            "Rust needs {} here: install rustup (https://rustup.rs) and run `rustup {}`, or take your \
             system's package of it",
            self.name(),
            self.words().join(" ")
        )
    }
}

fn has(part: Part) -> Result<bool> {
    match part {
        Part::Target(name) => {
            let mut rustc = cmd::command("rustc");
            rustc.args(["--print", "target-libdir", "--target", name]);
            let libraries = cmd::output(&mut rustc)?;
            Ok(Path::new(libraries.trim()).is_dir())
        }
        Part::Component(name) => {
            let tool = if name == "rustfmt" { "fmt" } else { name };
            // Without it, rustup's stand-in only says so.
            let mut cargo = cmd::cargo(&[tool, "--version"]);
            cargo.stdout(Stdio::null()).stderr(Stdio::null());
            let status = cargo.status().context("could not start cargo")?;
            Ok(status.success())
        }
    }
}

/// Runs rustup with these words.
type Call<'a> = dyn Fn(&[&str]) -> Result<()> + 'a;
type Rustup = Box<Call<'static>>;

/// rustup, where it is installed. It changes the toolchain that runs this program: a proxy of rustup's
/// has named it in the environment.
fn rustup() -> Option<Rustup> {
    let program = cmd::find(&["rustup", "rustup.exe"])?;
    Some(Box::new(move |words| {
        cmd::run(cmd::command(&program).args(words))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    const WASM: Part = Part::Target(TARGET);

    #[test]
    fn what_is_missing_is_installed_once() {
        for part in [WASM, Part::Component("clippy")] {
            let there = RefCell::new(Vec::new());
            let calls = RefCell::new(Vec::new());
            let has = |part: Part| Ok(there.borrow().contains(&part.name()));
            let rustup = |words: &[&str]| {
                calls.borrow_mut().push(words.join(" "));
                there.borrow_mut().push(part.name());
                Ok(())
            };
            complete(part, has, Some(&rustup)).unwrap();
            complete(part, has, Some(&rustup)).unwrap();
            assert_eq!(*calls.borrow(), [part.words().join(" ")]);
        }
        assert_eq!(WASM.words(), ["target", "add", "wasm32-unknown-unknown"]);
    }

    #[test]
    fn without_rustup_one_line_says_what_to_do() {
        let error = complete(WASM, |_| Ok(false), None).unwrap_err();
        let line = format!("{error:#}");
        assert!(line.contains("rustup target add wasm32-unknown-unknown"));
        assert!(!line.contains('\n'), "{line}");
    }

    #[test]
    fn a_rustup_that_fails_or_helps_another_rust_is_an_error() {
        let fails = |_: &[&str]| bail!("no network");
        let error = complete(WASM, |_| Ok(false), Some(&fails)).unwrap_err();
        assert!(format!("{error:#}").ends_with("no network"));
        let idle = |_: &[&str]| Ok(());
        assert!(complete(WASM, |_| Ok(false), Some(&idle)).is_err());
    }
}
