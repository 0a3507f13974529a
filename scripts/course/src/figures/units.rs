//! Numbers as readers see them: a unit that fits, three significant digits, thousands set apart.

/// Between groups of three digits: narrow, and never at a line's end.
const THIN: char = '\u{202f}';

/// "44.1 ms", from nanoseconds.
pub fn duration(ns: f64) -> String {
    with_unit(ns, &[(1.0, "ns"), (1e3, "µs"), (1e6, "ms"), (1e9, "s")], "s")
}

/// "5.24 MB"; a megabyte is a million bytes.
pub fn bytes(bytes: f64) -> String {
    with_unit(bytes, &[(1.0, "B"), (1e3, "kB"), (1e6, "MB"), (1e9, "GB")], "B")
}

/// "30 000", with thin spaces.
pub fn count(n: u64) -> String {
    grouped(&n.to_string())
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
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').into(),
        false => text,
    }
}

/// The unit in which the largest value of an axis reads best, and what one of it is.
pub(super) fn axis_unit(unit: super::Unit, largest: f64) -> (f64, &'static str) {
    let units: &[(f64, &str)] = match unit {
        super::Unit::Nanoseconds => &[(1.0, "ns"), (1e3, "µs"), (1e6, "ms"), (1e9, "s")],
        super::Unit::Bytes => &[(1.0, "B"), (1e3, "kB"), (1e6, "MB"), (1e9, "GB")],
    };
    fitting(largest, units)
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

fn grouped(digits: &str) -> String {
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
    fn ticks_carry_no_zeros_they_do_not_need() {
        assert_eq!([0.0, 0.5, 2.5, 10.0, 300.0].map(tick), ["0", "0.5", "2.5", "10", "300"]);
    }
}
