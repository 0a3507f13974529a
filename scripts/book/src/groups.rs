//! Samples in two groups: found by the lab's rule, and said wherever one number would sum them up.

use lab::groups::{Group, Groups, groups};
use lab::machine::Machine;
use lab::record::{Measurement, Point};
use lab::statistics::Estimate;
use maud::{Markup, html};

use crate::expression::{Amount, Expression, Function, Node, Value};
use crate::figures::units::either;

/// Two groups behind a value of the text.
pub enum Found {
    /// The rounds disagree: each has one of two values.
    Rounds(Groups),
    /// Each round has many samples, and those of all rounds fall into two groups.
    Samples(Groups),
}

/// What lies behind a value: its rounds, or the samples inside them for a percentile.
pub fn of_value(
    measurement: &Measurement,
    expression: &Expression,
    value: &Value,
    machine: &Machine,
) -> Option<Found> {
    if let Node::Call(Function::Percentile(_) | Function::Median, arguments) = &expression.node
        && let Some(Node::Arm(name, at)) = arguments.last().map(|last| &last.node)
    {
        let point = Point::new(name, at.map(|at| at.on(machine)));
        let samples = samples(measurement, &point);
        if !samples.is_empty() {
            return groups(&samples).map(Found::Samples);
        }
    }
    match &value.amount {
        Amount::Rounds(values) => groups(values).map(Found::Rounds),
        Amount::Fixed(_) => None,
    }
}

/// All that an arm recorded beside its times, in seconds, of the rounds that count.
pub fn samples(measurement: &Measurement, point: &Point) -> Vec<f64> {
    let rounds = measurement.kept().filter_map(|round| round.sample(point));
    rounds.flat_map(|sample| &sample.latencies_ns).map(|ns| *ns as f64 / 1e9).collect()
}

impl Found {
    /// The value as HTML, and what is said of it beside. Two groups of rounds are two numbers, not one; in a
    /// distribution the percentile stands, with a mark. `show` writes a value with the digits that its group
    /// allows; `explained` is the page that says what two groups are, if the book has one.
    pub fn in_prose(
        &self,
        explained: Option<&str>,
        median: &str,
        show: impl Fn(f64, &Estimate) -> String,
    ) -> (Markup, String) {
        match self {
            Found::Rounds(found) => {
                let shown = |group: &Group| show(group.median, &group.into());
                let both = either(&shown(&found.lower), &shown(&found.upper));
                (html! { (both) }, in_words(found, &show, "rounds"))
            }
            Found::Samples(found) => {
                let marked = html! {
                    (median)
                    sup.groups {
                        @if let Some(explained) = explained {
                            a href=(explained) { "two groups" }
                        } @else {
                            "two groups"
                        }
                    }
                };
                (marked, in_words(found, &show, "samples"))
            }
        }
    }
}

/// "in two groups: 8 rounds near 2.45 ms (2.3 ms to 2.6 ms), 7 near 9.1 ms (7.8 ms to 13.7 ms)", where they
/// are groups of `rounds`.
pub fn in_words(
    Groups { lower, upper, .. }: &Groups,
    show: impl Fn(f64, &Estimate) -> String,
    members: &str,
) -> String {
    let group = |group: &Group, members: &str| {
        let Group { count, low, median, high } = *group;
        let show = |x: f64| show(x, &group.into());
        format!("{count}{members} near {} ({} to {})", show(median), show(low), show(high))
    };
    format!("in two groups: {}, {}", group(lower, &format!(" {members}")), group(upper, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_groups_link_to_the_page_that_explains_them_where_the_book_has_one() {
        let group = |median| Group { count: 4, low: median, median, high: median };
        let found = Found::Samples(Groups { lower: group(1.0), upper: group(2.0) });
        let shown = |explained| {
            let (marked, _) = found.in_prose(explained, "1 s", |x, _| x.to_string());
            marked.into_string()
        };
        let link = "<a href=\"numbers.html#groups\">two groups</a>";
        assert_eq!(
            shown(Some("numbers.html#groups")),
            format!("1 s<sup class=\"groups\">{link}</sup>")
        );
        assert_eq!(shown(None), "1 s<sup class=\"groups\">two groups</sup>");
    }
}
