//! Exploring one listing: every order of its steps, or many that are drawn; and what went wrong in a
//! wrong version, kept in a file that the chapters show.

#![allow(dead_code)] // each test file uses a part of it

use std::collections::BTreeMap;
use std::env;
use std::fmt::Display;
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use checks::story;
use shuttle::scheduler::{DfsScheduler, RandomScheduler, Scheduler};
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
