//! Exploring one listing: every order of its steps, or many that are drawn; and what went wrong in a
//! wrong version, kept in a file that the chapters show.

#![allow(dead_code)] // each test file uses a part of it

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::env;
use std::fmt::Display;
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use checks::story;
use shuttle::scheduler::{DfsScheduler, RandomScheduler, Schedule, Scheduler, Task, TaskId};
use shuttle::{Config, FailurePersistence, MaxSteps, Runner};

/// How many schedules there were, and how many of them ended in which way.
pub type Endings = (usize, BTreeMap<String, u64>);

/// Every schedule, one after the other, each once.
pub fn every_schedule() -> DfsScheduler {
    DfsScheduler::new(None, false)
}

/// So many schedules, each step of them drawn; the same ones each time.
pub fn drawn(schedules: usize) -> RandomScheduler {
    RandomScheduler::new_from_seed(17, schedules)
}

pub fn endings<E: Display>(
    scheduler: impl Scheduler + 'static,
    trial: impl Fn() -> E + Send + Sync + 'static,
) -> Endings {
    let endings = Arc::new(Mutex::new(BTreeMap::new()));
    let seen = Arc::clone(&endings);
    let schedules = Runner::new(scheduler, quiet()).run(move || {
        let ending = trial().to_string();
        *seen.lock().unwrap().entry(ending).or_default() += 1;
    });
    let endings = endings.lock().unwrap().clone();
    (schedules, endings)
}

/// One scheduler for several runs.
struct Continued<S> {
    scheduler: Rc<RefCell<S>>,
    schedules: Rc<Cell<usize>>,
}

impl<S: Scheduler> Scheduler for Continued<S> {
    fn new_execution(&mut self) -> Option<Schedule> {
        let next = self.scheduler.borrow_mut().new_execution();
        self.schedules.set(self.schedules.get() + usize::from(next.is_some()));
        next
    }

    fn next_task(
        &mut self,
        runnable: &[&Task],
        current: Option<TaskId>,
        is_yielding: bool,
    ) -> Option<TaskId> {
        self.scheduler.borrow_mut().next_task(runnable, current, is_yielding)
    }

    fn next_u64(&mut self) -> u64 {
        self.scheduler.borrow_mut().next_u64()
    }
}

/// The endings of a trial of which some schedules get stuck. shuttle panics at the first of them; the
/// schedules that are left are run by another runner.
pub fn endings_and_stuck<E: Display>(
    scheduler: impl Scheduler + 'static,
    trial: impl Fn() -> E + Send + Sync + Clone + 'static,
) -> Endings {
    let scheduler = Rc::new(RefCell::new(scheduler));
    let schedules = Rc::new(Cell::new(0));
    let mut all: BTreeMap<String, u64> = BTreeMap::new();
    loop {
        let continued =
            Continued { scheduler: Rc::clone(&scheduler), schedules: Rc::clone(&schedules) };
        let (seen, trial) = (Arc::new(Mutex::new(Vec::new())), trial.clone());
        let ended = Arc::clone(&seen);
        let mut config = quiet();
        config.failure_persistence = FailurePersistence::None;
        let run = panic::catch_unwind(AssertUnwindSafe(|| {
            Runner::new(continued, config).run(move || {
                let ending = trial().to_string();
                ended.lock().unwrap().push(ending);
            })
        }));
        for ending in seen.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            *all.entry(ending).or_default() += 1;
        }
        let Err(panic) = run else { return (schedules.get(), all) };
        let said = panic.downcast_ref::<String>().cloned().unwrap_or_default();
        assert!(said.contains("deadlock"), "it failed, and did not get stuck: {said}");
        *all.entry("stuck".into()).or_default() += 1;
    }
}

/// What a checker found of a listing, in the file beside it that the chapter's explorer is held against.
/// `UPDATE_ENDINGS=1` writes it anew.
#[track_caller]
pub fn stand_in(file: &str, checker: &str, (schedules, endings): &Endings) {
    let found = serde_json::json!({
        "checker": checker, "schedules": schedules, "endings": endings
    });
    let text = serde_json::to_string_pretty(&found).unwrap() + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../listings").join(file);
    if env::var_os("UPDATE_ENDINGS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let recorded = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        recorded == text,
        "{} does not say what shuttle found: write it anew with UPDATE_ENDINGS=1\n\nfound:\n{text}",
        path.display()
    );
}

/// The trial ends in this way, whatever the order, and there was more than one.
#[track_caller]
pub fn always(scheduler: impl Scheduler + 'static, trial: fn() -> String, ending: &str) -> usize {
    let started = Instant::now();
    let (schedules, endings) = endings(scheduler, trial);
    println!("{ending}: {schedules} schedules in {:?}", started.elapsed());
    assert!(schedules > 1, "shuttle saw {schedules} schedule");
    assert_eq!(endings.keys().collect::<Vec<_>>(), [ending]);
    schedules
}

/// What shuttle says to a trial that gets stuck, after what happened until then.
pub fn caught(
    scheduler: impl Scheduler + 'static,
    most_steps: usize,
    trial: impl Fn() + Send + Sync + Clone + 'static,
) -> Caught {
    let folder = tempfile::tempdir().unwrap();
    let mut config = quiet();
    config.failure_persistence = FailurePersistence::File(Some(folder.path().into()));
    config.max_steps = MaxSteps::FailAfter(most_steps);
    let told = move || {
        story::begin();
        trial();
    };
    let again = told.clone();
    let run = || Runner::new(scheduler, config).run(told);
    let message = message_of(run).expect("shuttle found nothing wrong");
    let story = story::so_far();
    let file = fs::read_dir(folder.path()).unwrap().next().expect("a schedule").unwrap().path();
    let schedule = fs::read_to_string(&file).unwrap();
    let replayed = message_of(|| shuttle::replay_from_file(again, &file));
    // What never ends does not end in the replay either: that one is over when its schedule is.
    let same = replayed.as_ref() == Some(&message) || !message.contains("deadlock");
    assert!(replayed.is_some() && same, "the schedule does not lead to the same ending");
    Caught { message, story, schedule }
}

fn quiet() -> Config {
    let mut config = Config::default();
    config.silence_warnings = true; // that atomics are sequentially consistent is said in the text
    config
}

/// The first line of the panic in it.
fn message_of<R>(run: impl FnOnce() -> R) -> Option<String> {
    let panic = panic::catch_unwind(AssertUnwindSafe(run)).err()?;
    let text = match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => panic.downcast_ref::<&str>().copied().unwrap_or_default().to_string(),
    };
    Some(text.lines().next().unwrap_or_default().to_string())
}

pub struct Caught {
    pub message: String,
    pub story: Vec<String>,
    pub schedule: String,
}

impl Caught {
    /// What happened, what shuttle said to it, and how to have it again.
    pub fn text(&self) -> String {
        let mut text: String =
            self.story.iter().chain([&self.message]).map(|l| folded(l)).collect();
        if !self.schedule.is_empty() {
            text += "\nthe schedule, to replay it:\n";
            let letters: Vec<char> = self.schedule.trim().chars().collect();
            for line in letters.chunks(76) {
                text += &format!("  {}\n", line.iter().collect::<String>());
            }
        }
        text
    }

    #[track_caller]
    pub fn stands_in(&self, file: &str) {
        stands_in(&self.text(), file);
    }
}

/// Compares what was found with what the chapter shows.
#[track_caller]
pub fn stands_in(text: &str, file: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../listings").join(file);
    if env::var_os("UPDATE_FOUND").is_some() {
        fs::write(&path, text).unwrap();
    }
    let recorded = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        recorded == text,
        "listings/{file} does not say what shuttle found: write it anew with\n\
         UPDATE_FOUND=1 cargo test -p checks --tests\n\nfound:\n{text}"
    );
}

/// At most 78 letters a line.
fn folded(text: &str) -> String {
    let (mut lines, mut line) = (String::new(), String::new());
    for word in text.split(' ') {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > 78 {
            lines += &format!("{line}\n");
            line = "    ".to_string() + word;
        } else if line.is_empty() {
            line = word.to_string();
        } else {
            line += &format!(" {word}");
        }
    }
    lines + &line + "\n"
}
