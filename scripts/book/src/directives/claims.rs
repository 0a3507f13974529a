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
pub(super) struct Claims;

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

#[cfg(test)]
mod tests {
    use crate::directives::tests::{CLAIM, page};
    use crate::fixtures::assert_shows;

    #[test]
    fn the_ledger_holds_every_claim_on_every_machine() {
        let page = page(&format!("{CLAIM}\n{{{{#claims}}}}\n\n{{{{#machines}}}}\n"));
        assert_shows(
            &page.content,
            &[
                "<h2 id=\"where-machines-disagree\">",
                "<a href=\"ch01-ideas.html\">Ideas</a>: <code>fetch",
                "<code>fetch: sequential / threads@2 &gt;= 1.5</code>",
                "<p class=\"line holds\"><b>✓ holds</b> The home-2c: 1.92 times (1.92 to 1.93), at least 1.5 asked for</p>",
                "<p class=\"line fails\"><b>✗ does not hold</b> The away-1c: ",
                // And among all claims, that of the machine that is chosen.
                "<p class=\"line holds\"><b>✓ holds</b> 1.92 times",
                "<p class=\"test\">all machines: 1 ✓ · 1 ✗</p>",
                "## The home-2c",
                "The pages open with its numbers.",
                "<th scope=\"row\">Governor</th><td>not exposed</td>",
            ],
        );
    }
}
