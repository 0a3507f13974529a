//! A file as a slice: mapped into memory, and every byte of it touched.
//!
//! Nothing here is concurrent, and yet another process can be at the file: no
//! checker sees that, and the safety comment says what is relied on.
//!
//! Runs locally only: it uses a crate that the Playground does not have.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::{env, process};

use memmap2::Mmap;

// ANCHOR: mapped
/// Counts the line breaks of a file that is mapped into memory.
pub fn lines_mapped(path: &Path) -> io::Result<usize> {
    let file = File::open(path)?;
    // SAFETY: the slice is sound as long as nobody changes or shortens the file
    // while it lives, in this process or in another. The type system does not
    // know other processes. What we rely on is the caller's word, which is part
    // of this program: `main` makes the file under a name of its own, and is
    // done with writing before it calls this.
    let bytes = unsafe { Mmap::map(&file)? };
    Ok(line_breaks(&bytes))
}

fn line_breaks(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte == b'\n').count()
}
// ANCHOR_END: mapped

// ANCHOR: read
/// The same, with the file copied into a buffer, piece by piece.
pub fn lines_read(path: &Path) -> io::Result<usize> {
    let mut file = File::open(path)?;
    let mut piece = vec![0; 64 * 1024];
    let mut lines = 0;
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(lines),
            count => lines += line_breaks(&piece[..count]),
        }
    }
}
// ANCHOR_END: read

// ANCHOR: main
pub fn main() -> io::Result<()> {
    let file = OwnFile::with_lines(1_000_000)?;
    let bytes = fs::metadata(&file.path)?.len();
    println!("a file of {bytes} bytes");
    println!("read:   {} lines", lines_read(&file.path)?);
    println!("mapped: {} lines", lines_mapped(&file.path)?);
    Ok(())
}
// ANCHOR_END: main

/// A file under a name that only this process has. It is removed with this.
struct OwnFile {
    path: PathBuf,
}

impl OwnFile {
    fn with_lines(lines: usize) -> io::Result<OwnFile> {
        let name = format!("mapped-file-{}.txt", process::id());
        let path = env::temp_dir().join(name);
        let named = |error| {
            io::Error::other(format!("making {}: {error}", path.display()))
        };
        let mut writer =
            BufWriter::new(File::create_new(&path).map_err(named)?);
        let file = OwnFile { path: path.clone() };
        for number in 0..lines {
            writeln!(writer, "this is line {number}").map_err(named)?;
        }
        writer.flush().map_err(named)?;
        Ok(file)
    }
}

impl Drop for OwnFile {
    fn drop(&mut self) {
        // If it fails, the system empties the folder some day.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_as_many_lines_mapped_as_read() {
        let file = OwnFile::with_lines(12_345).unwrap();
        assert_eq!(lines_read(&file.path).unwrap(), 12_345);
        assert_eq!(lines_mapped(&file.path).unwrap(), 12_345);
        let path = file.path.clone();
        drop(file);
        assert!(!path.exists());
        assert!(lines_mapped(&path).is_err());
    }
}
