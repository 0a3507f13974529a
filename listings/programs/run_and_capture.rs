//! Other programs, run to their end: what they print, and how they end.
//!
//! There is no lock and no channel in it, and so nothing for a model checker:
//! it is run by the tests.
//!
//! Runs locally only: it starts processes.

use std::env;
use std::fmt;
use std::io;
use std::panic;
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};

use crate::corpus;

// ANCHOR: capture
/// Runs a program to its end. What it printed is the answer, if it says itself
/// that all went well.
pub fn capture(program: &mut Command) -> Result<String, Failed> {
    let ended = match program.stdin(Stdio::null()).output() {
        Ok(ended) => ended,
        Err(reason) => return Err(Failed::to_start(program, reason)),
    };
    let said = |bytes| String::from_utf8_lossy(bytes).trim().to_string();
    if !ended.status.success() {
        let status = ended.status;
        return Err(Failed::Ended { status, said: said(&ended.stderr) });
    }
    Ok(said(&ended.stdout))
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Failed {
    /// There is no such program, or it cannot be run.
    Starting { program: String, reason: io::Error },
    /// It ran, and did not end well.
    Ended { status: ExitStatus, said: String },
}
// ANCHOR_END: capture

// ANCHOR: how_it_ended
/// A program ends with a code of its own choice, or is ended by something else.
pub fn how_it_ended(status: ExitStatus) -> String {
    match status.code() {
        Some(0) => "ended well".into(),
        Some(code) => format!("ended with code {code}"),
        None => format!("was ended by a {status}"),
    }
}
// ANCHOR_END: how_it_ended

// ANCHOR: when_ended
/// Waits for a program's end in a thread of its own, and passes it on.
pub fn when_ended(
    mut program: Child,
    tell: impl FnOnce(io::Result<ExitStatus>) + Send + 'static,
) -> JoinHandle<()> {
    thread::spawn(move || tell(program.wait()))
}
// ANCHOR_END: when_ended

impl Failed {
    fn to_start(program: &Command, reason: io::Error) -> Failed {
        let program = program.get_program().to_string_lossy().into_owned();
        Failed::Starting { program, reason }
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failed::Starting { program, reason } => {
                write!(f, "starting {program}: {reason}")
            }
            Failed::Ended { status, said } => {
                f.write_str(&how_it_ended(*status))?;
                let last = said.lines().next().unwrap_or_default();
                if last.is_empty() { Ok(()) } else { write!(f, ": {last}") }
            }
        }
    }
}

impl std::error::Error for Failed {}

// ANCHOR: child
/// What the other program does: prints how many words a tale has. Its exit
/// code says whether it could.
pub fn count_words() -> ExitCode {
    let title = env::args().nth(2).unwrap_or_default();
    let tales = corpus::tales();
    match tales.iter().find(|tale| tale.title == title) {
        Some(tale) => {
            println!("{} words", tale.text.split_whitespace().count());
            ExitCode::SUCCESS
        }
        None => {
            eprintln!("there is no tale named `{title}`");
            ExitCode::from(3)
        }
    }
}
// ANCHOR_END: child

// ANCHOR: main
pub fn main() -> Result<(), Failed> {
    for title in ["the-ferry", "the-lighthouse"] {
        let mut program = this_program_as("count-words")?;
        report(title, capture(program.arg(title)));
    }
    report("a panic", capture(&mut this_program_as("panic")?));
    report("a program", capture(&mut Command::new("no-such-program")));
    Ok(())
}

fn report(what: &str, answer: Result<String, Failed>) {
    match answer {
        Ok(answer) => println!("{what}: {answer}"),
        Err(failed) => println!("{what}: {failed}"),
    }
}
// ANCHOR_END: main

// ANCHOR: again
/// This program once more, with another task: its first argument names it.
pub fn this_program_as(role: &str) -> Result<Command, Failed> {
    let this = env::current_exe().map_err(|reason| Failed::Starting {
        program: "this program again".into(),
        reason,
    })?;
    let mut program = Command::new(this);
    program.arg(role);
    Ok(program)
}
// ANCHOR_END: again

/// Ends as a program with a bug ends.
pub fn panic() -> ExitCode {
    panic::set_hook(Box::new(|panic| {
        let message = panic.payload().downcast_ref::<&str>();
        eprintln!("panicked: {}", message.copied().unwrap_or_default());
    }));
    panic!("a bug");
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    /// The test program itself: it lists its tests and ends.
    fn lists_its_tests() -> Command {
        let mut program = Command::new(env::current_exe().unwrap());
        program.arg("--list");
        program
    }

    #[test]
    fn what_a_program_prints_is_the_answer() {
        let listed = capture(&mut lists_its_tests()).unwrap();
        assert!(listed.contains("what_a_program_prints_is_the_answer: test"));
    }

    #[test]
    fn a_program_that_fails_is_an_error_with_its_code_and_its_words() {
        let mut program = lists_its_tests();
        let error = capture(program.arg("--no-such-option")).unwrap_err();
        let Failed::Ended { status, said } = &error else { panic!("{error}") };
        assert!(!status.success());
        assert!(said.contains("no-such-option"), "{said}");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = capture(&mut Command::new("no-such-program")).unwrap_err();
        assert!(
            error.to_string().starts_with("starting no-such-program: "),
            "{error}"
        );
    }

    #[test]
    fn the_end_is_passed_on_from_a_thread() {
        let program = lists_its_tests().stdout(Stdio::null()).spawn().unwrap();
        let (tell, told) = mpsc::channel();
        let waiting =
            when_ended(program, move |status| tell.send(status).unwrap());
        assert!(told.recv().unwrap().unwrap().success());
        waiting.join().unwrap();
    }
}
