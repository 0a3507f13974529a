//! `cargo course exercise`: a student's file, its tests, and what they say of it.
//!
//! What an exercise is, and how its file is taken apart, is in `book::exercise`.

mod command;
mod compile;
mod editor;
mod listeners;
mod manifest;
mod practice;
mod report;
mod saves;
mod starters;
mod trial;
mod watch;

use book::exercise::{Exercise, WrongAnswer, files, read};

pub use command::{Unfinished, command};
pub use practice::named;
pub use starters::check as check_starters;
pub use watch::for_page as watch_for_page;
