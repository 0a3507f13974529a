//! A measured value in words, with the digits that its interval allows, and where it comes from.

use lab::record::{Measurement, Record};
use lab::statistics::Estimate;

use crate::claim::{Asked, Measured};
use crate::expression::{Amount, Expression, Unit};
use crate::figures::units::{self, Shape};
use crate::records::{date, rustc};
use crate::tree::ClaimNode;

/// "Intel Xeon, 2 cores, Linux · 22 Nov 2026 · rustc 1.95 · quick"
pub fn provenance(record: &Record, measurement: &Measurement, stale: bool) -> String {
    let mut text = format!(
        "{} · {} · {}",
        record.machine.label,
        date(&measurement.started),
        rustc(&measurement.toolchain)
    );
    for version in &measurement.interpreters {
        text.push_str(&format!(" · {}", interpreter(version)));
    }
    if measurement.quick() {
        text.push_str(" · measured quickly");
    }
    if stale {
        text.push_str(" · stale: the listing has changed since");
    }
    text
}

/// "Python 3.12.3" as the interpreter says it; "numpy 2.4.0", whose name is not in its version.
fn interpreter((name, version): &(String, String)) -> String {
    if version.contains(' ') { version.clone() } else { format!("{name} {version}") }
}

/// A value with its unit, as it stands in prose, with the digits that its interval allows.
pub fn value_in_words(unit: Unit, x: f64, estimate: &Estimate, expression: &Expression) -> String {
    let (shape, factor, word) = shape(unit, estimate, expression);
    match unit {
        Unit::Count if x.fract() == 0.0 && estimate.low == estimate.high => units::count(x as u64),
        _ => format!("{}{word}", shape.show(x * factor)),
    }
}

/// "43.9 to 44.6 ms"
pub fn range_in_words(unit: Unit, estimate: &Estimate, expression: &Expression) -> String {
    let (shape, factor, word) = shape(unit, estimate, expression);
    format!("{}{word}", shape.range(estimate.low * factor, estimate.high * factor))
}

/// How values of this kind are written, by what they are multiplied, and what follows them.
fn shape(unit: Unit, estimate: &Estimate, expression: &Expression) -> (Shape, f64, &'static str) {
    use crate::expression::{Function, Node as Of};
    let times = |factor: f64| Estimate {
        low: estimate.low * factor,
        median: estimate.median * factor,
        high: estimate.high * factor,
    };
    match (unit, &expression.node) {
        (Unit::Time, _) => (Shape::duration(&times(1e9)), 1e9, ""),
        (Unit::Bytes, _) => (Shape::bytes(estimate), 1.0, ""),
        (Unit::Rate, _) => (Shape::rate(estimate), 1.0, ""),
        (Unit::Count, _) => (Shape::number(estimate), 1.0, ""),
        (Unit::Ratio, Of::Call(Function::Cpu, _)) if estimate.median < 0.5 => {
            (Shape::number(&times(100.0)), 100.0, " % of a core")
        }
        (Unit::Ratio, Of::Call(Function::Cpu, _)) => (Shape::number(estimate), 1.0, " cores"),
        (Unit::Ratio, _) if is_share(expression) => (Shape::number(&times(100.0)), 100.0, " %"),
        (Unit::Ratio, _) => (Shape::number(estimate), 1.0, " times"),
    }
}

/// A share of trials or of processor time, or a sum of such shares.
fn is_share(expression: &Expression) -> bool {
    use crate::expression::{Function, Node as Of, Operator};
    match &expression.node {
        Of::Call(Function::Share | Function::System, _) => true,
        Of::Binary(Operator::Add | Operator::Subtract, left, right) => {
            is_share(left) && is_share(right)
        }
        _ => false,
    }
}

/// Which of an arm's samples is meant, where it is a single one.
pub fn extreme(expression: &Expression) -> Option<&'static str> {
    use crate::expression::{Function, Node as Of};
    match &expression.node {
        Of::Call(Function::Slowest, _) => Some("slowest"),
        Of::Call(Function::Fastest, _) => Some("fastest"),
        _ => None,
    }
}

/// What was measured for a claim, beside what it asks for: "7.57 times (7.54 to 7.62), at least 3 asked for".
pub fn measured_in_words(claim: &ClaimNode, measured: &Measured) -> String {
    let unit = measured.value.unit;
    let estimate = &measured.estimate;
    let (shape, factor, word) = match (unit, measured.counts) {
        // How many of all trials ended so.
        (Unit::Ratio, true) => {
            let percent = Estimate {
                low: estimate.low * 100.0,
                median: estimate.median * 100.0,
                high: estimate.high * 100.0,
            };
            (Shape::number(&percent), 100.0, " %")
        }
        _ => shape(unit, estimate, &claim.claim.left),
    };
    let value = match measured.value.amount {
        Amount::Fixed(x) if measured.counts && unit == Unit::Ratio => {
            format!("{}{word}", shape.show(x * factor))
        }
        Amount::Fixed(x) => value_in_words(unit, x, estimate, &claim.claim.left),
        Amount::Rounds(_) => format!(
            "{}{word}{} ({} to {})",
            shape.show(estimate.median * factor),
            if measured.as_long { " as long" } else { "" },
            shape.bare(estimate.low * factor),
            shape.bare(estimate.high * factor)
        ),
    };
    // A threshold was typed, and is shown as it was.
    let typed = |x: f64| match unit {
        Unit::Time => units::typed_duration(x * 1e9),
        Unit::Bytes => units::bytes(x),
        Unit::Rate => units::rate(x),
        Unit::Ratio if word == " times" => units::typed(x),
        Unit::Ratio if word == " cores" && x == 1.0 => "1 core".into(),
        Unit::Ratio | Unit::Count => format!("{}{word}", units::typed(x * factor)),
    };
    let asked = match measured.asked {
        Asked::AtLeast(x) => format!("at least {} asked for", typed(x)),
        Asked::AtMost(x) => format!("at most {} asked for", typed(x)),
        Asked::More(x) => format!("more than {} asked for", typed(x)),
        Asked::Less(x) => format!("less than {} asked for", typed(x)),
        Asked::Above => "slower asked for".into(),
        Asked::Below => "faster asked for".into(),
        Asked::Between(low, high) => format!("{} to {} asked for", typed(low), typed(high)),
    };
    format!("{value}, {asked}")
}
