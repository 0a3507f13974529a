//! Takes orders of pages: runs listings and measures experiments, and tells the page as it goes.

use std::convert::Infallible;
use std::io::{BufRead, BufReader};
use std::pin::Pin;
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::Sender;
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
use hyper::body::Frame;
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::Wake;
use super::door::{self, Refusal};
use super::orders::{self, Catalog, Program};
use super::queue::{Queue, Ticket};
use super::server::Place;
use super::token::Token;
use crate::examples::Examples;
use crate::exercise;
use crate::measure::{Stopped, Turn};
use crate::message::{report, status};
use crate::project::Project;
use crate::python;
use crate::supervise::{Stop, this_program};

const RUN: &str = "/__course/run";
const MEASURE: &str = "/__course/measure";
const WATCH: &str = "/__course/exercise";
/// Why nobody else is let into the queue.
const FULL: &str = "Too many are waiting already. Try again when one of them has ended.";

/// How much a run may take.
#[derive(Clone, Copy)]
pub struct Limits {
    pub seconds: u64,
    /// In MiB.
    pub memory: u64,
}

/// Where orders are taken.
pub struct Desk {
    project: Project,
    token: Token,
    limits: Limits,
    /// `None` until the listings are compiled, and for ever where none are to run.
    catalog: Mutex<Option<Arc<Catalog>>>,
    recorded: bool,
    queue: Arc<Queue>,
    /// Those whose file is watched. They are in nobody's way: each try stands in line by itself.
    watches: Arc<Queue>,
    /// Has the pages rendered again.
    wake: Sender<Wake>,
}

impl Desk {
    pub fn new(
        project: Project,
        limits: Limits,
        recorded: bool,
        wake: Sender<Wake>,
    ) -> Result<Desk> {
        Ok(Desk {
            project,
            token: Token::new()?,
            limits,
            catalog: Mutex::default(),
            recorded,
            queue: Arc::default(),
            watches: Arc::default(),
            wake,
        })
    }

    pub fn token(&self) -> &Token {
        &self.token
    }

    /// These listings can be run from now on.
    pub fn offer(&self, examples: Examples, stop: &Arc<AtomicBool>) -> Result<()> {
        let catalog = Catalog::of(examples, python::asked_for(&self.project)?, stop)?;
        *self.catalog.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(catalog));
        Ok(())
    }

    /// Stops what runs, and waits until it has.
    pub fn close(&self) {
        self.watches.end();
        self.queue.end();
    }

    pub fn routes(self: Arc<Desk>) -> Router {
        let only_post = || async {
            let why = "Orders are sent with POST; reading runs nothing.";
            let mut answer = Refusal::new(StatusCode::METHOD_NOT_ALLOWED, why).answer();
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

    fn opened(&self) -> Result<(), Refusal> {
        match self.recorded {
            false => Ok(()),
            true => Err(Refusal::new(
                StatusCode::FORBIDDEN,
                "This server was started with `--recorded` and runs nothing.",
            )),
        }
    }

    /// Does the job on a thread of its own, with a place in this queue. The page is told by the answer's
    /// body, and a page that is gone is the end of the job. `full` is said where no place is left.
    fn accept(
        self: &Arc<Desk>,
        queue: &Arc<Queue>,
        full: &str,
        place: Option<Place>,
        job: impl FnOnce(&Desk, &Ticket, &Page) -> Result<()> + Send + 'static,
    ) -> Result<Response<Body>, Refusal> {
        let busy = |why: &str| Refusal::new(StatusCode::SERVICE_UNAVAILABLE, why);
        let ticket = queue.enter().ok_or_else(|| busy(full))?;
        let (sender, receiver) = unbounded_channel();
        let (page, lines) = (Page(sender), Lines { receiver, stop: ticket.stop.clone() });
        let desk = self.clone();
        let started = thread::Builder::new().name("job".into()).spawn(move || {
            let _kept = place.map(Place::keep);
            desk.attend(&ticket, &page, job);
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

    fn attend(
        &self,
        ticket: &Ticket,
        page: &Page,
        job: impl FnOnce(&Desk, &Ticket, &Page) -> Result<()>,
    ) {
        match job(self, ticket, page) {
            Ok(()) => {}
            Err(failure) if failure.is::<Stopped>() => {
                page.says(&json!({ "ended": "stopped", "how": "stopped" }));
            }
            Err(failure) => {
                report(&failure);
                page.says(&json!({ "ended": format!("{failure:#}"), "how": "failure" }));
            }
        }
    }

    /// Waits until nothing else runs or measures in this project, here or in another process.
    fn turn(&self, ticket: &Ticket, page: &Page) -> Result<Turn> {
        let waiting = |before| page.says(&json!({ "waiting": before }));
        ticket.turn(&self.project, waiting)?.ok_or_else(|| Stopped.into())
    }

    /// Runs a listing under a supervisor.
    fn run(&self, program: &Program, ticket: &Ticket, page: &Page) -> Result<()> {
        let _turn = self.turn(ticket, page)?;
        status("Running", format!("`{}` for a page", program.shown));
        page.says(&json!({ "started": program.shown }));
        let mut command = self.this_program()?;
        command
            .args(["supervise", "--seconds", &self.limits.seconds.to_string()])
            .args(["--memory", &self.limits.memory.to_string()])
            .arg(&program.path)
            .arg("--")
            .args(&program.arguments)
            .env("RUST_BACKTRACE", "0")
            .envs(python::ENVIRONMENT);
        let ended = self.relay(&mut command, ticket, page)?;
        page.sends(&ended);
        Ok(())
    }

    /// Tells the page what a process of ours says, line by line, but for the last one, which says how it
    /// ended and is returned.
    fn relay(&self, command: &mut Command, ticket: &Ticket, page: &Page) -> Result<String> {
        let mut child = command.spawn().context("a process of the server could not be started")?;
        ticket.stop.holds(child.stdin.take());
        let lines = child.stdout.take().map(BufReader::new).context("its output")?;
        let mut how = None;
        for line in lines.lines() {
            let line = line.context("the output of a process of the server")?;
            match line.starts_with("{\"ended\"") {
                true => how = Some(line),
                false => page.sends(&line),
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

    /// Measures in a process of its own, which ends what arms leave behind.
    fn measure(&self, name: &str, ticket: &Ticket, page: &Page) -> Result<()> {
        let _turn = self.turn(ticket, page)?;
        let mut command = self.this_program()?;
        command.args(["measure-for-page", name]);
        let ended = self.relay(&mut command, ticket, page);
        // Rendered now, or soon; then the page asks for it.
        let _ = self.wake.send(Wake::Ran); // nobody renders any more on the way out
        page.sends(&ended?);
        Ok(())
    }

    /// Has a student's copy of an exercise tried at every save, by a process of its own.
    fn watch(&self, name: &str, ticket: &Ticket, page: &Page) -> Result<()> {
        status("Watching", format!("the exercise `{name}` for a page"));
        let mut command = self.this_program()?;
        command.args(["watch-for-page", name, "--memory", &self.limits.memory.to_string()]);
        let ended = self.relay(&mut command, ticket, page)?;
        page.sends(&ended);
        Ok(())
    }
}

async fn run(State(desk): State<Arc<Desk>>, request: Request) -> Response<Body> {
    let order = async {
        desk.opened()?;
        let place = request.extensions().get().cloned();
        let order: orders::Run = door::order(request, &desk.token).await?;
        let program = desk.catalog()?.program(&order)?;
        desk.accept(&desk.queue, FULL, place, move |desk, ticket, page| {
            desk.run(&program, ticket, page)
        })
    };
    order.await.unwrap_or_else(Refusal::answer)
}

async fn measure(State(desk): State<Arc<Desk>>, request: Request) -> Response<Body> {
    let order = async {
        desk.opened()?;
        let place = request.extensions().get().cloned();
        let order: orders::Measure = door::order(request, &desk.token).await?;
        let name = desk.catalog()?.experiment(&order)?;
        desk.accept(&desk.queue, FULL, place, move |desk, ticket, page| {
            desk.measure(&name, ticket, page)
        })
    };
    order.await.unwrap_or_else(Refusal::answer)
}

async fn watch(State(desk): State<Arc<Desk>>, request: Request) -> Response<Body> {
    let order = async {
        desk.opened()?;
        let place = request.extensions().get().cloned();
        let order: orders::Watch = door::order(request, &desk.token).await?;
        let name = order.name(&exercise::files(&desk.project.root))?;
        let full = "Several files are watched already. Stop watching one of them, and try again.";
        desk.accept(&desk.watches, full, place, move |desk, ticket, page| {
            desk.watch(&name, ticket, page)
        })
    };
    order.await.unwrap_or_else(Refusal::answer)
}

/// Who ordered. A page that is gone hears nothing, and its job is stopped: see `Lines`.
struct Page(UnboundedSender<Bytes>);

impl Page {
    fn says(&self, what: &Value) {
        self.sends(&what.to_string());
    }

    /// A line as it is. What is not read yet is bounded by the most that a run may write.
    fn sends(&self, line: &str) {
        let _ = self.0.send(Bytes::from(format!("{line}\n"))); // gone: nothing to tell
    }
}

/// The body of the answer. It is dropped when the job has ended, and when the reader has left.
struct Lines {
    receiver: UnboundedReceiver<Bytes>,
    stop: Arc<Stop>,
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
        self.stop.ask();
    }
}
