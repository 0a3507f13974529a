//! A ladder of costs: one rung a row, cheapest first, on a log scale, each with the factor to the rung before.

use super::backend::{Anchor, Ink, Role, Sheet};
use super::bars::{self, THICK};
use super::scale::Scale;
use super::units::tick;
use super::{Format, Scaling, Series, Unit};

/// Between the value and the factor.
const APART: f64 = 14.0;

pub(super) fn draw(series: &[Series], unit: Unit, format: Format) -> Option<Sheet> {
    let climbed = climbed(series);
    let rows = bars::rows(&climbed, unit);
    if rows.is_empty() {
        return None;
    }
    let factors = factors(&climbed);
    let labels = bars::widest(rows.iter().map(|row| row.label.as_str()), Role::Text).min(200.0);
    let value = bars::widest(rows.iter().map(|row| row.value.as_str()), Role::Bold).min(110.0);
    let room = bars::widest(factors.iter().flatten().map(String::as_str), Role::Text);
    let (left, above) = bars::beside(labels, format);
    // On a narrow page the factor stands in the line above, beside the name.
    let beside = if format == Format::Wide { room + APART } else { 0.0 };
    let right = format.width() - value - beside - 12.0;
    let pitch = THICK + above + 10.0;
    let bottom = rows.len() as f64 * pitch;
    let values: Vec<f64> = climbed.iter().flat_map(Series::values).collect();
    let scale = Scale::fit(&values, Scaling::Log, (left, right));

    let sheet = Sheet::new(format.width(), bottom + 54.0);
    bars::axis(&sheet, &scale, unit, (left, 0.0, bottom), format);
    let key = "×: how many times the rung before it";
    sheet.text((left, bottom + 49.0), Anchor::Start, Role::Quiet, key);
    let mut before: Option<(f64, f64)> = None;
    for (index, (row, factor)) in rows.iter().zip(&factors).enumerate() {
        let top = index as f64 * pitch + above + 5.0;
        let middle = top + THICK / 2.0;
        let (baseline, name) = match format {
            Format::Wide => (middle + 4.0, labels),
            Format::Narrow => (top - 5.0, format.width() - room - 20.0),
        };
        bars::named(&sheet, row, (left, baseline), name, format);
        let Some(point) = row.point else {
            bars::absent(&sheet, row, left, middle);
            continue;
        };
        let x = scale.place(point.estimate.median);
        if let Some((from, at)) = before {
            // Where names stand between the rows, a line down to the next one would cross them.
            let down = if format == Format::Wide { at } else { middle - 4.0 };
            sheet.line(&[(from, down), (from, middle), (x, middle)], Ink(Role::Step, None));
        }
        before = Some((x, middle));
        bars::measured(&sheet, &scale, row, point, (left, right), middle);
        if let Some(factor) = factor {
            sheet.text((sheet.width - 1.0, baseline), Anchor::End, Role::Text, factor);
        }
    }
    sheet.line(&[(left, 0.0), (left, bottom)], Ink(Role::Axis, None));
    Some(sheet)
}

/// Cheapest first; what was not measured stands last.
pub(super) fn climbed(series: &[Series]) -> Vec<Series> {
    let mut rungs = series.to_vec();
    let height = |one: &Series| one.points.first().map_or(f64::INFINITY, |p| p.estimate.median);
    rungs.sort_by(|a, b| height(a).total_cmp(&height(b)));
    rungs
}

/// For each rung, how many times the one before it is: "×14".
pub(super) fn factors(climbed: &[Series]) -> Vec<Option<String>> {
    let mut before: Option<f64> = None;
    let mut factors = Vec::new();
    for point in climbed.iter().flat_map(|one| match one.points.as_slice() {
        [] => vec![None],
        points => points.iter().map(Some).collect(),
    }) {
        let height = point.map(|point| point.estimate.median);
        let ratio = before.zip(height).map(|(before, height)| height / before);
        factors.push(ratio.filter(|ratio| ratio.is_finite()).map(two_digits));
        before = height.or(before);
    }
    factors
}

/// "×1.3", "×14", "×160": the intervals of two rungs allow no more.
fn two_digits(ratio: f64) -> String {
    let unit = 10_f64.powf(ratio.log10().floor() - 1.0);
    format!("×{}", tick((ratio / unit).round() * unit))
}
