//! Where the project is, and what book.toml says to this command.

use std::env;
use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde::Deserialize;

/// The folder that holds `book.toml`, and what it says.
#[derive(Clone, Debug)]
pub struct Project {
    /// The folder of `book.toml`, to which all others are relative.
    pub root: PathBuf,
    /// What `book.toml` says to this command.
    pub settings: Settings,
    /// What mdBook itself is told of this book's files.
    pub mdbook: MdBook,
}

/// mdBook's own settings, relative to the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MdBook {
    /// The folder of the chapters: `src` of `[book]`. Empty where they lie beside book.toml.
    pub chapters: PathBuf,
    /// The folder where the pages are: `build-dir` of `[build]`.
    pub pages: PathBuf,
    /// The folder of the theme.
    pub theme: PathBuf,
    /// The styles and scripts that every page has besides.
    pub additional: Vec<PathBuf>,
}

/// `[preprocessor.course]`. Folders are written with forward slashes and lie inside the project.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Settings {
    /// The machine whose numbers the pages show first.
    pub machine: Option<String>,
    /// The folder of the listings, which is also where the modules of `package` are.
    pub listings: String,
    /// The package of the listings, as Cargo.toml names it.
    pub package: String,
    /// The folder of the examples, each a file of its own.
    pub examples: String,
    /// The folder of the records, with one folder a machine.
    pub measurements: String,
    /// Where whole listings are written for the pages that offer to post them, inside the folder of the chapters.
    /// The folder belongs to this command, which removes what it did not write there.
    pub code: String,
    /// Where the other machines' numbers are written, inside the folder of the chapters. It belongs to this
    /// command as well.
    pub machines: String,
    /// Where the style for a book with a theme of its own is written, a file for `additional-css`.
    pub style: Option<String>,
    /// The page that explains why one value has two groups: what those words link to.
    pub two_groups: Option<String>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            machine: None,
            listings: "listings".into(),
            package: "listings".into(),
            examples: "examples".into(),
            measurements: "measurements".into(),
            code: "code".into(),
            machines: "machines".into(),
            style: None,
            two_groups: None,
        }
    }
}

impl Settings {
    /// A file below the folder of the listings, as the project's files are named: `listings/threads/pool.rs`.
    pub fn listing(&self, file: &str) -> String {
        format!("{}/{file}", self.listings)
    }

    /// Whether listings and examples are where `cargo course new` makes them.
    pub fn are_as_usual(&self) -> bool {
        let usual = Settings::default();
        (&self.listings, &self.examples, &self.package)
            == (&usual.listings, &usual.examples, &usual.package)
    }

    /// The name of the listings' crate in a path.
    pub fn crate_name(&self) -> String {
        self.package.replace('-', "_")
    }

    /// Takes a `/` at the end of a folder away.
    ///
    /// # Errors
    /// Where one of them is not a name inside the project. What is no longer wanted is removed from two of them.
    fn check(mut self) -> Result<Settings> {
        let Settings { listings, examples, measurements, code, machines, style, .. } = &mut self;
        let folders: [(&str, &mut String); 5] = [
            ("listings", listings),
            ("examples", examples),
            ("measurements", measurements),
            ("code", code),
            ("machines", machines),
        ];
        let style = style.as_mut().map(|style| ("style", style));
        for (setting, folder) in folders.into_iter().chain(style) {
            let inside = !folder.is_empty()
                && !folder.contains('\\')
                && Path::new(&*folder)
                    .components()
                    .all(|part| matches!(part, Component::Normal(_)));
            ensure!(
                inside,
                "[preprocessor.course] {setting} = \"{folder}\": this has to lie inside the project, \
                 like \"{setting}\""
            );
            folder.truncate(folder.trim_end_matches('/').len());
        }
        Ok(self)
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct BookToml {
    book: Book,
    build: Build,
    preprocessor: Preprocessors,
    output: Outputs,
}

#[derive(Default, Deserialize)]
struct Book {
    src: Option<PathBuf>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Build {
    build_dir: Option<PathBuf>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Preprocessors {
    course: Settings,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Outputs {
    html: Html,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct Html {
    theme: Option<PathBuf>,
    additional_css: Vec<PathBuf>,
    additional_js: Vec<PathBuf>,
}

/// The same folder without a `.` in its path.
fn plain(folder: PathBuf) -> PathBuf {
    folder.components().filter(|part| *part != Component::CurDir).collect()
}

impl Project {
    /// The project around the current folder.
    ///
    /// # Errors
    /// Where there is no `book.toml` in the current folder or one above it; otherwise as [`Project::at`].
    pub fn find() -> Result<Project> {
        let here = env::current_dir().context("the current folder")?;
        let root = here.ancestors().find(|folder| folder.join("book.toml").exists());
        match root {
            Some(root) => Project::at(root),
            None => bail!(
                "no book.toml in {} or a folder above it; run this inside the book's folder",
                here.display()
            ),
        }
    }

    /// The project in this folder.
    ///
    /// # Errors
    /// Where `book.toml` cannot be read or is not of its form, or names a folder outside of the project.
    pub fn at(root: &Path) -> Result<Project> {
        let path = root.join("book.toml");
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let toml: BookToml = toml::from_str(&text).with_context(|| path.display().to_string())?;
        let settings =
            toml.preprocessor.course.check().with_context(|| path.display().to_string())?;
        let html = toml.output.html;
        let mdbook = MdBook {
            chapters: plain(toml.book.src.unwrap_or_else(|| "src".into())),
            pages: plain(toml.build.build_dir.unwrap_or_else(|| "book".into())),
            theme: plain(html.theme.unwrap_or_else(|| "theme".into())),
            additional: html
                .additional_css
                .into_iter()
                .chain(html.additional_js)
                .map(plain)
                .collect(),
        };
        Ok(Project { root: root.to_path_buf(), settings, mdbook })
    }

    /// The folder of the records.
    pub fn measurements(&self) -> PathBuf {
        self.root.join(&self.settings.measurements)
    }

    /// The text of the manifest beside `book.toml`.
    ///
    /// # Errors
    /// Where it cannot be read. Where it is missing, what it is for and what makes it.
    pub fn manifest(&self) -> Result<String> {
        self.of_cargo("Cargo.toml")
    }

    /// The text of the lock file beside `book.toml`.
    ///
    /// # Errors
    /// As [`Project::manifest`].
    pub fn lock(&self) -> Result<String> {
        self.of_cargo("Cargo.lock")
    }

    fn of_cargo(&self, file: &str) -> Result<String> {
        let path = self.root.join(file);
        let text = fs::read_to_string(&path);
        text.map_err(|why| match why.kind() {
            ErrorKind::NotFound => anyhow!(
                "no {file} in {}: whether a record is of the code as it is depends on it, so it stands beside \
                 book.toml. {}",
                self.root.display(),
                brings_back(file)
            ),
            _ => anyhow!("{}: {why}", path.display()),
        })
    }

    /// The example names there are, whether or not they were ever built: the files of their folder.
    ///
    /// # Errors
    /// Where the folder can be opened but not read. One that is not there has no examples.
    pub fn examples(&self) -> Result<Vec<String>> {
        let folder = self.root.join(&self.settings.examples);
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(_) => return Ok(Vec::new()),
        };
        let mut names = Vec::new();
        for entry in entries {
            let path = entry.with_context(|| folder.display().to_string())?.path();
            if path.extension().is_some_and(|ending| ending == "rs") {
                names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
            }
        }
        names.sort();
        Ok(names)
    }

    /// The path as messages show it: relative to the project, with forward slashes.
    pub fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string().replace('\\', "/")
    }
}

/// What to do where this file is missing.
fn brings_back(file: &str) -> &'static str {
    if file == "Cargo.lock" {
        "`git checkout -- Cargo.lock` brings back the one that was committed; where there never was one, \
         `cargo generate-lockfile` makes it, to be committed with the records"
    } else {
        "`git checkout -- Cargo.toml` brings it back, where it was committed; where the code is elsewhere, a \
         workspace that names its packages is enough"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the project says of itself, or what is wrong with this book.toml.
    fn read(toml: &str) -> Result<Project, String> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("book.toml"), toml).unwrap();
        Project::at(folder.path()).map_err(|error| error.root_cause().to_string())
    }

    #[test]
    fn a_book_that_says_nothing_keeps_its_files_where_this_one_does() {
        let Project { root, settings, mdbook } = read("[book]\ntitle = \"Small\"\n").unwrap();
        assert_eq!(settings.listing("threads/pool.rs"), "listings/threads/pool.rs");
        assert_eq!((&*settings.package, &*settings.examples), ("listings", "examples"));
        assert_eq!((&*settings.code, &*settings.machines), ("code", "machines"));
        assert_eq!((settings.machine, settings.two_groups), (None, None));
        let usual = MdBook {
            chapters: "src".into(),
            pages: "book".into(),
            theme: "theme".into(),
            additional: Vec::new(),
        };
        assert_eq!(mdbook, usual);
        let project = read("").unwrap();
        assert_eq!(project.measurements(), project.root.join("measurements"));
        assert_ne!(project.root, root, "each is a folder of its own");
    }

    #[test]
    fn a_book_says_where_it_keeps_its_files() {
        let toml = "[preprocessor.course]\nlistings = \"rust/src/\"\npackage = \"small-book\"\n\
                    examples = \"rust/examples\"\nmeasurements = \"records\"\n\
                    two-groups = \"numbers.html\"\n\n[output.html]\ntheme = \"look\"\n\
                    additional-css = [\"a.css\"]\nadditional-js = [\"./js/b.js\"]\n\n\
                    [book]\nsrc = \"./text\"\n\n[build]\nbuild-dir = \"out\"\n";
        let project = read(toml).unwrap();
        assert_eq!(project.settings.listing("pool.rs"), "rust/src/pool.rs");
        assert_eq!(project.settings.crate_name(), "small_book");
        assert_eq!(project.measurements(), project.root.join("records"));
        assert_eq!(project.settings.two_groups.as_deref(), Some("numbers.html"));
        let told = MdBook {
            chapters: "text".into(),
            pages: "out".into(),
            theme: "look".into(),
            additional: vec!["a.css".into(), "js/b.js".into()],
        };
        assert_eq!(project.mdbook, told);
    }

    #[test]
    fn a_folder_that_is_not_inside_the_project_is_an_error() {
        for folder in ["", ".", "..", "/tmp", "a/../..", "a\\\\b"] {
            let wrong = read(&format!("[preprocessor.course]\nmachines = \"{folder}\"\n"));
            let wrong = wrong.map(|project| project.settings.machines).unwrap_err();
            assert!(wrong.contains("like \"machines\""), "{folder}: {wrong}");
        }
    }
}
