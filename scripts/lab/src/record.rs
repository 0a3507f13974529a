//! What is kept of one example on one machine, and how it is read and written.
//!
//! Every duration is in nanoseconds, every size in bytes; field names say so.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::machine::Machine;
use crate::statistics::{LEAST_VALUES, rounds_worth_having};

/// The layout of a record. A record of another version is refused, never reinterpreted.
pub const VERSION: u32 = 1;

/// How the names of files begin that are not yet a record.
pub const UNFINISHED: &str = ".unfinished-";

/// All that was seen of one example on one machine.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Of its layout: [`VERSION`].
    pub version: u32,
    /// The example's name.
    pub example: String,
    /// Where it was measured.
    pub machine: Machine,
    /// What the example said of itself when it was last asked.
    pub description: Description,
    /// What its listing's `main` printed.
    pub demo: Option<Demo>,
    /// The last complete measurement.
    pub measurement: Option<Measurement>,
    /// A measurement that was stopped: the next one goes on from here.
    pub unfinished: Option<Measurement>,
    /// One run per declared arm, recorded apart from the timed rounds.
    pub timelines: Vec<Timeline>,
}

/// An example's account of itself: the answer to `describe`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// The example's name.
    pub name: String,
    /// What is compared, for the figure's subtitle: "Time to fetch and count eight documents".
    pub title: String,
    /// Empty when the example has a demo and no experiment.
    pub arms: Vec<Arm>,
    /// The name of the arm that the others are compared with.
    pub base: Option<String>,
    /// What is varied; `None` where every arm has one point.
    pub axis: Option<Axis>,
    /// The work differs between arms, or along the axis: how many times as fast as the base an arm is says
    /// nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub different_work: bool,
    /// Into how many indivisible pieces the work falls; bounds the speedup on p threads by n/⌈n/p⌉.
    pub pieces: Option<u64>,
    /// What each arm does many of, unless the arm has its own: ("message", 30000).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<(String, f64)>,
    /// Why arms can gain more than the cores, or the ceiling, seem to allow, unless an arm has its own reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub superlinear: Option<String>,
    /// What no way of doing the work can beat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    /// Settings a reader needs to repeat the work: ("latency", "40 ms").
    pub settings: Vec<(String, String)>,
    /// Which arms have a timeline, and at which point of the axis.
    pub timelines: Vec<Point>,
    /// How the demo ends when all is well.
    pub ending: Ending,
    /// Parameters a page offers for the demo, each with its choices: ("latency", ["0ms", "40ms"]).
    pub parameters: Vec<(String, Vec<String>)>,
    /// Files other than Rust sources that the experiment runs, relative to the project.
    pub files: Vec<String>,
    /// Name and version of what runs them here, and of the modules they need.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interpreters: Vec<(String, String)>,
}

/// One way of doing the work.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Arm {
    /// As it stands in claims and commands: `as_completed`.
    pub name: String,
    /// As it stands in figures: "as completed".
    pub label: String,
    /// What it is made of.
    pub kind: Kind,
    /// The points of the axis this arm is measured at; empty for an arm without an axis.
    pub at: Vec<u64>,
    /// Why this arm cannot run here, and what would help.
    pub unavailable: Option<String>,
    /// What this arm does many of, and how many: ("addition", 5000000).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<(String, f64)>,
    /// Why this arm can gain more than the cores, or the ceiling, seem to allow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub superlinear: Option<String>,
    /// The share of this arm's work that is made to run alone, from 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<f64>,
}

/// What an arm is made of. Each kind has one color everywhere in the book.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq, Hash)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// One thread does one thing after another.
    Sequential,
    /// Threads of the operating system.
    Threads,
    /// Tasks of an asynchronous runtime.
    Tasks,
    /// Processes.
    Processes,
    /// Rayon's pool of threads.
    Rayon,
    /// A Python program.
    Python,
}

impl Kind {
    /// The word that colors it in style sheets and names it in text.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Sequential => "sequential",
            Kind::Threads => "threads",
            Kind::Tasks => "tasks",
            Kind::Processes => "processes",
            Kind::Rayon => "rayon",
            Kind::Python => "python",
        }
    }
}

/// What is varied between the points of an arm.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Axis {
    /// "threads", "payload bytes".
    pub name: String,
    /// Its points.
    pub at: Vec<u64>,
    /// Drawn on a logarithmic scale.
    pub log: bool,
    /// A threads axis has the ceiling measured beside it.
    pub ceiling: bool,
    /// It varies the work itself, so that two points of it do not compare.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub varies_work: bool,
}

/// The least time that the work needs, out of two arms: a chain of steps none of which can begin before the
/// one before it ends, and all of the computing, shared out over the cores without a loss.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// The arm that does the longest chain alone.
    pub chain: String,
    /// The arm that does all of the computing on one thread. The ceiling is of its copies.
    pub computing: String,
    /// On how many cores it is shared out.
    pub cores: u64,
}

/// An arm at one point of the axis; written `threads@4`, or `threads` where there is no axis.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// The arm's name, [`BASE_AGAIN`] or [`CEILING`].
    pub arm: String,
    /// The point of the axis; `None` for an arm without an axis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<u64>,
}

impl Point {
    /// An arm of this name, at this point of the axis.
    pub fn new(arm: impl Into<String>, at: Option<u64>) -> Point {
        Point { arm: arm.into(), at }
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some(at) => write!(f, "{}@{at}", self.arm),
            None => f.write_str(&self.arm),
        }
    }
}

/// The arm name of the base's second run in each round (A/A).
pub const BASE_AGAIN: &str = "base_again";
/// The arm name of the ceiling's runs: `at` independent copies of the base's own work, or of the computing
/// alone where the experiment declares a limit.
pub const CEILING: &str = "ceiling";

/// How a demo ends.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// By itself, with exit status 0.
    #[default]
    Success,
    /// By a panic: exit status 101.
    Panic,
    /// Never: it is stopped after this long.
    Endless {
        /// In milliseconds.
        stop_after_ms: u64,
    },
}

/// What a demo printed.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Demo {
    /// The command that prints it, as a reader types it.
    pub command: String,
    /// What it wrote to standard output, all of it.
    pub stdout: String,
    /// What it wrote to standard error, all of it.
    pub stderr: String,
    /// Hash of the bytes of listing, example and what they include.
    pub output_key: String,
    /// `rustc -vV`, whole; of a Python program, its interpreter's version.
    pub toolchain: String,
    /// RFC 3339, UTC.
    pub seen: String,
}

/// How carefully an experiment is measured. The number of rounds is fixed before the first.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Care {
    /// As many rounds as a few seconds allow, and enough to conclude something.
    Quick,
    /// 15 rounds.
    Default,
    /// 31 rounds.
    Thorough,
}

/// How long the rounds of one experiment take with `Care::Quick`, unless the fewest take longer.
const QUICK: Duration = Duration::from_secs(9);
/// From 9 rounds on, one on each side may go badly, which is worth more than any round after: a quick look
/// has so many wherever a round costs no more than 3 seconds.
const NINE: usize = 9;
const NINE_UP_TO: Duration = Duration::from_secs(3);

impl Care {
    /// How many rounds to plan where one costs this long: 15, or 31 for `Thorough`. For `Quick` what fits
    /// into 9 seconds, and no round that would not narrow the interval; at least 9 rounds where one costs
    /// no more than 3 seconds, at least 6 elsewhere, at most 31.
    pub fn rounds(self, cost: Duration) -> usize {
        let (least, most) = (self.least_rounds(), Care::Thorough.least_rounds());
        if self != Care::Quick {
            return least;
        }
        let fit = (QUICK.as_secs_f64() / cost.as_secs_f64().max(1e-9)) as usize;
        match fit {
            fit if fit >= most => most,
            fit if cost <= NINE_UP_TO => rounds_worth_having(fit).max(NINE),
            fit => rounds_worth_having(fit),
        }
    }

    /// A measurement of so many planned rounds is as careful as this, whatever it was asked for.
    pub fn least_rounds(self) -> usize {
        match self {
            Care::Quick => LEAST_VALUES,
            Care::Default => 15,
            Care::Thorough => 31,
        }
    }
}

/// For each so many planned rounds, one that was set aside is run again.
const ROUNDS_PER_SPARE: usize = 3;

/// The rounds of one experiment and what they were made with.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Measurement {
    /// How carefully it was asked for.
    pub care: Care,
    /// Rounds decided on before the first one.
    pub planned: usize,
    /// Seed of the shuffled orders.
    pub seed: u64,
    /// Hash of what decides the timing: normalized code, crate versions, profile, inputs.
    pub timing_key: String,
    /// Cargo's: "release".
    pub profile: String,
    /// `rustc -vV`, whole.
    pub toolchain: String,
    /// Hash of `Cargo.lock`.
    pub lock_file: String,
    /// Version of each foreign interpreter and of the modules that were needed: ("python3", "Python
    /// 3.11.7"), ("numpy", "2.4.0").
    pub interpreters: Vec<(String, String)>,
    /// RFC 3339, UTC.
    pub started: String,
    /// RFC 3339, UTC; `None` while rounds are missing.
    pub finished: Option<String>,
    /// The arms as they were when this was measured.
    pub description: Description,
    /// In the order in which they were run, those that were set aside among them.
    pub rounds: Vec<Round>,
}

impl Measurement {
    /// How many rounds there will be, as far as is known: those planned, and another for each that was set
    /// aside, up to a third of them. What set a round aside is known without its times, so that running
    /// another does not choose among results.
    pub fn due(&self) -> usize {
        let aside = self.rounds.iter().filter(|round| round.set_aside.is_some()).count();
        self.planned + aside.min(self.planned / ROUNDS_PER_SPARE)
    }

    /// What a round cost, its fresh processes included, on average. The longest is left out where there
    /// are others: it may hold the pause after which a stopped measurement went on.
    pub fn cost_of_a_round(&self) -> Option<Duration> {
        let stamps = self.rounds.iter().map(|round| &round.started).chain(&self.finished);
        let times: Vec<SystemTime> =
            stamps.filter_map(|time| humantime::parse_rfc3339(time).ok()).collect();
        // A clock that was set back in between says nothing.
        let pairs = times.windows(2).filter_map(|pair| pair[1].duration_since(pair[0]).ok());
        let mut costs: Vec<f64> = pairs.map(|cost| cost.as_secs_f64()).collect();
        costs.sort_by(f64::total_cmp);
        if costs.len() > 1 {
            costs.pop();
        }
        let sum: f64 = costs.iter().sum();
        (!costs.is_empty()).then(|| Duration::from_secs_f64(sum / costs.len() as f64))
    }

    /// Whether it was asked for in a hurry, and fewer rounds than usual were what fitted.
    pub fn quick(&self) -> bool {
        self.care == Care::Quick && self.planned < Care::Default.least_rounds()
    }
}

/// Every arm once, in a shuffled order.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Round {
    /// In the order in which they were run.
    pub samples: Vec<Sample>,
    /// Evidence from outside the round against it; its samples stay.
    pub set_aside: Option<String>,
    /// Share of processor time the hypervisor took, 0 to 1, where it is exposed.
    pub stolen: Option<f64>,
    /// Processor time in user mode that other processes used, in cores, where it is exposed.
    pub foreign_load: Option<f64>,
    /// RFC 3339, UTC.
    pub started: String,
}

/// One arm in one round, run in a fresh process.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// The arm's name, as in [`Point`].
    #[serde(default)]
    pub arm: String,
    /// The point of the axis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<u64>,
    /// Of the timed region.
    pub wall_ns: u64,
    /// Processor time in user mode, of the timed region, children included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_ns: Option<u64>,
    /// Processor time in the kernel, of the timed region, children included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system_ns: Option<u64>,
    /// How often a thread gave up its core to wait, in the timed region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voluntary_switches: Option<u64>,
    /// How often a thread was taken from its core, in the timed region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub involuntary_switches: Option<u64>,
    /// High-water mark of the process; for a process arm the sum over its processes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_bytes: Option<u64>,
    /// What the arm returned, as text; arms that must agree are compared by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// How many trials of this sample ended in which word.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outcomes: BTreeMap<String, u64>,
    /// A distribution, where the experiment measures one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub latencies_ns: Vec<u64>,
    /// Only in the answer to `arm … --timeline`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lanes: Option<Vec<Lane>>,
}

impl Sample {
    /// The arm and the point of the axis.
    pub fn point(&self) -> Point {
        Point::new(self.arm.clone(), self.at)
    }

    /// Processor time over wall time: how many cores were busy on average.
    pub fn busy_cores(&self) -> Option<f64> {
        let busy = self.user_ns? + self.system_ns?;
        Some(busy as f64 / self.wall_ns.max(1) as f64)
    }
}

/// One run of one arm, thread by thread and task by task.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Timeline {
    /// Which arm was run, and where.
    pub point: Point,
    /// Of the run the timeline was recorded from.
    pub wall_ns: u64,
    /// As of a [`Measurement`].
    pub timing_key: String,
    /// In the order of their first signs of life.
    pub lanes: Vec<Lane>,
}

/// One thread or one task.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Lane {
    /// Of the thread or the task.
    pub name: String,
    /// `thread` or `task`.
    #[serde(rename = "of")]
    pub kind: String,
    /// In order of time, not overlapping. What is between two segments is neither.
    pub segments: Vec<Segment>,
}

/// A stretch of time in which a lane did one thing.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// From the start of the timed region.
    pub start_ns: u64,
    /// From the start of the timed region.
    pub end_ns: u64,
    /// What the lane did.
    pub state: State,
    /// The span's name and fields: "fetch title=The Ferry".
    pub span: String,
    /// Of a wait: what ended it. `None` where its listing says nothing of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<EndedBy>,
}

/// What ended a wait.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum EndedBy {
    /// What another lane did: a lock let go, a notification, a message.
    Signal(Signal),
    /// What no lane does, as the listing names it: "the clock".
    Outside(String),
    /// The listing says what was waited for, and no other lane was seen to signal it.
    Unseen,
}

/// What a lane did that ended another one's wait.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Signal {
    /// Which of the run's lanes signaled: its index.
    pub lane: usize,
    /// When, from the start of the timed region; never after the end of the wait.
    pub at_ns: u64,
    /// Whether it waits for someone to take it.
    pub how: How,
    /// What was signaled: "the lock".
    pub what: String,
}

/// How a lane ends another one's wait.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// By something that is lost where no lane waits for it.
    Woken,
    /// By something that stays until a lane takes it.
    Sent,
}

/// What a lane does.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It computes, or would if it had a core.
    Running,
    /// It waits for another lane, or for the world.
    Waiting,
}

/// Why a record could not be read.
#[derive(Debug)]
pub enum ReadError {
    /// There is no such file.
    Missing,
    /// The file cannot be read.
    Io(io::Error),
    /// Not JSON, cut short, or changed by hand so that fields are missing or unknown.
    Damaged(String),
    /// It has this layout, and not [`VERSION`].
    OtherVersion(u32),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Missing => write!(f, "there is no such record"),
            ReadError::Io(error) => write!(f, "{error}"),
            ReadError::Damaged(why) => write!(
                f,
                "it was cut short or edited: {why}; restore it from version control, or move it away and measure again"
            ),
            ReadError::OtherVersion(found) => write!(
                f,
                "it has layout version {found}, and this `course` reads version {VERSION}; move it away and measure again"
            ),
        }
    }
}

impl std::error::Error for ReadError {}

impl Record {
    /// `<folder>/<machine>/<example>.json`
    pub fn path(measurements: &Path, machine: &str, example: &str) -> PathBuf {
        measurements.join(machine).join(format!("{example}.json"))
    }

    /// Reads one record and checks that it is whole.
    ///
    /// # Errors
    /// Where it is missing, cannot be read, or is not whole.
    pub fn read(path: &Path) -> Result<Record, ReadError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(ReadError::Missing);
            }
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return Err(ReadError::Damaged("it is not UTF-8".into()));
            }
            Err(error) => return Err(ReadError::Io(error)),
        };
        Record::parse(&text)
    }

    fn parse(text: &str) -> Result<Record, ReadError> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let parsed: Result<Record, _> = serde_json::from_str(text);
        let version = match &parsed {
            Ok(record) => record.version,
            // Another version has other fields: that comes before what is wrong with them.
            Err(error) => match serde_json::from_str(text) {
                Ok(Versioned { version }) if version != VERSION => version,
                _ => return Err(ReadError::Damaged(error.to_string())),
            },
        };
        if version != VERSION {
            return Err(ReadError::OtherVersion(version));
        }
        let record = parsed.map_err(|error| ReadError::Damaged(error.to_string()))?;
        record.consistent().map_err(ReadError::Damaged)?;
        Ok(record)
    }

    /// What an edit by hand breaks: rounds that do not hold the arms they should.
    fn consistent(&self) -> Result<(), String> {
        for measurement in self.measurement.iter().chain(&self.unfinished) {
            let points = measurement.description.points();
            for (index, round) in measurement.rounds.iter().enumerate() {
                for point in &points {
                    if round.samples.iter().filter(|s| s.point() == *point).count() != 1 {
                        return Err(format!("round {} does not hold `{point}` once", index + 1));
                    }
                }
            }
        }
        match &self.measurement {
            Some(whole) if whole.rounds.len() < whole.planned => {
                Err(format!("{} of {} rounds are there", whole.rounds.len(), whole.planned))
            }
            _ => Ok(()),
        }
    }

    /// Writes beside the target and renames, so that readers see the old record or the new one.
    ///
    /// # Errors
    /// Where the folder cannot be written to; what stood there is untouched.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let mut builder = tempfile::Builder::new();
        // Readable by others, as files of a repository are; the process's mask still applies.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
        let mut file = builder.prefix(UNFINISHED).tempfile_in(folder)?;
        serde_json::to_writer_pretty(io::BufWriter::new(&mut file), self)?;
        file.write_all(b"\n")?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    }
}

impl Description {
    /// What one round runs: each available arm at each of its points, and the two controls.
    pub fn points(&self) -> Vec<Point> {
        let mut points = Vec::new();
        for arm in self.arms.iter().filter(|arm| arm.unavailable.is_none()) {
            if arm.at.is_empty() {
                points.push(Point::new(&arm.name, None));
            }
            points.extend(arm.at.iter().map(|at| Point::new(&arm.name, Some(*at))));
        }
        if self.base.is_some() {
            points.push(Point::new(BASE_AGAIN, None));
        }
        if let Some(axis) = self.axis.as_ref().filter(|axis| axis.ceiling) {
            points.extend(axis.at.iter().map(|at| Point::new(CEILING, Some(*at))));
        }
        if let Some(limit) = &self.limit {
            let ceiling = Point::new(CEILING, Some(limit.cores));
            if !points.contains(&ceiling) {
                points.push(ceiling);
            }
        }
        points
    }

    /// The points of the axis at which the ceiling is measured, or the cores of the limit.
    pub fn ceiling_at(&self) -> Vec<u64> {
        let ceilings = self.points().into_iter().filter(|point| point.arm == CEILING);
        ceilings.filter_map(|point| point.at).collect()
    }

    /// The arm whose independent copies are the ceiling.
    pub fn copied(&self) -> Option<&str> {
        match &self.limit {
            Some(limit) => Some(&limit.computing),
            None => self.base.as_deref(),
        }
    }

    /// What this arm does many of, and how many.
    pub fn per(&self, arm: &str) -> Option<&(String, f64)> {
        // The base again is the base.
        let name = if arm == BASE_AGAIN { self.base.as_deref()? } else { arm };
        self.arm(name)?.per.as_ref().or(self.per.as_ref())
    }

    /// Why this arm can gain more than the cores, or the ceiling, seem to allow.
    pub fn superlinear(&self, arm: &str) -> Option<&str> {
        self.arm(arm)?.superlinear.as_deref().or(self.superlinear.as_deref())
    }

    /// The arm of this name.
    pub fn arm(&self, name: &str) -> Option<&Arm> {
        self.arms.iter().find(|arm| arm.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measurement(care: Care, planned: usize, started: &[&str]) -> Measurement {
        let round = |started: &&str| Round {
            samples: Vec::new(),
            set_aside: None,
            stolen: None,
            foreign_load: None,
            started: (*started).into(),
        };
        Measurement {
            care,
            planned,
            seed: 1,
            timing_key: String::new(),
            profile: String::new(),
            toolchain: String::new(),
            lock_file: String::new(),
            interpreters: Vec::new(),
            started: String::new(),
            finished: None,
            description: Description::default(),
            rounds: started.iter().map(round).collect(),
        }
    }

    #[test]
    fn a_quick_look_has_as_many_rounds_as_fit_and_no_fewer_than_six() {
        let quick = |milliseconds| Care::Quick.rounds(Duration::from_millis(milliseconds));
        assert_eq!((quick(0), quick(50), quick(290), quick(299)), (31, 31, 31, 30));
        assert_eq!((quick(600), quick(700), quick(1_000), quick(3_000)), (15, 12, 9, 9));
        assert_eq!((quick(3_001), quick(60_000)), (6, 6));
        for care in [Care::Default, Care::Thorough] {
            assert_eq!(care.rounds(Duration::ZERO), care.rounds(Duration::from_secs(60)));
        }
    }

    #[test]
    fn a_quick_look_with_as_many_rounds_as_usual_is_not_called_quick() {
        assert!(measurement(Care::Quick, 12, &[]).quick());
        assert!(!measurement(Care::Quick, 15, &[]).quick());
        assert!(!measurement(Care::Default, 15, &[]).quick());
    }

    #[test]
    fn rounds_that_were_set_aside_are_run_again_up_to_a_third_of_them() {
        let mut nine = measurement(Care::Quick, 9, &["2026-11-22T04:30:00Z"; 9]);
        assert_eq!(nine.due(), 9);
        for (aside, due) in [(1, 10), (2, 11), (3, 12), (4, 12)] {
            nine.rounds[aside].set_aside = Some("stolen time 9 %".into());
            assert_eq!(nine.due(), due, "{aside} set aside");
        }
    }

    #[test]
    fn what_a_round_costs_does_not_hold_the_pause_of_a_stopped_measurement() {
        let at = |minute: &str, second: &str| format!("2026-11-22T04:{minute}:{second}Z");
        let times =
            [at("30", "00"), at("30", "02"), at("30", "03"), at("50", "00"), at("50", "03")];
        let times: Vec<&str> = times.iter().map(String::as_str).collect();
        let cost = |times: &[&str]| measurement(Care::Quick, 6, times).cost_of_a_round();
        assert_eq!(cost(&times), Some(Duration::from_secs(2)));
        assert_eq!(cost(&times[..2]), Some(Duration::from_secs(2)), "the only one counts");
        assert_eq!(cost(&times[..1]), None);
    }
}
