//! Jobs and answers at a broker: two streams of NATS JetStream.
//!
//! Runs locally only: it needs a broker.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use async_nats::jetstream::consumer::{PullConsumer, pull};
use async_nats::jetstream::context::{
    Context, ContextBuilder, PublishErrorKind,
};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::LastRawMessageErrorKind::NoMessageFound;
use async_nats::jetstream::stream::{
    self, DiscardPolicy, RetentionPolicy, Stream,
};
use async_nats::{Client, ConnectOptions};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};

use crate::cluster::broker::Address;
use crate::cluster::job::{Job, Outcome};

// ANCHOR: task
/// A job on its way, with all that an engine has to know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// The same at every delivery, and no other task's.
    pub id: String,
    pub job: Job,
    /// An engine kills a job that takes longer.
    pub limit: Duration,
    /// How many deliveries there are before it is given up.
    pub tries: u64,
}

/// What an engine says of a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    pub outcome: Outcome,
    /// The delivery that was answered, from 1.
    pub delivery: u64,
    /// The process that answered.
    pub engine: String,
}
// ANCHOR_END: task

/// How a queue treats its tasks.
#[derive(Clone, Debug)]
pub struct Rules {
    /// A task that is not acknowledged for so long is delivered again.
    pub ack_wait: Duration,
    /// How many tasks wait at most, delivered ones included.
    pub room: i64,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules { ack_wait: Duration::from_secs(5), room: 100_000 }
    }
}

/// Both streams, and the engines' place at the first.
#[derive(Clone)]
pub struct Queue {
    pub context: Context,
    pub tasks: PullConsumer,
    pub answers: Stream,
    pub ack_wait: Duration,
}

const TASKS: &str = "tasks";
const ANSWERS: &str = "answers";
/// How long a broker has to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// After so long without an acknowledgment a message is sent again.
const ACK_PATIENCE: Duration = Duration::from_millis(500);

// ANCHOR: open
impl Queue {
    pub async fn open(
        address: &Address,
        rules: &Rules,
    ) -> Result<Queue, Error> {
        let context = ContextBuilder::new()
            .timeout(PATIENCE)
            .ack_timeout(ACK_PATIENCE)
            .build(connect(address).await?);
        let tasks = context
            .get_or_create_stream(stream::Config {
                name: TASKS.into(),
                subjects: vec![TASKS.into()],
                // A task is deleted when it is acknowledged.
                retention: RetentionPolicy::WorkQueue,
                max_messages: rules.room,
                discard: DiscardPolicy::New,
                ..Default::default()
            })
            .await
            .map_err(Error::at("making the stream of tasks"))?;
        let answers = context
            .get_or_create_stream(stream::Config {
                name: ANSWERS.into(),
                subjects: vec![format!("{ANSWERS}.>")],
                max_age: Duration::from_secs(24 * 60 * 60),
                ..Default::default()
            })
            .await
            .map_err(Error::at("making the stream of answers"))?;
        let engines = pull::Config {
            durable_name: Some("engines".into()),
            ack_wait: rules.ack_wait,
            // No limit here: at its limit JetStream would say nothing.
            max_deliver: -1,
            ..Default::default()
        };
        let tasks: PullConsumer = tasks
            .get_or_create_consumer("engines", engines)
            .await
            .map_err(Error::at("making the engines' consumer"))?;
        // What it is, if it was there before.
        let ack_wait = tasks.cached_info().config.ack_wait;
        Ok(Queue { context, tasks, answers, ack_wait })
    }
}
// ANCHOR_END: open

/// Connects, and looks whether this broker will do.
async fn connect(address: &Address) -> Result<Client, Error> {
    let mut options = ConnectOptions::new()
        .connection_timeout(PATIENCE)
        .request_timeout(Some(PATIENCE))
        // After the first try, which the caller hears about.
        .reconnect_delay_callback(|_| Duration::from_millis(20));
    if let Some(token) = &address.token {
        options = options.token(token.clone());
    }
    let client = options
        .connect(&address.host)
        .await
        .map_err(|why| Error::new(&format!("`{}`", address.host), why))?;
    let info = client.server_info();
    if !info.auth_required && !is_here(&address.host) {
        return Err(Error::Open(address.host.clone()));
    }
    if !client.is_server_compatible(2, 9, 0) {
        return Err(Error::Old(info.version));
    }
    Ok(client)
}

/// Whether the address is this machine's own, which no other reaches.
fn is_here(host: &str) -> bool {
    let name = host.trim_start_matches("nats://");
    let name = name.rsplit_once(':').map_or(name, |(name, _)| name);
    let ip = name.trim_matches(['[', ']']).parse::<IpAddr>();
    name == "localhost" || ip.is_ok_and(|ip| ip.is_loopback())
}

// ANCHOR: publish
impl Queue {
    /// Puts a task into the queue. Sent again with the same id, as after an
    /// acknowledgment that got lost, it is there once.
    pub async fn publish(&self, task: &Task) -> Result<(), Error> {
        let bytes = serde_json::to_vec(task).map_err(Error::at("a task"))?;
        let message = PublishMessage::build().message_id(&task.id);
        let message = message.payload(bytes.into());
        self.send(TASKS.into(), message).await?;
        Ok(())
    }

    /// Keeps the answer, if it is the first under this id.
    pub async fn answer(
        &self,
        id: &str,
        answer: &Answer,
    ) -> Result<bool, Error> {
        let bytes =
            serde_json::to_vec(answer).map_err(Error::at("an answer"))?;
        // The last message of this subject has to be number 0: there is none.
        let message = PublishMessage::build()
            .expected_last_subject_sequence(0)
            .payload(bytes.into());
        self.send(subject_of(id), message).await
    }
}
// ANCHOR_END: publish

impl Queue {
    /// Keeps every answer, each under a number of its own: what not to do.
    pub async fn add(&self, id: &str, answer: &Answer) -> Result<bool, Error> {
        let bytes =
            serde_json::to_vec(answer).map_err(Error::at("an answer"))?;
        let message = PublishMessage::build().payload(bytes.into());
        self.send(subject_of(id), message).await
    }
}

/// Where the answer to the task with this id is kept.
pub fn subject_of(id: &str) -> String {
    format!("{ANSWERS}.{id}")
}

/// The id of the task that an answer of this subject belongs to.
pub fn id_of(subject: &str) -> &str {
    subject.split_once('.').map_or("", |(_, id)| id)
}

impl Queue {
    /// The answer to this id, if there is one.
    pub async fn look_up(&self, id: &str) -> Result<Option<Answer>, Error> {
        let subject = subject_of(id);
        let found = self.answers.get_last_raw_message_by_subject(&subject);
        match found.await {
            Ok(message) => serde_json::from_slice(&message.payload)
                .map(Some)
                .map_err(Error::at("reading an answer")),
            Err(error) if error.kind() == NoMessageFound => Ok(None),
            Err(error) => Err(Error::new("asking for an answer", error)),
        }
    }

    /// How many answers are kept under this id.
    pub async fn count(&self, id: &str) -> Result<usize, Error> {
        let subject = subject_of(id);
        let counts = self.answers.info_with_subjects(&subject).await;
        let mut counts = counts.map_err(Error::at("counting answers"))?;
        let mut kept = 0;
        while let Some(count) = counts.next().await {
            kept += count.map_err(Error::at("counting answers"))?.1;
        }
        Ok(kept)
    }

    /// Waits until every task is acknowledged. The broker has no way to tell
    /// us, so it is asked again and again.
    pub async fn wait_until_empty(&self) -> Result<(), Error> {
        let mut tasks = self.tasks.clone();
        loop {
            // A broker that is being started again does not answer.
            let asked = tokio::time::timeout(ACK_PATIENCE, tasks.info());
            if let Ok(Ok(info)) = asked.await
                && info.num_pending == 0
                && info.num_ack_pending == 0
            {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// All answers to the tasks of one controller, those to come included.
    pub async fn answers_of(&self, run: &str) -> Result<PullConsumer, Error> {
        let collector = pull::Config {
            durable_name: Some(format!("controller-{run}")),
            filter_subject: format!("{ANSWERS}.{run}.>"),
            inactive_threshold: Duration::from_secs(60 * 60),
            ..Default::default()
        };
        let made = self.answers.create_consumer(collector).await;
        made.map_err(Error::at("making the controller's consumer"))
    }
}

/// How often a message is sent, if no acknowledgment comes.
const SENT_AT_MOST: usize = 10;

impl Queue {
    // ANCHOR: send
    /// Sends until the broker says that it has the message, or does not want it:
    /// then it is `false`.
    async fn send(
        &self,
        subject: String,
        message: PublishMessage,
    ) -> Result<bool, Error> {
        let mut why = None;
        for _ in 0..SENT_AT_MOST {
            let sent =
                self.context.send_publish(subject.clone(), message.clone());
            let error = match sent.await {
                Ok(sent) => match sent.await {
                    Ok(_) => return Ok(true),
                    Err(error) => error,
                },
                Err(error) => error,
            };
            match error.kind() {
                PublishErrorKind::WrongLastSequence => return Ok(false),
                PublishErrorKind::TimedOut | PublishErrorKind::BrokenPipe => {}
                _ => return Err(Error::new("sending", error)),
            }
            why = Some(error);
        }
        let why = why.map_or_else(String::new, |error| error.to_string());
        Err(Error::new(&format!("sending {SENT_AT_MOST} times"), why))
    }
    // ANCHOR_END: send
}

/// Why there is no queue, or no answer.
#[derive(Debug)]
pub enum Error {
    /// What was being done, and what went wrong.
    At {
        what: String,
        why: String,
    },
    /// A broker beyond this machine that asks nobody who they are.
    Open(String),
    /// A broker of this version.
    Old(String),
    /// So many answers did not come in time.
    Late(usize),
    Usage(String),
}

impl Error {
    pub fn new(what: &str, why: impl fmt::Display) -> Error {
        Error::At { what: what.into(), why: why.to_string() }
    }

    pub fn at<E: fmt::Display>(what: &str) -> impl FnOnce(E) -> Error {
        move |why| Error::new(what, why)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::At { what, why } => write!(f, "{what}: {why}"),
            Error::Open(host) => write!(
                f,
                "`{host}` can be reached by other machines and asks for no token: whoever finds it can send jobs; start it with `--auth`"
            ),
            Error::Old(version) => write!(
                f,
                "the broker is nats-server {version}; 2.9 or later is needed"
            ),
            Error::Late(missing) => {
                write!(f, "{missing} answers did not come in time")
            }
            Error::Usage(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machines_own_addresses_are_known() {
        for own in
            ["127.0.0.1:4222", "localhost:1", "[::1]:4222", "nats://localhost"]
        {
            assert!(is_here(own), "{own}");
        }
        for other in ["10.0.0.7:4222", "0.0.0.0:4222", "db.example:1", ""] {
            assert!(!is_here(other), "{other}");
        }
    }
}
