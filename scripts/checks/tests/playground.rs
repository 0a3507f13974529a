//! Listings that say that they run on the Rust Playground compile there: alone, as one file of the
//! book's edition, with the crates that the Playground has and nothing else. So do the exercises that
//! are opened there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use book::exercise;
use book::project::Project;
use toml::Table;
use walkdir::WalkDir;

/// Of the crates that the Playground offers, those that listings and exercises may use, with the features
/// that they have there and need here.
const OFFERED: [(&str, &str); 9] = [
    ("crossbeam", ""),
    ("crossbeam-channel", ""),
    ("parking_lot", ""),
    ("rand", ""),
    ("rayon", ""),
    ("serde", "derive"),
    ("serde_json", ""),
    ("tokio", "full"),
    ("tracing", ""),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

/// Listings whose header says so.
fn meant_for_it() -> Vec<PathBuf> {
    let entries = WalkDir::new(root().join("listings")).sort_by_file_name().into_iter();
    let paths = entries.map(|entry| entry.expect("a file of listings").into_path());
    let is_rust = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "rs");
    paths.filter(|path| is_rust(path) && says_so(path)).collect()
}

fn says_so(listing: &Path) -> bool {
    let text = text(listing);
    let mut header = text.lines().take_while(|line| line.starts_with("//"));
    header.any(|line| line.trim_start_matches(['/', '!']).trim() == "Runs on the Playground.")
}

/// The version of a crate that the book is built with.
fn locked(name: &str) -> String {
    static LOCK: LazyLock<Table> =
        LazyLock::new(|| text(&root().join("Cargo.lock")).parse().expect("Cargo.lock is TOML"));
    let mut packages = LOCK["package"].as_array().expect("packages are a list").iter();
    let package = packages.find(|package| package["name"].as_str() == Some(name));
    let package = package.unwrap_or_else(|| panic!("Cargo.lock has no `{name}`"));
    package["version"].as_str().expect("every package has a version").to_string()
}

/// A manifest with the offered crates that this code names.
fn manifest(code: &str) -> String {
    let named = |(name, _): &(&str, &str)| code.contains(&format!("{}::", name.replace('-', "_")));
    let crates = OFFERED.into_iter().filter(named).map(|(name, features)| {
        let features: Vec<&str> = features.split_terminator(' ').collect();
        format!("{name} = {{ version = \"={}\", features = {features:?} }}\n", locked(name))
    });
    format!(
        "[package]\nname = \"playground\"\nversion = \"0.0.1\"\nedition = \"2024\"\n\n\
         [dependencies]\n{}\n[workspace]\n",
        crates.collect::<String>()
    )
}

/// A package of this one file.
fn package(folder: &Path, code: &str) {
    let manifest = manifest(code);
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::write(folder.join("src/main.rs"), code).unwrap();
}

#[test]
fn listings_for_the_playground_compile_alone() {
    let meant = meant_for_it();
    assert!(!meant.is_empty(), "no listing says that it runs on the Playground");
    let home = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for (number, listing) in meant.iter().enumerate() {
        let folder = home.path().join(number.to_string());
        package(&folder, &text(listing));
        let compiled = Command::new(env!("CARGO"))
            .args(["check", "--offline", "--quiet"])
            .env("CARGO_TARGET_DIR", home.path().join("target"))
            .current_dir(&folder)
            .output()
            .expect("cargo starts");
        if !compiled.status.success() {
            let said = String::from_utf8_lossy(&compiled.stderr);
            wrong.push(format!("{} does not compile alone:\n{said}", listing.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn exercises_for_the_playground_compile_alone() {
    let project = Project::at(&root()).unwrap();
    let home = tempfile::tempdir().unwrap();
    let (mut all, mut targets, mut at_home) = (String::new(), String::new(), Vec::new());
    for (name, path) in exercise::files(&project) {
        let Some(code) = exercise::read(&project, &name, &path).unwrap().playground_file() else {
            at_home.push(name);
            continue;
        };
        fs::write(home.path().join(format!("{name}.rs")), &code).unwrap();
        targets += &format!("[[test]]\nname = \"{name}\"\npath = \"{name}.rs\"\n");
        all += &code;
    }
    // They start programs; the others are of std and of what the Playground has.
    assert_eq!(at_home, AT_HOME);
    fs::write(home.path().join("Cargo.toml"), manifest(&all) + &targets).unwrap();
    let compiled = Command::new(env!("CARGO"))
        .args(["check", "--offline", "--quiet", "--tests", "--keep-going"])
        .current_dir(home.path())
        .output()
        .expect("cargo starts");
    let said = String::from_utf8_lossy(&compiled.stderr);
    assert!(compiled.status.success(), "not every exercise compiles alone:\n{said}");
    assert_eq!(said, "", "on the Playground every warning is shown");
}

/// Exercises that need more than the Playground offers.
const AT_HOME: [&str; 2] = ["pool_of_processes", "time_limit"];

#[test]
fn a_listing_that_needs_another_file_is_found() {
    let home = tempfile::tempdir().unwrap();
    package(home.path(), "use crate::corpus::Document;\nfn main() {}\n");
    let compiled = Command::new(env!("CARGO"))
        .args(["check", "--offline", "--quiet"])
        .current_dir(home.path())
        .output()
        .expect("cargo starts");
    assert!(String::from_utf8_lossy(&compiled.stderr).contains("corpus"));
    assert!(!compiled.status.success());
}
