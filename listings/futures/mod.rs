//! Chapter 15, *A future from nothing*.
//!
//! What the checker finds in the wrong version, and what the compiler makes of
//! an async function, is kept in the files that end in `.found.txt`; what it
//! refuses, in `refused`.

use std::pin::Pin;
use std::task::{Context, Poll};

use tracing::Span;

pub mod async_traits;
pub mod await_cost;
pub mod callbacks;
pub mod executor;
pub mod exercises;
pub mod join_all;
pub mod lost_wake;
pub mod parking;
pub mod polled;
pub mod spinning;
pub mod state_machine;
pub mod stream;
pub mod timed;
pub mod timer;

/// A future that enters a span whenever it is polled, for the timeline.
pub struct Instrumented<F> {
    span: Span,
    future: Pin<Box<F>>,
}

pub fn instrumented<F: Future>(span: Span, future: F) -> Instrumented<F> {
    Instrumented { span, future: Box::pin(future) }
}

impl<F: Future> Future for Instrumented<F> {
    type Output = F::Output;

    fn poll(
        mut self: Pin<&mut Self>,
        context: &mut Context,
    ) -> Poll<F::Output> {
        let span = self.span.clone();
        let _entered = span.enter();
        self.future.as_mut().poll(context)
    }
}
