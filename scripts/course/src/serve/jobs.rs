//! Does what pages ask for: runs listings, measures experiments and watches exercises, and tells the page as it goes.

use std::convert::Infallible;
use std::io::{BufRead, BufReader};
use std::pin::Pin;
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{self, Poll};
use std::thread;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderValue};
use axum::http::{Response, StatusCode};
use axum::routing::post;
use book::project::Project;
use book::python;
use hyper::body::Frame;
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::Event;
use super::auth::authorize;
use super::connections::ConnectionId;
use super::queue::{Queue, QueuedJob, Stopper};
use super::requests::{self, Catalog, Program};
use super::response::Refusal;
use super::token::Token;
use crate::examples::Examples;
use crate::interpreter;
use crate::measure::Permit;
use crate::message::{report, status};
use crate::render;
use crate::stopped::Stopped;
use crate::supervise::this_program;

const RUN: &str = "/__course/run";
const MEASURE: &str = "/__course/measure";
const WATCH: &str = "/__course/exercise";
/// Why no other job is taken into the queue.
const FULL: &str = "Too many are waiting already. Try again when one of them has ended.";

/// How much a run may take.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub seconds: u64,
    /// In MiB.
    pub memory: u64,
}

/// Takes requests, and gives each a job of its own.
pub(super) struct Dispatcher {
    project: Project,
    token: Token,
    limits: Limits,
    /// `None` until the listings are compiled, and for ever where none are to run.
    catalog: Mutex<Option<Arc<Catalog>>>,
    recorded: bool,
    queue: Arc<Queue>,
    /// Watched exercises. They hold up nothing: each of their tries waits for the permit by itself.
    watches: Arc<Queue>,
    /// Has the pages rendered again.
    events: Sender<Event>,
}

impl Dispatcher {
    pub(super) fn new(
        project: Project,
        limits: Limits,
        recorded: bool,
        events: Sender<Event>,
    ) -> Result<Dispatcher> {
        Ok(Dispatcher {
            project,
            token: Token::new()?,
            limits,
            catalog: Mutex::default(),
            recorded,
            queue: Arc::default(),
            watches: Arc::default(),
            events,
        })
    }

    pub(super) fn token(&self) -> &Token {
        &self.token
    }

    /// These listings can be run from now on.
    pub(super) fn offer(&self, examples: Examples, stop: &Arc<AtomicBool>) -> Result<()> {
        let chapters = render::read_chapters(&self.project)?;
        let programs = python::asked_for(&self.project, &chapters);
        let catalog = Catalog::new(examples, programs, stop)?;
        *self.catalog.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(catalog));
        Ok(())
    }

    /// Stops what runs, and waits until it has.
    pub(super) fn close(&self) {
        self.watches.close();
        self.queue.close();
    }

    pub(super) fn routes(self: Arc<Dispatcher>) -> Router {
        let only_post = || async {
            let why = "Only POST runs something here; reading does not.";
            let mut answer = Refusal::new(StatusCode::METHOD_NOT_ALLOWED, why).into_response();
            answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
            answer
        };
        Router::new()
            .route(RUN, post(run).fallback(only_post))
            .route(MEASURE, post(measure).fallback(only_post))
            .route(WATCH, post(watch).fallback(only_post))
            .with_state(self)
    }

    fn catalog(&self) -> Result<Arc<Catalog>, Refusal> {
        let catalog = self.catalog.lock().unwrap_or_else(PoisonError::into_inner);
        catalog.clone().ok_or_else(|| {
            let why =
                "The listings are being compiled, or do not compile; the terminal says which.";
            Refusal::new(StatusCode::SERVICE_UNAVAILABLE, why)
        })
    }

    /// Whether this server runs anything at all.
    fn check_mode(&self) -> Result<(), Refusal> {
        if self.recorded {
            let why = "This server was started with `--recorded` and runs nothing.";
            return Err(Refusal::new(StatusCode::FORBIDDEN, why));
        }
        Ok(())
    }

    /// Does the work on a thread of its own, as a job in this queue. The page is told by the answer's body, and a page
    /// that is gone is the end of the job. `full` is said where the queue has no place left.
    fn start_job(
        self: &Arc<Dispatcher>,
        queue: &Arc<Queue>,
        full: &str,
        connection: Option<ConnectionId>,
        work: impl FnOnce(&Dispatcher, &QueuedJob, &Page) -> Result<()> + Send + 'static,
    ) -> Result<Response<Body>, Refusal> {
        let busy = |why: &str| Refusal::new(StatusCode::SERVICE_UNAVAILABLE, why);
        let job = queue.enter().ok_or_else(|| busy(full))?;
        let (sender, receiver) = unbounded_channel();
        let (page, lines) = (Page(sender), Lines { receiver, stopper: job.stopper() });
        let dispatcher = self.clone();
        let started = thread::Builder::new().name("job".into()).spawn(move || {
            let _busy = connection.map(ConnectionId::mark_busy);
            dispatcher.work(&job, &page, work);
        });
        started.map_err(|_| busy("This computer has no thread left for it."))?;
        let mut answer = Response::new(Body::new(lines));
        for (name, value) in
            [(header::CONTENT_TYPE, "application/x-ndjson"), (header::CACHE_CONTROL, "no-store")]
        {
            answer.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        Ok(answer)
    }

    /// Does the work, and tells the page where it was stopped or failed.
    fn work(
        &self,
        job: &QueuedJob,
        page: &Page,
        work: impl FnOnce(&Dispatcher, &QueuedJob, &Page) -> Result<()>,
    ) {
        match work(self, job, page) {
            Ok(()) => {}
            Err(failure) if failure.is::<Stopped>() => {
                page.tell(&json!({ "ended": "stopped", "how": "stopped" }));
            }
            Err(failure) => {
                report(&failure);
                page.tell(&json!({ "ended": format!("{failure:#}"), "how": "failure" }));
            }
        }
    }

    /// Waits until nothing else runs or measures in this project, here or in another process.
    fn wait_for_permit(&self, job: &QueuedJob, page: &Page) -> Result<Permit> {
        let waiting = |ahead| page.tell(&json!({ "waiting": ahead }));
        job.wait_for_permit(&self.project, waiting)
    }

    /// Runs a listing under a supervisor.
    fn run(&self, program: &Program, job: &QueuedJob, page: &Page) -> Result<()> {
        let _permit = self.wait_for_permit(job, page)?;
        status("Running", format!("`{}` for a page", program.shown));
        page.tell(&json!({ "started": program.shown }));
        let mut command = self.this_program()?;
        command
            .args(["supervise", "--seconds", &self.limits.seconds.to_string()])
            .args(["--memory", &self.limits.memory.to_string()])
            .arg(&program.path)
            .arg("--")
            .args(&program.arguments)
            .env("RUST_BACKTRACE", "0")
            .envs(interpreter::ENVIRONMENT);
        let ended = self.relay(&mut command, job, page)?;
        page.send_line(&ended);
        Ok(())
    }

    /// Tells the page what a process of ours says, line by line, but for the last one, which says how it
    /// ended and is returned.
    fn relay(&self, command: &mut Command, job: &QueuedJob, page: &Page) -> Result<String> {
        let mut child = command.spawn().context("a process of the server could not be started")?;
        job.stop.holds(child.stdin.take());
        let lines = child.stdout.take().map(BufReader::new).context("its output")?;
        let mut how = None;
        for line in lines.lines() {
            let line = line.context("the output of a process of the server")?;
            if line.starts_with("{\"ended\"") {
                how = Some(line);
            } else {
                page.send_line(&line);
            }
        }
        let ended = child.wait().context("a process of the server")?;
        how.with_context(|| {
            format!("a process of the server ended with {ended} and did not say how")
        })
    }

    /// This program again, between this process and a listing's.
    fn this_program(&self) -> Result<Command> {
        let mut command = this_program()?;
        command.current_dir(&self.project.root);
        Ok(command)
    }

    /// Measures in a process of its own, which ends what arms leave behind. The page hears of the end when there
    /// is a build with these numbers, so that it has them to show.
    fn measure(&self, name: &str, job: &QueuedJob, page: &Page) -> Result<()> {
        let _permit = self.wait_for_permit(job, page)?;
        let mut command = self.this_program()?;
        command.args(["measure-for-page", name]);
        let ended = self.relay(&mut command, job, page);
        page.tell(&json!({ "rendering": true }));
        // Also where it failed: rounds that were recorded before that are shown.
        let (rendered, answer) = channel();
        let _ = self.events.send(Event::Measured(rendered)); // nobody renders any more on the way out
        match answer.recv() {
            Ok(Ok(build)) => page.tell(&json!({ "built": build })),
            Ok(Err(why)) => page.tell(&json!({ "not_built": why })),
            Err(_) => return Err(Stopped.into()),
        }
        page.send_line(&ended?);
        Ok(())
    }

    /// Has a student's copy of an exercise tried at every save, by a process of its own.
    fn watch(&self, name: &str, job: &QueuedJob, page: &Page) -> Result<()> {
        status("Watching", format!("the exercise `{name}` for a page"));
        let mut command = self.this_program()?;
        command.args(["watch-for-page", name, "--memory", &self.limits.memory.to_string()]);
        let ended = self.relay(&mut command, job, page)?;
        page.send_line(&ended);
        Ok(())
    }
}

async fn run(State(dispatcher): State<Arc<Dispatcher>>, request: Request) -> Response<Body> {
    let response = async {
        dispatcher.check_mode()?;
        let connection = request.extensions().get().cloned();
        let request: requests::Run = authorize(request, &dispatcher.token).await?;
        let program = dispatcher.catalog()?.program(&request)?;
        dispatcher.start_job(&dispatcher.queue, FULL, connection, move |dispatcher, job, page| {
            dispatcher.run(&program, job, page)
        })
    };
    response.await.unwrap_or_else(Refusal::into_response)
}

async fn measure(State(dispatcher): State<Arc<Dispatcher>>, request: Request) -> Response<Body> {
    let response = async {
        dispatcher.check_mode()?;
        let connection = request.extensions().get().cloned();
        let request: requests::Measure = authorize(request, &dispatcher.token).await?;
        let name = dispatcher.catalog()?.experiment(&request)?;
        dispatcher.start_job(&dispatcher.queue, FULL, connection, move |dispatcher, job, page| {
            dispatcher.measure(&name, job, page)
        })
    };
    response.await.unwrap_or_else(Refusal::into_response)
}

async fn watch(State(dispatcher): State<Arc<Dispatcher>>, request: Request) -> Response<Body> {
    let response = async {
        dispatcher.check_mode()?;
        let connection = request.extensions().get().cloned();
        let request: requests::Watch = authorize(request, &dispatcher.token).await?;
        let name = request.name(&book::exercise::files(&dispatcher.project))?;
        let full = "Several files are watched already. Stop watching one of them, and try again.";
        dispatcher.start_job(&dispatcher.watches, full, connection, move |dispatcher, job, page| {
            dispatcher.watch(&name, job, page)
        })
    };
    response.await.unwrap_or_else(Refusal::into_response)
}

/// The page that asked. One that is gone hears nothing, and its job is stopped: see `Lines`.
struct Page(UnboundedSender<Bytes>);

impl Page {
    fn tell(&self, what: &Value) {
        self.send_line(&what.to_string());
    }

    /// A line as it is. What is not read yet is bounded by the most that a run may write.
    fn send_line(&self, line: &str) {
        let _ = self.0.send(Bytes::from(format!("{line}\n"))); // gone: nothing to tell
    }
}

/// The body of the answer. It is dropped when the job has ended, and when the reader has left.
struct Lines {
    receiver: UnboundedReceiver<Bytes>,
    stopper: Stopper,
}

impl hyper::body::Body for Lines {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut task::Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.receiver.poll_recv(context).map(|line| line.map(|line| Ok(Frame::data(line))))
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        self.stopper.stop();
    }
}
