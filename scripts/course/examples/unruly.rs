//! Listings that do all that a page must not let them do, for `tests/attacks.rs`. What this program
//! does is decided by the name it is started under: `cargo` names the examples of the project.

mod cargo;

use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio, exit};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use lab::{Demo, Experiment};

/// So that nothing stays for ever where a test was cut short.
const FOR_EVER: Duration = Duration::from_secs(120);

fn main() -> ExitCode {
    let program = env::current_exe().expect("this program has a path");
    let name = program.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    match env::args().nth(1).as_deref() {
        Some("sleeper") => stay(),
        Some("detach" | "desert") => return detach(),
        _ => {}
    }
    match name.as_str() {
        "cargo" => cargo(),
        "unruly" => {
            let modes = MODES.iter().map(|(mode, _)| *mode);
            Demo::new("unruly", demo).parameter("mode", modes).run()
        }
        "sums" => Experiment::new("sums", "Time to add numbers up")
            .demo(|| println!("a sum"))
            .base("sequential", |()| (0..20_000_u64).sum::<u64>())
            .arm("threads", |()| (0..20_000_u64).rev().sum())
            .run(),
        "sluggish" => Experiment::new("sluggish", "Time to do nothing")
            .demo(|| println!("in a moment"))
            .base("sequential", |()| stay())
            .run(),
        "deserters" => Experiment::new("deserters", "Time to leave somebody behind")
            .demo(|| println!("nobody yet"))
            .base("sequential", |()| desert())
            .arm("threads", |()| desert())
            .run(),
        "patient" => Experiment::new("patient", "Time until the test says so")
            .demo(|| println!("not yet"))
            .base("sequential", |()| {
                while !Path::new("go").exists() {
                    thread::park_timeout(Duration::from_millis(5));
                }
            })
            .run(),
        _ => ExitCode::FAILURE,
    }
}

type Mode = (&'static str, fn());

const MODES: [Mode; 13] = [
    ("quiet", || println!("first\nsecond")),
    ("fails", || exit(3)),
    ("panics", || panic!("the shelf is empty")),
    ("stays", || {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970");
        println!("{}", now.as_nanos());
        stay();
    }),
    ("floods", || while io::stdout().write_all(&[b'x'; 1 << 16]).is_ok() {}),
    ("forks", || {
        for _ in 0..1000 {
            spawn("sleeper");
        }
        stay();
    }),
    ("eats", || {
        let mut eaten: Vec<Vec<u8>> = Vec::new();
        while eaten.len() < 256 {
            eaten.push(vec![1; 16 << 20]);
        }
        stay();
    }),
    ("leaves", || spawn("sleeper")),
    ("detaches", || spawn_and_wait("detach")),
    ("detaches_and_stays", || {
        spawn_and_wait("detach");
        println!("detached");
        stay();
    }),
    ("ignores", || {
        system::ignore_signals();
        println!("ignoring");
        stay();
    }),
    ("closes", || {
        println!("closing");
        system::close_pipes();
        stay();
    }),
    ("murmurs", || {
        // Neither UTF-8 nor a line.
        io::stdout().write_all(b"\xff\xe6\xbc\xa2").expect("stdout takes bytes");
        io::stdout().flush().expect("stdout takes bytes");
    }),
];

fn demo() {
    let chosen = env::args().skip_while(|argument| argument != "--mode").nth(1);
    let chosen = chosen.as_deref().unwrap_or("quiet");
    let mode = MODES.iter().find(|(mode, _)| *mode == chosen);
    mode.expect("a mode that the page was offered").1();
}

fn stay() {
    let until = Instant::now() + FOR_EVER;
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        thread::park_timeout(left);
    }
}

/// Leaves the session and the group, and leaves somebody behind who has no parent then.
fn detach() -> ExitCode {
    system::leave_session();
    spawn("sleeper");
    ExitCode::SUCCESS
}

/// As `detach` does, and closes its output, so that nobody notices.
fn desert() {
    let silent = ourselves("desert").stdout(Stdio::null()).stderr(Stdio::null()).status();
    silent.expect("this program can be started");
}

fn ourselves(role: &str) -> Command {
    let mut command = Command::new(env::current_exe().expect("this program has a path"));
    command.arg(role).stdin(Stdio::null());
    command
}

fn spawn(role: &str) {
    let _ = ourselves(role).spawn(); // where the system refuses, there are enough
}

fn spawn_and_wait(role: &str) {
    ourselves(role).status().expect("this program can be started");
}

#[cfg(unix)]
mod system {
    pub(crate) fn ignore_signals() {
        for signal in [libc::SIGTERM, libc::SIGINT, libc::SIGHUP, libc::SIGQUIT, libc::SIGPIPE] {
            // SAFETY: no handler is installed, so that none can run at a wrong time.
            unsafe { libc::signal(signal, libc::SIG_IGN) };
        }
    }

    pub(crate) fn close_pipes() {
        for descriptor in 0..3 {
            // SAFETY: nothing in this program uses these three afterwards.
            unsafe { libc::close(descriptor) };
        }
    }

    pub(crate) fn leave_session() {
        // SAFETY: a plain system call that concerns this process alone.
        unsafe { libc::setsid() };
    }
}

#[cfg(not(unix))]
mod system {
    pub(crate) fn ignore_signals() {}
    pub(crate) fn close_pipes() {}
    pub(crate) fn leave_session() {}
}

/// Answers `cargo build --message-format=json`: the examples stand beside this program.
fn cargo() -> ExitCode {
    let program = env::current_exe().expect("this program has a path");
    let mut calls = fs::File::options().create(true).append(true).open("cargo_calls");
    calls
        .as_mut()
        .map(|file| file.write_all(b"1"))
        .expect("the project takes files")
        .expect("bytes");
    let sources = fs::read_dir("examples").into_iter().flatten().flatten();
    for source in sources.map(|entry| entry.path()) {
        let name = source.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let executable = program.with_file_name(format!("{name}{}", env::consts::EXE_SUFFIX));
        cargo::say_built("unruly", &name, &source, &executable);
    }
    ExitCode::SUCCESS
}
