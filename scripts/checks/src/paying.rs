//! Chapter 12. Where its listings say rayon, that library's part is left to the standard library here: rayon has
//! tests of its own, and shuttle does not run it.

pub mod twice_the_threads {
    use crate::shim as std;
    include!("../../../listings/stops_paying/twice_the_threads.rs");
}

pub mod bandwidth {
    use super::shim as std;
    include!("../../../listings/stops_paying/bandwidth.rs");
}

pub mod imbalance {
    use super::alone as rayon;
    use super::shim as std;
    use crate::tracing;
    include!("../../../listings/stops_paying/imbalance.rs");
}

pub mod oversubscription {
    use super::alone as rayon;
    use super::shim as std;
    include!("../../../listings/stops_paying/oversubscription.rs");
}

/// With what keeps the compiler from leaving work out.
mod shim {
    pub use shuttle::{sync, thread};
    pub use std::hint;
}

/// One thread that does everything in order.
mod alone {
    pub struct ThreadPoolBuilder;
    pub struct ThreadPool;

    impl ThreadPoolBuilder {
        pub fn new() -> Self {
            Self
        }

        pub fn num_threads(self, _: usize) -> Self {
            self
        }

        pub fn build(self) -> Result<ThreadPool, &'static str> {
            Ok(ThreadPool)
        }
    }

    impl Default for ThreadPoolBuilder {
        fn default() -> Self {
            Self::new()
        }
    }

    impl ThreadPool {
        pub fn install<R>(&self, work: impl FnOnce() -> R) -> R {
            work()
        }
    }

    pub mod prelude {
        use std::iter::{Map, Sum};
        use std::ops::Range;

        pub trait Alone {
            fn into_par_iter(self) -> InOrder<Range<u64>>;
        }

        impl Alone for Range<u64> {
            fn into_par_iter(self) -> InOrder<Range<u64>> {
                InOrder(self)
            }
        }

        pub struct InOrder<I>(I);

        impl<I: Iterator> InOrder<I> {
            pub fn map<R, F: FnMut(I::Item) -> R>(self, change: F) -> InOrder<Map<I, F>> {
                InOrder(self.0.map(change))
            }

            pub fn reduce(
                self,
                empty: impl Fn() -> I::Item,
                both: impl FnMut(I::Item, I::Item) -> I::Item,
            ) -> I::Item {
                self.0.fold(empty(), both)
            }

            pub fn sum<S: Sum<I::Item>>(self) -> S {
                self.0.sum()
            }
        }
    }
}
