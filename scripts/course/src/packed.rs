//! A folder that is a pack: programs that were compiled elsewhere, and what they were made with.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use book::project::Project;
use serde::{Deserialize, Serialize};

/// What a folder is a pack by, and what its programs were made of and with.
pub(crate) const ABOUT: &str = "pack.json";
/// The folder of its programs.
pub(crate) const PROGRAMS: &str = "programs";
/// The layout of a pack, and of what it brings back. Other versions are refused.
pub(crate) const VERSION: u32 = 1;

/// What a pack says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pack {
    version: u32,
    /// `rustc -vV`, whole.
    pub toolchain: String,
    /// Hash of every program: which pack this is.
    id: String,
}

impl Pack {
    /// Of programs with this hash.
    pub(crate) fn new(toolchain: &str, id: String) -> Pack {
        Pack { version: VERSION, toolchain: toolchain.to_string(), id }
    }

    /// The pack that the project's folder is, if it is one.
    ///
    /// # Errors
    /// Where another version of this command made it, or it was damaged.
    pub(crate) fn around(project: &Project) -> Result<Option<Pack>> {
        let path = project.root.join(ABOUT);
        if !path.exists() {
            return Ok(None);
        }
        let text = fs::read(&path).with_context(|| path.display().to_string())?;
        let pack: Pack =
            serde_json::from_slice(&text).with_context(|| path.display().to_string())?;
        refuse_other_version(ABOUT, pack.version)?;
        Ok(Some(pack))
    }

    /// Its programs, each with the name of its example.
    ///
    /// # Errors
    /// Where the folder of the programs cannot be read.
    pub(crate) fn programs(&self, project: &Project) -> Result<Vec<(String, PathBuf)>> {
        let folder = project.root.join(PROGRAMS);
        let entries = fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
        let named = |entry: fs::DirEntry| {
            let path = entry.path();
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            (name, path)
        };
        entries.map(|entry| Ok(named(entry?))).collect()
    }
}

/// # Errors
/// Where what this file says of itself has another layout than this command reads.
pub(crate) fn refuse_other_version(file: &str, found: u32) -> Result<()> {
    anyhow::ensure!(
        found == VERSION,
        "{file}: it has layout version {found}, and this `course` reads version {VERSION}"
    );
    Ok(())
}
