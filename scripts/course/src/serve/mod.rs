//! `cargo course serve`: builds, serves on this computer only, and builds again at every change.
//!
//! Three threads of work, so that none waits for another: the server answers from the last finished
//! build, this thread renders, and the runner compiles listings and runs demos. What a page asks for
//! is done by the dispatcher, one job at a time.

mod address;
mod auth;
mod connections;
mod jobs;
mod queue;
mod requests;
mod response;
mod server;
mod site;
mod token;
mod watch;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use book::diagnostic::counted;
use book::project::Project;
use tokio::runtime;
use tokio::sync::watch as latest;

use crate::build;
use crate::command_line::Serve;
use crate::interrupt::on_interrupt;
use crate::measure::is_measuring;
use crate::message::{report, status, warning};
use crate::render;
use crate::sources::Sources;
use address::Listeners;
use jobs::{Dispatcher, Limits};
use server::BUILD;
use site::Site;
use watch::Watch;

/// An editor writes a file in several steps; what follows within this time is one change.
const SETTLING: Duration = Duration::from_millis(30);
/// A change that never ends is shown all the same.
const LONGEST_CHANGE: Duration = Duration::from_millis(250);

/// What the rendering thread waits for.
enum Event {
    /// A file of the book, relative to the project.
    Changed(PathBuf),
    /// Listings were compiled and demos run.
    Ran,
    /// An experiment was measured, or part of it; who measured keeps the permit until it hears of the pages.
    Measured(Rendered),
    /// Ctrl-C.
    Stop,
}

/// Where to say which build has a measurement's numbers, or why none has.
type Rendered = Sender<Result<String, String>>;

/// Serves until Ctrl-C.
pub(crate) fn serve(project: &Project, options: &Serve, stop: &Arc<AtomicBool>) -> Result<()> {
    let (events, received) = channel();
    let interrupted = events.clone();
    on_interrupt(stop, move || {
        let _ = interrupted.send(Event::Stop); // nobody listens any more when all is ending already
    })?;
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("the server could not be started")?;
    // Before the first build, so that nobody waits for it to learn that the port is in use.
    let listeners = {
        let _inside = runtime.enter();
        Listeners::bind(options.port, options.address.as_deref())?
    };
    // Before it, too, so that what is edited meanwhile is seen.
    let sources = Sources::of(project);
    let mut watch = Watch::start(&project.root, &sources, events.clone())?;

    let limits = Limits { seconds: options.run_seconds, memory: options.run_memory };
    let dispatcher = Dispatcher::new(project.clone(), limits, options.recorded, events.clone())?;
    let dispatcher = Arc::new(dispatcher);
    let (publish, pages) = latest::channel(Arc::new(first_site(project)));
    let (address, others) = (listeners.url(), listeners.others());
    listeners.serve(&runtime, pages, &dispatcher);
    // Pages of another shell have no script that would use a token.
    if options.recorded || !render::has_our_shell(project, BUILD) {
        status("Serving", format!("{address}{others} · Ctrl-C ends it"));
    } else {
        status("Serving", format!("{address}#token={} · Ctrl-C ends it", dispatcher.token()));
        if let Some(limits) = lab::process::unenforced() {
            warning(format!("of a listing that a page runs, this system does not limit {limits}"));
        }
    }

    let runner = (!options.recorded)
        .then(|| Runner::start(project.clone(), stop.clone(), events, dispatcher.clone()));
    if let Some(runner) = &runner {
        runner.run(); // the pages can be read meanwhile
    }
    while let Some(changes) = next_changes(&received, &sources, || is_measuring(project)) {
        for path in &changes.paths {
            watch.follow(path);
        }
        let shown = apply(&changes, &sources, project, runner.as_ref(), &publish);
        for measured in changes.measured {
            let _ = measured.send(shown.clone()); // fails only where its page has gone
        }
    }
    drop(received); // what waits for a build now hears that there is none
    dispatcher.close();
    runtime.shutdown_background();
    if let Some(runner) = runner {
        runner.end();
    }
    status("Stopped", address);
    Ok(())
}

/// Compiles and runs what has to be, and renders what does not wait for that. Returns the build that is shown
/// then, or why the last one still is.
fn apply(
    changes: &Changes,
    sources: &Sources,
    project: &Project,
    runner: Option<&Runner>,
    publish: &latest::Sender<Arc<Site>>,
) -> Result<String, String> {
    let (run, render): (Vec<_>, Vec<_>) =
        changes.paths.iter().partition(|path| sources.is_code(path));
    if !run.is_empty() {
        match runner {
            Some(runner) => runner.run(),
            None => return rebuild(project, publish, &named(&run)),
        }
    }
    let why = match render.as_slice() {
        [] if !changes.measured.is_empty() => "after a measurement".into(),
        [] if changes.ran => "after its listings ran".into(),
        [] => return Ok(publish.borrow().id.clone()),
        files => named(files),
    };
    rebuild(project, publish, &why)
}

/// Which file, or how many.
fn named(files: &[&PathBuf]) -> String {
    match files {
        [one] => one.display().to_string(),
        several => counted(several.len(), "file"),
    }
}

/// What changed until it was quiet.
#[derive(Default)]
struct Changes {
    paths: BTreeSet<PathBuf>,
    ran: bool,
    measured: Vec<Rendered>,
}

/// Waits for changes; `None` when it is time to end. While something is measured they are collected, and
/// are one change when it is over: when it has said so, or, in another process, when it has let its lock go, which
/// no system tells of.
fn next_changes(
    events: &Receiver<Event>,
    sources: &Sources,
    is_measuring: impl Fn() -> bool,
) -> Option<Changes> {
    let mut changes = Changes::default();
    let mut next = Some(events.recv().ok()?);
    let mut began = Instant::now();
    let mut told = false;
    loop {
        let complete = next.is_none() || began.elapsed() > LONGEST_CHANGE;
        match next {
            Some(Event::Stop) => return None,
            Some(Event::Ran) => changes.ran = true,
            Some(Event::Measured(rendered)) => changes.measured.push(rendered),
            Some(Event::Changed(path)) => drop(changes.paths.insert(path)),
            None => {}
        }
        if complete && changes.measured.is_empty() && is_measuring() {
            let edited = changes.paths.iter().any(|path| !sources.is_record(path));
            if edited && !std::mem::replace(&mut told, true) {
                status("Waiting", "for the measurement to end, to show what has changed");
            }
            began = Instant::now();
        } else if complete {
            return Some(changes);
        }
        next = match events.recv_timeout(SETTLING) {
            Ok(event) => Some(event),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return None,
        };
    }
}

/// The first build. A book with a problem is served as that problem, and mended while it is.
fn first_site(project: &Project) -> Site {
    match render(project) {
        Ok(site) => site,
        Err(failure) => {
            report(&failure);
            Site::problem(&format!("{failure:#}"))
        }
    }
}

/// Renders and, if that went well, puts the new pages in the place of the old. Returns the build that is shown
/// then, or what is wrong with the book.
fn rebuild(
    project: &Project,
    publish: &latest::Sender<Arc<Site>>,
    why: &str,
) -> Result<String, String> {
    let began = Instant::now();
    match render(project) {
        Ok(site) => {
            let id = site.id.clone();
            if id != publish.borrow().id {
                publish.send_replace(Arc::new(site));
                status("Rebuilt", format!("{why} in {:.2} s", began.elapsed().as_secs_f64()));
            }
            Ok(id)
        }
        Err(failure) => {
            report(&failure);
            status("Kept", "the pages of the last good build");
            Err(format!("{failure:#}"))
        }
    }
}

/// Renders into a folder of its own and takes the pages from there: no reader sees half a build,
/// and `book/` keeps no page that looks for this server.
fn render(project: &Project) -> Result<Site> {
    let folder = render::folder_for(project, "serve-")?;
    render::render_watched(project, folder.path(), BUILD)?;
    Site::read(folder.path(), render::has_our_shell(project, BUILD))
}

/// Compiles and runs on a thread of its own, so that an edited chapter does not wait for Cargo.
struct Runner {
    requests: Sender<()>,
    thread: JoinHandle<()>,
}

impl Runner {
    fn start(
        project: Project,
        stop: Arc<AtomicBool>,
        events: Sender<Event>,
        dispatcher: Arc<Dispatcher>,
    ) -> Runner {
        let (requests, received) = channel();
        let thread = thread::spawn(move || {
            let mut ready = false;
            while received.recv().is_ok() {
                // Changes that came while the last ones ran are one run.
                while received.try_recv().is_ok() {}
                let ran = build::run_and_measure(&project, Duration::ZERO, &stop);
                match ran.and_then(|examples| dispatcher.offer(examples, &stop)) {
                    Ok(()) => {
                        if !std::mem::replace(&mut ready, true) {
                            status(
                                "Ready",
                                "listings are compiled, and can be run from their pages",
                            );
                        }
                        let _ = events.send(Event::Ran); // nobody listens on the way out
                    }
                    Err(_) if stop.load(Ordering::Relaxed) => break,
                    Err(failure) => {
                        report(&failure);
                        status("Kept", "the pages of the last good build");
                    }
                }
            }
        });
        Runner { requests, thread }
    }

    fn run(&self) {
        let _ = self.requests.send(()); // fails only when it has ended, on the way out
    }

    /// Waits for what is running to stop, so that no demo outlives this command.
    fn end(self) {
        drop(self.requests);
        let _ = self.thread.join();
    }
}

#[cfg(test)]
mod tests {
    use book::fixtures::TinyBook;

    use super::*;

    fn sources() -> Sources {
        Sources::of(&TinyBook::new().project())
    }

    #[test]
    fn several_writes_in_a_row_are_one_change() {
        let (send, events) = channel();
        for path in ["src/a.md", "src/b.md", "src/a.md"] {
            send.send(Event::Changed(path.into())).unwrap();
        }
        assert_eq!(next_changes(&events, &sources(), || false).unwrap().paths.len(), 2);
        send.send(Event::Changed("src/a.md".into())).unwrap();
        send.send(Event::Stop).unwrap();
        assert!(next_changes(&events, &sources(), || false).is_none());
    }

    #[test]
    fn what_changes_during_a_measurement_is_one_change_after_it() {
        let (send, events) = channel();
        send.send(Event::Changed("src/a.md".into())).unwrap();
        let asked = std::cell::Cell::new(0);
        let is_measuring = || {
            asked.set(asked.get() + 1);
            if asked.get() == 2 {
                send.send(Event::Changed("src/b.md".into())).unwrap();
            }
            asked.get() < 4
        };
        let changes = next_changes(&events, &sources(), is_measuring).unwrap();
        assert_eq!((changes.paths.len(), asked.get()), (2, 4));
    }

    #[test]
    fn what_was_measured_does_not_wait_for_the_permit_that_it_keeps() {
        let (send, events) = channel();
        let (rendered, _answer) = channel();
        send.send(Event::Changed("measurements/here/sums.json".into())).unwrap();
        send.send(Event::Measured(rendered)).unwrap();
        let changes = next_changes(&events, &sources(), || true).unwrap();
        assert_eq!((changes.paths.len(), changes.measured.len()), (1, 1));
    }
}
