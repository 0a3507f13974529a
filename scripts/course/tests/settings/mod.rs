//! The settings and the theme of this book, for another one.

use std::fs;
use std::path::Path;

use toml::{Table, Value};
use walkdir::WalkDir;

/// Gives a project in this folder the theme of this one, and its settings as far as they suit it.
pub(crate) fn borrow(root: &Path) {
    let house = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    fs::write(root.join("book.toml"), without_its_own(&house)).unwrap();
    copy_folder(&house.join("theme"), &root.join("theme"));
}

/// book.toml without what it says of its own pages, and of the machine that its own records are from.
fn without_its_own(root: &Path) -> String {
    let path = root.join("book.toml");
    let text = fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    let mut settings: Table = text.parse().unwrap();
    let mut remove = |tables: &[&str], key: &str| {
        let table = tables.iter().try_fold(&mut settings, |table, name| {
            table.get_mut(*name).and_then(Value::as_table_mut)
        });
        table.and_then(|table| table.remove(key));
    };
    remove(&["preprocessor", "course"], "machine");
    remove(&["output", "html", "search"], "chapter");
    settings.to_string()
}

pub(crate) fn copy_folder(from: &Path, to: &Path) {
    for entry in WalkDir::new(from).follow_links(true) {
        let entry = entry.unwrap();
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(target).unwrap();
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
