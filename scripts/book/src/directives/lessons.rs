//! The plan of lessons, for instructors.

use maud::Markup;

use super::reader::{Reader, Takes};
use super::writer::Writer;
use super::{Directive, Shows};
use crate::diagnostic::Wrong;
use crate::syntax::{Asked, Form, Stands};

/// `{{#lessons}}`
pub(super) struct Lessons;

impl Directive for Lessons {
    const FORM: Form = Form { name: "lessons", stands: Stands::OnItsOwnLines };
    const TAKES: Takes<'static> = Takes::NO_WORDS;
    const WORDS: &'static [&'static [&'static str]] = &[];
    const SHOWS: Shows<Self::Node> = Shows::OnAPage(lessons);
    type Node = ();

    fn resolve(_: &Asked, _: &mut Reader) -> Result<Self::Node, Wrong> {
        Ok(())
    }
}

fn lessons((): &(), writer: &mut Writer) -> Markup {
    writer.collected.lessons.clone()
}
