//! Figures: inline SVG in two widths, colored by the style sheet, each with its finding in words.
//!
//! These functions know nothing of records on disk, chapters or machines: they draw what they are given.
//! Times are in nanoseconds, sizes in bytes.

mod backend;
mod bars;
mod ladder;
mod law;
mod outcomes;
mod plane;
mod scale;
mod scaling;
mod speedup;
mod timeline;
pub mod units;
mod words;

use std::collections::BTreeMap;

use lab::groups::groups;
use lab::record::{Arm, Axis, Kind, Timeline};
use lab::statistics::Estimate;

use backend::{Anchor, Role, Sheet};
pub use law::{Fit, Law, MOST_CORES, POINTS_TO_FIT, fit};
use units::either;
pub use words::ended_by;

/// A figure, ready to stand in a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    /// For a column of text, 720 pixels.
    pub wide: String,
    /// For a telephone, 340 pixels.
    pub narrow: String,
    /// What the figure shows, in one sentence: its `aria-label`.
    pub label: String,
}

/// One arm, at one or more points of the axis.
#[derive(Clone, Debug)]
pub struct Series {
    /// As it stands in the figure: "pool of 4".
    pub label: String,
    /// What colors it: threads, tasks, one after the other.
    pub kind: Kind,
    /// Why there are no points: "not available here".
    pub absent: Option<String>,
    /// In the order of the axis; empty where `absent` says why.
    pub points: Vec<SeriesPoint>,
}

/// What was measured of an arm at one point, in the unit of the figure.
#[derive(Clone, Debug)]
pub struct SeriesPoint {
    /// Where on the axis; `None` for an arm without one.
    pub at: Option<u64>,
    /// One for each round; all of them are drawn.
    pub samples: Vec<f64>,
    /// Median and interval of the samples.
    pub estimate: Estimate,
}

/// What the samples of a series are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Nanoseconds of wall time.
    Nanoseconds,
    /// Bytes of memory.
    Bytes,
    /// Bytes a second.
    Rate,
}

/// A place on an axis of bytes that has a name: up to where a cache reaches.
#[derive(Clone, Debug, PartialEq)]
pub struct Landmark {
    /// In bytes.
    pub at: f64,
    /// "L2"
    pub name: String,
}

/// What stands beside the series of a scaling.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// Each has a line across, where it lies within the axis.
    pub landmarks: Vec<Landmark>,
    /// What the machine has to give, drawn behind the series.
    pub ceiling: Ceiling,
}

/// What the machine has to give, in the unit of the series; without points, none is drawn.
#[derive(Clone, Debug, Default)]
pub struct Ceiling {
    /// Points of the axis, and what was measured there.
    pub points: Vec<(u64, Estimate)>,
    /// The series that is this ceiling itself.
    pub own: Option<usize>,
}

impl Ceiling {
    /// The least time is not above the others.
    fn name(unit: Unit) -> &'static str {
        if unit == Unit::Nanoseconds { "at the ceiling" } else { "ceiling" }
    }

    fn has_its_own_label(&self) -> bool {
        !self.points.is_empty() && self.own.is_none()
    }
}

/// How values are laid out along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scaling {
    /// From zero, with bars.
    Linear,
    /// Points and intervals, no bars.
    Log,
    /// Linear, unless the smallest value would not be seen beside the largest.
    Fitting,
}

/// Speedup over the base on a threads axis.
#[derive(Clone, Debug)]
pub struct Speedup {
    /// The base's label: "sequential".
    pub base: String,
    /// Samples and estimates are per-round ratios base/arm; every point has its `at`.
    pub series: Vec<Series>,
    /// C(p): how many times as much p independent copies get done.
    pub ceiling: Vec<(u64, Estimate)>,
    /// min(C(p), n/⌈n/p⌉), where the work falls into n indivisible pieces.
    pub limit: Option<Vec<(u64, f64)>>,
    /// The cores that the processor has, without those that share one; `None` where that is not known.
    pub physical: Option<u64>,
    /// The cores that the system shows.
    pub logical: u64,
    /// The cores that the experiment was allowed to use.
    pub allowed: u64,
    /// For each series what Amdahl's law is asked for; empty where no law is drawn.
    pub laws: Vec<Alone>,
}

/// The share of a series' work that runs alone.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Alone {
    /// As its arm states it.
    pub stated: Option<f64>,
    /// As its points say.
    pub fitted: Option<Fit>,
}

/// How many trials ended how.
#[derive(Clone, Debug)]
pub struct Outcomes {
    /// In the order of the experiment.
    pub arms: Vec<Observed>,
    /// `None` where no model checker has looked.
    pub possible: Option<Possible>,
}

/// How the trials of one arm ended.
#[derive(Clone, Debug)]
pub struct Observed {
    /// As it stands in the figure.
    pub label: String,
    /// What colors it.
    pub kind: Kind,
    /// Ending to number of trials.
    pub counts: BTreeMap<String, u64>,
}

/// What a model checker says can happen at all.
#[derive(Clone, Debug)]
pub struct Possible {
    /// "shuttle"
    pub checker: String,
    /// Ending to number of the orders explored that end so.
    pub endings: BTreeMap<String, u64>,
}

/// Arms beside each other, shortest bar fastest.
pub fn bars(series: &[Series], unit: Unit, scaling: Scaling) -> Drawing {
    bars_to(series, None, unit, scaling)
}

/// The same, with a line at what none of them can be below.
pub fn bars_to(series: &[Series], limit: Option<f64>, unit: Unit, scaling: Scaling) -> Drawing {
    drawing(words::bars(series, limit, unit), |format| {
        bars::draw(series, bars::Reach { limit, least: 0.0 }, unit, scaling, format)
    })
}

/// The same, on a scale that reaches at least so far: for drawings that are compared with each other.
pub fn bars_reaching(series: &[Series], reach: f64, unit: Unit, scaling: Scaling) -> Drawing {
    drawing(words::bars(series, None, unit), |format| {
        bars::draw(series, bars::Reach { limit: None, least: reach }, unit, scaling, format)
    })
}

/// What one more of each costs, cheapest first, on a log scale, with the factor to the one before.
pub fn ladder(series: &[Series], unit: Unit) -> Drawing {
    drawing(words::ladder(series, unit), |format| ladder::draw(series, unit, format))
}

/// How many times as fast as the base, on more and more threads.
pub fn speedup(speedup: &Speedup) -> Drawing {
    drawing(words::speedup(speedup), |format| speedup::draw(speedup, format))
}

/// What stands below a speedup through which a law is drawn.
pub fn laws_in_words(speedup: &Speedup) -> Option<String> {
    words::laws(speedup)
}

/// How a quantity grows along an axis.
#[cfg(test)]
pub fn scaling(series: &[Series], axis: &Axis, unit: Unit, scaling: Scaling) -> Drawing {
    scaling_beside(series, axis, &Beside::default(), unit, scaling)
}

/// The same, with what stands beside it.
pub fn scaling_beside(
    series: &[Series],
    axis: &Axis,
    beside: &Beside,
    unit: Unit,
    scaling: Scaling,
) -> Drawing {
    drawing(words::scaling(series, axis, &beside.ceiling, unit), |format| {
        scaling::draw(series, axis, beside, unit, scaling, format)
    })
}

/// Every ending, seen or not, with how often each arm ended so.
pub fn outcomes(outcomes: &Outcomes) -> Drawing {
    drawing(words::outcomes(outcomes), |format| outcomes::draw(outcomes, format))
}

/// What each thread and task did when, all arms on one scale of time.
pub fn timeline(runs: &[(&Arm, &Timeline)]) -> Drawing {
    drawing(words::timeline(runs), |format| timeline::draw(runs, format))
}

/// What a law predicts, beside the first series, on logarithmic axes. `finding` says it in words.
pub fn law(speedup: &Speedup, law: Law, chosen: u64, finding: &str) -> Drawing {
    drawing(Some(finding.into()), |format| law::draw(speedup, law, chosen, format))
}

/// How wide the page is that a drawing is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Wide,
    Narrow,
}

impl Format {
    fn width(self) -> f64 {
        match self {
            Format::Wide => 720.0,
            Format::Narrow => 340.0,
        }
    }
}

/// `None` from either of the two functions means that there is nothing to show.
fn drawing(finding: Option<String>, draw: impl Fn(Format) -> Option<Sheet>) -> Drawing {
    let label = finding.unwrap_or_else(|| "Nothing was measured.".into());
    let svg = |format: Format| draw(format).unwrap_or_else(|| nothing(format)).finish(&label);
    Drawing { wide: svg(Format::Wide), narrow: svg(Format::Narrow), label }
}

fn nothing(format: Format) -> Sheet {
    let sheet = Sheet::new(format.width(), 28.0);
    sheet.text((0.0, 18.0), Anchor::Start, Role::Quiet, "Nothing was measured.");
    sheet
}

impl Series {
    /// All that must find room on the scale of values.
    pub(crate) fn values(&self) -> impl Iterator<Item = f64> {
        self.points.iter().flat_map(|point| {
            let Estimate { low, median, high } = point.estimate;
            point.samples.iter().copied().chain([low, median, high])
        })
    }
}

impl SeriesPoint {
    /// The median with the digits that its interval allows, or both of them where the rounds fall into two
    /// groups.
    fn shown(&self, unit: Unit) -> String {
        let median = |estimate: &Estimate| unit.shape(estimate).show(estimate.median);
        match groups(&self.samples) {
            Some(found) => either(&median(&(&found.lower).into()), &median(&(&found.upper).into())),
            None => median(&self.estimate),
        }
    }

    /// Moves a sample off the middle, by its round alone, so that equal samples are seen side by side.
    fn jitter(round: usize, reach: f64) -> f64 {
        ((round * 5 % 11) as f64 / 5.0 - 1.0) * reach
    }
}

#[cfg(test)]
mod gallery;
#[cfg(test)]
mod tests;
