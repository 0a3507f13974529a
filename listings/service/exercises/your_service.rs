//! # Your service
//!
//! 60 minutes
//!
//! Build the service of this chapter in its best form, and make it hold when
//! things go wrong. Every request starts with a number, and five times over it
//! waits for the database and then computes the next number from the last one.
//!
//! - All requests wait at the same time, however many they are.
//! - Computing is done on rayon's pool, never on the thread of the tasks.
//! - At most `at_once` computations run at the same time: each needs much
//!   memory.
//! - A computation can panic. Its request is `Err(Failed)`, and all others are
//!   answered.
//! - The answers come in the order of the requests.
//!
//! The workshop counts what happens. The tests ask it; they do not see whether
//! fewer computations run than there is memory for. Begin with the first test and
//! take the others one by one.
//!
//! Hint: `rayon::spawn` and a `tokio::sync::oneshot` connect the two worlds, a
//! `Semaphore` counts. A panic in `rayon::spawn` ends the whole program, unless
//! `std::panic::catch_unwind` stops it before; `AssertUnwindSafe` says that
//! nothing half-done is left behind.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

/// How often a request waits and computes.
pub const STEPS: usize = 5;

/// A request whose computation panicked.
#[derive(Debug, PartialEq)]
pub struct Failed;

/// Waits, computes, and counts both.
#[derive(Default)]
pub struct Workshop {
    waiting: AtomicUsize,
    most_waiting: AtomicUsize,
    computing: AtomicUsize,
    most_computing: AtomicUsize,
    computed_elsewhere: AtomicBool,
}

/// One more is busy, until it is dropped.
struct Busy<'a>(&'a AtomicUsize);

impl<'a> Busy<'a> {
    fn new(now: &'a AtomicUsize, most: &AtomicUsize) -> Busy<'a> {
        most.fetch_max(now.fetch_add(1, SeqCst) + 1, SeqCst);
        Busy(now)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

impl Workshop {
    /// Waits for the database. Other tasks run meanwhile.
    pub async fn wait(&self) {
        let _waiting = Busy::new(&self.waiting, &self.most_waiting);
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
    }

    /// The number after this one. It keeps a core busy, and panics at 13.
    pub fn compute(&self, number: u64) -> u64 {
        if rayon::current_thread_index().is_none() {
            self.computed_elsewhere.store(true, SeqCst);
        }
        let _computing = Busy::new(&self.computing, &self.most_computing);
        assert_ne!(number, 13, "there is no number after 13");
        let mut next = number;
        for _ in 0..100_000 {
            next = std::hint::black_box(next);
        }
        next + 1
    }
}

pub mod starter {
    use super::*;

    /// Answers every request: the number that it ends with after `STEPS` steps.
    #[allow(unused_variables)]
    pub async fn serve(
        workshop: Arc<Workshop>,
        requests: Vec<u64>,
        at_once: usize,
    ) -> Vec<Result<u64, Failed>> {
        todo!("a task for each request: wait, then have it computed elsewhere")
    }
}

pub mod solution {
    use super::*;

    use std::panic::{AssertUnwindSafe, catch_unwind};

    use tokio::sync::{Semaphore, oneshot};

    /// Answers every request: the number that it ends with after `STEPS` steps.
    pub async fn serve(
        workshop: Arc<Workshop>,
        requests: Vec<u64>,
        at_once: usize,
    ) -> Vec<Result<u64, Failed>> {
        let permits = Arc::new(Semaphore::new(at_once));
        let start = |number| {
            tokio::spawn(answer(workshop.clone(), permits.clone(), number))
        };
        // All are started before the first is waited for, in their order.
        let tasks: Vec<_> = requests.into_iter().map(start).collect();
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.unwrap_or(Err(Failed)));
        }
        answers
    }

    async fn answer(
        workshop: Arc<Workshop>,
        permits: Arc<Semaphore>,
        mut number: u64,
    ) -> Result<u64, Failed> {
        for _ in 0..STEPS {
            workshop.wait().await;
            // Taken after the wait: a request that waits needs no memory. The
            // permit is let go when this step ends, also where it fails.
            let _permit = permits.acquire().await.expect("nobody closes it");
            number = on_the_pool(workshop.clone(), number).await?;
        }
        Ok(number)
    }

    /// Has the number computed on rayon's pool; the task waits meanwhile, and
    /// its thread is free.
    async fn on_the_pool(
        workshop: Arc<Workshop>,
        number: u64,
    ) -> Result<u64, Failed> {
        let (done, result) = oneshot::channel();
        rayon::spawn(move || {
            // Without this, a panic would end the program. With it, `done` gets
            // an error, and the pool's thread goes on to the next request.
            let compute = AssertUnwindSafe(|| workshop.compute(number));
            let computed = catch_unwind(compute).map_err(|_| Failed);
            let _ = done.send(computed); // its request may be gone
        });
        result.await.unwrap_or(Err(Failed))
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;

    use std::time::Duration;

    async fn served(
        requests: Vec<u64>,
        at_once: usize,
    ) -> (Vec<Result<u64, Failed>>, Arc<Workshop>) {
        let workshop = Arc::new(Workshop::default());
        let all = serve(workshop.clone(), requests, at_once);
        let answers = tokio::time::timeout(Duration::from_secs(10), all)
            .await
            .expect("still not done after 10 s: who waits for what?");
        (answers, workshop)
    }

    #[tokio::test]
    async fn every_request_is_answered_in_its_order() {
        let (answers, _) = served(vec![100, 20, 3000, 40], 2).await;
        assert_eq!(answers, [Ok(105), Ok(25), Ok(3005), Ok(45)]);
    }

    #[tokio::test]
    async fn all_requests_wait_at_the_same_time() {
        let (_, workshop) = served((100..150).collect(), 1).await;
        assert_eq!(workshop.most_waiting.load(SeqCst), 50);
    }

    #[tokio::test]
    async fn all_computing_is_done_on_the_pool() {
        let (_, workshop) = served((100..110).collect(), 2).await;
        let elsewhere = workshop.computed_elsewhere.load(SeqCst);
        assert!(!elsewhere, "a task's own thread has computed");
    }

    #[tokio::test]
    async fn no_more_is_computed_at_once_than_there_is_memory_for() {
        for at_once in [1, 2] {
            let (_, workshop) = served((100..120).collect(), at_once).await;
            let most = workshop.most_computing.load(SeqCst);
            assert!(most <= at_once, "{most} at once, {at_once} allowed");
        }
    }

    #[tokio::test]
    async fn a_panic_costs_one_request_its_answer_and_nobody_else() {
        // 10 comes to 13 on its way, 13 is there at once.
        let (answers, _) = served(vec![50, 10, 13, 60], 1).await;
        assert_eq!(answers, [Ok(55), Err(Failed), Err(Failed), Ok(65)]);
    }
}
