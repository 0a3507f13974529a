//! A lock that the thread that holds it may take again.
//!
//! Checked by its tests alone. For locks that are not `std`'s, shuttle has a crate
//! of its own, `shuttle-parking_lot`.
//!
//! Runs on the Playground.

use std::cell::RefCell;
use std::thread;

use parking_lot::ReentrantMutex;

// ANCHOR: branch
/// Accounts that are looked at one by one and all together.
pub struct Branch {
    balances: ReentrantMutex<RefCell<Vec<i64>>>,
}

impl Branch {
    pub fn balance(&self, account: usize) -> i64 {
        self.balances.lock().borrow()[account]
    }

    pub fn change(&self, account: usize, amount: i64) {
        self.balances.lock().borrow_mut()[account] += amount;
    }

    /// Holds the lock, and calls methods that take it again.
    pub fn transfer(&self, from: usize, to: usize, amount: i64) -> bool {
        let _alone = self.balances.lock();
        let enough = self.balance(from) >= amount;
        if enough {
            self.change(from, -amount);
            self.change(to, amount);
        }
        enough
    }
}
// ANCHOR_END: branch

impl Branch {
    pub fn new(balances: Vec<i64>) -> Branch {
        Branch { balances: ReentrantMutex::new(RefCell::new(balances)) }
    }
}

// ANCHOR: main
pub fn main() {
    let branch = Branch::new(vec![500, 500]);
    thread::scope(|scope| {
        scope.spawn(|| branch.transfer(0, 1, 100));
        scope.spawn(|| branch.transfer(1, 0, 300));
    });
    println!("{} and {}", branch.balance(0), branch.balance(1));
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_gets_between_the_steps_of_a_transfer() {
        let branch = Branch::new(vec![500, 500]);
        thread::scope(|scope| {
            for (from, to) in [(0, 1), (1, 0)] {
                let branch = &branch;
                scope.spawn(move || {
                    (0..1_000)
                        .filter(|_| branch.transfer(from, to, 300))
                        .count()
                });
            }
        });
        let (first, second) = (branch.balance(0), branch.balance(1));
        assert!(first >= 0 && second >= 0 && first + second == 1_000);
    }
}
