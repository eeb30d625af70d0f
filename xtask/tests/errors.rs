//! What a person sees of an error.

use std::process::{Command, Output};

/// Refused before anything is built: the folder is this package's own, where it lies now. A shared target folder may
/// have this test from another checkout.
fn refused(backtrace: &str) -> Output {
    let out = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it");
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["dist", "--no-build", "--out"])
        .arg(out)
        .env("RUST_BACKTRACE", backtrace)
        .output()
        .expect("xtask starts")
}

#[test]
fn errors_are_one_line_without_a_stack_trace() {
    for backtrace in ["0", "1", "full"] {
        let Output { status, stderr, .. } = refused(backtrace);
        let text = String::from_utf8(stderr).expect("text");
        assert!(!status.success());
        assert!(
            text.starts_with("Error: ") && text.contains("has not marked"),
            "{text}"
        );
        assert_eq!(text.lines().count(), 1, "{text}");
    }
}
