//! Every exercise of the book with its solution.

use maud::Markup;

use super::reader::{Reader, Takes};
use super::writer::Writer;
use super::{Directive, Shows};
use crate::diagnostic::Wrong;
use crate::syntax::{Asked, Form, Stands};
use crate::tree;

/// `{{#solutions}}`
pub(super) struct Solutions;

impl Directive for Solutions {
    const FORM: Form = Form { name: "solutions", stands: Stands::OnItsOwnLines };
    const TAKES: Takes<'static> = Takes::NO_WORDS;
    const WORDS: &'static [&'static [&'static str]] = &[];
    const SHOWS: Shows<Self::Node> = Shows::OnAPage(solutions);
    type Node = tree::Solutions;

    fn resolve(_: &Asked, _: &mut Reader) -> Result<Self::Node, Wrong> {
        Ok(tree::Solutions)
    }
}

fn solutions(_: &tree::Solutions, writer: &mut Writer) -> Markup {
    writer.collected.exercises.solutions()
}
