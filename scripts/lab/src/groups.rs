//! Samples that fall into two groups, which one number must not sum up.

use crate::statistics::{Estimate, percentile_of_sorted as quantile};

/// The smaller group holds at least this share of the samples.
const LEAST_SHARE: f64 = 0.1;
/// And at least so many of them: three of fifteen that agree are no group yet.
const LEAST_COUNT: usize = 4;
/// The middles of the groups are at least so many times apart.
const APART: f64 = 1.25;
/// The distance of the middles, in typical deviations inside the groups.
const DEVIATIONS: f64 = 5.0;
/// At most this share of the samples lies in the middle third of the way between the two middles.
const BETWEEN: f64 = 0.05;
/// Of fewer samples than these, the stretch between the groups is as wide as the wider of them.
const MANY: usize = 50;

/// Two groups of samples, the smaller values first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Groups {
    /// The smaller values.
    pub lower: Group,
    /// The larger values.
    pub upper: Group,
}

/// One of two groups.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Group {
    /// How many samples.
    pub count: usize,
    /// Its smallest value.
    pub low: f64,
    /// Its median.
    pub median: f64,
    /// Its largest value.
    pub high: f64,
}

impl From<&Group> for Estimate {
    /// The middle, and how far the group reaches.
    fn from(group: &Group) -> Estimate {
        Estimate { low: group.low, median: group.median, high: group.high }
    }
}

/// The two groups that positive values fall into, or `None` where they are one.
///
/// They are split where that leaves the least squared deviation of the logarithms inside the groups (Otsu's
/// threshold: N. Otsu, 1979). The split counts when each group holds a tenth of the samples and at least
/// four, the middles are a quarter apart and five times as far as samples typically lie from the middle of
/// their own group (in logarithms, the median deviations of both added), and hardly a sample lies half-way:
/// of fewer than fifty samples, the empty stretch between the groups is as wide as the wider of them.
pub fn groups(values: &[f64]) -> Option<Groups> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|v| *v > 0.0).collect();
    sorted.sort_by(f64::total_cmp);
    let logarithms: Vec<f64> = sorted.iter().map(|value| value.ln()).collect();
    let least = LEAST_COUNT.max((LEAST_SHARE * sorted.len() as f64).ceil() as usize);
    let at = split(&logarithms, least)?;
    let (lower, upper) = logarithms.split_at(at);
    let (below, above) = (quantile(lower, 0.5), quantile(upper, 0.5));
    let distance = above - below;
    let third = distance / 3.0;
    let between =
        logarithms.iter().filter(|x| (below + third..=above - third).contains(*x)).count();
    let apart = distance >= APART.ln()
        && distance >= DEVIATIONS * (deviation(lower, below) + deviation(upper, above))
        && between as f64 <= BETWEEN * sorted.len() as f64
        && (sorted.len() >= MANY || upper[0] - lower[at - 1] >= range(lower).max(range(upper)));
    let group = |values: &[f64]| Group {
        count: values.len(),
        low: values[0],
        median: quantile(values, 0.5),
        high: values[values.len() - 1],
    };
    apart.then(|| Groups { lower: group(&sorted[..at]), upper: group(&sorted[at..]) })
}

fn range(sorted: &[f64]) -> f64 {
    sorted[sorted.len() - 1] - sorted[0]
}

/// How many of the sorted values are in the lower group, at least `least` in each.
fn split(sorted: &[f64], least: usize) -> Option<usize> {
    if sorted.len() < 2 * least {
        return None;
    }
    let sum: f64 = sorted.iter().sum();
    let mut below: f64 = sorted[..least - 1].iter().sum();
    let mut best = None;
    for at in least..=sorted.len() - least {
        below += sorted[at - 1];
        let (left, right) = (at as f64, (sorted.len() - at) as f64);
        // Squared deviations inside the groups are least where those between them are largest.
        let between = left * right * (below / left - (sum - below) / right).powi(2);
        if best.is_none_or(|(_, most)| between > most) {
            best = Some((at, between));
        }
    }
    best.map(|(at, _)| at)
}

/// The median distance from the middle.
fn deviation(sorted: &[f64], middle: f64) -> f64 {
    let mut distances: Vec<f64> = sorted.iter().map(|x| (x - middle).abs()).collect();
    distances.sort_by(f64::total_cmp);
    quantile(&distances, 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Milliseconds of fifteen samples that were once printed as a single median.
    const STARTS: [f64; 15] =
        [2.3, 2.4, 2.4, 2.5, 2.5, 2.5, 2.6, 2.6, 7.8, 8.3, 9.0, 9.9, 11.2, 12.4, 13.7];

    #[test]
    fn two_groups_are_found_and_described() {
        let Groups { lower, upper } = groups(&STARTS).unwrap();
        assert_eq!((lower.count, lower.low, lower.median, lower.high), (8, 2.3, 2.5, 2.6));
        assert_eq!((upper.count, upper.low, upper.median, upper.high), (7, 7.8, 9.9, 13.7));
    }

    #[test]
    fn answers_that_arrive_in_the_middle_of_a_pause_are_a_group() {
        let answer = |i: usize| {
            if i.is_multiple_of(8) { 2.8 + 0.01 * (i % 80) as f64 } else { 4.8 + 0.001 * i as f64 }
        };
        let answers: Vec<f64> = (0..750).map(answer).collect();
        assert_eq!(
            groups(&answers).map(|found| (found.lower.count, found.upper.count)),
            Some((94, 656))
        );
    }

    #[test]
    fn one_group_stays_one() {
        assert_eq!(groups(&[]), None);
        assert_eq!(groups(&[1.0, 1.0, 1.0, 9.0, 9.0]), None, "two samples are no group");
        assert_eq!(groups(&[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 9.0, 9.0, 9.0]), None, "nor are three");
        assert_eq!(groups(&[1.0; 15]), None);
        let even: Vec<f64> = (1..=15).map(f64::from).collect();
        assert_eq!(groups(&even), None);
    }

    /// 4 000 experiments of one arm for each kind of noise and number of rounds: at most one in fifty is
    /// said to fall into two groups.
    #[test]
    fn simulated_samples_of_one_group_are_rarely_called_two() {
        let mut rng = fastrand::Rng::with_seed(1979);
        let normal = |rng: &mut fastrand::Rng| (0..12).map(|_| rng.f64()).sum::<f64>() - 6.0;
        for rounds in [6, 9, 15, 31, 400] {
            for (name, noise) in [("normal", 0.0), ("tail", 0.02), ("long tail", 0.3)] {
                let sample = |rng: &mut fastrand::Rng| match noise {
                    0.0 => 1.0 + 0.02 * normal(rng),
                    tail => 1.0 + tail * -rng.f64().max(1e-12).ln(),
                };
                let mut alarm = |_: &usize| {
                    let samples: Vec<f64> = (0..rounds).map(|_| sample(&mut rng)).collect();
                    groups(&samples).is_some()
                };
                let alarms = (0..4_000).filter(|n| alarm(n)).count();
                println!("{name}, {rounds} rounds: {alarms} of 4 000");
                assert!(alarms <= 80, "{name}, {rounds} rounds: {alarms} alarms in 4 000");
            }
        }
    }
}
