// Five philosophers, five forks, and each takes the left fork first: stuck.
//
// Checked by shuttle, which includes this file and finds the order in which
// nobody eats again.
//
// Runs locally only: it never ends.

use std::sync::{Barrier, Mutex, MutexGuard};
use std::thread;

use tracing::info;

// ANCHOR: eat
/// It lies between two philosophers, and one of them at a time can use it.
pub struct Fork {
    uses: u32,
}

/// Takes the fork on the left, then the one on the right. Both are back on the
/// table when the guards go out of scope.
fn eat(table: &[Mutex<Fork>], seat: usize, between: impl Fn()) {
    let mut left = take(table, seat, seat);
    between();
    let mut right = take(table, seat, (seat + 1) % table.len());
    left.uses += 1;
    right.uses += 1;
}

fn take(
    table: &[Mutex<Fork>],
    seat: usize,
    fork: usize,
) -> MutexGuard<'_, Fork> {
    let guard = table[fork].lock().expect("nobody panics at this table");
    info!("philosopher {seat} has fork {fork}");
    guard
}
// ANCHOR_END: eat

// ANCHOR: dine
/// Each philosopher eats once. Returns how often the forks were used, if it
/// returns.
pub fn dine(seats: usize) -> u32 {
    let table: Vec<_> =
        (0..seats).map(|_| Mutex::new(Fork { uses: 0 })).collect();
    thread::scope(|scope| {
        for seat in 0..seats {
            let table = &table;
            scope.spawn(move || eat(table, seat, || ()));
        }
    });
    table.iter().map(|fork| fork.lock().map_or(0, |fork| fork.uses)).sum()
}
// ANCHOR_END: dine

// ANCHOR: main
/// Makes sure of the worst moment: nobody reaches for the right fork before
/// everybody has the left one.
pub fn main() {
    let table: Vec<_> = (0..5).map(|_| Mutex::new(Fork { uses: 0 })).collect();
    let all_have_one = Barrier::new(table.len() + 1);
    let wait_for_all = || {
        all_have_one.wait();
    };
    thread::scope(|scope| {
        for seat in 0..table.len() {
            let table = &table;
            scope.spawn(move || eat(table, seat, wait_for_all));
        }
        wait_for_all();
        println!("each of the five has the left fork, and waits");
    });
    println!("all five have eaten");
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_a_table_where_only_one_sits_down_both_forks_are_used() {
        let table = [(); 2].map(|()| Mutex::new(Fork { uses: 0 }));
        eat(&table, 1, || ());
        assert!(table.iter().all(|fork| fork.lock().unwrap().uses == 1));
    }
}
