//! Chapter 12: one sum behind one lock, pieces taken one by one, threads that meet, and a team that starts
//! together, explored by shuttle over the listings' own files.

use std::panic;

use checks::paying::{bandwidth, imbalance, oversubscription, twice_the_threads};
use shuttle::scheduler::{DfsScheduler, RandomScheduler, Scheduler};
use shuttle::{Config, Runner};

fn explore(scheduler: impl Scheduler + 'static, run: impl Fn() + Send + Sync + 'static) -> usize {
    let mut config = Config::default();
    config.silence_warnings = true; // that atomics are sequentially consistent is said in the text
    Runner::new(scheduler, config).run(run)
}

fn every_order() -> DfsScheduler {
    DfsScheduler::new(None, false)
}

/// Orders drawn by lot, where all of them are too many.
fn some_orders() -> RandomScheduler {
    RandomScheduler::new_from_seed(12, 500)
}

#[test]
fn in_every_order_each_square_is_added_once() {
    let schedules = explore(every_order(), || {
        assert_eq!(twice_the_threads::sum_of_squares(3, 2), 5);
    });
    assert!(schedules > 10, "shuttle saw {schedules} schedules");
    let schedules = explore(every_order(), || {
        assert_eq!(twice_the_threads::own_sums(4, 2), 14);
    });
    assert!(schedules > 10, "shuttle saw {schedules} schedules");
}

#[test]
fn in_every_order_each_piece_is_taken_once() {
    let schedules = explore(every_order(), || {
        assert_eq!(imbalance::taken(3, 2), imbalance::sequential(3));
    });
    assert!(schedules > 10, "shuttle saw {schedules} schedules");
}

/// What a naive thread does, kept to show that the check can fail: it looks up the next piece, and then says
/// that it is taken.
#[test]
fn a_hand_out_in_two_steps_gives_a_piece_to_both() {
    use shuttle::sync::atomic::{AtomicU64, Ordering::Relaxed};
    let taken_twice = || {
        let next = AtomicU64::new(0);
        let worker = || {
            let mut taken = 0;
            loop {
                let number = next.load(Relaxed);
                next.store(number + 1, Relaxed);
                if number >= 3 {
                    return taken;
                }
                taken += 1;
            }
        };
        shuttle::thread::scope(|scope| {
            let both = [scope.spawn(worker), scope.spawn(worker)];
            let taken: u64 =
                both.map(|thread| thread.join().expect("no piece panics")).iter().sum();
            assert_eq!(taken, 3);
        });
    };
    let caught = panic::catch_unwind(|| explore(every_order(), taken_twice));
    assert!(caught.is_err(), "shuttle missed that a piece is taken twice");
}

#[test]
fn threads_that_meet_get_through_all_phases() {
    explore(some_orders(), || {
        assert_eq!(oversubscription::meeting(54, 3, 3), 54);
    });
}

#[test]
fn a_team_starts_together_and_reads_all_bytes() {
    explore(some_orders(), || {
        let team = bandwidth::Team::ready(800, 48, 2);
        assert_eq!(team.go(), 800);
    });
}
