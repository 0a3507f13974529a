// A channel that nobody closes: wrong on purpose in `kept`, and repaired in
// `dropped`.
//
// Checked by shuttle, which includes this file: the first gets stuck in every
// order, the second in none.
//
// Runs on the Playground.

use std::sync::mpsc;
use std::thread;

// ANCHOR: kept
/// Adds what two workers send. It never returns: a third sender is left, in
/// this function itself.
pub fn kept() -> u64 {
    let (sender, receiver) = mpsc::channel();
    for number in [1, 2] {
        let sender = sender.clone();
        thread::spawn(move || sender.send(number));
    }
    receiver.into_iter().sum()
}
// ANCHOR_END: kept

// ANCHOR: dropped
/// Adds what two workers send, until both are done.
pub fn dropped() -> u64 {
    let (sender, receiver) = mpsc::channel();
    for number in [1, 2] {
        let sender = sender.clone();
        thread::spawn(move || sender.send(number));
    }
    drop(sender); // new
    receiver.into_iter().sum()
}
// ANCHOR_END: dropped

pub fn main() {
    println!("1 + 2 = {}", dropped());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_there_once_every_sender_is_gone() {
        assert_eq!(dropped(), 3);
    }
}
