// 500 on the account, 500 come in, 100 go out: three endings.
//
// The balance is an atomic, read in one step and written in another. Nothing
// here is undefined, and no compiler or sanitizer objects: it is a race
// condition without a data race.
//
// Checked by shuttle, which includes this file and runs every order of its
// steps.
//
// Runs on the Playground.

use std::collections::BTreeMap;
use std::hint;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering::Relaxed};
use std::thread;

// ANCHOR: steps
const START: i64 = 500;

fn deposit(balance: &AtomicI64, amount: i64) {
    let read = balance.load(Relaxed);
    let computed = read + amount;
    balance.store(computed, Relaxed);
}

fn withdraw(balance: &AtomicI64, amount: i64) {
    let read = balance.load(Relaxed);
    let computed = read - amount;
    balance.store(computed, Relaxed);
}
// ANCHOR_END: steps

// ANCHOR: plain_spawn
/// A thread for each of the two. Returns what the account holds in the end.
pub fn plain_spawn() -> i64 {
    let balance = AtomicI64::new(START);
    thread::scope(|scope| {
        scope.spawn(|| deposit(&balance, 500));
        scope.spawn(|| withdraw(&balance, 100));
    });
    balance.into_inner()
}
// ANCHOR_END: plain_spawn

// ANCHOR: started_together
/// The same, but neither begins before both are there.
pub fn started_together() -> i64 {
    let balance = AtomicI64::new(START);
    let arrived = AtomicU32::new(0);
    thread::scope(|scope| {
        scope.spawn(|| {
            wait_for_both(&arrived);
            deposit(&balance, 500);
        });
        scope.spawn(|| {
            wait_for_both(&arrived);
            withdraw(&balance, 100);
        });
    });
    balance.into_inner()
}
// ANCHOR_END: started_together

// ANCHOR: wait_for_both
/// Spins, so that it goes on at once; where there is no second core, lets the
/// other one come.
fn wait_for_both(arrived: &AtomicU32) {
    arrived.fetch_add(1, Relaxed);
    let mut turns = 0;
    while arrived.load(Relaxed) < 2 {
        turns += 1;
        if turns % 1_000 == 0 {
            thread::yield_now();
        } else {
            hint::spin_loop();
        }
    }
}
// ANCHOR_END: wait_for_both

// ANCHOR: yielding
/// The same, but each offers its turn to the other between reading and writing.
pub fn yielding() -> i64 {
    let balance = AtomicI64::new(START);
    let change = |amount| {
        let read = balance.load(Relaxed);
        thread::yield_now();
        balance.store(read + amount, Relaxed);
    };
    thread::scope(|scope| {
        scope.spawn(|| change(500));
        scope.spawn(|| change(-100));
    });
    balance.into_inner()
}
// ANCHOR_END: yielding

// ANCHOR: endings
/// How many of so many trials ended with which balance.
pub fn endings(trial: fn() -> i64, trials: u64) -> BTreeMap<String, u64> {
    let mut endings = BTreeMap::new();
    for _ in 0..trials {
        *endings.entry(trial().to_string()).or_default() += 1;
    }
    endings
}
// ANCHOR_END: endings

// ANCHOR: main
/// Goes through every order of the four steps by hand, without a thread.
pub fn main() {
    for order in ["DDWW", "DWDW", "DWWD", "WDDW", "WDWD", "WWDD"] {
        let (story, balance) = replay(order);
        println!("{story}= {balance}");
    }
}

/// D is the next step of the deposit, W that of the withdrawal.
fn replay(order: &str) -> (String, i64) {
    let (mut balance, mut story) = (START, String::new());
    let (mut deposit, mut withdraw) = (None, None); // what each has read
    for step in order.chars() {
        let (name, amount, read) = match step {
            'D' => ("deposit", 500, &mut deposit),
            _ => ("withdraw", -100, &mut withdraw),
        };
        if let Some(read) = *read {
            balance = read + amount;
            story += &format!("{name} writes {balance:<6}");
        } else {
            *read = Some(balance);
            story += &format!("{name} reads {balance:<6}");
        }
    }
    (story, balance)
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_orders_without_overlap_end_in_900() {
        let endings = ["DDWW", "DWDW", "DWWD", "WDDW", "WDWD", "WWDD"]
            .map(|order| replay(order).1);
        assert_eq!(endings, [900, 400, 1000, 400, 1000, 900]);
    }

    #[test]
    fn every_trial_ends_in_one_of_the_three() {
        for form in [plain_spawn, started_together, yielding] {
            let endings = endings(form, 200);
            assert_eq!(endings.values().sum::<u64>(), 200);
            assert!(endings.keys().all(|ending| {
                ["400", "900", "1000"].contains(&ending.as_str())
            }));
        }
    }
}
