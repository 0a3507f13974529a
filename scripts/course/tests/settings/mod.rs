//! The settings of this book, for another one that has its theme.

use std::fs;
use std::path::Path;

use toml::{Table, Value};

/// book.toml without what it says of its own pages, and of the machine that its own records are from.
pub fn without_its_own(root: &Path) -> String {
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
