//! Four cups of coffee, one after the other and all at once.

// ANCHOR: program
use std::thread;
use std::time::Duration;

/// The machine brews while its thread waits.
fn brew(cup: u32) -> String {
    thread::sleep(Duration::from_millis(20));
    format!("cup {cup}")
}

pub fn one_by_one() -> Vec<String> {
    (1..=4).map(brew).collect()
}

pub fn main() {
    println!("{}", one_by_one().join(", "));
}
// ANCHOR_END: program

// ANCHOR: at_once
pub fn at_once() -> Vec<String> {
    thread::scope(|scope| {
        let brewing: Vec<_> = (1..=4).map(|cup| scope.spawn(move || brew(cup))).collect();
        let cups = brewing.into_iter().map(|cup| cup.join());
        cups.map(|cup| cup.expect("no machine panics")).collect()
    })
}
// ANCHOR_END: at_once
