//! No import goes in a circle: what a file imports never imports that file, in Rust or in JavaScript.
//!
//! A Rust module and those within it are one room and may know each other; tests may know everything. Of JavaScript, what is
//! loaded on demand does not count.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;
use syn::{Item, UseTree};

use crate::cmd::root;

/// What each file imports, by their names.
type Imports = BTreeMap<String, Vec<String>>;

fn circles(imports: &Imports) -> Vec<Vec<&str>> {
    let edges = imports.iter().flat_map(|(from, to)| {
        let edge = |to| (from.as_str(), String::as_str(to));
        to.iter().map(edge)
    });
    let mut groups = tarjan_scc(&DiGraphMap::<_, ()>::from_edges(edges));
    groups.retain(|group| group.len() > 1);
    groups.iter_mut().for_each(|group| group.sort());
    groups
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|is| is == extension) {
            found.push(path);
        }
    }
    found
}

/// Where a file is, without its extension: `engine::session`, and nothing for the crate itself.
fn module(path: &Path, source: &Path) -> Vec<String> {
    let path = path.strip_prefix(source).unwrap().with_extension("");
    let mut names: Vec<String> = (path.iter())
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    if matches!(
        names.last().map(String::as_str),
        Some("mod" | "lib" | "main")
    ) {
        names.pop();
    }
    names
}

fn rust(source: &Path) -> Imports {
    let modules = files(source, "rs").into_iter();
    let modules: BTreeMap<Vec<String>, PathBuf> = modules
        .map(|path| (module(&path, source), path))
        .filter(|(module, _)| module.iter().all(|name| name != "tests"))
        .collect();
    let imports = modules.iter().map(|(module, path)| {
        let text = fs::read_to_string(path).unwrap();
        let used = syn::parse_file(&text).unwrap().items.into_iter();
        let used = used.filter_map(|item| match item {
            Item::Use(item) => Some(paths(&item.tree)),
            _ => None,
        });
        let imported = used.flatten().filter_map(|path| {
            let mut at = match path.first()?.as_str() {
                "crate" => Vec::new(),
                "super" | "self" => module.clone(),
                _ => return None,
            };
            for name in path {
                match name.as_str() {
                    "crate" | "self" => {}
                    "super" => drop(at.pop()),
                    _ => {
                        at.push(name);
                        if !modules.contains_key(&at) {
                            at.pop();
                            break;
                        }
                    }
                }
            }
            let one_room = at.starts_with(module) || module.starts_with(&at);
            (!one_room).then(|| at.join("::"))
        });
        (module.join("::"), imported.collect())
    });
    imports.collect()
}

/// The paths of a `use`, name by name.
fn paths(tree: &UseTree) -> Vec<Vec<String>> {
    let within = |name: String, paths: Vec<Vec<String>>| {
        let longer = |path| [vec![name.clone()], path].concat();
        paths.into_iter().map(longer).collect()
    };
    match tree {
        UseTree::Path(path) => within(path.ident.to_string(), paths(&path.tree)),
        UseTree::Group(group) => group.items.iter().flat_map(paths).collect(),
        UseTree::Name(name) => vec![vec![name.ident.to_string()]],
        UseTree::Rename(name) => vec![vec![name.ident.to_string()]],
        UseTree::Glob(_) => vec![vec![]],
    }
}

fn javascript(folder: &Path) -> Imports {
    let imports = files(folder, "js").into_iter().map(|path| {
        let text = fs::read_to_string(&path).unwrap();
        let imported = text.lines().filter_map(|line| {
            let (_, source) = line
                .split_once(" from '.")
                .or(line.split_once("import '."))?;
            let source = format!(".{}", source.split('\'').next()?);
            // What is still to be built imports nothing of the page's.
            let file = path.parent().unwrap().join(source).canonicalize().ok()?;
            Some(file.display().to_string())
        });
        let imported = imported.collect();
        (path.canonicalize().unwrap().display().to_string(), imported)
    });
    imports.collect()
}

#[test]
fn no_import_goes_in_a_circle() {
    for source in ["src", "kernels/src", "trainer/src", "xtask/src"] {
        let imports = rust(&root().join(source));
        assert!(imports.values().flatten().count() > 10, "{imports:?}");
        assert_eq!(circles(&imports), [[""; 0]; 0], "{source}");
    }
    let imports = javascript(&root().join("www"));
    assert!(imports.values().flatten().count() > 50, "{imports:?}");
    assert_eq!(circles(&imports), [[""; 0]; 0]);
}

#[test]
fn circles_are_found() {
    let folder = std::env::temp_dir().join(format!("wordloom-imports-{}", std::process::id()));
    fs::create_dir_all(folder.join("room")).unwrap();
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    write("lib.rs", "mod a; mod b; mod room;");
    write("a.rs", "use crate::{b::{self, B}, room::inner::C};");
    write("b.rs", "use super::room::C;");
    write("room.rs", "mod inner; use inner::C; use self::inner::D;");
    write("room/inner.rs", "use super::C; use super::super::a::A;");
    assert_eq!(circles(&rust(&folder)), [["a", "room::inner"]]);
    write("a.js", "import { b } from './b.js';\n");
    write(
        "b.js",
        "import './room/c.js';\n/** @param {import('./a.js').A} a */\n",
    );
    write("room/c.js", "const a = () => import('../a.js');\n");
    assert!(circles(&javascript(&folder)).is_empty());
    write("room/c.js", "export { a } from '../a.js';\n");
    assert_eq!(circles(&javascript(&folder))[0].len(), 3);
    fs::remove_dir_all(folder).unwrap();
}
