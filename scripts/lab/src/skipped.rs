//! What a test says that could not look: it neither fails nor passes in silence.

use std::env;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

/// The environment variable that names the file to which such lines are appended.
/// `cargo course test` sets it, and counts the lines at its end.
pub const SKIPPED: &str = "COURSE_SKIPPED";

/// Notes that a test could not look at what it is about here, and why:
/// `skipped: NAME OF THE TEST: WHY`, on one line of standard error and of the file.
///
/// # Panics
/// Where the file cannot be written: a line that is lost would make the test one that passed.
pub fn skipped(test: &str, why: &str) {
    let line = line(test, why);
    // Not by `eprint!`, which the test harness keeps to itself where a test does not fail.
    let _ = io::stderr().write_all(line.as_bytes()); // the file is what counts
    if let Some(file) = env::var_os(SKIPPED) {
        let file = Path::new(&file);
        append(file, &line).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }
}

/// One line, however many the reason has.
fn line(test: &str, why: &str) -> String {
    let why: Vec<&str> = why.split_whitespace().collect();
    format!("skipped: {test}: {}\n", why.join(" "))
}

/// One short write to a file opened for appending: lines of several tests do not mix.
fn append(file: &Path, line: &str) -> io::Result<()> {
    OpenOptions::new().create(true).append(true).open(file)?.write_all(line.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn each_test_that_could_not_look_is_a_line_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("skipped");
        append(&file, &line("a_full_disk", "mount: only root\n can do that\n")).unwrap();
        append(&file, &line("a_program", "python3 was not found")).unwrap();
        assert_eq!(
            fs::read_to_string(&file).unwrap(),
            "skipped: a_full_disk: mount: only root can do that\n\
             skipped: a_program: python3 was not found\n"
        );
    }
}
