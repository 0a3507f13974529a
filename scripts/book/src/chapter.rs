//! What a chapter asks for, found in what the project has: a tree that pages are made of.

use crate::context::Context;
use crate::diagnostic::{Problems, Source};
use crate::directives::ALL;
use crate::directives::reader;
use crate::tree::Part;

/// Every directive of a chapter.
///
/// # Errors
/// Everything that is wrong with them.
pub fn parse(source: &Source, context: &Context) -> Result<Vec<Part>, Problems> {
    reader::resolve(source, ALL, context)
}
