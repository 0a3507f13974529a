//! A sentence that generalizes, with its test, and what is said where that does not hold.

use maud::{Markup, html};

use super::reader::{Reader, Takes};
use super::writer::Here;
use super::{Directive, Shows};
use crate::claim::Verdict;
use crate::diagnostic::Wrong;
use crate::html::Bodies;
use crate::ledger;
use crate::syntax::{self, Asked, Block, Form, Stands};
use crate::tree::ClaimNode;
use crate::value::measured_in_words;

/// `{{#claim word_count: sequential / threads >= 3}}…{{#otherwise}}…{{/claim}}`
pub struct Claim;

impl Directive for Claim {
    const FORM: Form = Form {
        name: "claim",
        stands: Stands::Around(Block {
            end: "/claim",
            marks: &["otherwise"],
            holds: &[],
            alike: "`{{#claim …}}` or `{{#predict …}}`",
        }),
    };
    const TAKES: Takes<'static> = Takes::NO_WORDS;
    const WORDS: &'static [&'static [&'static str]] = &[];
    const SHOWS: Shows<Self::Node> = Shows::OnEachMachine(claim_box);
    type Node = ClaimNode;

    fn resolve(asked: &Asked, reader: &mut Reader) -> Result<Self::Node, Wrong> {
        let (first, rest) = asked.pieces.split_first().expect("a block begins with what opens it");
        let open = &first.mark;
        let (experiment, at) = reader.experiment_before_colon(open)?;
        let text = reader.text[at..open.arguments.end].trim().to_string();
        let claim = reader.condition(&experiment, at..open.arguments.end)?;
        let again = rest.iter().skip(1).map(|piece| syntax::out_of_place(&piece.mark));
        reader.wrong.extend(again);
        let holds = reader.body(first);
        let otherwise = rest.first().map(|piece| reader.body(piece));
        let line = reader.line(open);
        Ok(ClaimNode { experiment, text, claim, holds, otherwise, line })
    }
}

fn claim_box(node: &ClaimNode, here: &Here) -> Markup {
    let Here { context, machine, .. } = *here;
    let judged = ledger::judge(context, node, machine);
    let body = match (&judged.verdict, &node.otherwise) {
        (Verdict::DoesNotHold, Some(otherwise)) => otherwise,
        _ => &node.holds,
    };
    let record = context.records.get(machine, &node.experiment);
    let stale = record.is_some_and(|record| context.stale_timing(record));
    html! {
        div class={ "claim " (judged.verdict.class()) } {
            p.verdict {
                (judged.verdict.sign()) " " (judged.verdict)
                @if let Some(measured) = &judged.measured {
                    " "
                    span.measured-ratio {
                        (measured_in_words(node, measured))
                        @if stale { " · stale: the listing has changed since" }
                    }
                }
            }
            (context.html(body, machine))
        }
    }
}
