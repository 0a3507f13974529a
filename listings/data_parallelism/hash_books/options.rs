//! What the command line asks for: which documents, hashed how often, and how
//! the hashes are written.

use std::error::Error;
use std::num::NonZeroU32;
use std::path::PathBuf;

use crate::command_line::{CommandLine, Usage};
use crate::corpus::{self, ReadError};
use crate::data_parallelism::hash_books::Books;

/// What the program understands, each option with what holds without it.
pub const USAGE: &str = "\
options:
  --corpus DIR      the *.txt files of a folder instead of the eight tales
  --iterations N    how often each document is hashed, from 1 (80000)
  --tsv             title and hash, tab-separated, and nothing else
";

/// Sized so that one core needs about a third of a second for the eight tales.
const ITERATIONS: NonZeroU32 = NonZeroU32::new(80_000).unwrap();

/// The options, with what holds where they are not given.
#[derive(Debug, PartialEq)]
pub struct Options {
    pub corpus: Option<PathBuf>,
    pub iterations: NonZeroU32,
    pub tsv: bool,
}

impl Options {
    /// # Errors
    /// Says what is not understood.
    pub fn parse(arguments: &[String]) -> Result<Options, Usage> {
        let mut options =
            Options { corpus: None, iterations: ITERATIONS, tsv: false };
        let mut line = CommandLine::new(arguments);
        while let Some(option) = line.option() {
            match option {
                "--corpus" => options.corpus = Some(line.value()?.into()),
                "--iterations" => {
                    options.iterations = iterations(line.value()?)?;
                }
                "--tsv" => options.tsv = true,
                _ => return Err(line.unknown()),
            }
        }
        Ok(options)
    }

    /// Reads the documents.
    ///
    /// # Errors
    /// Names the folder or the file that cannot be read.
    pub fn books(&self) -> Result<Books, ReadError> {
        Ok(Books {
            documents: corpus::read(self.corpus.as_deref())?,
            iterations: self.iterations,
            folder: self.corpus.clone(),
        })
    }
}

impl Books {
    /// The documents that a command line asks for.
    ///
    /// # Errors
    /// Says what is not understood, or what cannot be read.
    pub fn open(arguments: &[String]) -> Result<Books, Box<dyn Error>> {
        Ok(Options::parse(arguments)?.books()?)
    }
}

fn iterations(text: &str) -> Result<NonZeroU32, Usage> {
    let most = u32::MAX;
    text.parse().map_err(|_| {
        Usage(format!(
            "`{text}` is no number of iterations: it is from 1 to {most}"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iterations_are_counted_from_one() {
        for wrong in ["0", "-1", "", "many", "4294967296"] {
            let error = iterations(wrong).unwrap_err().to_string();
            assert!(error.starts_with(&format!("`{wrong}`")), "{error}");
        }
        assert_eq!(iterations("1000000").unwrap().get(), 1_000_000);
    }
}
