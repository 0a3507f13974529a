//! Tables: an experiment's numbers, and what the machines are.

use std::collections::BTreeSet;
use std::iter;

use lab::groups::Group;
use lab::machine::Machine;
use lab::record::{Arm, BASE_AGAIN, Care, Kind, Measurement, Point, Record, Sample};
use lab::statistics::{Estimate, estimate, percentile};
use maud::{Markup, html};

use crate::context::Context;
use crate::diagnostic::counted;
use crate::figures::units::{self, Shape};
use crate::groups;
use crate::html::{markdown, table};
use crate::records::{MachineRecords, date, rustc};
use crate::tree::{Column, Options};
use crate::value::provenance;

/// The same figures as a plot's, as a table: arm, time, interval, ratio, CPU/wall, peak memory.
pub fn experiment(
    context: &Context,
    record: &Record,
    measurement: &Measurement,
    options: &Options,
) -> Markup {
    let stale = context.stale_timing(record);
    html! {
        (numbers(measurement, &measurement.description.title, options))
        p.sub { (provenance(record, measurement, stale)) }
    }
}

/// The table alone, with notes under it. `title` says what it shows, as nothing else on the page is called.
pub fn numbers(measurement: &Measurement, title: &str, options: &Options) -> Markup {
    let points = points_with_bases(measurement, options);
    let places: Vec<&Point> = points.iter().map(|(point, _)| point).collect();
    let columns = columns(measurement, &places, options);
    let heads = iter::once("Arm").chain(columns.iter().map(|column| column.head.as_str()));
    let rows = html! {
        @for (point, label) in &points {
            @let arm = measurement.description.arm(&point.arm);
            tr class=[class_of(arm.map(|arm| arm.kind))] {
                th scope="row" { (label) }
                @for column in &columns { td.n { ((column.cell)(point)) } }
            }
        }
        @for (label, what, text) in beside(measurement, &columns, options) {
            tr.ceiling-row {
                th scope="row" { (label) }
                @for column in &columns { td.n { @if column.what == what { (text) } } }
            }
        }
        @for arm in chosen_arms(measurement, options) {
            (unavailable(&arm, columns.len()))
        }
    };
    let shows = |what: Column| columns.iter().any(|column| column.what == what);
    let mut notes: Vec<String> =
        points.iter().filter_map(|(point, label)| two_groups(measurement, point, label)).collect();
    if shows(Column::Ratio) {
        notes.extend(reasons(measurement, &places));
    }
    if shows(Column::Outcomes) {
        notes.push("How trials ended is counted over all rounds.".into());
    }
    html! {
        (table(format_args!("{title}, as a table"), heads, rows))
        @for note in notes { p.sub { (note) } }
    }
}

/// A reader can hide Python's rows.
fn class_of(kind: Option<Kind>) -> Option<&'static str> {
    (kind == Some(Kind::Python)).then_some("py")
}

/// One column of numbers.
struct Shown<'a> {
    what: Column,
    head: String,
    cell: Box<dyn Fn(&Point) -> String + 'a>,
}

/// What the directive asks for; else times, ratios and, where there are any, outcomes.
fn columns<'a>(
    measurement: &'a Measurement,
    rows: &[&Point],
    options: &'a Options,
) -> Vec<Shown<'a>> {
    let asked = match options.columns.as_slice() {
        [] => &[Column::Time, Column::Ratio, Column::Outcomes],
        columns => columns,
    };
    let mut shown = Vec::new();
    for &column in asked {
        let mut add = |head: String, cell: Box<dyn Fn(&Point) -> String + 'a>| {
            shown.push(Shown { what: column, head, cell });
        };
        match column {
            Column::Time => add(
                "Time, and the interval of its median".into(),
                Box::new(|point| time(measurement, point)),
            ),
            Column::Ratio => {
                if rows.iter().any(|point| is_compared(measurement, options, point)) {
                    let base = options.base.as_ref().or(measurement.description.base.as_ref());
                    let label = base.and_then(|base| measurement.description.arm(base));
                    let label = label.map_or("", |arm| arm.label.as_str());
                    add(
                        format!("Times as fast as {label}"),
                        Box::new(|point| ratio(measurement, options, point)),
                    );
                }
            }
            Column::Cores => {
                add("Cores busy".into(), Box::new(|point| busy_cores(measurement, point)));
            }
            Column::Memory => {
                add("Peak memory".into(), Box::new(|point| peak_memory(measurement, point)));
            }
            Column::Percentile(p) => {
                add(format!("p{p}"), Box::new(move |point| latency(measurement, point, p)));
            }
            Column::Outcomes => {
                for word in outcome_words(measurement, rows) {
                    let head = word.clone();
                    add(head, Box::new(move |point| outcome(measurement, point, &word)));
                }
            }
        }
    }
    shown
}

/// With another arm that does the same work.
fn is_compared(measurement: &Measurement, options: &Options, point: &Point) -> bool {
    base_of(measurement, options, point)
        .is_some_and(|base| base != *point && measurement.same_work(point, &base))
}

fn busy_cores(measurement: &Measurement, point: &Point) -> String {
    let busy = estimate(&measurement.values(point, |sample| sample.busy_cores()));
    busy.map_or("not exposed".into(), |e| Shape::number(&e).show(e.median))
}

fn peak_memory(measurement: &Measurement, point: &Point) -> String {
    let bytes = |sample: &Sample| sample.peak_bytes.map(|bytes| bytes as f64);
    let peak = estimate(&measurement.values(point, bytes));
    peak.map_or("not exposed".into(), |e| Shape::bytes(&e).show(e.median))
}

/// The time that so many of a hundred took at most.
fn latency(measurement: &Measurement, point: &Point, percent: u8) -> String {
    let share = f64::from(percent) / 100.0;
    let ns = |sample: &Sample| Some(percentile(&sample.latencies_ns, share)? as f64);
    let latency = estimate(&measurement.values(point, ns));
    latency.map_or("not recorded".into(), |e| Shape::duration(&e).show(e.median))
}

/// The arm that a point is compared with: at the same point of the axis, where that arm goes over it.
pub fn base_of(measurement: &Measurement, options: &Options, point: &Point) -> Option<Point> {
    let name = options.base.as_ref().or(measurement.description.base.as_ref())?;
    let over_axis = measurement.description.arm(name).is_some_and(|arm| !arm.at.is_empty());
    Some(Point::new(name, point.at.filter(|_| over_axis)))
}

/// The points of the options, and before the first that is compared with a base, that base.
fn points_with_bases(measurement: &Measurement, options: &Options) -> Vec<(Point, String)> {
    let points = points(measurement, options);
    let asked = options.columns.is_empty() || options.columns.contains(&Column::Ratio);
    if !asked {
        return points;
    }
    let there =
        |point: &Point, all: &[(Point, String)]| all.iter().any(|(known, _)| known == point);
    let mut all: Vec<(Point, String)> = Vec::new();
    for (point, label) in &points {
        let base = base_of(measurement, options, point);
        if let Some(base) = base.filter(|base| measurement.same_work(point, base))
            && !there(&base, &all)
            && !there(&base, &points)
            && let Some(arm) = measurement.description.arm(&base.arm)
            && measurement.rounds.iter().any(|round| round.sample(&base).is_some())
        {
            let label = match base.at {
                Some(at) => at_point(measurement, &arm.label, at),
                None => arm.label.clone(),
            };
            all.push((base, label));
        }
        all.push((point.clone(), label.clone()));
    }
    all
}

/// Why arms of the table gain more than the cores seem to allow, where the experiment says so.
fn reasons(measurement: &Measurement, rows: &[&Point]) -> Vec<String> {
    let mut reasons = Vec::new();
    for point in rows {
        let Some(arm) = measurement.description.arm(&point.arm) else { continue };
        let Some(why) = measurement.description.superlinear(&arm.name) else { continue };
        let note = format!("{} can gain more than the cores seem to allow: {why}.", arm.label);
        if !reasons.contains(&note) {
            reasons.push(note);
        }
    }
    reasons
}

/// Said under the table, of an arm whose rounds disagree.
fn two_groups(measurement: &Measurement, point: &Point, label: &str) -> Option<String> {
    let seconds = measurement.seconds(point);
    let found = lab::groups::groups(&seconds)?;
    let show = |seconds: f64, Estimate { low, median, high }: &Estimate| {
        let ns = Estimate { low: low * 1e9, median: median * 1e9, high: high * 1e9 };
        Shape::duration(&ns).show(seconds * 1e9)
    };
    Some(format!("{label}: {}.", groups::in_words(&found, show, "rounds")))
}

/// The arms of the options, in their order, or all of the experiment's. The base's second run of
/// each round can be asked for by its name.
pub fn chosen_arms(measurement: &Measurement, options: &Options) -> Vec<Arm> {
    let description = &measurement.description;
    let again = || {
        let base = description.arm(description.base.as_deref()?)?;
        let label = format!("{}, again", base.label);
        Some(Arm { name: BASE_AGAIN.into(), label, ..base.clone() })
    };
    let named = |name: &String| match name.as_str() {
        BASE_AGAIN => again(),
        name => description.arm(name).cloned(),
    };
    match options.arms.as_slice() {
        [] => description.arms.clone(),
        names => names.iter().filter_map(named).collect(),
    }
}

/// "pipe (100 kB)", "threads (4)": an arm's label and a point of the axis, in its unit.
fn at_point(measurement: &Measurement, label: &str, at: u64) -> String {
    let axis = measurement.description.axis.as_ref();
    let in_bytes = axis.is_some_and(|axis| axis.name.contains("byte"));
    let shown = if in_bytes { units::typed_bytes(at as f64) } else { units::count(at) };
    format!("{label} ({shown})")
}

/// Every available arm's points with their labels, in the order of the options or the experiment.
pub fn points(measurement: &Measurement, options: &Options) -> Vec<(Point, String)> {
    let arms = chosen_arms(measurement, options);
    let mut points = Vec::new();
    for arm in arms.into_iter().filter(|arm| arm.unavailable.is_none()) {
        if arm.at.is_empty() {
            points.push((Point::new(&arm.name, None), arm.label.clone()));
        }
        for at in &arm.at {
            let label = at_point(measurement, &arm.label, *at);
            points.push((Point::new(&arm.name, Some(*at)), label));
        }
    }
    points
}

/// The outcomes that any of these points counts.
fn outcome_words(measurement: &Measurement, points: &[&Point]) -> Vec<String> {
    let samples = measurement
        .rounds
        .iter()
        .flat_map(|round| points.iter().filter_map(|point| round.sample(point)));
    let words: BTreeSet<&String> = samples.flat_map(|sample| sample.outcomes.keys()).collect();
    let mut words: Vec<String> = words.into_iter().cloned().collect();
    // 400, 900, 1000: numbers in their own order, words in the alphabet's.
    words.sort_by_key(|word| word.parse::<i64>().unwrap_or(i64::MAX));
    words
}

fn outcome(measurement: &Measurement, point: &Point, word: &str) -> String {
    let samples = measurement.rounds.iter().filter_map(|round| round.sample(point));
    units::count(samples.filter_map(|sample| sample.outcomes.get(word)).sum())
}

/// Two numbers where the rounds fall into two groups; the groups are described under the table.
fn time(measurement: &Measurement, point: &Point) -> String {
    let ns: Vec<f64> = measurement.seconds(point).iter().map(|seconds| seconds * 1e9).collect();
    let Some(time) = estimate(&ns) else { return "no round kept".into() };
    match lab::groups::groups(&ns) {
        Some(found) => {
            let shown = |group: &Group| Shape::duration(&group.into()).show(group.median);
            units::either(&shown(&found.lower), &shown(&found.upper))
        }
        None => Shape::duration(&time).with_interval(&time),
    }
}

fn ratio(measurement: &Measurement, options: &Options, point: &Point) -> String {
    let Some(base) = base_of(measurement, options, point) else { return String::new() };
    if base == *point {
        // Only the experiment's base runs twice in a round.
        let own = measurement.base().is_some_and(|own| own == base);
        return if own { same_arm(measurement) } else { "1, by definition".into() };
    }
    if !measurement.same_work(point, &base) {
        return "other work".into();
    }
    match measurement.compare(point, &base) {
        Some((e, verdict)) => {
            format!("{}, {}", Shape::number(&e).with_interval(&e), verdict.words())
        }
        None => "no round kept".into(),
    }
}

fn same_arm(measurement: &Measurement) -> String {
    match estimate(&measurement.same_arm()) {
        Some(e) => format!("against itself {}", Shape::number(&e).range(e.low, e.high)),
        None => String::new(),
    }
}

/// What an arm is held against and is no arm itself: the ceiling, the limit. Each with the column that it
/// stands in.
fn beside(
    measurement: &Measurement,
    columns: &[Shown],
    options: &Options,
) -> Vec<(String, Column, String)> {
    let mut beside = Vec::new();
    if options.base.is_none() && options.arms.is_empty() {
        for at in measurement.description.ceiling_at() {
            if let Some(e) = estimate(&measurement.ceiling(at)) {
                let text = Shape::number(&e).with_interval(&e);
                beside.push((format!("ceiling ({at})"), Column::Ratio, text));
            }
        }
    }
    let least: Vec<f64> = measurement.least_seconds().iter().map(|s| s * 1e9).collect();
    if options.arms.is_empty()
        && let Some(e) = estimate(&least)
    {
        beside.push(("limit".into(), Column::Time, Shape::duration(&e).with_interval(&e)));
    }
    beside.retain(|(_, what, _)| columns.iter().any(|shown| shown.what == *what));
    beside
}

fn unavailable(arm: &Arm, columns: usize) -> Markup {
    html! {
        @if let Some(why) = &arm.unavailable {
            tr class=[class_of(Some(arm.kind))] {
                th scope="row" { (arm.label) }
                td colspan=(columns) { "not available there: " (why) }
            }
        }
    }
}

/// The page *Machines*: what each is, and what was measured on it.
pub fn machines(context: &Context) -> Markup {
    let machines = &context.records.machines;
    if machines.is_empty() {
        return html! {
            p.unmeasured { "Nothing was measured yet: " code { "cargo course measure" } "." }
        };
    }
    let folder = &context.project.settings.measurements;
    html! {
        @for (name, records) in machines {
            (markdown(&format!("## {}", records.machine.label)))
            p {
                "Records in " code { (folder) "/" (name) "/" } "."
                @if *name == context.machine { " The pages open with its numbers." }
            }
            "\n\n" (properties(&records.machine)) "\n\n" (measured(context, records)) "\n\n"
        }
    }
}

fn properties(machine: &Machine) -> Markup {
    let hidden = || "not exposed".to_string();
    let list = |cores: &Vec<u64>| cores.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
    let rows = [
        ("Processor", machine.cpu.clone().unwrap_or_else(hidden)),
        ("Architecture", machine.architecture.clone()),
        ("Cores allowed", machine.cores.to_string()),
        ("Logical cores", machine.logical_cores.to_string()),
        ("Physical cores", machine.physical_cores.map_or_else(hidden, |n| n.to_string())),
        ("Held to cores", machine.affinity.as_ref().map_or("no".into(), list)),
        ("Processor quota", machine.quota_cores.map_or("none".into(), |q| format!("{q} cores"))),
        ("Memory", machine.memory_bytes.map_or_else(hidden, |b| units::bytes(b as f64))),
        ("System", machine.system.clone().unwrap_or_else(hidden)),
        ("Kernel", machine.kernel.clone().unwrap_or_else(hidden)),
        ("Governor", machine.governor.clone().unwrap_or_else(hidden)),
        ("Power", machine.power.clone().unwrap_or_else(hidden)),
        ("Virtualization", machine.virtualization.clone().unwrap_or_else(hidden)),
    ];
    html! {
        .scroll {
            table.properties {
                tbody {
                    @for (name, value) in rows { tr { th scope="row" { (name) } td { (value) } } }
                }
            }
        }
    }
}

fn measured(context: &Context, records: &MachineRecords) -> Markup {
    let heads = ["Experiment", "Rounds", "Set aside", "Same arm twice", "When", "With"];
    let rows = html! {
        @for record in records.records.values() {
            @if let Some(measurement) = &record.measurement {
                (measured_row(context, record, measurement))
            }
        }
    };
    table(format_args!("Measured on {}", records.machine.label), heads, rows)
}

fn measured_row(context: &Context, record: &Record, measurement: &Measurement) -> Markup {
    let set_aside: Vec<String> = measurement
        .rounds
        .iter()
        .enumerate()
        .filter_map(|(n, round)| Some(format!("round {}: {}", n + 1, round.set_aside.as_ref()?)))
        .collect();
    let same = estimate(&measurement.same_arm());
    let same = same.map_or("no base".into(), |e| format!("{:.2} to {:.2}", e.low, e.high));
    let stale = if context.stale_timing(record) { ", stale" } else { "" };
    let care = match measurement.care {
        Care::Thorough => ", thorough",
        _ if measurement.quick() => ", quick",
        _ => "",
    };
    let cells = [
        format!("{}{care}", measurement.rounds.len()),
        if set_aside.is_empty() { "none".into() } else { set_aside.join("; ") },
        same,
        format!("{}{stale}", date(&measurement.started)),
        rustc(&measurement.toolchain),
    ];
    html! {
        tr { th scope="row" { (record.example) } @for cell in cells { td { (cell) } } }
    }
}

/// "15 rounds, 1 set aside"
pub fn rounds_in_words(measurement: &Measurement) -> String {
    let kept = measurement.kept().count();
    let all = measurement.rounds.len();
    match all - kept {
        0 => counted(all, "round"),
        aside => format!("{}, {aside} set aside", counted(all, "round")),
    }
}
