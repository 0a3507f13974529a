//! The command `cargo course`: builds, measures, serves and checks the book.
//!
//! What a page says is a pure function of chapters, listings and records, in the package `book`; only `build`,
//! `measure`, `serve` and `test` run listings.

#![warn(clippy::missing_errors_doc, clippy::unwrap_used)]

mod adopt;
mod archive;
mod build;
mod cargo_output;
mod check;
mod clean;
mod command_line;
mod cost;
mod doctor;
mod examples;
pub mod exercise;
mod file_watcher;
pub mod generated;
mod interpreter;
mod interrupt;
mod measure;
mod message;
mod new;
mod pack;
mod packed;
pub mod render;
mod run;
mod serve;
mod sources;
mod status_line;
mod stopped;
mod supervise;
mod test;

pub use run::run;
