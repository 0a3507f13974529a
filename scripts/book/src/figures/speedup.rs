//! Speedup beside the ideal, the machine's own ceiling and the limit of indivisible work.

use lab::statistics::Estimate;

use super::backend::{Anchor, Ink, Role, SHAPES, Sheet, text_width};
use super::plane::{Label, Naming, Plane, Sign};
use super::scale::Scale;
use super::units::{count, tick};
use super::{Format, Law, Series, Speedup};

/// Up to this many threads the axis is linear: the ideal is a straight line from the origin.
const LINEAR_UP_TO: u64 = 16;
/// Room for ticks and the axis' name below the plane.
const BELOW: f64 = 36.0;

pub(super) fn draw(speedup: &Speedup, format: Format) -> Option<Sheet> {
    let at = places(speedup);
    let (first, last) = (*at.first()?, *at.last()?);

    let limit = speedup.limit.as_deref().filter(|limit| !same_as_ceiling(limit, speedup));
    let ceiling_text = match (&speedup.limit, limit) {
        (Some(_), None) => "ceiling, limit",
        _ => "ceiling",
    };
    let mut texts: Vec<String> = speedup.series.iter().map(|series| series.label.clone()).collect();
    texts.push(ceiling_text.into());
    texts.push("limit".into());
    let naming = Naming::fit(&texts, format);

    let most = highest(speedup, limit, last);
    let plane = plane(speedup, &naming, (first, last), most, format);
    let (right, bottom) = (plane.right, plane.bottom);
    let sheet = Sheet::new(format.width(), bottom + BELOW);
    axes(&sheet, &plane, &at, &naming, &speedup.base);

    let cores = cores(&sheet, &plane, speedup, last);
    let start = if plane.x.is_log() { first as f64 } else { 0.0 };
    ideal(&sheet, &plane, (start, most.min(last as f64)), &cores);
    let ceiling_end = ceiling_band(&sheet, &plane, &speedup.ceiling);
    let limit_end = limit.and_then(|limit| {
        let line: Vec<_> =
            limit.iter().map(|(p, v)| (plane.x.place(*p as f64), plane.y.place(*v))).collect();
        sheet.line(&line, Ink(Role::Limit, None));
        line.last().copied()
    });
    for law in stated(speedup) {
        sheet.line(&law_line(&plane, law, speedup, (first, last)), Ink(Role::Stated, None));
    }
    let closest = plane.x.place(last as f64) - plane.x.place(last as f64 / 2.0);
    let apart = (closest / (speedup.series.len() as f64 + 2.0)).min(6.0);
    let ends = plane.series(&sheet, &speedup.series, apart);
    let mut labels = Vec::new();
    for ((index, series), end) in speedup.series.iter().enumerate().zip(ends) {
        if let Some(end) = end {
            let sign =
                Sign::Series(SHAPES[index % SHAPES.len()], Ink(Role::Mark, Some(series.kind)));
            labels.push(Label { text: series.label.clone(), sign, end });
        }
    }
    let lines = [(ceiling_text, Role::Ceiling, ceiling_end), ("limit", Role::Limit, limit_end)];
    for (text, role, end) in lines {
        let sign = Sign::Line(Ink(role, None));
        labels.extend(end.map(|end| Label { text: text.into(), sign, end }));
    }
    naming.draw(&sheet, &labels, (plane.top, bottom - 4.0), right);
    Some(sheet)
}

/// The laws whose serial fraction the listing states, without any cost of coordination.
fn stated(speedup: &Speedup) -> impl Iterator<Item = Law> {
    let serial = speedup.laws.iter().filter_map(|law| law.stated);
    serial.map(|serial| Law { serial, coordination: 0.0 })
}

/// The upper end of the axis: above all that is drawn.
fn highest(speedup: &Speedup, limit: Option<&[(u64, f64)]>, last: u64) -> f64 {
    let shown = speedup.series.iter().flat_map(Series::values);
    let ceiling = speedup.ceiling.iter().flat_map(|(_, c)| [c.median, c.high]);
    let limits = limit.into_iter().flatten().map(|(_, value)| *value);
    let laws = stated(speedup).map(|law| law.speedup(speedup.allowed.min(last) as f64));
    let all = shown.chain(ceiling).chain(limits).chain(laws);
    all.filter(|v| v.is_finite()).fold(1.5, f64::max) * 1.12
}

/// Both axes are linear up to [`LINEAR_UP_TO`] threads, and on a log scale beyond.
fn plane(
    speedup: &Speedup,
    naming: &Naming,
    (first, last): (u64, u64),
    most: f64,
    format: Format,
) -> Plane {
    let height = if format == Format::Wide { 340.0 } else { 300.0 } + naming.above();
    let (left, right) = (34.0, format.width() - naming.beside());
    let (top, bottom) = (52.0 + naming.above(), height - BELOW);
    let (x, y) = if last > LINEAR_UP_TO {
        (
            Scale::log(first as f64 / 1.3, last as f64, (left, right - 8.0)),
            Scale::log(smallest(speedup).min(1.0) / 1.3, most, (bottom, top)),
        )
    } else {
        (Scale::linear(last as f64, (left, right - 14.0)), Scale::linear(most, (bottom, top)))
    };
    Plane { x, y, left, right, top, bottom }
}

/// Grid, ticks, and what stands on each axis.
fn axes(sheet: &Sheet, plane: &Plane, at: &[u64], naming: &Naming, base: &str) {
    let x_ticks: Vec<_> = at.iter().map(|p| (*p as f64, count(*p))).collect();
    let y_ticks: Vec<_> = plane.y.ticks(6).into_iter().map(|v| (v, tick(v))).collect();
    plane.axes(sheet, &x_ticks, &y_ticks);
    let title = format!("times as fast as {base}");
    sheet.text((0.0, naming.above() + 12.0), Anchor::Start, Role::Quiet, &title);
    let scales = if plane.x.is_log() { ", both axes log scale" } else { "" };
    let below = (plane.right, plane.bottom + 32.0);
    sheet.text(below, Anchor::End, Role::Quiet, &format!("threads{scales}"));
}

/// The law from the first number of threads to the last: it rises up to the cores.
fn law_line(
    plane: &Plane,
    law: Law,
    speedup: &Speedup,
    (first, last): (u64, u64),
) -> Vec<(f64, f64)> {
    const STEPS: u32 = 24;
    let (first, last, cores) = (first as f64, last as f64, speedup.allowed as f64);
    let even = (0..=STEPS).map(|n| first + (last - first) * f64::from(n) / f64::from(STEPS));
    let mut at: Vec<f64> = even.chain([cores.clamp(first, last)]).collect();
    at.sort_by(f64::total_cmp);
    let place = |p: &f64| (plane.x.place(*p), plane.y.place(law.speedup(p.min(cores))));
    at.iter().map(place).collect()
}

/// Every number of threads that something is known of.
fn places(speedup: &Speedup) -> Vec<u64> {
    let measured =
        speedup.series.iter().flat_map(|series| series.points.iter().filter_map(|p| p.at));
    let mut at: Vec<u64> = measured.chain(speedup.ceiling.iter().map(|(p, _)| *p)).collect();
    at.sort_unstable();
    at.dedup();
    at
}

pub(super) fn smallest(speedup: &Speedup) -> f64 {
    let shown = speedup.series.iter().flat_map(Series::values);
    let ceiling = speedup.ceiling.iter().map(|(_, c)| c.low);
    shown.chain(ceiling).filter(|v| *v > 0.0).fold(f64::INFINITY, f64::min)
}

/// Pieces enough for every number of threads: then the ceiling is the only limit.
fn same_as_ceiling(limit: &[(u64, f64)], speedup: &Speedup) -> bool {
    limit.iter().all(|(p, value)| {
        let ceiling = speedup.ceiling.iter().find(|(q, _)| q == p);
        ceiling.is_some_and(|(_, c)| (value - c.median).abs() <= 0.01 * c.median)
    })
}

/// The ceiling's interval as a band, and its median as a line. Gives the line's end.
pub(super) fn ceiling_band(
    sheet: &Sheet,
    plane: &Plane,
    ceiling: &[(u64, Estimate)],
) -> Option<(f64, f64)> {
    let x = |p: &u64| plane.x.place(*p as f64);
    let upper = ceiling.iter().map(|(p, c)| (x(p), plane.y.place(c.high)));
    let lower = ceiling.iter().rev().map(|(p, c)| (x(p), plane.y.place(c.low)));
    let band: Vec<_> = upper.chain(lower).collect();
    if band.len() > 2 {
        sheet.polygon(&band, Ink(Role::Ceiling, None));
    }
    let line: Vec<_> = ceiling.iter().map(|(p, c)| (x(p), plane.y.place(c.median))).collect();
    sheet.line(&line, Ink(Role::CeilingLine, None));
    line.last().copied()
}

/// Up to where it leaves the plane; its name stands where nothing else does.
pub(super) fn ideal(sheet: &Sheet, plane: &Plane, (from, to): (f64, f64), cores: &[f64]) {
    let end = (plane.x.place(to), plane.y.place(to));
    sheet.line(&[(plane.x.place(from), plane.y.place(from)), end], Ink(Role::Ideal, None));
    if plane.x.is_log() {
        let (x, y) = (plane.x.place((from * to).sqrt()), plane.y.place((from * to).sqrt()));
        return sheet.text((x - 16.0, y - 12.0), Anchor::End, Role::Quiet, "ideal");
    }
    let width = text_width("ideal", Role::Quiet);
    let crossed = |from: f64, to: f64| cores.iter().any(|x| (from..to).contains(x));
    if crossed(end.0 - 8.0 - width, end.0 - 4.0) && end.0 + 8.0 + width < plane.right {
        sheet.text((end.0 + 8.0, end.1 + 11.0), Anchor::Start, Role::Quiet, "ideal");
    } else {
        sheet.text((end.0 - 8.0, end.1 + 4.0), Anchor::End, Role::Quiet, "ideal");
    }
}

/// Where the machine runs out of cores, named above the plane in two rows. Gives the places.
pub(super) fn cores(sheet: &Sheet, plane: &Plane, speedup: &Speedup, last: u64) -> Vec<f64> {
    let Speedup { physical, logical, allowed, .. } = *speedup;
    let plural = |n: u64| if n == 1 { "core" } else { "cores" };
    let mut marks = Vec::new();
    if allowed < logical {
        marks.push((allowed, format!("{allowed} {} allowed", plural(allowed))));
    }
    match physical {
        Some(physical) if physical != logical => {
            marks.push((physical, format!("{physical} physical")));
            marks.push((logical, format!("{logical} logical")));
        }
        _ => marks.push((logical, format!("{logical} {}", plural(logical)))),
    }
    marks.retain(|(at, _)| *at <= last);
    marks.sort_by_key(|(at, _)| *at);
    marks.dedup_by_key(|(at, _)| *at);
    let mut free = [plane.left, plane.left];
    let mut places = Vec::new();
    for (at, label) in marks {
        let x = plane.x.place(at as f64);
        let width = text_width(&label, Role::Quiet);
        let start = (x - width / 2.0).min(sheet.width - width).max(plane.left);
        let row = usize::from(start < free[0]);
        let y = plane.top - 9.0 - 14.0 * row as f64;
        sheet.line(&[(x, y + 4.0), (x, plane.bottom)], Ink(Role::Cores, None));
        sheet.text((start.max(free[row]), y), Anchor::Start, Role::Quiet, &label);
        free[row] = start + width + 8.0;
        places.push(x);
    }
    places
}
