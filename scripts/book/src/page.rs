//! What goes into the expansion and what comes out: chapters, pages, and where a page's other parts are kept.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::diagnostic::Source;
use crate::project::Settings;

/// A chapter as mdBook hands it over.
#[derive(Clone, Debug)]
pub struct Chapter {
    /// Its file and its Markdown.
    pub source: Source,
    /// `ch05-threads`: the page's name without ending.
    pub page: String,
    /// As the summary has it, without its number.
    pub title: String,
    /// 5 of "5.", where the chapter has a number.
    pub number: Option<u32>,
    /// "Part II · Threads and shared memory", where it belongs to one.
    pub part: Option<String>,
}

/// An expanded chapter.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Markdown with HTML where directives stood.
    pub content: String,
    /// For each other machine: number of the place in the page, and its HTML.
    pub elsewhere: BTreeMap<String, BTreeMap<usize, String>>,
    /// Whole listings that the page offers to post, by path relative to `src/`.
    pub code: BTreeMap<String, String>,
}

/// Where a whole listing is kept for the page that offers it: `code/shared_state/bank_race.rs`.
pub fn code_path(settings: &Settings, file: &str) -> String {
    let listings = format!("{}/", settings.listings);
    format!("{}/{}", settings.code, file.strip_prefix(&listings).unwrap_or(file))
}

/// Where the other machines' places of a page are kept, relative to `src/`.
pub fn elsewhere_path(settings: &Settings, machine: &str, page: &str) -> PathBuf {
    Path::new(&settings.machines).join(machine).join(format!("{page}.json"))
}
