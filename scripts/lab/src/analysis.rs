//! What the rounds of a measurement say: ratios round by round, their estimates, the ceiling.

use crate::record::{BASE_AGAIN, CEILING, Measurement, Point, Round, Sample};
use crate::statistics::{Estimate, LEAST_VALUES, Verdict, estimate, verdict};

impl Measurement {
    /// The rounds that were not set aside.
    pub fn kept(&self) -> impl Iterator<Item = &Round> {
        self.rounds.iter().filter(|round| round.set_aside.is_none())
    }

    /// One value per kept round, from the sample at this point; empty where there is none.
    pub fn values(&self, point: &Point, value: impl Fn(&Sample) -> Option<f64>) -> Vec<f64> {
        self.kept().filter_map(|round| value(round.sample(point)?)).collect()
    }

    /// Wall time in seconds, one per kept round.
    pub fn seconds(&self, point: &Point) -> Vec<f64> {
        self.values(point, |sample| Some(sample.wall_ns as f64 / 1e9))
    }

    /// Time at `numerator` over time at `denominator`, one per kept round.
    pub fn ratios(&self, numerator: &Point, denominator: &Point) -> Vec<f64> {
        self.kept()
            .filter_map(|round| {
                let above = round.sample(numerator)?.wall_ns as f64;
                Some(above / round.sample(denominator)?.wall_ns.max(1) as f64)
            })
            .collect()
    }

    /// The base's one point.
    pub fn base(&self) -> Option<Point> {
        self.description.base.as_ref().map(|base| Point::new(base, None))
    }

    /// The base against itself (A/A), one per kept round.
    pub fn same_arm(&self) -> Vec<f64> {
        match self.base() {
            Some(base) => self.ratios(&base, &Point::new(BASE_AGAIN, None)),
            None => Vec::new(),
        }
    }

    /// Whether the two do the same work, so that how many times as fast one of them is says something.
    /// Where outcomes are counted, one of them can make thousands of trials and the other a single one.
    /// Where the axis varies the work, two points of it do different work.
    pub fn same_work(&self, one: &Point, other: &Point) -> bool {
        let varies = self.description.axis.as_ref().is_some_and(|axis| axis.varies_work);
        if varies && one.at != other.at {
            return false;
        }
        let trials = |point: &Point| {
            let mut samples = self.rounds.iter().filter_map(|round| round.sample(point));
            samples.next().map_or(0, |sample| sample.outcomes.values().sum::<u64>())
        };
        !self.description.different_work && trials(one) == trials(other)
    }

    /// C(p): how many times the base's work p independent copies get done in the base's time, one
    /// per kept round. Where there is a limit, of the computing alone.
    pub fn ceiling(&self, threads: u64) -> Vec<f64> {
        let Some(copied) = self.description.copied() else { return Vec::new() };
        let copies = self.ratios(&Point::new(copied, None), &Point::new(CEILING, Some(threads)));
        copies.into_iter().map(|ratio| ratio * threads as f64).collect()
    }

    /// min(C(p), n/⌈n/p⌉): what p threads can gain at most, one per kept round. No more than n threads
    /// have a piece, so C(n) takes the place of C(p) where p is larger and n copies were measured.
    pub fn limit(&self, threads: u64) -> Vec<f64> {
        let Some(n) = self.description.pieces else { return self.ceiling(threads) };
        let mut ceiling = self.ceiling(threads.min(n));
        if ceiling.is_empty() {
            ceiling = self.ceiling(threads);
        }
        let whole = n as f64 / n.div_ceil(threads.max(1)) as f64;
        ceiling.into_iter().map(|ceiling| ceiling.min(whole)).collect()
    }

    /// max(the longest chain, all computing / C(cores)), in seconds, one per kept round; empty where the
    /// experiment declares no limit.
    pub fn least_seconds(&self) -> Vec<f64> {
        let Some(limit) = &self.description.limit else { return Vec::new() };
        let seconds = |round: &Round, arm: &str, at| {
            Some(round.sample(&Point::new(arm, at))?.wall_ns as f64 / 1e9)
        };
        let least = |round: &Round| {
            // So many copies of the computing take that long, and one copy would be shared out as well.
            let copies = seconds(round, CEILING, Some(limit.cores))?;
            Some(seconds(round, &limit.chain, None)?.max(copies / limit.cores as f64))
        };
        self.kept().filter_map(least).collect()
    }

    /// How `arm` compares with the time at `with`: the estimate of with/arm, and what it allows to say.
    pub fn compare(&self, arm: &Point, with: &Point) -> Option<(Estimate, Verdict)> {
        let ratios = self.ratios(with, arm);
        let ratio = estimate(&ratios)?;
        if ratios.len() < LEAST_VALUES {
            return Some((ratio, Verdict::NotResolved));
        }
        Some((ratio, verdict(ratio, estimate(&self.same_arm()))))
    }

    /// Whether enough rounds were kept to conclude anything.
    pub fn resolves(&self) -> bool {
        self.kept().count() >= LEAST_VALUES
    }
}

impl Round {
    /// The sample of this arm at this point.
    pub fn sample(&self, point: &Point) -> Option<&Sample> {
        self.samples.iter().find(|sample| sample.arm == point.arm && sample.at == point.at)
    }
}
