//! What each thread and task did when: running is a block, waiting is a thin line.
//!
//! For the script that zooms, a drawing carries where time stands (`data-time`: left and right end in
//! pixels, and the right end in nanoseconds) and where its lanes do (`data-lanes`: middle and half
//! height of each). The axis is in a group `time`, the segments are in a group `spans`. Behind them, in a
//! group `arrows`, an arrow goes from what ended a wait, in the lane that did it, to the wait's end.

use lab::record::{Arm, EndedBy, Lane, Segment, State, Timeline};

use super::Format;
use super::backend::{Anchor, Ink, Role, Sheet, fitted, text_width};
use super::scale::Scale;
use super::units::{axis_unit, count, duration, tick};
use super::words::ended_by;

/// Lanes of one arm share at most this height, down to `THINNEST` each.
const TALLEST: f64 = 260.0;
const THICKEST: f64 = 17.0;
/// The same where arrows need room between the lanes.
const THICKEST_WITH_ARROWS: f64 = 23.0;
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
/// Arrows between the same two lanes, nearer to each other than this on paper at both ends, are one.
const NEAR_ARROWS: f64 = 2.0;
/// Of more arrows than this none is drawn, and the key says so.
const MOST_ARROWS: usize = 150;
/// How long and how wide the head of an arrow is.
const ARROW_HEAD: (f64, f64) = (6.5, 6.0);

type Run<'a> = (&'a Arm, &'a Timeline);

pub(super) fn draw(runs: &[Run], format: Format) -> Option<Sheet> {
    let shown: Vec<Run> = runs.iter().copied().filter(|(_, run)| !run.lanes.is_empty()).collect();
    if shown.is_empty() {
        return None;
    }
    let frame = Frame::around(&shown, format);
    let sheet = Sheet::new(format.width(), frame.bottom + 24.0);
    let near = frame.near(&shown);

    let Frame { left, right, end, .. } = frame;
    sheet.data("time", &format!("{left:.1} {right} {end}"));
    sheet.begin_group("time");
    axis(&sheet, &frame.scale, end, (left, right), frame.bottom, format);
    sheet.end_group();
    let (places, arrows) = lanes(&sheet, &frame, &shown);
    key(&sheet, arrows.len(), format);
    let spots: Vec<String> =
        places.iter().map(|Place { middle, half, .. }| format!("{middle:.1},{half:.1}")).collect();
    sheet.data("lanes", &spots.join(" "));
    sheet.data("arrows", &MOST_ARROWS.to_string());
    sheet.begin_group("arrows");
    if arrows.len() <= MOST_ARROWS {
        arrows.iter().for_each(|arrow| arrow.draw_line(&sheet));
        arrows.iter().for_each(|arrow| arrow.draw_head(&sheet));
    }
    sheet.end_group();
    let named = format == Format::Wide && frame.segments(&shown, near) <= MOST_NAMED;
    sheet.begin_group("spans");
    for place in places {
        place.draw(&sheet, &frame.scale, near, named);
    }
    sheet.end_group();
    Some(sheet)
}

/// The room that lanes share, in pixels.
struct Frame {
    /// Where time begins and ends.
    left: f64,
    right: f64,
    bottom: f64,
    /// The longest name's width: longer ones are cut.
    names: f64,
    /// A lane's height at most.
    thickest: f64,
    /// When the last run ended, in nanoseconds.
    end: f64,
    scale: Scale,
}

impl Frame {
    fn around(shown: &[Run], format: Format) -> Frame {
        let with_arrows = shown.iter().any(|(_, run)| has_arrows(run));
        let thickest = if with_arrows { THICKEST_WITH_ARROWS } else { THICKEST };
        let names = shown
            .iter()
            .filter(|(_, run)| pitch(run, thickest) >= NAMED)
            .flat_map(|(_, run)| &run.lanes)
            .map(|lane| text_width(&lane.name, Role::Quiet))
            .fold(0.0, f64::max)
            .min(if format == Format::Wide { 150.0 } else { 76.0 });
        let (left, right) = (if names > 0.0 { names + 10.0 } else { 1.0 }, format.width() - 8.0);
        let end = shown.iter().map(|(_, run)| last(run)).max().unwrap_or(1).max(1) as f64;
        let scale = Scale::linear(end, (left, right));
        let height = |run: &Timeline| HEAD + pitch(run, thickest) * run.lanes.len() as f64 + 8.0;
        let heights: f64 = shown.iter().map(|(_, run)| height(run)).sum();
        Frame { left, right, bottom: KEY + heights, names, thickest, end, scale }
    }

    /// How many segments are drawn where those nearer to each other than `near` are one.
    fn segments(&self, shown: &[Run], near: f64) -> usize {
        let lanes = shown.iter().flat_map(|(_, run)| &run.lanes);
        let both = lanes.flat_map(|lane| BOTH.map(|state| (lane, state)));
        both.map(|(lane, state)| merged(lane, state, &self.scale, near).len()).sum()
    }

    /// The distance under which segments are one, such that a drawing holds no more than it may.
    fn near(&self, shown: &[Run]) -> f64 {
        let mut near = NEAR;
        while self.segments(shown, near) > MOST && near < self.right {
            near *= 2.0;
        }
        near
    }
}

/// A lane's height.
fn pitch(run: &Timeline, thickest: f64) -> f64 {
    (TALLEST / run.lanes.len() as f64).clamp(THINNEST, thickest)
}

/// Draws each run's head and the names of its lanes. Gives where the lanes stand, and the arrows between them.
fn lanes<'a>(sheet: &Sheet, frame: &Frame, shown: &[Run<'a>]) -> (Vec<Place<'a>>, Vec<Arrow>) {
    let mut y = KEY;
    let (mut places, mut arrows) = (Vec::new(), Vec::new());
    for (arm, run) in shown {
        let head = format!("{}, {}", arm.label, duration(run.wall_ns as f64));
        let head = fitted(&head, Role::Bold, sheet.width);
        sheet.text((0.0, y + 17.0), Anchor::Start, Role::Bold, &head);
        y += HEAD;
        let pitch = pitch(run, frame.thickest);
        let first = places.len();
        for lane in &run.lanes {
            if pitch >= NAMED && !lane.name.is_empty() {
                let name = fitted(&lane.name, Role::Quiet, frame.names);
                let beside = (frame.left - 8.0, y + pitch / 2.0 + 4.0);
                sheet.text(beside, Anchor::End, Role::Quiet, &name);
            }
            // Where arrows are, half of the height is theirs.
            let between = match pitch {
                pitch if pitch > THICKEST => 11.0,
                pitch if pitch > 8.0 => 5.0,
                _ => 1.0,
            };
            let (middle, half) = (y + pitch / 2.0, (pitch - between) / 2.0);
            places.push(Place { arm, run, lane, middle, half });
            y += pitch;
        }
        arrows.extend(arrows_of(run, &places[first..], &frame.scale));
        y += 8.0;
    }
    (places, arrows)
}

/// Where a lane stands.
struct Place<'a> {
    arm: &'a Arm,
    run: &'a Timeline,
    lane: &'a Lane,
    middle: f64,
    half: f64,
}

impl Place<'_> {
    /// The lane's segments; `named` ones say what they are under the pointer.
    fn draw(&self, sheet: &Sheet, scale: &Scale, near: f64, named: bool) {
        for state in BOTH {
            for segment in merged(self.lane, state, scale, near) {
                if named {
                    sheet.title(said(&self.run.lanes, &segment));
                }
                let (from, to) =
                    (scale.place(segment.start_ns as f64), scale.place(segment.end_ns as f64));
                draw_segment(sheet, self.arm, state, (from, to), (self.middle, self.half));
            }
        }
    }
}

/// From the middle of a lane to the edge of another.
#[derive(Clone, Copy)]
struct Arrow {
    lanes: (usize, usize),
    from: (f64, f64),
    to: (f64, f64),
}

fn has_arrows(run: &Timeline) -> bool {
    let mut segments = run.lanes.iter().flat_map(|lane| &lane.segments);
    segments.any(|segment| matches!(segment.ended_by, Some(EndedBy::Signal(_))))
}

/// The arrows that can be told apart, in a run whose lanes stand at these places.
fn arrows_of(run: &Timeline, places: &[Place<'_>], scale: &Scale) -> Vec<Arrow> {
    let mut arrows: Vec<Arrow> = Vec::new();
    for (to_lane, lane) in run.lanes.iter().enumerate() {
        for segment in &lane.segments {
            let Some(EndedBy::Signal(signal)) = &segment.ended_by else { continue };
            let (Some(from), Some(to)) = (places.get(signal.lane), places.get(to_lane)) else {
                continue;
            };
            let side = if from.middle < to.middle { -1.0 } else { 1.0 };
            let arrow = Arrow {
                lanes: (signal.lane, to_lane),
                from: (scale.place(signal.at_ns as f64), from.middle),
                to: (scale.place(segment.end_ns as f64), to.middle + side * to.half),
            };
            let same = |before: &Arrow| {
                before.lanes == arrow.lanes
                    && (before.from.0 - arrow.from.0).abs() < NEAR_ARROWS
                    && (before.to.0 - arrow.to.0).abs() < NEAR_ARROWS
            };
            // The last before it between the same lanes is the nearest.
            let before = arrows.iter().rev().find(|before| before.lanes == arrow.lanes);
            if !before.is_some_and(same) {
                arrows.push(arrow);
            }
        }
    }
    arrows
}

impl Arrow {
    /// Along the arrow, one pixel long; and how long it is.
    fn direction(&self) -> ((f64, f64), f64) {
        let (dx, dy) = (self.to.0 - self.from.0, self.to.1 - self.from.1);
        let long = dx.hypot(dy).max(0.1);
        ((dx / long, dy / long), long)
    }

    fn draw_line(&self, sheet: &Sheet) {
        let ((dx, dy), _) = self.direction();
        let short = ARROW_HEAD.0 / 2.0;
        let end = (self.to.0 - dx * short, self.to.1 - dy * short);
        sheet.line(&[self.from, end], Ink(Role::Arrow, None));
    }

    fn draw_head(&self, sheet: &Sheet) {
        let ((dx, dy), long) = self.direction();
        // Between thin lanes there is little room.
        let size = (long / (2.0 * ARROW_HEAD.0)).min(1.0);
        let (back, side) = (ARROW_HEAD.0 * size, ARROW_HEAD.1 * size / 2.0);
        let base = (self.to.0 - dx * back, self.to.1 - dy * back);
        let corners = [
            self.to,
            (base.0 - dy * side, base.1 + dx * side),
            (base.0 + dy * side, base.1 - dx * side),
        ];
        sheet.polygon(&corners, Ink(Role::ArrowHead, None));
    }
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
                if before.ended_by != segment.ended_by {
                    before.ended_by = None;
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

fn said(lanes: &[Lane], segment: &Segment) -> String {
    let long = duration(segment.end_ns.saturating_sub(segment.start_ns) as f64);
    let state = word(segment.state);
    let said = if segment.span == state {
        format!("{state} {long}")
    } else {
        format!("{}: {state} {long}", segment.span)
    };
    match ended_by(lanes, segment) {
        Some(ended) => format!("{said}, {ended}"),
        None => said,
    }
}

/// Which is which.
fn key(sheet: &Sheet, arrows: usize, format: Format) {
    sheet.rectangle((0.0, 4.0), (14.0, 14.0), Ink(Role::Running, None));
    sheet.text((20.0, 13.0), Anchor::Start, Role::Quiet, "running");
    let x = 20.0 + text_width("running", Role::Quiet) + 14.0;
    sheet.line(&[(x, 9.0), (x + 22.0, 9.0)], Ink(Role::Waiting, None));
    sheet.text((x + 28.0, 13.0), Anchor::Start, Role::Quiet, "waiting");
    let x = x + 28.0 + text_width("waiting", Role::Quiet) + 14.0;
    match arrows {
        0 => {}
        1..=MOST_ARROWS => {
            let arrow = Arrow { lanes: (0, 0), from: (x, 9.0), to: (x + 22.0, 9.0) };
            arrow.draw_line(sheet);
            arrow.draw_head(sheet);
            sheet.text((x + 28.0, 13.0), Anchor::Start, Role::Quiet, "what ended a wait");
        }
        many => {
            let said = format!("{} arrows: too many at once", count(many as u64));
            let room = format.width() - x;
            sheet.text((x, 13.0), Anchor::Start, Role::Quiet, &fitted(&said, Role::Quiet, room));
        }
    }
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
