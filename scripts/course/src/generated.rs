//! What a build writes into the project besides `target/`. All of it can be made again: Git ignores it, `clean` removes
//! it, and `serve` does not watch it.

use std::path::Path;

use book::project::Settings;

/// Relative to the project. `book` is where the pages are; the others lie beside the chapters, whose folder mdBook
/// copies.
pub const FOLDERS: [&str; 4] = ["book", "src/machines", "src/code", "src/diagrams"];

/// The same, by the names that a book has for them.
pub fn folders(settings: &Settings) -> [String; 4] {
    FOLDERS.map(|folder| match folder {
        "src/machines" => format!("src/{}", settings.machines),
        "src/code" => format!("src/{}", settings.code),
        other => other.to_string(),
    })
}

/// Relative to the project.
pub const FILES: [&str; 3] = ["src/sitemap.xml", "theme/head.hbs", "theme/header.hbs"];

/// Whether a build writes this path, which is relative to the project.
pub fn is_generated(path: &Path) -> bool {
    FOLDERS.iter().any(|folder| path.starts_with(folder))
        || FILES.iter().any(|file| path == Path::new(file))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::PathBuf;
    use std::{env, fs};

    use walkdir::WalkDir;

    use super::*;
    use crate::render;
    use book::fixtures::{AWAY, HOME, TinyBook, fetch};

    fn files(root: &Path) -> BTreeSet<PathBuf> {
        let entries = WalkDir::new(root).into_iter().map(Result::unwrap);
        entries
            .filter(|entry| entry.file_type().is_file())
            .map(|entry| entry.path().strip_prefix(root).unwrap().to_path_buf())
            .filter(|path| !path.starts_with("target"))
            .collect()
    }

    #[test]
    fn whatever_a_build_writes_is_in_the_list_and_the_list_has_nothing_else() {
        let book = TinyBook::new();
        let settings = fs::read_to_string(book.root().join("book.toml")).unwrap();
        let published = "\n[output.html]\nsite-url = \"https://example.org/\"\n";
        book.write("book.toml", &format!("{settings}{published}"));
        book.write("src/SUMMARY.md", "# Summary\n\n- [Ideas](ideas.md)\n");
        book.write(
            "src/ideas.md",
            "# Ideas\n\n{{#listing ideas/posted.rs \"Posted\"}}\n\nIt takes {{#time fetch.threads@cores}}.\n\n\
             {{#diagram \"A guard leads to a lock\"}}\n\n```mermaid\nflowchart LR\n  guard --> lock\n```\n\n{{/diagram}}\n",
        );
        let house = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
        let shell = fs::read_to_string(house.join("theme/index.hbs")).unwrap();
        book.write("theme/index.hbs", &shell);
        book.write("listings/ideas/posted.rs", "// Runs on the Playground.\n\nfn main() {}\n");
        book.write("Cargo.toml", "");
        book.write("Cargo.lock", "");
        book.record(HOME, 2, fetch(52.0));
        book.record(AWAY, 1, fetch(101.0));
        let before = files(book.root());
        render::render(&book.project(), None).unwrap();
        let written: BTreeSet<_> = files(book.root()).difference(&before).cloned().collect();
        for path in &written {
            assert!(is_generated(path), "{} is not in the list", path.display());
        }
        for listed in FOLDERS.iter().chain(&FILES) {
            assert!(
                written.iter().any(|path| path.starts_with(listed)),
                "{listed} was not written; there are: {written:?}"
            );
        }
    }
}
