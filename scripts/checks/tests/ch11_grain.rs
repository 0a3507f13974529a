//! Chunks handed out by a shared counter, in every order of two workers: explored by shuttle over the
//! listing's own file.

use std::panic;

use checks::grain;
use shuttle::scheduler::DfsScheduler;
use shuttle::{Config, Runner};

/// What a naive hand-out does, kept to show that the check can fail: it looks up the next chunk, and
/// then says that it is taken.
fn looked_up_and_taken(below: usize, chunk: usize, workers: usize) -> usize {
    use shuttle::sync::atomic::{AtomicUsize, Ordering};
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut passed = 0;
        loop {
            let start = next.load(Ordering::Relaxed);
            next.store(start + chunk, Ordering::Relaxed);
            if start >= below {
                return passed;
            }
            passed += grain::count(start..below.min(start + chunk));
        }
    };
    shuttle::thread::scope(|scope| {
        let started: Vec<_> = (0..workers).map(|_| scope.spawn(worker)).collect();
        started.into_iter().map(|thread| thread.join().expect("counting does not panic")).sum()
    })
}

#[test]
fn in_every_order_each_chunk_is_taken_once() {
    // Four chunks, the last one short; two numbers pass: 0 and 18.
    let mut config = Config::default();
    config.silence_warnings = true; // that atomics are sequentially consistent is said in the text
    let runner = Runner::new(DfsScheduler::new(None, false), config);
    let schedules = runner.run(|| assert_eq!(grain::threads(19, 5, 2), 2));
    assert!(schedules > 10, "shuttle saw {schedules} schedules");
}

#[test]
fn a_hand_out_in_two_steps_gives_a_chunk_to_both() {
    let caught = panic::catch_unwind(|| {
        shuttle::check_dfs(|| assert_eq!(looked_up_and_taken(19, 5, 2), 2), None);
    });
    assert!(caught.is_err(), "shuttle missed that a chunk is counted twice");
}
