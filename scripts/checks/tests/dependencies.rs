//! What the project stands on: every licence is one that a reader can accept, and every dependency is used.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use lab::skipped;
use serde_json::Value;
use spdx::{Expression, ParseMode};

/// What may be compiled and handed on with this project's own MIT or Apache-2.0: none of them asks anything of the
/// code beside it. MPL-2.0, mdBook's, does of its own files where they were changed; here they are not.
const ACCEPTED: [&str; 11] = [
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MPL-2.0",
    "Unicode-3.0",
    "Zlib",
    "CC-BY-4.0", // of texts and data beside code
];

/// Packages with a lock file of their own.
const MANIFESTS: [&str; 3] = [
    "Cargo.toml",
    "listings/extension/module/Cargo.toml",
    "listings/debugging/task_dump/Cargo.toml",
];

/// What no line of code names, and why it is there.
const UNNAMED: [(&str, &str, &str); 2] = [
    (
        "listings-http",
        "idna_adapter",
        "its version leaves Unicode tables out that a crate of a crate would bring",
    ),
    ("refused", "tokio", "the programs that it has refused name it"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("scripts/checks")
}

/// What Cargo says of a manifest and of all that it needs on any system; or why it cannot tell.
fn metadata(manifest: &str) -> Result<Value, String> {
    let cargo = env::var_os("CARGO").unwrap_or("cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version=1", "--locked", "--manifest-path"])
        .arg(root().join(manifest))
        .output()
        .expect("cargo");
    if output.status.success() {
        Ok(serde_json::from_slice(&output.stdout).expect("JSON"))
    } else {
        // The crates of other systems are fetched for it.
        Err(String::from_utf8_lossy(&output.stderr).trim().to_string())
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// The files of a crate: its root and the modules below it, as `mod` lines, their paths and `include!` name them.
/// Modules in braces are followed where they stand at the left margin.
fn sources(file: &Path, is_root: bool, found: &mut BTreeMap<PathBuf, String>) {
    let Ok(source) = fs::read_to_string(file) else { return };
    let folder = file.parent().expect("a file").to_path_buf();
    let below =
        if is_root || file.ends_with("mod.rs") { folder.clone() } else { file.with_extension("") };
    let (mut at, mut paths, mut next) = (below.clone(), Vec::new(), Vec::new());
    for line in source.lines() {
        let trimmed = line.trim();
        let quoted =
            |marker| trimmed.split_once(marker).and_then(|(_, rest)| rest.split('"').next());
        if let Some(included) = quoted("include!(\"") {
            next.push(folder.join(included));
        }
        if trimmed.starts_with("#[") {
            paths.extend(trimmed.match_indices("path = \"").filter_map(|(start, marker)| {
                trimmed[start + marker.len()..].split('"').next().map(|path| folder.join(path))
            }));
        } else if let Some(name) = module(trimmed, " {") {
            at = paths.pop().unwrap_or_else(|| below.join(name));
        } else if line == "}" {
            at = below.clone();
        } else if let Some(name) = module(trimmed, ";") {
            next.extend([at.join(format!("{name}.rs")), at.join(name).join("mod.rs")]);
            next.append(&mut paths);
        }
        if !trimmed.starts_with(['#', '/']) {
            paths.clear();
        }
    }
    if found.insert(file.to_path_buf(), source).is_none() {
        next.iter().for_each(|file| sources(file, false, found));
    }
}

/// The name of the module that this line declares, if it ends like that.
fn module<'a>(line: &'a str, end: &str) -> Option<&'a str> {
    let (visible, name) = line.strip_suffix(end)?.rsplit_once("mod ")?;
    (visible.is_empty() || visible.starts_with("pub")).then_some(name)
}

fn names(source: &str, dependency: &str) -> bool {
    let starts_a_word =
        |at: usize| !source[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
    source.match_indices(dependency).any(|(at, found)| {
        let rest = &source[at + found.len()..];
        let used = rest.starts_with("::") || rest.starts_with(';') || rest.starts_with(" as ");
        starts_a_word(at) && used
    })
}

#[test]
fn every_licence_is_one_that_a_reader_can_accept() {
    for manifest in MANIFESTS {
        let found = match metadata(manifest) {
            Ok(found) => found,
            Err(why) => {
                skipped(
                    "every_licence_is_one_that_a_reader_can_accept",
                    &format!("{manifest}: {why}"),
                );
                continue;
            }
        };
        let packages = found["packages"].as_array().expect("packages");
        let ours: BTreeSet<&str> = found["workspace_members"]
            .as_array()
            .expect("members")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        assert!(packages.len() > ours.len(), "{manifest}: no crate was found");
        for package in packages.iter().filter(|package| !ours.contains(text(package, "id"))) {
            let (name, licence) = (text(package, "name"), text(package, "license"));
            let stated = Expression::parse_mode(licence, ParseMode::LAX).unwrap_or_else(|why| {
                panic!("{name} {}: its licence, `{licence}`: {why}", text(package, "version"))
            });
            let accepted = stated.evaluate(|wanted| {
                wanted.license.id().is_some_and(|licence| ACCEPTED.contains(&licence.name))
            });
            assert!(
                accepted,
                "{manifest} needs {name}, whose licence is {licence}: do without it, or add the licence to ACCEPTED \
                 in this file, with what it asks of those who hand the book's code on"
            );
        }
    }
}

#[test]
fn every_dependency_is_named_by_the_package_that_lists_it() {
    let (mut looked, mut unnamed) = (0, Vec::new());
    for manifest in MANIFESTS {
        let found = match metadata(manifest) {
            Ok(found) => found,
            Err(why) => {
                skipped(
                    "every_dependency_is_named_by_the_package_that_lists_it",
                    &format!("{manifest}: {why}"),
                );
                continue;
            }
        };
        let members = found["workspace_members"].as_array().expect("members");
        let packages = found["packages"].as_array().expect("packages");
        for package in packages.iter().filter(|package| members.contains(&package["id"])) {
            let mut files = BTreeMap::new();
            for target in package["targets"].as_array().expect("targets") {
                sources(Path::new(text(target, "src_path")), true, &mut files);
            }
            for dependency in package["dependencies"].as_array().expect("dependencies") {
                let listed =
                    dependency["rename"].as_str().unwrap_or_else(|| text(dependency, "name"));
                if dependency["target"].as_str() == Some("cfg(target_os = \"none\")") {
                    continue; // never compiled: a script of its package is read by a build script
                }
                if UNNAMED
                    .iter()
                    .any(|(owner, name, _)| *owner == text(package, "name") && *name == listed)
                {
                    continue;
                }
                looked += 1;
                let word = listed.replace('-', "_");
                if !files.values().any(|source| names(source, &word)) {
                    unnamed.push(format!("{} lists {listed}", text(package, "name")));
                }
            }
        }
    }
    assert!(looked > 0 || metadata(MANIFESTS[0]).is_err(), "no dependency was looked at");
    assert!(
        unnamed.is_empty(),
        "none of its files names it: {}; remove it, or say in UNNAMED of this file what it is there for",
        unnamed.join(", ")
    );
}
