//! What speedup and scaling share: two axes, series of points with intervals, labels that do not overlap.

use lab::record::Kind;

use super::backend::{Anchor, Ink, Role, SHAPES, Shape, Sheet, fitted, hidden_with, text_width};
use super::scale::Scale;
use super::{Format, Series, SeriesPoint};

/// Space between the baselines of two labels.
const LINE: f64 = 16.0;
/// More series than this get a legend; up to this many are labeled where they end.
const DIRECT: usize = 5;
const MARK: f64 = 16.0;

/// What a label names: a series by its mark, or a line by a piece of it.
#[derive(Clone, Copy)]
pub(super) enum Sign {
    Series(Shape, Ink),
    Line(Ink),
}

impl Sign {
    fn hidden_with(self) -> Option<Kind> {
        let (Sign::Series(_, ink) | Sign::Line(ink)) = self;
        ink.1.and_then(hidden_with)
    }
}

pub(super) struct Label {
    pub text: String,
    pub sign: Sign,
    /// Where what it names ends.
    pub end: (f64, f64),
}

/// Where labels go, decided before the plane is drawn because it costs room.
pub(super) enum Naming {
    /// To the right of the plane, each beside its line.
    Direct { width: f64 },
    /// Above the plane, in rows.
    Legend { rows: Vec<Vec<usize>> },
}

impl Naming {
    pub(super) fn fit(texts: &[String], format: Format) -> Naming {
        let widest = texts.iter().map(|text| text_width(text, Role::Text)).fold(0.0, f64::max);
        let room = if format == Format::Wide { 190.0 } else { 84.0 };
        if texts.len() <= DIRECT + 2 && widest <= room {
            return Naming::Direct { width: widest + MARK + 20.0 };
        }
        let mut rows: Vec<Vec<usize>> = vec![Vec::new()];
        let mut used = 0.0;
        for (index, text) in texts.iter().enumerate() {
            let width = text_width(text, Role::Text).min(format.width() - MARK) + MARK + 14.0;
            if used + width > format.width() + 14.0 && used > 0.0 {
                rows.push(Vec::new());
                used = 0.0;
            }
            rows.last_mut().expect("there is a row").push(index);
            used += width;
        }
        Naming::Legend { rows }
    }

    /// Room taken above the plane.
    pub(super) fn above(&self) -> f64 {
        match self {
            Naming::Direct { .. } => 0.0,
            Naming::Legend { rows } => rows.len() as f64 * LINE + 6.0,
        }
    }

    /// Room taken to the right of it.
    pub(super) fn beside(&self) -> f64 {
        match self {
            Naming::Direct { width } => *width,
            Naming::Legend { .. } => 10.0,
        }
    }

    pub(super) fn draw(
        &self,
        sheet: &Sheet,
        labels: &[Label],
        (top, bottom): (f64, f64),
        right: f64,
    ) {
        match self {
            Naming::Direct { .. } => {
                let wanted: Vec<f64> = labels.iter().map(|label| label.end.1).collect();
                let x = right + 12.0;
                for (label, y) in labels.iter().zip(spread(&wanted, LINE, (top, bottom))) {
                    if (y - label.end.1).abs() > 3.0 || x - label.end.0 > 30.0 {
                        sheet.line(
                            &[(label.end.0 + 6.0, label.end.1), (x - 2.0, y)],
                            Ink(Role::Lead, label.sign.hidden_with()),
                        );
                    }
                }
                for (label, y) in labels.iter().zip(spread(&wanted, LINE, (top, bottom))) {
                    name(sheet, label, (x, y + 4.0), sheet.width - x - MARK);
                }
            }
            Naming::Legend { rows } => {
                for (row, indices) in rows.iter().enumerate() {
                    let mut x = 0.0;
                    for label in indices.iter().filter_map(|index| labels.get(*index)) {
                        name(sheet, label, (x, row as f64 * LINE + 12.0), sheet.width - x - MARK);
                        x += text_width(&label.text, Role::Text) + MARK + 14.0;
                    }
                }
            }
        }
    }
}

fn name(sheet: &Sheet, label: &Label, (x, y): (f64, f64), room: f64) {
    match label.sign {
        Sign::Series(shape, ink) => sheet.mark(x + 5.0, y - 4.0, shape, ink),
        Sign::Line(ink) if ink.0 == Role::Ceiling => {
            sheet.rectangle((x, y - 8.0), (x + 11.0, y), ink);
            sheet.line(&[(x, y - 4.0), (x + 11.0, y - 4.0)], Ink(Role::CeilingLine, None));
        }
        Sign::Line(ink) => sheet.line(&[(x, y - 4.0), (x + 11.0, y - 4.0)], ink),
    }
    let text = fitted(&label.text, Role::Text, room);
    let ink = Ink(Role::Text, label.sign.hidden_with());
    sheet.text_of((x + MARK, y), Anchor::Start, ink, &text);
}

/// Places as near to the wanted ones as keeps them `apart`, inside the bounds while there is room.
pub(super) fn spread(wanted: &[f64], apart: f64, (top, bottom): (f64, f64)) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|a, b| wanted[*a].total_cmp(&wanted[*b]));
    let mut places = vec![0.0; wanted.len()];
    let mut next = top;
    for index in &order {
        places[*index] = wanted[*index].max(next);
        next = places[*index] + apart;
    }
    let mut last = bottom;
    for index in order.iter().rev() {
        places[*index] = places[*index].min(last);
        last = places[*index] - apart;
    }
    places
}

/// The plane that points lie in, in pixels.
pub(super) struct Plane {
    pub x: Scale,
    pub y: Scale,
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
}

impl Plane {
    /// Frame, grid and the ticks of both axes.
    pub(super) fn axes(&self, sheet: &Sheet, x_ticks: &[(f64, String)], y_ticks: &[(f64, String)]) {
        for (value, _) in y_ticks {
            let y = self.y.place(*value);
            if y < self.bottom - 0.5 {
                sheet.line(&[(self.left, y), (self.right, y)], Ink(Role::Grid, None));
            }
        }
        for (value, label) in y_ticks {
            sheet.text(
                (self.left - 7.0, self.y.place(*value) + 4.0),
                Anchor::End,
                Role::Quiet,
                label,
            );
        }
        sheet.line(
            &[(self.left, self.top), (self.left, self.bottom), (self.right, self.bottom)],
            Ink(Role::Axis, None),
        );
        // The last place is always named; of the others those that have room.
        let spans = x_ticks.iter().map(|(value, label)| {
            let half = text_width(label, Role::Quiet) / 2.0;
            let middle = self.x.place(*value).max(half).min(sheet.width - half);
            (middle, half)
        });
        let spans: Vec<(f64, f64)> = spans.collect();
        let (last, end) =
            spans.last().map_or((0.0, 0.0), |(middle, half)| (*middle, middle - half));
        let mut free = f64::NEG_INFINITY;
        for ((value, label), (middle, half)) in x_ticks.iter().zip(spans) {
            let x = self.x.place(*value);
            sheet.line(&[(x, self.bottom), (x, self.bottom + 4.0)], Ink(Role::Axis, None));
            if middle == last || (middle - half > free + 4.0 && middle + half < end - 4.0) {
                sheet.text((middle, self.bottom + 17.0), Anchor::Middle, Role::Quiet, label);
                free = middle + half;
            }
        }
    }

    /// The samples, intervals and medians of all series, those at one place moved apart. The lines stay where
    /// the values are, so that none seems steeper than it is. Gives each one's end.
    pub(super) fn series(
        &self,
        sheet: &Sheet,
        series: &[Series],
        apart: f64,
    ) -> Vec<Option<(f64, f64)>> {
        let count = series.len() as f64;
        let aside = |index: usize| (index as f64 - (count - 1.0) / 2.0) * apart;
        let place = |point: &SeriesPoint| self.x.place(point.at.unwrap_or(0) as f64);
        let x = |index: usize, point: &SeriesPoint| (place(point) + aside(index)).max(self.left);
        for one in series {
            let line: Vec<_> = one
                .points
                .iter()
                .map(|point| (place(point), self.y.place(point.estimate.median)))
                .collect();
            sheet.line(&line, Ink(Role::Line, Some(one.kind)));
        }
        for (index, one) in series.iter().enumerate() {
            let kind = Some(one.kind);
            for point in &one.points {
                for (round, sample) in point.samples.iter().enumerate() {
                    let x = x(index, point) + SeriesPoint::jitter(round, apart.min(5.0) / 2.0);
                    sheet.dot(x, self.y.place(*sample), Ink(Role::OwnPoint, kind));
                }
            }
            for point in &one.points {
                let x = x(index, point);
                let ends =
                    [point.estimate.low, point.estimate.high].map(|value| (x, self.y.place(value)));
                sheet.line(&ends, Ink(Role::OwnInterval, kind));
            }
        }
        let mut ends = Vec::new();
        for (index, one) in series.iter().enumerate() {
            for point in &one.points {
                let (x, y) = (x(index, point), self.y.place(point.estimate.median));
                sheet.mark(x, y, SHAPES[index % SHAPES.len()], Ink(Role::Mark, Some(one.kind)));
            }
            let last = one.points.last();
            ends.push(last.map(|point| (x(index, point), self.y.place(point.estimate.median))));
        }
        ends
    }
}
