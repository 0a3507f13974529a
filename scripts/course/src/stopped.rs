//! Stopping: what was asked to stop says so, and nothing is wrong.

use std::fmt;

use lab::rounds::Failure;

/// Ctrl-C was pressed, or nobody wants it any more; what was measured is kept.
#[derive(Debug)]
pub(crate) struct Stopped;

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("stopped")
    }
}

impl std::error::Error for Stopped {}

/// Why a run gave no sample: `Stopped` where it was.
pub(crate) fn of_run(failure: Failure) -> anyhow::Error {
    match failure {
        Failure::Stopped => Stopped.into(),
        failure => failure.into(),
    }
}
