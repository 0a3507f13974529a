//! The explorer's steps files end as the listings they stand for: held against the model checker's endings.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use book::interleavings;
use walkdir::{DirEntry, WalkDir};

#[test]
fn the_steps_to_walk_have_the_endings_that_the_checker_finds_in_the_listing() {
    let listings = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../listings");
    let entries = WalkDir::new(&listings).into_iter().map(Result::unwrap).map(DirEntry::into_path);
    let is_steps = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "steps");
    let files: Vec<PathBuf> = entries.filter(is_steps).collect();
    assert!(!files.is_empty(), "no *.steps under {}", listings.display());
    for file in files {
        let program = interleavings::parse(&fs::read_to_string(&file).unwrap())
            .unwrap_or_else(|wrong| panic!("{}: {}: {}", file.display(), wrong.title, wrong.label));
        let walked: BTreeSet<String> =
            program.endings().by_value.keys().map(ToString::to_string).collect();
        let checked = file.with_extension("endings.json");
        let text = fs::read_to_string(&checked).unwrap_or_else(|error| {
            panic!("{}: {error}; `cargo course new explorer` makes one", checked.display())
        });
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        if json["checker"] == "none" {
            let why = json["why"].as_str().unwrap_or_default();
            assert!(why.ends_with('.'), "{}: no sentence says why", checked.display());
            continue;
        }
        let found: BTreeSet<String> =
            json["endings"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(walked, found, "{} and {}", file.display(), checked.display());
    }
}
