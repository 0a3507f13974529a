//! Measures experiments into records, round by round, so that stopping loses at most the round in flight.

use std::fs::{self, File, TryLockError};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use book::diagnostic::counted;
use book::project::Project;
use book::python;
use book::records::{own_name, stranger};
use book::source::{Keys, Locked, Sources, hash_of};
use lab::machine::Machine;
use lab::record::{
    Care, Description, Measurement, Point, ReadError, Record, Timeline, UNFINISHED, VERSION,
};
use lab::rounds::{Failure, Progress, Rounds, Runner, trial};
use lab::terminal;

use crate::cost;
use crate::examples::Examples;
use crate::interpreter;
use crate::message::{status, warning};
use crate::status_line::StatusLine;
use crate::stopped::{self, Stopped};

/// Measures on one machine, with the examples compiled before.
pub(crate) struct Session<'a> {
    project: &'a Project,
    examples: &'a Examples,
    machine: Machine,
    stop: Arc<AtomicBool>,
    lock: String,
    locked: Locked,
    manifest: String,
    /// Told before each arm of each round.
    listener: Option<&'a dyn Fn(&Progress)>,
    /// This process runs arms and nothing else meanwhile.
    alone: bool,
    /// No round begins after this moment.
    until: Option<Instant>,
    /// What the status line says before the rounds: which experiment of how many.
    pub heading: String,
}

/// Whether there was something to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    /// All rounds were run, and are recorded.
    Measured,
    /// The record is of this version of the code, and as careful as asked for.
    Fresh,
    /// A demo only.
    NothingToMeasure,
    /// The time was up before all rounds were run; those that were are kept.
    TimeIsUp,
}

impl<'a> Session<'a> {
    /// On this machine, under a name that is given or its own.
    ///
    /// # Errors
    /// Where the machine's folder holds records of other hardware.
    pub(crate) fn new(
        project: &'a Project,
        examples: &'a Examples,
        name: Option<&str>,
        stop: Arc<AtomicBool>,
    ) -> Result<Session<'a>> {
        let mut machine = Machine::here();
        match name {
            Some(name) => {
                check_name(name)?;
                machine.name = name.to_string();
            }
            None => machine.name = own_name(&project.measurements(), &machine),
        }
        let lock = project.lock()?;
        let session = Session {
            project,
            examples,
            machine,
            stop,
            locked: Locked::parse(&lock)?,
            lock,
            manifest: project.manifest()?,
            listener: None,
            alone: false,
            until: None,
            heading: String::new(),
        };
        session.refuse_other_hardware()?;
        session.remove_half_written();
        Ok(session)
    }

    /// Tells this listener, beside the terminal, how far a measurement is.
    pub(crate) fn telling(self, listener: &'a dyn Fn(&Progress)) -> Session<'a> {
        Session { listener: Some(listener), ..self }
    }

    /// While it measures, this process starts nothing but arms: whoever is still there between two of
    /// them was left behind, and is ended, so that no arm runs beside what another left (on Linux,
    /// also where it left the arm's process group).
    pub(crate) fn alone(self) -> Session<'a> {
        Session { alone: true, ..self }
    }

    /// Begins no round after this moment; what is missing then is for the next time.
    pub(crate) fn until(self, moment: Instant) -> Session<'a> {
        Session { until: Some(moment), ..self }
    }

    /// The machine that is measured, under its folder's name.
    pub(crate) fn machine(&self) -> &Machine {
        &self.machine
    }

    fn time_is_up(&self) -> bool {
        self.until.is_some_and(|moment| Instant::now() >= moment)
    }

    fn refuse_other_hardware(&self) -> Result<()> {
        let folder = self.project.measurements().join(&self.machine.name);
        match stranger(&folder, &self.machine) {
            None => Ok(()),
            Some(stranger) => bail!(
                "{} holds records of another machine ({}), and this is {}; \
                 measure under another name: `cargo course measure --machine NAME`",
                self.project.shown(&folder),
                described(&stranger),
                described(&self.machine)
            ),
        }
    }

    /// What was being written when a measurement was killed. Its record stands beside it, whole; and
    /// whoever holds the turn is the only one who writes here.
    fn remove_half_written(&self) {
        let folder = self.project.measurements().join(&self.machine.name);
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
                let _ = fs::remove_file(entry.path()); // left there, it harms nobody
            }
        }
    }

    fn path(&self, example: &str) -> PathBuf {
        Record::path(&self.project.measurements(), &self.machine.name, example)
    }

    /// The record as it is, or an empty one. A damaged record stops here: it is never overwritten.
    fn record(&self, description: &Description) -> Result<Record> {
        let path = self.path(&description.name);
        match Record::read(&path) {
            Ok(mut record) => {
                record.description = description.clone();
                Ok(record)
            }
            Err(ReadError::Missing) => Ok(Record {
                version: VERSION,
                example: description.name.clone(),
                machine: self.machine.clone(),
                description: description.clone(),
                demo: None,
                measurement: None,
                unfinished: None,
                timelines: Vec::new(),
            }),
            Err(error) => bail!("{}: {error}", self.project.shown(&path)),
        }
    }

    fn write(&self, record: &Record) -> Result<()> {
        let path = self.path(&record.example);
        record.write(&path).with_context(|| {
            format!(
                "{}: the record could not be written; the one before it is untouched",
                self.project.shown(&path)
            )
        })
    }

    fn keys(&self, example: &str) -> Result<Keys> {
        let sources = Sources::of_example(self.project, example)?;
        Ok(sources.keys(&self.locked, &self.manifest))
    }

    fn describe(&self, example: &str) -> Result<(Runner, Description)> {
        let mut runner = self.examples.runner(example, &self.stop)?;
        runner.left_behind = self.alone.then_some(warn_of_left_behind);
        let description = runner.describe().map_err(stopped::of_run)?;
        Ok((runner, description))
    }

    /// Runs the demo if its files changed since it was last seen. Says whether it ran.
    ///
    /// # Errors
    /// `Stopped` where it was; where the demo goes wrong, or its record cannot be read or written.
    pub(crate) fn demo(&self, example: &str) -> Result<bool> {
        let (_, description) = self.describe(example)?;
        let keys = self.keys(example)?;
        let mut record = self.record(&description)?;
        if record.demo.as_ref().is_some_and(|demo| demo.output_key == keys.output) {
            return Ok(false);
        }
        status("Running", example);
        record.demo = Some(self.examples.demo(&description, &keys.output, &self.stop)?);
        self.write(&record)?;
        Ok(true)
    }

    /// Runs a Python program if its files changed since it was last seen; where nothing here can run
    /// it, what was recorded stays. Says whether it ran.
    ///
    /// # Errors
    /// As [`Session::demo`].
    pub(crate) fn program(&self, name: &str) -> Result<bool> {
        let keys = self.keys(name)?;
        let description = Description { name: name.into(), ..Description::default() };
        let mut record = self.record(&description)?;
        if record.demo.as_ref().is_some_and(|demo| demo.output_key == keys.output) {
            return Ok(false);
        }
        let file = python::file_of(&self.project.settings, name);
        if let Err(why) = interpreter::script(&self.project.root, &file).versions() {
            warning(format!("{file} was not run: {why}; the pages show what was recorded"));
            return Ok(false);
        }
        status("Running", &file);
        record.demo = Some(self.examples.program(name, &keys.output, &self.stop)?);
        self.write(&record)?;
        Ok(true)
    }

    /// Whether this machine has a complete measurement of the example, or there is nothing to measure.
    pub(crate) fn measured(&self, example: &str) -> bool {
        Record::read(&self.path(example))
            .is_ok_and(|record| record.measurement.is_some() || record.description.arms.is_empty())
    }

    /// How long a quick look at this experiment will take, timelines apart, where some record says what a
    /// round of it costs; zero for a demo.
    ///
    /// # Errors
    /// Where there is no such example, or it does not say what it is.
    pub(crate) fn estimate(&self, example: &str) -> Result<Option<Duration>> {
        let (_, description) = self.describe(example)?;
        if description.arms.is_empty() {
            return Ok(Some(Duration::ZERO));
        }
        let (here, usual) = (&self.machine.name, self.project.settings.machine.as_deref());
        let cost = cost::of_a_round(&self.project.measurements(), here, usual, &description);
        Ok(cost.map(|cost| cost * Care::Quick.rounds(cost) as u32))
    }

    /// How carefully the example was measured here, if it was.
    pub(crate) fn care_so_far(&self, example: &str) -> Option<Care> {
        let record = Record::read(&self.path(example)).ok()?;
        record.measurement.map(|measurement| measurement.care)
    }

    /// Measures one experiment; goes on with an unfinished measurement of the same code. A measurement that is
    /// fresh is made `again` only where that is asked for.
    ///
    /// # Errors
    /// `Stopped` where it was; where an arm goes wrong, or the record cannot be read or written. Rounds that were
    /// run before are on disk.
    pub(crate) fn measure(&self, example: &str, care: Care, again: bool) -> Result<Done> {
        let (runner, description) = self.describe(example)?;
        if description.arms.is_empty() {
            return Ok(Done::NothingToMeasure);
        }
        let keys = self.keys(example)?;
        let mut record = self.record(&description)?;
        if !again && let Some(measurement) = &record.measurement {
            let fresh = measurement.timing_key == keys.timing
                && measurement.planned >= care.least_rounds()
                && measurement.resolves()
                && record.unfinished.is_none();
            if fresh {
                return Ok(Done::Fresh);
            }
        }
        let _measuring = Measuring::begin(self.project)?;
        // The machine as it is now: kernel and governor change between measurements.
        record.machine = self.machine.clone();
        let unfinished = match resumed(&mut record, &description, care, &keys) {
            Some(unfinished) => unfinished,
            None => self.begin(&runner, &record, care, &keys)?,
        };
        if !self.rounds(&runner, &mut record, unfinished)? {
            return Ok(Done::TimeIsUp);
        }
        record.timelines = self.timelines(&runner, &description, &keys)?;
        self.write(&record)?;
        let path = self.project.shown(&self.path(example));
        self.report(&record, &path);
        Ok(Done::Measured)
    }

    /// A new measurement, whose number of rounds is decided here.
    fn begin(
        &self,
        runner: &Runner,
        record: &Record,
        care: Care,
        keys: &Keys,
    ) -> Result<Measurement> {
        let (description, seed) = (&record.description, seed(&record.example));
        Ok(Measurement {
            care,
            planned: care.rounds(self.cost(runner, description, care, seed)?),
            seed,
            timing_key: keys.timing.clone(),
            profile: "release".into(),
            toolchain: self.examples.toolchain.clone(),
            lock_file: hash_of(&self.lock),
            interpreters: description.interpreters.clone(),
            started: lab::now(),
            finished: None,
            description: description.clone(),
            rounds: Vec::new(),
        })
    }

    /// What a round costs, where the number of rounds follows from it: as recorded, or as one round shows
    /// that is run for that and does not count.
    fn cost(
        &self,
        runner: &Runner,
        description: &Description,
        care: Care,
        seed: u64,
    ) -> Result<Duration> {
        if care != Care::Quick {
            return Ok(Duration::ZERO);
        }
        let (here, usual) = (&self.machine.name, self.project.settings.machine.as_deref());
        let recorded = cost::of_a_round(&self.project.measurements(), here, usual, description);
        if let Some(cost) = recorded {
            return Ok(cost);
        }
        let name = &description.name;
        status(
            "Trying",
            format!("{name} · one round that does not count, to see what a round costs"),
        );
        let line = StatusLine::begin(self.heading.as_str());
        let tried = trial(runner, description, seed, |progress| self.tell(&line, progress));
        tried.map_err(|failure| failed(name, failure))
    }

    /// Tells the terminal, and whoever else listens.
    fn tell(&self, line: &StatusLine, progress: &Progress) {
        line.set_text(format!("{}{progress}", self.heading));
        if let Some(listener) = &self.listener {
            listener(progress);
        }
    }

    /// Runs the rounds that are missing; the record is on disk after each. Says whether all were run.
    fn rounds(&self, runner: &Runner, record: &mut Record, going: Measurement) -> Result<bool> {
        let name = record.example.clone();
        let runs = counted(going.description.points().len(), "run");
        status("Measuring", format!("{name} · {runs}, {}", counted(going.planned, "round")));
        let line = StatusLine::begin(self.heading.as_str());
        let mut rounds = Rounds::new(runner, going);
        while rounds.missing() {
            if self.time_is_up() {
                return Ok(false); // those that were run are on disk
            }
            if let Err(failure) = rounds.run_one(|progress| self.tell(&line, progress)) {
                drop(line);
                if matches!(failure, Failure::Stopped) {
                    say_kept(&name, rounds.so_far());
                }
                return Err(failed(&name, failure));
            }
            if rounds.missing() {
                record.unfinished = Some(rounds.so_far().clone());
                self.write(record)?;
            }
        }
        drop(line);
        record.measurement = Some(rounds.finished());
        record.unfinished = None;
        self.write(record)?;
        Ok(true)
    }

    /// One untimed run of each declared arm.
    fn timelines(
        &self,
        runner: &Runner,
        description: &Description,
        keys: &Keys,
    ) -> Result<Vec<Timeline>> {
        let available = |point: &&Point| {
            description.arm(&point.arm).is_some_and(|arm| arm.unavailable.is_none())
        };
        let mut timelines = Vec::new();
        for point in description.timelines.iter().filter(available) {
            let sample = runner.arm(point, true).map_err(stopped::of_run)?;
            timelines.push(Timeline {
                point: point.clone(),
                wall_ns: sample.wall_ns,
                timing_key: keys.timing.clone(),
                lanes: sample.lanes.unwrap_or_default(),
            });
        }
        Ok(timelines)
    }

    fn report(&self, record: &Record, path: &str) {
        let Some(measurement) = &record.measurement else { return };
        // A page has a figure of its own.
        if self.listener.is_none() {
            print!("{}", terminal::table(measurement, terminal::colored()));
        }
        let aside = measurement.rounds.iter().filter(|round| round.set_aside.is_some()).count();
        let aside = match aside {
            0 => String::new(),
            n => format!(" · {} set aside", counted(n, "round")),
        };
        status("Recorded", format!("{path}{aside}"));
    }
}

/// The unfinished measurement of this code with this care, to go on with; its number of rounds stays.
fn resumed(
    record: &mut Record,
    description: &Description,
    care: Care,
    keys: &Keys,
) -> Option<Measurement> {
    let unfinished = record.unfinished.take()?;
    let same = unfinished.timing_key == keys.timing
        && unfinished.care == care
        && unfinished.description.points() == description.points();
    let rounds = unfinished.rounds.len();
    if same {
        let (name, due) = (&record.example, unfinished.due());
        status("Resuming", format!("{name} at round {}/{due}", rounds + 1));
        return Some(unfinished);
    }
    warning(format!(
        "{} of {} were measured with other code or another number of rounds, and do not count",
        counted(rounds, "unfinished round"),
        record.example
    ));
    None
}

/// A line about the machine, before measuring.
pub(crate) fn announce(machine: &Machine) {
    let hidden: Vec<&str> = [
        ("governor", machine.governor.is_none()),
        ("power source", machine.power.is_none()),
        ("virtualization", machine.virtualization.is_none()),
    ]
    .into_iter()
    .filter_map(|(name, hidden)| hidden.then_some(name))
    .collect();
    let virtualized = machine.virtualization.as_deref().filter(|kind| *kind != "none");
    let mut text = format!("{} · {}", machine.name, described(machine));
    if let Some(kind) = virtualized {
        text.push_str(&format!(", {kind}"));
    }
    if !hidden.is_empty() {
        text.push_str(&format!(" · not exposed: {}", hidden.join(", ")));
    }
    status("Machine", text);
}

/// Processor and cores, in words.
pub(crate) fn described(machine: &Machine) -> String {
    let cpu = machine.cpu.clone().unwrap_or_else(|| machine.architecture.clone());
    let held = match &machine.affinity {
        Some(cores) => {
            let list: Vec<String> = cores.iter().map(u64::to_string).collect();
            format!(", held to core {}", list.join(", "))
        }
        None => String::new(),
    };
    format!("{cpu}, {}{held}", counted(machine.logical_cores as usize, "core"))
}

/// Whether a machine's folder can have this name on every system.
///
/// # Errors
/// Where it cannot.
pub(crate) fn check_name(name: &str) -> Result<()> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || !name.chars().all(plain) || name.starts_with('.') {
        bail!("`{name}` cannot name a machine's folder: use letters, digits, `-`, `_` and `.`");
    }
    Ok(())
}

fn failed(example: &str, failure: Failure) -> anyhow::Error {
    match failure {
        Failure::Stopped => Stopped.into(),
        failure => anyhow::anyhow!("experiment `{example}`: {failure}"),
    }
}

/// Of a measurement that was stopped.
fn say_kept(example: &str, measurement: &Measurement) {
    let (kept, due) = (measurement.rounds.len(), measurement.due());
    let goes_on = "the same command goes on there";
    status("Stopped", format!("{kept} of {due} rounds of {example} are kept; {goes_on}"));
}

fn warn_of_left_behind(point: &Point, left: usize) {
    match left {
        1 => warning(format!("{point} left a process behind; it was ended")),
        n => warning(format!("{point} left {n} processes behind; they were ended")),
    }
}

/// A fresh seed; it is in the record, so that the orders can be had again.
fn seed(example: &str) -> u64 {
    use std::hash::{BuildHasher, RandomState};
    // JSON readers in other languages keep 53 bits of a number.
    RandomState::new().hash_one(example) & ((1 << 53) - 1)
}

/// How often to ask for the lock that another process holds. The system would wait for it, but not for
/// Ctrl-C meanwhile: a thread that waits in [`File::lock`] cannot be told to stop.
const ASKING: Duration = Duration::from_millis(25);

/// Held while something is measured or run: two at once would measure each other.
pub(crate) struct Permit {
    _lock: File,
}

impl Permit {
    /// Waits for another `cargo course` that measures in this project, unless it is stopped.
    ///
    /// # Errors
    /// `Stopped` where it was, or as [`Permit::try_acquire`].
    pub(crate) fn acquire(project: &Project, stop: &AtomicBool) -> Result<Permit> {
        let waiting = || status("Waiting", "for another that runs or measures here");
        Permit::acquire_telling(project, stop, waiting)
    }

    /// The same, and calls `waiting` once where it has to wait.
    ///
    /// # Errors
    /// As [`Permit::acquire`].
    pub(crate) fn acquire_telling(
        project: &Project,
        stop: &AtomicBool,
        waiting: impl FnOnce(),
    ) -> Result<Permit> {
        let mut waiting = Some(waiting);
        while !stop.load(Ordering::Relaxed) {
            if let Some(permit) = Permit::try_acquire(project)? {
                return Ok(permit);
            }
            if let Some(waiting) = waiting.take() {
                waiting();
            }
            thread::park_timeout(ASKING);
        }
        Err(Stopped.into())
    }

    /// Acquires the permit if nobody holds it.
    ///
    /// # Errors
    /// Where the lock file cannot be written.
    fn try_acquire(project: &Project) -> Result<Option<Permit>> {
        let file = lock_file(project, "course.lock")?;
        Ok(is_locked(&file)?.then_some(Permit { _lock: file }))
    }
}

/// Held while arms run, also from another terminal: a page that is rendered meanwhile would be
/// measured, too.
struct Measuring {
    _lock: File,
}

impl Measuring {
    fn begin(project: &Project) -> Result<Measuring> {
        let file = lock_file(project, MEASURING)?;
        // Whoever has it only looks: who measures holds the permit.
        file.lock().context(MEASURING)?;
        Ok(Measuring { _lock: file })
    }
}

const MEASURING: &str = "measuring.lock";

/// Whether arms of this project run, here or in another process. Where that cannot be told, none do.
pub(crate) fn is_measuring(project: &Project) -> bool {
    lock_file(project, MEASURING).and_then(|file| is_locked(&file)).is_ok_and(|ours| !ours)
}

fn lock_file(project: &Project, name: &str) -> Result<File> {
    let path = project.root.join("target").join(name);
    let shown = project.shown(&path);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| shown.clone())?;
    }
    File::options().create(true).append(true).open(&path).context(shown)
}

/// Locks it, unless another has.
fn is_locked(file: &File) -> Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error).context("a lock file under target/"),
    }
}
