//! A worker counts from 1 to 10 while main counts from 11 to 20; how a thread
//! hands back a result or a panic.
//!
//! Runs on the Playground.

use std::thread;
use std::time::Duration;

// ANCHOR: count_together
/// Who says which number when is decided anew in each run.
pub fn count_together() {
    let worker = thread::spawn(|| count("worker", 1, 10));
    count("main", 11, 20);
    worker.join().expect("counting does not panic");
}

/// Says a number each millisecond.
fn count(who: &str, first: u32, last: u32) {
    for number in first..=last {
        println!("{who}: {number}");
        thread::sleep(Duration::from_millis(1));
    }
}
// ANCHOR_END: count_together

// ANCHOR: sum
/// A worker adds up 1 to 10 while main adds up 11 to 20; `join` hands over what
/// the worker returns.
pub fn sum() -> u32 {
    let worker = thread::spawn(|| (1..=10).sum::<u32>());
    let own: u32 = (11..=20).sum();
    own + worker.join().expect("adding does not panic")
}
// ANCHOR_END: sum

// ANCHOR: panic
/// A worker that panics takes nobody with it; `join` hands over the message.
pub fn panic_of_worker() -> Option<String> {
    let worker = thread::spawn(|| {
        let numbers: Vec<u32> = (1..=10).collect();
        numbers[numbers.len()]
    });
    let panic = worker.join().err()?;
    panic.downcast_ref::<String>().cloned()
}
// ANCHOR_END: panic

// ANCHOR: main
pub fn main() {
    count_together();
    println!("together: {}", sum());
    if let Some(message) = panic_of_worker() {
        println!("the worker panicked: {message}");
    }
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_comes_back_from_join() {
        assert_eq!(sum(), (1..=20).sum::<u32>());
    }

    #[test]
    fn a_panic_comes_back_from_join() {
        let message = panic_of_worker().unwrap();
        assert_eq!(
            message,
            "index out of bounds: the len is 10 but the index is 10"
        );
    }
}
