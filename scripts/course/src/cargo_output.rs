//! What Cargo says while it compiles: its lines as they are, and its progress in our status line, which goes
//! on moving while a large crate is compiled.

use std::io::{BufRead, BufReader, IsTerminal, stderr};
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};

use crate::message::{print_line, takes_colors};
use crate::status_line::StatusLine;

/// Where there is a terminal, has Cargo say there what it would draw on it; elsewhere it says its lines itself.
pub(crate) fn capture(command: &mut Command) {
    if !stderr().is_terminal() {
        return;
    }
    let color = if takes_colors(&stderr()) { "always" } else { "never" };
    command
        .env("CARGO_TERM_COLOR", color)
        .env("CARGO_TERM_PROGRESS_WHEN", "always")
        .env("CARGO_TERM_PROGRESS_WIDTH", "120")
        .stderr(Stdio::piped());
}

/// Shows what was captured, until Cargo ends; wait for the thread before anything else is printed.
pub(crate) fn relay(child: &mut Child) -> Option<JoinHandle<()>> {
    let said = child.stderr.take()?;
    Some(thread::spawn(move || show(BufReader::new(said))))
}

fn show(said: impl BufRead) {
    let line = StatusLine::begin("compiling");
    let mut text = Vec::new();
    for byte in said.bytes().map_while(Result::ok) {
        match byte {
            b'\n' => {
                print_line(String::from_utf8_lossy(&text).into_owned());
                text.clear();
            }
            b'\r' => {
                if let Some(progress) = progress(&String::from_utf8_lossy(&text)) {
                    line.set_text(progress);
                }
                text.clear();
            }
            byte => text.push(byte),
        }
    }
}

/// "compiling 272 of 325: faer" from Cargo's "Building [=====>  ] 272/325: faer"
fn progress(drawn: &str) -> Option<String> {
    let (_, after) = drawn.split_once("] ")?;
    let (counts, crates) = after.split_once(':').unwrap_or((after, ""));
    let (done, all) = counts.trim().split_once('/')?;
    Some(format!("compiling {done} of {all}: {}", crates.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_read_from_what_cargo_draws() {
        let drawn = "\x1b[1m\x1b[96m    Building\x1b[0m [=====>   ] 272/325: faer, image        ";
        assert_eq!(progress(drawn).as_deref(), Some("compiling 272 of 325: faer, image"));
        for other in ["", "   Compiling faer v0.24.4", "[=>] soon"] {
            assert_eq!(progress(other), None, "{other}");
        }
    }
}
