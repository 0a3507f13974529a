//! Tests that need more than students should compile: model checkers, the compiler's messages, a browser.
//!
//! Here are the listings that shuttle explores. Each is the file that chapters show, included as it
//! stands, with shuttle's types where it says `std`. Shuttle treats every atomic as sequentially
//! consistent: it finds every order of the steps, and nothing that a weaker ordering would add.

/// `std`, with shuttle in place of everything that has to do with threads.
pub mod shim {
    pub use shuttle::{hint, sync, thread};
    pub use std::collections;
}

pub mod ideas;

pub mod bank_race {
    use crate::shim as std;
    include!("../../../listings/shared_state/bank_race.rs");
}

pub mod bank_mutex {
    use crate::shim as std;
    include!("../../../listings/shared_state/bank_mutex.rs");
}

pub mod bank_atomic {
    use crate::shim as std;
    include!("../../../listings/shared_state/bank_atomic.rs");
}

/// What a naive repair does, kept to show that the check can fail: a lock, let go between reading
/// and writing.
pub mod bank_broken {
    use crate::shim::sync::Mutex;
    use crate::shim::thread;

    fn change(balance: &Mutex<i64>, amount: i64) {
        let read = *balance.lock().expect("no teller panics at the account");
        *balance.lock().expect("no teller panics at the account") = read + amount;
    }

    pub fn both_tellers() -> i64 {
        let balance = Mutex::new(500);
        thread::scope(|scope| {
            scope.spawn(|| change(&balance, 500));
            scope.spawn(|| change(&balance, -100));
        });
        balance.into_inner().expect("no teller panics at the account")
    }
}
