//! # Balance it
//!
//! 20 minutes
//!
//! `run` does pieces `0..pieces` on as many threads as it is told, each with a
//! block of neighbors, and returns the results in the order of the pieces. One
//! piece turns out to take as long as all others together, and the threads that
//! are done stand by and watch the block in which it lies.
//!
//! Change `run` so that a thread that is done takes on what is left, whatever the
//! pieces take. It starts exactly as many threads as asked (at least one, and more
//! than there are pieces if asked), all of them are over when it returns, and at
//! no time do more than one of them work on the same piece. Results are in the
//! order of the pieces, whoever did them. Use the standard library.
//!
//! Hint: What do the threads have to share? A number is enough to know which piece
//! comes next. And each result knows where it belongs, if it is kept beside the
//! number of its piece.

use std::thread;

pub mod starter {
    use super::*;

    /// The results of all pieces, in order, by so many threads.
    pub fn run<R: Send>(
        pieces: usize,
        threads: usize,
        work: impl Fn(usize) -> R + Sync,
    ) -> Vec<R> {
        let work = &work;
        thread::scope(|scope| {
            let blocks: Vec<_> = (0..threads)
                .map(|n| {
                    let block =
                        pieces * n / threads..pieces * (n + 1) / threads;
                    scope.spawn(move || block.map(work).collect::<Vec<R>>())
                })
                .collect();
            let results = blocks.into_iter().map(|block| block.join());
            results.flat_map(|done| done.expect("no piece panics")).collect()
        })
    }
}

pub mod solution {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    /// The results of all pieces, in order, by so many threads.
    pub fn run<R: Send>(
        pieces: usize,
        threads: usize,
        work: impl Fn(usize) -> R + Sync,
    ) -> Vec<R> {
        let next = AtomicUsize::new(0);
        let worker = || {
            let mut done = Vec::new();
            loop {
                let piece = next.fetch_add(1, Relaxed);
                if piece >= pieces {
                    return done;
                }
                done.push((piece, work(piece)));
            }
        };
        let mut done: Vec<(usize, R)> = thread::scope(|scope| {
            let started: Vec<_> =
                (0..threads).map(|_| scope.spawn(worker)).collect();
            let lists = started.into_iter().map(|thread| thread.join());
            lists.flat_map(|list| list.expect("no piece panics")).collect()
        });
        done.sort_unstable_by_key(|(piece, _)| *piece);
        done.into_iter().map(|(_, result)| result).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::collections::HashSet;
    use std::sync::mpsc::{self, RecvTimeoutError};
    use std::sync::{Arc, Condvar, Mutex};
    use std::time::Duration;

    const LONG: Duration = Duration::from_secs(5);

    /// What `run` returns, or what is wrong where it does not return.
    #[track_caller]
    fn in_time<R: Send + 'static>(
        run: impl FnOnce() -> R + Send + 'static,
        otherwise: &str,
    ) -> R {
        let (done, result) = mpsc::channel();
        thread::spawn(move || done.send(run()));
        result.recv_timeout(LONG).unwrap_or_else(|error| match error {
            RecvTimeoutError::Timeout => panic!("{otherwise}"),
            RecvTimeoutError::Disconnected => panic!("`run` panicked"),
        })
    }

    /// Counts, and lets threads wait until the count has come so far.
    #[derive(Default)]
    struct Count {
        reached: Mutex<usize>,
        more: Condvar,
    }

    impl Count {
        fn add(&self) {
            *self.reached.lock().unwrap() += 1;
            self.more.notify_all();
        }

        /// Whether it came so far in time.
        fn wait_for(&self, wanted: usize) -> bool {
            let reached = self.reached.lock().unwrap();
            let waited =
                self.more.wait_timeout_while(reached, LONG, |reached| {
                    *reached < wanted
                });
            *waited.unwrap().0 >= wanted
        }
    }

    /// The piece `long` is over when all others are.
    #[track_caller]
    fn balances(long: usize, threads: usize) {
        let done = Arc::new(Count::default());
        let counted = Arc::clone(&done);
        let all_done = in_time(
            move || {
                run(20, threads, move |piece| {
                    let all_done = piece != long || counted.wait_for(19);
                    counted.add();
                    all_done
                })
            },
            "`run` does not come back",
        );
        assert!(
            all_done.into_iter().all(|done| done),
            "piece {long} of 20 took long, there were {threads} threads, and \
             some of the other pieces waited for it"
        );
    }

    #[test]
    fn while_one_piece_takes_long_the_others_get_done() {
        for long in [0, 1, 9, 10, 18, 19] {
            balances(long, 2);
            balances(long, 5);
        }
    }

    #[test]
    fn results_come_in_the_order_of_the_pieces_and_each_is_done_once() {
        for (pieces, threads) in [(0, 3), (1, 1), (7, 2), (100, 4), (2, 6)] {
            let started = Arc::new(Mutex::new(Vec::new()));
            let noted = Arc::clone(&started);
            let results = in_time(
                move || {
                    run(pieces, threads, move |piece| {
                        noted.lock().unwrap().push(piece);
                        10 * piece
                    })
                },
                "`run` does not come back",
            );
            let expected: Vec<usize> = (0..pieces).map(|n| 10 * n).collect();
            assert_eq!(results, expected, "{pieces} pieces, {threads} threads");
            let mut started = started.lock().unwrap().clone();
            started.sort_unstable();
            assert!(started.into_iter().eq(0..pieces), "each piece, and once");
        }
    }

    #[test]
    fn as_many_threads_as_asked_work_at_the_same_time() {
        let at_work = Arc::new(Count::default());
        let counted = Arc::clone(&at_work);
        let workers = in_time(
            move || {
                run(4, 4, move |_| {
                    counted.add();
                    let all = counted.wait_for(4);
                    (all, thread::current().id())
                })
            },
            "four pieces wait for each other, and `run` does not come back",
        );
        assert!(
            workers.iter().all(|(all, _)| *all),
            "four pieces were to run at once on four threads: they did not"
        );
        let different: HashSet<_> = workers.iter().map(|(_, id)| id).collect();
        assert_eq!(different.len(), 4, "threads that worked on four pieces");
    }

    #[test]
    fn no_more_threads_than_asked() {
        let workers = in_time(
            || run(200, 3, |_| thread::current().id()),
            "`run` does not come back",
        );
        let different: HashSet<_> = workers.iter().collect();
        assert!(different.len() <= 3, "{} threads, not 3", different.len());
    }
}
