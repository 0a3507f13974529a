//! The documents that listings read: eight short tales of our own, or the text
//! files of any folder.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A text and the name it goes by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    pub title: String,
    pub text: String,
}

macro_rules! tales {
    ($($title:literal),* $(,)?) => {
        [$(Document { title: $title.into(), text: include_str!(concat!($title, ".txt")).into() }),*]
    };
}

/// The eight tales, in the order of their titles.
pub fn tales() -> Vec<Document> {
    tales![
        "the-choir-on-the-hill",
        "the-clockmaker",
        "the-ferry",
        "the-five-cooks",
        "the-fourth-oven",
        "the-lamp-at-skerry-point",
        "the-letter-box",
        "two-clerks-and-a-ledger",
    ]
    .into()
}

/// The documents of a folder, or the tales where none is named.
pub fn read(folder: Option<&Path>) -> Result<Vec<Document>, ReadError> {
    folder.map_or_else(|| Ok(tales()), read_folder)
}

/// The `*.txt` files directly in a folder. A title is the file's name without
/// its ending; the order is that of the titles.
pub fn read_folder(folder: &Path) -> Result<Vec<Document>, ReadError> {
    let unreadable =
        |reason| ReadError::Folder { folder: folder.into(), reason };
    let mut documents = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|ending| ending == "txt")
            && !path.is_dir()
        {
            let title = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            documents.push(Document { title, text: read_text(&path)? });
        }
    }
    if documents.is_empty() {
        return Err(ReadError::NoDocuments { folder: folder.into() });
    }
    documents.sort_by(|one, other| one.title.cmp(&other.title));
    Ok(documents)
}

/// A whole file of UTF-8 text.
pub fn read_text(file: &Path) -> Result<String, ReadError> {
    let bytes = fs::read(file)
        .map_err(|reason| ReadError::File { file: file.into(), reason })?;
    String::from_utf8(bytes).map_err(|invalid| ReadError::NotUtf8 {
        file: file.into(),
        offset: invalid.utf8_error().valid_up_to(),
    })
}

/// Why documents could not be read. The message says what to do about it.
#[derive(Debug)]
pub enum ReadError {
    Folder {
        folder: PathBuf,
        reason: io::Error,
    },
    NoDocuments {
        folder: PathBuf,
    },
    File {
        file: PathBuf,
        reason: io::Error,
    },
    /// The byte at this offset, counted from 0, begins no UTF-8 character.
    NotUtf8 {
        file: PathBuf,
        offset: usize,
    },
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Folder { folder, reason } => write!(
                f,
                "reading the folder {}: {reason}; name a folder that holds *.txt files",
                folder.display()
            ),
            ReadError::NoDocuments { folder } => write!(
                f,
                "reading the folder {}: there is no *.txt file in it; put one there, or name another folder",
                folder.display()
            ),
            ReadError::File { file, reason } => {
                write!(
                    f,
                    "reading {}: {reason}; check its name and that you can read it",
                    file.display()
                )
            }
            ReadError::NotUtf8 { file, offset } => write!(
                f,
                "reading {}: byte {offset} is not UTF-8 text; save the file as UTF-8, or move it away",
                file.display()
            ),
        }
    }
}

impl std::error::Error for ReadError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tales_are_the_folder_they_come_from() {
        let folder =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("listings/corpus");
        assert_eq!(read_folder(&folder).unwrap(), tales());
    }

    #[test]
    fn a_missing_folder_is_named_in_the_error() {
        let error =
            read_folder(Path::new("no/such/folder")).unwrap_err().to_string();
        assert!(
            error.starts_with("reading the folder no/such/folder: "),
            "{error}"
        );
    }

    #[test]
    fn a_folder_without_texts_is_an_error() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("listings/data_parallelism");
        let error = read_folder(&folder).unwrap_err().to_string();
        assert!(error.contains("no *.txt file"), "{error}");
    }
}
