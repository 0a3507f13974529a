//! What the command says: status lines like Cargo's, and why something failed.

use std::fmt;
use std::io::{IsTerminal, Write, stderr};

use annotate_snippets::Renderer;

use crate::diagnostic::{Problems, counted};
use crate::status_line::above;

/// ` Measuring hash_books`: a verb in color, right-aligned, then what it is about. On stderr, as
/// Cargo does, so that standard output stays for results.
pub fn status(verb: &str, what: impl fmt::Display) {
    above(|| writeln!(stderr(), "{} {what}", paint(verb, "\x1b[1;32m"))).unwrap_or_default();
}

pub fn warning(what: impl fmt::Display) {
    let (on, off) = if colored() { ("\x1b[1;33m", "\x1b[0m") } else { ("", "") };
    above(|| writeln!(stderr(), "{on}warning{off}: {what}")).unwrap_or_default();
}

pub fn error(what: impl fmt::Display) {
    let (on, off) = if colored() { ("\x1b[1;31m", "\x1b[0m") } else { ("", "") };
    above(|| writeln!(stderr(), "{on}error{off}: {what}")).unwrap_or_default();
}

fn colored() -> bool {
    stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

fn paint(verb: &str, color: &str) -> String {
    if colored() { format!("{color}{verb:>12}\x1b[0m") } else { format!("{verb:>12}") }
}

/// Prints each as the compiler would.
pub fn print(problems: &Problems) {
    let renderer = if colored() { Renderer::styled() } else { Renderer::plain() };
    for problem in &problems.0 {
        above(|| eprintln!("{}\n", problem.render(&renderer)));
    }
}

/// Why something failed: problems in chapters as the compiler would show them, all else in a line.
pub fn report(failure: &anyhow::Error) {
    match failure.chain().find_map(|cause| cause.downcast_ref::<Problems>()) {
        Some(problems) => {
            print(problems);
            error(format!("{} in the chapters", counted(problems.0.len(), "problem")));
        }
        None => error(format!("{failure:#}")),
    }
}
