//! Numbers that are handed over one by one, by a channel to a thread.
//!
//! One thread sends, the other receives until no sender is left: each order of
//! their steps gives the same sum.
//!
//! Runs on the Playground.

use std::sync::mpsc;
use std::thread;

// ANCHOR: channel
/// Sends so many numbers to a thread, which adds them up.
pub fn sum_over_a_channel(count: u64) -> u64 {
    let (to_adder, numbers) = mpsc::channel();
    let adder = thread::spawn(move || numbers.iter().sum());
    for number in 0..count {
        to_adder.send(number).expect("the adder listens");
    }
    drop(to_adder);
    adder.join().expect("adding does not panic")
}
// ANCHOR_END: channel

pub fn main() {
    println!("0 + 1 + … + 999 = {}", sum_over_a_channel(1_000));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_arrives() {
        assert_eq!(sum_over_a_channel(0), 0);
        assert_eq!(sum_over_a_channel(1_000), 499_500);
    }
}
