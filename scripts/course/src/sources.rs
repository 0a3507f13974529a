//! The files that a book is made of, which its author writes: by the names that book.toml has for them.

use std::path::{Component, Path, PathBuf};

use book::project::Project;

use crate::generated::Generated;

/// All paths are relative to the project.
#[derive(Clone, Debug)]
pub(crate) struct Sources {
    /// With everything in them. Not each is there in every book.
    pub folders: Vec<PathBuf>,
    /// Outside of these folders.
    pub files: Vec<PathBuf>,
    /// The folders and files among them that Cargo reads.
    code: Vec<PathBuf>,
    /// The folder of the records.
    measurements: PathBuf,
    generated: Generated,
}

impl Sources {
    pub(crate) fn of(project: &Project) -> Sources {
        let Project { settings, mdbook, .. } = project;
        let [listings, examples] = [&settings.listings, &settings.examples].map(PathBuf::from);
        let measurements = PathBuf::from(&settings.measurements);
        let mut code = vec![listings.clone(), examples.clone()];
        code.extend(["Cargo.toml", "Cargo.lock"].map(PathBuf::from));
        code.extend(manifests(&project.root, &listings));
        code.extend(manifests(&project.root, &examples));
        let mut folders = vec![mdbook.chapters.clone(), listings, examples];
        folders.extend([mdbook.theme.clone(), measurements.clone()]);
        let mut files = vec![PathBuf::from("book.toml")];
        files.extend(code.iter().chain(&mdbook.additional).cloned());
        let generated = Generated::of(project);
        files.retain(|file| !folders.iter().any(|folder| file.starts_with(folder)));
        files.retain(|file| !generated.contain(file));
        files.sort();
        files.dedup();
        Sources { folders, files, code, measurements, generated }
    }

    /// Whether this is a file of the book, and none that a build, Cargo or an editor writes.
    pub(crate) fn contain(&self, path: &Path) -> bool {
        let is_hidden = |part: Component| part.as_os_str().to_string_lossy().starts_with('.');
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let of_a_tool = path.starts_with("target")
            || path.components().any(is_hidden)
            || name.ends_with('~')
            || name.ends_with(".swp");
        let listed = self.folders.iter().any(|folder| path.starts_with(folder))
            || self.files.iter().any(|file| path == file);
        listed && !of_a_tool && !self.generated.contain(path)
    }

    /// Whether Cargo has to see the change before a reader does.
    pub(crate) fn is_code(&self, path: &Path) -> bool {
        self.code.iter().any(|code| path.starts_with(code))
    }

    /// Whether a measurement writes it.
    pub(crate) fn is_record(&self, path: &Path) -> bool {
        path.starts_with(&self.measurements)
    }
}

/// The manifests of the packages around a folder, below the root.
fn manifests(root: &Path, folder: &Path) -> Vec<PathBuf> {
    let around = folder.ancestors().skip(1).filter(|around| !around.as_os_str().is_empty());
    around
        .map(|around| around.join("Cargo.toml"))
        .filter(|file| root.join(file).is_file())
        .collect()
}

#[cfg(test)]
mod tests {
    use book::fixtures::TinyBook;

    use super::*;
    use crate::generated;

    fn assert_contained(sources: &Sources, paths: &[&str]) {
        for path in paths {
            assert!(sources.contain(Path::new(path)), "{path} is not among {sources:#?}");
        }
    }

    fn assert_left_out(sources: &Sources, paths: &[&str]) {
        for path in paths {
            assert!(!sources.contain(Path::new(path)), "{path} is among {sources:#?}");
        }
    }

    /// A book whose folders have other names, as book.toml has them.
    fn another() -> TinyBook {
        let book = TinyBook::new();
        book.write(
            "book.toml",
            "[book]\nsrc = \"text\"\n\n[build]\nbuild-dir = \"out\"\n\n\
             [preprocessor.course]\nlistings = \"rust/src\"\nexamples = \"rust/examples\"\n\
             measurements = \"records\"\ncode = \"posted\"\nmachines = \"places\"\nstyle = \"figures.css\"\n\n\
             [output.html]\ntheme = \"look\"\nadditional-css = [\"figures.css\", \"css/mine.css\"]\n",
        );
        book.write("rust/Cargo.toml", "");
        book
    }

    #[test]
    fn what_a_build_writes_is_no_source() {
        let sources = Sources::of(&TinyBook::new().project());
        for folder in generated::FOLDERS {
            let path = Path::new(folder).join("index.json");
            assert!(!sources.contain(&path), "{}", path.display());
        }
        assert_left_out(&sources, &generated::FILES);
        assert_left_out(&sources, &["target/release/course", ".git/index", "notes.txt"]);
        let chapter = ["src/ch05-threads.md", "theme/course.css", "book.toml", "listings/lib.rs"];
        assert_contained(&sources, &chapter);
        assert_contained(&sources, &["measurements", "Cargo.lock"]);
        let unsaved = ["src/.ch05-threads.md.swp", "src/ch05-threads.md~", "src/.#ch05-threads.md"];
        assert_left_out(&sources, &unsaved);
    }

    #[test]
    fn a_book_with_folders_of_its_own_is_made_of_those() {
        let sources = Sources::of(&another().project());
        assert_contained(
            &sources,
            &["text/coffee.md", "rust/src/cups.rs", "rust/examples/cups.rs"],
        );
        assert_contained(&sources, &["records/here/cups.json", "look/index.hbs", "css/mine.css"]);
        assert_contained(&sources, &["book.toml", "Cargo.toml", "rust/Cargo.toml"]);
        assert_left_out(&sources, &["src/coffee.md", "listings/lib.rs", "theme/course.css"]);
        assert_left_out(
            &sources,
            &["text/posted/cups.rs", "text/places/index.json", "figures.css"],
        );
        assert_left_out(&sources, &["out/index.html", "look/head.hbs", "text/sitemap.xml"]);
        assert_left_out(&sources, &["rust/README.md", "css/other.css"]);
    }

    #[test]
    fn only_code_is_compiled_again() {
        let sources = Sources::of(&TinyBook::new().project());
        assert!(sources.is_code(Path::new("listings/threads/word_count.rs")));
        assert!(sources.is_code(Path::new("Cargo.toml")));
        assert!(!sources.is_code(Path::new("src/ch05-threads.md")));
        let record = Path::new("measurements/here/word_count.json");
        assert!(!sources.is_code(record) && sources.is_record(record));
        let sources = Sources::of(&another().project());
        for code in ["rust/src/cups.rs", "rust/examples/cups.rs", "rust/Cargo.toml", "Cargo.lock"] {
            assert!(sources.is_code(Path::new(code)), "{code}");
        }
        assert!(!sources.is_code(Path::new("css/mine.css")));
        assert!(sources.is_record(Path::new("records/here/cups.json")));
    }

    #[test]
    fn a_book_whose_chapters_lie_beside_its_settings_is_not_made_of_its_build() {
        let book = TinyBook::new();
        book.write("book.toml", "[book]\nsrc = \".\"\n");
        let sources = Sources::of(&book.project());
        assert_contained(&sources, &["coffee.md", "part/tea.md", "listings/lib.rs"]);
        assert_left_out(&sources, &["book/coffee.html", "machines/index.json", "target/debug/x"]);
        assert_left_out(&sources, &[".git/HEAD", "sitemap.xml"]);
    }
}
