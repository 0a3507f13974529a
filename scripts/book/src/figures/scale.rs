//! From a value to a place on the paper, and the values worth a tick.

use plotters::coord::combinators::{IntoLogRange, LogCoord};
use plotters::coord::ranged1d::Ranged;
use plotters::coord::types::RangedCoordf64;

use super::Scaling;

/// Where two neighbors differ by more than this, the smaller bar would be a line.
const LINEAR_UP_TO: f64 = 60.0;

/// One axis: values between two ends, on pixels between two ends.
pub(super) struct Scale {
    values: Values,
    low: f64,
    high: f64,
    pixels: (i32, i32),
}

enum Values {
    Linear(RangedCoordf64),
    Log(LogCoord<f64>),
}

impl Scale {
    /// From zero to `largest`.
    pub(super) fn linear(largest: f64, pixels: (f64, f64)) -> Scale {
        let high = if largest > 0.0 && largest.is_finite() { largest } else { 1.0 };
        Scale { values: Values::Linear((0.0..high).into()), low: 0.0, high, pixels: fine(pixels) }
    }

    /// From `smallest`, which is more than zero, to `largest`.
    pub(super) fn log(smallest: f64, largest: f64, pixels: (f64, f64)) -> Scale {
        let low = if smallest > 0.0 && smallest.is_finite() { smallest } else { 1.0 };
        let high = if largest > low && largest.is_finite() { largest } else { low * 10.0 };
        Scale {
            values: Values::Log((low..high).log_scale().into()),
            low,
            high,
            pixels: fine(pixels),
        }
    }

    /// Linear or logarithmic, as asked or as the values need.
    pub(super) fn fit(values: &[f64], scaling: Scaling, pixels: (f64, f64)) -> Scale {
        let largest = values.iter().copied().fold(0.0, f64::max);
        let smallest = values.iter().copied().filter(|v| *v > 0.0).fold(f64::INFINITY, f64::min);
        let log = match scaling {
            Scaling::Linear => false,
            Scaling::Log => smallest.is_finite(),
            Scaling::Fitting => smallest.is_finite() && largest > smallest * LINEAR_UP_TO,
        };
        if log {
            Scale::log(smallest / 1.25, largest * 1.25, pixels)
        } else {
            Scale::linear(largest * 1.02, pixels)
        }
    }

    pub(super) fn is_log(&self) -> bool {
        matches!(self.values, Values::Log(_))
    }

    pub(super) fn high(&self) -> f64 {
        self.high
    }

    /// The pixel of a value; what lies outside is drawn at the end it lies beyond.
    pub(super) fn place(&self, value: f64) -> f64 {
        let value = if value.is_finite() { value.clamp(self.low, self.high) } else { self.low };
        let fine = match &self.values {
            Values::Linear(range) => range.map(&value, self.pixels),
            Values::Log(range) => range.map(&value, self.pixels),
        };
        f64::from(fine) / FINE
    }

    /// At most this many round values.
    pub(super) fn ticks(&self, most: usize) -> Vec<f64> {
        match &self.values {
            Values::Linear(range) => range.key_points(most),
            Values::Log(_) => {
                let (first, last) =
                    (self.low.log10().ceil() as i32, self.high.log10().floor() as i32);
                let decades: Vec<f64> = (first..=last).map(|power| 10f64.powi(power)).collect();
                if decades.len() >= 3 {
                    let step = decades.len().div_ceil(most.max(1));
                    return decades.into_iter().step_by(step).collect();
                }
                let finer = (first - 1..=last)
                    .flat_map(|power| [1.0, 2.0, 5.0].map(|v| v * 10f64.powi(power)));
                let finer: Vec<f64> =
                    finer.filter(|v| (self.low..=self.high).contains(v)).collect();
                let step = finer.len().div_ceil(most.max(1)).max(1);
                finer.into_iter().step_by(step).collect()
            }
        }
    }
}

/// plotters places on whole pixels; a tenth is wanted.
const FINE: f64 = 10.0;

fn fine((from, to): (f64, f64)) -> (i32, i32) {
    ((from * FINE).round() as i32, (to * FINE).round() as i32)
}
