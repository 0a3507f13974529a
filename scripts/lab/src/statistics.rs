//! The statistics of rounds: medians, distribution-free intervals, and the words they earn.

use serde::{Deserialize, Serialize};

/// A median and the interval between two order statistics that covers it.
///
/// Unitless here; callers know whether these are nanoseconds or ratios.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    pub low: f64,
    pub median: f64,
    pub high: f64,
}

/// The 1-based ranks whose order statistics bracket the median of `n` values with at least 95 %
/// confidence, or the extremes where `n` is too small for that.
///
/// The number of values below the true median is binomial(n, 1/2), whatever the distribution:
/// the interval between ranks k and n+1−k misses it with probability 2·P(B ≤ k−1).
/// Source: H. A. David and H. N. Nagaraja, *Order Statistics*, §7.1.
pub fn interval_ranks(n: usize) -> (usize, usize) {
    let mut rank = 1;
    while rank < n.div_ceil(2) && 2.0 * binomial_at_most(n, rank) <= 0.05 {
        rank += 1;
    }
    (rank, n + 1 - rank)
}

/// P(B ≤ k) for B binomial(n, 1/2).
fn binomial_at_most(n: usize, k: usize) -> f64 {
    let mut term = 0.5_f64.powi(n as i32);
    let mut sum = term;
    for i in 1..=k {
        term *= (n + 1 - i) as f64 / i as f64;
        sum += term;
    }
    sum
}

/// The probability with which `interval_ranks(n)` covers the true median, 0 to 1.
pub fn confidence(n: usize) -> f64 {
    let (rank, _) = interval_ranks(n);
    1.0 - 2.0 * binomial_at_most(n, rank - 1)
}

/// Median and interval of the values, in any order. `None` without values.
pub fn estimate(values: &[f64]) -> Option<Estimate> {
    if values.is_empty() {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (low, high) = interval_ranks(sorted.len());
    Some(Estimate {
        low: sorted[low - 1],
        median: median_of_sorted(&sorted),
        high: sorted[high - 1],
    })
}

fn median_of_sorted(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        sorted[middle]
    } else {
        (sorted[middle - 1] + sorted[middle]) / 2.0
    }
}

/// The value below which the share `p` (0 to 1) of the values lies: nearest rank, no interpolation.
pub fn percentile(values: &[u64], p: f64) -> Option<u64> {
    if values.is_empty() {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let rank = (p * sorted.len() as f64).ceil().max(1.0) as usize;
    Some(sorted[rank.min(sorted.len()) - 1])
}

/// What the rounds allow to say of two arms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    Faster,
    Slower,
    Same,
    NotResolved,
}

/// A median this close to 1 is never called faster or slower.
const LEAST_DIFFERENCE: f64 = 0.05;
/// The whole interval within this of 1 is *about the same*.
const SAME_WITHIN: f64 = 0.10;

/// The verdict on an arm from its per-round ratios base/arm, beside the A/A interval of the same rounds.
pub fn verdict(ratio: Estimate, same_arm: Option<Estimate>) -> Verdict {
    let excludes_one = ratio.low > 1.0 || ratio.high < 1.0;
    let reach = same_arm.map_or(0.0, |aa| reach(aa.low).max(reach(aa.high)));
    let distance = reach_of_median(ratio);
    if excludes_one && distance > LEAST_DIFFERENCE.max(reach) {
        if ratio.median > 1.0 { Verdict::Faster } else { Verdict::Slower }
    } else if ratio.low >= 1.0 - SAME_WITHIN && ratio.high <= 1.0 + SAME_WITHIN {
        Verdict::Same
    } else {
        Verdict::NotResolved
    }
}

fn reach(ratio: f64) -> f64 {
    (ratio - 1.0).abs()
}

fn reach_of_median(ratio: Estimate) -> f64 {
    reach(ratio.median)
}
