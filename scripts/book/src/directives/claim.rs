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
pub(super) struct Claim;

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

#[cfg(test)]
mod tests {
    use crate::directives::tests::{CLAIM, assert_wrong, page};
    use crate::fixtures::{AWAY, TinyBook, assert_shows};

    #[test]
    fn a_claim_that_cannot_be_parsed_is_underlined_where_it_goes_wrong() {
        let claim = |text: &str| format!("{{{{#claim fetch: {text}}}}}x{{{{/claim}}}}");
        assert_wrong(&claim("sequential"), "", "a claim compares two things", "expected one of >=");
        assert_wrong(
            &claim("sequential > > 1 s"),
            ">",
            "`>` needs a value before it",
            "a value is missing",
        );
        assert_wrong(
            &claim("sequential > 1 s or"),
            "or",
            "this claim goes on after its end",
            "not expected",
        );
        assert_wrong(&claim("sequential ≥ 1 s"), "≥", "`≥` has no meaning in a claim", "remove it");
        assert_wrong(
            &claim("(sequential > 1 s"),
            ">",
            "this parenthesis is not closed",
            "`)` is missing",
        );
        assert_wrong(
            &claim("p98(polite) > 1 s"),
            "p98",
            "no function named `p98`",
            "did you mean `p9",
        );
        assert_wrong(
            &claim("outcome(polite) > 0"),
            "outcome(polite)",
            "which outcome?",
            "the first argument is its word",
        );
        assert_wrong(
            &claim("memory(3) > 0"),
            "memory(3)",
            "this function takes one arm",
            "like `threads@4`",
        );
        assert_wrong(
            &claim("2 * sequential faster than polite"),
            "2 * sequential",
            "a verdict compares two arms",
            "`threads@cores`",
        );
        assert_wrong(&claim("sequential > 1 s when core > 1"), "core", "", "cores");
        assert_wrong(
            "{{#claim fetch sequential > 1 s}}x{{/claim}}",
            "{{#claim fetch sequential > 1 s}}",
            "of which experiment?",
            "like `word_count:",
        );
    }

    #[test]
    fn a_claim_that_an_earlier_listing_was_measured_for_says_so_and_disagrees_with_nobody() {
        let book = TinyBook::measured();
        let changed = "//! Fetches.\n\npub fn main() {\n    println!(\"done\");\n}\npub fn sequential() { loop {} }\n";
        book.write("listings/ideas/fetch.rs", changed);
        let page = book.page(&format!("{CLAIM}\n{{{{#claims}}}}\n"));
        let stale = "at least 1.5 asked for · stale: the listing has changed since";
        assert_eq!(
            page.content.matches(stale).count(),
            2,
            "the box, and the list: {}",
            page.content
        );
        assert_shows(&page.content, &["none refutes what another confirms"]);
    }

    #[test]
    fn a_claim_shows_its_verdict_and_the_sentence_that_is_true() {
        let page = page(CLAIM);
        assert_shows(
            &page.content,
            &[
                "<div class=\"claim holds\">",
                "✓ holds on this machine",
                "<span class=\"measured-ratio\">1.92 times (1.92 to 1.93), at least 1.5 asked for</span>",
                "Threads <em>pay</em>",
                "<a href=\"ch02.html\">",
                ">52.2 ms</data>",
            ],
        );
        assert!(!page.content.contains("gain nothing"), "{}", page.content);
        let away = &page.elsewhere[AWAY][&0];
        assert_shows(
            away,
            &[
                "<div class=\"claim fails\">",
                "✗ does not hold on this machine",
                "gain nothing here",
            ],
        );
        assert!(!away.contains("<em>pay</em>"), "{away}");
    }

    #[test]
    fn a_claim_that_is_not_resolved_or_not_applicable_says_so() {
        let page = page(
            "{{#claim fetch: sequential > 100.2 ms}}Slow.{{/claim}}\n\n\
             {{#claim fetch: sequential > 1 ms when cores >= 4}}Slow.{{/claim}}\n\n\
             {{#claim greet: sequential > 1 ms}}Slow.{{/claim}}\n",
        );
        assert_shows(
            &page.content,
            &[
                "claim unresolved",
                "? not resolved on this machine",
                "claim inapplicable",
                "– not applicable: it speaks of at least 4 cores",
                "not applicable: greet was not measured here",
            ],
        );
    }
}
