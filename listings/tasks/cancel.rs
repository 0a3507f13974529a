// What is dropped when: a future is stopped by dropping it, and that happens
// at an `.await`.
//
// The two ways to receive are checked on shuttle's tokio, which includes this
// file: one of them loses half a message, in some orders.

use std::future;
use std::pin::pin;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task;
use tokio::time::timeout;

// ANCHOR: held
/// Where everybody notes what happens; the notes are read in the end.
#[derive(Clone)]
struct Diary(mpsc::UnboundedSender<String>);

impl Diary {
    fn note(&self, what: &str) {
        let _ = self.0.send(what.into()); // nobody reads any more
    }
}

/// A connection; it notes when it is closed.
struct Connection(Diary);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.note("the connection is closed");
    }
}
// ANCHOR_END: held

// ANCHOR: ask
/// Opens a connection, and waits for an answer that never comes.
async fn ask(diary: Diary) {
    let connection = Connection(diary.clone());
    diary.note("asked");
    future::pending::<()>().await; // here it is stopped
    diary.note("answered"); // nobody gets to this line
    drop(connection);
}
// ANCHOR_END: ask

// ANCHOR: stopped
/// Three ways to stop it, and what is noted in each.
async fn stopped_three_ways(diary: Diary) {
    diary.note("-- by a time-out");
    let _ = timeout(Duration::from_millis(5), ask(diary.clone())).await;
    diary.note("given up");

    diary.note("-- by losing a race");
    tokio::select! {
        () = ask(diary.clone()) => {}
        () = task::yield_now() => diary.note("something else was first"),
    }

    diary.note("-- by abort");
    let asking = tokio::spawn(ask(diary.clone()));
    task::yield_now().await; // let it begin
    asking.abort();
    let ended = asking.await;
    diary
        .note(&format!("canceled: {}", ended.is_err_and(|e| e.is_cancelled())));
}
// ANCHOR_END: stopped

// ANCHOR: message
/// A message that comes in two halves. Dropped between them, it takes the
/// first half along: it is not cancellation safe.
async fn message(halves: &mut mpsc::Receiver<&str>) -> Option<String> {
    let first = halves.recv().await?;
    let second = halves.recv().await?;
    Some(format!("{first} {second}"))
}
// ANCHOR_END: message

// ANCHOR: forgetful
/// Each tick drops the message that was being received, and begins anew.
async fn forgetful(
    mut halves: mpsc::Receiver<&'static str>,
    mut ticks: mpsc::Receiver<()>,
) -> Option<String> {
    loop {
        tokio::select! {
            whole = message(&mut halves) => return whole,
            Some(()) = ticks.recv() => {} // time to draw the clock anew
        }
    }
}
// ANCHOR_END: forgetful

// ANCHOR: patient
/// The message is begun once, outside the loop, and only borrowed inside.
async fn patient(
    mut halves: mpsc::Receiver<&'static str>,
    mut ticks: mpsc::Receiver<()>,
) -> Option<String> {
    let mut message = pin!(message(&mut halves));
    loop {
        tokio::select! {
            whole = &mut message => return whole,
            Some(()) = ticks.recv() => {} // time to draw the clock anew
        }
    }
}
// ANCHOR_END: patient

/// Half a message, a tick, the other half.
async fn send(halves: mpsc::Sender<&'static str>, ticks: mpsc::Sender<()>) {
    let _ = halves.send("good").await;
    task::yield_now().await; // let it be received
    let _ = ticks.send(()).await;
    task::yield_now().await;
    let _ = halves.send("morning").await;
}

/// What comes out of `forgetful` and of `patient`.
async fn received_both_ways() -> [Option<String>; 2] {
    let (half, halves) = mpsc::channel(1);
    let (tick, ticks) = mpsc::channel(1);
    let forgetful = tokio::spawn(forgetful(halves, ticks));
    send(half, tick).await;
    let (half, halves) = mpsc::channel(1);
    let (tick, ticks) = mpsc::channel(1);
    let patient = tokio::spawn(patient(halves, ticks));
    send(half, tick).await;
    [forgetful.await, patient.await].map(|done| done.expect("no panic"))
}

#[tokio::main(flavor = "current_thread")]
pub async fn main() {
    let (diary, mut notes) = mpsc::unbounded_channel();
    stopped_three_ways(Diary(diary)).await;
    while let Some(note) = notes.recv().await {
        println!("{note}");
    }
    let [forgotten, kept] = received_both_ways().await;
    println!("-- half a message, a tick, the other half");
    println!("forgetful: {forgotten:?}, patient: {kept:?}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whatever_stops_a_future_drops_what_it_holds() {
        let (diary, mut notes) = mpsc::unbounded_channel();
        stopped_three_ways(Diary(diary)).await;
        let mut all = Vec::new();
        while let Some(note) = notes.recv().await {
            all.push(note);
        }
        let expected = [
            "-- by a time-out",
            "asked",
            "the connection is closed",
            "given up",
            "-- by losing a race",
            "asked",
            "the connection is closed",
            "something else was first",
            "-- by abort",
            "asked",
            "the connection is closed",
            "canceled: true",
        ];
        assert_eq!(all, expected);
    }

    #[tokio::test]
    async fn only_a_message_that_is_begun_once_arrives_whole() {
        let [forgotten, kept] = received_both_ways().await;
        assert_eq!(forgotten, None);
        assert_eq!(kept.as_deref(), Some("good morning"));
    }
}
