//! Finds an order in which chapter 6's bank does not end with 900, and replays the
//! order that it is given, step by step.

use std::env;

#[allow(dead_code)]
mod bank_race {
    use self::told as std;
    include!("../shared_state/bank_race.rs");

    /// `std` on shuttle's types, with an account that says what is done to it.
    mod told {
        pub use shuttle::{hint, thread};
        pub use std::collections;

        pub mod sync {
            pub mod atomic {
                use shuttle::thread::{current, yield_now};
                use std::sync::atomic;

                pub use std::sync::atomic::{AtomicU32, Ordering};

                pub struct AtomicI64(atomic::AtomicI64);

                /// Before each step, another thread can have its turn.
                impl AtomicI64 {
                    pub fn new(value: i64) -> AtomicI64 {
                        AtomicI64(atomic::AtomicI64::new(value))
                    }

                    pub fn load(&self, order: Ordering) -> i64 {
                        yield_now();
                        let value = self.0.load(order);
                        println!("  thread {} reads {value}", number());
                        value
                    }

                    pub fn store(&self, value: i64, order: Ordering) {
                        yield_now();
                        self.0.store(value, order);
                        println!("  thread {} writes {value}", number());
                    }

                    pub fn into_inner(self) -> i64 {
                        self.0.into_inner()
                    }
                }

                fn number() -> usize {
                    usize::from(current().id())
                }
            }
        }
    }
}

// ANCHOR: trial
/// What has to hold in every order.
fn trial() {
    println!("an order of the steps:");
    assert_eq!(bank_race::plain_spawn(), 900);
}

fn main() {
    match env::args().nth(1) {
        None => shuttle::check_dfs(trial, None),
        Some(schedule) => shuttle::replay(trial, &schedule),
    }
}
// ANCHOR_END: trial
