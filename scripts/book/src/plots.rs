//! From records to figures: which samples a figure draws, and the HTML around the drawing.

use std::collections::BTreeMap;
use std::path::Path;

use lab::machine::Cache;
use lab::record::{Arm, CEILING, Measurement, Point, Record, Sample, Timeline};
use lab::statistics::{estimate, percentile};
use maud::{Markup, PreEscaped, html};
use serde::Deserialize;

use crate::context::Context;
use crate::diagnostic::counted;
use crate::figures::{
    self, Alone, Beside, Drawing, Landmark, Observed, Outcomes, Possible, Scaling, Series,
    SeriesPoint, Speedup, Unit,
};
use crate::html::{inline_code, joined, table};
use crate::tables::{base_of, chosen_arms, numbers, rounds_in_words};
use crate::trace;
use crate::tree::{Ceiling, Column, FigureKind, KnownLaw, Marks, Options, Quantity, Scale};
use crate::value::provenance;

/// The figure with its caption, what it is of, and its numbers as a table.
pub fn figure(
    context: &Context,
    record: &Record,
    kind: FigureKind,
    caption: &str,
    options: &Options,
) -> Markup {
    if kind == FigureKind::Cores {
        return by_cores(context, &record.example, caption, options);
    }
    let has_runs = kind == FigureKind::Timeline && !record.timelines.is_empty();
    let runs = has_runs.then(|| shown_runs(record, options));
    html! {
        figure.plot data-experiment=(record.example) data-runs=[runs] {
            figcaption { (inline_code(caption)) }
            @match &record.measurement {
                _ if has_runs => {
                    p.sub { (timelines_in_words(context, record)) }
                    (both_widths(timeline(record, options)))
                    (tools())
                    (ended_table(record, options))
                    (export(context, record))
                }
                Some(measurement) if kind != FigureKind::Timeline => {
                    p.sub { (measurement_in_words(context, record, measurement, kind, options)) }
                    (both_widths(draw(context, record, measurement, kind, options)))
                    (tools())
                    (below(record, measurement, caption, options))
                }
                _ => {
                    p.unmeasured {
                        "Not measured on this machine: "
                        code { "cargo course measure " (record.example) }
                    }
                    (tools())
                }
            }
        }
    }
}

/// A drawing for wide pages and for narrow ones; the style shows one of them.
pub fn both_widths(Drawing { wide, narrow, .. }: Drawing) -> Markup {
    html! {
        // A drawing escapes its own texts.
        .wide { (PreEscaped(wide)) }
        .narrow { (PreEscaped(narrow)) }
    }
}

/// The place of what a script offers for a figure.
fn tools() -> Markup {
    html! { .tools.with-script {} }
}

/// What is said under the drawing, and its numbers.
fn below(record: &Record, measurement: &Measurement, caption: &str, options: &Options) -> Markup {
    let notes = [
        law_note(record, measurement, options),
        caches_note(record, options),
        ceiling_note(measurement, options),
    ];
    html! {
        @for note in notes.into_iter().flatten() { p.sub { (note) } }
        details {
            summary { "The numbers" }
            (numbers(measurement, caption, &in_the_table(options)))
        }
    }
}

/// A figure of memory has memory in its table, and so on.
fn in_the_table(options: &Options) -> Options {
    let columns = match options.quantity {
        Quantity::Time | Quantity::Each | Quantity::Rate => options.columns.clone(),
        Quantity::Memory => vec![Column::Memory],
        Quantity::Percentile(p) => vec![Column::Percentile(p)],
        Quantity::Outcomes => vec![Column::Outcomes],
    };
    Options { columns, ..options.clone() }
}

/// What the thin lines of a law are, and what was fitted.
fn law_note(record: &Record, measurement: &Measurement, options: &Options) -> Option<String> {
    options.law?;
    figures::laws_in_words(&speedup(record, measurement, options))
}

/// Where a buffer no longer fits a cache.
fn landmarks(record: &Record, options: &Options) -> Vec<Landmark> {
    let landmark =
        |cache: &Cache| Landmark { at: cache.bytes as f64, name: format!("L{}", cache.level) };
    match options.marks {
        Some(Marks::Caches) => record.machine.caches.iter().map(landmark).collect(),
        None => Vec::new(),
    }
}

/// What the marks on the axis are, and who says so.
fn caches_note(record: &Record, options: &Options) -> Option<String> {
    options.marks.as_ref()?;
    Some(match caches_in_words(&record.machine.caches) {
        None => "Caches: not exposed.".to_string(),
        Some(caches) => {
            let who = match record.machine.virtualization.as_deref() {
                None | Some("none") => "",
                Some(_) => ", which has it from the hypervisor",
            };
            format!(
                "Dashed lines: the caches of one core, as the system tells them{who}: {caches}."
            )
        }
    })
}

/// "level 1, 32 KiB; level 3, 32 MiB, shared by 2 logical cores", if the system tells.
fn caches_in_words(caches: &[Cache]) -> Option<String> {
    let size = |bytes: u64| match bytes {
        bytes if bytes % (1 << 20) == 0 => format!("{} MiB", figures::units::count(bytes >> 20)),
        bytes => format!("{} KiB", figures::units::count(bytes >> 10)),
    };
    let said = caches.iter().map(|cache| {
        let shared = match cache.shared_by {
            Some(cores) if cores > 1 => format!(", shared by {cores} logical cores"),
            _ => String::new(),
        };
        format!("level {}, {}{shared}", cache.level, size(cache.bytes))
    });
    let said: Vec<String> = said.collect();
    (!said.is_empty()).then(|| said.join("; "))
}

/// What the machine has to give, where that was measured, in the unit of the series that are shown.
fn ceiling(measurement: &Measurement, options: &Options, shown: &[Series]) -> figures::Ceiling {
    let none = figures::Ceiling::default();
    let axis = measurement.description.axis.as_ref();
    match (&options.ceiling, axis) {
        (Some(Ceiling::Copies), Some(axis)) => {
            let points = axis.at.iter().filter_map(|threads| {
                // So many copies took that long; shared out as well, one of them would take a share.
                let share = |sample: &Sample| Some(sample.wall_ns as f64 / *threads as f64);
                let shares = measurement.values(&Point::new(CEILING, Some(*threads)), share);
                Some((*threads, estimate(&shares)?))
            });
            figures::Ceiling { points: points.collect(), own: None }
        }
        (Some(Ceiling::Arm { name, at }), Some(axis)) => {
            let alone = Options { arms: vec![name.clone()], ..options.clone() };
            let (mut arms, _) = self::shown(measurement, &alone);
            let Some(arm) = arms.pop() else { return none };
            let mut measured =
                arm.points.iter().filter_map(|point| Some((point.at?, point.estimate)));
            match at {
                None => figures::Ceiling {
                    points: measured.collect(),
                    own: shown.iter().position(|series| series.label == arm.label),
                },
                Some(at) => {
                    // One level, from the first point of the axis to its last.
                    let level = measured.find(|(there, _)| there == at);
                    let ends = [axis.at.first(), axis.at.last()].into_iter().flatten();
                    let across = ends.filter_map(|end| Some((*end, level?.1)));
                    figures::Ceiling { points: across.collect(), own: None }
                }
            }
        }
        _ => none,
    }
}

/// What the ceiling is, or that there is none.
fn ceiling_note(measurement: &Measurement, options: &Options) -> Option<String> {
    let asked = options.ceiling.as_ref()?;
    let description = &measurement.description;
    Some(match asked {
        _ if ceiling(measurement, options, &[]).points.is_empty() => {
            "Ceiling: not measured here.".to_string()
        }
        Ceiling::Copies => {
            "At the ceiling: the time of as many independent copies of the work, divided by \
                            their number, from the same rounds."
                .into()
        }
        Ceiling::Arm { name, at } => {
            let label = description.arm(name).map_or(name.as_str(), |arm| &arm.label);
            let place = match (at, &description.axis) {
                (Some(at), Some(axis)) => {
                    format!(" ({}: {})", axis.name, figures::units::count(*at))
                }
                _ => String::new(),
            };
            format!("Ceiling, from the same rounds: {label}{place}.")
        }
    })
}

/// What bars and points stand for, where that is not the time of an arm: "Peak memory · ".
fn quantity_in_words(measurement: &Measurement, options: &Options) -> String {
    match options.quantity {
        Quantity::Time | Quantity::Outcomes | Quantity::Rate => String::new(),
        Quantity::Memory => "Peak memory · ".into(),
        Quantity::Percentile(50) => "Half of all took no longer · ".into(),
        Quantity::Percentile(p) => format!("{p} of 100 took no longer · "),
        Quantity::Each => {
            let arms = chosen_arms(measurement, options);
            let counted = arms.iter().filter_map(|arm| measurement.description.per(&arm.name));
            let mut counted: Vec<&str> = counted.map(|(what, _)| what.as_str()).collect();
            counted.dedup();
            match counted.as_slice() {
                [what] => format!("Time of one {what} · "),
                // A call, a task, a process: the title says what is compared.
                _ => String::new(),
            }
        }
    }
}

/// What is compared, where, when, and how often.
fn measurement_in_words(
    context: &Context,
    record: &Record,
    measurement: &Measurement,
    kind: FigureKind,
    options: &Options,
) -> String {
    let stale = context.stale_timing(record);
    let key = match kind {
        FigureKind::Outcomes => "",
        _ => " · dots: the rounds, line: the interval of their median",
    };
    format!(
        "{}{} · {} · {}{key}",
        quantity_in_words(measurement, options),
        measurement.description.title,
        rounds_in_words(measurement),
        provenance(record, measurement, stale)
    )
}

fn timelines_in_words(context: &Context, record: &Record) -> String {
    let keys = context.keys(&record.example);
    let stale = record
        .timelines
        .iter()
        .any(|run| keys.as_ref().is_none_or(|keys| keys.timing != run.timing_key));
    let stale = if stale { " · stale: the listing has changed since" } else { "" };
    format!("One run of each, on one scale, not timed · {}{stale}", record.machine.label)
}

fn draw(
    context: &Context,
    record: &Record,
    measurement: &Measurement,
    kind: FigureKind,
    options: &Options,
) -> Drawing {
    let scaling = match options.scale {
        Scale::Fitting => Scaling::Fitting,
        Scale::Linear => Scaling::Linear,
        Scale::Log => Scaling::Log,
    };
    let (shown, unit) = shown(measurement, options);
    match kind {
        FigureKind::Bars => {
            let least = match options.quantity {
                Quantity::Time => estimate(&measurement.least_seconds()),
                _ => None,
            };
            figures::bars_to(&shown, least.map(|least| least.median * 1e9), unit, scaling)
        }
        FigureKind::Ladder => figures::ladder(&shown, unit),
        FigureKind::Speedup => figures::speedup(&speedup(record, measurement, options)),
        FigureKind::Scaling => match &measurement.description.axis {
            Some(axis) => {
                let over_axis: Vec<Series> = shown
                    .into_iter()
                    .filter(|series| series.points.iter().all(|point| point.at.is_some()))
                    .collect();
                let beside = Beside {
                    landmarks: landmarks(record, options),
                    ceiling: ceiling(measurement, options, &over_axis),
                };
                figures::scaling_beside(&over_axis, axis, &beside, unit, scaling)
            }
            None => figures::bars(&shown, unit, scaling),
        },
        FigureKind::Outcomes => figures::outcomes(&outcomes(context, record, measurement, options)),
        FigureKind::Timeline | FigureKind::Cores => timeline(record, options),
    }
}

/// The same arms on the book's machine held to one core, on the whole machine, and on the largest one that
/// was measured: drawings under each other, on one scale.
fn by_cores(context: &Context, experiment: &str, caption: &str, options: &Options) -> Markup {
    let machines: Vec<(&Record, &Measurement, Vec<Series>, Unit)> =
        few_and_many_cores(context, experiment)
            .into_iter()
            .map(|(record, measurement)| {
                let at = options.at.unwrap_or(record.machine.cores);
                let (mut series, unit) = shown(measurement, options);
                for one in &mut series {
                    one.points.retain(|point| point.at.is_none_or(|there| there == at));
                    // One point for each arm: its name is enough.
                    one.points.iter_mut().for_each(|point| point.at = None);
                }
                (record, measurement, series, unit)
            })
            .collect();
    let all = machines.iter().flat_map(|(_, _, series, _)| series);
    let reach = all.flat_map(Series::values).fold(0.0, f64::max);
    let scaling = if options.scale == Scale::Log { Scaling::Log } else { Scaling::Linear };
    let drawing =
        |record: &Record, measurement: &Measurement, series: &[Series], unit: Unit| match options
            .quantity
        {
            Quantity::Outcomes => {
                figures::outcomes(&outcomes(context, record, measurement, options))
            }
            _ => figures::bars_reaching(series, reach, unit, scaling),
        };
    html! {
        figure.plot.cores data-experiment=(experiment) {
            figcaption { (inline_code(caption)) }
            @for (record, measurement, series, unit) in &machines {
                p.sub {
                    strong { (counted(record.machine.cores as usize, "core")) }
                    " · " (quantity_in_words(measurement, options)) (rounds_in_words(measurement))
                    " · " (provenance(record, measurement, context.stale_timing(record)))
                }
                (both_widths(drawing(record, measurement, series, *unit)))
            }
            @if machines.is_empty() {
                p.unmeasured {
                    "Not measured yet: " code { "cargo course measure " (experiment) }
                }
            }
            (tools())
        }
    }
}

/// The records of an experiment on the book's own machine, on the same held to one core, and on the machine
/// with most cores, if it has more; by their cores.
fn few_and_many_cores<'a>(
    context: &'a Context,
    experiment: &str,
) -> Vec<(&'a Record, &'a Measurement)> {
    let measured = |name: &str| {
        let record = context.records.get(name, experiment)?;
        Some((record, record.measurement.as_ref()?))
    };
    let names = context.records.machines.iter();
    let most =
        names.max_by_key(|(_, records)| records.machine.cores).map(|(name, _)| name.as_str());
    let own = context.machine.as_str();
    let one = format!("{own}-held-to-1");
    let mut shown: Vec<(&Record, &Measurement)> = Vec::new();
    for name in [Some(one.as_str()), Some(own), most].into_iter().flatten() {
        if let Some((record, measurement)) = measured(name)
            && shown.last().is_none_or(|(last, _)| last.machine.cores < record.machine.cores)
        {
            shown.push((record, measurement));
        }
    }
    shown
}

/// The quantity that is asked for, arm by arm: nanoseconds, or bytes. An arm has no points where it is not
/// exposed, or was not recorded.
fn shown(measurement: &Measurement, options: &Options) -> (Vec<Series>, Unit) {
    let each_arm = |value: &dyn Fn(&Sample, &Point) -> Option<f64>| {
        series(measurement, options, |point| {
            measurement.values(point, |sample: &Sample| value(sample, point))
        })
    };
    let wall = |sample: &Sample| sample.wall_ns as f64;
    match options.quantity {
        Quantity::Time | Quantity::Outcomes => {
            (each_arm(&|sample, _| Some(wall(sample))), Unit::Nanoseconds)
        }
        Quantity::Each => {
            let each = |sample: &Sample, point: &Point| {
                Some(wall(sample) / measurement.description.per(&point.arm)?.1)
            };
            (each_arm(&each), Unit::Nanoseconds)
        }
        Quantity::Rate => {
            let rate = |sample: &Sample, point: &Point| {
                Some(measurement.description.per(&point.arm)?.1 / wall(sample) * 1e9)
            };
            (each_arm(&rate), Unit::Rate)
        }
        Quantity::Percentile(p) => {
            let share = f64::from(p) / 100.0;
            let latency =
                |sample: &Sample, _: &Point| Some(percentile(&sample.latencies_ns, share)? as f64);
            (each_arm(&latency), Unit::Nanoseconds)
        }
        Quantity::Memory => {
            (each_arm(&|sample, _| sample.peak_bytes.map(|bytes| bytes as f64)), Unit::Bytes)
        }
    }
}

fn series(
    measurement: &Measurement,
    options: &Options,
    samples: impl Fn(&Point) -> Vec<f64>,
) -> Vec<Series> {
    let of_arm = |arm: &Arm| {
        let places: Vec<Option<u64>> = match arm.at.as_slice() {
            [] => vec![None],
            points => points.iter().copied().map(Some).collect(),
        };
        let points = places.into_iter().filter_map(|at| {
            let samples = samples(&Point::new(&arm.name, at));
            Some(SeriesPoint { at, estimate: estimate(&samples)?, samples })
        });
        Series {
            label: arm.label.clone(),
            kind: arm.kind,
            absent: arm.unavailable.clone(),
            points: points.collect(),
        }
    };
    chosen_arms(measurement, options).iter().map(of_arm).collect()
}

/// What a figure of speedups is drawn from: ratios to the base round by round, the ceiling, and the laws asked for.
pub fn speedup(record: &Record, measurement: &Measurement, options: &Options) -> Speedup {
    let ratios = |point: &Point| match base_of(measurement, options, point) {
        Some(base) => measurement.ratios(&base, point),
        None => Vec::new(),
    };
    let over_axis: Vec<Series> = series(measurement, options, ratios)
        .into_iter()
        .filter(|series| series.points.iter().all(|point| point.at.is_some()))
        .collect();
    let axis = measurement.description.axis.as_ref();
    let places: Vec<u64> = axis.map(|axis| axis.at.clone()).unwrap_or_default();
    let ceiling =
        places.iter().filter_map(|p| Some((*p, estimate(&measurement.ceiling(*p))?))).collect();
    let limit = measurement.description.pieces.map(|_| {
        let median = |p: &u64| Some((*p, estimate(&measurement.limit(*p))?.median));
        places.iter().filter_map(median).collect()
    });
    let base_label = options
        .base
        .as_deref()
        .or(measurement.description.base.as_deref())
        .and_then(|name| measurement.description.arm(name))
        .map_or_else(String::new, |arm| arm.label.clone());
    let laws = match options.law {
        Some(KnownLaw::Amdahl) => laws(measurement, &over_axis, record.machine.cores),
        None => Vec::new(),
    };
    Speedup {
        base: base_label,
        laws,
        series: over_axis,
        ceiling,
        limit,
        physical: record.machine.physical_cores,
        logical: record.machine.logical_cores,
        allowed: record.machine.cores,
    }
}

/// What of each series runs alone: as its arm says, and as its points say where there are enough.
fn laws(measurement: &Measurement, shown: &[Series], cores: u64) -> Vec<Alone> {
    let alone = |series: &Series| {
        let arms = &measurement.description.arms;
        let stated = arms.iter().find(|arm| arm.label == series.label).and_then(|arm| arm.serial);
        let points = series.points.iter();
        let points: Vec<(u64, f64)> =
            points.filter_map(|point| Some((point.at?, point.estimate.median))).collect();
        Alone { stated, fitted: stated.and_then(|_| figures::fit(&points, cores)) }
    };
    shown.iter().map(alone).collect()
}

fn outcomes(
    context: &Context,
    record: &Record,
    measurement: &Measurement,
    options: &Options,
) -> Outcomes {
    let observed = |arm: &Arm| {
        let mut counts = std::collections::BTreeMap::new();
        for round in &measurement.rounds {
            let Some(sample) = round.sample(&Point::new(&arm.name, None)) else { continue };
            for (word, count) in &sample.outcomes {
                *counts.entry(word.clone()).or_insert(0) += count;
            }
        }
        Observed { label: arm.label.clone(), kind: arm.kind, counts }
    };
    let arms = chosen_arms(measurement, options);
    Outcomes {
        arms: arms.iter().filter(|arm| arm.unavailable.is_none()).map(observed).collect(),
        possible: possible(context, &record.example),
    }
}

/// `<listing>.endings.json`, which a test writes and holds against the model checker.
#[derive(Deserialize)]
struct Endings {
    checker: String,
    endings: std::collections::BTreeMap<String, u64>,
}

fn possible(context: &Context, example: &str) -> Option<Possible> {
    let path = context.listing(example)?.with_extension("endings.json");
    let text = context.text(Path::new(&path)).ok()?;
    let Endings { checker, endings } = serde_json::from_str(&text).ok()?;
    Some(Possible { checker, endings })
}

/// The timelines as a file, for who wants to look closer.
fn export(context: &Context, record: &Record) -> Markup {
    let settings = &context.project.settings;
    let file = trace::path(settings, &record.machine.name, &record.example);
    html! {
        p.readout.with-script {}
        p.trace {
            a href=(file) download { "Export this timeline" }
            " (a Chrome trace: the Perfetto viewer opens it)"
        }
    }
}

/// How waits of one name ended.
#[derive(Default)]
struct Ended {
    /// How often by what.
    times: BTreeMap<String, usize>,
    /// How long all of them were, in nanoseconds.
    all_ns: u64,
}

/// What ended the waits, lane by lane, for who does not see the arrows; nothing where no listing says so.
fn ended_table(record: &Record, options: &Options) -> Markup {
    let runs: Vec<&Timeline> =
        record.timelines.iter().filter(|run| is_shown(run, options)).collect();
    let waits = ended_waits(&runs);
    let mut numbers = waits.keys().map(|(run, ..)| run);
    let first = numbers.next();
    let several = numbers.any(|run| Some(run) != first);
    let rows = html! {
        @for ((run, lane, wait), Ended { times, all_ns }) in &waits {
            @let run = runs[*run];
            @let arm = record.description.arm(&run.point.arm).filter(|_| several);
            tr {
                th scope="row" {
                    @if let Some(arm) = arm { (arm.label) ": " }
                    (run.lanes[*lane].name)
                }
                td { (wait) }
                td {
                    (joined(
                        times.iter().map(|(ended, times)| format!("{times}\u{202f}× {ended}")),
                        ", ",
                    ))
                }
                td.n { (figures::units::duration(*all_ns as f64)) }
            }
        }
    };
    let heads = ["Lane", "Wait", "What ended it", "In all"];
    html! {
        @if !waits.is_empty() {
            details {
                summary { "What ended each wait" }
                (table("What ended each wait, as a table", heads, rows))
            }
        }
    }
}

/// The waits of these runs by the number of the run, that of the lane, and the name of the wait.
fn ended_waits<'a>(runs: &[&'a Timeline]) -> BTreeMap<(usize, usize, &'a str), Ended> {
    let mut waits: BTreeMap<(usize, usize, &str), Ended> = BTreeMap::new();
    for (number, run) in runs.iter().enumerate() {
        for (lane, all) in run.lanes.iter().enumerate() {
            for wait in &all.segments {
                let Some(ended) = figures::ended_by(&run.lanes, wait) else { continue };
                let key = (number, lane, without_fields(&wait.span));
                let of_name = waits.entry(key).or_default();
                *of_name.times.entry(ended).or_default() += 1;
                of_name.all_ns += wait.end_ns.saturating_sub(wait.start_ns);
            }
        }
    }
    waits
}

/// "wait for page number=3" is a "wait for page".
fn without_fields(span: &str) -> &str {
    let end = span.find('=').and_then(|at| span[..at].rfind(' '));
    end.map_or(span, |end| &span[..end])
}

fn is_shown(run: &Timeline, options: &Options) -> bool {
    options.arms.is_empty() || options.arms.contains(&run.point.arm)
}

/// Numbers of the runs that the figure shows, as the exported file counts them.
fn shown_runs(record: &Record, options: &Options) -> String {
    let runs = record.timelines.iter().enumerate();
    let shown = runs.filter(|(_, run)| is_shown(run, options));
    shown.map(|(index, _)| (index + 1).to_string()).collect::<Vec<_>>().join(" ")
}

fn timeline(record: &Record, options: &Options) -> Drawing {
    let arms: Vec<(Arm, &Timeline)> = record
        .timelines
        .iter()
        .filter(|run| is_shown(run, options))
        .filter_map(|run| {
            let mut arm = record.description.arm(&run.point.arm)?.clone();
            if let Some(at) = run.point.at {
                arm.label = format!("{} ({at})", arm.label);
            }
            Some((arm, run))
        })
        .collect();
    let runs: Vec<(&Arm, &Timeline)> = arms.iter().map(|(arm, run)| (arm, *run)).collect();
    figures::timeline(&runs)
}
