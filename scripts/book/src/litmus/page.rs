//! The tests of a file as tables: by the language, the checker, the selected machine, and architectures.

use std::collections::BTreeMap;

use maud::{Markup, Render, html};

use super::{Architecture, Class, Litmus, Test, Variant, counted};
use crate::context::Context;
use crate::figures::units;
use crate::html::{Element, joined, one_line, scroll_box};

/// More outcomes than these are counted together.
const MOST_ROWS: usize = 8;

/// Puts a place into the page whose content follows the selected machine.
type Place<'a> = &'a mut dyn FnMut(Element, &dyn Fn(&Context, &str) -> Markup) -> Markup;

/// All tests, or the one that is named.
pub(crate) fn figures(litmus: &Litmus, only: Option<&str>, place: Place) -> Markup {
    let asked = litmus.tests.iter().filter(|test| only.is_none_or(|name| test.name == name));
    let figures = html! {
        @for test in asked { (figure(litmus, test, place)) }
    };
    one_line(figures)
}

fn figure(litmus: &Litmus, test: &Test, place: Place) -> Markup {
    let label = capitalized(&test.name.replace('_', " "));
    let columns = html! {
        @for variant in &test.variants {
            th scope="col" { (litmus.orderings[variant.ordering].label) }
        }
    };
    let table = |head: Markup, rows: Markup| {
        html! {
            table { thead { tr { (head) (columns) } } tbody { (rows) } }
        }
    };
    let of_ordering = table(html! { td {} }, by_ordering(litmus, test, place));
    let reads = html! { th scope="col" { code { (test.reads.join(" ")) } } };
    let of_outcome = table(reads, by_outcome(litmus, test, place));
    html! {
        figure.litmus id={ "litmus-" (test.name) } {
            figcaption { (label) ": can it end with " (question(test)) "?" }
            .card {
                pre tabindex="0" role="group" aria-label={ (label) ", its threads" } {
                    (side_by_side(&test.threads))
                }
                (scroll_box(format_args!("{label}, by ordering"), of_ordering))
                details {
                    summary { "Every outcome, and how often it showed" }
                    (scroll_box(format_args!("{label}, every outcome"), of_outcome))
                }
            }
        }
    }
}

/// What the language, the checker, the selected machine and architectures say of the outcomes asked for.
fn by_ordering(litmus: &Litmus, test: &Test, place: Place) -> Markup {
    let asked: Vec<&str> = test.asked().collect();
    let here = place(
        Element::Span,
        &|context, machine| html! { (trials_in_words(litmus, test, context, machine)) },
    );
    html! {
        (row(link("the language", &test.source), test, |variant| {
            let surprising = asked.iter().any(|one| test.class(variant, one) == Class::Surprising);
            cell(marked(if surprising { Class::Surprising } else { Class::Forbidden }))
        }))
        (row(&litmus.checker, test, |variant| match &variant.found {
            Some(found) if asked.iter().any(|one| found.contains(*one)) => cell("found"),
            Some(_) => cell("never"),
            None => cell("not modeled"),
        }))
        (row(here, test, |variant| place(Element::Cell, &counts(litmus, variant, &asked))))
        @for architecture in &litmus.architectures {
            (by_architecture(architecture, test))
        }
    }
}

fn by_architecture(architecture: &Architecture, test: &Test) -> Markup {
    row(link(&architecture.label, &architecture.source), test, |variant| {
        cell(if variant.shown_by.contains(&architecture.name) { "can" } else { "cannot" })
    })
}

/// How often each outcome showed: first those asked for, then those that interleavings give.
fn by_outcome(litmus: &Litmus, test: &Test, place: Place) -> Markup {
    html! {
        @for outcome in test.asked() {
            (row(html! { code { (outcome) } }, test, |variant| {
                let count = place(Element::Span, &counts(litmus, variant, &[outcome]));
                cell(html! { (count) " " (marked(test.class(variant, outcome))) })
            }))
        }
        @for (head, outcomes) in ordinary(test) {
            (row(html! { (head) " " span.class { "allowed" } }, test, |variant| {
                place(Element::Cell, &counts(litmus, variant, &outcomes))
            }))
        }
    }
}

/// The outcomes that interleavings give: a row for each, or one for all where they are many.
fn ordinary(test: &Test) -> Vec<(Markup, Vec<&str>)> {
    let all = test.outcomes.iter().filter(|(_, ordinary)| **ordinary);
    let all: Vec<&str> = all.map(|(outcome, _)| outcome.as_str()).collect();
    if all.len() > MOST_ROWS {
        vec![(html! { "the " (all.len()) " others" }, all)]
    } else {
        all.into_iter().map(|one| (html! { code { (one) } }, vec![one])).collect()
    }
}

/// How many trials on a machine ended with any of these.
fn counts<'a>(
    litmus: &'a Litmus,
    variant: &'a Variant,
    outcomes: &'a [&str],
) -> impl Fn(&Context, &str) -> Markup + 'a {
    move |context, machine| {
        let seen = seen(litmus, variant, context, machine);
        let count = seen.map_or_else(
            || "–".into(),
            |seen| units::count(outcomes.iter().filter_map(|one| seen.get(*one)).sum()),
        );
        html! { (count) }
    }
}

fn row(head: impl Render, test: &Test, mut cell: impl FnMut(&Variant) -> Markup) -> Markup {
    html! {
        tr {
            th scope="row" { (head) }
            @for variant in &test.variants { (cell(variant)) }
        }
    }
}

fn cell(content: impl Render) -> Markup {
    html! { td { (content) } }
}

fn marked(class: Class) -> Markup {
    html! { span class={ "class " (class.word()) } { (class.word()) } }
}

fn link(text: &str, address: &str) -> Markup {
    html! { a href=(address) { (text) } }
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// "`a = 0`, `b = 0` or `a = 0`, `b = 1`"
fn question(test: &Test) -> Markup {
    let read = |(name, value): (&String, &str)| html! { code { (name) " = " (value) } };
    let ending = |outcome: &str| joined(test.reads.iter().zip(outcome.split(' ')).map(read), ", ");
    joined(test.asked().map(ending), " or ")
}

/// A column for each thread, a line for each step.
fn side_by_side(threads: &[Vec<String>]) -> String {
    let width = threads.iter().flatten().map(|text| text.chars().count()).max().unwrap_or(0) + 3;
    let most = threads.iter().map(Vec::len).max().unwrap_or(0);
    let line = |step: usize| {
        let texts = threads.iter().map(|thread| thread.get(step).map_or("", String::as_str));
        let line: String = texts.map(|text| format!("{text:width$}")).collect();
        line.trim_end().to_string()
    };
    (0..most).map(line).collect::<Vec<_>>().join("\n")
}

fn seen(
    litmus: &Litmus,
    variant: &Variant,
    context: &Context,
    machine: &str,
) -> Option<BTreeMap<String, u64>> {
    let measurement = context.records.get(machine, &litmus.experiment)?.measurement.as_ref()?;
    let seen = counted(measurement, &variant.arm);
    (!seen.is_empty()).then_some(seen)
}

/// "here, of 7 500 000 trials", and what has to be known of them.
fn trials_in_words(litmus: &Litmus, test: &Test, context: &Context, machine: &str) -> String {
    let record = context.records.get(machine, &litmus.experiment);
    let trials: Vec<u64> = test
        .variants
        .iter()
        .filter_map(|variant| seen(litmus, variant, context, machine))
        .map(|seen| seen.values().sum())
        .collect();
    let (Some(record), Some(least), Some(most)) =
        (record, trials.iter().min(), trials.iter().max())
    else {
        return "here: no trials yet".into();
    };
    let many = if least == most {
        units::count(*most)
    } else {
        format!("{} to {}", units::count(*least), units::count(*most))
    };
    let (threads, cores) = (test.threads.len() as u64, record.machine.cores);
    let where_run = match cores {
        0 | 1 => " on one core".into(),
        _ if threads > cores => format!(", {threads} threads on {cores} cores"),
        _ => String::new(),
    };
    let stale =
        if context.stale_timing(record) { " (stale: the listing has changed since)" } else { "" };
    format!("here, of {many} trials{where_run}{stale}")
}
