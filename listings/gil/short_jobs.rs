//! Many short jobs, in one thread and in four, and beside a countdown.
//!
//! Each thread has a pipe of its own, and the flag only says when to end: there
//! is no order of steps to explore.
//!
//! Runs on the Playground.

use std::hint::black_box;
use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

// ANCHOR: jobs
/// A byte into a pipe and out again: two calls of the system that never wait.
fn short_jobs(count: u64) -> io::Result<()> {
    let (mut from, mut to) = io::pipe()?;
    for _ in 0..count {
        to.write_all(b"x")?;
        from.read_exact(&mut [0])?;
    }
    Ok(())
}
// ANCHOR_END: jobs

/// So many jobs, shared out to so many threads. Returns how many were done.
///
/// # Errors
/// Where the system has no pipe.
pub fn in_threads(threads: u64, jobs: u64) -> io::Result<u64> {
    let share = jobs / threads;
    thread::scope(|scope| {
        let threads: Vec<_> =
            (0..threads).map(|_| scope.spawn(|| short_jobs(share))).collect();
        let mut done = 0;
        for thread in threads {
            thread.join().expect("a job does not panic")?;
            done += share;
        }
        Ok(done)
    })
}

/// The same, while another thread counts down.
///
/// # Errors
/// Where the system has no pipe.
pub fn beside_a_countdown(threads: u64, jobs: u64) -> io::Result<u64> {
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut n = 0_u64;
            while !over.load(Relaxed) {
                n = black_box(n.wrapping_sub(1));
            }
        });
        let done = in_threads(threads, jobs);
        over.store(true, Relaxed);
        done
    })
}

pub fn main() -> io::Result<()> {
    println!("one thread: {} jobs", in_threads(1, 1_000)?);
    println!("four threads: {} jobs", in_threads(4, 1_000)?);
    println!("beside a countdown: {} jobs", beside_a_countdown(4, 1_000)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_job_is_done_also_beside_a_countdown_that_ends() {
        assert_eq!(in_threads(4, 8).unwrap(), 8);
        assert_eq!(beside_a_countdown(2, 8).unwrap(), 8);
    }
}
