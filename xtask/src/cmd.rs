//! Child processes, all started in the repository's root.

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The repository's root.
pub fn root() -> PathBuf {
    // Asked at run time first: a moved checkout then needs no rebuild.
    let here = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or(env!("CARGO_MANIFEST_DIR").into());
    Path::new(&here)
        .parent()
        .expect("xtask/ lies in the repository")
        .to_path_buf()
}

/// A command in the root; `program` may be a path.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    command
}

/// The cargo that runs this program.
pub fn cargo(args: &[&str]) -> Command {
    let mut command = command(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    command.args(args);
    command
}

/// Runs to the end with our terminal, and fails when the command does.
pub fn run(command: &mut Command) -> Result<()> {
    let line = describe(command);
    let status = command
        .status()
        .with_context(|| format!("could not start `{line}`"))?;
    ensure!(status.success(), "`{line}` failed ({status})");
    Ok(())
}

/// What the command prints, errors still going to our terminal.
pub fn output(command: &mut Command) -> Result<String> {
    let line = describe(command);
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("could not start `{line}`"))?;
    ensure!(
        output.status.success(),
        "`{line}` failed ({})",
        output.status
    );
    String::from_utf8(output.stdout).with_context(|| format!("`{line}` printed no UTF-8"))
}

/// Runs a cargo build and gives the path of the file named `name` that it made or found fresh.
pub fn built(args: &[&str], name: &str) -> Result<PathBuf> {
    let messages = output(cargo(args).arg("--message-format=json-render-diagnostics"))?;
    let mut files = messages.lines().filter_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        let names = message["filenames"].as_array()?.iter();
        names
            .filter_map(Value::as_str)
            .map(PathBuf::from)
            .find(|path| path.ends_with(name))
    });
    let Some(file) = files.next_back() else {
        bail!("`cargo {}` made no {name}", args.join(" "))
    };
    Ok(file)
}

/// The first program of these names on PATH.
pub fn find(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let places: Vec<_> = std::env::split_paths(&path).collect();
    let files = names
        .iter()
        .flat_map(|name| places.iter().map(move |place| place.join(name)));
    files.into_iter().find(|file| file.is_file())
}

fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}
