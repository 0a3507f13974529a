// A timer for the executor: one thread that knows who wants to be woken when.
//
// Checked by its tests alone: it is about time, and a checker has none.
//
// Runs locally only: it uses other listings of this chapter.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::pin::Pin;
use std::sync::LazyLock;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use tracing::info_span;

use super::executor::Executor;
use super::instrumented;

// ANCHOR: timer
/// Wakes whoever is due, and sleeps until the next one is.
fn keep_time(alarms: Receiver<(Instant, Waker)>) {
    let mut waiting = BTreeMap::<(Instant, u64), Waker>::new();
    for number in 0_u64.. {
        let now = Instant::now();
        while let Some(first) = waiting.first_entry()
            && first.key().0 <= now
        {
            first.remove().wake();
        }
        let next = waiting.keys().next();
        let pause = next.map_or(Duration::MAX, |(due, _)| *due - now);
        match alarms.recv_timeout(pause) {
            // Two can be due at the same time: the number tells them apart.
            Ok((due, waker)) => drop(waiting.insert((due, number), waker)),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

static TIMER: LazyLock<Sender<(Instant, Waker)>> = LazyLock::new(|| {
    let (sender, alarms) = mpsc::channel();
    thread::spawn(move || keep_time(alarms));
    sender
});
// ANCHOR_END: timer

// ANCHOR: sleep
/// Ready at that time.
pub struct Sleep(Instant);

pub fn sleep(time: Duration) -> Sleep {
    Sleep(Instant::now() + time)
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context) -> Poll<()> {
        if Instant::now() >= self.0 {
            return Poll::Ready(());
        }
        let waker = context.waker().clone();
        TIMER.send((self.0, waker)).expect("the timer never ends");
        Poll::Pending
    }
}
// ANCHOR_END: sleep

/// What a cook has to do after each wait.
pub const EFFORT: u64 = 3_000_000;

// ANCHOR: cooks
/// Waits for a dish, and prepares it; three times.
async fn cook(wait: Duration) {
    for _ in 0..3 {
        instrumented(info_span!("wait"), sleep(wait)).await;
        let _prepare = info_span!("prepare").entered();
        prepare();
    }
}

/// Three cooks on one thread.
pub fn tasks() -> usize {
    let executor = Executor::new();
    for (name, wait) in COOKS {
        let task = info_span!("task", name);
        executor.spawn(instrumented(task, cook(wait)));
    }
    executor.run();
    COOKS.len()
}
// ANCHOR_END: cooks

pub const COOKS: [(&str, Duration); 3] = [
    ("soup", Duration::from_millis(20)),
    ("fish", Duration::from_millis(30)),
    ("cake", Duration::from_millis(40)),
];

fn prepare() {
    let multiply = |x: u64, _| black_box(x.wrapping_mul(31));
    black_box((0..EFFORT).fold(1, multiply));
}

/// The same waits and the same work, in a thread for each cook.
pub fn threads() -> usize {
    thread::scope(|scope| {
        for (_, wait) in COOKS {
            scope.spawn(move || in_turn(wait));
        }
    });
    COOKS.len()
}

/// One cook after the other.
pub fn one_after_the_other() -> usize {
    COOKS.map(|(_, wait)| in_turn(wait)).len()
}

fn in_turn(wait: Duration) {
    for _ in 0..3 {
        thread::sleep(wait);
        prepare();
    }
}

// ANCHOR: main
pub fn main() {
    let executor = Executor::new();
    for (name, wait) in [("second", 20), ("first", 10), ("third", 30)] {
        executor.spawn(async move {
            sleep(Duration::from_millis(wait)).await;
            println!("{name}");
        });
    }
    executor.run();
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;
    use crate::futures::parking::block_on;

    #[test]
    fn a_sleep_ends_at_its_time_and_is_polled_a_few_times() {
        let begun = Instant::now();
        let ((), polls) = block_on(sleep(Duration::from_millis(30)));
        assert!(begun.elapsed() >= Duration::from_millis(30));
        assert!(polls <= 3, "{polls} polls");
    }

    #[test]
    fn whoever_is_due_first_is_woken_first() {
        let (executor, (note, noted)) = (Executor::new(), mpsc::channel());
        for wait in [60, 1, 30] {
            let note = note.clone();
            executor.spawn(async move {
                sleep(Duration::from_millis(wait)).await;
                note.send(wait).expect("the test listens");
            });
        }
        drop(note);
        executor.run();
        assert_eq!(noted.into_iter().collect::<Vec<_>>(), [1, 30, 60]);
    }

    #[test]
    fn two_that_are_due_at_the_same_time_are_both_woken() {
        let (executor, until) = (Executor::new(), Instant::now());
        let (note, noted) = mpsc::channel();
        for _ in 0..2 {
            let (note, sleep) = (note.clone(), Sleep(until + WAIT));
            executor.spawn(async move {
                sleep.await;
                note.send(()).expect("the test listens");
            });
        }
        drop(note);
        executor.run();
        assert_eq!(noted.into_iter().count(), 2);
    }

    const WAIT: Duration = Duration::from_millis(20);
}
