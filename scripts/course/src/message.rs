//! What the command says: status lines like Cargo's, and why something failed.

use std::fmt;
use std::io::Write;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use book::diagnostic::{Problems, counted};

use crate::status_line::above;

const STATUS: Style = AnsiColor::Green.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const ERROR: Style = AnsiColor::Red.on_default().bold();

/// ` Measuring hash_books`: a verb in color, right-aligned, then what it is about. On stderr, as
/// Cargo does, so that standard output stays for results.
pub(crate) fn status(verb: &str, what: impl fmt::Display) {
    print_line(format!("{STATUS}{verb:>12}{STATUS:#} {what}"));
}

pub(crate) fn warning(what: impl fmt::Display) {
    print_line(format!("{WARNING}warning{WARNING:#}: {what}"));
}

pub(crate) fn error(what: impl fmt::Display) {
    print_line(format!("{ERROR}error{ERROR:#}: {what}"));
}

/// A line on stderr, above the status line. Its colors are left out where stderr is no terminal or the reader wants
/// none, and are what the console of an old Windows understands instead of escape codes.
pub(crate) fn print_line(mut line: String) {
    line.push('\n');
    // Where stderr is closed, nobody reads it.
    above(|| anstream::stderr().write_all(line.as_bytes())).unwrap_or_default();
}

/// Whether what is printed to this stream keeps its colors: for programs that color what they write into a pipe.
pub(crate) fn takes_colors(stream: &impl anstream::stream::RawStream) -> bool {
    AutoStream::choice(stream) != ColorChoice::Never
}

/// Prints each as the compiler would.
pub(crate) fn print(problems: &Problems) {
    for problem in &problems.0 {
        print_line(problem.shown(true) + "\n");
    }
}

/// Why something failed: problems in chapters as the compiler would show them, all else in a line.
pub(crate) fn report(failure: &anyhow::Error) {
    match failure.chain().find_map(|cause| cause.downcast_ref::<Problems>()) {
        Some(problems) => {
            print(problems);
            error(format!("{} in the chapters", counted(problems.0.len(), "problem")));
        }
        None => error(format!("{failure:#}")),
    }
}
