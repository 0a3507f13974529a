//! Runs the tests of an exercise, each in a process of its own, and says what is missing.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context as _, Result};
use book::exercise::sentence;
use lab::process::{Cut, finish};
use regex::Regex;

use crate::stopped::Stopped;

/// A test that takes longer is stopped.
pub(super) const TEST_LIMIT: Duration = Duration::from_secs(20);
/// Once one had to be stopped, a student does not wait as long for each of the others.
pub(super) const LATER_LIMIT: Duration = Duration::from_secs(12);

/// One test and how it went.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tested {
    /// `tests::the_last_ticket_is_sold_once`
    pub name: String,
    pub verdict: Verdict,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    Passed,
    /// Why, the most telling reason first.
    Failed(Vec<Complaint>),
    /// It was stopped at the limit, in seconds; what had panicked by then.
    Endless(u64, Vec<Complaint>),
}

/// Something a test said when it failed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Complaint {
    /// `src/lib.rs:31` of the student's package, where the place is in it.
    pub line: Option<u32>,
    pub message: String,
}

impl Tested {
    /// It failed, and this is all there is to say.
    pub(super) fn failed(name: &str, message: String) -> Tested {
        let complaint = Complaint { line: None, message };
        Tested { name: name.into(), verdict: Verdict::Failed(vec![complaint]) }
    }

    pub(super) fn passed(&self) -> bool {
        self.verdict == Verdict::Passed
    }

    /// Why it failed, the most telling reason first.
    pub(super) fn complaints(&self) -> &[Complaint] {
        match &self.verdict {
            Verdict::Passed => &[],
            Verdict::Failed(complaints) | Verdict::Endless(_, complaints) => complaints,
        }
    }

    /// The test's name as the sentence it is.
    pub(super) fn sentence(&self) -> String {
        sentence(self.name.rsplit("::").next().unwrap_or(&self.name))
    }
}

/// The names of a test program's tests, but for those that are ignored: other tests run them, as programs.
pub(super) fn names(program: &Path, stop: &AtomicBool) -> Result<Vec<String>> {
    let ignored = listed(program, &["--ignored"], stop)?;
    let all = listed(program, &[], stop)?;
    Ok(all.into_iter().filter(|name| !ignored.contains(name)).collect())
}

fn listed(program: &Path, which: &[&str], stop: &AtomicBool) -> Result<Vec<String>> {
    let mut command = Command::new(program);
    command.args(["--list", "--format=terse"]).args(which);
    let finished = match finish(command, TEST_LIMIT, stop) {
        Err(Cut::Stopped) => return Err(Stopped.into()),
        finished => finished.context("listing the tests")?,
    };
    let text = String::from_utf8_lossy(&finished.stdout).into_owned();
    let names = text.lines().filter_map(|line| line.trim_end().strip_suffix(": test"));
    Ok(names.map(str::to_string).collect())
}

/// Runs one test in a process of its own, so that one that hangs or aborts takes no other with it.
pub(super) fn run(
    program: &Path,
    folder: &Path,
    name: &str,
    limit: Duration,
    stop: &AtomicBool,
) -> Result<Tested> {
    let mut command = Command::new(program);
    command.args(arguments(name));
    set_up(&mut command, folder);
    let finished = match finish(command, limit, stop) {
        Err(Cut::Stopped) => return Err(Stopped.into()),
        Err(cut) => return Ok(Tested::failed(name, cut.to_string())), // it flooded us, or left a process behind
        Ok(finished) => finished,
    };
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let ended =
        finished.status.map(|status| Ended { code: status.code(), described: status.to_string() });
    Ok(judged(name, limit, &text(&finished.stdout), &text(&finished.stderr), ended))
}

/// What a test program is started with to run one test.
pub(super) fn arguments(name: &str) -> [&str; 3] {
    ["--exact", name, "--nocapture"]
}

/// Where a test runs, and with what around it.
pub(super) fn set_up(command: &mut Command, folder: &Path) {
    command.current_dir(folder).env("RUST_BACKTRACE", "0").env_remove("RUST_TEST_THREADS");
}

/// How the process of a test ended by itself.
pub(super) struct Ended {
    /// `None` where a signal ended it.
    pub code: Option<i32>,
    /// "exit status: 101"
    pub described: String,
}

/// What a test says by its end and by what it wrote; without an end it was stopped at the limit.
pub(super) fn judged(
    name: &str,
    limit: Duration,
    stdout: &str,
    stderr: &str,
    ended: Option<Ended>,
) -> Tested {
    let (todo, complaints) = complaints(stderr, name);
    let verdict = match ended {
        Some(Ended { code: Some(0), .. }) => Verdict::Passed,
        None if !todo => Verdict::Endless(limit.as_secs(), complaints),
        // A test that fails ends with this code; another one is of a program that was ended.
        Some(ended) if ended.code != Some(101) && !complaints.is_empty() => {
            let message = format!("this panic ended the whole program ({}):", ended.described);
            let ended = Complaint { line: None, message };
            Verdict::Failed([ended].into_iter().chain(complaints).collect())
        }
        Some(ended) if complaints.is_empty() => {
            return Tested::failed(name, last_words(stderr, stdout, &ended.described));
        }
        _ => Verdict::Failed(complaints),
    };
    Tested { name: name.into(), verdict }
}

/// One panic as it stands on stderr.
struct Panic {
    thread: String,
    complaint: Complaint,
    todo: bool,
}

/// What the panics say: what is still to do (then that is all there is to say), else the test's own
/// words and then other threads'.
fn complaints(stderr: &str, test: &str) -> (bool, Vec<Complaint>) {
    let mut panics = panics(stderr);
    if let Some(todo) = panics.iter().position(|panic| panic.todo) {
        return (true, vec![panics.swap_remove(todo).complaint]);
    }
    // The test's thread bears its name, or is the first one where tests run one by one.
    let own = |panic: &Panic| panic.thread == test || panic.thread == "main";
    let (first, others): (Vec<Panic>, Vec<Panic>) = panics.into_iter().partition(own);
    let told = if first.is_empty() { "a thread panicked" } else { "a thread panicked before that" };
    let others = others.into_iter().map(|panic| Complaint {
        message: format!("{told}: {}", panic.complaint.message),
        ..panic.complaint
    });
    let mut all: Vec<Complaint> = first.into_iter().map(|panic| panic.complaint).collect();
    all.extend(others);
    all.dedup();
    all.truncate(3);
    (false, all)
}

fn panics(stderr: &str) -> Vec<Panic> {
    static HEAD: OnceLock<Regex> = OnceLock::new();
    let head = HEAD.get_or_init(|| {
        Regex::new(r"^thread '(.*?)' (?:\(\d+\) )?panicked at (.*):(\d+):\d+:$")
            .expect("the pattern is fixed and valid")
    });
    let mut panics: Vec<Panic> = Vec::new();
    let mut open = false;
    for line in stderr.lines() {
        if let Some(found) = head.captures(line) {
            let file = found[2].replace('\\', "/");
            let ours =
                file.ends_with("src/lib.rs") && !file.starts_with('/') && !file.contains(':');
            panics.push(Panic {
                thread: found[1].to_string(),
                complaint: Complaint {
                    line: found[3].parse().ok().filter(|_| ours),
                    message: String::new(),
                },
                todo: false,
            });
            open = true;
        } else if line.starts_with("note: ") || line.starts_with("stack backtrace:") {
            open = false;
        } else if let Some(panic) = panics.last_mut().filter(|_| open) {
            let message = &mut panic.complaint.message;
            if !message.is_empty() {
                message.push('\n');
            }
            message.push_str(line);
        }
    }
    for panic in &mut panics {
        let (todo, message) = in_words(panic.complaint.message.trim_end());
        panic.todo = todo;
        panic.complaint.message = message;
    }
    panics
}

/// A panic's message without what only says which macro made it, and whether it is a `todo!`.
fn in_words(message: &str) -> (bool, String) {
    for unwritten in ["not yet implemented", "not implemented"] {
        if let Some(rest) = message.strip_prefix(unwritten) {
            return match rest.strip_prefix(": ") {
                Some(what) => (true, format!("still to do: {what}")),
                None => (true, "still to do: the test came to a `todo!()`".into()),
            };
        }
    }
    let said = ["assertion `left == right` failed: ", "assertion `left != right` failed: "]
        .iter()
        .find_map(|prefix| message.strip_prefix(prefix));
    (false, said.unwrap_or(message).to_string())
}

/// What a test said that failed without a panic: it aborted, or returned an error.
fn last_words(stderr: &str, stdout: &str, status: &str) -> String {
    let noise = |line: &&str| {
        !line.trim().is_empty()
            && !["running ", "test ", "failures:", "error: test failed"]
                .iter()
                .any(|n| line.starts_with(n))
    };
    let mut lines: Vec<&str> = stderr.lines().filter(noise).collect();
    if lines.is_empty() {
        lines = stdout.lines().filter(noise).collect();
    }
    let shown = &lines[lines.len().saturating_sub(4)..];
    match shown {
        [] => format!("it ended with {status} and said nothing"),
        lines => format!("it ended with {status}:\n{}", lines.join("\n")),
    }
}

/// The report of all tests as a student reads it. `file` is what they edit.
pub(super) fn report(tests: &[Tested], file: &str) -> String {
    tests.iter().map(|test| one(test, file)).collect()
}

/// One test as a student reads it.
pub(super) fn one(test: &Tested, file: &str) -> String {
    let sign = if test.passed() { '✓' } else { '✗' };
    let mut text = format!("  {sign} {}\n", test.sentence());
    if let Verdict::Endless(seconds, _) = test.verdict {
        text.push_str(&format!("      {}\n", endless(seconds)));
    }
    complain(&mut text, test.complaints(), file);
    text
}

/// What is to be said of a test that was stopped after so many seconds.
pub(super) fn endless(seconds: u64) -> String {
    format!(
        "It did not end within {seconds} s and was stopped: something in it waits for what never comes, \
         or loops without end."
    )
}

fn complain(text: &mut String, complaints: &[Complaint], file: &str) {
    for complaint in complaints {
        if let Some(line) = complaint.line {
            text.push_str(&format!("      {file}:{line}\n"));
        }
        for line in complaint.message.lines() {
            text.push_str(&format!("        {line}\n"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints_in(stderr: &str) -> Vec<Complaint> {
        complaints(stderr, "tests::it_counts").1
    }

    fn complaint(line: Option<u32>, message: &str) -> Complaint {
        Complaint { line, message: message.into() }
    }

    #[test]
    fn a_todo_is_told_in_its_own_words_whoever_came_to_it() {
        let stderr = "\nthread '<unnamed>' (12) panicked at oversold/src/lib.rs:21:9:\n\
                      not yet implemented: take the ticket and the money in one step\n\
                      note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n\n\
                      thread 'tests::it_counts' (11) panicked at /rustc/library/std/src/thread/scoped.rs:189:9:\n\
                      a scoped thread panicked\n";
        let expected = "still to do: take the ticket and the money in one step";
        assert_eq!(complaints_in(stderr), [complaint(Some(21), expected)]);
        let bare = "thread 'main' panicked at oversold\\src\\lib.rs:3:5:\nnot yet implemented\n";
        assert_eq!(
            complaints_in(bare),
            [complaint(Some(3), "still to do: the test came to a `todo!()`")]
        );
    }

    #[test]
    fn an_assertion_is_told_by_its_message_and_both_sides() {
        let stderr = "thread 'tests::it_counts' panicked at a/src/lib.rs:40:9:\n\
                      assertion `left == right` failed: three were sold\n  left: 3\n right: 2\n\
                      note: run with `RUST_BACKTRACE=1`\n";
        assert_eq!(
            complaints_in(stderr),
            [complaint(Some(40), "three were sold\n  left: 3\n right: 2")]
        );
    }

    #[test]
    fn the_tests_own_words_come_before_those_of_other_threads() {
        let stderr = "thread 'teller' (7) panicked at a/src/lib.rs:9:1:\nthe drawer is empty\n\
                      thread 'tests::it_counts' (6) panicked at a/src/lib.rs:40:9:\nassertion failed: ok\n";
        let told = complaints_in(stderr);
        assert_eq!(told[0], complaint(Some(40), "assertion failed: ok"));
        assert_eq!(told[1].message, "a thread panicked before that: the drawer is empty");
    }

    #[test]
    fn a_report_says_the_sentence_the_place_and_what_is_missing() {
        let failed = |complaint| Verdict::Failed(vec![complaint]);
        let tested = |name: &str, verdict| Tested { name: format!("tests::{name}"), verdict };
        let report = report(
            &[
                tested("the_last_ticket_is_sold_once", Verdict::Passed),
                tested(
                    "nobody_pays_for_nothing",
                    failed(complaint(Some(31), "two paid\n left: 2")),
                ),
                tested("it_ends", Verdict::Endless(20, Vec::new())),
            ],
            "practice/oversold/src/lib.rs",
        );
        assert_eq!(
            report,
            "  ✓ the last ticket is sold once\n  ✗ nobody pays for nothing\n      \
             practice/oversold/src/lib.rs:31\n        two paid\n         left: 2\n  ✗ it ends\n      \
             It did not end within 20 s and was stopped: something in it waits for what never comes, \
             or loops without end.\n"
        );
    }

    #[test]
    fn a_test_that_aborts_has_its_last_words_repeated() {
        let words = last_words(
            "\nthread 'x' has overflowed its stack\nfatal: stack\n",
            "running 1 test\n",
            "signal: 6",
        );
        assert_eq!(
            words,
            "it ended with signal: 6:\nthread 'x' has overflowed its stack\nfatal: stack"
        );
        assert_eq!(last_words("", "", "code 1"), "it ended with code 1 and said nothing");
    }
}
