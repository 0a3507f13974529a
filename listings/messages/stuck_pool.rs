// Two bounded queues in a circle: stuck, without a lock in sight.
//
// Checked by shuttle, which includes this file and finds the order in which
// everybody waits for room.
//
// Three numbers get through. With four it gets stuck.
//
// Runs on the Playground.

use std::sync::mpsc;
use std::thread;

use tracing::info;

// ANCHOR: square
/// Squares on one worker. Both queues hold one number each.
pub fn squares(numbers: &[u64]) -> Vec<u64> {
    let (hand_out, jobs) = mpsc::sync_channel(1);
    let (hand_in, answers) = mpsc::sync_channel(1);
    thread::scope(|scope| {
        scope.spawn(move || {
            for number in jobs {
                info!("the worker hands in {number}²");
                if hand_in.send(number * number).is_err() {
                    break;
                }
            }
        });
        for number in numbers {
            info!("main hands out {number}");
            hand_out.send(*number).expect("the worker listens");
        }
        drop(hand_out);
        answers.into_iter().collect() // too late
    })
}
// ANCHOR_END: square

// ANCHOR: main
pub fn main() {
    println!("three numbers: {:?}", squares(&[1, 2, 3]));
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_the_queues_gets_through() {
        assert_eq!(squares(&[1, 2, 3]), [1, 4, 9]);
    }
}
