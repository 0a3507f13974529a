// One half of the work waits for the other, in a pool: where the pool has a
// single thread, it waits for itself.
//
// Tested on real threads: rayon's are not modeled by shuttle or loom.
//
// Runs locally only: it never ends.

use std::sync::mpsc;
use std::thread;

use rayon::ThreadPoolBuilder;

// ANCHOR: waits
/// One half makes squares, and the other adds them as they come.
pub fn sum_of_squares(below: u64, threads: usize) -> u64 {
    let pool = ThreadPoolBuilder::new().num_threads(threads);
    let pool = pool.build().expect("the system has threads left");
    let (hand_on, squares) = mpsc::channel();
    let add = move || squares.into_iter().sum();
    let make =
        move || (0..below).try_for_each(|number| hand_on.send(number * number));
    let (sum, _) = pool.join(add, make);
    sum
}
// ANCHOR_END: waits

// ANCHOR: thread
/// The same, and what waits has a thread of its own.
pub fn with_a_thread(below: u64, threads: usize) -> u64 {
    let pool = ThreadPoolBuilder::new().num_threads(threads);
    let pool = pool.build().expect("the system has threads left");
    let (hand_on, squares) = mpsc::channel();
    let make =
        move || (0..below).try_for_each(|number| hand_on.send(number * number));
    thread::scope(|scope| {
        let sum = scope.spawn(move || squares.into_iter().sum());
        pool.install(make).expect("the squares are received");
        sum.join().expect("no sum panics")
    })
}
// ANCHOR_END: thread

// ANCHOR: main
pub fn main() {
    println!("a pool of two: {}", sum_of_squares(1_000, 2));
    println!("a thread and a pool of one: {}", with_a_thread(1_000, 1));
    println!("a pool of one: {}", sum_of_squares(1_000, 1));
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::RecvTimeoutError;
    use std::time::Duration;

    #[test]
    fn a_pool_of_one_waits_for_itself() {
        let (done, end) = mpsc::channel();
        // It is left behind, stuck, until the tests are over.
        thread::spawn(move || done.send(sum_of_squares(10, 1)));
        let end = end.recv_timeout(Duration::from_secs(2));
        assert_eq!(end, Err(RecvTimeoutError::Timeout));
    }

    #[test]
    fn a_pool_of_two_and_a_thread_beside_the_pool_get_through() {
        for _ in 0..100 {
            assert_eq!(sum_of_squares(10, 2), 285);
            assert_eq!(with_a_thread(10, 1), 285);
            assert_eq!(with_a_thread(10, 2), 285);
        }
    }
}
