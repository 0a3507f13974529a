//! Numbers as readers see them: a unit that fits, three significant digits, thousands set apart.

use lab::statistics::Estimate;

/// Between groups of three digits: narrow, and never at a line's end.
const THIN: char = '\u{202f}';

/// "44.1 ms", from nanoseconds.
pub fn duration(ns: f64) -> String {
    with_unit(ns, &DURATIONS, "s")
}

/// "5.24 MB"; a megabyte is a million bytes.
pub fn bytes(bytes: f64) -> String {
    with_unit(bytes, &SIZES, "B")
}

/// "15.8 GB/s", of bytes a second.
pub fn rate(value: f64) -> String {
    with_unit(value, &RATES, "B/s")
}

/// "30 000", with thin spaces.
pub fn count(n: u64) -> String {
    grouped(&n.to_string())
}

/// A number that an author typed: no digit more than that has. "0.85", "1.25", "0.909" for 1 / 1.1.
pub fn typed(value: f64) -> String {
    tick(value)
}

/// "50 ms", from nanoseconds that an author typed.
pub fn typed_duration(ns: f64) -> String {
    let (one, name) = fitting(ns, &DURATIONS);
    format!("{} {name}", tick(ns / one))
}

/// "100 kB", of a size that an author typed.
pub fn typed_bytes(bytes: f64) -> String {
    let (one, name) = fitting(bytes, &SIZES);
    format!("{} {name}", tick(bytes / one))
}

/// "7.75 times".
pub fn times(ratio: f64) -> String {
    format!("{} times", number(ratio))
}

/// "7.75×", where room is short.
pub fn times_sign(ratio: f64) -> String {
    format!("{}×", tick(ratio))
}

/// Three significant digits: "0.125", "7.75", "44.1", "1 234".
pub fn number(value: f64) -> String {
    if !value.is_finite() {
        return "—".into();
    }
    let value = three_digits(value);
    if value == 0.0 {
        return "0".into();
    }
    let decimals = (2 - magnitude(value)).clamp(0, 6) as usize;
    let text = format!("{:.decimals$}", value.abs());
    let sign = if value < 0.0 { "−" } else { "" };
    format!("{sign}{}", grouped(&text))
}

/// The value of a tick: no digit more than it needs.
pub(super) fn tick(value: f64) -> String {
    let text = number(value);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text }
}

/// The unit in which the largest value of an axis reads best, and what one of it is.
pub(super) fn axis_unit(unit: super::Unit, largest: f64) -> (f64, &'static str) {
    let units = match unit {
        super::Unit::Nanoseconds => &DURATIONS,
        super::Unit::Bytes => &SIZES,
        super::Unit::Rate => &RATES,
    };
    fitting(largest, units)
}

const DURATIONS: [(f64, &str); 4] = [(1.0, "ns"), (1e3, "µs"), (1e6, "ms"), (1e9, "s")];
const SIZES: [(f64, &str); 4] = [(1.0, "B"), (1e3, "kB"), (1e6, "MB"), (1e9, "GB")];
const RATES: [(f64, &str); 4] = [(1.0, "B/s"), (1e3, "kB/s"), (1e6, "MB/s"), (1e9, "GB/s")];

/// How an estimate and its bounds are written, alike: in one unit, to the same last digit. The digits follow
/// the interval: three significant ones, two where the interval is wider than a tenth of the median.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    one: f64,
    name: &'static str,
    /// What the last digit counts, in that unit.
    step: f64,
}

impl Shape {
    /// Of nanoseconds.
    pub fn duration(estimate: &Estimate) -> Shape {
        Shape::fit(estimate, &DURATIONS)
    }

    /// Of bytes.
    pub fn bytes(estimate: &Estimate) -> Shape {
        Shape::fit(estimate, &SIZES)
    }

    /// Of bytes a second.
    pub fn rate(estimate: &Estimate) -> Shape {
        Shape::fit(estimate, &RATES)
    }

    /// Of numbers without a unit: ratios and counts.
    pub fn number(estimate: &Estimate) -> Shape {
        Shape::fit(estimate, &[(1.0, "")])
    }

    fn fit(estimate: &Estimate, units: &[(f64, &'static str)]) -> Shape {
        let middle = three_digits(estimate.median);
        let (one, name) = fitting(middle, units);
        let wide = estimate.high - estimate.low > 0.1 * middle.abs();
        let digits = if wide { 2 } else { 3 };
        let step = if middle == 0.0 || !middle.is_finite() {
            0.01
        } else {
            10f64.powi(magnitude(middle / one) + 1 - digits)
        };
        Shape { one, name, step }
    }

    /// "44.1", without the unit.
    pub fn bare(&self, value: f64) -> String {
        let value = value / self.one;
        if !value.is_finite() {
            return "—".into();
        }
        let decimals = (-self.step.log10().round()).clamp(0.0, 6.0) as usize;
        let rounded = (value / self.step).round() * self.step;
        // What is too small for the last digit is not nothing.
        if rounded == 0.0 && value != 0.0 {
            return number(value);
        }
        let sign = if rounded < 0.0 { "−" } else { "" };
        format!("{sign}{}", grouped(&format!("{:.decimals$}", rounded.abs())))
    }

    /// "44.1 ms"
    pub fn show(&self, value: f64) -> String {
        match self.name {
            "" => self.bare(value),
            name => format!("{} {name}", self.bare(value)),
        }
    }

    /// "43.9 to 44.6 ms"
    pub fn range(&self, low: f64, high: f64) -> String {
        format!("{} to {}", self.bare(low), self.show(high))
    }

    /// "44.1 ms (43.9 to 44.6)"
    pub fn with_interval(&self, estimate: &Estimate) -> String {
        let Estimate { low, median, high } = *estimate;
        format!("{} ({} to {})", self.show(median), self.bare(low), self.bare(high))
    }
}

fn with_unit(value: f64, units: &[(f64, &'static str)], of_zero: &str) -> String {
    if value == 0.0 {
        return format!("0 {of_zero}");
    }
    let (one, name) = fitting(three_digits(value), units);
    format!("{} {name}", number(value / one))
}

fn fitting(value: f64, units: &[(f64, &'static str)]) -> (f64, &'static str) {
    let fits = units.iter().rev().find(|(one, _)| value.abs() >= *one);
    *fits.unwrap_or(&units[0])
}

fn magnitude(value: f64) -> i32 {
    value.abs().log10().floor() as i32
}

/// Rounded first, so that 999.9 µs is 1 ms and not 1000 µs.
fn three_digits(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() || value.abs() >= 1000.0 {
        return value;
    }
    let scale = 10f64.powi(2 - magnitude(value));
    (value * scale).round() / scale
}

/// Digits by threes, of a number of any size.
pub fn grouped(digits: &str) -> String {
    let (whole, rest) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut text = String::with_capacity(digits.len() + 4);
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            text.push(THIN);
        }
        text.push(digit);
    }
    text + rest
}

/// "52.2 or 157 ms": the unit once, if it is the same.
pub fn either(one: &str, other: &str) -> String {
    match (one.split_once(' '), other.split_once(' ')) {
        (Some((number, unit)), Some((_, same))) if unit == same => format!("{number} or {other}"),
        _ => format!("{one} or {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_three_digits_and_the_unit_that_fits() {
        let shown: Vec<_> =
            [0.0, 0.42, 7.0, 999.4, 999.6, 44_123_456.0, 341e6, 1.5e9, 1234e9].map(duration).into();
        assert_eq!(
            shown,
            [
                "0 s",
                "0.420 ns",
                "7.00 ns",
                "999 ns",
                "1.00 µs",
                "44.1 ms",
                "341 ms",
                "1.50 s",
                "1\u{202f}234 s"
            ]
        );
    }

    #[test]
    fn sizes_counts_and_ratios_read_the_same_way() {
        assert_eq!(bytes(5_242_880.0), "5.24 MB");
        assert_eq!(bytes(0.0), "0 B");
        assert_eq!(rate(15.84e9), "15.8 GB/s");
        assert_eq!(count(30_000), "30\u{202f}000");
        assert_eq!(count(999), "999");
        assert_eq!(times(7.7511), "7.75 times");
        assert_eq!(times_sign(1.926), "1.93×");
        assert_eq!(times_sign(100.0), "100×");
        assert_eq!(times(9.999), "10.0 times");
        assert_eq!(number(f64::NAN), "—");
        assert_eq!(number(-0.5), "−0.500");
    }

    #[test]
    fn an_estimate_and_its_bounds_are_written_alike_and_digits_follow_the_interval() {
        let at = |low, median, high| Estimate { low, median, high };
        let time = at(43.94e6, 44.12e6, 44.61e6);
        assert_eq!(Shape::duration(&time).with_interval(&time), "44.1 ms (43.9 to 44.6)");
        let wide = at(11.6e3, 12.84e3, 44.63e3);
        assert_eq!(Shape::duration(&wide).with_interval(&wide), "13 µs (12 to 45)");
        let wide = at(893e6, 1.042e9, 1.37e9);
        assert_eq!(Shape::duration(&wide).with_interval(&wide), "1.0 s (0.9 to 1.4)");
        let ratio = at(0.9701, 1.0004, 1.0212);
        assert_eq!(Shape::number(&ratio).with_interval(&ratio), "1.00 (0.97 to 1.02)");
        let large = at(1_098.0, 1_234.0, 1_450.0);
        assert_eq!(
            Shape::number(&large).with_interval(&large),
            "1\u{202f}200 (1\u{202f}100 to 1\u{202f}500)"
        );
        let sizes = at(0.04e6, 5.24e6, 5.25e6);
        assert_eq!(Shape::bytes(&sizes).range(sizes.low, sizes.high), "0.0400 to 5.3 MB");
    }

    #[test]
    fn ticks_carry_no_zeros_they_do_not_need() {
        assert_eq!([0.0, 0.5, 2.5, 10.0, 300.0].map(tick), ["0", "0.5", "2.5", "10", "300"]);
    }
}
