//! Tables: an experiment's numbers, and what the machines are.

use std::collections::BTreeSet;

use lab::groups::Group;
use lab::machine::Machine;
use lab::record::{Arm, BASE_AGAIN, Care, Kind, Measurement, Point, Record};
use lab::statistics::{Estimate, estimate, percentile};

use crate::context::Context;
use crate::diagnostic::counted;
use crate::figures::units::{self, Shape};
use crate::groups;
use crate::highlight::escape;
use crate::records::{MachineRecords, date, rustc};
use crate::tree::{Column, Options};
use crate::value::provenance;

/// The same figures as a plot's, as a table: arm, time, interval, ratio, CPU/wall, peak memory.
pub fn experiment(
    context: &Context,
    record: &Record,
    measurement: &Measurement,
    options: &Options,
) -> String {
    let stale = context.stale_timing(record);
    format!(
        "{}<p class=\"sub\">{}</p>",
        numbers(measurement, &measurement.description.title, options),
        escape(&provenance(record, measurement, stale))
    )
}

/// The table alone, in a box that scrolls by itself where the page is narrow. `of` says what it shows, as
/// nothing else on the page is called.
pub fn numbers(measurement: &Measurement, of: &str, options: &Options) -> String {
    let points = points_with_bases(measurement, options);
    let rows: Vec<&Point> = points.iter().map(|(point, _)| point).collect();
    let columns = columns(measurement, &rows, options);
    let mut html = format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}, as a table\"><table><thead><tr><th scope=\"col\">Arm</th>",
        escape(of)
    );
    for column in &columns {
        html.push_str(&format!("<th scope=\"col\">{}</th>", escape(&column.head)));
    }
    html.push_str("</tr></thead><tbody>");
    let mut notes = Vec::new();
    for (point, label) in &points {
        let arm = measurement.description.arm(&point.arm);
        let row = row_of(arm.map(|arm| arm.kind));
        html.push_str(&format!("{row}<th scope=\"row\">{}</th>", escape(label)));
        for column in &columns {
            html.push_str(&format!("<td class=\"n\">{}</td>", escape(&(column.cell)(point))));
        }
        html.push_str("</tr>");
        notes.extend(two_groups(measurement, point, label));
    }
    if columns.iter().any(|column| column.what == Column::Ratio) {
        notes.extend(reasons(measurement, &rows));
    }
    html.push_str(&beside(measurement, &columns, options));
    html.push_str(&unavailable(&chosen_arms(measurement, options), columns.len() + 1));
    html.push_str("</tbody></table></div>");
    if columns.iter().any(|column| column.what == Column::Outcomes) {
        notes.push("How trials ended is counted over all rounds.".into());
    }
    for note in notes {
        html.push_str(&format!("<p class=\"sub\">{}</p>", escape(&note)));
    }
    html
}

/// How a row begins: a reader can hide Python's.
fn row_of(kind: Option<Kind>) -> &'static str {
    if kind == Some(Kind::Python) { "<tr class=\"py\">" } else { "<tr>" }
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
    for column in asked {
        let mut add = |head: String, cell: Box<dyn Fn(&Point) -> String + 'a>| {
            shown.push(Shown { what: *column, head, cell });
        };
        match *column {
            Column::Time => add(
                "Time, and the interval of its median".into(),
                Box::new(|point| time(measurement, point)),
            ),
            Column::Ratio => {
                let compares = |point: &Point| {
                    base_of(measurement, options, point)
                        .is_some_and(|base| base != *point && measurement.same_work(point, &base))
                };
                if rows.iter().any(|point| compares(point)) {
                    let base = options.base.as_ref().or(measurement.description.base.as_ref());
                    let label = base.and_then(|base| measurement.description.arm(base));
                    let label = label.map_or("", |arm| arm.label.as_str());
                    add(
                        format!("Times as fast as {label}"),
                        Box::new(|point| ratio(measurement, options, point)),
                    );
                }
            }
            Column::Cores => add(
                "Cores busy".into(),
                Box::new(|point| {
                    let busy = estimate(&measurement.values(point, |s| s.busy_cores()));
                    busy.map_or("not exposed".into(), |e| Shape::number(&e).show(e.median))
                }),
            ),
            Column::Memory => add(
                "Peak memory".into(),
                Box::new(|point| {
                    let peak = measurement.values(point, |s| s.peak_bytes.map(|b| b as f64));
                    estimate(&peak)
                        .map_or("not exposed".into(), |e| Shape::bytes(&e).show(e.median))
                }),
            ),
            Column::Percentile(p) => add(
                format!("p{p}"),
                Box::new(move |point| {
                    let value = |s: &lab::record::Sample| {
                        Some(percentile(&s.latencies_ns, f64::from(p) / 100.0)? as f64)
                    };
                    let of = estimate(&measurement.values(point, value));
                    of.map_or("not recorded".into(), |e| Shape::duration(&e).show(e.median))
                }),
            ),
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
    let show = |seconds: f64, of: &Estimate| {
        let ns = Estimate { low: of.low * 1e9, median: of.median * 1e9, high: of.high * 1e9 };
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
    let shown = match axis.is_some_and(|axis| axis.name.contains("byte")) {
        true => units::typed_bytes(at as f64),
        false => units::count(at),
    };
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
            let of = |group: &Group| Shape::duration(&group.into()).show(group.median);
            units::either(&of(&found.lower), &of(&found.upper))
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

/// What an arm is held against and is no arm itself: the ceiling, the limit.
fn beside(measurement: &Measurement, columns: &[Shown], options: &Options) -> String {
    let mut html = String::new();
    let mut row = |label: &str, column: Column, text: &str| {
        if !columns.iter().any(|shown| shown.what == column) {
            return;
        }
        html.push_str(&format!("<tr class=\"ceiling-row\"><th scope=\"row\">{label}</th>"));
        for shown in columns {
            let text = if shown.what == column { escape(text) } else { String::new() };
            html.push_str(&format!("<td class=\"n\">{text}</td>"));
        }
        html.push_str("</tr>");
    };
    if options.base.is_none() && options.arms.is_empty() {
        for at in measurement.description.ceiling_at() {
            if let Some(e) = estimate(&measurement.ceiling(at)) {
                let text = Shape::number(&e).with_interval(&e);
                row(&format!("ceiling ({at})"), Column::Ratio, &text);
            }
        }
    }
    let least: Vec<f64> = measurement.least_seconds().iter().map(|s| s * 1e9).collect();
    if options.arms.is_empty()
        && let Some(e) = estimate(&least)
    {
        row("limit", Column::Time, &Shape::duration(&e).with_interval(&e));
    }
    html
}

fn unavailable(arms: &[Arm], columns: usize) -> String {
    arms.iter()
        .filter_map(|arm| Some((arm, arm.unavailable.as_ref()?)))
        .map(|(arm, why)| {
            format!(
                "{}<th scope=\"row\">{}</th><td colspan=\"{}\">not available there: {}</td></tr>",
                row_of(Some(arm.kind)),
                escape(&arm.label),
                columns - 1,
                escape(why)
            )
        })
        .collect()
}

/// The page *Machines*: what each is, and what was measured on it.
pub fn machines(context: &Context) -> String {
    if context.records.machines.is_empty() {
        return "<p class=\"unmeasured\">Nothing was measured yet: <code>cargo course measure</code>.</p>".into();
    }
    let mut markdown = String::new();
    for (name, of) in &context.records.machines {
        let usual = if *name == context.machine { " The pages open with its numbers." } else { "" };
        markdown.push_str(&format!(
            "## {}\n\n<p>Records in <code>measurements/{}/</code>.{usual}</p>\n\n{}\n\n{}\n\n",
            of.machine.label,
            escape(name),
            properties(&of.machine),
            measured(context, of),
        ));
    }
    markdown
}

fn properties(machine: &Machine) -> String {
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
    let rows: String = rows
        .iter()
        .map(|(name, value)| {
            format!("<tr><th scope=\"row\">{name}</th><td>{}</td></tr>", escape(value))
        })
        .collect();
    format!("<div class=\"scroll\"><table class=\"properties\"><tbody>{rows}</tbody></table></div>")
}

fn measured(context: &Context, of: &MachineRecords) -> String {
    let mut html = format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Measured on {}\"><table><thead><tr>\
         <th scope=\"col\">Experiment</th><th scope=\"col\">Rounds</th><th scope=\"col\">Set aside</th>\
         <th scope=\"col\">Same arm twice</th><th scope=\"col\">When</th><th scope=\"col\">With</th></tr></thead><tbody>",
        escape(&of.machine.label)
    );
    for record in of.records.values() {
        let Some(measurement) = &record.measurement else { continue };
        html.push_str(&measured_row(context, record, measurement));
    }
    html.push_str("</tbody></table></div>");
    html
}

fn measured_row(context: &Context, record: &Record, measurement: &Measurement) -> String {
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
    let cells: String = cells.iter().map(|text| format!("<td>{}</td>", escape(text))).collect();
    format!("<tr><th scope=\"row\">{}</th>{cells}</tr>", escape(&record.example))
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
