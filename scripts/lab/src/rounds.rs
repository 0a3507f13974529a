//! Rounds: every arm once, each in a fresh process, in a shuffled order.

use std::fmt;
use std::io::{self, Read};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crate::machine::ProcessorTime;
use crate::protocol::{PEAKS, SUPERVISED, parse_sample};
use crate::record::{Description, Point, Round, Sample};
use crate::usage;

/// Stolen processor time above this share of the round is evidence against it.
const STOLEN_LIMIT: f64 = 0.02;
/// Load of other processes, in user mode, above this many cores is evidence against the round.
const FOREIGN_LIMIT: f64 = 0.25;
/// Clocks are slewed by less than this in a round, and jump by more when a computer slept.
const CLOCK_JUMP: Duration = Duration::from_secs(2);
/// In seconds. Rounds of a fifth of a second with thousands of short threads, on one core, were charged
/// with a quarter of a core and more while nearly nothing else ran; the cause was not found.
const SHORTEST_JUDGED: f64 = 1.0;
/// A sample with ten thousands of latencies is a few hundred kilobytes.
const OUTPUT_LIMIT: u64 = 64 << 20;
/// How much of the end of stderr a message shows.
const SHOWN_LINES: usize = 12;
/// How long what a process started may hold its output open after its own end.
const LINGER_LIMIT: Duration = Duration::from_secs(2);

/// The number of a round that is run before the first, to see what a round costs.
pub const TRIAL: usize = usize::MAX;

/// Runs an example's program: one arm at a time, in fresh processes.
pub struct Runner {
    program: PathBuf,
    /// The listing's own options, passed to every arm.
    options: Vec<String>,
    /// An arm that takes longer is stopped and is an error.
    pub limit: Duration,
    /// Set from outside (Ctrl-C): the arm that runs is stopped, and the round is given up.
    pub stop: Arc<AtomicBool>,
    /// Where arms run; the current folder if none is given.
    pub folder: Option<PathBuf>,
}

/// Why a run gave no sample.
#[derive(Debug)]
pub enum Failure {
    /// Stopped from outside; nothing is wrong.
    Stopped,
    /// Command line, and what happened.
    Run { command: String, what: String },
    /// Two arms of one round returned different answers.
    Disagree(Box<[(Point, String); 2]>),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Stopped => f.write_str("stopped"),
            Failure::Run { command, what } => write!(f, "`{command}` {what}"),
            Failure::Disagree(answers) => write!(
                f,
                "two arms returned different answers, so they did not do the same work:\n  {}: {}\n  {}: {}",
                answers[0].0, answers[0].1, answers[1].0, answers[1].1
            ),
        }
    }
}

impl std::error::Error for Failure {}

/// What a process left behind.
pub struct Finished {
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    /// `None` when it was stopped at the time limit.
    pub status: Option<ExitStatus>,
}

impl Runner {
    pub fn new(program: PathBuf, options: Vec<String>) -> Runner {
        Runner {
            program,
            options,
            limit: Duration::from_secs(120),
            stop: Arc::default(),
            folder: None,
        }
    }

    /// Asks the example what it is.
    pub fn describe(&self) -> Result<Description, Failure> {
        let (command, shown) = self.command(&["describe".to_string()]);
        let finished = self.finish(command, &shown)?;
        let failure = |what: String| Failure::Run { command: shown.clone(), what };
        check_status(&finished).map_err(failure)?;
        serde_json::from_slice(&finished.stdout)
            .map_err(|error| failure(format!("printed no description: {error}")))
    }

    /// Runs one arm once, in a fresh process.
    pub fn arm(&self, point: &Point, timeline: bool) -> Result<Sample, Failure> {
        let mut arguments = vec!["arm".to_string(), point.arm.clone()];
        if let Some(at) = point.at {
            arguments.extend(["--at".to_string(), at.to_string()]);
        }
        if timeline {
            arguments.push("--timeline".to_string());
        }
        arguments.extend(self.options.iter().cloned());
        let (mut command, shown) = self.command(&arguments);
        let failure = |what: String| Failure::Run { command: shown.clone(), what };
        let peaks = tempfile::NamedTempFile::new()
            .map_err(|error| failure(format!("needs a temporary file: {error}")))?;
        command.env(SUPERVISED, "1").env(PEAKS, peaks.path());
        let finished = self.finish(command, &shown)?;
        check_status(&finished).map_err(failure)?;
        let sample = parse_sample(&finished.stdout).map_err(failure)?;
        Ok(Sample { arm: point.arm.clone(), at: point.at, ..sample })
    }

    /// Every arm once. `progress` is told each arm before it runs.
    pub fn round(
        &self,
        description: &Description,
        seed: u64,
        index: usize,
        mut progress: impl FnMut(&Point),
    ) -> Result<Round, Failure> {
        let started = crate::now();
        let calendar = SystemTime::now();
        let before = (ProcessorTime::now(), usage::user_ns_with_children(), Instant::now());
        let mut samples = Vec::new();
        for point in order(&description.points(), seed, index) {
            progress(&point);
            samples.push(self.arm(&point, false)?);
        }
        agree(&samples)?;
        let mut round =
            Round { samples, set_aside: None, stolen: None, foreign_load: None, started };
        if let (Some(then), Some(now)) = (before.0, ProcessorTime::now()) {
            let own = usage::user_ns_with_children().zip(before.1).map(|(now, then)| now - then);
            judge(&mut round, now.since(then), own, before.2.elapsed());
        }
        let jump = jump(calendar, SystemTime::now(), before.2.elapsed());
        round.set_aside = round.set_aside.or(jump);
        Ok(round)
    }

    fn command(&self, arguments: &[String]) -> (Command, String) {
        let mut command = Command::new(&self.program);
        // Of a panic, its message is the end that is shown.
        command.args(arguments).env("RUST_BACKTRACE", "0");
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        let name = self.program.file_stem().unwrap_or_default().to_string_lossy();
        let shown = format!("{name} {}", arguments.join(" "));
        (command, shown)
    }

    fn finish(&self, command: Command, shown: &str) -> Result<Finished, Failure> {
        let failure = |what: String| Failure::Run { command: shown.to_string(), what };
        let finished =
            finish(command, self.limit, &self.stop).map_err(|error| match error.kind() {
                io::ErrorKind::Interrupted => Failure::Stopped,
                _ => failure(error.to_string()),
            })?;
        if finished.status.is_none() {
            let limit = self.limit.as_secs();
            return Err(failure(format!("did not end within {limit} s and was stopped")));
        }
        Ok(finished)
    }
}

/// The order of one round: a shuffle that seed and round number decide.
pub fn order(points: &[Point], seed: u64, round: usize) -> Vec<Point> {
    let mut points = points.to_vec();
    let mixed = seed ^ (round as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    fastrand::Rng::with_seed(mixed).shuffle(&mut points);
    points
}

fn agree(samples: &[Sample]) -> Result<(), Failure> {
    let mut answers = samples.iter().filter_map(|s| Some((s.point(), s.answer.clone()?)));
    let Some(first) = answers.next() else { return Ok(()) };
    match answers.find(|(_, answer)| *answer != first.1) {
        Some(second) => Err(Failure::Disagree(Box::new([first, second]))),
        None => Ok(()),
    }
}

/// Sets the round aside on evidence from outside it: never because of its values.
fn judge(round: &mut Round, passed: ProcessorTime, own_user_ns: Option<u64>, wall: Duration) {
    // The kernel counts in ticks, 100 a second (proc(5), USER_HZ).
    const TICK: f64 = 0.01;
    let wall = wall.as_secs_f64();
    if passed.total == 0 || wall < SHORTEST_JUDGED {
        return; // ticks of 10 ms say too little about it
    }
    let stolen = passed.stolen as f64 / passed.total as f64;
    round.stolen = Some(stolen);
    let foreign = own_user_ns.map(|own| {
        // Time in user mode alone: what the kernel does for our threads once they have ended is
        // counted for nobody, and with thousands of them it is no small part of a round. Children that
        // were killed count nowhere either; the difference never goes below zero.
        ((passed.user as f64 * TICK - own as f64 / 1e9) / wall).max(0.0)
    });
    round.foreign_load = foreign;
    if stolen > STOLEN_LIMIT {
        round.set_aside = Some(format!("stolen time {:.0} %", stolen * 100.0));
    } else if let Some(load) = foreign.filter(|load| *load > FOREIGN_LIMIT) {
        round.set_aside = Some(format!("other programs used {load:.1} cores"));
    }
}

/// Evidence against a round during which the calendar's clock and the one that times disagree: the computer
/// was asleep, or its clock was set. (Where the clock that times goes on during sleep, neither is seen.)
fn jump(began: SystemTime, ended: SystemTime, passed: Duration) -> Option<String> {
    let apart = match ended.duration_since(began) {
        Ok(calendar) => calendar.abs_diff(passed),
        Err(back) => back.duration() + passed,
    };
    (apart > CLOCK_JUMP)
        .then(|| format!("the clock jumped by {} s: asleep, or set", apart.as_secs_f64().round()))
}

fn check_status(finished: &Finished) -> Result<(), String> {
    match finished.status {
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(format!("ended with {status}{}", shown_end(&finished.stderr))),
        None => Err("was stopped".into()),
    }
}

/// The end of what a program wrote to stderr, indented, for a message.
pub fn shown_end(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines: Vec<&str> = text.lines().collect();
    if lines.is_empty() {
        return " and wrote nothing to stderr".into();
    }
    let skipped = lines.len().saturating_sub(SHOWN_LINES);
    let mut shown = String::from("; the end of its stderr:");
    for line in &lines[skipped..] {
        shown.push_str("\n    ");
        shown.extend(line.chars().take(300));
    }
    shown
}

/// Runs a command to its end, with limits on time and output; its whole group is killed at a limit.
///
/// # Errors
/// `Interrupted` when `stop` was set; `FileTooLarge` when it printed more than 64 MiB; `Other` when
/// it ended and left a process behind.
pub fn finish(mut command: Command, limit: Duration, stop: &AtomicBool) -> io::Result<Finished> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // A group of its own, so that what it starts can be stopped with it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn().map_err(|error| {
        io::Error::new(error.kind(), format!("{}: {error}", command.get_program().display()))
    })?;
    // Held open while we wait: an arm takes its end as the end of its supervisor.
    let stdin = child.stdin.take();
    let (sender, events) = mpsc::channel();
    if let Some(pipe) = child.stdout.take() {
        capture(pipe, Stream::Out, sender.clone());
    }
    if let Some(pipe) = child.stderr.take() {
        capture(pipe, Stream::Err, sender);
    }
    let deadline = Instant::now() + limit;
    let mut output = (Vec::new(), Vec::new());
    let mut status = None;
    let mut lingers_until = deadline;
    let mut open = 2;
    let ended = loop {
        let until = if status.is_some() { lingers_until } else { deadline };
        let wait = until.saturating_duration_since(Instant::now()).min(Duration::from_millis(20));
        match events.recv_timeout(wait) {
            Ok((stream, Ok(bytes))) => {
                open -= 1;
                match stream {
                    Stream::Out => output.0 = bytes,
                    Stream::Err => output.1 = bytes,
                }
            }
            Ok((_, Err(error))) => break Err(error),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                // Streams at their end say nothing more; what is left is the process itself.
                if open == 0 && status.is_none() {
                    thread::park_timeout(Duration::from_millis(1));
                }
            }
        }
        if status.is_none() {
            status = child.try_wait()?;
            if status.is_some() {
                lingers_until = Instant::now() + LINGER_LIMIT;
            }
        }
        if status.is_some() && open == 0 {
            break Ok(());
        }
        if stop.load(Ordering::Relaxed) {
            break Err(io::Error::from(io::ErrorKind::Interrupted));
        }
        if Instant::now() >= if status.is_some() { lingers_until } else { deadline } {
            break Ok(());
        }
    };
    kill_group(&mut child);
    drop(stdin);
    let lingered = status.is_some() && open > 0;
    // The readers' last words: the kill closed the pipes, unless somebody left the group.
    while open > 0
        && let Ok((stream, bytes)) = events.recv_timeout(LINGER_LIMIT)
    {
        open -= 1;
        match (stream, bytes) {
            (Stream::Out, Ok(bytes)) => output.0 = bytes,
            (Stream::Err, Ok(bytes)) => output.1 = bytes,
            _ => {}
        }
    }
    ended?;
    if lingered {
        return Err(left_behind(open == 0));
    }
    Ok(Finished { stdout: output.0, stderr: output.1, status })
}

/// What to say of a process that outlived the one that started it.
fn left_behind(stopped: bool) -> io::Error {
    let fate =
        if stopped { "it was stopped" } else { "it left the group and could not be stopped" };
    io::Error::other(format!("ended and left a process behind that holds its output open; {fate}"))
}

#[derive(Clone, Copy)]
enum Stream {
    Out,
    Err,
}

type Event = (Stream, io::Result<Vec<u8>>);

/// Reads to the end of the pipe on a thread of its own, which ends with the pipe.
fn capture(pipe: impl Read + Send + 'static, stream: Stream, events: mpsc::Sender<Event>) {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = pipe.take(OUTPUT_LIMIT + 1).read_to_end(&mut bytes);
        let flooded = bytes.len() as u64 > OUTPUT_LIMIT;
        let result = match read {
            Ok(_) if flooded => Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                format!("printed more than {} MiB and was stopped", OUTPUT_LIMIT >> 20),
            )),
            Ok(_) => Ok(bytes),
            Err(error) => Err(error),
        };
        let _ = events.send((stream, result)); // nobody waits any more: nothing to tell
    });
}

/// Kills the process and all of its group, and collects it.
fn kill_group(child: &mut Child) {
    #[cfg(unix)]
    {
        let group = child.id() as libc::pid_t;
        // SAFETY: a plain system call; the group is the child's own, made when it was started. It
        // is collected only below, so that its number cannot belong to another process yet, or it
        // is gone with all its members and the call does nothing.
        unsafe { libc::kill(-group, libc::SIGKILL) };
    }
    let _ = child.kill();
    let _ = child.wait();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_in_which_the_computer_slept_or_its_clock_was_set_is_known() {
        let (began, second) =
            (SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000), Duration::from_secs(1));
        assert_eq!(jump(began, began + 8 * second, 8 * second), None);
        assert_eq!(jump(began, began + 9 * second, 8 * second), None, "slewed");
        let slept = jump(began, began + 3_608 * second, 8 * second);
        assert_eq!(slept.as_deref(), Some("the clock jumped by 3600 s: asleep, or set"));
        let set_back = jump(began, began - 52 * second, 8 * second);
        assert_eq!(set_back.as_deref(), Some("the clock jumped by 60 s: asleep, or set"));
    }
}
