//! `cargo course clean`: removes what a build makes again. Records stay.

use std::fs;
use std::io;

use anyhow::{Context, Result};

use crate::message::status;
use crate::project::Project;

/// Removes `book/`, and what expansion writes beside the chapters.
pub fn clean(project: &Project) -> Result<()> {
    for folder in ["book", "src/machines", "src/code", "src/diagrams"] {
        match fs::remove_dir_all(project.root.join(folder)) {
            Ok(()) => status("Removed", folder),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| folder.to_string()),
        }
    }
    status(
        "Kept",
        "measurements/ and practice/ (records and your work are never removed by a command)",
    );
    Ok(())
}
