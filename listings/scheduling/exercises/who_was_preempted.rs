//! # Who was preempted?
//!
//! 30 minutes
//!
//! Some threads shared one core. Each of them computed, looked at the clock again
//! and again, and wrote down what it showed, in microseconds. A thread that has its
//! core looks at the clock at least once in 100 µs. Where two of its looks are
//! further apart, it had no core in between.
//!
//! Write `lost` to find all such gaps, in the order in which they began, and for
//! each of them which other threads looked at the clock meanwhile. Where none of
//! them did, something outside of this program had the core, or the core itself was
//! gone, as happens to one of a virtual machine.
//!
//! Hint: `windows(2)` goes through the pairs of looks that follow each other. A
//! look at the very start or end of a gap is not inside of it.

/// The longest time between two looks of a thread that has its core.
pub const APART: u64 = 100;

/// A stretch of time for which a thread had no core.
#[derive(Clone, Debug, PartialEq)]
pub struct Lost {
    /// Which of the threads it was.
    pub thread: usize,
    pub from: u64,
    pub until: u64,
    /// The threads that looked at the clock meanwhile, in order of their numbers.
    pub meanwhile: Vec<usize>,
}

pub mod starter {
    use super::*;

    /// When which thread was without a core. `looks` has the looks of each thread,
    /// from the first to the last.
    pub fn lost(looks: &[Vec<u64>]) -> Vec<Lost> {
        let _ = looks;
        todo!("find the gaps, and who ran in them")
    }
}

pub mod solution {
    use super::*;

    /// When which thread was without a core. `looks` has the looks of each thread,
    /// from the first to the last.
    pub fn lost(looks: &[Vec<u64>]) -> Vec<Lost> {
        let mut lost = Vec::new();
        for (thread, own) in looks.iter().enumerate() {
            for pair in own.windows(2) {
                let (from, until) = (pair[0], pair[1]);
                if until - from > APART {
                    let inside = |look: &u64| from < *look && *look < until;
                    let ran = |other: &usize| looks[*other].iter().any(inside);
                    let meanwhile = (0..looks.len()).filter(ran).collect();
                    lost.push(Lost { thread, from, until, meanwhile });
                }
            }
        }
        lost.sort_by_key(|gap| gap.from);
        lost
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;

    /// Looks from one moment to another, every 50 µs.
    fn looks(stretches: &[(u64, u64)]) -> Vec<u64> {
        let every = |(from, to): &(u64, u64)| (*from..=*to).step_by(50);
        stretches.iter().flat_map(every).collect()
    }

    #[test]
    fn two_threads_that_take_turns_lose_the_core_to_each_other() {
        let threads =
            [looks(&[(0, 3_000), (6_010, 9_010)]), looks(&[(3_005, 6_005)])];
        let gap =
            Lost { thread: 0, from: 3_000, until: 6_010, meanwhile: vec![1] };
        assert_eq!(lost(&threads), [gap]);
    }

    #[test]
    fn gaps_come_in_the_order_in_which_they_began() {
        let threads = [
            looks(&[(0, 1_000), (3_000, 4_000)]),
            looks(&[(1_010, 2_000), (4_010, 5_000)]),
            looks(&[(2_005, 2_955), (5_005, 6_005)]),
        ];
        let found: Vec<_> = lost(&threads)
            .into_iter()
            .map(|gap| (gap.thread, gap.from, gap.meanwhile))
            .collect();
        assert_eq!(
            found,
            [
                (0, 1_000, vec![1, 2]),
                (1, 1_960, vec![0, 2]),
                (2, 2_955, vec![0, 1]),
            ]
        );
    }

    #[test]
    fn a_gap_in_which_no_thread_ran_is_found_too() {
        let alone = [looks(&[(0, 500), (2_500, 3_000)])];
        let gap =
            Lost { thread: 0, from: 500, until: 2_500, meanwhile: vec![] };
        assert_eq!(lost(&alone), [gap], "nobody looked: the list stays empty");
    }

    #[test]
    fn a_thread_that_looks_in_time_has_lost_nothing() {
        let steady: Vec<u64> = (0..20).map(|look| look * APART).collect();
        assert_eq!(lost(&[steady, vec![], vec![7]]), []);
    }
}
