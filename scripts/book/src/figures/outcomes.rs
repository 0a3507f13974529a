//! How often each ending was seen. Counts differ by thousands, and never is not rarely: a log scale of trials,
//! with a place of its own for zero, and every count in figures.

use std::collections::BTreeSet;

use super::backend::{Anchor, Ink, Role, SHAPES, Sheet, fitted, hidden_with, text_width};
use super::scale::Scale;
use super::units::count;
use super::{Format, Observed, Outcomes};

const LINE: f64 = 22.0;
const GROUP: f64 = 30.0;

pub(super) fn draw(outcomes: &Outcomes, format: Format) -> Option<Sheet> {
    let endings = endings(outcomes);
    if endings.is_empty() || outcomes.arms.is_empty() {
        return None;
    }
    let most = outcomes.arms.iter().map(Observed::trials).max().unwrap_or(0).max(10) as f64;
    let labels =
        outcomes.arms.iter().map(|arm| text_width(&arm.label, Role::Text)).fold(0.0, f64::max);
    let labels = labels.min(if format == Format::Wide { 190.0 } else { 104.0 });
    let zero = labels + 22.0;
    let left = zero + 34.0;
    let right = format.width() - 12.0;
    let scale = Scale::log(1.0, most, (left, right));
    let bottom = endings.len() as f64 * (GROUP + outcomes.arms.len() as f64 * LINE);
    let sheet = Sheet::new(format.width(), bottom + 42.0);

    axis(&sheet, &scale, (zero, right, bottom), format);
    let mut y = 0.0;
    for ending in &endings {
        sheet.text((0.0, y + 20.0), Anchor::Start, Role::Bold, ending);
        if let Some(note) = possible(outcomes, ending) {
            let x = text_width(ending, Role::Bold) + 12.0;
            let note = fitted(&note, Role::Quiet, sheet.width - x);
            sheet.text((x, y + 20.0), Anchor::Start, Role::Quiet, &note);
        }
        y += GROUP;
        for arm in &outcomes.arms {
            row(&sheet, &scale, arm, ending, (labels, zero), y + LINE / 2.0 - 3.0);
            y += LINE;
        }
        if y < bottom - 1.0 {
            sheet.line(&[(0.0, y + 4.0), (sheet.width, y + 4.0)], Ink(Role::Grid, None));
        }
    }
    Some(sheet)
}

/// Grid lines, the first of them for *never*, and what they count.
fn axis(sheet: &Sheet, scale: &Scale, (zero, right, bottom): (f64, f64, f64), format: Format) {
    let ticks: Vec<f64> = scale.ticks(if format == Format::Wide { 7 } else { 4 });
    sheet.line(&[(zero, 0.0), (zero, bottom)], Ink(Role::Grid, None));
    for value in &ticks {
        let x = scale.place(*value);
        sheet.line(&[(x, 0.0), (x, bottom)], Ink(Role::Grid, None));
    }
    sheet.text((zero, bottom + 17.0), Anchor::Middle, Role::Quiet, "never");
    for value in ticks {
        let label = count(value as u64);
        let half = text_width(&label, Role::Quiet) / 2.0;
        let x = scale.place(value).min(sheet.width - half);
        sheet.text((x, bottom + 17.0), Anchor::Middle, Role::Quiet, &label);
    }
    let key = "trials that ended so, log scale";
    sheet.text((right, bottom + 34.0), Anchor::End, Role::Quiet, key);
}

/// How often one arm ended so: its name, a mark, and the count on the side that has room for it.
fn row(
    sheet: &Sheet,
    scale: &Scale,
    arm: &Observed,
    ending: &str,
    (labels, zero): (f64, f64),
    middle: f64,
) {
    let seen = arm.counts.get(ending).copied().unwrap_or(0);
    let aside = hidden_with(arm.kind);
    let ink = Ink(Role::Text, aside);
    let baseline = middle + 4.0;
    let name = fitted(&arm.label, Role::Text, labels);
    sheet.text_of((zero - 14.0, baseline), Anchor::End, ink, &name);
    let (x, mark) = match seen {
        0 => (zero, Ink(Role::Never, aside)),
        _ => (scale.place(seen as f64), Ink(Role::Mark, Some(arm.kind))),
    };
    sheet.mark(x, middle, SHAPES[0], mark);
    let shown = format!("{} of {}", count(seen), count(arm.trials()));
    if x + 12.0 + text_width(&shown, Role::Text) < sheet.width {
        sheet.text_of((x + 12.0, baseline), Anchor::Start, ink, &shown);
    } else {
        sheet.text_of((x - 12.0, baseline), Anchor::End, ink, &shown);
    }
}

/// All that was seen or is possible: numbers by their size, then words.
pub(super) fn endings(outcomes: &Outcomes) -> Vec<String> {
    let seen = outcomes.arms.iter().flat_map(|arm| arm.counts.keys());
    let possible = outcomes.possible.iter().flat_map(|possible| possible.endings.keys());
    let all: BTreeSet<&String> = seen.chain(possible).collect();
    let mut all: Vec<String> = all.into_iter().cloned().collect();
    all.sort_by_key(|ending| ending.parse::<i64>().map_or((1, 0), |number| (0, number)));
    all
}

fn possible(outcomes: &Outcomes, ending: &str) -> Option<String> {
    let possible = outcomes.possible.as_ref()?;
    Some(match possible.endings.get(ending).copied().unwrap_or(0) {
        0 => format!("{} finds no such order", possible.checker),
        1 => format!("possible: {} finds 1 order", possible.checker),
        orders => format!("possible: {} finds {} orders", possible.checker, count(orders)),
    })
}

impl Observed {
    pub(super) fn trials(&self) -> u64 {
        self.counts.values().sum()
    }
}
