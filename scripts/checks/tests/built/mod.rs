//! Where the built book is, for the tests that read it.

// Each test file uses a part of it.
#![allow(dead_code)]

use std::env;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

/// `book/`, or the folder that the environment variable BOOK names.
///
/// # Panics
/// Where there is none: a test that reads no pages has not passed.
pub fn built_book() -> PathBuf {
    let book = match env::var_os("BOOK") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../book"),
    };
    assert!(
        book.join("index.html").exists(),
        "{} holds no book: build it first, with `cargo course build --recorded`",
        book.display()
    );
    book
}

/// Every file of a folder, as relative paths with forward slashes, in order.
pub fn files(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in WalkDir::new(root) {
        let entry = entry.unwrap_or_else(|why| panic!("{why}"));
        if !entry.file_type().is_dir() {
            let path = entry.path().strip_prefix(root).expect("found under it");
            found.push(path.display().to_string().replace('\\', "/"));
        }
    }
    found.sort();
    found
}

/// Where a page leads that says only that it has moved, as `[output.html.redirect]` makes them.
pub fn moved_to(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("<meta http-equiv=\"refresh\" content=\"0; URL=")?;
    rest.split_once('"').map(|(target, _)| target)
}
