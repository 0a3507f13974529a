//! The explorer of a law of scalability: what it predicts, beside one measured arm, the machine's ceiling
//! and its cores. Without a script it is a figure at the stated fraction, with a table.

use lab::record::{Measurement, Record};
use lab::statistics::Estimate;
use maud::{Markup, html};
use serde_json::json;

use crate::context::Context;
use crate::figures::units::number;
use crate::figures::{self, Law, MOST_CORES, Speedup};
use crate::html::{inline_code, scroll_box};
use crate::plots;
use crate::tree::{Amdahl, Options};
use crate::value::provenance;

/// The number of cores that is chosen at first.
const CHOSEN: u64 = 16;

/// The explorer on the machine of this record.
pub fn explorer(
    context: &Context,
    record: &Record,
    measurement: &Measurement,
    asked: &Amdahl,
) -> Markup {
    let options = Options { arms: vec![asked.arm.clone()], ..Options::default() };
    let speedup = plots::speedup(record, measurement, &options);
    let law = Law { serial: asked.serial / 100.0, coordination: 0.0 };
    let said = in_words(law, CHOSEN, &speedup);
    let drawing = figures::law(&speedup, law, CHOSEN, &said);
    let measured: serde_json::Map<String, serde_json::Value> = measured(&speedup)
        .map(|(p, median)| (p.to_string(), json!((median * 1e4).round() / 1e4)))
        .collect();
    let data = json!({ "cores": speedup.allowed, "measured": measured });
    let sub = format!(
        "{} · {}",
        measurement.description.title,
        provenance(record, measurement, context.stale_timing(record))
    );
    html! {
        figure.plot.amdahl data-experiment=(record.example) data-law=(data) {
            figcaption { (inline_code(&asked.caption)) }
            p.sub { (sub) }
            .law-controls.with-script {
                (control("Serial fraction", "serial", (0.0, 50.0, 0.5), asked.serial, " %"))
                (control("Cores", "cores", (1.0, MOST_CORES as f64, 1.0), CHOSEN as f64, ""))
                (control("Coordination, each pair", "coordination", (0.0, 1.0, 0.01), 0.0, " %"))
            }
            (plots::both_widths(drawing))
            p.predicted aria-live="polite" { (said) }
            .tools.with-script {}
            details { summary { "The numbers" } (table(law, &speedup)) }
        }
    }
}

fn control(
    label: &str,
    name: &str,
    (least, most, step): (f64, f64, f64),
    value: f64,
    unit: &str,
) -> Markup {
    html! {
        label {
            span { (label) ": " output { (value) (unit) } }
            input type="range" name=(name) min=(least) max=(most) step=(step) value=(value)
                data-unit=(unit) aria-valuetext={ (value) (unit) };
        }
    }
}

/// The medians of the arm, by its number of threads.
fn measured(speedup: &Speedup) -> impl Iterator<Item = (u64, f64)> {
    let points = speedup.series.iter().flat_map(|series| &series.points);
    points.filter_map(|point| Some((point.at?, point.estimate.median)))
}

/// What the law says, and what was seen. The script says the same of what the reader chooses.
fn in_words(law: Law, chosen: u64, speedup: &Speedup) -> String {
    let predicted = |p: u64| number(law.speedup(p as f64));
    let cores = |n: u64| if n == 1 { "1 core".into() } else { format!("{n} cores") };
    let limit = match law.serial {
        serial if serial > 0.0 => {
            format!("However many there are, at most {} times", number(1.0 / serial))
        }
        _ => "Nothing is serial, so that there is no limit".into(),
    };
    let here = speedup.allowed;
    let seen = measured(speedup).find(|(p, _)| *p == here);
    let seen = seen.map_or(String::new(), |(_, median)| format!(", {} measured", number(median)));
    format!(
        "Predicted for {}: {} times as fast as one. {limit}. On this machine, with {}: {} predicted{seen}.",
        cores(chosen),
        predicted(chosen),
        cores(here),
        predicted(here)
    )
}

fn table(law: Law, speedup: &Speedup) -> Markup {
    let mut places: Vec<u64> = (0..7).map(|n| 1 << n).collect();
    places.extend(measured(speedup).map(|(p, _)| p).filter(|p| *p <= MOST_CORES));
    places.push(speedup.allowed.min(MOST_CORES));
    places.sort_unstable();
    places.dedup();
    let table = html! {
        table {
            thead { tr {
                th scope="col" { "Cores" }
                @for head in ["Predicted", "Measured", "Ceiling"] { th.n scope="col" { (head) } }
            } }
            tbody {
                @for p in places { (row(p, law, speedup)) }
            }
        }
    };
    scroll_box("Predicted and measured, as a table", table)
}

fn row(p: u64, law: Law, speedup: &Speedup) -> Markup {
    let mut points = speedup.series.iter().flat_map(|series| &series.points);
    let seen = points.find(|point| point.at == Some(p)).map(|point| point.estimate);
    let ceiling = speedup.ceiling.iter().find(|(at, _)| *at == p).map(|(_, estimate)| *estimate);
    let interval = |estimate: Option<Estimate>| {
        estimate.map_or("—".into(), |Estimate { median, low, high }| {
            format!("{} [{}, {}]", number(median), number(low), number(high))
        })
    };
    html! {
        tr {
            th scope="row" { (p) }
            td.n data-p=(p) { (number(law.speedup(p as f64))) }
            td.n { (interval(seen)) }
            td.n { (interval(ceiling)) }
        }
    }
}
