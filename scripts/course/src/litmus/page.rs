//! The tests of a file as tables: by the language, the checker, the selected machine, and architectures.

use std::collections::BTreeMap;

use super::{Class, Litmus, Test, Variant, counted};
use crate::context::Context;
use crate::figures::units;
use crate::highlight::escape;

/// More outcomes than these are counted together.
const MOST_ROWS: usize = 8;

/// Puts a place into the page whose content follows the selected machine.
type Place<'a> = &'a mut dyn FnMut(&str, &dyn Fn(&Context, &str) -> String) -> String;

/// All tests, or the one that is named.
pub(crate) fn html(litmus: &Litmus, only: Option<&str>, place: Place) -> String {
    let asked = litmus.tests.iter().filter(|test| only.is_none_or(|name| test.name == name));
    asked.map(|test| one(litmus, test, place)).collect()
}

fn one(litmus: &Litmus, test: &Test, place: Place) -> String {
    let question: Vec<String> = test.asked().map(|outcome| spelled(test, outcome)).collect();
    let label = capitalized(&test.name.replace('_', " "));
    let columns: String = test
        .variants
        .iter()
        .map(|variant| {
            let label = escape(&litmus.orderings[variant.ordering].label);
            format!("<th scope=\"col\">{label}</th>")
        })
        .collect();
    let mut rows = row(&link("the language", &test.source), test, |variant| {
        let classes: Vec<Class> =
            test.asked().map(|outcome| test.class(variant, outcome)).collect();
        let surprising = classes.contains(&Class::Surprising);
        word(if surprising { Class::Surprising } else { Class::Forbidden })
    });
    rows += &row(&escape(&litmus.checker), test, |variant| match &variant.found {
        Some(found) => {
            cell(if test.asked().any(|one| found.contains(one)) { "found" } else { "never" })
        }
        None => cell("not modeled"),
    });
    let here = place("span", &|context, machine| whose(litmus, test, context, machine));
    rows += &row(&here, test, |variant| {
        place("td", &counts(litmus, variant, &test.asked().collect::<Vec<_>>()))
    });
    for of in &litmus.architectures {
        rows += &row(&link(&of.label, &of.source), test, |variant| {
            cell(if variant.shown_by.contains(&of.name) { "can" } else { "cannot" })
        });
    }
    let mut every = String::new();
    for outcome in test.asked() {
        every += &row(&format!("<code>{outcome}</code>"), test, |variant| {
            let class = marked(test.class(variant, outcome));
            let count = place("span", &counts(litmus, variant, &[outcome]));
            format!("<td>{count} {class}</td>")
        });
    }
    for (head, outcomes) in ordinary(test) {
        every += &row(&format!("{head} <span class=\"class\">allowed</span>"), test, |variant| {
            place("td", &counts(litmus, variant, &outcomes))
        });
    }
    let heads = test.reads.iter().map(|read| escape(read)).collect::<Vec<_>>().join(" ");
    format!(
        "<figure class=\"litmus\" id=\"litmus-{name}\"><figcaption>{label}: can it end with {question}?</figcaption>\
         <div class=\"card\"><pre tabindex=\"0\" role=\"region\" aria-label=\"{label}, its threads\">{threads}</pre>\
         <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{label}, by ordering\"><table>\
         <thead><tr><td></td>{columns}</tr></thead><tbody>{rows}</tbody></table></div>\
         <details><summary>Every outcome, and how often it showed</summary>\
         <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{label}, every outcome\"><table>\
         <thead><tr><th scope=\"col\"><code>{heads}</code></th>{columns}</tr></thead><tbody>{every}</tbody>\
         </table></div></details></div></figure>",
        name = escape(&test.name),
        question = question.join(" or "),
        threads = side_by_side(&test.threads),
    )
}

/// The outcomes that interleavings give: a row for each, or one for all where they are many.
fn ordinary(test: &Test) -> Vec<(String, Vec<&str>)> {
    let all = test.outcomes.iter().filter(|(_, ordinary)| **ordinary);
    let all: Vec<&str> = all.map(|(outcome, _)| outcome.as_str()).collect();
    match all.len() > MOST_ROWS {
        true => vec![(format!("the {} others", all.len()), all)],
        false => all.into_iter().map(|one| (format!("<code>{one}</code>"), vec![one])).collect(),
    }
}

/// How many trials on a machine ended with any of these.
fn counts<'a>(
    litmus: &'a Litmus,
    variant: &'a Variant,
    outcomes: &'a [&str],
) -> impl Fn(&Context, &str) -> String + 'a {
    move |context, machine| match seen(litmus, variant, context, machine) {
        Some(seen) => units::count(outcomes.iter().filter_map(|one| seen.get(*one)).sum()),
        None => "–".into(),
    }
}

fn row(head: &str, test: &Test, mut cell: impl FnMut(&Variant) -> String) -> String {
    let cells: String = test.variants.iter().map(&mut cell).collect();
    format!("<tr><th scope=\"row\">{head}</th>{cells}</tr>")
}

fn cell(text: &str) -> String {
    format!("<td>{text}</td>")
}

fn word(class: Class) -> String {
    cell(&marked(class))
}

fn marked(class: Class) -> String {
    format!("<span class=\"class {0}\">{0}</span>", class.word())
}

fn link(text: &str, address: &str) -> String {
    format!("<a href=\"{}\">{}</a>", escape(address), escape(text))
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// "`a = 0`, `b = 0`"
fn spelled(test: &Test, outcome: &str) -> String {
    let read = test.reads.iter().zip(outcome.split(' '));
    let each = read.map(|(name, value)| format!("<code>{} = {value}</code>", escape(name)));
    each.collect::<Vec<_>>().join(", ")
}

/// A column for each thread, a line for each step.
fn side_by_side(threads: &[Vec<String>]) -> String {
    let width = threads.iter().flatten().map(|text| text.chars().count()).max().unwrap_or(0) + 3;
    let most = threads.iter().map(Vec::len).max().unwrap_or(0);
    let line = |step: usize| {
        let texts = threads.iter().map(|thread| thread.get(step).map_or("", String::as_str));
        let line: String = texts.map(|text| format!("{text:width$}")).collect();
        escape(line.trim_end())
    };
    // A line's end as an entity, as in every `pre`: Markdown would end the block at an empty line.
    (0..most).map(line).collect::<Vec<_>>().join("&#10;")
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
fn whose(litmus: &Litmus, test: &Test, context: &Context, machine: &str) -> String {
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
    let many = match least == most {
        true => units::count(*most),
        false => format!("{} to {}", units::count(*least), units::count(*most)),
    };
    let (threads, cores) = (test.threads.len() as u64, record.machine.cores);
    let where_run = match cores {
        0 | 1 => " on one core".into(),
        _ if threads > cores => format!(", {threads} threads on {cores} cores"),
        _ => String::new(),
    };
    let stale = match context.stale_timing(record) {
        true => " (stale: the listing has changed since)",
        false => "",
    };
    format!("here, of {many} trials{where_run}{stale}")
}
