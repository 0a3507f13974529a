//! Files that a build writes.

use std::fs;
use std::io;
use std::path::Path;

/// Stands in every file that a build writes where an author can have a file of the same name.
const WRITTEN: &str = "Written by every build";

/// Whether there is a file here that no build has written. It is left alone.
pub fn is_the_authors(path: &Path) -> bool {
    fs::read_to_string(path).is_ok_and(|text| !text.contains(WRITTEN))
}

/// Leaves a file alone that holds this already.
///
/// # Errors
/// Where its folder cannot be made, or the file cannot be written.
pub fn write_if_changed(path: &Path, text: impl AsRef<[u8]>) -> io::Result<()> {
    if fs::read(path).is_ok_and(|old| old == text.as_ref()) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}
