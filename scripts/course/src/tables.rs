//! Tables: an experiment's numbers, and what the machines are.

use std::collections::BTreeSet;

use lab::machine::Machine;
use lab::record::{Arm, BASE_AGAIN, Care, Measurement, Point, Record};
use lab::statistics::{Estimate, estimate};
use lab::terminal::words;

use crate::chapter::Options;
use crate::context::Context;
use crate::expand::provenance;
use crate::figures::units;
use crate::highlight::escape;
use crate::message::counted;
use crate::records::{MachineRecords, date, rustc};

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
    let points = points(measurement, options);
    // Beside itself, the base has to have something to be compared with.
    let compared = |base: &Point| {
        points.iter().any(|(point, _)| point != base && measurement.same_work(point, base))
    };
    let base = measurement.base().filter(compared);
    let outcomes = outcome_words(measurement, &points);
    let mut head = vec!["Arm".to_string(), "Time".into(), "Interval".into()];
    if let Some(base) = &base {
        head.push(format!("Times as fast as {}", base.arm.replace('_', " ")));
    }
    head.extend(["Cores busy".to_string(), "Peak memory".into()]);
    head.extend(outcomes.iter().cloned());
    let mut html = format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}, as a table\"><table><thead><tr>",
        escape(of)
    );
    for title in &head {
        html.push_str(&format!("<th scope=\"col\">{}</th>", escape(title)));
    }
    html.push_str("</tr></thead><tbody>");
    for (point, label) in points {
        html.push_str(&row(measurement, &point, &label, base.as_ref(), &outcomes));
    }
    if options.arms.is_empty() {
        if base.is_some() {
            html.push_str(&ceilings(measurement, head.len()));
        }
        html.push_str(&least(measurement, head.len()));
    }
    html.push_str(&unavailable(&chosen_arms(measurement, options), head.len()));
    html.push_str("</tbody></table></div>");
    if !outcomes.is_empty() {
        html.push_str("<p class=\"sub\">How trials ended is counted over all rounds.</p>");
    }
    html
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

/// Every available arm's points with their labels, in the order of the options or the experiment.
pub fn points(measurement: &Measurement, options: &Options) -> Vec<(Point, String)> {
    let arms = chosen_arms(measurement, options);
    let mut points = Vec::new();
    for arm in arms.into_iter().filter(|arm| arm.unavailable.is_none()) {
        if arm.at.is_empty() {
            points.push((Point::new(&arm.name, None), arm.label.clone()));
        }
        for at in &arm.at {
            points.push((Point::new(&arm.name, Some(*at)), format!("{} ({at})", arm.label)));
        }
    }
    points
}

/// The outcomes that any of these points counts.
fn outcome_words(measurement: &Measurement, points: &[(Point, String)]) -> Vec<String> {
    let samples = measurement
        .rounds
        .iter()
        .flat_map(|round| points.iter().filter_map(|(point, _)| round.sample(point)));
    let words: BTreeSet<&String> = samples.flat_map(|sample| sample.outcomes.keys()).collect();
    let mut words: Vec<String> = words.into_iter().cloned().collect();
    // 400, 900, 1000: numbers in their own order, words in the alphabet's.
    words.sort_by_key(|word| word.parse::<i64>().unwrap_or(i64::MAX));
    words
}

fn row(
    measurement: &Measurement,
    point: &Point,
    label: &str,
    base: Option<&Point>,
    outcomes: &[String],
) -> String {
    let mut html = format!("<tr><th scope=\"row\">{}</th>", escape(label));
    let mut cell = |text: String| html.push_str(&format!("<td class=\"n\">{}</td>", escape(&text)));
    match estimate(&measurement.seconds(point)) {
        Some(time) => {
            cell(units::duration(time.median * 1e9));
            cell(format!(
                "{} to {}",
                units::duration(time.low * 1e9),
                units::duration(time.high * 1e9)
            ));
        }
        None => {
            cell("no round kept".into());
            cell(String::new());
        }
    }
    if let Some(base) = base {
        cell(if point == base {
            same_arm(measurement)
        } else if !measurement.same_work(point, base) {
            "other work".into()
        } else {
            ratio(measurement, point, base)
        });
    }
    let median = |value: fn(&lab::record::Sample) -> Option<f64>| {
        estimate(&measurement.values(point, value)).map(|e: Estimate| e.median)
    };
    cell(median(|s| s.busy_cores()).map_or("not exposed".into(), units::number));
    cell(median(|s| s.peak_bytes.map(|b| b as f64)).map_or("not exposed".into(), units::bytes));
    for word in outcomes {
        let samples = measurement.rounds.iter().filter_map(|round| round.sample(point));
        cell(units::count(samples.filter_map(|s| s.outcomes.get(word)).sum()));
    }
    html.push_str("</tr>");
    html
}

fn same_arm(measurement: &Measurement) -> String {
    match estimate(&measurement.same_arm()) {
        Some(e) => format!("against itself {} to {}", units::number(e.low), units::number(e.high)),
        None => String::new(),
    }
}

fn ratio(measurement: &Measurement, point: &Point, base: &Point) -> String {
    match measurement.compare(point, base) {
        Some((e, verdict)) => format!(
            "{} ({} to {}), {}",
            units::times_sign(e.median),
            units::number(e.low),
            units::number(e.high),
            words(verdict)
        ),
        None => "no round kept".into(),
    }
}

fn ceilings(measurement: &Measurement, columns: usize) -> String {
    let mut html = String::new();
    for at in measurement.description.ceiling_at() {
        let Some(e) = estimate(&measurement.ceiling(at)) else { continue };
        html.push_str(&format!(
            "<tr class=\"ceiling-row\"><th scope=\"row\">ceiling ({at})</th><td></td><td></td><td class=\"n\">{} ({} to {})</td>{}</tr>",
            units::times_sign(e.median),
            units::number(e.low),
            units::number(e.high),
            "<td></td>".repeat(columns - 4)
        ));
    }
    html
}

/// What no arm can be below, where the experiment declares it.
fn least(measurement: &Measurement, columns: usize) -> String {
    match estimate(&measurement.least_seconds()) {
        Some(e) => format!(
            "<tr class=\"ceiling-row\"><th scope=\"row\">limit</th><td class=\"n\">{}</td><td class=\"n\">{} to {}</td>{}</tr>",
            units::duration(e.median * 1e9),
            units::duration(e.low * 1e9),
            units::duration(e.high * 1e9),
            "<td></td>".repeat(columns - 3)
        ),
        None => String::new(),
    }
}

fn unavailable(arms: &[Arm], columns: usize) -> String {
    arms.iter()
        .filter_map(|arm| Some((arm, arm.unavailable.as_ref()?)))
        .map(|(arm, why)| {
            format!(
                "<tr><th scope=\"row\">{}</th><td colspan=\"{}\">not available there: {}</td></tr>",
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
