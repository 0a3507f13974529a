//! # Your service
//!
//! 60 minutes
//!
//! Build the service of this chapter in its best form, and make it hold when
//! things go wrong. Every request starts with a number, and five times over it
//! waits for the database and then computes the next number from the last one.
//!
//! - All requests wait at the same time, however many they are.
//! - Computing is done on rayon's pool. The thread of the tasks does not compute,
//!   and does not stand still while the pool does.
//! - At most `at_once` computations run at the same time: each needs much
//!   memory.
//! - A computation can panic. Its request is `Err(Failed)`, and all others are
//!   answered.
//! - The answers come in the order of the requests.
//!
//! In the tests all tasks run on one thread, on which a heart beats as well. A
//! computation takes until the heart has beaten a few times. If that has not
//! happened within five seconds, the computation says so and panics. The
//! workshop counts what happens, and the tests ask it. They do not see whether
//! fewer computations run than there is memory for. Begin with the first test and
//! take the others one by one.
//!
//! Hint: `rayon::spawn` and a `tokio::sync::oneshot` connect the two worlds, and a
//! `Semaphore` counts the computations. A panic in `rayon::spawn` ends the whole
//! program, unless `std::panic::catch_unwind` stops it before; `AssertUnwindSafe`
//! says that nothing half-done is left behind.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

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
    beats: AtomicUsize,
    /// A computation has waited for the heart in vain. The others need not.
    in_vain: AtomicBool,
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

    /// The heart beats, on the thread of the tasks.
    pub fn beat(&self) {
        self.beats.fetch_add(1, SeqCst);
    }

    /// The number after this one. It keeps a core busy until the heart has
    /// beaten three times, and panics at 13.
    pub fn compute(&self, number: u64) -> u64 {
        if rayon::current_thread_index().is_none() {
            self.computed_elsewhere.store(true, SeqCst);
        }
        let _computing = Busy::new(&self.computing, &self.most_computing);
        assert_ne!(number, 13, "there is no number after 13");
        let (begun, until) = (Instant::now(), self.beats.load(SeqCst) + 3);
        while self.beats.load(SeqCst) < until {
            if begun.elapsed() > Duration::from_secs(5) {
                self.in_vain.store(true, SeqCst);
            }
            assert!(
                !self.in_vain.load(SeqCst),
                "the tasks' thread stands still while this computes"
            );
            thread::yield_now();
        }
        number + 1
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

/// Makes a pool of `at_once` threads and gives it each computation by `install`.
/// That limits the memory, but `install` returns when the result is there, and
/// until then the thread of the tasks stands still: no other request goes on
/// waiting, and not even two of them are computed at once.
///
/// Caught by `the_tasks_thread_goes_on_while_the_pool_computes`.
pub mod wrong_waits_for_the_pool {
    use super::*;

    use std::panic::{AssertUnwindSafe, catch_unwind};

    use rayon::{ThreadPool, ThreadPoolBuilder};

    pub async fn serve(
        workshop: Arc<Workshop>,
        requests: Vec<u64>,
        at_once: usize,
    ) -> Vec<Result<u64, Failed>> {
        let pool = ThreadPoolBuilder::new().num_threads(at_once).build();
        let pool = Arc::new(pool.expect("the system gives threads"));
        let start = |number| {
            tokio::spawn(answer(workshop.clone(), pool.clone(), number))
        };
        let tasks: Vec<_> = requests.into_iter().map(start).collect();
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.unwrap_or(Err(Failed)));
        }
        answers
    }

    async fn answer(
        workshop: Arc<Workshop>,
        pool: Arc<ThreadPool>,
        mut number: u64,
    ) -> Result<u64, Failed> {
        for _ in 0..STEPS {
            workshop.wait().await;
            let compute = AssertUnwindSafe(|| workshop.compute(number));
            number =
                pool.install(|| catch_unwind(compute)).map_err(|_| Failed)?;
        }
        Ok(number)
    }
}

/// Takes the permit once for each request, before its first wait. A request that
/// waits for the database keeps a permit that it does not need, so no more than
/// `at_once` requests are in progress and all others have not even begun.
///
/// Caught by `all_requests_wait_at_the_same_time`.
pub mod wrong_permit_for_the_whole_request {
    use super::*;

    use std::panic::{AssertUnwindSafe, catch_unwind};

    use tokio::sync::{Semaphore, oneshot};

    pub async fn serve(
        workshop: Arc<Workshop>,
        requests: Vec<u64>,
        at_once: usize,
    ) -> Vec<Result<u64, Failed>> {
        let permits = Arc::new(Semaphore::new(at_once));
        let start = |number| {
            tokio::spawn(answer(workshop.clone(), permits.clone(), number))
        };
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
        let _permit = permits.acquire().await.expect("nobody closes it");
        for _ in 0..STEPS {
            workshop.wait().await;
            number = on_the_pool(workshop.clone(), number).await?;
        }
        Ok(number)
    }

    async fn on_the_pool(
        workshop: Arc<Workshop>,
        number: u64,
    ) -> Result<u64, Failed> {
        let (done, result) = oneshot::channel();
        rayon::spawn(move || {
            let compute = AssertUnwindSafe(|| workshop.compute(number));
            let _ = done.send(catch_unwind(compute).map_err(|_| Failed));
        });
        result.await.unwrap_or(Err(Failed))
    }
}

/// Takes a permit in the function that hands the number to the pool, and awaits
/// the result outside of it. The permit is dropped when that function returns,
/// which is when the computation begins, so it limits nothing: as many
/// computations run as the pool has threads, with the memory of each.
///
/// Caught by `no_more_is_computed_at_once_than_there_is_memory_for`.
pub mod wrong_permit_until_it_is_handed_over {
    use super::*;

    use std::panic::{AssertUnwindSafe, catch_unwind};

    use tokio::sync::{Semaphore, oneshot};

    pub async fn serve(
        workshop: Arc<Workshop>,
        requests: Vec<u64>,
        at_once: usize,
    ) -> Vec<Result<u64, Failed>> {
        let permits = Arc::new(Semaphore::new(at_once));
        let start = |number| {
            tokio::spawn(answer(workshop.clone(), permits.clone(), number))
        };
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
            let result = hand_over(workshop.clone(), &permits, number).await;
            number = result.await.unwrap_or(Err(Failed))?;
        }
        Ok(number)
    }

    async fn hand_over(
        workshop: Arc<Workshop>,
        permits: &Semaphore,
        number: u64,
    ) -> oneshot::Receiver<Result<u64, Failed>> {
        let _permit = permits.acquire().await.expect("nobody closes it");
        let (done, result) = oneshot::channel();
        rayon::spawn(move || {
            let compute = AssertUnwindSafe(|| workshop.compute(number));
            let _ = done.send(catch_unwind(compute).map_err(|_| Failed));
        });
        result
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;

    use tokio::time::{sleep, timeout};

    async fn served(
        requests: Vec<u64>,
        at_once: usize,
    ) -> (Vec<Result<u64, Failed>>, Arc<Workshop>) {
        // On any machine there are threads enough to compute too much at once.
        // Another test may have made the pool before.
        let pool = rayon::ThreadPoolBuilder::new().num_threads(4);
        let _ = pool.build_global();
        let workshop = Arc::new(Workshop::default());
        let heart = workshop.clone();
        tokio::spawn(async move {
            loop {
                heart.beat();
                sleep(Duration::from_millis(1)).await;
            }
        });
        let all = serve(workshop.clone(), requests, at_once);
        // Longer than a computation waits for the heart.
        let answers = timeout(Duration::from_secs(7), all)
            .await
            .expect("still not done after 7 s: does a permit come back?");
        assert!(
            !workshop.in_vain.load(SeqCst),
            "while a request was computed, the tasks' thread stood still: the \
             heart did not beat, and no other request could go on"
        );
        (answers, workshop)
    }

    #[tokio::test]
    async fn every_request_is_answered_in_its_order() {
        let (answers, _) = served(vec![100, 20, 3000, 40], 2).await;
        assert_eq!(answers, [Ok(105), Ok(25), Ok(3005), Ok(45)]);
    }

    #[tokio::test]
    async fn all_requests_wait_at_the_same_time() {
        let (_, workshop) = served((100..120).collect(), 2).await;
        let most = workshop.most_waiting.load(SeqCst);
        assert_eq!(most, 20, "requests that waited at once, of 20");
    }

    #[tokio::test]
    async fn the_tasks_thread_goes_on_while_the_pool_computes() {
        let (answers, _) = served(vec![100], 1).await;
        assert_eq!(answers, [Ok(105)]);
    }

    #[tokio::test]
    async fn all_computing_is_done_on_the_pool() {
        let (_, workshop) = served((100..110).collect(), 2).await;
        let elsewhere = workshop.computed_elsewhere.load(SeqCst);
        assert!(!elsewhere, "a thread has computed that is none of rayon's");
    }

    #[tokio::test]
    async fn no_more_is_computed_at_once_than_there_is_memory_for() {
        for at_once in [1, 2] {
            let (_, workshop) = served((100..112).collect(), at_once).await;
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
