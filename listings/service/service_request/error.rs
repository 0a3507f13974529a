//! What can go wrong while a request is answered.

use std::fmt;
use std::io;

/// Why there are no answers.
#[derive(Debug)]
pub enum Error {
    /// The process that was started for a request gave no answer.
    Process {
        request: usize,
        how: String,
    },
    /// The pool ended before it had computed.
    Lost,
    Io(io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Process { request, how } => {
                write!(
                    f,
                    "the process for request {request} gave no answer: {how}"
                )
            }
            Error::Lost => f.write_str("a transform was given up"),
            Error::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Error {
        Error::Io(error)
    }
}
