//! # Who was preempted?
//!
//! 30 minutes
//!
//! Some threads shared one core. Each of them computed, looked at the clock again
//! and again, and wrote down what it showed, in microseconds. A thread that has its
//! core looks at the clock at least once in 100 µs. Where two looks of a thread are
//! more than 100 µs apart, it had no core in between.
//!
//! Write `lost` to find all such gaps, in the order in which they began, and for
//! each of them which other threads looked at the clock meanwhile: after the gap
//! began and before it ended. If none of them did, then something outside this
//! program had the core, or the core itself was gone, as happens on a virtual
//! machine.
//!
//! Hint: `windows(2)` goes through the pairs of looks that follow each other. A
//! look at the very start or end of a gap is not inside it.

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

/// You go through the threads one by one, and leave the gaps in the order in
/// which you find them. All of them are there, but the list tells the story
/// thread by thread, and a reader who looks for what happened next is sent back
/// in time when the second thread begins.
///
/// Caught by `gaps_come_in_the_order_in_which_they_began`.
pub mod wrong_thread_by_thread {
    use super::*;

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
        lost
    }
}

/// You say that a thread ran meanwhile if its first look came before the end of
/// the gap and its last look after the beginning. That is true of every thread
/// that waited through the same gap, too, so you blame a thread that had no core
/// itself, and where the whole machine was gone, you never find out.
///
/// Caught by `a_thread_that_had_no_core_either_did_not_look_meanwhile`.
pub mod wrong_alive_meanwhile {
    use super::*;

    pub fn lost(looks: &[Vec<u64>]) -> Vec<Lost> {
        let mut lost = Vec::new();
        for (thread, own) in looks.iter().enumerate() {
            for pair in own.windows(2) {
                let (from, until) = (pair[0], pair[1]);
                if until - from > APART {
                    let ran = |other: &usize| {
                        let others = &looks[*other];
                        *other != thread
                            && others.first().is_some_and(|look| *look < until)
                            && others.last().is_some_and(|look| *look > from)
                    };
                    let meanwhile = (0..looks.len()).filter(ran).collect();
                    lost.push(Lost { thread, from, until, meanwhile });
                }
            }
        }
        lost.sort_by_key(|gap| gap.from);
        lost
    }
}

/// You count the looks from the start of a gap to its end, and the two at its
/// edges are among them. They belong to the thread that lost its core, so each
/// thread stands in its own list, and no gap is ever one in which nothing ran.
///
/// Caught by `a_gap_in_which_no_thread_ran_is_found_too`.
pub mod wrong_edges_inside {
    use super::*;

    pub fn lost(looks: &[Vec<u64>]) -> Vec<Lost> {
        let mut lost = Vec::new();
        for (thread, own) in looks.iter().enumerate() {
            for pair in own.windows(2) {
                let (from, until) = (pair[0], pair[1]);
                if until - from > APART {
                    let inside = |look: &u64| (from..=until).contains(look);
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
        // The first to lose the core is not the first of the list.
        let threads = [
            looks(&[(2_005, 2_955), (5_005, 6_005)]),
            looks(&[(0, 1_000), (3_000, 4_000)]),
            looks(&[(1_010, 2_000), (4_010, 5_000)]),
        ];
        let found: Vec<_> = lost(&threads)
            .into_iter()
            .map(|gap| (gap.thread, gap.from, gap.meanwhile))
            .collect();
        assert_eq!(
            found,
            [
                (1, 1_000, vec![0, 2]),
                (2, 1_960, vec![0, 1]),
                (0, 2_955, vec![1, 2]),
            ],
            "for each gap: the thread, when it began, who ran meanwhile"
        );
    }

    #[test]
    fn a_gap_in_which_no_thread_ran_is_found_too() {
        let alone = [looks(&[(0, 500), (2_500, 3_000)])];
        let gap =
            Lost { thread: 0, from: 500, until: 2_500, meanwhile: vec![] };
        assert_eq!(
            lost(&alone),
            [gap],
            "no other thread looked, so the list `meanwhile` stays empty"
        );
    }

    #[test]
    fn a_thread_that_had_no_core_either_did_not_look_meanwhile() {
        let threads = [
            looks(&[(410, 510), (4_000, 4_500)]),
            looks(&[(0, 400), (4_510, 5_010)]),
            looks(&[(1_000, 3_000)]),
        ];
        let found: Vec<_> = lost(&threads)
            .into_iter()
            .map(|gap| (gap.thread, gap.from, gap.meanwhile))
            .collect();
        assert_eq!(
            found,
            [(1, 400, vec![0, 2]), (0, 510, vec![2])],
            "thread 1 looked before the gap of thread 0 and after it, and not once \
             inside it"
        );
    }

    #[test]
    fn a_look_at_the_very_edge_of_a_gap_is_not_inside_it() {
        let threads =
            [looks(&[(0, 500), (2_500, 3_000)]), vec![500], vec![2_500]];
        let gap =
            Lost { thread: 0, from: 500, until: 2_500, meanwhile: vec![] };
        assert_eq!(
            lost(&threads),
            [gap],
            "the others looked at 500 and at 2500, and not in between"
        );
    }

    #[test]
    fn a_thread_that_looks_in_time_has_lost_nothing() {
        let steady: Vec<u64> = (0..20).map(|look| look * APART).collect();
        assert_eq!(
            lost(&[steady, vec![], vec![7]]),
            [],
            "two looks that are {APART} µs apart are no gap"
        );
    }
}
