//! What was measured for a claim, beside what it asks for: "7.57 times (7.54 to 7.62), at least 3 asked for".

use lab::machine::Machine;
use lab::record::{Measurement, Point};
use lab::statistics::{Estimate, SAME_WITHIN, estimate};

use super::{Claim, NO_MORE_THAN, Relation};
use crate::expression::{Amount, Expression, Node, Operator, Unit, Value, quotient};

/// The measured side of a claim, and its threshold in the same unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The left side of the claim, or what it is over the arm that the right side is a multiple of.
    pub value: Value,
    /// Its median and interval, in the unit of `value`.
    pub estimate: Estimate,
    /// It counts things: in some run, in none.
    pub counts: bool,
    /// It is the time of one arm over that of another, where the claim does not divide them itself.
    pub as_long: bool,
    /// What the claim asks of it.
    pub asked: Asked,
}

/// What a claim asks of the measured side. Numbers are in the unit of [`Measured::value`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Asked {
    /// This much or more.
    AtLeast(f64),
    /// This much or less.
    AtMost(f64),
    /// More than this.
    More(f64),
    /// Less than this.
    Less(f64),
    /// Of the ratio of two times: further above 1, or below it, than noise reaches.
    Above,
    /// The same, below 1.
    Below,
    /// From the first number to the second.
    Between(f64, f64),
}

impl Measured {
    /// `None` where there is nothing to compare: no round was kept, or something is not measured there.
    pub fn new(claim: &Claim, measurement: &Measurement, machine: &Machine) -> Option<Measured> {
        let (factor, rest) = threshold(&claim.right);
        let left = claim.left.evaluate(measurement, machine).ok()?;
        let ratio = |over: &Value| Value { unit: Unit::Ratio, amount: quotient(&left, over) };
        let (value, threshold) = match rest {
            // `p50(a) >= 10 * p50(b)` is a statement on how many times as long a is.
            Some(rest) => (ratio(&rest.evaluate(measurement, machine).ok()?), factor),
            None => (left.clone(), factor),
        };
        let asked = match claim.relation {
            Relation::AtLeast => Asked::AtLeast(threshold),
            Relation::AtMost => Asked::AtMost(threshold),
            Relation::More => Asked::More(threshold),
            Relation::Less => Asked::Less(threshold),
            // The left arm's time over the right one's.
            Relation::Faster => Asked::Below,
            Relation::Slower => Asked::Above,
            Relation::About => Asked::Between(1.0 - SAME_WITHIN, 1.0 + SAME_WITHIN),
            // Around the threshold, in its unit: 4 ms to 6.25 ms for `within 1.25 of 5 ms`.
            Relation::NoSlower => Asked::AtMost(threshold * NO_MORE_THAN),
            Relation::NoFaster => Asked::AtLeast(threshold / NO_MORE_THAN),
            Relation::Within(times) => Asked::Between(threshold / times, threshold * times),
        };
        let estimate = match &value.amount {
            Amount::Fixed(x) => Estimate { low: *x, median: *x, high: *x },
            Amount::Rounds(values) => estimate(values)?,
        };
        let as_long = rest.is_some() && left.unit == Unit::Time;
        let counts = left.unit == Unit::Count;
        Some(Measured { value, estimate, counts, as_long, asked })
    }

    /// How many times what was asked for was measured: 1 is on the edge. `None` where that says nothing: for
    /// counts, for a threshold of zero, and for verdicts.
    pub fn slack(&self) -> Option<f64> {
        let median = self.estimate.median;
        if self.counts {
            return None;
        }
        let slack = match self.asked {
            Asked::AtLeast(threshold) | Asked::More(threshold) => median / threshold,
            Asked::AtMost(threshold) | Asked::Less(threshold) => threshold / median,
            Asked::Between(least, most) => (median / least).min(most / median),
            Asked::Above | Asked::Below => return None,
        };
        (slack.is_finite() && slack > 0.0).then_some(slack)
    }
}

/// A threshold as a number and what it is a multiple of: `10 * p50(b)` is 10 and `p50(b)`, `3` is 3 alone.
fn threshold(right: &Expression) -> (f64, Option<&Expression>) {
    match &right.node {
        Node::Number(x) | Node::Duration(x) => (*x, None),
        Node::Binary(Operator::Multiply, factor, rest) => match (&factor.node, &rest.node) {
            (Node::Number(x), _) => (*x, Some(rest)),
            (_, Node::Number(x)) => (*x, Some(factor)),
            _ => (1.0, Some(right)),
        },
        _ => (1.0, Some(right)),
    }
}

impl Claim {
    /// The two arms of which this compares the times, where it does, and between which bounds the first one's
    /// time over the second one's has to lie.
    pub fn compared(&self, machine: &Machine) -> Option<(Point, Point, (f64, f64))> {
        let arm = |expression: &Expression| match &expression.node {
            Node::Arm(name, at) => Some(Point::new(name, at.map(|at| at.on(machine)))),
            _ => None,
        };
        let (factor, rest) = threshold(&self.right);
        let (one, other) = match (&self.left.node, rest) {
            (Node::Binary(Operator::Divide, one, other), None) => (arm(one)?, arm(other)?),
            (Node::Arm(..), Some(rest)) => (arm(&self.left)?, arm(rest)?),
            _ => return None,
        };
        let bounds = match self.relation {
            Relation::AtLeast | Relation::More => (factor, f64::INFINITY),
            Relation::AtMost | Relation::Less => (0.0, factor),
            other => other.bounds()?,
        };
        Some((one, other, bounds))
    }
}
