//! The statistics of rounds: medians, distribution-free intervals, and the words they earn.

use serde::{Deserialize, Serialize};

/// A median and the interval between two order statistics that covers it.
///
/// Unitless here; callers know whether these are nanoseconds or ratios.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The lower end of the interval.
    pub low: f64,
    /// The median.
    pub median: f64,
    /// The upper end of the interval.
    pub high: f64,
}

/// The fewest values whose extremes cover their median with at least 95 % confidence.
pub const LEAST_VALUES: usize = 6;

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

/// The most rounds up to `most` at which the interval lets one value more lie apart than with a round
/// less: 6, 9, 12, 15, 17, 20, … A round between two of them only pushes the same two ranks further out.
/// 6 where `most` is less: with fewer values, not even the extremes are a 95 % interval.
pub fn rounds_worth_having(most: usize) -> usize {
    let gains = |n: &usize| interval_ranks(*n).0 > interval_ranks(n - 1).0;
    (LEAST_VALUES + 1..=most).rev().find(gains).unwrap_or(LEAST_VALUES)
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
    if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 }
}

/// The nearest-rank quantile of values in ascending order.
pub(crate) fn percentile_of_sorted(sorted: &[f64], p: f64) -> f64 {
    let rank = (p * sorted.len() as f64).ceil().max(1.0) as usize;
    sorted[rank.min(sorted.len()) - 1]
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
    /// The arm takes less time, and the interval and the A/A interval say so.
    Faster,
    /// The arm takes more time, and the interval and the A/A interval say so.
    Slower,
    /// The whole interval is within [`SAME_WITHIN`] of 1.
    Same,
    /// The rounds do not tell.
    NotResolved,
}

impl Verdict {
    /// What it is called, for people.
    pub fn words(self) -> &'static str {
        match self {
            Verdict::Faster => "faster",
            Verdict::Slower => "slower",
            Verdict::Same => "about the same",
            Verdict::NotResolved => "not resolved",
        }
    }
}

/// A median this close to 1 is never called faster or slower.
pub const LEAST_DIFFERENCE: f64 = 0.05;
/// The whole interval within this of 1 is *about the same*.
pub const SAME_WITHIN: f64 = 0.10;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_those_of_the_design() {
        assert_eq!(interval_ranks(6), (1, 6));
        assert_eq!(interval_ranks(15), (4, 12));
        assert!((confidence(15) - 0.965).abs() < 0.0005, "{}", confidence(15));
        assert!((confidence(6) - 0.969).abs() < 0.0005, "{}", confidence(6));
        assert!(confidence(31) >= 0.95);
        for n in 6..200 {
            let (low, high) = interval_ranks(n);
            assert!(1 <= low && low <= high && high <= n && confidence(n) >= 0.95, "{n}");
        }
    }

    #[test]
    fn few_values_give_their_extremes() {
        let three = estimate(&[3.0, 1.0, 2.0]).unwrap();
        assert_eq!((three.low, three.median, three.high), (1.0, 2.0, 3.0));
        assert_eq!(estimate(&[]), None);
        assert_eq!(percentile(&[], 0.5), None);
        assert_eq!(percentile(&[10, 20, 30, 40], 0.5), Some(20));
        assert_eq!(percentile(&[10, 20, 30, 40], 0.99), Some(40));
    }

    #[test]
    fn more_rounds_are_planned_only_where_they_narrow_the_interval() {
        let worth: Vec<usize> = (0..=31).map(rounds_worth_having).collect();
        assert_eq!(worth[..9], [6; 9], "of 7 and of 8 values the extremes are the interval, too");
        assert_eq!(worth[9..12], [9; 3]);
        assert_eq!((worth[12], worth[15], worth[19], worth[31]), (12, 15, 17, 30));
    }

    /// One round in ten is disturbed, by a quarter of its time and more: an arm that takes 1.5 times as long
    /// is found in fewer experiments of 8 rounds than of 6, and in many more of 9.
    #[test]
    fn simulated_rounds_between_two_steps_find_less() {
        let mut rng = fastrand::Rng::with_seed(11);
        let mut time = |slowdown: f64| {
            let disturbed = rng.f64() < 0.1;
            let noise = if disturbed { 0.6 + rng.f64() } else { 0.05 * rng.f64() };
            slowdown * (1.0 + noise)
        };
        let mut found = |rounds: usize| {
            let mut resolved = || {
                let ratios: Vec<f64> = (0..rounds).map(|_| time(1.0) / time(1.5)).collect();
                estimate(&ratios).is_some_and(|ratio| ratio.high < 1.0)
            };
            (0..2_000).filter(|_| resolved()).count()
        };
        let (six, eight, nine) = (found(6), found(8), found(9));
        assert!(eight < six, "{eight} of 2 000 with 8 rounds, {six} with 6");
        assert!(nine > six + 200, "{nine} of 2 000 with 9 rounds, {six} with 6");
    }

    /// Times as a noisy machine gives them: a floor, and a long tail above it.
    fn noisy_time(rng: &mut fastrand::Rng, noise: f64) -> f64 {
        let tail = -rng.f64().max(1e-12).ln();
        1.0 + noise * tail
    }

    fn noisy_ratios(rng: &mut fastrand::Rng, rounds: usize, noise: f64, slowdown: f64) -> Vec<f64> {
        let mut ratio = || noisy_time(rng, noise) / (slowdown * noisy_time(rng, noise));
        (0..rounds).map(|_| ratio()).collect()
    }

    /// 4 000 simulated experiments: the interval covers the true median (1, by symmetry of base and
    /// arm) as often as `confidence` promises, whatever the noise.
    #[test]
    fn simulated_intervals_cover_the_median_as_often_as_promised() {
        let mut rng = fastrand::Rng::with_seed(20_261_122);
        for rounds in [6, 15, 31] {
            for noise in [0.01, 0.1, 0.5] {
                let covers = |_| {
                    let interval = estimate(&noisy_ratios(&mut rng, rounds, noise, 1.0)).unwrap();
                    interval.low <= 1.0 && 1.0 <= interval.high
                };
                let covered =
                    (0..4_000).map(covers).filter(|covered| *covered).count() as f64 / 4_000.0;
                // Four standard deviations of a share near 0.96 among 4 000.
                let slack = 4.0 * (0.04 * 0.96 / 4_000.0_f64).sqrt();
                let promised = confidence(rounds);
                assert!(covered >= promised - slack, "{rounds} rounds, noise {noise}: {covered}");
            }
        }
    }

    /// Two arms that are the same are called different in at most one experiment of fifty; an arm that
    /// takes 1.3 times as long under moderate noise is found in nine of ten.
    #[test]
    fn simulated_verdicts_rarely_raise_a_false_alarm_and_find_what_is_there() {
        let mut rng = fastrand::Rng::with_seed(7);
        let mut judge = |noise, slowdown| {
            let ratio = estimate(&noisy_ratios(&mut rng, 15, noise, slowdown)).unwrap();
            let same = estimate(&noisy_ratios(&mut rng, 15, noise, 1.0)).unwrap();
            verdict(ratio, Some(same))
        };
        let different = |verdict| matches!(verdict, Verdict::Faster | Verdict::Slower);
        for noise in [0.01, 0.1, 0.5] {
            let alarms = (0..4_000).filter(|_| different(judge(noise, 1.0))).count();
            assert!(alarms <= 80, "noise {noise}: {alarms} false alarms in 4 000");
        }
        let found = (0..1_000).filter(|_| judge(0.05, 1.3) == Verdict::Slower).count();
        assert!(found >= 900, "found {found} of 1 000");
    }

    /// What disturbs a run; each model gives the times of the runs of a round, one after the other.
    #[derive(Clone, Copy, Debug)]
    enum Noise {
        /// A floor, and an exponential tail of a tenth above it.
        Tail,
        /// Stretches of ten runs on average, in which everything takes 1.4 times as long.
        Stretches,
        /// A third of the runs take 1.3 times as long, whatever happens around them.
        TwoModes,
    }

    struct Runs<'a> {
        rng: &'a mut fastrand::Rng,
        noise: Noise,
        slow: bool,
    }

    impl Runs<'_> {
        fn time(&mut self) -> f64 {
            let jitter = noisy_time(self.rng, 0.01);
            match self.noise {
                Noise::Tail => noisy_time(self.rng, 0.1),
                Noise::Stretches => {
                    self.slow ^= self.rng.f64() < 0.1;
                    if self.slow { 1.4 * jitter } else { jitter }
                }
                Noise::TwoModes if self.rng.f64() < 1.0 / 3.0 => 1.3 * jitter,
                Noise::TwoModes => jitter,
            }
        }

        /// The verdict on an arm that takes so many times as long as the base, beside the base again.
        fn judge(&mut self, rounds: usize, slowdown: f64) -> Verdict {
            let (mut ratios, mut same) = (Vec::new(), Vec::new());
            for _ in 0..rounds {
                let (base, again, arm) = (self.time(), self.time(), slowdown * self.time());
                ratios.push(base / arm);
                same.push(base / again);
            }
            verdict(estimate(&ratios).unwrap(), estimate(&same))
        }
    }

    /// Whatever number of rounds a quick look has, and whatever disturbs it: the same arm is called
    /// different in at most one experiment of fifty, and never more often than with 6 rounds or 15 by more
    /// than chance.
    #[test]
    fn simulated_quick_looks_raise_no_more_false_alarms_than_before() {
        let mut rng = fastrand::Rng::with_seed(42);
        for noise in [Noise::Tail, Noise::Stretches, Noise::TwoModes] {
            for rounds in [6, 9, 12, 15, 17, 20, 23, 25, 28, 30, 31] {
                let mut runs = Runs { rng: &mut rng, noise, slow: false };
                let different = |verdict| matches!(verdict, Verdict::Faster | Verdict::Slower);
                let alarms = (0..2_000).filter(|_| different(runs.judge(rounds, 1.0))).count();
                println!("{noise:?}, {rounds} rounds: {alarms}");
                assert!(alarms <= 40, "{noise:?}, {rounds} rounds: {alarms} alarms in 2 000");
            }
        }
    }

    #[test]
    fn a_verdict_needs_more_than_the_noise_of_the_same_arm() {
        let at = |low, median, high| Estimate { low, median, high };
        let quiet = Some(at(0.99, 1.0, 1.01));
        let loud = Some(at(0.9, 1.0, 1.4));
        assert_eq!(verdict(at(1.2, 1.3, 1.4), quiet), Verdict::Faster);
        assert_eq!(verdict(at(1.2, 1.3, 1.4), loud), Verdict::NotResolved);
        assert_eq!(verdict(at(0.6, 0.7, 0.8), quiet), Verdict::Slower);
        assert_eq!(verdict(at(1.01, 1.03, 1.05), quiet), Verdict::Same);
        assert_eq!(verdict(at(0.8, 1.0, 1.2), quiet), Verdict::NotResolved);
    }
}
