//! Who answers those who call while thirty-two pieces of work are done?
//!
//! Runs locally only: one of the ways of `paradigms` starts processes.
// A channel and a clock: there is no order of steps for a model checker to
// explore.

use std::time::Duration;

use crate::choosing::paradigms::{
    Computed, Work, pool, rayon, sequential, tasks, tasks_and_rayon, threads,
};
use crate::service::heartbeat::{Calls, while_a_thread_listens, while_called};

/// What the pieces computed, and how long each call waited.
pub type Answered = (Computed, Vec<Duration>);

// ANCHOR: who
/// The loop answers between two pieces; tasks have one more task for it.
pub fn by_itself(way: fn(Work, Calls) -> Computed, work: Work) -> Answered {
    while_called(|calls| way(work, calls))
}

/// Threads, rayon and processes have their hands full: one more thread
/// listens.
pub fn by_one_more_thread(way: fn(Work) -> Computed, work: Work) -> Answered {
    while_a_thread_listens(|| way(work))
}
// ANCHOR_END: who

pub fn main() {
    let work = Work { waiting: 100 };
    for (name, (_, waited)) in [
        ("the loop", by_itself(sequential, work)),
        ("a thread each", by_one_more_thread(threads, work)),
        ("a pool of threads", by_one_more_thread(pool, work)),
        ("rayon", by_one_more_thread(rayon, work)),
        ("tasks on one thread", by_itself(tasks, work)),
        ("tasks, and rayon", by_itself(tasks_and_rayon, work)),
    ] {
        let most = waited.iter().max().copied().unwrap_or_default();
        println!("{name:20} {} calls, at most {most:?}", waited.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_lets_a_call_wait_for_a_piece_and_answers_every_one() {
        let (computed, waited) = by_itself(sequential, Work { waiting: 100 });
        assert_eq!(computed.len(), 32);
        // 32 waits of 8 ms, and a call every 3 ms.
        assert!(waited.len() >= 32 * 8 / 3, "{}", waited.len());
        let most = waited.iter().max().unwrap();
        assert!(*most >= Duration::from_millis(4), "{most:?}");
    }

    #[test]
    fn who_only_listens_answers_each_call_before_the_work_is_over() {
        let (_, waited) = by_one_more_thread(rayon, Work { waiting: 100 });
        let mut sorted = waited.clone();
        sorted.sort_unstable();
        let half = sorted[sorted.len() / 2];
        assert!(half < Duration::from_millis(4), "{waited:?}");
    }
}
