//! `cargo course exercise NAME --watch`: compiles and runs the tests again at every save. A save in the
//! middle of a try stops it, so that what is shown in the end is of the newest text.

use std::collections::BTreeMap;
use std::io::stdout;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::Result;
use book::project::Project;
use book::source::hash_of;
use serde_json::json;

use super::listeners::{Listener, Page, Score, Terminal};
use super::practice::{Place, Practice, named, next, places};
use super::report::Tested;
use super::saves::Saves;
use super::trial::{News, Outcome, Trial};
use super::{Exercise, editor};
use crate::interrupt::on_interrupt;
use crate::message::{report, status, takes_colors};
use crate::stopped::Stopped;
use crate::supervise::{Stop, at_end_of_standard_input, say};

/// An editor writes a file in several steps; what follows within this time is one save.
const SETTLING: Duration = Duration::from_millis(30);
/// A save that never ends is tried all the same.
const LONGEST_SAVE: Duration = Duration::from_millis(250);
/// In how many tries a test has to be the first that fails before the hint is shown.
const TRIES_BEFORE_HINT: usize = 3;
/// The most memory that a test uses at a terminal, in MiB.
const MEMORY: u64 = 2048;

/// What the thread that shows waits for.
enum Event {
    Saved,
    /// What the try of this number tells.
    News(usize, News),
    /// How the try of this number ended.
    Tried(usize, Result<Outcome>),
    Stop,
}

/// Watches the student's copy for a terminal, until Ctrl-C.
pub(super) fn in_terminal(
    practice: &Practice,
    next: Option<&Place>,
    heading: String,
    stop: &Arc<AtomicBool>,
) -> Result<()> {
    let (send, events) = channel();
    let interrupted = send.clone();
    on_interrupt(stop, move || {
        let _ = interrupted.send(Event::Stop); // nobody listens on the way out
    })?;
    let file = practice.shown_file();
    editor::open(&practice.file(), &file);
    let mut terminal =
        Terminal { heading, name: &practice.exercise.name, file, next, tries: 0, line: None };
    let colored = takes_colors(&stdout());
    let trial = Trial { colored, ..Trial::new(practice.project, practice.exercise, MEMORY) };
    watch(trial, send, &events, &mut terminal)?;
    status("Stopped", "watching; your file is as you left it");
    Ok(())
}

/// Watches the student's copy for a page of `serve`, until standard input ends. What goes wrong is told to
/// the page.
pub fn for_page(project: &Project, name: &str, memory: u64) {
    say(&match watch_for_page(project, name, memory) {
        Ok(()) => json!({ "ended": "stopped", "how": "stopped" }),
        Err(failure) => {
            report(&failure);
            json!({ "ended": format!("{failure:#}"), "how": "failure" })
        }
    });
}

fn watch_for_page(project: &Project, name: &str, memory: u64) -> Result<()> {
    let (send, events) = channel();
    let stopping = send.clone();
    // Nobody listens on the way out.
    at_end_of_standard_input(move || drop(stopping.send(Event::Stop)));
    let exercise = named(project, name)?;
    let practice = Practice { project, exercise: &exercise };
    practice.begin_or_go_on()?;
    say(&json!({ "watching": practice.shown_file() }));
    let places = places(project)?;
    let trial = Trial { needs_permit: true, ..Trial::new(project, &exercise, memory) };
    watch(trial, send, &events, &mut Page { next: next(&places, name) })
}

/// Tries now and after every save.
fn watch(
    trial: Trial,
    send: Sender<Event>,
    events: &Receiver<Event>,
    listener: &mut dyn Listener,
) -> Result<()> {
    let practice = trial.practice();
    let saved = send.clone();
    let _saves = Saves::watch(&practice.root(), &practice.file(), move || {
        let _ = saved.send(Event::Saved); // nobody listens on the way out
    })?;
    let tries = Tries::new(&trial.exercise);
    Watcher { trial: Arc::new(trial), send, current: None, number: 0, tries, listener }
        .run_until_stopped(events);
    Ok(())
}

/// A try on a thread of its own.
struct RunningTry {
    stop: Arc<Stop>,
    thread: JoinHandle<()>,
    /// Whether one of its tests has failed.
    failed: bool,
}

struct Watcher<'a> {
    trial: Arc<Trial>,
    send: Sender<Event>,
    /// The try that goes on; what others still tell is of an older text.
    current: Option<RunningTry>,
    number: usize,
    tries: Tries,
    listener: &'a mut dyn Listener,
}

impl Watcher<'_> {
    fn run_until_stopped(mut self, events: &Receiver<Event>) {
        self.begin();
        let mut saving: Option<Instant> = None;
        loop {
            let event = match saving {
                None => events.recv().ok(),
                Some(_) => events.recv_timeout(SETTLING).ok(),
            };
            let quiet = event.is_none();
            match event {
                Some(Event::Stop) => break,
                Some(Event::Saved) => {
                    self.stop();
                    saving.get_or_insert_with(Instant::now);
                }
                Some(Event::News(number, news)) if number == self.number => self.hear(&news),
                Some(Event::Tried(number, outcome)) if number == self.number => self.tried(outcome),
                _ => {}
            }
            if saving.is_some_and(|began| quiet || began.elapsed() > LONGEST_SAVE) {
                saving = None;
                self.begin();
            }
        }
        self.stop();
    }

    /// Begins to try the text as it is now.
    fn begin(&mut self) {
        self.stop();
        let (number, stop) = (self.number, Arc::new(Stop::default()));
        let (trial, send, stopped) = (self.trial.clone(), self.send.clone(), stop.clone());
        let thread = thread::spawn(move || {
            // Nobody listens on the way out.
            let tell = |news| drop(send.send(Event::News(number, news)));
            let outcome = trial.run(&stopped, &tell);
            let _ = send.send(Event::Tried(number, outcome));
        });
        self.current = Some(RunningTry { stop, thread, failed: false });
    }

    /// Ends the try that goes on, and waits until nothing of it is left. What it told is not heard any more.
    fn stop(&mut self) {
        self.number += 1;
        if let Some(current) = self.current.take() {
            current.stop.ask();
            let _ = current.thread.join(); // a panic of it was printed
        }
    }

    fn hear(&mut self, news: &News) {
        let failed = matches!(news, News::Tested(tested) if !tested.passed());
        let first = failed
            && self
                .current
                .as_mut()
                .is_some_and(|current| !std::mem::replace(&mut current.failed, true));
        self.listener.hear(news, first);
    }

    fn tried(&mut self, outcome: Result<Outcome>) {
        match outcome {
            Ok(Outcome::Untested) => {}
            Ok(Outcome::Tested { text, tests }) => {
                let passed = tests.iter().filter(|test| test.passed()).count();
                self.trial.practice().remember(Some((passed, tests.len())));
                let helps = self.tries.count(&text, tests.iter().find(|test| !test.passed()));
                let hint = self.trial.exercise.hint.clone().filter(|_| helps);
                self.listener.score(&Score { passed, tests: tests.len(), hint });
            }
            Err(failure) if failure.is::<Stopped>() => {}
            Err(failure) => self.listener.trouble(&failure),
        }
    }
}

/// In how many tries each test was the first that failed.
struct Tries {
    /// What was tried last, as its hash. The starter as it is given is no try, and neither is the same text
    /// once more.
    last: String,
    failed: BTreeMap<String, usize>,
}

impl Tries {
    fn new(exercise: &Exercise) -> Tries {
        Tries { last: hash_of(&exercise.student_file()), failed: BTreeMap::new() }
    }

    /// Counts a try of this text, and says whether it is time for the hint.
    fn count(&mut self, text: &str, failing: Option<&Tested>) -> bool {
        let Some(failing) = failing else { return false };
        let hash = hash_of(text);
        let tries = self.failed.entry(failing.name.clone()).or_default();
        if hash != self.last {
            *tries += 1;
            self.last = hash;
        }
        *tries >= TRIES_BEFORE_HINT
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use book::exercise::parse;
    use book::fixtures::TICKETS;

    #[test]
    fn a_hint_comes_after_the_third_try_in_which_the_same_test_failed() {
        let exercise = parse("tickets", "tickets.rs", TICKETS).unwrap();
        let mut tries = Tries::new(&exercise);
        let failing = |name: &str| Tested::failed(name, "no".into());
        let (one, other) = (failing("tests::one"), failing("tests::other"));
        assert!(!tries.count(&exercise.student_file(), Some(&one)), "the starter is no try");
        assert!(!tries.count("a", Some(&one)));
        assert!(!tries.count("b", Some(&one)));
        assert!(!tries.count("b", Some(&one)), "the same text is no other try");
        assert!(!tries.count("c", Some(&other)), "another test");
        assert!(tries.count("d", Some(&one)));
        assert!(tries.count("d", Some(&one)), "it stays");
        assert!(!tries.count("e", None));
    }
}
