//! `cargo course clean`: removes what a build makes again. Records stay.

use std::fs;
use std::io;

use anyhow::{Context, Result};
use book::project::Project;

use crate::generated;
use crate::message::status;

/// Removes what a build wrote into the project.
pub fn clean(project: &Project) -> Result<()> {
    for folder in generated::FOLDERS {
        if was_there(fs::remove_dir_all(project.root.join(folder))).context(folder)? {
            status("Removed", folder);
        }
    }
    for file in generated::FILES {
        was_there(fs::remove_file(project.root.join(file))).context(file)?;
    }
    status(
        "Kept",
        "measurements/ and practice/ (records and your work are never removed by a command)",
    );
    Ok(())
}

fn was_there(removed: io::Result<()>) -> io::Result<bool> {
    match removed {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
