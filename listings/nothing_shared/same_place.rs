// What is moved to a thread is not copied.
//
// Runs on the Playground.

// ANCHOR: all
use std::thread;

pub fn main() {
    let readings: Vec<f64> = (0..1_000).map(f64::from).collect();
    let here = readings.as_ptr().addr();
    let receiver = thread::spawn(move || {
        let there = readings.as_ptr().addr();
        (there, readings.iter().sum::<f64>())
    });
    let (there, sum) = receiver.join().expect("it only adds");
    println!("sum: {sum}; in the same place: {}", here == there);
}
// ANCHOR_END: all
