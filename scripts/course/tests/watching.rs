//! `cargo course exercise NAME --watch` as a student meets it, who saves, hangs, floods and deletes: with
//! the real Cargo, in a project of one page.
#![cfg(target_os = "linux")] // what is left behind is looked for in /proc

mod tiny;

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use tiny::Tiny;

/// For what should happen at once, on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(60);
/// Less than a test that never ends is given.
const SOONER: Duration = Duration::from_secs(15);

const MINE: &str = "practice/tickets/src/lib.rs";
const TODO: &str = "todo!(\"look whether one is left\")";

/// An exercise of three tests.
fn tickets() -> String {
    let exercise = include_str!("tickets/exercise.rs");
    let open = exercise.strip_suffix("}\n").expect("it ends with its tests");
    format!("{open}\n    #[test]\n    fn an_office_can_be_empty() {{}}\n}}\n")
}

/// A student who watches, and what they see.
struct Student {
    tiny: Tiny,
    child: Child,
    seen: Receiver<String>,
}

impl Student {
    fn new() -> Student {
        Student::with_editor(None)
    }

    fn with_editor(editor: Option<&str>) -> Student {
        let tiny = Tiny::new(&[]);
        tiny.write("listings/ideas/exercises/tickets.rs", &tickets());
        tiny.write(
            "listings/ideas/exercises/queue.rs",
            &tickets().replace("One ticket", "A queue"),
        );
        tiny.write("src/first.md", "# First\n\n{{#exercise tickets}}\n\n{{#exercise queue}}\n");
        let mut command = tiny.course(&["exercise", "tickets", "--watch"]);
        command.env("CARGO", env::var_os("CARGO").unwrap_or("cargo".into()));
        for inherited in ["CARGO_TARGET_DIR", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "VISUAL"] {
            command.env_remove(inherited);
        }
        match editor {
            Some(editor) => command.env("EDITOR", editor),
            None => command.env_remove("EDITOR"),
        };
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (see, seen) = channel();
        let pipes: [Box<dyn Read + Send>; 2] =
            [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
        for pipe in pipes {
            let lines = BufReader::new(pipe).lines().map_while(Result::ok);
            let see = see.clone();
            thread::spawn(move || lines.into_iter().try_for_each(|line| see.send(line)));
        }
        Student { tiny, child, seen }
    }

    /// Waits for a line with these words; returns what was seen up to it.
    #[track_caller]
    fn sees(&self, words: &str) -> String {
        self.sees_within(words, PATIENCE)
    }

    #[track_caller]
    fn sees_within(&self, words: &str, time: Duration) -> String {
        let until = Instant::now() + time;
        let mut seen = String::new();
        loop {
            match self.seen.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    seen += &format!("{line}\n");
                    if line.contains(words) {
                        return seen;
                    }
                }
                Err(why) => panic!("`{words}` was not seen ({why}), but\n{seen}"),
            }
        }
    }

    /// The student's file with this in place of the `todo!`.
    fn with(&self, code: &str) -> String {
        let starter = self.tiny.path("practice/tickets/starter.txt");
        if !starter.exists() {
            fs::copy(self.tiny.path(MINE), &starter).unwrap();
        }
        let text = fs::read_to_string(starter).unwrap();
        assert!(text.contains(TODO), "{text}");
        text.replace(TODO, code)
    }

    fn saves(&self, code: &str) {
        self.tiny.write(MINE, &self.with(code));
    }

    /// As most editors save: another file takes the place of the old one.
    fn saves_by_renaming(&self, code: &str) {
        self.tiny.write("practice/tickets/src/.lib.rs.new", &self.with(code));
        fs::rename(self.tiny.path("practice/tickets/src/.lib.rs.new"), self.tiny.path(MINE))
            .unwrap();
    }

    fn interrupts(&self) {
        let process = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &process]).status().unwrap().success());
    }

    /// Ctrl-C: it ends at once, and nothing of it is left.
    #[track_caller]
    fn leaves(mut self) {
        let began = Instant::now();
        self.interrupts();
        let ended = self.child.wait().unwrap();
        assert_eq!(ended.code(), Some(0));
        assert!(began.elapsed() < SOONER, "a test was waited for");
        assert_eq!(running_in(self.tiny.root()), Vec::<String>::new());
    }

    /// Waits until the program of the tests runs, or runs no more.
    #[track_caller]
    fn waits_until_a_test_runs(&self, runs: bool) {
        let is_one = |command: &String| command.contains("/deps/") && command.contains("--exact");
        let began = Instant::now();
        while running_in(self.tiny.root()).iter().any(is_one) != runs {
            assert!(began.elapsed() < PATIENCE, "a test runs: not {runs} within {PATIENCE:?}");
            thread::yield_now();
        }
    }
}

impl Drop for Student {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended by itself
        let _ = self.child.wait();
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// The command lines of the processes whose current folder is in this one.
fn running_in(folder: &Path) -> Vec<String> {
    let processes = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    let here = processes.filter(|process| {
        fs::read_link(process.join("cwd")).is_ok_and(|current| current.starts_with(folder))
    });
    let commands = here.filter_map(|process| fs::read_to_string(process.join("cmdline")).ok());
    commands.filter(|command| !command.is_empty()).collect()
}

#[test]
fn every_save_is_tried_and_one_failing_test_is_shown() {
    let student = Student::new();
    let first = student.sees("Ctrl-C ends this");
    for words in [
        "Exercise 1-1 · One ticket · try 1",
        "✗ one is sold\n      practice/tickets/src/lib.rs:",
        "still to do: look whether one is left",
        "1 of 3 tests passes.",
    ] {
        assert!(first.contains(words), "`{words}` is not in\n{first}");
    }
    assert!(!first.contains("none is sold that"), "one at a time:\n{first}");
    student.saves("true");
    let second = student.sees("Ctrl-C ends this");
    assert!(second.contains("✗ none is sold that is not there"), "{second}");
    assert!(second.contains("one was sold") && second.contains("2 of 3 tests pass."), "{second}");

    let began = Instant::now();
    student.saves("left > 0");
    let done = student.sees("Ctrl-C ends this");
    println!("from the save to the report: {:?}", began.elapsed());
    assert!(done.contains("Done: all 3 tests passed."), "{done}");
    assert!(done.contains("cargo course exercise queue --watch   is exercise 1-2"), "{done}");
    student.leaves();
}

#[test]
fn the_hint_comes_after_the_third_try_in_which_the_same_test_failed() {
    let student = Student::new();
    student.sees("Ctrl-C ends this");
    for (number, code) in ["false", "left > 7", "left > 8"].into_iter().enumerate() {
        student.saves(code);
        let told = student.sees("Ctrl-C ends this");
        assert!(told.contains("✗ one is sold"), "{told}");
        assert_eq!(told.contains("look at the guard"), number == 2, "try {number}:\n{told}");
    }
    student.leaves();
}

#[test]
fn what_does_not_compile_is_told_with_its_place() {
    let student = Student::new();
    student.sees("Ctrl-C ends this");
    student.saves("maybe");
    let refused = student.sees("Ctrl-C ends this");
    for words in
        ["does not compile yet", "cannot find value `maybe`", "practice/tickets/src/lib.rs:"]
    {
        assert!(refused.contains(words), "`{words}` is not in\n{refused}");
    }
    student.saves("left > 0");
    student.sees("Done: all 3 tests passed.");
    student.leaves();
}

#[test]
fn a_save_in_the_middle_of_a_try_is_what_is_shown_in_the_end() {
    let student = Student::new();
    student.sees("Ctrl-C ends this");
    // While it is compiled.
    student.saves("false");
    student.sees("try 2");
    student.saves("left > 0");
    let told = student.sees("Done: all 3 tests passed.");
    assert!(!told.contains("✗"), "the older text was tried to its end:\n{told}");
    // While a test runs that never ends.
    student.saves("loop {\n        std::thread::park();\n    }");
    student.waits_until_a_test_runs(true);
    student.saves("left > 0");
    let told = student.sees_within("Done: all 3 tests passed.", SOONER);
    assert!(!told.contains("did not end"), "{told}");
    student.waits_until_a_test_runs(false);
    student.leaves();
}

#[test]
fn ctrl_c_in_the_middle_of_an_endless_test_leaves_nothing_behind() {
    let student = Student::new();
    student.sees("Ctrl-C ends this");
    student.saves("loop {\n        std::hint::spin_loop();\n    }");
    student.waits_until_a_test_runs(true);
    student.leaves();
}

#[test]
fn a_watch_that_is_killed_takes_its_test_with_it() {
    let mut student = Student::new();
    student.sees("Ctrl-C ends this");
    student.saves("loop {\n        std::thread::park();\n    }");
    student.waits_until_a_test_runs(true);
    student.child.kill().unwrap();
    student.waits_until_a_test_runs(false);
}

#[test]
fn a_test_that_never_ends_is_stopped_and_the_first_failure_is_shown_before_that() {
    let student = Student::new();
    student.sees("Ctrl-C ends this");
    student.saves("if left == 0 {\n        loop {}\n    }\n    false");
    student.sees_within("it is still there", SOONER);
    student.waits_until_a_test_runs(true);
    let told = student.sees("Ctrl-C ends this");
    assert!(told.contains("1 of 3 tests passes."), "{told}");
    student.leaves();
}

#[test]
fn a_test_that_floods_or_forks_is_stopped_and_said_so() {
    let student = Student::new();
    student.sees("Ctrl-C ends this");
    student.saves("loop {\n        println!(\"{left:1000}\");\n    }");
    student.sees_within("it printed more than 1 MiB and was stopped", SOONER);
    student.sees("Ctrl-C ends this");
    let spawn = "std::process::Command::new(\"sleep\").arg(\"600\").spawn().unwrap();";
    student.saves(&format!("loop {{\n        {spawn}\n    }}"));
    student.sees("it started more than 64 processes and was stopped");
    student.sees("Ctrl-C ends this");
    // One that leaves its group, and everything that it could be known by.
    let leave = "std::process::Command::new(\"setsid\").args([\"-f\", \"sleep\", \"600\"]).status().unwrap();";
    student.saves(&format!("{leave}\n    left > 0"));
    student.sees("it ended and left a process behind, which was stopped");
    student.sees("Ctrl-C ends this");
    let left = running_in(student.tiny.root());
    assert!(!left.iter().any(|command| command.contains("sleep")), "{left:?}");
    student.leaves();
}

#[test]
fn a_file_that_is_deleted_or_replaced_is_watched_all_the_same() {
    let student = Student::new();
    student.sees("Ctrl-C ends this");
    student.saves_by_renaming("true");
    student.sees("✗ none is sold that is not there");
    student.sees("Ctrl-C ends this");
    // An older file in its place, as a copy that is kept.
    let kept = student.tiny.path("practice/tickets/src/kept.rs");
    fs::write(&kept, student.with("left > 0")).unwrap();
    let long_ago = SystemTime::now() - Duration::from_secs(86_400);
    fs::File::options().append(true).open(&kept).unwrap().set_modified(long_ago).unwrap();
    fs::rename(&kept, student.tiny.path(MINE)).unwrap();
    student.sees("Done: all 3 tests passed.");
    student.sees("Ctrl-C ends this");

    let right = student.with("left > 0");
    fs::remove_file(student.tiny.path(MINE)).unwrap();
    student.sees("practice/tickets/src/lib.rs is not there any more");
    student.sees("Ctrl-C ends this");
    fs::remove_dir(student.tiny.path("practice/tickets/src")).unwrap();
    student.tiny.write(MINE, &right);
    student.sees("Done: all 3 tests passed.");
    student.leaves();
}

#[test]
fn an_editor_is_opened_where_there_is_one_with_a_window() {
    let open = |editor: Option<&str>, words: &str| {
        let student = Student::with_editor(editor);
        student.sees(words);
        student.sees("1 of 3 tests passes.");
        student.leaves();
    };
    open(None, "Open practice/tickets/src/lib.rs in your editor; with $VISUAL or $EDITOR set");
    open(Some("/nowhere/edit --wait"), "was not started: there is no such program; open practice");
    open(Some("nano"), "in another terminal: `nano` would need this one");
}

#[test]
fn an_editor_gets_the_file_and_stays_when_the_watch_ends() {
    let desk = tempfile::tempdir().unwrap();
    let (editor, process) = (desk.path().join("edit"), desk.path().join("process"));
    let folder = shown(desk.path());
    fs::write(
        &editor,
        format!("#!/bin/sh\ncp \"$2\" {folder}\ncd {folder}\necho $$ > new\nmv new process\nexec sleep 600\n"),
    )
    .unwrap();
    assert!(Command::new("chmod").arg("+x").arg(&editor).status().unwrap().success());
    let student = Student::with_editor(Some(&format!("{} --wait", shown(&editor))));
    student.sees("Opened it with");
    student.sees("Ctrl-C ends this");
    let began = Instant::now();
    while !process.exists() {
        assert!(began.elapsed() < PATIENCE, "the editor was not started");
        thread::yield_now();
    }
    assert!(fs::read_to_string(desk.path().join("lib.rs")).unwrap().contains(TODO));
    student.leaves();
    let process = fs::read_to_string(process).unwrap();
    let ended = Command::new("kill").arg(process.trim()).status().unwrap();
    assert!(ended.success(), "it was ended before, with the student's work");
}
