//! What each thread and task did when: running is a block, waiting is a thin line.
//!
//! For the script that zooms, a drawing carries where time stands (`data-time`: left and right end in
//! pixels, and the right end in nanoseconds) and where its lanes do (`data-lanes`: middle and half
//! height of each). The axis is in a group `time`, the segments are in a group `spans`.

use lab::record::{Arm, Lane, Segment, State, Timeline};

use super::Format;
use super::backend::{Anchor, Ink, Role, Sheet, fitted, text_width};
use super::scale::Scale;
use super::units::{axis_unit, duration, tick};

/// Lanes of one arm share at most this height, down to `THINNEST` each.
const TALLEST: f64 = 260.0;
const THICKEST: f64 = 17.0;
const THINNEST: f64 = 3.0;
/// A lane lower than this has no room for its name.
const NAMED: f64 = 13.0;
const HEAD: f64 = 24.0;
const KEY: f64 = 24.0;
/// A run shorter than this on paper is drawn this wide.
const LEAST: f64 = 1.2;
/// Segments nearer than this on paper are one.
const NEAR: f64 = 0.4;
/// A drawing holds at most this many segments; those nearest to each other become one until it does.
const MOST: usize = 1_500;
/// Up to this many segments, each says what it is under the pointer.
const MOST_NAMED: usize = 160;

pub fn draw(runs: &[(&Arm, &Timeline)], format: Format) -> Option<Sheet> {
    let shown: Vec<&(&Arm, &Timeline)> =
        runs.iter().filter(|(_, run)| !run.lanes.is_empty()).collect();
    if shown.is_empty() {
        return None;
    }
    let pitch = |run: &Timeline| (TALLEST / run.lanes.len() as f64).clamp(THINNEST, THICKEST);
    let names = shown
        .iter()
        .filter(|(_, run)| pitch(run) >= NAMED)
        .flat_map(|(_, run)| &run.lanes)
        .map(|lane| text_width(&lane.name, Role::Quiet))
        .fold(0.0, f64::max)
        .min(if format == Format::Wide { 150.0 } else { 76.0 });
    let (left, right) = (if names > 0.0 { names + 10.0 } else { 1.0 }, format.width() - 8.0);
    let end = shown.iter().map(|(_, run)| last(run)).max().unwrap_or(1).max(1) as f64;
    let scale = Scale::linear(end, (left, right));
    let heights: f64 =
        shown.iter().map(|(_, run)| HEAD + pitch(run) * run.lanes.len() as f64 + 8.0).sum();
    let bottom = KEY + heights;
    let sheet = Sheet::new(format.width(), bottom + 24.0);

    let lanes = || shown.iter().flat_map(|(_, run)| &run.lanes);
    let drawn = |near: f64| -> usize {
        lanes()
            .map(|lane| {
                BOTH.iter().map(|state| merged(lane, *state, &scale, near).len()).sum::<usize>()
            })
            .sum()
    };
    let mut near = NEAR;
    while drawn(near) > MOST && near < right {
        near *= 2.0;
    }
    let named = format == Format::Wide && drawn(near) <= MOST_NAMED;

    sheet.data("time", &format!("{left:.1} {right} {end}"));
    sheet.begin_group("time");
    axis(&sheet, &scale, end, (left, right), bottom, format);
    sheet.end_group();
    key(&sheet);
    let mut y = KEY;
    let mut places = Vec::new();
    for (arm, run) in &shown {
        let head = format!("{}, {}", arm.label, duration(run.wall_ns as f64));
        sheet.text(
            (0.0, y + 17.0),
            Anchor::Start,
            Role::Bold,
            &fitted(&head, Role::Bold, sheet.width),
        );
        y += HEAD;
        let pitch = pitch(run);
        for lane in &run.lanes {
            if pitch >= NAMED && !lane.name.is_empty() {
                let name = fitted(&lane.name, Role::Quiet, names);
                sheet.text((left - 8.0, y + pitch / 2.0 + 4.0), Anchor::End, Role::Quiet, &name);
            }
            let (middle, half) =
                (y + pitch / 2.0, (pitch - if pitch > 8.0 { 5.0 } else { 1.0 }) / 2.0);
            places.push((*arm, lane, middle, half));
            y += pitch;
        }
        y += 8.0;
    }
    let lanes: Vec<String> =
        places.iter().map(|(_, _, middle, half)| format!("{middle:.1},{half:.1}")).collect();
    sheet.data("lanes", &lanes.join(" "));
    sheet.begin_group("spans");
    for (arm, lane, middle, half) in places {
        for state in BOTH {
            for segment in merged(lane, state, &scale, near) {
                if named {
                    sheet.title(said(&segment));
                }
                let (from, to) =
                    (scale.place(segment.start_ns as f64), scale.place(segment.end_ns as f64));
                draw_segment(&sheet, arm, state, (from, to), (middle, half));
            }
        }
    }
    sheet.end_group();
    Some(sheet)
}

fn last(run: &Timeline) -> u64 {
    let ends = run.lanes.iter().flat_map(|lane| lane.segments.iter().map(|segment| segment.end_ns));
    ends.max().unwrap_or(0).max(run.wall_ns)
}

/// Waiting first, so that a short run is never hidden behind the line.
const BOTH: [State; 2] = [State::Waiting, State::Running];

fn draw_segment(
    sheet: &Sheet,
    arm: &Arm,
    state: State,
    (from, to): (f64, f64),
    (middle, half): (f64, f64),
) {
    match state {
        State::Waiting => {
            sheet.line(&[(from, middle), (to.max(from + 0.3), middle)], Ink(Role::Waiting, None))
        }
        State::Running => {
            let to = to.max(from + LEAST);
            sheet.rectangle(
                (from, middle - half),
                (to, middle + half),
                Ink(Role::Running, Some(arm.kind)),
            );
        }
    }
}

/// Segments of one state; those too near to each other to be told apart become one.
fn merged(lane: &Lane, state: State, scale: &Scale, near: f64) -> Vec<Segment> {
    let mut merged: Vec<Segment> = Vec::new();
    for segment in lane.segments.iter().filter(|segment| segment.state == state) {
        let width = |s: &Segment| scale.place(s.end_ns as f64) - scale.place(s.start_ns as f64);
        match merged.last_mut() {
            Some(before)
                if (scale.place(segment.start_ns as f64) - scale.place(before.end_ns as f64))
                    .abs()
                    < near
                    && width(segment).min(width(before)) < near.max(LEAST) =>
            {
                before.end_ns = segment.end_ns;
                if before.span != segment.span {
                    before.span = word(state).into();
                }
            }
            _ => merged.push(segment.clone()),
        }
    }
    merged
}

fn word(state: State) -> &'static str {
    match state {
        State::Running => "running",
        State::Waiting => "waiting",
    }
}

fn said(segment: &Segment) -> String {
    let long = duration(segment.end_ns.saturating_sub(segment.start_ns) as f64);
    let state = word(segment.state);
    match segment.span == state {
        true => format!("{state} {long}"),
        false => format!("{}: {state} {long}", segment.span),
    }
}

/// Which of the two is which.
fn key(sheet: &Sheet) {
    sheet.rectangle((0.0, 4.0), (14.0, 14.0), Ink(Role::Running, None));
    sheet.text((20.0, 13.0), Anchor::Start, Role::Quiet, "running");
    let x = 20.0 + text_width("running", Role::Quiet) + 14.0;
    sheet.line(&[(x, 9.0), (x + 22.0, 9.0)], Ink(Role::Waiting, None));
    sheet.text((x + 28.0, 13.0), Anchor::Start, Role::Quiet, "waiting");
}

fn axis(
    sheet: &Sheet,
    scale: &Scale,
    end: f64,
    (left, right): (f64, f64),
    bottom: f64,
    format: Format,
) {
    let (one, name) = axis_unit(super::Unit::Nanoseconds, end);
    let ticks =
        Scale::linear(end / one, (0.0, 1.0)).ticks(if format == Format::Wide { 6 } else { 4 });
    for value in &ticks {
        let x = scale.place(value * one);
        sheet.line(&[(x, KEY), (x, bottom)], Ink(Role::Grid, None));
    }
    sheet.line(&[(left, bottom), (right, bottom)], Ink(Role::Axis, None));
    for (index, value) in ticks.iter().enumerate() {
        let text = if index + 1 == ticks.len() {
            format!("{} {name}", tick(*value))
        } else {
            tick(*value)
        };
        let half = text_width(&text, Role::Quiet) / 2.0;
        let x = scale.place(value * one).max(half).min(sheet.width - half);
        sheet.text((x, bottom + 17.0), Anchor::Middle, Role::Quiet, &text);
    }
}
