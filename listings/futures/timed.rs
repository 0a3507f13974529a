// Timing an async function: the call takes no time, its polls take some, and
// most of the time passes between two polls.
//
// One thread and the timer of this chapter: nothing for a model checker.
//
// Runs locally only: it uses other listings of this chapter.

use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use super::parking::block_on;
use super::timer::sleep;

/// How long the answer takes.
pub const WAIT: Duration = Duration::from_millis(200);

// ANCHOR: call
/// Calls it, and says how long the call took.
pub fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    let result = work();
    (result, begun.elapsed())
}

pub async fn answer() -> u32 {
    sleep(WAIT).await;
    42
}
// ANCHOR_END: call

// ANCHOR: awaited
/// Awaits it. Returns how long that took, and how much of it was in polls.
pub async fn timed_await<F: Future>(
    work: F,
) -> (F::Output, Duration, Duration) {
    let (begun, mut polls) = (Instant::now(), Duration::ZERO);
    let mut work = pin!(work);
    let result = std::future::poll_fn(|context| {
        let (answer, poll) = timed(|| work.as_mut().poll(context));
        polls += poll;
        answer
    })
    .await;
    (result, begun.elapsed(), polls)
}
// ANCHOR_END: awaited

// ANCHOR: main
pub fn main() {
    let tenths = |time: Duration| time.as_millis() / 100;
    let (future, call) = timed(answer);
    println!("the call: {} tenths of a second", tenths(call));
    let ((result, all, polls), _) = block_on(timed_await(future));
    println!("until {result} is there: {} tenths", tenths(all));
    println!("in polls: {} tenths", tenths(polls));
}
// ANCHOR_END: main

/// A future that has something to do in each poll, for tests.
pub async fn busy_twice(time: Duration) {
    for _ in 0..2 {
        let begun = Instant::now();
        while begun.elapsed() < time {}
        super::executor::YieldNow::default().await;
    }
    std::future::poll_fn(|_| Poll::Ready(())).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_call_takes_no_time_and_the_wait_is_not_in_the_polls() {
        let (future, call) = timed(answer);
        let ((result, all, polls), _) = block_on(timed_await(future));
        assert_eq!(result, 42);
        assert!(all >= WAIT);
        assert!(call < WAIT / 4 && polls < WAIT / 4, "{call:?}, {polls:?}");
    }

    #[test]
    fn what_each_poll_takes_is_added_up() {
        let time = Duration::from_millis(5);
        let (((), all, polls), _) = block_on(timed_await(busy_twice(time)));
        assert!(polls >= 2 * time && polls <= all, "{polls:?} of {all:?}");
    }
}
