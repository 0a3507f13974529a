//! The command `cargo course`: builds, measures and checks the book.
//!
//! Expansion (`expand`) is a pure function of chapters, listings and `measurements/`; only `build`,
//! `measure`, `serve` and `test` run listings.

mod adopt;
mod amdahl;
mod archive;
mod arguments;
pub mod book;
mod build;
mod cargo_output;
mod chapter;
mod check;
mod chooser;
mod claim;
mod clean;
mod command_line;
mod context;
mod cost;
mod diagnostic;
mod diagram;
mod directive;
mod doctor;
pub mod edition;
mod examples;
mod excerpt;
pub mod exercise;
mod expand;
mod expression;
mod figures;
mod file_watcher;
mod files;
#[cfg(test)]
mod fixtures;
pub mod generated;
mod groups;
mod guards;
mod highlight;
mod html;
mod instructor;
pub mod interleavings;
mod interrupt;
mod items;
mod ledger;
pub mod litmus;
pub mod markup;
mod measure;
mod memo;
mod message;
mod new;
mod pack;
mod packed;
mod page;
mod plots;
pub mod project;
mod prose;
mod python;
mod quotations;
pub mod records;
mod run;
mod scripts;
mod serve;
mod sharing;
mod since;
mod sitemap;
mod source;
mod status_line;
mod stopped;
mod supervise;
mod tables;
mod test;
mod trace;
mod tree;
mod unshown;
mod value;
mod way;

/// For tests of a package that does not know the lab.
pub use lab::skipped;
pub use run::run;
