//! Measuring for people: progress, and a table with bars and intervals.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use crate::record::{Measurement, Point};
use crate::statistics::{Estimate, estimate};

/// Width of the longest bar, in characters.
const BAR: usize = 20;

/// "[======>         ] round 7/15 · 41 s left": of the round that runs, counted from 1.
pub(crate) fn progress(round: usize, due: usize, left: Option<Duration>) -> String {
    const WIDTH: usize = 30;
    let filled = WIDTH * (round - 1) / due.max(1);
    let bar = format!("{}>", "=".repeat(filled));
    let left = left.map(|left| format!(" · {} left", rough(left.as_secs_f64())));
    format!("[{bar:WIDTH$}] round {round}/{due}{}", left.unwrap_or_default())
}

/// A duration to plan by: "41 s", "1 min 20 s".
pub fn rough(seconds: f64) -> String {
    let seconds = seconds.ceil().max(1.0) as u64;
    match (seconds / 60, seconds % 60) {
        (0, s) => format!("{s} s"),
        (min, 0) => format!("{min} min"),
        (min, s) => format!("{min} min {s} s"),
    }
}

/// One line on stderr that is written over; nothing where stderr is not a terminal. Dropped, it is gone.
///
/// It is not drawn by a crate for that, since every example would be compiled with it; `course`, which is compiled
/// once, has one.
pub(crate) struct StatusLine {
    live: bool,
}

impl StatusLine {
    pub(crate) fn new() -> StatusLine {
        StatusLine { live: understands_escapes(&io::stderr()) }
    }

    /// What is wider than the terminal is cut off there: a second line would not be written over.
    pub(crate) fn show(&mut self, text: &str) {
        if self.live {
            let _ = write!(io::stderr(), "{}", drawn(text));
        }
    }
}

impl Drop for StatusLine {
    fn drop(&mut self) {
        if self.live {
            let _ = write!(io::stderr(), "\r\x1b[2K");
        }
    }
}

/// The line in the place of the one before it, while the terminal begins no other line at its edge.
fn drawn(text: &str) -> String {
    format!("\r\x1b[2K\x1b[?7l  {text}\x1b[?7h")
}

/// Whether standard output takes colors.
pub fn colored() -> bool {
    std::env::var_os("NO_COLOR").is_none() && understands_escapes(&io::stdout())
}

/// Whether this is a terminal that does what escape codes say.
#[cfg(not(windows))]
fn understands_escapes(stream: &impl IsTerminal) -> bool {
    stream.is_terminal()
}

/// Whether this is a terminal that does what escape codes say. A console of Windows does once it is asked to; those
/// before Windows 10 cannot.
#[cfg(windows)]
fn understands_escapes(stream: &(impl IsTerminal + std::os::windows::io::AsRawHandle)) -> bool {
    use windows_sys::Win32::System::Console::{
        ENABLE_VIRTUAL_TERMINAL_PROCESSING, GetConsoleMode, SetConsoleMode,
    };
    let handle = stream.as_raw_handle();
    let mut mode = 0;
    // SAFETY: `handle` is open as long as `stream` is borrowed, and `mode` is written during the call alone.
    let is_console = unsafe { GetConsoleMode(handle, &mut mode) } != 0;
    if !is_console {
        return stream.is_terminal(); // of another kind, as Cygwin's is
    }
    // SAFETY: as above; the call takes no pointer.
    unsafe { SetConsoleMode(handle, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING) != 0 }
}

/// The table: label, bar, median, interval, ratio to the base, ceiling.
pub fn table(measurement: &Measurement, colored: bool) -> String {
    let rows = rows(measurement);
    let longest = rows.iter().map(|row| row.time.median).fold(0.0, f64::max);
    let width = rows.iter().map(|row| row.label.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for row in &rows {
        let bar = bar(row.time.median / longest);
        let (on, off) = if colored { (row.color, "\x1b[0m") } else { ("", "") };
        let interval = format!("[{}, {}]", short(row.time.low), short(row.time.high));
        let time = seconds(row.time.median);
        text.push_str(&format!(
            "  {:width$}  {on}{bar:BAR$}{off}  {time:>8}  {interval:<16} {}\n",
            row.label, row.beside
        ));
    }
    if let Some(least) = estimate(&measurement.least_seconds()) {
        let interval = format!("[{}, {}]", short(least.low), short(least.high));
        let time = seconds(least.median);
        text.push_str(&format!("  {:width$}  {:BAR$}  {time:>8}  {interval}\n", "limit", ""));
    }
    for arm in &measurement.description.arms {
        if let Some(why) = &arm.unavailable {
            text.push_str(&format!("  {:width$}  not available here: {why}\n", arm.label));
        }
    }
    text.push_str(&footer(measurement));
    text
}

struct Row {
    label: String,
    color: &'static str,
    time: Estimate,
    beside: String,
}

fn rows(measurement: &Measurement) -> Vec<Row> {
    let description = &measurement.description;
    let mut rows = Vec::new();
    for arm in &description.arms {
        let points: Vec<Option<u64>> =
            if arm.at.is_empty() { vec![None] } else { arm.at.iter().copied().map(Some).collect() };
        for at in points {
            let point = Point::new(&arm.name, at);
            let Some(time) = estimate(&measurement.seconds(&point)) else { continue };
            rows.push(Row {
                label: match at {
                    Some(at) => format!("{}@{at}", arm.label),
                    None => arm.label.clone(),
                },
                color: color(arm.kind),
                time,
                beside: beside(measurement, &point),
            });
        }
    }
    rows
}

/// Ratio to the base and its verdict, and the ceiling beside a threads axis.
fn beside(measurement: &Measurement, point: &Point) -> String {
    let Some(base) = measurement.base() else { return String::new() };
    if *point == base {
        return match estimate(&measurement.same_arm()) {
            Some(same) => format!("A/A [{:.2}, {:.2}]", same.low, same.high),
            None => String::new(),
        };
    }
    if !measurement.same_work(point, &base) {
        return String::new();
    }
    let Some((ratio, verdict)) = measurement.compare(point, &base) else { return String::new() };
    let mut text = format!("{:>5}×  {}", digits(ratio.median), verdict.words());
    if let Some(ceiling) = point.at.and_then(|at| estimate(&measurement.ceiling(at))) {
        text.push_str(&format!("  ceiling {:.2}×", ceiling.median));
    }
    text
}

fn footer(measurement: &Measurement) -> String {
    let kept = measurement.kept().count();
    let mut text = format!("  {kept} rounds, median and interval");
    let description = &measurement.description;
    if let Some(base) = description.base.as_ref().filter(|_| !description.different_work) {
        text.push_str(&format!("; × says how many times as fast as {}", base.replace('_', " ")));
    }
    text.push('\n');
    for (index, round) in measurement.rounds.iter().enumerate() {
        if let Some(why) = &round.set_aside {
            text.push_str(&format!("  round {} was set aside: {why}\n", index + 1));
        }
    }
    text
}

fn color(kind: crate::record::Kind) -> &'static str {
    use crate::record::Kind::*;
    match kind {
        Sequential => "\x1b[37m",
        Threads => "\x1b[34m",
        Tasks => "\x1b[32m",
        Processes => "\x1b[31m",
        Rayon => "\x1b[35m",
        Python => "\x1b[33m",
    }
}

/// A bar of eighths of a character, so that differences below a character show.
fn bar(share: f64) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = (share.clamp(0.0, 1.0) * (BAR * 8) as f64).round() as usize;
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

/// "412 ms", three significant digits.
fn seconds(value: f64) -> String {
    let (scale, unit) = scale(value);
    format!("{} {unit}", digits(value * scale))
}

/// The number of `seconds` without its unit.
fn short(value: f64) -> String {
    digits(value * scale(value).0)
}

fn scale(seconds: f64) -> (f64, &'static str) {
    match seconds {
        s if s >= 1.0 => (1.0, "s"),
        s if s >= 1e-3 => (1e3, "ms"),
        s if s >= 1e-6 => (1e6, "µs"),
        _ => (1e9, "ns"),
    }
}

fn digits(value: f64) -> String {
    match value {
        v if v >= 100.0 => format!("{v:.0}"),
        v if v >= 10.0 => format!("{v:.1}"),
        v => format!("{v:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_proportional_and_never_longer_than_their_column() {
        assert_eq!(bar(1.0).chars().count(), BAR);
        assert_eq!(bar(0.5).chars().count(), BAR / 2);
        assert_eq!(bar(2.0).chars().count(), BAR);
        assert_eq!(bar(0.0), "");
    }

    #[test]
    fn time_left_is_said_in_minutes_and_seconds() {
        let said = progress(6, 15, Some(Duration::from_secs(80)));
        assert!(said.ends_with("round 6/15 · 1 min 20 s left"), "{said}");
        assert_eq!(rough(41.0), "41 s");
    }

    #[test]
    fn times_have_three_digits_and_a_unit() {
        assert_eq!(seconds(0.4123), "412 ms");
        assert_eq!(seconds(0.0000021), "2.10 µs");
        assert_eq!(seconds(12.34), "12.3 s");
    }
}
