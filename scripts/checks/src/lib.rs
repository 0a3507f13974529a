//! Tests that need more than students should compile: model checkers, the compiler's messages, a browser.
//!
//! Here are the listings that shuttle explores. Each is the file that chapters show, included as it
//! stands, with shuttle's types where it says `std`. Shuttle treats every atomic as sequentially
//! consistent: it finds every order of the steps, and nothing that a weaker ordering would add.

/// `std`, with shuttle in place of everything that has to do with threads.
pub mod shim {
    pub use shuttle::{hint, thread};
    pub use std::{collections, fs, iter, time};

    pub mod sync {
        pub use crate::channels as mpsc;
        pub use shuttle::sync::*;
    }
}

/// What listings tell about themselves while they run under the checker, line by line: the story of a
/// schedule that goes wrong.
pub mod story {
    use std::cell::RefCell;

    thread_local! {
        // All threads of a schedule are continuations on one thread of the system.
        static LINES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    }

    /// A new schedule begins.
    pub fn begin() {
        LINES.take();
    }

    pub fn tell(line: String) {
        LINES.with_borrow_mut(|lines| lines.push(line));
    }

    /// What was told since it began.
    pub fn so_far() -> Vec<String> {
        LINES.with_borrow(Vec::clone)
    }
}

/// The library `tracing`, as far as the explored listings use it: events go into the story, spans nowhere.
pub mod tracing {
    /// A span that notes nothing.
    pub struct Span;

    impl Span {
        pub fn in_scope<T>(&self, work: impl FnOnce() -> T) -> T {
            work()
        }

        #[must_use]
        pub fn entered(self) -> Span {
            self
        }
    }

    macro_rules! info {
        ($($told:tt)*) => { crate::story::tell(format!($($told)*)) };
    }

    macro_rules! info_span {
        ($name:literal $(, $field:ident $(= $value:expr)?)*) => {{
            $($(let _ = &$value;)?)*
            crate::tracing::Span
        }};
    }

    /// A signal for timelines.
    macro_rules! trace {
        ($field:ident = $value:expr) => {{
            let _ = &$value;
        }};
    }

    pub(crate) use {info, info_span, trace};
}

/// The channels of `std::sync::mpsc` on shuttle's. Shuttle lets threads change places at a channel only
/// where one has to wait; here they can do so before each message that is sent or received as well, so
/// that two senders meet in every order.
pub mod channels {
    use shuttle::sync::mpsc;
    use shuttle::thread;

    pub use shuttle::sync::mpsc::{RecvError, SendError};

    pub struct Sender<T>(mpsc::Sender<T>);
    pub struct SyncSender<T>(mpsc::SyncSender<T>);
    pub struct Receiver<T>(mpsc::Receiver<T>);

    pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
        let (sender, receiver) = mpsc::channel();
        (Sender(sender), Receiver(receiver))
    }

    pub fn sync_channel<T>(room: usize) -> (SyncSender<T>, Receiver<T>) {
        let (sender, receiver) = mpsc::sync_channel(room);
        (SyncSender(sender), Receiver(receiver))
    }

    impl<T> Sender<T> {
        pub fn send(&self, value: T) -> Result<(), SendError<T>> {
            thread::yield_now();
            self.0.send(value)
        }
    }

    impl<T> SyncSender<T> {
        pub fn send(&self, value: T) -> Result<(), SendError<T>> {
            thread::yield_now();
            self.0.send(value)
        }
    }

    impl<T> Clone for Sender<T> {
        fn clone(&self) -> Self {
            Sender(self.0.clone())
        }
    }

    impl<T> Clone for SyncSender<T> {
        fn clone(&self) -> Self {
            SyncSender(self.0.clone())
        }
    }

    impl<T> Receiver<T> {
        pub fn recv(&self) -> Result<T, RecvError> {
            thread::yield_now();
            self.0.recv()
        }
    }

    impl<T> IntoIterator for Receiver<T> {
        type Item = T;
        type IntoIter = Messages<T>;

        fn into_iter(self) -> Messages<T> {
            Messages(self)
        }
    }

    /// What is received until every sender is gone.
    pub struct Messages<T>(Receiver<T>);

    impl<T> Iterator for Messages<T> {
        type Item = T;

        fn next(&mut self) -> Option<T> {
            self.0.recv().ok()
        }
    }
}

pub mod atomics;
// No test of this library is ever run, but clippy compiles it as one, and the unit tests inside of these
// listings name what stands for `std` and `tokio` here in a way that only the real ones bear.
#[cfg(not(test))]
pub mod futures;
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

/// A naive repair, which the checker has to catch.
pub mod guard_dropped {
    use crate::shim as std;
    include!("../../../listings/shared_state/guard_dropped.rs");
}

/// Two steps, each of them atomic.
pub mod overdrawn {
    use crate::shim as std;
    include!("../../../listings/shared_state/overdrawn.rs");
}

/// Chapter 2.
pub mod scheduling {
    /// With thread-locals of shuttle's threads, which are all one thread to the system.
    pub mod own_copy {
        use self::shim as std;
        use self::shim::Own;
        use shuttle::thread_local;
        include!("../../../listings/scheduling/own_copy.rs");

        mod shim {
            pub use shuttle::thread;
            pub use std::{cell, marker};

            pub mod sync {
                pub mod atomic {
                    use std::sync::atomic;

                    pub use std::sync::atomic::Ordering;

                    /// One of shuttle's own does not outlive a schedule, and a static has to: here others get
                    /// their turn before each step.
                    pub struct AtomicU32(atomic::AtomicU32);

                    impl AtomicU32 {
                        pub const fn new(value: u32) -> AtomicU32 {
                            AtomicU32(atomic::AtomicU32::new(value))
                        }

                        pub fn fetch_add(&self, value: u32, order: Ordering) -> u32 {
                            shuttle::thread::yield_now();
                            self.0.fetch_add(value, order)
                        }

                        pub fn load(&self, order: Ordering) -> u32 {
                            shuttle::thread::yield_now();
                            self.0.load(order)
                        }
                    }
                }
            }

            use shuttle::thread::LocalKey;

            /// What the standard library's keys of cells can do.
            pub trait Own<T> {
                fn get(&'static self) -> T;
                fn set(&'static self, value: T);
            }

            impl<T: Copy> Own<T> for LocalKey<cell::Cell<T>> {
                fn get(&'static self) -> T {
                    self.with(cell::Cell::get)
                }

                fn set(&'static self, value: T) {
                    self.with(|cell| cell.set(value));
                }
            }
        }

        /// Two threads visit so many times each: their own counts, this thread's, and what was added to the
        /// shared one.
        pub fn both(times: [u32; 2]) -> ([u32; 2], u32, u32) {
            let before = SHARED.load(Relaxed);
            let own = times
                .map(|times| thread::spawn(move || visit(times)))
                .map(|thread| thread.join().expect("a visit does not panic"));
            (own, OWN.get(), SHARED.load(Relaxed) - before)
        }
    }
}

/// Chapter 4.
pub mod limits {
    pub mod serial_fraction {
        use crate::{shim as std, tracing};
        include!("../../../listings/limits/serial_fraction.rs");
    }

    pub mod work_and_span {
        use crate::shim as std;
        include!("../../../listings/limits/work_and_span.rs");
    }
}

/// Chapter 7.
pub mod locks {
    pub mod stuck_philosophers {
        use crate::{shim as std, tracing};
        include!("../../../listings/locks/stuck_philosophers.rs");
    }

    pub mod philosophers {
        use crate::{shim as std, tracing};
        include!("../../../listings/locks/philosophers.rs");
    }

    pub mod transfer {
        use crate::{shim as std, tracing};
        include!("../../../listings/locks/transfer.rs");
    }

    pub mod ledger {
        use crate::{shim as std, tracing};
        include!("../../../listings/locks/ledger.rs");
    }

    pub mod closing {
        use crate::shim as std;
        include!("../../../listings/locks/closing.rs");
    }

    pub mod contention {
        use crate::shim as std;
        include!("../../../listings/locks/contention.rs");
    }

    pub mod price_list {
        use crate::shim as std;
        include!("../../../listings/locks/price_list.rs");
    }

    pub mod critical_section {
        use crate::shim as std;
        include!("../../../listings/locks/critical_section.rs");
    }

    /// What `reentrant` would be with a lock of std's, kept to show what the checker says to it.
    pub mod locked_twice {
        use crate::shim::sync::Mutex;
        use crate::tracing::info;

        fn balance(balances: &Mutex<Vec<i64>>, account: usize) -> i64 {
            info!("balance: wants the lock");
            balances.lock().expect("nobody panics")[account]
        }

        pub fn transfer() -> bool {
            let balances = Mutex::new(vec![500, 500]);
            let _alone = balances.lock().expect("nobody panics");
            info!("transfer: has the lock");
            balance(&balances, 0) >= 100
        }
    }
}

/// Chapter 9, where the steps are followed one by one. `atomics` has the listings on loom.
pub mod spin_lock {
    use self::shim as std;
    include!("../../../listings/atomics/spin_lock.rs");

    mod shim {
        pub use shuttle::{hint, sync, thread};
        pub use std::cell;
    }
}

/// Chapter 10.
pub mod messages {
    pub mod pipeline {
        use crate::{shim as std, tracing};
        include!("../../../listings/messages/pipeline.rs");
    }

    pub mod worker_pool {
        use crate::shim as std;
        include!("../../../listings/messages/worker_pool.rs");
    }

    pub mod stuck_pool {
        use crate::{shim as std, tracing};
        include!("../../../listings/messages/stuck_pool.rs");
    }

    pub mod bank_actor {
        use crate::shim as std;
        include!("../../../listings/messages/bank_actor.rs");
    }

    pub mod never_closed {
        use crate::shim as std;
        include!("../../../listings/messages/never_closed.rs");
    }
}

/// Chapter 9: counts that threads add to.
pub mod counts {
    pub mod shared_counter {
        use crate::shim as std;
        include!("../../../listings/atomics/shared_counter.rs");
    }

    pub mod false_sharing {
        use crate::shim as std;
        include!("../../../listings/atomics/false_sharing.rs");
    }
}

/// Chapter 9: the litmus tests.
pub mod litmus {
    /// On shuttle's types, each interleaving of their statements.
    pub mod in_order {
        use self::shim as std;
        include!("../../../listings/atomics/litmus.rs");

        mod shim {
            pub use shuttle::{hint, thread};
            pub use std::collections;

            pub mod sync {
                pub mod atomic {
                    pub use shuttle::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

                    /// Nothing is out of order here.
                    pub fn fence(_: Ordering) {}
                }
            }
        }
    }

    /// On loom's, each outcome that the orderings leave open. What runs the trials on a real machine is
    /// compiled, and not called.
    pub mod weak {
        use self::shim as std;
        include!("../../../listings/atomics/litmus.rs");

        mod shim {
            pub use loom::sync;
            pub use std::{collections, hint, thread};
        }
    }
}

/// The hand-out of chunks by a counter.
pub mod grain {
    use self::alone as rayon;
    use self::shim as std;
    include!("../../../listings/data_parallelism/grain.rs");

    /// With what the listing asks the system for, its number of cores.
    mod shim {
        pub use shuttle::sync;
        pub use std::{env, ops, process};

        pub mod thread {
            pub use shuttle::thread::scope;
            pub use std::thread::available_parallelism;
        }
    }

    /// Where the listing says rayon. That library has tests of its own and no part in these: here, its
    /// iterators are those of the standard library.
    mod alone {
        pub mod prelude {
            use std::ops::Range;

            pub trait Alone: Sized {
                fn into_par_iter(self) -> Self {
                    self
                }
                fn with_min_len(self, _: usize) -> Self {
                    self
                }
                fn with_max_len(self, _: usize) -> Self {
                    self
                }
            }

            impl Alone for Range<usize> {}
        }
    }
}

/// Chapter 16, without tokio.
pub mod tasks {
    pub mod many_threads {
        use crate::shim as std;
        include!("../../../listings/tasks/many_threads.rs");
    }
}

#[cfg(not(test))] // as above
pub mod on_tokio;
pub mod paying;
pub mod waiting;
