//! Runs a command, and says whether it computed or waited: CPU time divided by
//! wall time.
//!
//! Runs locally only: it starts another program, and asks the system how much
//! processor time that program got.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use super::workloads;

// ANCHOR: rule
/// What a program did most of its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    TooShort,
    Waits,
    Both,
    Computes,
    ComputesOnSeveralCores,
}

/// The rule: CPU time divided by wall time is the number of cores that were
/// busy on average.
pub fn verdict(wall: Duration, cpu: Duration) -> Verdict {
    if wall < Duration::from_millis(50) {
        return Verdict::TooShort;
    }
    match cpu.as_secs_f64() / wall.as_secs_f64() {
        busy if busy < 0.1 => Verdict::Waits,
        busy if busy < 0.9 => Verdict::Both,
        busy if busy < 1.1 => Verdict::Computes,
        _ => Verdict::ComputesOnSeveralCores,
    }
}
// ANCHOR_END: rule

impl Verdict {
    fn in_words(self) -> &'static str {
        match self {
            Verdict::TooShort => "too short to tell: give it more to do",
            Verdict::Waits => "it waits",
            Verdict::Both => "it does both: look at its phases",
            Verdict::Computes => "it computes",
            Verdict::ComputesOnSeveralCores => "it computes on several cores",
        }
    }
}

/// What the system counts of this process and of those it has waited for.
#[derive(Clone, Copy)]
pub struct Counters {
    pub cpu: Duration,
    /// How often it gave up its core, because it had to wait for something.
    pub gave_up: u64,
    /// How often it was made to give up its core, though it could have gone on.
    pub made_to: u64,
}

/// Reads the counters. `None`: this system does not tell them of processes that
/// were waited for.
pub type Read = fn() -> Option<Counters>;

// ANCHOR: run
/// Runs a command to its end. Returns what it did, and the numbers behind it.
pub fn run(command: &mut Command, read: Read) -> io::Result<String> {
    let before = read();
    let start = Instant::now();
    let status = command.status()?;
    let wall = start.elapsed();
    let Some((before, after)) = before.zip(read()) else {
        return Ok(format!(
            "wall {wall:.0?}; this system does not tell a program's CPU time to \
             whoever started it"
        ));
    };
    let cpu = after.cpu - before.cpu;
    let busy = cpu.as_secs_f64() / wall.as_secs_f64();
    let verdict = verdict(wall, cpu).in_words();
    let failed = if status.success() { "" } else { " (it failed)" };
    Ok(format!(
        "{verdict}{failed}\n    wall {wall:.0?}, CPU {cpu:.0?}, CPU/wall {busy:.2}; \
         gave up its core {} times, was made to {}",
        after.gave_up - before.gave_up,
        after.made_to - before.made_to
    ))
}
// ANCHOR_END: run

/// Classifies the command that the command line names; without one, the three
/// workloads of this chapter.
pub fn main(read: Read) -> ExitCode {
    let mut arguments = env::args_os().skip(1);
    let done = match arguments.next() {
        Some(program) => report(&program, arguments.collect(), read),
        None => report_workloads(read),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn report(
    program: &OsStr,
    arguments: Vec<OsString>,
    read: Read,
) -> Result<(), String> {
    let line =
        run(Command::new(program).args(arguments), read).map_err(|error| {
            format!("starting `{}`: {error}", program.display())
        })?;
    println!("{line}");
    Ok(())
}

fn report_workloads(read: Read) -> Result<(), String> {
    let itself = env::current_exe()
        .map_err(|error| format!("looking for this program: {error}"))?;
    for kind in ["compute", "wait", "both"] {
        print!("{kind}: ");
        report(itself.as_os_str(), vec!["piece".into(), kind.into()], read)?;
    }
    Ok(())
}

/// What such a process does: eight pieces of one kind, one after the other.
pub fn piece() -> ExitCode {
    let piece = match env::args().nth(2).as_deref() {
        Some("compute") => workloads::compute,
        Some("wait") => workloads::wait,
        Some("both") => workloads::both,
        _ => {
            eprintln!("error: `piece` is followed by compute, wait or both");
            return ExitCode::from(2);
        }
    };
    workloads::one_thread(piece);
    ExitCode::SUCCESS
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOT_TOLD: Read = || None;

    fn of(wall_ms: u64, cpu_ms: u64) -> Verdict {
        verdict(Duration::from_millis(wall_ms), Duration::from_millis(cpu_ms))
    }

    #[test]
    fn the_rule_has_an_answer_for_every_run() {
        assert_eq!(of(1_000, 5), Verdict::Waits);
        assert_eq!(of(1_000, 500), Verdict::Both);
        assert_eq!(of(1_000, 999), Verdict::Computes);
        assert_eq!(of(1_000, 1_900), Verdict::ComputesOnSeveralCores);
        assert_eq!(of(0, 0), Verdict::TooShort);
        assert_eq!(of(49, 49), Verdict::TooShort);
    }

    #[test]
    fn a_command_that_does_not_exist_is_named() {
        let error = report(OsStr::new("no-such-command"), vec![], NOT_TOLD)
            .unwrap_err();
        assert!(error.starts_with("starting `no-such-command`: "), "{error}");
    }

    #[test]
    fn where_the_system_hides_cpu_time_the_line_says_so() {
        let itself = env::current_exe().unwrap();
        let mut list = Command::new(itself);
        list.arg("--list").stdout(std::process::Stdio::null());
        let line = run(&mut list, NOT_TOLD).unwrap();
        assert!(line.contains("does not tell"), "{line}");
    }
}
