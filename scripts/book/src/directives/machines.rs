//! What the machines are, and what was measured on each.

use maud::Markup;

use super::reader::{Reader, Takes};
use super::writer::Writer;
use super::{Directive, Shows};
use crate::diagnostic::Wrong;
use crate::syntax::{Asked, Form, Stands};
use crate::tables;

/// `{{#machines}}`
pub(super) struct Machines;

impl Directive for Machines {
    const FORM: Form = Form { name: "machines", stands: Stands::OnItsOwnLines };
    const TAKES: Takes<'static> = Takes::NO_WORDS;
    const WORDS: &'static [&'static [&'static str]] = &[];
    const SHOWS: Shows<Self::Node> = Shows::OnAPage(machines);
    type Node = ();

    fn resolve(_: &Asked, _: &mut Reader) -> Result<Self::Node, Wrong> {
        Ok(())
    }
}

fn machines((): &(), writer: &mut Writer) -> Markup {
    tables::machines(writer.context)
}
