// A tenth of the pieces is made before the threads start, and the threads
// share the rest. What is counted is how many pieces have to follow each other.
//
// Checked by shuttle as `serial_fraction`, which is this program with the share
// as a parameter.
//
// Runs on the Playground.

// ANCHOR: all
use std::thread;

/// What takes long: a number that cannot be had without ten thousand steps.
fn piece(number: usize) -> usize {
    (0..10_000).fold(number, |n, _| (n ^ (n >> 9)).wrapping_mul(0x9E37_79B9))
}

pub fn main() {
    for threads in [1, 2, 4, 16] {
        let alone: Vec<usize> = (0..160).map(piece).collect();
        let shares: Vec<Vec<usize>> = thread::scope(|scope| {
            let threads: Vec<_> = (160..160 + threads)
                .map(|first| (first..1_600).step_by(threads))
                .map(|own| scope.spawn(|| own.map(piece).collect()))
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let in_a_row = alone.len() + shares[0].len();
        println!("{threads:2} threads: {in_a_row:4} pieces in a row of 1600");
    }
}
// ANCHOR_END: all
