//! How long somebody waits who calls while the program works.
//!
//! Every three milliseconds a thread that does nothing else calls. Who picks up
//! is up to the program: a task, a thread, or the loop between two pieces of
//! its work. The first answer is all that a caller waits for here.
// A channel and a clock: there is no order of steps for a model checker to
// explore.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{
    UnboundedReceiver, UnboundedSender, unbounded_channel,
};

/// Between two calls.
pub const EVERY: Duration = Duration::from_millis(3);

/// Calls at fixed moments, until the work is over. A call that could not be
/// made in time counts from when it was due.
fn call(ring: UnboundedSender<Instant>, over: mpsc::Receiver<()>) {
    let mut due = Instant::now();
    loop {
        due += EVERY;
        let pause = due.saturating_duration_since(Instant::now());
        if over.recv_timeout(pause) != Err(RecvTimeoutError::Timeout) {
            return;
        }
        let _ = ring.send(due); // who does not listen any more is not called
    }
}

/// The calls that come while the program works.
pub struct Calls {
    ringing: UnboundedReceiver<Instant>,
    waited: Sender<Duration>,
}

// ANCHOR: answer
impl Calls {
    /// For a loop: answers those who have called since it last looked.
    pub fn answer_those_who_wait(&mut self) {
        while let Ok(due) = self.ringing.try_recv() {
            self.answer(due);
        }
    }

    /// For a task: answers every call, and awaits the next.
    pub async fn answer_all(mut self) {
        while let Some(due) = self.ringing.recv().await {
            self.answer(due);
        }
    }

    /// For a thread that does nothing else.
    pub fn answer_all_blocking(mut self) {
        while let Some(due) = self.ringing.blocking_recv() {
            self.answer(due);
        }
    }

    fn answer(&self, due: Instant) {
        let _ = self.waited.send(due.elapsed());
    }
}
// ANCHOR_END: answer

impl Drop for Calls {
    /// The work is over: whoever still waits waits no longer.
    fn drop(&mut self) {
        self.answer_those_who_wait();
    }
}

/// Does the work, which says how calls are answered. Returns what it gives, and
/// how long each call waited.
pub fn while_called<T>(work: impl FnOnce(Calls) -> T) -> (T, Vec<Duration>) {
    let (ring, ringing) = unbounded_channel();
    let (waited, all) = mpsc::channel();
    let (working, over) = mpsc::channel();
    thread::spawn(move || call(ring, over));
    let given = work(Calls { ringing, waited });
    drop(working); // the caller stops at once, and then those who listen
    (given, all.iter().collect())
}

/// The same for work that occupies its threads: one more of them listens.
pub fn while_a_thread_listens<T>(
    work: impl FnOnce() -> T,
) -> (T, Vec<Duration>) {
    while_called(|calls| {
        thread::spawn(|| calls.answer_all_blocking());
        work()
    })
}

/// No call comes: for a run that nobody measures.
pub fn no_calls() -> Calls {
    let (_, ringing) = unbounded_channel();
    let (waited, _) = mpsc::channel();
    Calls { ringing, waited }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Many times as long as three calls are apart: the caller can begin late.
    const A_WHILE: Duration = Duration::from_millis(100);

    #[test]
    fn a_loop_that_never_looks_leaves_all_who_call_waiting_for_its_end() {
        let (given, waited) = while_called(|_calls| {
            thread::sleep(A_WHILE);
            7
        });
        assert_eq!(given, 7);
        assert!(waited.len() >= 3, "{waited:?}");
        assert!(waited[0] >= A_WHILE / 2, "{waited:?}");
        assert!(waited.is_sorted_by(|one, next| one > next), "{waited:?}");
    }

    #[test]
    fn every_call_is_answered_whoever_listens() {
        let calls = |(_, waited): ((), Vec<Duration>)| waited.len();
        let by_a_thread = while_a_thread_listens(|| thread::sleep(A_WHILE));
        assert!(calls(by_a_thread) >= 3);
        let by_a_task = while_called(|calls| {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = runtime.enable_time().build().unwrap();
            runtime.spawn(calls.answer_all());
            runtime.block_on(async { tokio::time::sleep(A_WHILE).await });
        });
        assert!(calls(by_a_task) >= 3);
        let mut nobody = no_calls();
        nobody.answer_those_who_wait();
    }
}
