//! Claims: sentences of the book that a record can confirm or refute.

use std::fmt;

use lab::machine::Machine;
use lab::record::{Description, Measurement, Point};
use lab::statistics::{self, SAME_WITHIN};

use crate::diagnostic::Wrong;
use crate::expression::{
    self, Amount, At, Expression, Node, Parser, Token, Value, difference, quotient,
};
pub use measured::{Asked, Measured};

mod measured;

/// `word_count: sequential / threads >= 3 when cores >= 2`, without the experiment's name.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// What is compared, in the unit that both sides have.
    pub left: Expression,
    /// How the left side has to stand to the right.
    pub relation: Relation,
    /// The threshold, in the unit of the left side.
    pub right: Expression,
    /// All must hold of the machine, or the claim does not apply to it.
    pub conditions: Vec<Condition>,
    /// Why more than twice the threshold is measured, and the threshold stays where it is.
    pub slack: Option<String>,
}

/// How the two sides of a claim are compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Relation {
    /// `>=`
    AtLeast,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `<`
    Less,
    /// The verdicts of two arms' times, which look at the A/A pair too.
    Faster,
    /// The other verdict of such a pair.
    Slower,
    /// The third verdict: about the same.
    About,
    /// Two times, or any two amounts, one of which is at most a tenth above the other, or below it.
    NoSlower,
    /// The same, seen from the other side.
    NoFaster,
    /// So many times apart at most, in either direction.
    Within(f64),
}

/// Up to here, *no slower* and *no faster* are said: as far from 1 as *about the same* reaches.
const NO_MORE_THAN: f64 = 1.0 + SAME_WITHIN;

/// `cores >= 2`
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// What of the machine is looked at.
    pub property: Property,
    /// One of `>=`, `<=`, `>`, `<`.
    pub relation: Relation,
    /// What the property is compared with.
    pub number: f64,
}

/// What a condition can ask of a machine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Property {
    /// The cores that the experiment could use.
    Cores,
    /// The cores that the processor has, without those that share one.
    PhysicalCores,
}

/// What one machine's record says of a claim.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// The whole interval is on the claimed side; of two times, the verdict is the claimed one.
    Holds,
    /// The whole interval is on the other side; of two times, the verdict is another.
    DoesNotHold,
    /// The interval reaches across the threshold, or too few rounds count.
    NotResolved,
    /// A condition is not met, or something is not measured there; with the reason.
    NotApplicable(String),
}

/// The verdict, and what was measured for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// Whether it holds there.
    pub verdict: Verdict,
    /// `None` where nothing could be compared.
    pub measured: Option<Measured>,
}

impl Verdict {
    /// The class that colors it.
    pub fn class(&self) -> &'static str {
        match self {
            Verdict::Holds => "holds",
            Verdict::DoesNotHold => "fails",
            Verdict::NotResolved => "unresolved",
            Verdict::NotApplicable(_) => "inapplicable",
        }
    }

    /// The sign that stands before it: ✓, ✗, ? or –.
    pub fn sign(&self) -> &'static str {
        match self {
            Verdict::Holds => "✓",
            Verdict::DoesNotHold => "✗",
            Verdict::NotResolved => "?",
            Verdict::NotApplicable(_) => "–",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Holds => f.write_str("holds on this machine"),
            Verdict::DoesNotHold => f.write_str("does not hold on this machine"),
            Verdict::NotResolved => f.write_str("not resolved on this machine"),
            Verdict::NotApplicable(why) => write!(f, "not applicable: {why}"),
        }
    }
}

/// Parses what stands between the experiment's colon and the closing braces.
///
/// # Errors
/// Where the text is no comparison of two expressions, with conditions and a reason at most behind it. The span
/// counts from the start of `text`.
pub fn parse(text: &str) -> Result<Claim, Wrong> {
    let mut parser = Parser::new(text)?;
    let left = parser.sum()?;
    let Some(relation) = relation(&mut parser) else {
        return Err(parser.wrong(
            "a claim compares two things",
            "expected one of >=, <=, >, <, `faster than`, `slower than`, `no faster than`, `no slower than`, `about`, \
             `within 1.25 of`",
        ));
    };
    let right = parser.sum()?;
    let mut conditions = Vec::new();
    if parser.name("when") {
        loop {
            conditions.push(condition(&mut parser)?);
            if !parser.name("and") {
                break;
            }
        }
    }
    let slack = slack(&mut parser)?;
    parser.end()?;
    if matches!(relation, Relation::Faster | Relation::Slower | Relation::About) {
        for side in [&left, &right] {
            if !matches!(side.node, Node::Arm(..)) {
                let label = "an arm like `threads@cores` is meant here";
                return Err(Wrong::new(side.span.clone(), "a verdict compares two arms", label));
            }
        }
    }
    Ok(Claim { left, relation, right, conditions, slack })
}

/// `slack "how little depends on the server's distance"`
fn slack(parser: &mut Parser) -> Result<Option<String>, Wrong> {
    if !parser.name("slack") {
        return Ok(None);
    }
    match parser.word() {
        Some(why) if !why.trim().is_empty() => Ok(Some(why)),
        _ => Err(parser.wrong("why does this claim have slack?", "the reason, in double quotes")),
    }
}

fn relation(parser: &mut Parser) -> Option<Relation> {
    let symbols = [
        (">=", Relation::AtLeast),
        ("<=", Relation::AtMost),
        (">", Relation::More),
        ("<", Relation::Less),
    ];
    if let Some((_, relation)) = symbols.into_iter().find(|(symbol, _)| parser.symbol(symbol)) {
        return Some(relation);
    }
    if parser.name("about") {
        return Some(Relation::About);
    }
    if parser.name("within") {
        let times = parser.number().filter(|times| *times > 1.0)?;
        return parser.name("of").then_some(Relation::Within(times));
    }
    let negated = parser.name("no");
    let relation = if parser.name("faster") {
        if negated { Relation::NoFaster } else { Relation::Faster }
    } else if parser.name("slower") {
        if negated { Relation::NoSlower } else { Relation::Slower }
    } else {
        return None;
    };
    parser.name("than").then_some(relation)
}

fn condition(parser: &mut Parser) -> Result<Condition, Wrong> {
    let property = if parser.name("cores") {
        Property::Cores
    } else if parser.name("physical_cores") {
        Property::PhysicalCores
    } else {
        let label = "expected `cores` or `physical_cores`";
        return Err(parser.wrong("no such property of a machine", label));
    };
    let relation = relation(parser)
        .ok_or_else(|| parser.wrong("a condition compares", "expected one of >=, <=, >, <"))?;
    let Some(Token::Number(number)) = parser.peek().cloned() else {
        return Err(parser.wrong("a condition compares with a number", "expected a number"));
    };
    let _ = parser.sum()?; // the number just seen
    Ok(Condition { property, relation, number })
}

impl Claim {
    /// Names and units, whatever the machine.
    ///
    /// # Errors
    /// Where a side names what the experiment has not, or the two sides have different units.
    pub fn check(&self, description: &Description) -> Result<(), Wrong> {
        let left = self.left.check(description)?;
        let right = self.right.check(description)?;
        let count = |unit| matches!(unit, expression::Unit::Count | expression::Unit::Ratio);
        if left != right && !(count(left) && count(right)) {
            let span = self.left.span.start..self.right.span.end;
            let title = format!("this compares {left} with {right}");
            return Err(Wrong::new(span, title, "both sides need one unit"));
        }
        Ok(())
    }

    /// The verdict of one machine's measurement.
    pub fn judge(&self, measurement: &Measurement, machine: &Machine) -> Judged {
        let alone = |verdict| Judged { verdict, measured: None };
        for condition in &self.conditions {
            if let Err(why) = condition.holds(machine) {
                return alone(Verdict::NotApplicable(why));
            }
        }
        let left = self.left.evaluate(measurement, machine);
        let (left, right) = match (left, self.right.evaluate(measurement, machine)) {
            (Ok(left), Ok(right)) => (left, right),
            (Err(absent), _) | (_, Err(absent)) => {
                return alone(Verdict::NotApplicable(absent.to_string()));
            }
        };
        let verdict = match (&self.left.node, &self.right.node) {
            (Node::Arm(a, a_at), Node::Arm(b, b_at)) if self.relation.is_verdict() => {
                let point =
                    |name: &str, at: &Option<At>| Point::new(name, at.map(|at| at.on(machine)));
                self.judge_arms(measurement, &point(a, a_at), &point(b, b_at))
            }
            _ => self.judge_amounts(measurement, &left, &right),
        };
        Judged { verdict, measured: Measured::new(self, measurement, machine) }
    }

    /// Which side the medians are on, however wide the intervals: for a question that needs an answer.
    /// `None` where there is nothing to compare.
    pub fn leans(&self, measurement: &Measurement, machine: &Machine) -> Option<bool> {
        let left = self.left.evaluate(measurement, machine).ok()?.estimate()?;
        let right = self.right.evaluate(measurement, machine).ok()?.estimate()?;
        Some(self.relation.holds(left.median, right.median))
    }

    fn judge_arms(&self, measurement: &Measurement, arm: &Point, with: &Point) -> Verdict {
        use statistics::Verdict as Timing;
        let Some((_, timing)) = measurement.compare(arm, with) else { return Verdict::NotResolved };
        let claimed = match self.relation {
            Relation::Faster => Timing::Faster,
            Relation::Slower => Timing::Slower,
            _ => Timing::Same,
        };
        match timing {
            Timing::NotResolved => Verdict::NotResolved,
            found if found == claimed => Verdict::Holds,
            _ => Verdict::DoesNotHold,
        }
    }

    /// Holds when the whole interval is on the claimed side; does not, when it is on the other.
    fn judge_amounts(&self, measurement: &Measurement, left: &Value, right: &Value) -> Verdict {
        let by_ratio = self.relation.bounds();
        let compared = match by_ratio {
            Some(_) => quotient(left, right),
            None => difference(left, right),
        };
        let interval = match compared {
            Amount::Fixed(x) => (x, x),
            Amount::Rounds(_) if !measurement.resolves() => return Verdict::NotResolved,
            Amount::Rounds(values) => match statistics::estimate(&values) {
                Some(estimate) => (estimate.low, estimate.high),
                None => return Verdict::NotResolved,
            },
        };
        if interval.0.is_nan() || interval.1.is_nan() {
            return Verdict::NotResolved; // nothing divided by nothing
        }
        if let Some((least, most)) = by_ratio {
            return if least <= interval.0 && interval.1 <= most {
                Verdict::Holds
            } else if interval.1 < least || most < interval.0 {
                Verdict::DoesNotHold
            } else {
                Verdict::NotResolved
            };
        }
        let holds = |x: f64| self.relation.holds(x, 0.0);
        match (holds(interval.0), holds(interval.1)) {
            (true, true) => Verdict::Holds,
            (false, false) => Verdict::DoesNotHold,
            _ => Verdict::NotResolved,
        }
    }
}

impl Relation {
    fn is_verdict(self) -> bool {
        matches!(self, Relation::Faster | Relation::Slower | Relation::About)
    }

    /// Between which bounds the left side over the right one has to lie.
    fn bounds(self) -> Option<(f64, f64)> {
        match self {
            Relation::NoSlower => Some((0.0, NO_MORE_THAN)),
            Relation::NoFaster => Some((1.0 / NO_MORE_THAN, f64::INFINITY)),
            Relation::Within(times) => Some((1.0 / times, times)),
            _ => None,
        }
    }

    fn holds(self, left: f64, right: f64) -> bool {
        if let Some((least, most)) = self.bounds() {
            return (least..=most).contains(&(left / right));
        }
        match self {
            Relation::AtLeast => left >= right,
            Relation::AtMost => left <= right,
            Relation::More => left > right,
            Relation::Less => left < right,
            _ => false,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Relation::AtLeast => "at least",
            Relation::AtMost => "at most",
            Relation::More => "more than",
            Relation::Less => "fewer than",
            _ => "",
        }
    }
}

impl Condition {
    /// `Err` says why the claim does not apply.
    fn holds(&self, machine: &Machine) -> Result<(), String> {
        let (value, name) = match self.property {
            Property::Cores => (Some(machine.cores), "core"),
            Property::PhysicalCores => (machine.physical_cores, "physical core"),
        };
        match value {
            None => Err(format!("{name}s are not exposed on this machine")),
            Some(value) if self.relation.holds(value as f64, self.number) => Ok(()),
            Some(_) => {
                let plural = if self.number == 1.0 { "" } else { "s" };
                Err(format!(
                    "it speaks of {} {} {name}{plural}",
                    self.relation.words(),
                    self.number
                ))
            }
        }
    }
}

#[cfg(test)]
mod tests;
