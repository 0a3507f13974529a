//! The file that two processes map.

use std::env;
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// A file under a name that only this process has, full of zeros. It is removed
/// when this is dropped.
pub fn shared_file(bytes: usize) -> io::Result<NamedTempFile> {
    let in_memory = Path::new("/dev/shm"); // where Linux keeps such files
    if in_memory.is_dir()
        && let Ok(file) = within(in_memory, bytes)
    {
        return Ok(file);
    }
    let folder = env::temp_dir();
    within(&folder, bytes).map_err(|error| {
        let folder = folder.display();
        io::Error::other(format!("{bytes} bytes in {folder}: {error}"))
    })
}

fn within(folder: &Path, bytes: usize) -> io::Result<NamedTempFile> {
    let mut file = NamedTempFile::with_prefix_in("handover-", folder)?;
    // Without room for a page, the first touch of it would end the process.
    // A write that finds no room is an error.
    let zeros = vec![0; bytes.min(64 * 1024)];
    let mut missing = bytes;
    while missing > 0 {
        missing -= file.write(&zeros[..zeros.len().min(missing)])?;
    }
    Ok(file)
}
