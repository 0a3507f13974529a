//! What the program can be told.

use std::time::Duration;

use crate::command_line::{CommandLine, Usage, duration, number};

/// What the program understands, each option with what holds without it.
pub const USAGE: &str = "\
options:
  --wait TIME  every wait is shorter than this, as in 40ms or 1s (40ms)
  --size N     how many random numbers are transformed, from 1000 (600000)
";

/// What the command line asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    pub wait: Duration,
    pub size: usize,
    /// Only this one: for a process that serves one request.
    pub request: Option<usize>,
}

impl Options {
    /// # Errors
    /// Says what it does not understand.
    pub fn parse(arguments: &[String]) -> Result<Options, Usage> {
        let wait = Duration::from_millis(40);
        let mut options = Options { wait, size: 600_000, request: None };
        let mut line = CommandLine::new(arguments);
        while let Some(option) = line.option() {
            match option {
                "--wait" => options.wait = duration(line.value()?)?,
                "--size" => options.size = number(line.value()?, 1_000)?,
                "--request" => {
                    options.request = Some(number(line.value()?, 0)?);
                }
                _ => return Err(line.unknown()),
            }
        }
        Ok(options)
    }

    /// The same options, for a process or a script that does the same work.
    pub fn arguments(&self) -> [String; 4] {
        let wait = format!("{}s", self.wait.as_secs_f64());
        ["--wait".into(), wait, "--size".into(), self.size.to_string()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_reach_a_process_as_they_were() {
        let options = Options {
            wait: Duration::from_micros(12_345),
            size: 4_000_000,
            request: None,
        };
        assert_eq!(Options::parse(&options.arguments()).unwrap(), options);
        for wrong in [
            &["--wait", "1h"][..],
            &["--size", "999"],
            &["--size"],
            &["--sise", "4000"],
        ] {
            let words: Vec<String> =
                wrong.iter().map(|word| word.to_string()).collect();
            let error = Options::parse(&words).unwrap_err().to_string();
            assert!(wrong.iter().any(|word| error.contains(word)), "{error}");
        }
    }
}
