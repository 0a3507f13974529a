//! What the listings that are whole programs share: how they are told what to
//! do, and how they end.

use std::env;
use std::error::Error;
use std::fmt;
use std::process::ExitCode;
use std::slice;
use std::time::Duration;

/// The program's arguments without its name; what is not Unicode is replaced,
/// and then not found.
pub fn arguments() -> Vec<String> {
    arguments_from(1)
}

/// The same for a process that the program has started with a role as the first
/// argument: without the role.
pub fn arguments_of_role() -> Vec<String> {
    arguments_from(2)
}

fn arguments_from(first: usize) -> Vec<String> {
    env::args_os()
        .skip(first)
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect()
}

/// Goes through a command line, an option at a time.
pub struct CommandLine<'a> {
    rest: slice::Iter<'a, String>,
    option: &'a str,
}

impl<'a> CommandLine<'a> {
    pub fn new(arguments: &'a [String]) -> CommandLine<'a> {
        CommandLine { rest: arguments.iter(), option: "" }
    }

    /// The next option; none at the end of the line.
    pub fn option(&mut self) -> Option<&'a str> {
        self.option = self.rest.next()?;
        Some(self.option)
    }

    /// What stands after the option.
    ///
    /// # Errors
    /// At the end of the line.
    pub fn value(&mut self) -> Result<&'a str, Usage> {
        let option = self.option;
        let missing = || Usage(format!("`{option}` needs a value after it"));
        self.rest.next().map(String::as_str).ok_or_else(missing)
    }

    /// For an option that the program does not have.
    pub fn unknown(&self) -> Usage {
        Usage(format!("there is no option `{}`", self.option))
    }
}

/// `40ms` or `0.2s`.
///
/// # Errors
/// Shows how a time is written.
pub fn duration(text: &str) -> Result<Duration, Usage> {
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 0.001),
        None => (text.strip_suffix('s').unwrap_or(""), 1.0),
    };
    let seconds = number.parse().map(|number: f64| number * unit).ok();
    let time =
        seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    time.ok_or_else(|| {
        Usage(format!("`{text}` is no time: write it as in 40ms or 0.2s"))
    })
}

/// A whole number that is not too small.
///
/// # Errors
/// Says from where on.
pub fn number(text: &str, least: usize) -> Result<usize, Usage> {
    match text.parse() {
        Ok(number) if number >= least => Ok(number),
        _ => Err(Usage(format!("`{text}` is no whole number from {least} on"))),
    }
}

/// A command line that cannot be understood: what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage(pub String);

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Usage {}

/// Runs a program and says on standard error what went wrong. The status is 2
/// for a command line that cannot be understood, after which `usage` lists what
/// can be; it is 1 for everything else.
pub fn exit_code(
    usage: &str,
    program: impl FnOnce() -> Result<(), Box<dyn Error>>,
) -> ExitCode {
    let Err(error) = program() else { return ExitCode::SUCCESS };
    eprintln!("error: {error}");
    if error.is::<Usage>() {
        eprint!("\n{usage}");
        return ExitCode::from(2);
    }
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(String::from).collect()
    }

    #[test]
    fn options_come_with_their_values_and_end() {
        let words = words("--one 1 --two");
        let mut line = CommandLine::new(&words);
        assert_eq!(line.option(), Some("--one"));
        assert_eq!(line.value(), Ok("1"));
        assert_eq!(line.option(), Some("--two"));
        assert_eq!(line.option(), None);
    }

    #[test]
    fn what_cannot_be_understood_is_named() {
        let words = words("--sise --size");
        let mut line = CommandLine::new(&words);
        line.option();
        assert!(line.unknown().to_string().contains("`--sise`"));
        line.option();
        assert!(line.value().unwrap_err().to_string().contains("`--size`"));
        assert!(number("9", 10).unwrap_err().to_string().contains("`9`"));
        assert_eq!(number("10", 10), Ok(10));
    }

    #[test]
    fn times_are_milliseconds_or_seconds() {
        assert_eq!(duration("40ms").unwrap(), Duration::from_millis(40));
        assert_eq!(duration("0.2s").unwrap(), Duration::from_millis(200));
        for wrong in ["40", "", "ms", "s", "-1s", "NaNs", "1e300s", "forty ms"]
        {
            let error = duration(wrong).unwrap_err().to_string();
            assert!(error.starts_with(&format!("`{wrong}`")), "{error}");
        }
    }

    #[test]
    fn only_a_command_line_that_cannot_be_understood_has_status_2() {
        let status = |done: Result<(), Box<dyn Error>>| exit_code("", || done);
        assert_eq!(status(Ok(())), ExitCode::SUCCESS);
        assert_eq!(status(Err(Usage("no".into()).into())), ExitCode::from(2));
        assert_eq!(status(Err("no".into())), ExitCode::FAILURE);
    }
}
