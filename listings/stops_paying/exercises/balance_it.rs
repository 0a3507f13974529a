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
//! pieces take. It starts exactly as many threads as asked, which is at least one
//! (never 0) and can be more than there are pieces. All of them are over when it
//! returns. Each piece is done once. Results are in the order of the pieces,
//! whichever thread did them, and whichever was over first. Use the standard
//! library.
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

/// Deals the pieces like cards: with two threads, one has the even pieces and
/// the other one the odd ones. That separates long pieces that lie side by side,
/// but it is still settled beforehand which thread does which piece. So the
/// thread with the one long piece keeps all its other pieces, too, and you wait
/// for them while the other threads have nothing to do.
///
/// Caught by `while_one_piece_takes_long_the_others_get_done`.
pub mod wrong_dealt_like_cards {
    use super::*;

    /// The results of all pieces, in order, by so many threads.
    pub fn run<R: Send>(
        pieces: usize,
        threads: usize,
        work: impl Fn(usize) -> R + Sync,
    ) -> Vec<R> {
        let work = &work;
        let mut done: Vec<(usize, R)> = thread::scope(|scope| {
            let started: Vec<_> = (0..threads)
                .map(|first| {
                    scope.spawn(move || {
                        (first..pieces)
                            .step_by(threads)
                            .map(|piece| (piece, work(piece)))
                            .collect::<Vec<_>>()
                    })
                })
                .collect();
            let lists = started.into_iter().map(|thread| thread.join());
            lists.flat_map(|list| list.expect("no piece panics")).collect()
        });
        done.sort_unstable_by_key(|(piece, _)| *piece);
        done.into_iter().map(|(_, result)| result).collect()
    }
}

/// Asks for the next piece in the head of `while let`, and the guard that is
/// made there lives until the end of the loop's body. So each thread holds the
/// lock while it works, and the others wait for it: your threads do one piece
/// at a time, as one thread would.
///
/// Caught by `as_many_threads_as_asked_work_at_the_same_time`.
pub mod wrong_locked_while_working {
    use super::*;
    use std::sync::Mutex;

    /// The results of all pieces, in order, by so many threads.
    pub fn run<R: Send>(
        pieces: usize,
        threads: usize,
        work: impl Fn(usize) -> R + Sync,
    ) -> Vec<R> {
        let left = Mutex::new(0..pieces);
        let worker = || {
            let mut done = Vec::new();
            while let Some(piece) = left.lock().unwrap().next() {
                done.push((piece, work(piece)));
            }
            done
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

/// Has all threads push their results on one list, where they stand in the
/// order in which the pieces were over. While the pieces are equal that is the
/// right order nearly every time. A piece that takes long comes last, and code that
/// looks up a result by its position finds that of another piece.
///
/// Caught by `results_are_in_order_where_the_first_piece_is_over_late`.
pub mod wrong_order_of_completion {
    use super::*;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    /// The results of all pieces, in order, by so many threads.
    pub fn run<R: Send>(
        pieces: usize,
        threads: usize,
        work: impl Fn(usize) -> R + Sync,
    ) -> Vec<R> {
        let next = AtomicUsize::new(0);
        let results = Mutex::new(Vec::new());
        let worker = || {
            loop {
                let piece = next.fetch_add(1, Relaxed);
                if piece >= pieces {
                    return;
                }
                let result = work(piece);
                results.lock().unwrap().push(result);
            }
        };
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(worker);
            }
        });
        results.into_inner().unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::collections::HashSet;
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
    use std::sync::mpsc::{self, RecvTimeoutError};
    use std::sync::{Arc, Condvar, Mutex};
    use std::time::Duration;

    /// How long a piece waits for others at most.
    const LONG: Duration = Duration::from_secs(5);

    /// What `run` returns, or what is wrong where it does not return.
    #[track_caller]
    fn in_time<R: Send + 'static>(
        run: impl FnOnce() -> R + Send + 'static,
        otherwise: &str,
    ) -> R {
        let (done, result) = mpsc::channel();
        thread::spawn(move || done.send(run()));
        // Longer than a piece waits, so that it comes to say what was wrong.
        match result.recv_timeout(3 * LONG) {
            Ok(returned) => returned,
            Err(RecvTimeoutError::Timeout) => panic!("{otherwise}"),
            Err(RecvTimeoutError::Disconnected) => panic!("`run` panicked"),
        }
    }

    /// Counts, and lets threads wait until the count has come so far.
    #[derive(Default)]
    struct Count {
        reached: Mutex<usize>,
        /// A thread has waited too long: then none waits any more.
        given_up: AtomicBool,
        more: Condvar,
    }

    impl Count {
        /// What the count was before.
        fn add(&self) -> usize {
            let mut reached = self.reached.lock().unwrap();
            *reached += 1;
            self.more.notify_all();
            *reached - 1
        }

        /// Whether it came so far in time.
        fn wait_for(&self, wanted: usize) -> bool {
            let reached = self.reached.lock().unwrap();
            let waited =
                self.more.wait_timeout_while(reached, LONG, |reached| {
                    *reached < wanted && !self.given_up.load(Relaxed)
                });
            let (reached, _) = waited.unwrap();
            let in_time = *reached >= wanted;
            if !in_time {
                self.given_up.store(true, Relaxed);
                self.more.notify_all();
            }
            in_time
        }
    }

    /// No piece of 20 waited in vain, and their numbers are in order.
    #[track_caller]
    fn check(results: Vec<(usize, bool)>, otherwise: &str) {
        assert!(results.iter().all(|(_, in_time)| *in_time), "{otherwise}");
        let pieces: Vec<_> = results.iter().map(|(piece, _)| *piece).collect();
        let expected: Vec<_> = (0..20).collect();
        assert_eq!(pieces, expected, "the results, by their pieces");
    }

    /// The piece `long` is over when all others are.
    #[track_caller]
    fn balances(long: usize, threads: usize) {
        let done = Arc::new(Count::default());
        let counted = Arc::clone(&done);
        let results = in_time(
            move || {
                run(20, threads, move |piece| {
                    let all_done = piece != long || counted.wait_for(19);
                    counted.add();
                    (piece, all_done)
                })
            },
            "`run` does not come back",
        );
        let otherwise = format!(
            "piece {long} of 20 took long, there were {threads} threads, and \
             some of the other pieces waited for it"
        );
        check(results, &otherwise);
    }

    /// Two threads. The piece that begins after `before` others is over when
    /// `until(before)` have begun.
    #[track_caller]
    fn stays_in_order(until: fn(usize) -> usize) {
        let begun = Count::default();
        let results = in_time(
            move || {
                run(20, 2, |piece| {
                    let before = begun.add();
                    (piece, begun.wait_for(until(before)))
                })
            },
            "`run` does not come back",
        );
        check(
            results,
            "one of two threads was in a piece, and the other began no more",
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
    fn results_are_in_order_where_the_first_piece_is_over_late() {
        // When the last one has begun.
        stays_in_order(|before| if before == 0 { 20 } else { 0 });
    }

    #[test]
    fn results_are_in_order_where_the_threads_take_turns() {
        // Each piece until the next one has begun, on the other thread.
        stays_in_order(|before| (before + 2).min(20));
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
