//! Listings of Part I on shuttle's types.

/// `std` with shuttle's threads, atomics and channels, and the parts of `std` that the listings use
/// beside them.
pub mod shim {
    pub use shuttle::{hint, thread};
    pub use std::{collections, env, io, mem, process, time};

    pub mod sync {
        pub use shuttle::sync::*;
        pub use std::sync::OnceLock; // each is set by one thread, and read when both have ended
    }
}

/// Spans are for timelines; a checker needs none.
pub mod tracing {
    pub struct Span;

    impl Span {
        pub fn none() -> Span {
            Span
        }

        pub fn entered(self) -> Span {
            self
        }
    }

    /// Listings drop a span to end it, as they would the real one.
    impl Drop for Span {
        fn drop(&mut self) {}
    }

    pub trait Instrument: Sized {
        fn instrument(self, _: Span) -> Self {
            self
        }
    }

    impl<F: Future> Instrument for F {}

    #[macro_export]
    macro_rules! no_span {
        ($($anything:tt)*) => {
            $crate::ideas::tracing::Span
        };
    }
    pub use no_span as info_span;
}

/// What the tasks of a listing call. They are there so that its file compiles: a checker of threads
/// says nothing of a runtime's own order.
pub mod tokio {
    use std::io;

    pub mod runtime {
        use std::io;

        pub struct Builder;

        impl Builder {
            pub fn new_current_thread() -> Builder {
                Builder
            }

            pub fn build(&mut self) -> io::Result<Builder> {
                Ok(Builder)
            }

            pub fn block_on<F: Future>(&self, future: F) -> F::Output {
                shuttle::future::block_on(future)
            }
        }
    }

    pub mod task {
        pub use shuttle::future::yield_now;
    }

    pub fn spawn<F>(future: F) -> impl Future<Output = io::Result<F::Output>>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        let task = shuttle::future::spawn(future);
        async { task.await.map_err(io::Error::other) }
    }
}

#[allow(unused_variables)]
pub mod two_jobs {
    use super::{shim as std, tokio, tracing};
    include!("../../../listings/ideas/two_jobs.rs");
}

pub mod responsiveness {
    use super::shim as std;
    include!("../../../listings/workloads/responsiveness.rs");
}
