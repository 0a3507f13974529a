//! What a build writes into the project besides `target/`. All of it can be made again: Git ignores it, `clean` removes
//! it, and `serve` does not watch it.

use std::path::{Path, PathBuf};

use book::project::{MdBook, Project};

/// Those of this book, relative to the project. `book` is where the pages are; the others lie beside the chapters,
/// whose folder mdBook copies.
pub const FOLDERS: [&str; 4] = ["book", "src/machines", "src/code", "src/diagrams"];

/// Those of this book, relative to the project.
pub const FILES: [&str; 3] = ["src/sitemap.xml", "theme/head.hbs", "theme/header.hbs"];

/// The same, by the names that a book has for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    pub folders: Vec<PathBuf>,
    pub files: Vec<PathBuf>,
}

impl Generated {
    pub fn of(project: &Project) -> Generated {
        let Project { settings, mdbook: MdBook { chapters, pages, theme, .. }, .. } = project;
        let beside = [&settings.machines, &settings.code, "diagrams"];
        let mut folders = vec![pages.clone()];
        folders.extend(beside.map(|folder| chapters.join(folder)));
        let mut files = vec![chapters.join("sitemap.xml")];
        files.extend(["head.hbs", "header.hbs"].map(|file| theme.join(file)));
        files.extend(settings.style.iter().map(PathBuf::from));
        Generated { folders, files }
    }

    /// Whether a build writes this path, which is relative to the project.
    pub fn contain(&self, path: &Path) -> bool {
        self.folders.iter().any(|folder| path.starts_with(folder))
            || self.files.iter().any(|file| path == file)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
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
        let generated = Generated::of(&book.project());
        let of_this_book = |paths: &[&str]| paths.iter().map(PathBuf::from).collect::<Vec<_>>();
        assert_eq!(generated.folders, of_this_book(&FOLDERS));
        assert_eq!(generated.files, of_this_book(&FILES));
        render::render(&book.project(), None).unwrap();
        let written: BTreeSet<_> = files(book.root()).difference(&before).cloned().collect();
        for path in &written {
            assert!(generated.contain(path), "{} is not in the list", path.display());
        }
        for listed in generated.folders.iter().chain(&generated.files) {
            assert!(
                written.iter().any(|path| path.starts_with(listed)),
                "{} was not written; there are: {written:?}",
                listed.display()
            );
        }
    }
}
