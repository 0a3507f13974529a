// Philosophers who all get to eat: by the order in which they take their
// forks, by asking a waiter, and by putting back what they have.
//
// Checked by shuttle, which includes this file: every order of two
// philosophers, drawn orders of more.
//
// Runs on the Playground.

use std::sync::{Mutex, MutexGuard};
use std::thread;

use tracing::info;

// ANCHOR: table
pub struct Fork {
    uses: u32,
}

pub struct Table {
    forks: Vec<Mutex<Fork>>,
    /// Whom some of them ask before they take a fork.
    waiter: Mutex<()>,
}

type Held<'t> = MutexGuard<'t, Fork>;

impl Table {
    fn take(&self, seat: usize, fork: usize) -> Held<'_> {
        let held = self.forks[fork].lock().expect("nobody panics here");
        info!("philosopher {seat} has fork {fork}");
        held
    }

    /// The numbers of the forks on the left and on the right of a seat.
    fn beside(&self, seat: usize) -> (usize, usize) {
        (seat, (seat + 1) % self.forks.len())
    }
}
// ANCHOR_END: table

// ANCHOR: ordered
/// The fork with the smaller number first, whichever side it is on.
pub fn ordered(table: &Table, seat: usize) {
    let (left, right) = table.beside(seat);
    let mut first = table.take(seat, left.min(right));
    let mut second = table.take(seat, left.max(right));
    first.uses += 1;
    second.uses += 1;
}
// ANCHOR_END: ordered

// ANCHOR: waiter
/// One at a time is taking forks. Eating, and putting them back, needs no
/// permission.
pub fn with_waiter(table: &Table, seat: usize) {
    let (left, right) = table.beside(seat);
    let permission = table.waiter.lock().expect("nobody panics here");
    let mut first = table.take(seat, left);
    let mut second = table.take(seat, right);
    drop(permission);
    first.uses += 1;
    second.uses += 1;
}
// ANCHOR_END: waiter

// ANCHOR: polite
/// Waits for one fork only. If the other is not free, puts back the first and
/// begins again.
pub fn polite(table: &Table, seat: usize) {
    let (left, right) = table.beside(seat);
    loop {
        let mut first = table.take(seat, left);
        if let Ok(mut second) = table.forks[right].try_lock() {
            first.uses += 1;
            second.uses += 1;
            return;
        }
        drop(first);
        thread::yield_now();
    }
}
// ANCHOR_END: polite

// ANCHOR: dine
/// Everybody eats this often, in this manner. Returns how often the forks were
/// used.
pub fn dine(seats: usize, meals: usize, eat: fn(&Table, usize)) -> u32 {
    let forks = (0..seats).map(|_| Mutex::new(Fork { uses: 0 })).collect();
    let table = Table { forks, waiter: Mutex::new(()) };
    thread::scope(|scope| {
        for seat in 0..seats {
            let table = &table;
            scope.spawn(move || (0..meals).for_each(|_| eat(table, seat)));
        }
    });
    table.forks.iter().map(|fork| fork.lock().map_or(0, |fork| fork.uses)).sum()
}
// ANCHOR_END: dine

/// One meal at this seat.
type Eat = fn(&Table, usize);

// ANCHOR: main
pub fn main() {
    let manners: [(&str, Eat); 3] = [
        ("smaller number first", ordered),
        ("asking the waiter", with_waiter),
        ("putting it back", polite),
    ];
    for (name, eat) in manners {
        println!("{name:>20}: {} meals", dine(5, 1_000, eat) / 2);
    }
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_gets_to_eat_in_each_manner() {
        for eat in [ordered, with_waiter, polite] {
            for seats in [2, 3, 5] {
                assert_eq!(dine(seats, 200, eat), 2 * 200 * seats as u32);
            }
        }
    }
}
