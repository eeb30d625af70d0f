//! The page's scripts as a visitor gets them: esbuild joins those that are always loaded together.
//!
//! What pages and other sites load, workers, and what is loaded on demand keep their addresses. What several of these load
//! goes to `www/shared`, one folder deep like all that may go there: so a module names its own files as `../folder/file`. What
//! `www/element.js` names is said from `www`, for it is imported by nobody but on demand, and stays where it is.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::Files;
use crate::{browser, cmd, files};

/// What pages, other sites and browsers load by its address.
const ADDRESSES: [&str; 6] = [
    "www/element.js",
    "www/embed.js",
    "www/engine/worker.js",
    "www/offline.js",
    "www/page.js",
    "www/wordloom.js",
];

/// Scripts, and what each loads with itself.
pub struct Bundle {
    /// All of them.
    pub scripts: Files,
    imports: BTreeMap<String, Vec<String>>,
}

impl Bundle {
    /// Joins the scripts of `www`.
    ///
    /// # Errors
    /// A script that esbuild cannot read, or that imports what is not there.
    pub fn new() -> Result<Self> {
        browser::install_packages("")?;
        let mut entries: BTreeSet<String> = ADDRESSES.map(String::from).into();
        let (_, meta) = joined(&entries)?;
        entries.extend(on_demand(&meta));
        let (scripts, meta) = joined(&entries)?;
        let outputs = meta["outputs"]
            .as_object()
            .context("esbuild's report has no outputs")?;
        let with_itself = |output: &Value| {
            let imports = output["imports"].as_array().into_iter().flatten();
            let own = imports.filter(|import| {
                import["kind"] == "import-statement" && import["external"] != true
            });
            own.filter_map(|import| within_www(import["path"].as_str()?))
                .collect()
        };
        let imports = outputs
            .iter()
            .filter_map(|(path, output)| Some((within_www(path)?, with_itself(output))));
        let imports = imports.collect();
        Ok(Self { scripts, imports })
    }

    /// These scripts, and all that comes with them.
    pub fn with(&self, names: &[&str]) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut left: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        while let Some(name) = left.pop() {
            left.extend(self.imports.get(&name).cloned().unwrap_or_default());
            found.insert(name);
        }
        found
    }
}

/// Where esbuild's report says that something is loaded on demand.
fn on_demand(meta: &Value) -> Vec<String> {
    let inputs = meta["inputs"].as_object().into_iter().flatten();
    let imports = inputs.flat_map(|(_, input)| input["imports"].as_array().into_iter().flatten());
    let dynamic =
        imports.filter(|import| import["kind"] == "dynamic-import" && import["external"] != true);
    dynamic
        .filter_map(|import| within_www(import["path"].as_str()?))
        .collect()
}

/// A path of a report, from `www/` on: what is written lies in another folder.
fn within_www(path: &str) -> Option<String> {
    path.rfind("www/").map(|at| path[at..].to_owned())
}

/// The scripts that these and what they import are joined to, and esbuild's report about them.
fn joined(entries: &BTreeSet<String>) -> Result<(Files, Value)> {
    let root = cmd::root();
    let folder = tempfile::tempdir()?;
    let report = folder.path().join("report.json");
    let mut esbuild = cmd::command(root.join("node_modules/.bin/esbuild"));
    esbuild.args([
        "--bundle",
        "--splitting",
        "--format=esm",
        "--minify",
        "--charset=utf8",
        "--log-level=error",
        "--outbase=.",
        "--chunk-names=www/shared/[hash]",
        "--external:*/pkg/cpu/wordloom.js",
        "--external:*/pkg/gpu/wordloom.js",
    ]);
    esbuild.arg(format!("--outdir={}", folder.path().display()));
    esbuild.arg(format!("--metafile={}", report.display()));
    cmd::run(esbuild.args(entries))?;
    let meta = serde_json::from_slice(&fs::read(&report)?)?;
    let mut scripts = Files::new();
    for path in files::within(folder.path(), Path::new("www"))? {
        let name = path.to_string_lossy().replace('\\', "/");
        scripts.insert(name, fs::read(folder.path().join(path))?);
    }
    ensure!(
        scripts.len() >= entries.len(),
        "esbuild wrote {} scripts of {}",
        scripts.len(),
        entries.len()
    );
    Ok((scripts, meta))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_loaded_by_its_address_keeps_it() {
        let bundle = Bundle::new().unwrap();
        for name in ADDRESSES {
            assert!(bundle.scripts.contains_key(name), "{name}");
        }
        // What a script names by where it lies itself is there.
        let parts = super::super::parts(&bundle).unwrap();
        let mut found = 0;
        for (name, script) in &bundle.scripts {
            let text = String::from_utf8_lossy(script);
            if !text.contains("import.meta.url") {
                continue;
            }
            let strings = text
                .split(['"', '`'])
                .filter(|text| text.starts_with("./") || text.starts_with("../"));
            // The address that stays lies beside the version's folder, and the engine is not built yet.
            let elsewhere = |named: &str| named == "../../element.js" || named.contains("/pkg/");
            let files =
                strings.filter(|named| Path::new(named).extension().is_some() && !elsewhere(named));
            for named in files {
                let mut at: Vec<&str> = name.split('/').collect();
                at.pop();
                for part in named.split('/') {
                    match part {
                        "." => {}
                        ".." => drop(at.pop()),
                        part => at.push(part),
                    }
                }
                found += 1;
                assert!(parts.contains_key(&at.join("/")), "{name} names {named}");
            }
        }
        assert!(found > 20, "{found}");
        let page = bundle.with(&["www/page.js"]);
        assert!(!page.contains("www/sentence/live.js") && !page.contains("www/i18n/zh.js"));
        // Joined: there are fewer than in the repository.
        assert!(!bundle.scripts.contains_key("www/stage/gestures.js"));
    }
}
