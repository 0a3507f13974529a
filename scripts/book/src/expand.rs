//! Turns parsed chapters into pages: a pure function of chapters, listings and records.

use crate::chapter;
use crate::context::Context;
use crate::diagnostic::Problems;
use crate::directives::ALL;
use crate::directives::writer::{Collected, Writer};
use crate::exercise::page::Exercises;
use crate::instructor;
use crate::ledger;
use crate::page::{Chapter, Page};
use crate::tree::Part;
use crate::way::{self, Ways};

/// What the chapters of a book ask for, or everything that is wrong with them.
///
/// # Errors
/// Everything that is wrong with any of them.
pub fn resolve(chapters: &[Chapter], context: &Context) -> Result<Vec<Vec<Part>>, Problems> {
    let mut resolved = Vec::new();
    let mut problems = Vec::new();
    for chapter in chapters {
        match chapter::parse(&chapter.source, context) {
            Ok(parts) => resolved.push(parts),
            Err(Problems(found)) => problems.extend(found),
        }
    }
    if problems.is_empty() {
        problems = way::check(chapters, &resolved);
    }
    if problems.is_empty() { Ok(resolved) } else { Err(Problems(problems)) }
}

/// Expands all chapters of a book, or says everything that is wrong with them.
///
/// # Errors
/// As [`resolve`].
pub fn expand(chapters: &[Chapter], context: &Context) -> Result<Vec<Page>, Problems> {
    let parsed = resolve(chapters, context)?;
    let ledger = ledger::entries(chapters, &parsed);
    let exercises = Exercises::new(chapters, &parsed);
    let lessons = instructor::lessons(chapters, &exercises);
    let ways = Ways::new(chapters, &parsed);
    let collected =
        Collected { ledger: &ledger, lessons: &lessons, exercises: &exercises, ways: &ways };
    let expand = |(chapter, parts): (&Chapter, &Vec<Part>)| {
        Writer::new(context, chapter, collected, ALL).page(parts)
    };
    Ok(chapters.iter().zip(&parsed).map(expand).collect())
}

#[cfg(test)]
mod tests;
