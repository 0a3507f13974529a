//! A value that goes to another process without the file it has open.
//!
//! Nothing here is concurrent: what is sent, and what arrives.
//!
//! Runs locally only: it uses a crate that the Playground does not have.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::{env, fs, process};

use serde::{Deserialize, Serialize};

// ANCHOR: left_out
/// A document that is opened when it is first read.
#[derive(Serialize, Deserialize)]
pub struct Document {
    path: PathBuf,
    #[serde(skip)] // is `None` where it arrives
    open: Option<File>,
}

impl Document {
    pub fn at(path: &Path) -> Document {
        Document { path: path.into(), open: None }
    }

    pub fn read(&mut self) -> io::Result<String> {
        let file = match &mut self.open {
            Some(file) => file,
            None => self.open.insert(File::open(&self.path)?),
        };
        let mut text = String::new();
        file.rewind()?;
        file.read_to_string(&mut text)?;
        Ok(text)
    }
}
// ANCHOR_END: left_out

// ANCHOR: main
pub fn main() -> io::Result<()> {
    let name = format!("left-out-{}.txt", process::id());
    let path = env::temp_dir().join(name);
    fs::write(&path, "The ferry leaves at nine.")?;
    let shown = show(&path);
    fs::remove_file(&path)?;
    shown
}

fn show(path: &Path) -> io::Result<()> {
    let mut document = Document::at(path);
    println!("here:  {}", document.read()?);
    let bytes = postcard::to_stdvec(&document).map_err(io::Error::other)?;
    let mut arrived: Document =
        postcard::from_bytes(&bytes).map_err(io::Error::other)?;
    println!("open when it arrives: {}", arrived.open.is_some());
    println!("there: {}", arrived.read()?);
    Ok(())
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_the_path_and_what_arrives_can_be_read() {
        let folder = env::temp_dir();
        let path = folder.join(format!("left-out-test-{}", process::id()));
        fs::write(&path, "a tale").unwrap();
        let mut document = Document::at(&path);
        assert_eq!(document.read().unwrap(), "a tale");
        assert_eq!(document.read().unwrap(), "a tale", "from the beginning");
        let bytes = postcard::to_stdvec(&document).unwrap();
        let path_alone = postcard::to_stdvec(&path).unwrap();
        assert_eq!(bytes, path_alone);
        let mut arrived: Document = postcard::from_bytes(&bytes).unwrap();
        assert!(arrived.open.is_none());
        assert_eq!(arrived.read().unwrap(), "a tale");
        fs::remove_file(&path).unwrap();
        let mut late: Document = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(late.read().unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
