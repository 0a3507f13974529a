//! Files that a build writes.

use std::fs;
use std::io;
use std::path::Path;

/// Leaves a file alone that holds this already.
pub fn write_if_changed(path: &Path, text: impl AsRef<[u8]>) -> io::Result<()> {
    if fs::read(path).is_ok_and(|old| old == text.as_ref()) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}
