//! Every way in which an arm can go wrong, for the tests in `tests/misbehaving.rs`.
//!
//! The first of its own options names a file. Arms that are to be stopped write their process
//! number there, and that of the process they leave behind.

use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{self, Command, Stdio};
use std::thread;
use std::time::Duration;

use lab::Experiment;

/// So that nothing stays for ever, even where a test is cut short.
const LONGEST: Duration = Duration::from_secs(60);

type Note = Option<PathBuf>;

fn main() -> lab::Exit {
    Experiment::new("misbehaving", "Ways to go wrong")
        .demo(|| println!("quite normal"))
        .role("linger", stay)
        .input(|options: &[String]| Ok::<Note, String>(options.first().map(PathBuf::from)))
        .base("behaves", |_| 1)
        .arm("exits", |_| exits())
        .arm("hangs", note_and_stay)
        .arm("deaf", deaf)
        .arm("floods", floods)
        .arm("chats", |_| chats())
        .arm("panics", |_| panic!("the shelf is empty"))
        .arm("lingers", |note| leave_behind(note, |_| {}))
        .arm("detaches", |note| leave_behind(note, in_a_group_of_its_own))
        .arm("disagrees", |_| 2)
        .agree(u64::to_string)
        .run()
}

fn stay() {
    let mut left = LONGEST;
    // `park_timeout` may return early.
    while !left.is_zero() {
        let began = std::time::Instant::now();
        thread::park_timeout(left);
        left = left.saturating_sub(began.elapsed());
    }
}

/// Tells the test that it runs, in one step: a test never reads half a number.
fn note_process(note: &Note, number: u32) {
    let Some(path) = note else { return };
    let written = path.with_extension("part");
    fs::write(&written, number.to_string()).expect("the test's folder takes files");
    fs::rename(&written, path).expect("the test's folder takes files");
}

fn exits() -> u64 {
    for line in 1..=20 {
        eprintln!("complaint {line}");
    }
    process::exit(3);
}

fn note_and_stay(note: &Note) -> u64 {
    note_process(note, process::id());
    stay();
    0
}

/// Hangs, and does not hear a polite request to end.
fn deaf(note: &Note) -> u64 {
    // SAFETY: ignoring a signal installs no handler, so that nothing runs at an unsafe moment.
    #[cfg(unix)]
    unsafe {
        libc::signal(libc::SIGTERM, libc::SIG_IGN);
    }
    note_and_stay(note)
}

fn floods(note: &Note) -> u64 {
    note_process(note, process::id());
    let block = [b'x'; 1 << 16];
    loop {
        if io::stdout().write_all(&block).is_err() {
            process::exit(4);
        }
    }
}

/// Ends well, and prints no sample.
fn chats() -> u64 {
    println!("all done, thank you");
    process::exit(0);
}

/// Returns, and leaves a process behind that holds the same output open.
#[allow(clippy::zombie_processes, reason = "leaving it is what this arm is for")]
fn leave_behind(note: &Note, arrange: fn(&mut Command)) -> u64 {
    let mut command = Command::new(env::current_exe().expect("this program has a path"));
    command.arg("linger").stdin(Stdio::null());
    arrange(&mut command);
    let child = command.spawn().expect("this program starts again");
    note_process(note, child.id());
    1
}

fn in_a_group_of_its_own(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(not(unix))]
    let _ = command;
}
