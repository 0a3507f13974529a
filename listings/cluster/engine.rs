//! An engine: takes one task after the other, has it done, answers, and only
//! then acknowledges it.
//!
//! Runs locally only: it needs a broker, and starts processes.

use std::io::{self, BufRead, Write};
use std::process::{self, ExitCode};
use std::time::Duration;

use async_nats::jetstream::{AckKind, Message};
use futures_util::StreamExt;
use tokio::sync::watch;

use crate::cluster::broker::Address;
use crate::cluster::job::{Job, Outcome, Worker};
use crate::cluster::queue::{Answer, Error, Queue, Rules, Task};

/// A point at which an engine can be made to stop and wait to be killed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Point {
    /// It has asked for a task, and there is none.
    Idle,
    /// It has begun with a task.
    Taken,
    /// It knows the outcome, and has told nobody.
    Worked,
    /// It has answered, and not acknowledged.
    Answered,
}

impl Point {
    pub const ALL: [Point; 4] =
        [Point::Idle, Point::Taken, Point::Worked, Point::Answered];

    pub fn word(self) -> &'static str {
        match self {
            Point::Idle => "idle",
            Point::Taken => "taken",
            Point::Worked => "worked",
            Point::Answered => "answered",
        }
    }
}

/// When a task is acknowledged, and how its answer is kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Promise {
    /// Acknowledged before the work: never done twice, lost with its engine.
    AtMostOnce,
    /// After the work, and each answer is kept: never lost, counted twice.
    AtLeastOnce,
    /// After the work, and the first answer under an id is kept.
    FirstAnswer,
}

impl Promise {
    pub const ALL: [Promise; 3] =
        [Promise::AtMostOnce, Promise::AtLeastOnce, Promise::FirstAnswer];

    pub fn word(self) -> &'static str {
        match self {
            Promise::AtMostOnce => "at-most-once",
            Promise::AtLeastOnce => "at-least-once",
            Promise::FirstAnswer => "first-answer",
        }
    }
}

/// What an engine is told on its command line.
#[derive(Clone, Debug)]
pub struct Options {
    pub nats: Address,
    /// It was started by a program: it begins at the first line of its input,
    /// and ends with its input.
    pub led: bool,
    /// It says what it does. Somebody has to read that: a pipe gets full.
    pub tells: bool,
    pub halt: Option<Point>,
    pub promise: Promise,
}

struct Engine {
    queue: Queue,
    worker: Worker,
    options: Options,
    name: String,
    input: watch::Receiver<Input>,
}

/// What a process of this role does.
pub fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(2).collect();
    let served = Options::parse(&arguments).and_then(|options| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Error::at("a runtime"))?;
        runtime.block_on(serve(options))
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: an engine: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(options: Options) -> Result<(), Error> {
    let mut input = if options.led { follow() } else { alone() };
    let queue = Queue::open(&options.nats, &Rules::default()).await?;
    let name = format!("engine {}", process::id());
    let worker = Worker::default();
    let mut engine =
        Engine { queue, worker, options, name, input: input.clone() };
    // Its process is there before the first task.
    let _ = engine.worker.run(&Job::Nothing, LONGEST_START).await;
    println!("ready");
    let _ = input.wait_for(|input| input.lines >= 1 || input.ended).await;
    tokio::select! {
        served = engine.serve_all() => served?,
        _ = input.wait_for(|input| input.ended) => {}
    }
    engine.worker.end().await;
    Ok(())
}

const LONGEST_START: Duration = Duration::from_secs(10);
/// How long a request for a task stands, before it is made anew: a broker that
/// was started again does not know of it.
const STANDS: Duration = Duration::from_millis(250);

impl Engine {
    // ANCHOR: serve
    async fn serve_all(&mut self) -> Result<(), Error> {
        loop {
            let asked = self.queue.tasks.batch().max_messages(1);
            let Ok(mut tasks) = asked.expires(STANDS).messages().await else {
                tokio::time::sleep(STANDS / 10).await; // the link is cut
                continue;
            };
            self.at(Point::Idle, "").await;
            // A request can be lost, too. The next one follows.
            let next = tokio::time::timeout(2 * STANDS, tasks.next());
            if let Ok(Some(Ok(message))) = next.await {
                self.serve(message).await?;
            }
        }
    }

    async fn serve(&mut self, message: Message) -> Result<(), Error> {
        let delivery = message.info().map_or(1, |info| info.delivered) as u64;
        let Ok(task) = serde_json::from_slice::<Task>(&message.payload) else {
            eprintln!("{}: what arrived is no task, and is dropped", self.name);
            return acknowledge(&message, AckKind::Term).await;
        };
        if self.options.promise == Promise::AtMostOnce {
            let _ = message.double_ack().await; // the broker has heard it
        }
        self.at(Point::Taken, &task.id).await;
        let outcome = if delivery > task.tries {
            Err(format!("given up: lost with its engine {} times", task.tries))
        } else {
            self.work(&message, &task).await
        };
        self.at(Point::Worked, &task.id).await;
        if outcome.is_err() && delivery < task.tries {
            return acknowledge(&message, AckKind::Nak(None)).await;
        }
        let engine = self.name.clone();
        let answer = Answer { outcome, delivery, engine };
        let first = self.answer(&task.id, &answer).await?;
        self.say(if first { "kept" } else { "refused" }, &task.id);
        self.at(Point::Answered, &task.id).await;
        acknowledge(&message, AckKind::Ack).await?;
        self.say("done", &task.id);
        Ok(())
    }
    // ANCHOR_END: serve

    // ANCHOR: progress
    /// Has the task done. Meanwhile the broker hears that it is being done.
    async fn work(&mut self, message: &Message, task: &Task) -> Outcome {
        let beat = self.queue.ack_wait / 3;
        let work = self.worker.run(&task.job, task.limit);
        tokio::pin!(work);
        loop {
            tokio::select! {
                outcome = &mut work => return outcome,
                () = tokio::time::sleep(beat) => {
                    // A lost one is followed by another.
                    let _ = message.ack_with(AckKind::Progress).await;
                }
            }
        }
    }
    // ANCHOR_END: progress

    async fn answer(&self, id: &str, answer: &Answer) -> Result<bool, Error> {
        match self.options.promise {
            Promise::AtLeastOnce => self.queue.add(id, answer).await,
            _ => self.queue.answer(id, answer).await,
        }
    }

    /// Halts here, if it was told to, until it is told to go on.
    async fn at(&self, point: Point, id: &str) {
        if point != Point::Idle || self.options.halt == Some(point) {
            self.say(point.word(), id);
        }
        if self.options.halt == Some(point) {
            let mut input = self.input.clone();
            // Where nobody will ever say so, it is ended from elsewhere.
            let _ = input.wait_for(|input| input.lines >= 2).await;
        }
    }

    /// A line for the program that leads it.
    fn say(&self, word: &str, id: &str) {
        if self.options.tells {
            // If nobody listens any more, its input ends too.
            let _ = writeln!(io::stdout(), "{word} {id}");
        }
    }
}

/// Tells the broker. Where it does not hear that, it will deliver the task
/// again: no reason to end.
async fn acknowledge(message: &Message, kind: AckKind) -> Result<(), Error> {
    let _ = message.ack_with(kind).await;
    Ok(())
}

/// What has come from an engine's input. The first line says: begin.
#[derive(Clone, Copy, Debug, Default)]
struct Input {
    lines: u64,
    ended: bool,
}

/// The input of an engine that nobody leads: it has begun.
fn alone() -> watch::Receiver<Input> {
    let (sender, receiver) = watch::channel(Input { lines: 1, ended: false });
    std::mem::forget(sender); // it never says anything else
    receiver
}

fn follow() -> watch::Receiver<Input> {
    let (sender, receiver) = watch::channel(Input::default());
    std::thread::spawn(move || {
        for _ in io::stdin().lock().lines().map_while(Result::ok) {
            sender.send_modify(|input| input.lines += 1);
        }
        sender.send_modify(|input| input.ended = true);
        // It ends in a moment. If it hangs, it ends all the same.
        std::thread::sleep(Duration::from_secs(1));
        process::exit(1);
    });
    receiver
}

/// What the program understands in this role.
pub const USAGE: &str = "\
options of an engine:
  --nats ADDRESS  the broker, as in 127.0.0.1:4222; its token in CLUSTER_TOKEN
";

impl Options {
    pub fn parse(arguments: &[String]) -> Result<Options, Error> {
        let (mut nats, mut halt) = (None, None);
        let (mut led, mut tells) = (false, false);
        let mut promise = Promise::FirstAnswer;
        let mut rest = arguments.iter();
        while let Some(option) = rest.next() {
            let mut value = || rest.next().map(String::as_str);
            let known = match option.as_str() {
                "--led" => {
                    led = true;
                    true
                }
                "--tell" => {
                    tells = true;
                    true
                }
                "--nats" => {
                    nats = value().map(Address::of);
                    nats.is_some()
                }
                "--halt" => {
                    let word = value();
                    let named = |point: &Point| Some(point.word()) == word;
                    halt = Point::ALL.into_iter().find(named);
                    halt.is_some()
                }
                "--promise" => {
                    let word = value();
                    let named = |one: &Promise| Some(one.word()) == word;
                    let found = Promise::ALL.into_iter().find(named);
                    promise = found.unwrap_or(promise);
                    found.is_some()
                }
                _ => false,
            };
            if !known {
                let what = format!("`{option}` is not understood\n\n{USAGE}");
                return Err(Error::Usage(what));
            }
        }
        let missing =
            || Error::Usage(format!("`--nats` is missing\n\n{USAGE}"));
        Ok(Options {
            nats: nats.ok_or_else(missing)?,
            led,
            tells,
            halt,
            promise,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_that_cannot_be_understood_is_named() {
        for wrong in [&["--nets"][..], &["--nats"], &["--halt", "later"], &[]] {
            let wrong: Vec<String> =
                wrong.iter().map(|word| word.to_string()).collect();
            let error = Options::parse(&wrong).unwrap_err().to_string();
            let named = wrong.first().map_or("--nats", String::as_str);
            assert!(error.contains(named), "{error}");
        }
    }
}
