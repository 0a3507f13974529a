//! # Count at every gate
//!
//! 20 minutes
//!
//! A `Tally` counts visitors by gate. Its clones count into the same tally, and
//! it works, as long as one thread does all the counting. Now every gate gets a
//! thread of its own.
//!
//! Rebuild `Tally` so that it can be handed to other threads and shared among
//! them, and write `count_at_once`. The signatures stay. The tests ask the
//! compiler whether `Tally` is `Send` and `Sync`, and they let the gates wait for
//! each other, so they notice if you count at one gate after the other.
//!
//! Hint: Go back to the four compiler messages at the beginning of the chapter.
//! What is there for `Rc`, and what for `RefCell`? For the threads, begin them
//! all before you wait for the first. A `Gate` is a boxed closure, and
//! `gate(&tally)` calls it: `&dyn Count` is a reference to anything that counts,
//! and a `&Tally` becomes one by itself.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::thread;

/// What there is to do at one gate: it counts its visitors into the tally.
pub type Gate = Box<dyn FnOnce(&dyn Count) + Send>;

/// Something that visitors can be counted into.
pub trait Count {
    /// Adds so many visitors to those of this gate.
    fn add(&self, gate: &str, visitors: u64);
}

pub mod starter {
    use super::*;

    /// Counts visitors by gate. A clone counts into the same tally.
    #[derive(Clone, Default)]
    pub struct Tally {
        counts: Rc<RefCell<BTreeMap<String, u64>>>,
    }

    impl Count for Tally {
        fn add(&self, gate: &str, visitors: u64) {
            let mut counts = self.counts.borrow_mut();
            *counts.entry(gate.to_string()).or_default() += visitors;
        }
    }

    impl Tally {
        /// How many came through this gate.
        pub fn at(&self, gate: &str) -> u64 {
            self.counts.borrow().get(gate).copied().unwrap_or(0)
        }
    }

    /// Counts at all gates at the same time, and returns when all are done.
    #[allow(unused_variables)]
    pub fn count_at_once(gates: Vec<Gate>) -> Tally {
        todo!("a thread for each gate, one tally for all of them")
    }
}

pub mod solution {
    use super::*;

    /// Counts visitors by gate. A clone counts into the same tally.
    #[derive(Clone, Default)]
    pub struct Tally {
        // Arc, since its owners are in several threads; Mutex, since they
        // change what they own. Arc alone shares and lets nobody change.
        counts: Arc<Mutex<BTreeMap<String, u64>>>,
    }

    impl Count for Tally {
        fn add(&self, gate: &str, visitors: u64) {
            // One guard from reading the old number to writing the new one.
            let mut counts = self.counts.lock().expect("no gate panics");
            *counts.entry(gate.to_string()).or_default() += visitors;
        }
    }

    impl Tally {
        /// How many came through this gate.
        pub fn at(&self, gate: &str) -> u64 {
            let counts = self.counts.lock().expect("no gate panics");
            counts.get(gate).copied().unwrap_or(0)
        }
    }

    /// Counts at all gates at the same time, and returns when all are done.
    pub fn count_at_once(gates: Vec<Gate>) -> Tally {
        let tally = Tally::default();
        // The scope ends when the last of its threads has ended. Since it
        // does, they may borrow the tally, and none needs a clone.
        thread::scope(|scope| {
            for gate in gates {
                scope.spawn(|| gate(&tally));
            }
        });
        tally
    }
}

/// `Mutex` cannot be cloned, so you write `Clone` yourself and copy what is
/// inside. Your tally is `Send` and `Sync`, but each clone counts for itself: a
/// gate that was given a clone counts its visitors, and you never see them.
///
/// Caught by `a_clone_counts_into_the_same_tally`.
pub mod wrong_clone_is_a_copy {
    use super::*;

    #[derive(Default)]
    pub struct Tally {
        counts: Mutex<BTreeMap<String, u64>>,
    }

    impl Clone for Tally {
        fn clone(&self) -> Tally {
            let counts = self.counts.lock().expect("no gate panics").clone();
            Tally { counts: Mutex::new(counts) }
        }
    }

    impl Count for Tally {
        fn add(&self, gate: &str, visitors: u64) {
            let mut counts = self.counts.lock().expect("no gate panics");
            *counts.entry(gate.to_string()).or_default() += visitors;
        }
    }

    impl Tally {
        pub fn at(&self, gate: &str) -> u64 {
            let counts = self.counts.lock().expect("no gate panics");
            counts.get(gate).copied().unwrap_or(0)
        }
    }

    pub fn count_at_once(gates: Vec<Gate>) -> Tally {
        let tally = Tally::default();
        thread::scope(|scope| {
            for gate in gates {
                scope.spawn(|| gate(&tally));
            }
        });
        tally
    }
}

/// You join each thread in the same turn of the loop that starts it. The counts
/// are right and every gate has a thread of its own, but the second gate opens
/// when the last visitor has gone through the first.
///
/// Caught by `all_gates_are_counted_at_the_same_time_in_threads_of_their_own`.
pub mod wrong_joins_in_the_same_turn {
    pub use super::solution::Tally;
    use super::*;

    pub fn count_at_once(gates: Vec<Gate>) -> Tally {
        let tally = Tally::default();
        thread::scope(|scope| {
            for gate in gates {
                let counting = scope.spawn(|| gate(&tally));
                counting.join().expect("no gate panics");
            }
        });
        tally
    }
}

/// Each gate counts into a tally of its own, and you put them together with
/// `extend` when all are done. `extend` replaces the number of a gate that is
/// there already, so where two threads count at one gate, you keep the visitors
/// of the second and forget those of the first.
///
/// Caught by `every_visitor_is_counted`.
pub mod wrong_replaces_when_put_together {
    use super::*;

    #[derive(Clone, Default)]
    pub struct Tally {
        counts: Arc<Mutex<BTreeMap<String, u64>>>,
    }

    impl Count for Tally {
        fn add(&self, gate: &str, visitors: u64) {
            let mut counts = self.counts.lock().expect("no gate panics");
            *counts.entry(gate.to_string()).or_default() += visitors;
        }
    }

    impl Tally {
        pub fn at(&self, gate: &str) -> u64 {
            let counts = self.counts.lock().expect("no gate panics");
            counts.get(gate).copied().unwrap_or(0)
        }
    }

    pub fn count_at_once(gates: Vec<Gate>) -> Tally {
        let tallies: Vec<Tally> =
            gates.iter().map(|_| Tally::default()).collect();
        thread::scope(|scope| {
            for (gate, own) in gates.into_iter().zip(&tallies) {
                scope.spawn(move || gate(own));
            }
        });
        let all = Tally::default();
        for tally in tallies {
            let counts = tally.counts.lock().expect("no gate panics").clone();
            all.counts.lock().expect("no gate panics").extend(counts);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::collections::HashSet;
    use std::marker::PhantomData;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::{Duration, Instant};

    #[test]
    fn a_clone_counts_into_the_same_tally() {
        let tally = Tally::default();
        tally.clone().add("north", 2);
        tally.add("north", 3);
        assert_eq!(tally.at("north"), 5, "2 through a clone, 3 through itself");
        assert_eq!(tally.at("south"), 0, "nobody came through this one");
    }

    #[test]
    fn a_tally_can_be_handed_to_another_thread() {
        let send = Of::<Tally>::SEND;
        assert!(send, "`Tally` is not `Send`: see its field");
    }

    #[test]
    fn a_tally_can_be_shared_among_threads() {
        let sync = Of::<Tally>::SYNC;
        assert!(sync, "`Tally` is not `Sync`: see its field");
    }

    #[test]
    fn every_visitor_is_counted() {
        let gate = |name: &'static str, visitors: u64| -> Gate {
            Box::new(move |tally| {
                (0..visitors).for_each(|_| tally.add(name, 1))
            })
        };
        let gates =
            vec![gate("north", 700), gate("south", 900), gate("north", 50)];
        let tally = count_at_once(gates);
        assert_eq!(
            tally.at("north"),
            750,
            "700 and 50 came through north, counted by two threads"
        );
        assert_eq!(tally.at("south"), 900, "900 came through south");
    }

    #[test]
    fn all_gates_are_counted_at_the_same_time_in_threads_of_their_own() {
        let begun = Arc::new(AtomicUsize::new(0));
        let threads = Arc::new(Mutex::new(HashSet::new()));
        let gate = || -> Gate {
            let (begun, threads) = (begun.clone(), threads.clone());
            Box::new(move |_| {
                threads.lock().unwrap().insert(thread::current().id());
                begun.fetch_add(1, Ordering::Relaxed);
                let until = Instant::now() + Duration::from_secs(3);
                while begun.load(Ordering::Relaxed) < 3 {
                    assert!(
                        Instant::now() < until,
                        "a gate waited for the others, and they did not begin"
                    );
                    thread::yield_now();
                }
            })
        };
        count_at_once(vec![gate(), gate(), gate()]);
        let threads = threads.lock().unwrap();
        assert_eq!(threads.len(), 3, "three gates, so many threads");
        assert!(
            !threads.contains(&thread::current().id()),
            "the caller's own thread counted at a gate"
        );
    }

    /// What the compiler knows of a type. An inherent constant is found before
    /// one of a trait, and is there only where its condition holds.
    struct Of<T>(PhantomData<T>);

    #[allow(dead_code)] // asked by types that are neither
    trait Otherwise {
        const SEND: bool = false;
        const SYNC: bool = false;
    }

    impl<T> Otherwise for Of<T> {}

    impl<T: Send> Of<T> {
        const SEND: bool = true;
    }

    impl<T: Sync> Of<T> {
        const SYNC: bool = true;
    }
}
