//! Thirty-two pieces of work, done in every way that this book has shown: what
//! a piece waits for is a setting.
//!
//! Runs locally only: one of its ways starts processes.
// Threads, tasks and processes share nothing here but a channel that holds the
// pieces: there is no order of steps for a model checker to explore.

use std::env;
use std::hint::black_box;
use std::io;
use std::num::NonZeroU32;
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread;
use std::time::Duration;

use crossbeam_channel as channel;
use rayon::prelude::*;
use ring::pbkdf2;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use crate::service::heartbeat::{Calls, no_calls};

// ANCHOR: piece
/// How many pieces there are. None needs anything of another.
pub const PIECES: u64 = 32;
/// How long a piece lasts, whether it waits or computes.
const LASTS: Duration = Duration::from_millis(8);
/// As many iterations take a core about as long.
const ITERATIONS: u32 = 18_000;

/// What a piece spends its time on.
#[derive(Clone, Copy)]
pub struct Work {
    /// So much of it waits, in percent. Then it computes.
    pub waiting: u32,
}

impl Work {
    pub fn wait(self) -> Duration {
        LASTS * self.waiting / 100
    }

    pub fn compute(self, piece: u64) -> u64 {
        let iterations = ITERATIONS * (100 - self.waiting) / 100;
        let mut key = [0; 8];
        if let Some(iterations) = NonZeroU32::new(iterations) {
            let text = piece.to_string();
            let sha = pbkdf2::PBKDF2_HMAC_SHA512;
            pbkdf2::derive(sha, iterations, b"salt", text.as_bytes(), &mut key);
        }
        u64::from_be_bytes(key)
    }

    /// A piece as a thread does it: the wait keeps the thread.
    fn blocking(self, piece: u64) -> u64 {
        thread::sleep(self.wait());
        self.compute(piece)
    }

    /// A piece as a task does it: the wait lets the thread go.
    async fn awaiting(self, piece: u64) -> u64 {
        tokio::time::sleep(self.wait()).await;
        self.compute(piece)
    }
}
// ANCHOR_END: piece

/// What each piece computed, in the order of the pieces.
pub type Computed = Vec<u64>;
/// A way whose tasks, or whose loop, answer calls as well.
type Way = fn(Work, Calls) -> Computed;

// ANCHOR: sequential
pub fn sequential(work: Work, mut calls: Calls) -> Computed {
    let one_more = |piece| {
        let computed = work.blocking(piece);
        calls.answer_those_who_wait();
        computed
    };
    (0..PIECES).map(one_more).collect()
}
// ANCHOR_END: sequential

// ANCHOR: threads
pub fn threads(work: Work) -> Computed {
    thread::scope(|scope| {
        let threads: Vec<_> = (0..PIECES)
            .map(|piece| scope.spawn(move || work.blocking(piece)))
            .collect();
        let joined = threads.into_iter().map(|thread| thread.join());
        joined.map(|done| done.expect("a piece does not panic")).collect()
    })
}
// ANCHOR_END: threads

/// How many workers a pool has, of threads or of processes.
pub const WORKERS: u64 = 8;

// ANCHOR: pool
pub fn pool(work: Work) -> Computed {
    pool_of(WORKERS, PIECES, work)
}

/// With so many workers, and so many pieces.
pub fn pool_of(workers: u64, pieces: u64, work: Work) -> Computed {
    let (to_workers, waiting) = channel::unbounded();
    (0..pieces).for_each(|piece| {
        to_workers.send(piece).expect("the other end is here");
    });
    drop(to_workers); // who finds it empty is done
    let mut computed = thread::scope(|scope| {
        let work_off = || -> Vec<_> {
            waiting.iter().map(|piece| (piece, work.blocking(piece))).collect()
        };
        let workers: Vec<_> =
            (0..workers).map(|_| scope.spawn(work_off)).collect();
        let joined = workers.into_iter().map(|worker| worker.join());
        joined
            .flat_map(|done| done.expect("a piece does not panic"))
            .collect::<Vec<_>>()
    });
    computed.sort_unstable();
    computed.into_iter().map(|(_, result)| result).collect()
}
// ANCHOR_END: pool

// ANCHOR: rayon
pub fn rayon(work: Work) -> Computed {
    (0..PIECES).into_par_iter().map(|piece| work.blocking(piece)).collect()
}
// ANCHOR_END: rayon

// ANCHOR: tasks
/// On one thread, or on one for each core, as the runtime has them.
fn spawned(runtime: &Runtime, work: Work, calls: Calls) -> Computed {
    runtime.spawn(calls.answer_all());
    runtime.block_on(async {
        let tasks: Vec<_> = (0..PIECES)
            .map(|piece| tokio::spawn(work.awaiting(piece)))
            .collect();
        let mut computed = Vec::new();
        for task in tasks {
            computed.push(task.await.expect("a piece does not panic"));
        }
        computed
    })
}

pub fn tasks(work: Work, calls: Calls) -> Computed {
    spawned(&runtime(Builder::new_current_thread()), work, calls)
}

pub fn tasks_on_threads(work: Work, calls: Calls) -> Computed {
    spawned(&runtime(Builder::new_multi_thread()), work, calls)
}

/// After each poll of a task, a thread first looks who has come from outside.
pub fn tasks_looking_up(work: Work, calls: Calls) -> Computed {
    let mut threads = Builder::new_multi_thread();
    threads.global_queue_interval(1);
    spawned(&runtime(threads), work, calls)
}
// ANCHOR_END: tasks

fn runtime(mut builder: Builder) -> Runtime {
    builder.enable_time().build().expect("the runtime starts")
}

// ANCHOR: tasks_and_rayon
/// Tasks wait, and rayon's pool computes: the thread of the tasks stays free.
pub fn tasks_and_rayon(work: Work, calls: Calls) -> Computed {
    let handing_over = move |piece| async move {
        tokio::time::sleep(work.wait()).await;
        let (done, computed) = oneshot::channel();
        rayon::spawn(move || {
            // It fails only where nobody waits for it any more.
            let _ = done.send(work.compute(piece));
        });
        computed.await.expect("the pool answers")
    };
    let runtime = runtime(Builder::new_current_thread());
    runtime.spawn(calls.answer_all());
    runtime.block_on(async {
        let tasks: Vec<_> = (0..PIECES)
            .map(|piece| tokio::spawn(handing_over(piece)))
            .collect();
        let mut computed = Vec::new();
        for task in tasks {
            computed.push(task.await.expect("a piece does not panic"));
        }
        computed
    })
}
// ANCHOR_END: tasks_and_rayon

// ANCHOR: processes
/// Each worker is this program again. It does every eighth piece.
pub fn processes(work: Work) -> io::Result<Computed> {
    let program = env::current_exe()?;
    let start = |first: u64| {
        Command::new(&program)
            .arg("paradigms-worker")
            .args([work.waiting.to_string(), first.to_string()])
            .stdout(Stdio::piped())
            .spawn()
    };
    let workers: Vec<Child> =
        (0..WORKERS).map(start).collect::<io::Result<_>>()?;
    let mut computed = vec![0; PIECES as usize];
    for (first, worker) in workers.into_iter().enumerate() {
        let lines = worker.wait_with_output()?.stdout;
        let mut places = (first..computed.len()).step_by(WORKERS as usize);
        for line in String::from_utf8_lossy(&lines).lines() {
            let place = places.next().ok_or(io::ErrorKind::InvalidData)?;
            computed[place] = line.parse().map_err(io::Error::other)?;
        }
        if places.next().is_some() {
            return Err(io::Error::other("a worker process ended early"));
        }
    }
    Ok(computed)
}

/// What a worker process does: `paradigms-worker WAITING FIRST`.
pub fn worker() -> ExitCode {
    let numbers: Vec<u64> =
        env::args().skip(2).filter_map(|text| text.parse().ok()).collect();
    let [waiting @ 0..=100, first] = numbers[..] else {
        eprintln!("error: `paradigms-worker` takes two numbers");
        return ExitCode::from(2);
    };
    let work = Work { waiting: waiting as u32 };
    for piece in (first..PIECES).step_by(WORKERS as usize) {
        println!("{}", work.blocking(piece));
    }
    ExitCode::SUCCESS
}
// ANCHOR_END: processes

// ANCHOR: main
pub fn main() {
    let work = Work { waiting: 50 };
    let one_by_one = sequential(work, no_calls());
    let ways: [(&str, Way); 6] = [
        ("a thread each", |work, _| threads(work)),
        ("a pool of threads", |work, _| pool(work)),
        ("rayon", |work, _| rayon(work)),
        ("tasks on one thread", tasks),
        ("tasks on all threads", tasks_on_threads),
        ("tasks, and rayon", tasks_and_rayon),
    ];
    println!("{PIECES} pieces, each waits and then computes");
    for (name, way) in ways {
        let same = black_box(way(work, no_calls())) == one_by_one;
        println!("{name:22} {}", if same { "same results" } else { "DIFFERS" });
    }
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_computes_what_the_loop_computes() {
        for waiting in [0, 50, 100] {
            let work = Work { waiting };
            let expected = sequential(work, no_calls());
            assert_eq!(expected.len() as u64, PIECES);
            for (number, way) in [threads, pool, rayon].iter().enumerate() {
                assert_eq!(way(work), expected, "way {number}, {waiting} %");
            }
            let in_tasks =
                [tasks, tasks_on_threads, tasks_looking_up, tasks_and_rayon];
            for (number, way) in in_tasks.iter().enumerate() {
                let computed = way(work, no_calls());
                assert_eq!(computed, expected, "tasks {number}, {waiting} %");
            }
        }
    }

    #[test]
    fn pieces_that_compute_have_different_results() {
        let mut computed = sequential(Work { waiting: 99 }, no_calls());
        computed.sort_unstable();
        computed.dedup();
        assert_eq!(computed.len() as u64, PIECES);
    }
}
