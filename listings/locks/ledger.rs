// Three clerks and one ledger: each computes an entry, and writes it down with
// the ledger's lock in hand.
//
// Checked by shuttle, which includes this file and runs every order of a few
// entries.
//
// Runs on the Playground.

use std::hint::black_box;
use std::sync::Mutex;
use std::thread;

use tracing::{info_span, trace};

/// How much there is to do for each of the clerks.
#[derive(Clone, Copy)]
pub struct Day {
    pub entries: u64,
    /// How long it takes to work out an entry, and as long to write it down.
    pub steps: u64,
}

impl Day {
    pub const MEASURED: Day = Day { entries: 6, steps: 4_000_000 };
}

const CLERKS: u64 = 3;

// ANCHOR: clerk
fn clerk(number: u64, day: Day, ledger: &Mutex<Vec<u64>>) {
    for entry in 0..day.entries {
        let amount = compute(number + entry, day.steps);
        let waiting = info_span!("wait for the lock", until = "the lock");
        let mut pages = waiting.in_scope(|| ledger.lock().expect(CALM));
        let _writing = info_span!("write", entry).entered();
        pages.push(compute(amount, day.steps));
        trace!(wakes = "the lock");
    } // here the lock is let go
}
// ANCHOR_END: clerk

// ANCHOR: threads
/// A thread for each clerk. Returns the sum of the ledger.
pub fn threads(day: Day) -> u64 {
    let ledger = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for number in 0..CLERKS {
            let ledger = &ledger;
            scope.spawn(move || clerk(number, day, ledger));
        }
    });
    sum(ledger)
}
// ANCHOR_END: threads

/// The same, one clerk after the other.
pub fn sequential(day: Day) -> u64 {
    let ledger = Mutex::new(Vec::new());
    (0..CLERKS).for_each(|number| clerk(number, day, &ledger));
    sum(ledger)
}

fn sum(ledger: Mutex<Vec<u64>>) -> u64 {
    let pages = ledger.into_inner().expect(CALM);
    pages.iter().fold(0, |sum, entry| sum.wrapping_add(*entry))
}

fn compute(start: u64, steps: u64) -> u64 {
    (0..steps).fold(start, |x, _| black_box(x.wrapping_mul(31).wrapping_add(7)))
}

const CALM: &str = "nobody panics over a ledger";

// ANCHOR: main
pub fn main() {
    println!("the ledger's sum: {:016x}", threads(Day::MEASURED));
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_entry_is_lost() {
        let day = Day { entries: 5, steps: 3 };
        assert_eq!(threads(day), sequential(day));
        assert_eq!(threads(Day { entries: 0, ..day }), 0);
    }
}
