//! Rounds: every arm once, each in a fresh process, in a shuffled order.

use std::fmt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant, SystemTime};

use crate::machine::ProcessorTime;
use crate::process::{Cut, Finished, adopt_orphans, end_orphans, finish, shown_end};
use crate::protocol::{PEAKS, SUPERVISED, parse_sample};
use crate::record::{Care, Description, Measurement, Point, Round, Sample};
use crate::terminal::{StatusLine, progress};
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
/// The number of a round that is run before the first, to see what a round costs.
const TRIAL: usize = usize::MAX;

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
    /// For a process that starts nothing but arms meanwhile. Whoever is still there when an arm has ended was left
    /// behind, on Linux also where it left the arm's process group: it is ended, so that no arm runs beside what
    /// another left, and this is told of which arm and how many.
    pub left_behind: Option<fn(&Point, usize)>,
}

/// Why a run gave no sample.
#[derive(Debug)]
pub enum Failure {
    /// Stopped from outside; nothing is wrong.
    Stopped,
    /// A program was run, and it went wrong.
    Run {
        /// The name of the program and its arguments.
        command: String,
        /// What happened.
        what: String,
    },
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

impl Runner {
    /// For this program, with the listing's own options. An arm takes two minutes at most.
    pub fn new(program: PathBuf, options: Vec<String>) -> Runner {
        Runner {
            program,
            options,
            limit: Duration::from_secs(120),
            stop: Arc::default(),
            folder: None,
            left_behind: None,
        }
    }

    /// Asks the example what it is.
    ///
    /// # Errors
    /// Where it was stopped, failed, or printed no description.
    pub fn describe(&self) -> Result<Description, Failure> {
        let (command, shown) = self.command(&["describe".to_string()]);
        let finished = self.finish(command, &shown)?;
        let failure = |what: String| Failure::Run { command: shown.clone(), what };
        check_status(&finished).map_err(failure)?;
        serde_json::from_slice(&finished.stdout)
            .map_err(|error| failure(format!("printed no description: {error}")))
    }

    /// Runs one arm once, in a fresh process.
    ///
    /// # Errors
    /// Where it was stopped, failed, took too long, left a process behind or printed no sample.
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
        if self.left_behind.is_some() {
            adopt_orphans().map_err(|error| {
                failure(format!("was not run: what it leaves behind cannot be told ({error})"))
            })?;
        }
        let finished = self.finish(command, &shown);
        if let Some(tell) = self.left_behind
            && let left @ 1.. = end_orphans()
        {
            tell(point, left);
        }
        let finished = finished?;
        check_status(&finished).map_err(failure)?;
        let sample = parse_sample(&finished.stdout).map_err(failure)?;
        Ok(Sample { arm: point.arm.clone(), at: point.at, ..sample })
    }

    /// Every arm once. `progress` is told each arm before it runs.
    ///
    /// # Errors
    /// As of each arm, and where two arms disagree.
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
        let finished = finish(command, self.limit, &self.stop).map_err(|cut| match cut {
            Cut::Stopped => Failure::Stopped,
            cut => failure(cut.to_string()),
        })?;
        if finished.status.is_none() {
            let limit = self.limit.as_secs();
            return Err(failure(format!("did not end within {limit} s and was stopped")));
        }
        Ok(finished)
    }
}

/// How far a measurement is.
#[derive(Debug)]
pub struct Progress<'a> {
    /// Counted from 1; 0 is the one that does not count.
    pub round: usize,
    /// How many there will be; 0 while that is not decided.
    pub due: usize,
    /// What runs next.
    pub point: &'a Point,
    /// How long all that is missing will take. Known after the first round.
    pub left: Option<Duration>,
}

impl fmt::Display for Progress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.round == 0 {
            return write!(f, "a round that does not count · {}", self.point);
        }
        write!(f, "{} · {}", progress(self.round, self.due, self.left), self.point)
    }
}

/// A measurement on its way: runs the rounds that it lacks, one at a time.
pub struct Rounds<'a> {
    runner: &'a Runner,
    measurement: Measurement,
    began: Instant,
    /// How many there were when this began.
    before: usize,
}

impl<'a> Rounds<'a> {
    /// Goes on with this measurement, which may have no round yet.
    pub fn new(runner: &'a Runner, measurement: Measurement) -> Rounds<'a> {
        let before = measurement.rounds.len();
        Rounds { runner, measurement, began: Instant::now(), before }
    }

    /// The measurement with the rounds that were run.
    pub fn so_far(&self) -> &Measurement {
        &self.measurement
    }

    /// Whether a round is missing.
    pub fn missing(&self) -> bool {
        self.measurement.rounds.len() < self.measurement.due()
    }

    /// Runs the next round. `tell` is told before each arm how far it is.
    ///
    /// # Errors
    /// As [`Runner::round`]; the rounds before this one are kept.
    pub fn run_one(&mut self, mut tell: impl FnMut(&Progress)) -> Result<(), Failure> {
        let (index, due) = (self.measurement.rounds.len(), self.measurement.due());
        let left = self.time_left();
        let (description, seed) = (&self.measurement.description, self.measurement.seed);
        let round = self.runner.round(description, seed, index, |point| {
            tell(&Progress { round: index + 1, due, point, left });
        })?;
        self.measurement.rounds.push(round);
        Ok(())
    }

    fn time_left(&self) -> Option<Duration> {
        let here = self.measurement.rounds.len() - self.before;
        let missing = self.measurement.due() - self.measurement.rounds.len();
        (here > 0).then(|| self.began.elapsed().mul_f64(missing as f64 / here as f64))
    }

    /// The measurement, which is over now.
    pub fn finished(self) -> Measurement {
        Measurement { finished: Some(crate::now()), ..self.measurement }
    }
}

/// Runs a round that does not count. Returns what it cost.
///
/// # Errors
/// As [`Runner::round`].
pub fn trial(
    runner: &Runner,
    description: &Description,
    seed: u64,
    mut tell: impl FnMut(&Progress),
) -> Result<Duration, Failure> {
    let began = Instant::now();
    runner.round(description, seed, TRIAL, |point| {
        tell(&Progress { round: 0, due: 0, point, left: None });
    })?;
    Ok(began.elapsed())
}

/// Measures every round of an experiment here, telling how far it is on stderr. With `Care::Quick` a round
/// that does not count comes first: from what it costs follows how many there are.
///
/// # Errors
/// As [`Runner::round`]; nothing is kept.
pub fn measure(
    runner: &Runner,
    description: &Description,
    care: Care,
    seed: u64,
) -> Result<Measurement, Failure> {
    let mut line = StatusLine::new();
    let mut tell = |progress: &Progress| line.show(&progress.to_string());
    let cost = if care == Care::Quick {
        trial(runner, description, seed, &mut tell)?
    } else {
        Duration::ZERO
    };
    let mut rounds = Rounds::new(
        runner,
        Measurement {
            care,
            planned: care.rounds(cost),
            seed,
            timing_key: String::new(),
            profile: if cfg!(debug_assertions) { "debug" } else { "release" }.into(),
            toolchain: String::new(),
            lock_file: String::new(),
            interpreters: description.interpreters.clone(),
            started: crate::now(),
            finished: None,
            description: description.clone(),
            rounds: Vec::new(),
        },
    );
    while rounds.missing() {
        rounds.run_one(&mut tell)?;
    }
    Ok(rounds.finished())
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
