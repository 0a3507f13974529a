//! Chapters and records in, pages out: a pure function of the project's files. Nothing here opens a socket, starts
//! a process or measures.
//!
//! The way of a chapter's text:
//!
//! 1. [`syntax`] makes a tree of the `{{#…}}` that [`directive`] finds outside code. It knows no project.
//! 2. Each of the [`directives`] has a file: how it is written, what it asks for and how that is shown. [`chapter`] has
//!    them look up in the [`context`] what they ask for: [`project`] with its listings, [`records`], and what
//!    [`arguments`], [`expression`], [`claim`] and [`excerpt`] read. What comes out is the [`tree`] of data that pages
//!    are made of, or all that is wrong at once, for [`diagnostic`] to show.
//! 3. [`expand`] has them write it as HTML, for every machine that has [`records`]. The large ones have modules beside:
//!    [`plots`] and [`figures`], [`tables`], [`ledger`], [`value`], [`chooser`], [`diagram`], [`interleavings`],
//!    [`litmus`], [`amdahl`], [`exercise`], [`instructor`], [`way`]. What they have in common is in [`html`].
//! 4. What comes out is a [`page`]; [`sharing`] and [`sitemap`] say of it what others read.
//!
//! [`source`] and [`memo`] say whether a record is still of the code; [`guards`], what a sentence must not say;
//! [`unshown`], what an excerpt names before it is shown. [`since`] finds what is new in an excerpt since another.

#![warn(missing_docs, clippy::missing_errors_doc, clippy::print_stdout, clippy::unwrap_used)]

pub mod amdahl;
pub mod arguments;
pub mod chapter;
pub mod chooser;
pub mod claim;
pub mod context;
pub mod diagnostic;
pub mod diagram;
pub mod directive;
pub mod directives;
pub mod edition;
pub mod excerpt;
pub mod exercise;
pub mod expand;
pub mod expression;
pub mod figures;
pub mod files;
#[cfg(any(test, feature = "fixtures"))]
#[expect(clippy::unwrap_used, reason = "a test that cannot write its own book has failed")]
pub mod fixtures;
pub mod groups;
pub mod guards;
pub mod highlight;
pub mod html;
pub mod instructor;
pub mod interleavings;
pub mod items;
pub mod ledger;
pub mod litmus;
pub mod markup;
pub mod memo;
pub mod page;
pub mod plots;
pub mod project;
pub mod prose;
pub mod python;
pub mod quotations;
pub mod records;
pub mod sharing;
pub mod since;
pub mod sitemap;
pub mod source;
pub mod syntax;
pub mod tables;
pub mod trace;
pub mod tree;
pub mod unshown;
pub mod value;
pub mod way;
