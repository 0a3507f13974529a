//! What can go wrong between a question and its answer.

use std::fmt;
use std::io;

use crate::threads::word_count::Entry;

/// Why there is no answer.
#[derive(Debug)]
pub enum Error {
    Fetching { title: String, reason: String },
    Io(io::Error),
}

impl Error {
    pub fn fetching(entry: &Entry, reason: impl fmt::Display) -> Error {
        Error::Fetching {
            title: entry.title.clone(),
            reason: reason.to_string(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Fetching { title, reason } => {
                write!(f, "fetching `{title}`: {reason}")
            }
            Error::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Error {
        Error::Io(io::Error::other(error))
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Error {
        Error::Io(error)
    }
}
