//! The page of claims: every claim of the book, judged on every machine.

use maud::{Markup, html};

use super::reader::{Reader, Takes};
use super::writer::Writer;
use super::{Directive, Shows};
use crate::diagnostic::Wrong;
use crate::html::{Element, one_line};
use crate::ledger;
use crate::syntax::{Asked, Form, Stands};

/// `{{#claims}}`
pub struct Claims;

impl Directive for Claims {
    const FORM: Form = Form { name: "claims", stands: Stands::OnItsOwnLines };
    const TAKES: Takes<'static> = Takes::NO_WORDS;
    const WORDS: &'static [&'static [&'static str]] = &[];
    const SHOWS: Shows<Self::Node> = Shows::OnAPage(claims);
    type Node = ();

    fn resolve(_: &Asked, _: &mut Reader) -> Result<Self::Node, Wrong> {
        Ok(())
    }
}

fn claims((): &(), writer: &mut Writer) -> Markup {
    let entries = writer.collected.ledger;
    let disagree = ledger::where_machines_disagree(entries, writer.context, writer.context);
    html! {
        (one_line(disagree)) "\n\n"
        (writer.place(Element::Div, None, |context, machine| {
            one_line(ledger::on_machine(entries, context, context, machine))
        }))
    }
}
