//! Arms beside each other: bars from zero with interval and samples, or points on a log scale.

use lab::record::Kind;
use lab::statistics::Estimate;

use super::backend::{Anchor, Ink, Role, SHAPES, Sheet, fitted, hidden_with, text_width};
use super::scale::Scale;
use super::units::{self, Shape, tick};
use super::{Format, Scaling, Series, SeriesPoint, Unit};

pub(super) struct Row<'a> {
    series: &'a Series,
    pub label: String,
    /// What stands at the bar's end.
    pub value: String,
    pub point: Option<&'a SeriesPoint>,
}

/// What the scale has to reach beside the samples.
#[derive(Clone, Copy)]
pub(super) struct Reach {
    /// Drawn, and named.
    pub limit: Option<f64>,
    pub least: f64,
}

impl Row<'_> {
    pub(super) fn kind(&self) -> Kind {
        self.series.kind
    }
}

pub(super) const THICK: f64 = 16.0;
/// Room for most values.
const VALUE: f64 = 64.0;
/// Room above the first row for the limit's name.
const NAMED: f64 = 20.0;

pub(super) fn draw(
    series: &[Series],
    reach: Reach,
    unit: Unit,
    scaling: Scaling,
    format: Format,
) -> Option<Sheet> {
    let rows = rows(series, unit);
    let limit = reach.limit.filter(|limit| *limit > 0.0 && limit.is_finite());
    let least = Some(reach.least).filter(|least| *least > 0.0);
    let values: Vec<f64> =
        series.iter().flat_map(Series::values).chain(limit).chain(least).collect();
    if rows.is_empty() {
        return None;
    }

    let labels = widest(rows.iter().map(|row| row.label.as_str()), Role::Text).min(200.0);
    let (left, above) = beside(labels, format);
    let pitch = THICK + above + 14.0;
    let values_shown = rows.iter().filter(|row| row.point.is_some()).map(|row| row.value.as_str());
    let value = widest(values_shown, Role::Bold);
    // Drawings on one scale end at one place, whatever their values are.
    let value = if least.is_some() { value.max(VALUE) } else { value };
    let right = format.width() - value - 12.0;
    let head = if limit.is_some() { NAMED } else { 0.0 };
    let bottom = head + rows.len() as f64 * pitch;
    let scale = Scale::fit(&values, scaling, (left, right));

    let sheet = Sheet::new(format.width(), bottom + if scale.is_log() { 38.0 } else { 24.0 });
    axis(&sheet, &scale, unit, (left, head, bottom), format);
    for (index, row) in rows.iter().enumerate() {
        let top = head + index as f64 * pitch + above + 7.0;
        let middle = top + THICK / 2.0;
        let (baseline, room) = match format {
            Format::Wide => (middle + 4.0, labels),
            Format::Narrow => (top - 5.0, format.width() - 5.0),
        };
        named(&sheet, row, (left, baseline), room, format);
        match row.point {
            Some(point) => measured(&sheet, &scale, row, point, (left, right), middle),
            None => absent(&sheet, row, left, middle),
        }
    }
    sheet.line(&[(left, head), (left, bottom)], Ink(Role::Axis, None));
    if let Some(limit) = limit {
        let x = scale.place(limit);
        sheet.line(&[(x, NAMED - 5.0), (x, bottom)], Ink(Role::Limit, None));
        let name = format!("limit {}", unit.show(limit));
        let half = text_width(&name, Role::Quiet) / 2.0;
        let middle = x.max(half).min(sheet.width - half);
        sheet.text((middle, NAMED - 9.0), Anchor::Middle, Role::Quiet, &name);
    }
    Some(sheet)
}

/// The width of the widest, in pixels.
pub(super) fn widest<'a>(texts: impl Iterator<Item = &'a str>, role: Role) -> f64 {
    texts.map(|text| text_width(text, role)).fold(0.0, f64::max)
}

/// Where bars begin, and the room above each: names are beside the bars on a wide page, above them on a narrow one.
pub(super) fn beside(labels: f64, format: Format) -> (f64, f64) {
    match format {
        Format::Wide => (labels + 10.0, 0.0),
        Format::Narrow => (1.0, 17.0),
    }
}

/// The row's name: up to the bars' beginning at `left`, or above them.
pub(super) fn named(
    sheet: &Sheet,
    row: &Row,
    (left, baseline): (f64, f64),
    room: f64,
    format: Format,
) {
    let label = fitted(&row.label, Role::Text, room);
    let ink = Ink(Role::Text, hidden_with(row.kind()));
    match format {
        Format::Wide => sheet.text_of((left - 10.0, baseline), Anchor::End, ink, &label),
        Format::Narrow => sheet.text_of((5.0, baseline), Anchor::Start, ink, &label),
    }
}

/// Why there is no bar.
pub(super) fn absent(sheet: &Sheet, row: &Row, left: f64, middle: f64) {
    let why = fitted(&row.value, Role::Quiet, sheet.width - left - 6.0);
    let ink = Ink(Role::Quiet, hidden_with(row.kind()));
    sheet.text_of((left + 6.0, middle + 4.0), Anchor::Start, ink, &why);
}

pub(super) fn rows(series: &[Series], unit: Unit) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for one in series {
        if one.points.is_empty() {
            let value = one.absent.clone().unwrap_or_else(|| "not measured".into());
            rows.push(Row { series: one, label: one.label.clone(), value, point: None });
        }
        for point in &one.points {
            let label = match point.at {
                Some(at) => format!("{} · {}", one.label, units::count(at)),
                None => one.label.clone(),
            };
            let value = point.shown(unit);
            rows.push(Row { series: one, label, value, point: Some(point) });
        }
    }
    rows
}

pub(super) fn measured(
    sheet: &Sheet,
    scale: &Scale,
    row: &Row,
    point: &SeriesPoint,
    (left, right): (f64, f64),
    middle: f64,
) {
    let kind = Some(row.series.kind);
    let aside = hidden_with(row.kind());
    let estimate = point.estimate;
    let median = scale.place(estimate.median);
    if scale.is_log() {
        sheet.line(&[(left, middle), (right, middle)], Ink(Role::Grid, aside));
    } else {
        let half = THICK / 2.0;
        sheet.rectangle((left, middle - half), (median, middle + half), Ink(Role::Bar, kind));
    }
    let mut end = scale.place(estimate.high).max(median);
    for (round, sample) in point.samples.iter().enumerate() {
        let x = scale.place(*sample);
        sheet.dot(x, middle + SeriesPoint::jitter(round, 5.5), Ink(Role::Point, aside));
        end = end.max(x);
    }
    let (low, high) = (scale.place(estimate.low), scale.place(estimate.high));
    sheet.line(&[(low, middle), (high, middle)], Ink(Role::Interval, aside));
    for x in [low, high] {
        sheet.line(&[(x, middle - 3.5), (x, middle + 3.5)], Ink(Role::Interval, aside));
    }
    if scale.is_log() {
        sheet.mark(median, middle, SHAPES[0], Ink(Role::Mark, kind));
        end = end.max(median + 5.0);
    }
    sheet.text_of((end + 9.0, middle + 4.0), Anchor::Start, Ink(Role::Bold, aside), &row.value);
}

/// Grid lines and their values; the last one carries the unit, on a log scale each one.
pub(super) fn axis(
    sheet: &Sheet,
    scale: &Scale,
    unit: Unit,
    (left, top, bottom): (f64, f64, f64),
    format: Format,
) {
    let (one, name) = units::axis_unit(unit, scale.high());
    let most = if format == Format::Wide { 6 } else { 4 };
    // Ticks are round in the unit they are read in.
    let ticks: Vec<f64> = if scale.is_log() {
        scale.ticks(most)
    } else {
        Scale::linear(scale.high() / one, (0.0, 1.0)).ticks(most).iter().map(|v| v * one).collect()
    };
    for (index, value) in ticks.iter().enumerate() {
        let x = scale.place(*value);
        if x > left + 0.5 {
            sheet.line(&[(x, top), (x, bottom)], Ink(Role::Grid, None));
        }
        let label = match (scale.is_log(), index + 1 == ticks.len()) {
            (true, _) => unit.tick(*value),
            (false, true) => format!("{} {name}", tick(value / one)),
            (false, false) => tick(value / one),
        };
        let half = text_width(&label, Role::Quiet) / 2.0;
        let x = x.max(half).min(sheet.width - half);
        sheet.text((x, bottom + 17.0), Anchor::Middle, Role::Quiet, &label);
    }
    if scale.is_log() {
        let steps: Vec<f64> = ticks.windows(2).map(|pair| pair[1] / pair[0]).collect();
        let note = match steps.first() {
            Some(first) if steps.iter().all(|step| (step / first - 1.0).abs() < 1e-6) => {
                format!("log scale: {} from one grid line to the next", units::times_sign(*first))
            }
            _ => "log scale".into(),
        };
        sheet.text((left, bottom + 33.0), Anchor::Start, Role::Quiet, &note);
    }
}

impl Unit {
    /// "44.1 ms"
    pub(super) fn show(self, value: f64) -> String {
        match self {
            Unit::Nanoseconds => units::duration(value),
            Unit::Bytes => units::bytes(value),
            Unit::Rate => units::rate(value),
        }
    }

    /// How an estimate of this unit is written.
    pub(super) fn shape(self, estimate: &Estimate) -> Shape {
        match self {
            Unit::Nanoseconds => Shape::duration(estimate),
            Unit::Bytes => Shape::bytes(estimate),
            Unit::Rate => Shape::rate(estimate),
        }
    }

    /// "10 ms"
    pub(super) fn tick(self, value: f64) -> String {
        let (one, name) = units::axis_unit(self, value);
        format!("{} {name}", tick(value / one))
    }
}
