//! A measured value in a sentence.

use std::ops::Range;

use lab::record::Measurement;
use lab::statistics::Estimate;
use maud::{Markup, html};

use super::reader::{Reader, Takes, moved};
use super::writer::{Here, unmeasured};
use super::{Directive, Shows};
use crate::diagnostic::{Wrong, counted};
use crate::directive::Mark;
use crate::expression::{self, Amount, Expression, Value as Quantity};
use crate::groups;
use crate::syntax::{Asked, Form, Stands};
use crate::tree;
use crate::value::{extreme, provenance, range_in_words, value_in_words};

/// `{{#value word_count: memory(threads)}}`
pub(super) struct Value;

impl Directive for Value {
    const FORM: Form = Form { name: "value", stands: Stands::InASentence };
    const TAKES: Takes<'static> = Takes::NO_WORDS;
    const WORDS: &'static [&'static [&'static str]] = &[];
    const SHOWS: Shows<Self::Node> = Shows::OnEachMachine(shown);
    type Node = tree::Value;

    fn resolve(asked: &Asked, reader: &mut Reader) -> Result<Self::Node, Wrong> {
        let (experiment, at) = reader.experiment_before_colon(&asked.directive)?;
        parsed(experiment, at..asked.directive.arguments.end, reader)
    }
}

/// `experiment.expression`, as `time` and `ratio` take it.
pub(super) fn dotted(directive: &Mark, ratio: bool, reader: &Reader) -> Result<tree::Value, Wrong> {
    let span = directive.arguments.clone();
    let whole = &reader.text[span.clone()];
    let Some(dot) = whole.find('.') else {
        let label = "like `word_count.threads` or `hash_books.threads@cores`";
        return Err(Wrong::new(directive.span.clone(), "which arm of which experiment?", label));
    };
    let experiment = reader.experiment(whole[..dot].trim(), span.start..span.start + dot)?;
    let value = parsed(experiment, span.start + dot + 1..span.end, reader)?;
    let is_ratio = matches!(value.expression.node, expression::Node::Binary(..));
    if is_ratio != ratio {
        let label =
            if ratio { "expected `base / arm`" } else { "expected one arm; `ratio` divides two" };
        let title = format!("`{}` takes something else", directive.name);
        return Err(Wrong::new(span, title, label));
    }
    Ok(value)
}

/// An expression, its names and units checked.
fn parsed(experiment: String, span: Range<usize>, reader: &Reader) -> Result<tree::Value, Wrong> {
    let expression = expression::parse(&reader.text[span.clone()])
        .and_then(|expression| match reader.context.description(&experiment) {
            Some(description) => expression.check(description).map(|_| expression),
            None => Ok(expression),
        })
        .map_err(|wrong| moved(wrong, span.start))?;
    Ok(tree::Value { experiment, expression })
}

/// One value in prose, with what it was made from.
pub(super) fn shown(value: &tree::Value, here: &Here) -> Markup {
    let tree::Value { experiment, expression } = value;
    let Some((record, measurement)) = here.measured(experiment) else {
        return unmeasured("not measured on this machine");
    };
    let value = match expression.evaluate(measurement, &record.machine) {
        Ok(value) => value,
        Err(absent) => return unmeasured(absent.to_string()),
    };
    let Some(estimate) = value.estimate() else {
        return unmeasured("no round was kept on this machine");
    };
    if !estimate.median.is_finite() {
        return unmeasured("a division by nothing on this machine");
    }
    let how = rounds_in_words(&value, &estimate, expression, measurement);
    let median = value_in_words(value.unit, estimate.median, &estimate, expression);
    let (text, how) = match groups::of_value(measurement, expression, &value, &record.machine) {
        Some(found) => {
            let show = |x: f64, group: &Estimate| value_in_words(value.unit, x, group, expression);
            let explained = here.context.project.settings.two_groups.as_deref();
            let (text, grouped) = found.in_prose(explained, &median, show);
            (text, format!("{grouped} · {how}"))
        }
        None => (html! { (median) }, how),
    };
    let stale = here.context.stale_timing(record);
    let from = format!("{how} · {}", provenance(record, measurement, stale));
    html! {
        data.measured.stale[stale] value=(estimate.median) tabindex="0" data-from=(from) { (text) }
    }
}

/// Of how many rounds a value is made, and in which range they lie.
fn rounds_in_words(
    value: &Quantity,
    estimate: &Estimate,
    expression: &Expression,
    measurement: &Measurement,
) -> String {
    match &value.amount {
        Amount::Fixed(_) => match extreme(expression) {
            Some(word) => format!("the {word} of {}", counted(measurement.kept().count(), "round")),
            None => format!("all {}", counted(measurement.rounds.len(), "round")),
        },
        Amount::Rounds(values) => {
            let range = range_in_words(value.unit, estimate, expression);
            format!("median of {}, {range}", counted(values.len(), "round"))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::directives::tests::{assert_wrong, page};
    use crate::fixtures::assert_shows;

    #[test]
    fn an_arm_and_its_axis_must_fit() {
        assert_wrong(
            "{{#time fetch.threads}}",
            "threads",
            "`threads` goes over an axis",
            "`threads@cores`",
        );
        assert_wrong(
            "{{#time fetch.polite@2}}",
            "polite@2",
            "`polite` has no axis",
            "write `polite`",
        );
        assert_wrong(
            "{{#value fetch: threads@many}}",
            "many",
            "`@` needs a point",
            "a whole number, or `cores`",
        );
        assert_wrong(
            "{{#value fetch: ceiling}}",
            "",
            "`ceiling` of how many threads?",
            "add `@cores`",
        );
    }

    #[test]
    fn each_of_what_an_arm_does_many_of_needs_to_be_counted_by_the_example() {
        assert_wrong(
            "{{#value fetch: each(sequential)}}",
            "each(sequential)",
            "`fetch` does not say what `sequential` does many of",
            ".per(",
        );
    }

    #[test]
    fn a_value_stands_with_its_unit_and_where_it_comes_from() {
        let page = page("It takes {{#time fetch.sequential}}.\n");
        assert_shows(
            &page.content,
            &[
                "It takes <span data-m=\"0\"><data class=\"measured\" value=\"0.1002\" tabindex=\"0\"",
                "data-from=\"median of 15 rounds, 100 ",
                " · The home-2c · 22 Nov 2026 · rustc 1.95\"",
                ">100 ms</data></span>.",
            ],
        );
    }

    #[test]
    fn values_are_said_in_the_unit_of_what_they_measure() {
        let shown = |directive: &str| {
            let content = page(directive).content;
            let end = content.find("</data>").unwrap_or_else(|| panic!("{directive}: {content}"));
            content[..end].rsplit('>').next().unwrap().to_string()
        };
        assert_eq!(shown("{{#ratio fetch.sequential / threads@2}}"), "1.92 times");
        assert_eq!(shown("{{#value fetch: memory(sequential)}}"), "3.15 MB");
        assert_eq!(shown("{{#value fetch: cpu(sequential)}}"), "1.50 cores");
        assert_eq!(shown("{{#value fetch: share(\"1000\", polite)}}"), "1.00 %");
        assert_eq!(shown("{{#value fetch: outcome(\"900\")}}").replace('\u{202f}', " "), "1 485");
    }

    #[test]
    fn a_division_of_nothing_by_nothing_is_no_number() {
        let page = page("{{#value fetch: outcome(\"1\") / outcome(\"2\")}}\n");
        assert!(!page.content.contains("NaN"), "{}", page.content);
        assert_shows(&page.content, &["class=\"unmeasured\""]);
    }
}
