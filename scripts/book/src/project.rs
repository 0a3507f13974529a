//! Where the project is, and what book.toml says to this command.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// The folder that holds `book.toml`, and the settings of `[preprocessor.course]`.
#[derive(Clone, Debug)]
pub struct Project {
    pub root: PathBuf,
    pub settings: Settings,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub struct Settings {
    /// The machine whose numbers the pages show first.
    pub machine: Option<String>,
}

#[derive(Deserialize)]
struct BookToml {
    #[serde(default)]
    preprocessor: Preprocessors,
}

#[derive(Default, Deserialize)]
struct Preprocessors {
    #[serde(default)]
    course: Settings,
}

impl Project {
    /// The project around the current folder.
    pub fn find() -> Result<Project> {
        let here = env::current_dir().context("the current folder")?;
        let root = here.ancestors().find(|folder| folder.join("book.toml").exists());
        match root {
            Some(root) => Project::at(root),
            None => bail!(
                "no book.toml in {} or a folder above it; run this inside the course's folder",
                here.display()
            ),
        }
    }

    pub fn at(root: &Path) -> Result<Project> {
        let path = root.join("book.toml");
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let toml: BookToml = toml::from_str(&text).with_context(|| path.display().to_string())?;
        Ok(Project { root: root.to_path_buf(), settings: toml.preprocessor.course })
    }

    pub fn measurements(&self) -> PathBuf {
        self.root.join("measurements")
    }

    /// The example names there are, whether or not they were ever built: the files of `examples/`.
    pub fn examples(&self) -> Result<Vec<String>> {
        let folder = self.root.join("examples");
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
