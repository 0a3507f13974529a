//! `cargo course clean`: removes what a build makes again. Records stay.

use std::fs;
use std::io;

use anyhow::{Context, Result};

use crate::message::status;
use crate::project::Project;
use crate::sharing::{AROUND, PARTIAL};

/// Removes `book/`, and what expansion writes beside the chapters and into the theme.
pub fn clean(project: &Project) -> Result<()> {
    for folder in ["book", "src/machines", "src/code", "src/diagrams"] {
        match fs::remove_dir_all(project.root.join(folder)) {
            Ok(()) => status("Removed", folder),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| folder.to_string()),
        }
    }
    for file in ["src/sitemap.xml".into(), format!("theme/{PARTIAL}"), format!("theme/{AROUND}")] {
        match fs::remove_file(project.root.join(&file)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).context(file);
            }
            _ => {}
        }
    }
    status(
        "Kept",
        "measurements/ and practice/ (records and your work are never removed by a command)",
    );
    Ok(())
}
