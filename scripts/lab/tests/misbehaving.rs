//! Arms that go wrong in every way: what the Runner says of each, and that nothing stays behind.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use lab::record::{CEILING, Description, Point, Sample};
use lab::rounds::{Failure, Runner};

/// An example of this package; `cargo test -p lab` builds it beside the tests.
fn example(name: &str) -> PathBuf {
    let test = env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).expect("target/<profile>/deps/<test>");
    let program = profile.join("examples").join(format!("{name}{}", env::consts::EXE_SUFFIX));
    assert!(program.exists(), "no {}: `cargo build -p lab --examples`", program.display());
    program
}

/// Where an arm notes a process that a test must find gone.
struct Note(tempfile::TempDir);

impl Note {
    fn new() -> Note {
        Note(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("process")
    }

    fn runner(&self) -> Runner {
        Runner::new(example("misbehaving"), vec![self.path().display().to_string()])
    }

    fn process(&self) -> u32 {
        let number = || fs::read_to_string(self.path()).ok();
        until("the arm notes its process", || number().is_some());
        number().unwrap().parse().unwrap()
    }
}

fn until(what: &str, happened: impl Fn() -> bool) {
    let began = Instant::now();
    while !happened() {
        assert!(began.elapsed() < Duration::from_secs(30), "waited in vain until {what}");
        thread::yield_now();
    }
}

/// Whether the process still runs; one that only waits to be collected does not.
#[cfg(target_os = "linux")]
fn runs(process: u32) -> bool {
    let Ok(stat) = fs::read_to_string(format!("/proc/{process}/stat")) else { return false };
    let state = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().next());
    !matches!(state, Some("Z" | "X"))
}

#[cfg(all(unix, not(target_os = "linux")))]
fn runs(process: u32) -> bool {
    // SAFETY: signal 0 is not delivered; the call only looks whether the process is there.
    unsafe { libc::kill(process as libc::pid_t, 0) == 0 }
}

fn arm(name: &str) -> Point {
    Point::new(name, None)
}

/// The failure of one arm, as a reader sees it.
fn failure(runner: &Runner, name: &str) -> String {
    runner.arm(&arm(name), false).unwrap_err().to_string()
}

#[test]
fn an_arm_that_exits_with_an_error_is_named_with_its_status_and_the_end_of_its_stderr() {
    let said = failure(&Note::new().runner(), "exits");
    assert!(said.starts_with("`misbehaving arm exits "), "{said}");
    let status = if cfg!(windows) { "exit code: 3" } else { "exit status: 3" };
    assert!(said.contains(&format!("ended with {status}; the end of its stderr:")), "{said}");
    assert!(said.ends_with("\n    complaint 20"), "{said}");
    assert!(!said.contains("complaint 8\n"), "only the end is shown: {said}");
}

#[test]
fn an_arm_that_panics_shows_its_panic() {
    let said = failure(&Note::new().runner(), "panics");
    assert!(said.contains("101") && said.contains("the shelf is empty"), "{said}");
}

#[test]
fn an_arm_that_prints_no_sample_is_quoted() {
    let said = failure(&Note::new().runner(), "chats");
    assert!(said.contains("`misbehaving arm chats "), "{said}");
    assert!(said.contains("its last line is not a sample"), "{said}");
    assert!(said.ends_with(": all done, thank you"), "{said}");
}

#[test]
fn an_arm_without_end_is_stopped_at_the_limit() {
    let note = Note::new();
    let mut runner = note.runner();
    runner.limit = Duration::from_secs(1);
    let began = Instant::now();
    let said = failure(&runner, "hangs");
    assert!(said.ends_with("did not end within 1 s and was stopped"), "{said}");
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

#[cfg(unix)] // processes are looked for by number, which Windows gives again too soon
#[test]
fn nothing_is_left_of_an_arm_that_ignores_the_request_to_end() {
    let note = Note::new();
    let mut runner = note.runner();
    runner.limit = Duration::from_secs(2);
    let said = failure(&runner, "deaf");
    assert!(said.contains("was stopped"), "{said}");
    let process = note.process();
    until("the deaf arm is gone", || !runs(process));
}

#[test]
fn an_arm_that_floods_its_output_is_stopped_long_before_memory_is_full() {
    let note = Note::new();
    let said = failure(&note.runner(), "floods");
    assert!(said.ends_with("printed more than 64 MiB and was stopped"), "{said}");
    #[cfg(unix)]
    {
        let process = note.process();
        until("the flood is over", || !runs(process));
    }
}

#[cfg(unix)] // a process group is how it is stopped
#[test]
fn a_process_that_an_arm_leaves_behind_is_named_and_stopped_without_waiting_for_the_limit() {
    let note = Note::new();
    let began = Instant::now();
    let said = failure(&note.runner(), "lingers");
    assert!(said.contains("left a process behind that holds its output open"), "{said}");
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    let process = note.process();
    until("the process left behind is gone", || !runs(process));
}

#[cfg(unix)] // a group of its own is how it escapes
#[test]
fn a_process_that_left_its_group_does_not_make_the_runner_wait_for_ever() {
    let note = Note::new();
    let began = Instant::now();
    let said = failure(&note.runner(), "detaches");
    assert!(said.contains("left a process behind that holds its output open"), "{said}");
    assert!(said.contains("could not be stopped"), "{said}");
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    let process = note.process();
    // SAFETY: a plain system call, on a process that this test's arm started and noted.
    unsafe { libc::kill(process as libc::pid_t, libc::SIGKILL) };
}

#[test]
fn stopping_from_outside_ends_the_arm_and_is_no_failure_of_it() {
    let note = Note::new();
    let runner = note.runner();
    let stop: Arc<AtomicBool> = runner.stop.clone();
    thread::scope(|scope| {
        let running = scope.spawn(|| runner.arm(&arm("hangs"), false));
        let _process = note.process();
        stop.store(true, Ordering::Relaxed);
        assert!(matches!(running.join().unwrap(), Err(Failure::Stopped)));
        #[cfg(unix)]
        until("the stopped arm is gone", || !runs(_process));
    });
}

#[test]
fn arms_that_disagree_are_both_named_with_their_answers() {
    let runner = Note::new().runner();
    let mut description = runner.describe().unwrap();
    description.arms.retain(|arm| matches!(arm.name.as_str(), "behaves" | "disagrees"));
    let failure = runner.round(&description, 1, 0, |_| {}).unwrap_err();
    let said = failure.to_string();
    assert!(said.starts_with("two arms returned different answers"), "{said}");
    assert!(said.contains("disagrees: 2"), "{said}");
    assert!(said.contains("behaves: 1") || said.contains("base_again: 1"), "{said}");
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let runner = Runner::new(PathBuf::from("no/such/program"), Vec::new());
    let said = runner.describe().unwrap_err().to_string();
    assert!(said.starts_with("`program describe` no/such/program: "), "{said}");
}

#[test]
fn an_arm_ends_when_its_supervisor_is_gone() {
    let note = Note::new();
    let mut child = Command::new(example("misbehaving"))
        .args(["arm", "hangs"])
        .arg(note.path())
        .env("LAB_SUPERVISED", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    note.process();
    assert!(child.try_wait().unwrap().is_none(), "it hangs while the pipe is open");
    drop(child.stdin.take());
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[test]
fn what_an_example_says_of_itself_survives_a_trip_through_json() {
    let runner = Runner::new(example("sums"), Vec::new());
    let description = runner.describe().unwrap();
    assert_eq!(description.name, "sums");
    assert_eq!(description.base.as_deref(), Some("sequential"));
    assert_eq!(description.settings, [("numbers".to_string(), "200000".to_string())]);
    assert_eq!(description.timelines, [Point::new("threads", Some(2))]);
    assert!(description.points().contains(&Point::new(CEILING, Some(2))));
    let text = serde_json::to_string(&description).unwrap();
    assert_eq!(serde_json::from_str::<Description>(&text).unwrap(), description);
}

#[test]
fn one_arm_prints_one_sample_and_nothing_else() {
    let Output { status, stdout, .. } =
        Command::new(example("sums")).args(["arm", "threads", "--at", "2"]).output().unwrap();
    assert!(status.success());
    let text = String::from_utf8(stdout).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    let sample: Sample = serde_json::from_str(&text).unwrap();
    assert_eq!((sample.arm.as_str(), sample.at), ("threads", Some(2)));
    assert_eq!(sample.answer.as_deref(), Some("19999900000"));
    assert!(sample.wall_ns > 0);
}

#[test]
fn a_timeline_has_a_lane_for_each_thread() {
    let runner = Runner::new(example("sums"), Vec::new());
    let sample = runner.arm(&Point::new("threads", Some(2)), true).unwrap();
    let lanes = sample.lanes.expect("it was asked for");
    assert_eq!(lanes.len(), 2, "{lanes:?}");
    assert!(lanes.iter().all(|lane| lane.kind == "thread" && lane.segments.len() == 1));
}

#[test]
fn measuring_in_the_terminal_prints_a_table_with_bars_and_intervals() {
    let Output { status, stdout, stderr } =
        Command::new(example("sums")).args(["measure", "--quick", "--seed", "7"]).output().unwrap();
    let (table, said) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
    assert!(status.success(), "{said}");
    let row = |label: &str| {
        let line = table.lines().find(|line| line.trim_start().starts_with(label));
        line.unwrap_or_else(|| panic!("no row `{label}` in\n{table}")).to_string()
    };
    for label in ["sequential ", "threads@1 ", "threads@2 ", "backwards "] {
        let row = row(label);
        assert!(row.contains('█') || row.contains(['▏', '▎', '▍', '▌', '▋', '▊', '▉']), "{row}");
        assert!(row.contains('[') && row.contains(']'), "an interval is missing: {row}");
        assert!(row.contains("s  ["), "a unit is missing: {row}");
    }
    assert!(row("sequential ").contains("A/A ["), "{table}");
    assert!(row("threads@2 ").contains("×") && row("threads@2 ").contains("ceiling"), "{table}");
    assert!(table.contains("rounds, median and interval"), "{table}");
    assert!(!table.contains('\x1b'), "no colors where it is not a terminal: {table}");
    assert!(said.is_empty() || said.contains("debug build"), "{said}");
}

#[test]
fn the_demo_gets_a_command_line_of_its_own() {
    let output = Command::new(example("sums")).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), "19999900000");
    let help = Command::new(example("sums")).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    for word in ["measure", "describe", "arm", "--nothing", "cargo run --release --example sums --"]
    {
        assert!(help.contains(word), "`{word}` is not in\n{help}");
    }
}
