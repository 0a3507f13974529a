//! How a quantity grows along an axis: threads, tasks, bytes, grain.

use lab::record::Axis;

use super::backend::{Anchor, Ink, Role, SHAPES, Sheet, text_width};
use super::plane::{Label, Naming, Plane, Sign};
use super::scale::Scale;
use super::speedup::ceiling_band;
use super::units::{self, count, tick};
use super::{Beside, Ceiling, Format, Scaling, Series, Unit};

/// Room for ticks and the axis' name below the plane.
const BELOW: f64 = 36.0;

pub(super) fn draw(
    series: &[Series],
    axis: &Axis,
    beside: &Beside,
    unit: Unit,
    scaling: Scaling,
    format: Format,
) -> Option<Sheet> {
    let Beside { landmarks, ceiling } = beside;
    let measured = series.iter().flat_map(|one| one.points.iter().filter_map(|point| point.at));
    let mut at: Vec<u64> = measured.chain(ceiling.points.iter().map(|(at, _)| *at)).collect();
    at.sort_unstable();
    at.dedup();
    let (first, last) = (*at.first()?, *at.last()?);
    let named = |index: usize, one: &Series| match ceiling.own {
        Some(own) if own == index => format!("{}, {}", one.label, Ceiling::name(unit)),
        _ => one.label.clone(),
    };
    let mut texts: Vec<String> = series.iter().enumerate().map(|(i, one)| named(i, one)).collect();
    if ceiling.has_its_own_label() {
        texts.push(Ceiling::name(unit).into());
    }
    let naming = Naming::fit(&texts, format);

    let reached = ceiling.points.iter().flat_map(|(_, c)| [c.low, c.high]);
    let values: Vec<f64> = series.iter().flat_map(Series::values).chain(reached).collect();
    let (plane, y_ticks) = plane(&values, (first, last), axis, unit, scaling, (&naming, format));
    let (right, top, bottom) = (plane.right, plane.top, plane.bottom);
    let sheet = Sheet::new(format.width(), bottom + BELOW);
    axes(&sheet, &plane, &at, &y_ticks, axis, unit, naming.above());
    for landmark in landmarks.iter().filter(|mark| mark.at > first as f64 && mark.at < last as f64)
    {
        let x = plane.x.place(landmark.at);
        sheet.line(&[(x, top), (x, bottom)], Ink(Role::Cores, None));
        sheet.text((x - 4.0, bottom - 6.0), Anchor::End, Role::Quiet, &landmark.name);
    }

    let apart = if at.len() > 10 { 2.0 } else { 5.0 };
    let ceiling_end = ceiling_band(&sheet, &plane, &ceiling.points);
    let ends = plane.series(&sheet, series, apart);
    let mut labels: Vec<Label> = series
        .iter()
        .enumerate()
        .zip(ends)
        .map(|((index, one), end)| Label {
            text: named(index, one),
            sign: Sign::Series(SHAPES[index % SHAPES.len()], Ink(Role::Mark, Some(one.kind))),
            end: end.unwrap_or((right, bottom)),
        })
        .collect();
    if let (true, Some(end)) = (ceiling.has_its_own_label(), ceiling_end) {
        let sign = Sign::Line(Ink(Role::Ceiling, None));
        labels.push(Label { text: Ceiling::name(unit).into(), sign, end });
    }
    naming.draw(&sheet, &labels, (top, bottom - 4.0), right);
    Some(sheet)
}

/// The plane, and the ticks of its upright axis, whose texts decide where it begins.
fn plane(
    values: &[f64],
    (first, last): (u64, u64),
    axis: &Axis,
    unit: Unit,
    scaling: Scaling,
    (naming, format): (&Naming, Format),
) -> (Plane, Vec<(f64, String)>) {
    let height = if format == Format::Wide { 320.0 } else { 280.0 } + naming.above();
    let (top, bottom) = (28.0 + naming.above(), height - BELOW);
    let y = Scale::fit(values, scaling, (bottom, top));
    let y_ticks = ticks(&y, unit);
    let widest = y_ticks.iter().map(|(_, text)| text_width(text, Role::Quiet)).fold(0.0, f64::max);
    let (left, right) = (widest + 9.0, format.width() - naming.beside());
    let x = if axis.log && first > 0 {
        Scale::log(first as f64 / 1.2, last as f64, (left, right - 10.0))
    } else {
        Scale::linear(last as f64, (left, right - 10.0))
    };
    (Plane { x, y, left, right, top, bottom }, y_ticks)
}

/// Ticks are round in the unit they are read in.
fn ticks(y: &Scale, unit: Unit) -> Vec<(f64, String)> {
    if y.is_log() {
        return y.ticks(7).into_iter().map(|v| (v, unit.tick(v))).collect();
    }
    let (one, name) = units::axis_unit(unit, y.high());
    let named = |v: f64| if v == 0.0 { "0".into() } else { format!("{} {name}", tick(v)) };
    let ticks = Scale::linear(y.high() / one, (0.0, 1.0)).ticks(6);
    ticks.into_iter().map(|v| (v * one, named(v))).collect()
}

/// Grid, ticks, and what stands on each axis. The text above the plane begins `above` pixels from the top.
fn axes(
    sheet: &Sheet,
    plane: &Plane,
    at: &[u64],
    y_ticks: &[(f64, String)],
    axis: &Axis,
    unit: Unit,
    above: f64,
) {
    let in_bytes = axis.name.contains("byte");
    let place = |at: u64| if in_bytes { Unit::Bytes.tick(at as f64) } else { count(at) };
    let x_ticks: Vec<_> = at.iter().map(|at| (*at as f64, place(*at))).collect();
    plane.axes(sheet, &x_ticks, y_ticks);
    let quantity = match unit {
        Unit::Nanoseconds => "time",
        Unit::Bytes => "memory",
        Unit::Rate => "bytes a second",
    };
    let log = |is_log: bool| if is_log { ", log scale" } else { "" };
    let title = format!("{quantity}{}", log(plane.y.is_log()));
    sheet.text((0.0, above + 12.0), Anchor::Start, Role::Quiet, &title);
    let name = format!("{}{}", axis.name, log(plane.x.is_log()));
    sheet.text((plane.right, plane.bottom + 32.0), Anchor::End, Role::Quiet, &name);
}
