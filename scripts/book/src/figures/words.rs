//! What a figure shows, in one sentence, for those who do not see it.

use lab::record::{Arm, Axis, EndedBy, How, Lane, Segment, State, Timeline};
use lab::statistics::Estimate;

use super::ladder::{climbed, factors};
use super::outcomes::endings;
use super::units::{bytes, count, duration, number, times};
use super::{Ceiling, Fit, Law, Outcomes, POINTS_TO_FIT, Series, SeriesPoint, Speedup, Unit};

/// `None`, here and below: there is nothing to say.
pub(super) fn bars(series: &[Series], limit: Option<f64>, unit: Unit) -> Option<String> {
    let mut all: Vec<(String, f64, String)> = Vec::new();
    let mut missing = Vec::new();
    for one in series {
        for point in &one.points {
            all.push((named(one, point), point.estimate.median, point.shown(unit)));
        }
        if one.points.is_empty() {
            let why = one.absent.as_deref().unwrap_or("not measured");
            missing.push(format!("{} {why}", one.label));
        }
    }
    all.sort_by(|a, b| a.1.total_cmp(&b.1));
    let said: Vec<String> =
        all.iter().map(|(label, _, shown)| format!("{label} {shown}")).collect();
    let mut sentence = match (all.first(), all.last()) {
        (Some(least), Some(most)) if all.len() > 1 && least.1 > 0.0 => format!(
            "{} to {}: {}; the last is {} the first",
            if unit == Unit::Nanoseconds { "Fastest" } else { "Least" },
            if unit == Unit::Nanoseconds { "slowest" } else { "most" },
            said.join(", "),
            times(most.1 / least.1),
        ),
        (Some(_), _) => said.join(", "),
        _ if missing.is_empty() => return None,
        _ => String::new(),
    };
    if let (Some(limit), false) = (limit, all.is_empty()) {
        sentence += &format!("; the limit is {}", unit.show(limit));
    }
    for what in missing {
        if !sentence.is_empty() {
            sentence.push_str("; ");
        }
        sentence.push_str(&what);
    }
    Some(sentence + ".")
}

pub(super) fn ladder(series: &[Series], unit: Unit) -> Option<String> {
    let rungs = climbed(series);
    let factors = factors(&rungs);
    let points = rungs.iter().flat_map(|one| match one.points.as_slice() {
        [] => vec![(one, None)],
        points => points.iter().map(|point| (one, Some(point))).collect(),
    });
    let said: Vec<String> = points
        .zip(factors)
        .map(|((one, point), factor)| match (point, factor) {
            (Some(point), Some(factor)) => {
                format!("{} {}, {factor} that", named(one, point), point.shown(unit))
            }
            (Some(point), None) => format!("{} {}", named(one, point), point.shown(unit)),
            (None, _) => {
                format!("{} {}", one.label, one.absent.as_deref().unwrap_or("not measured"))
            }
        })
        .collect();
    (!said.is_empty()).then(|| format!("From the cheapest up: {}.", said.join("; ")))
}

pub(super) fn speedup(speedup: &Speedup) -> Option<String> {
    // Where all cores are used, or else where most was reached.
    let points = || speedup.series.iter().flat_map(|one| &one.points);
    let best = points()
        .find(|point| point.at == Some(speedup.allowed))
        .or_else(|| points().max_by(|a, b| a.estimate.median.total_cmp(&b.estimate.median)));
    let Some(SeriesPoint { at: Some(at), .. }) = best else {
        let (at, Estimate { median, .. }) = speedup.ceiling.last()?;
        return Some(format!("The ceiling on {} is {}.", threads(*at), times(*median)));
    };
    let there: Vec<String> = speedup
        .series
        .iter()
        .filter_map(|one| {
            let point = one.points.iter().find(|point| point.at == Some(*at))?;
            Some(format!("{} {}", one.label, number(point.estimate.median)))
        })
        .collect();
    let mut sentence =
        format!("On {}, times as fast as {}: {}", threads(*at), speedup.base, there.join(", "));
    let predicted: Vec<String> = speedup
        .series
        .iter()
        .zip(&speedup.laws)
        .filter_map(|(one, law)| {
            let law = Law { serial: law.stated?, coordination: 0.0 };
            let cores = (*at).min(speedup.allowed) as f64;
            Some(format!("{} {}", one.label, number(law.speedup(cores))))
        })
        .collect();
    if !predicted.is_empty() {
        sentence += &format!("; predicted by Amdahl's law: {}", predicted.join(", "));
    }
    if let Some((_, ceiling)) = speedup.ceiling.iter().find(|(p, _)| p == at) {
        sentence += &format!("; the machine's ceiling there is {}", number(ceiling.median));
    }
    let limit = speedup.limit.iter().flatten().find(|(p, _)| p == at);
    if let Some((_, limit)) = limit {
        sentence += &format!(", the limit {}", number(*limit));
    }
    Some(sentence + ".")
}

/// What the lines of a law are, and which serial fractions fit the points: or why none was fitted.
pub(super) fn laws(speedup: &Speedup) -> Option<String> {
    if speedup.laws.is_empty() {
        return None;
    }
    let percent = |share: f64| format!("{} %", number(share * 100.0));
    let fits: Vec<String> = speedup
        .series
        .iter()
        .zip(&speedup.laws)
        .filter_map(|(one, law)| {
            let Fit { serial, off } = law.fitted?;
            let off = percent(off);
            Some(format!("{}: {} (no point is further than {off} off)", one.label, percent(serial)))
        })
        .collect();
    let lines = "Dashed lines: Amdahl's law, by the share that is made to run alone.";
    if !fits.is_empty() {
        let fits = fits.join("; ");
        return Some(format!(
            "{lines} The share that fits the points best, by least squares: {fits}."
        ));
    }
    let cores = match speedup.allowed {
        1 => "1 core".into(),
        cores => format!("{} cores", count(cores)),
    };
    let mut at: Vec<u64> =
        speedup.series.iter().flat_map(|one| &one.points).filter_map(|p| p.at).collect();
    at.sort_unstable();
    at.dedup();
    let there = at.iter().filter(|p| **p <= speedup.allowed).count();
    Some(format!(
        "{lines} No share was fitted to the points: that takes {POINTS_TO_FIT} numbers of threads or more for \
         which there are cores. This machine has {cores}, and {there} such {}.",
        if there == 1 { "point" } else { "points" }
    ))
}

fn threads(n: u64) -> String {
    if n == 1 { "1 thread".into() } else { format!("{} threads", count(n)) }
}

pub(super) fn scaling(
    series: &[Series],
    axis: &Axis,
    ceiling: &Ceiling,
    unit: Unit,
) -> Option<String> {
    let place = |at: Option<u64>| {
        if axis.name.contains("byte") {
            bytes(at.unwrap_or(0) as f64)
        } else {
            format!("{} {}", count(at.unwrap_or(0)), axis.name)
        }
    };
    let said: Vec<String> = series
        .iter()
        .filter_map(|one| {
            let (first, last) = (one.points.first()?, one.points.last()?);
            Some(format!(
                "{}: {} at {}, {} at {}",
                one.label,
                first.shown(unit),
                place(first.at),
                last.shown(unit),
                place(last.at),
            ))
        })
        .collect();
    let ceiling = match (ceiling.own.and_then(|own| series.get(own)), ceiling.points.as_slice()) {
        (_, []) => String::new(),
        (Some(own), _) => format!("; the ceiling is {}", own.label),
        (None, [(first, low), .., (last, high)]) => format!(
            "; the ceiling: {} at {}, {} at {}",
            unit.shape(low).show(low.median),
            place(Some(*first)),
            unit.shape(high).show(high.median),
            place(Some(*last)),
        ),
        (None, [(_, only)]) => {
            format!("; the ceiling: {}", unit.shape(only).show(only.median))
        }
    };
    (!said.is_empty()).then(|| said.join("; ") + &ceiling + ".")
}

pub(super) fn outcomes(outcomes: &Outcomes) -> Option<String> {
    let endings = endings(outcomes);
    if endings.is_empty() || outcomes.arms.is_empty() {
        return None;
    }
    let said: Vec<String> = outcomes
        .arms
        .iter()
        .map(|arm| {
            let seen = endings.iter().map(|ending| {
                match arm.counts.get(ending.as_str()).copied().unwrap_or(0) {
                    0 => format!("{ending} never"),
                    1 => format!("{ending} once"),
                    trials => format!("{ending} {} times", count(trials)),
                }
            });
            let seen: Vec<String> = seen.collect();
            format!("{}, {} trials: {}", arm.label, count(arm.trials()), seen.join(", "))
        })
        .collect();
    let mut sentence = said.join("; ");
    if let Some(possible) = &outcomes.possible {
        let found: Vec<&str> = endings
            .iter()
            .map(String::as_str)
            .filter(|e| possible.endings.get(*e).is_some_and(|n| *n > 0))
            .collect();
        sentence += &format!("; possible, says {}: {}", possible.checker, found.join(", "));
    }
    Some(sentence + ".")
}

pub(super) fn timeline(runs: &[(&Arm, &Timeline)]) -> Option<String> {
    let said: Vec<String> = runs
        .iter()
        .filter(|(_, run)| !run.lanes.is_empty())
        .map(|(arm, run)| {
            let lanes = match run.lanes.len() {
                1 => "1 lane".into(),
                n => format!("{} lanes", count(n as u64)),
            };
            let spent = |state: State| -> f64 {
                let segments = run.lanes.iter().flat_map(|lane| &lane.segments);
                segments
                    .filter(|s| s.state == state)
                    .map(|s| s.end_ns.saturating_sub(s.start_ns) as f64)
                    .sum()
            };
            format!(
                "{}: {lanes}, done after {}, {} in steps and {} of waiting in all{}",
                arm.label,
                duration(run.wall_ns as f64),
                duration(spent(State::Running)),
                duration(spent(State::Waiting)),
                arrows(run),
            )
        })
        .collect();
    (!said.is_empty()).then(|| said.join("; ") + ".")
}

fn arrows(run: &Timeline) -> String {
    let segments = run.lanes.iter().flat_map(|lane| &lane.segments);
    let arrows = segments.filter(|one| matches!(one.ended_by, Some(EndedBy::Signal(_)))).count();
    match arrows {
        0 => String::new(),
        1 => ", one wait ended by another lane".into(),
        n => format!(", {} waits ended by another lane", count(n as u64)),
    }
}

/// What ended a wait: "ended by writer (the lock)". `None` where its listing says nothing of it.
pub fn ended_by(lanes: &[Lane], wait: &Segment) -> Option<String> {
    Some(match wait.ended_by.as_ref()? {
        EndedBy::Signal(signal) => {
            let lane = lanes.get(signal.lane)?;
            let before = if signal.at_ns < wait.start_ns { ", before the wait" } else { "" };
            let verb = match signal.how {
                How::Woken => "ended",
                How::Sent => "sent",
            };
            format!("{verb} by {}{before} ({})", lane.name, signal.what)
        }
        EndedBy::Outside(outside) => format!("ended by {outside}"),
        EndedBy::Unseen => "ended without a signal from another lane".into(),
    })
}

fn named(series: &Series, point: &SeriesPoint) -> String {
    match point.at {
        Some(at) => format!("{} at {}", series.label, count(at)),
        None => series.label.clone(),
    }
}
