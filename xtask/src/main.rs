//! Everything a person types: builds, serves, measures and tests the page.

mod bench;
mod browser;
mod cmd;
mod dist;
mod files;
#[cfg(test)]
mod imports;
mod parts;
mod serve;
mod site;
mod size;
mod test;
mod toolchain;
mod wasm;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Builds, serves, measures and tests Wordloom's page.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    arg_required_else_help = true
)]
struct Args {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the engine for the browser into pkg/
    Build,
    /// Build what is missing and serve the page on this machine
    Serve {
        /// Port on 127.0.0.1; 0 takes any free one
        #[arg(long, default_value_t = 8080)]
        port: u16,
    },
    /// Build, then make the folder for a static host, an npm package as well
    Dist(dist::Options),
    /// Build, then list what a visitor downloads, raw and brotli, and what each part costs
    Size,
    /// Build, then measure the page beside onnxruntime-web in Chromium
    Bench {
        /// Where to write the figures
        #[arg(long, default_value = "target/bench.json")]
        json: PathBuf,
        /// Measure the training beside PyTorch instead
        #[arg(long)]
        train: bool,
        /// Measure what a visitor of the page waits for instead: a key, a tap, many photos
        #[arg(long, conflicts_with = "train")]
        page: bool,
        /// Install the package for static hosts into a fresh project of Vite and one of webpack instead
        #[arg(long, conflicts_with_all = ["train", "page"])]
        bundlers: bool,
    },
    /// Check everything, or only the parts named: format, lints, Rust tests, types, browser tests
    Test(test::Only),
}

fn main() -> ExitCode {
    let done = match Args::parse().command {
        Task::Build => wasm::build(),
        Task::Serve { port } => serve::run(port),
        Task::Dist(options) => dist::run(options),
        Task::Size => size::run(),
        Task::Bench { train: true, .. } => bench::train(),
        Task::Bench { bundlers: true, .. } => bench::bundlers(),
        Task::Bench { json, page, .. } => bench::run(json, page),
        Task::Test(only) => test::run(only),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Not as `main` would: that adds a stack trace where RUST_BACKTRACE asks for one.
            eprintln!("Error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
