// A few workers, one queue of jobs, one queue of answers.
//
// Checked by shuttle, which includes this file and runs two thousand drawn
// orders of three jobs.
//
// Runs on the Playground.

use std::sync::{Arc, Mutex, mpsc};
use std::thread;

// ANCHOR: pool
/// Every job is done by whichever worker is free. Answers come back in the
/// order of the jobs. Panics when a worker has.
pub fn pool<J: Send, A: Send>(
    workers: usize,
    jobs: Vec<J>,
    work: impl Fn(J) -> A + Sync,
) -> Vec<A> {
    let (hand_out, queue) = mpsc::sync_channel(workers);
    let (hand_in, answers) = mpsc::channel();
    let queue = Arc::new(Mutex::new(queue));
    thread::scope(|scope| {
        for _ in 0..workers {
            let (queue, hand_in) = (Arc::clone(&queue), hand_in.clone());
            let work = &work;
            scope.spawn(move || {
                while let Some((number, job)) = next(&queue) {
                    if hand_in.send((number, work(job))).is_err() {
                        break; // nobody is interested any more
                    }
                }
            });
        }
        drop((queue, hand_in)); // the workers have theirs
        for job in jobs.into_iter().enumerate() {
            if hand_out.send(job).is_err() {
                break; // every worker has panicked, and so will the scope
            }
        }
        drop(hand_out); // no more jobs: the workers go home
        in_order(answers.into_iter().collect())
    })
}

/// The next job, or none if there will be no more. The guard is gone when this
/// returns: nobody works with the lock in hand.
fn next<J>(queue: &Mutex<mpsc::Receiver<J>>) -> Option<J> {
    queue.lock().expect("nobody panics while taking a job").recv().ok()
}
// ANCHOR_END: pool

fn in_order<A>(mut answers: Vec<(usize, A)>) -> Vec<A> {
    answers.sort_by_key(|(number, _)| *number);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

// ANCHOR: in_line
/// The same at first sight. It is no pool: see who holds the lock, and until
/// when.
pub fn pool_in_line<J: Send>(
    workers: usize,
    jobs: Vec<J>,
    work: impl Fn(J) + Sync,
) {
    let (hand_out, queue) = mpsc::channel();
    for job in jobs {
        hand_out.send(job).expect("the queue is in this function");
    }
    drop(hand_out);
    let queue = Mutex::new(queue);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Ok(job) = queue.lock().expect("calm").recv() {
                    work(job);
                }
            });
        }
    });
}
// ANCHOR_END: in_line

// ANCHOR: main
pub fn main() {
    let words = ["share", "memory", "by", "communicating"];
    for length in pool(2, words.to_vec(), |word| (word, word.len())) {
        println!("{length:?}");
    }
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    // The model checker's tests include this file with a `std` of their own.
    use ::std::panic::catch_unwind;
    use ::std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    use ::std::time::Duration;

    use super::*;

    #[test]
    fn answers_come_in_the_order_of_the_jobs() {
        for workers in [1, 2, 3, 8] {
            let squares = pool(workers, (0..100_u64).collect(), |n| n * n);
            assert!(
                squares.iter().zip(0..).all(|(square, n)| *square == n * n)
            );
            assert_eq!(squares.len(), 100);
        }
    }

    #[test]
    fn without_jobs_it_ends() {
        assert_eq!(pool(3, Vec::<u8>::new(), |job| job), [0_u8; 0]);
    }

    #[test]
    fn when_every_worker_panics_the_pool_panics_and_does_not_hang() {
        let (tell, told) = ::std::sync::mpsc::channel();
        ::std::thread::spawn(move || {
            let ended = catch_unwind(|| {
                pool(2, (0..20).collect(), |job: i32| {
                    assert!(job > 1, "the first two jobs panic");
                })
            });
            tell.send(ended.is_err())
        });
        let patience = Duration::from_secs(60);
        assert_eq!(told.recv_timeout(patience), Ok(true), "it hangs");
    }

    #[test]
    fn a_worker_that_is_left_does_the_jobs_and_the_pool_panics() {
        let done = AtomicUsize::new(0);
        let ended = catch_unwind(|| {
            pool(2, (0..20).collect(), |job: i32| {
                assert_ne!(job, 1, "one job panics");
                done.fetch_add(1, Relaxed);
            })
        });
        assert!(ended.is_err());
        assert_eq!(done.into_inner(), 19);
    }

    #[test]
    fn in_line_never_two_are_at_work() {
        let (at_work, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        pool_in_line(4, (0..200).collect(), |_: i32| {
            most.fetch_max(at_work.fetch_add(1, Relaxed) + 1, Relaxed);
            thread::yield_now();
            at_work.fetch_sub(1, Relaxed);
        });
        assert_eq!(most.into_inner(), 1);
    }
}
