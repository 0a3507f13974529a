//! What an experiment is, and how one arm of it is run.
//!
//! An example declares its experiment and hands over its command line:
//!
//! ```
//! use lab::Experiment;
//!
//! fn main() -> lab::Exit {
//!     Experiment::new("sums", "Time to add a million numbers")
//!         .demo(|| println!("one pass: {}", (0..1_000_000_u64).sum::<u64>()))
//!         .base("sequential", |()| (0..1_000_000_u64).sum::<u64>())
//!         .arm("backwards", |()| (0..1_000_000_u64).rev().sum::<u64>())
//!         .agree(u64::to_string)
//!         .run()
//! }
//! ```

#![warn(missing_docs, clippy::missing_errors_doc, clippy::print_stdout, clippy::unwrap_used)]

#[cfg(all(test, feature = "measuring"))]
#[expect(clippy::unwrap_used, reason = "a test that cannot start itself has failed")]
mod alone;
pub mod analysis;
#[cfg(feature = "measuring")]
mod c_program;
#[cfg(feature = "measuring")]
mod command_line;
#[cfg(feature = "measuring")]
mod experiment;
#[cfg(feature = "measuring")]
mod foreign;
pub mod groups;
pub mod machine;
#[cfg(feature = "measuring")]
pub mod process;
#[cfg(feature = "measuring")]
mod protocol;
pub mod record;
#[cfg(feature = "measuring")]
pub mod rounds;
mod skipped;
pub mod statistics;
#[cfg(feature = "measuring")]
pub mod terminal;
#[cfg(feature = "measuring")]
mod timeline;
#[cfg(feature = "measuring")]
pub mod usage;

#[cfg(feature = "measuring")]
pub use experiment::{Demo, Experiment};
#[cfg(feature = "measuring")]
pub use foreign::{Script, Versions, c, free_threaded_python, python};
pub use record::{Ending, Kind};
pub use skipped::{SKIPPED, skipped};

/// What an example's `main` returns.
pub type Exit = std::process::ExitCode;

/// This moment, as records write it: RFC 3339 in UTC, to the second.
pub fn now() -> String {
    humantime::format_rfc3339_seconds(std::time::SystemTime::now()).to_string()
}
