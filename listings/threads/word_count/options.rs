//! What the program can be told.

use std::path::PathBuf;
use std::time::Duration;

use crate::command_line::{CommandLine, Usage, duration};
use crate::corpus::{self, ReadError};
use crate::threads::word_count::StopWords;

/// What the program understands, each option with what holds without it.
pub const USAGE: &str = "\
options:
  --corpus DIR       the *.txt files of a folder instead of the eight tales
  --stop-words FILE  words that do not count, one a line, instead of the built-in list
  --latency TIME     how long each document takes to come, as in 40ms or 0.2s (40ms)
  --tsv              title, word and count, tab-separated, and nothing else
";

/// What the command line asks for.
#[derive(Debug, PartialEq)]
pub struct Options {
    pub corpus: Option<PathBuf>,
    pub stop_words: Option<PathBuf>,
    pub latency: Duration,
    pub tsv: bool,
}

impl Options {
    /// # Errors
    /// Says what it does not understand.
    pub fn parse(arguments: &[String]) -> Result<Options, Usage> {
        let latency = Duration::from_millis(40);
        let mut options =
            Options { corpus: None, stop_words: None, latency, tsv: false };
        let mut line = CommandLine::new(arguments);
        while let Some(option) = line.option() {
            match option {
                "--corpus" => options.corpus = Some(line.value()?.into()),
                "--stop-words" => {
                    options.stop_words = Some(line.value()?.into());
                }
                "--latency" => options.latency = duration(line.value()?)?,
                "--tsv" => options.tsv = true,
                _ => return Err(line.unknown()),
            }
        }
        Ok(options)
    }

    /// The words of the file, or of the list beside this program.
    ///
    /// # Errors
    /// Names the file that cannot be read.
    pub fn stop_words(&self) -> Result<StopWords, ReadError> {
        let text = match &self.stop_words {
            Some(file) => corpus::read_text(file)?,
            None => include_str!("../stop_words.txt").into(),
        };
        let words = text.lines().map(|line| line.trim().to_lowercase());
        Ok(words.filter(|word| !word.is_empty()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_that_cannot_be_understood_is_named() {
        for (arguments, named) in [
            (&["--lattency", "1s"], "--lattency"),
            (&["--tsv", "--corpus"], "--corpus"),
            (&["--latency", "40"], "`40`"),
        ] {
            let arguments = arguments.map(String::from);
            let error = Options::parse(&arguments).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}
