//! Which dependency the bytes of the wasm come from.
//!
//! A function belongs to a dependency when its name mentions a crate that nothing else brings,
//! be it as the type it is made for: `Vec<tokenizers::Encoding>::push` is the tokenizer's.

use crate::cmd;
use anyhow::{Context, Result};
use std::collections::{HashMap, HashSet};
use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

/// The dependencies that are worth a row, and what `cargo tree` calls them.
const DEPENDENCIES: [(&str, &[&str]); 2] = [
    (
        "tokenizers and regex, and what they bring",
        &["tokenizers", "regex"],
    ),
    ("burn, and what only it brings", &["burn"]),
];

/// Bytes of each part, by its name: the dependencies' functions, all others, and the data.
pub fn of(wasm: &[u8]) -> Result<Vec<(String, Vec<u8>)>> {
    let mut parts: Vec<(String, Vec<u8>)> = Vec::new();
    let mut owner = HashMap::new();
    for (label, crates) in DEPENDENCIES {
        for name in only_through(crates)? {
            owner.entry(name).or_insert(parts.len());
        }
        parts.push((label.into(), Vec::new()));
    }
    let rest = parts.len();
    parts.push(("all other code: ours, std, serde, ...".into(), Vec::new()));
    parts.push(("data: tables, texts".into(), Vec::new()));

    let (mut imports, mut bodies, mut names) = (0, Vec::new(), HashMap::new());
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.context("the wasm that cargo built cannot be read")? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    imports += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(body.range()),
            Payload::DataSection(section) => parts[rest + 1].1.extend(&wasm[section.range()]),
            Payload::CustomSection(section) => {
                let KnownCustom::Name(section) = section.as_known() else {
                    continue;
                };
                for name in section {
                    let Name::Function(functions) = name? else {
                        continue;
                    };
                    for naming in functions {
                        let naming = naming?;
                        names.insert(
                            naming.index,
                            format!("{:#}", rustc_demangle::demangle(naming.name)),
                        );
                    }
                }
            }
            _ => {}
        }
    }
    for (index, body) in (imports..).zip(bodies) {
        let name = names.get(&index).map_or("", String::as_str);
        let part = crates_in(name)
            .filter_map(|name| owner.get(name))
            .min()
            .unwrap_or(&rest);
        parts[*part].1.extend(&wasm[body]);
    }
    Ok(parts)
}

/// The crates that the library would not have without these.
fn only_through(crates: &[&str]) -> Result<HashSet<String>> {
    let mut all = tree(&[])?;
    for name in tree(crates)? {
        all.remove(&name);
    }
    Ok(all)
}

fn tree(without: &[&str]) -> Result<HashSet<String>> {
    let mut command = cmd::cargo(&[
        "tree",
        "--package=wordloom",
        "--edges=normal",
        "--prefix=none",
        "--format={lib}",
    ]);
    command.arg("--target=wasm32-unknown-unknown");
    command.args(without.iter().map(|name| format!("--prune={name}")));
    let list = cmd::output(&mut command)?;
    Ok(list
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(String::from)
        .collect())
}

/// The crates that a demangled name mentions: what stands before the first `::` of each path.
fn crates_in(name: &str) -> impl Iterator<Item = &str> {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let starts = name.match_indices("::").filter_map(move |(end, _)| {
        let start = name[..end].rfind(|c| !word(c)).map_or(0, |at| at + 1);
        (start < end && !name[..start].ends_with("::")).then(|| &name[start..end])
    });
    starts.into_iter()
}

#[cfg(test)]
mod tests {
    use super::crates_in;

    #[test]
    fn crates_of_a_name() {
        for (name, crates) in [
            ("memcpy", vec![]),
            (
                "tokenizers::models::wordpiece::WordPiece::tokenize",
                vec!["tokenizers"],
            ),
            (
                "<alloc::vec::Vec<tokenizers::Token>>::push",
                vec!["alloc", "tokenizers"],
            ),
            (
                "<burn_flex::ops::Conv as core::fmt::Debug>::fmt",
                vec!["burn_flex", "core"],
            ),
            (
                "core::ptr::drop_in_place::<(regex::Regex, u8)>",
                vec!["core", "regex"],
            ),
        ] {
            assert_eq!(crates_in(name).collect::<Vec<_>>(), crates, "{name}");
        }
    }
}
