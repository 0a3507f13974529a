//! # Phases of a mix
//!
//! 25 minutes
//!
//! A program reads both clocks whenever it goes on to another phase, and leaves
//! a list of marks: the phase that begins, wall time so far, CPU time so far.
//! Phases come again and again, `fetch`, `parse`, `fetch`, `parse` and so on;
//! the last mark is named `end`.
//!
//! Write `phases`: for each phase its wall time and CPU time in all, in the
//! order in which the phases first appear, without `end`. Then write
//! `with_threads`, which returns a time that no run of this work can beat,
//! however many threads it has. Assume that all waits can be waited for together,
//! and that the cores share the computing evenly. Then the limit is the computing
//! of all phases divided by the cores, or the longest single wait, whichever is
//! more.
//!
//! Between two marks, a phase waits for as long as it does not compute. The two
//! clocks do not tick together, so CPU time can come out a little longer than
//! wall time. In that case the phase did not wait at all.
//!
//! Hint: Two neighboring marks are one stretch, and `marks.windows(2)` goes
//! through all of them. `Duration::saturating_sub` never goes below zero.

use std::time::Duration;

/// A phase begins.
#[derive(Clone, Debug)]
pub struct Mark {
    pub phase: &'static str,
    /// Time since the program's start.
    pub wall: Duration,
    /// CPU time since the program's start, of one thread.
    pub cpu: Duration,
}

/// A phase, all its stretches together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phase {
    pub name: &'static str,
    pub wall: Duration,
    pub cpu: Duration,
}

pub mod starter {
    use super::*;

    /// Each phase with its time in all, in the order of their first marks.
    #[allow(unused_variables)]
    pub fn phases(marks: &[Mark]) -> Vec<Phase> {
        todo!("add up what lies between neighboring marks")
    }

    /// A time that no number of threads on so many cores can beat.
    #[allow(unused_variables)]
    pub fn with_threads(marks: &[Mark], cores: u32) -> Duration {
        todo!("the computing divided by the cores, or the longest wait")
    }
}

pub mod solution {
    use super::*;

    /// Each phase with its time in all, in the order of their first marks.
    pub fn phases(marks: &[Mark]) -> Vec<Phase> {
        let mut phases: Vec<Phase> = Vec::new();
        for pair in marks.windows(2) {
            let (wall, cpu) = stretch(pair);
            let name = pair[0].phase;
            // A handful of phases: looking through them all is fine.
            match phases.iter_mut().find(|phase| phase.name == name) {
                Some(phase) => {
                    phase.wall += wall;
                    phase.cpu += cpu;
                }
                None => phases.push(Phase { name, wall, cpu }),
            }
        }
        phases
    }

    /// A time that no number of threads on so many cores can beat.
    pub fn with_threads(marks: &[Mark], cores: u32) -> Duration {
        let mut computing = Duration::ZERO;
        let mut longest_wait = Duration::ZERO;
        for pair in marks.windows(2) {
            let (wall, cpu) = stretch(pair);
            computing += cpu;
            // The two clocks do not tick together: never less than nothing.
            longest_wait = longest_wait.max(wall.saturating_sub(cpu));
        }
        longest_wait.max(computing / cores)
    }

    /// Wall time and CPU time from one mark to the next.
    fn stretch(pair: &[Mark]) -> (Duration, Duration) {
        (pair[1].wall - pair[0].wall, pair[1].cpu - pair[0].cpu)
    }
}

/// You keep the phases in a `BTreeMap` by name, which adds them up without a
/// search and returns them sorted by name. That is not the order in which the
/// program went through them, so a reader of the report finds `parse` before the
/// `read` that it needs.
///
/// Caught by `phases_keep_the_order_of_their_first_marks_and_the_end_is_none`.
pub mod wrong_sorted_by_name {
    pub use super::solution::with_threads;
    use super::*;
    use std::collections::BTreeMap;

    pub fn phases(marks: &[Mark]) -> Vec<Phase> {
        let mut times: BTreeMap<&str, (Duration, Duration)> = BTreeMap::new();
        for pair in marks.windows(2) {
            let (wall, cpu) = times.entry(pair[0].phase).or_default();
            *wall += pair[1].wall - pair[0].wall;
            *cpu += pair[1].cpu - pair[0].cpu;
        }
        let phase = |(name, (wall, cpu))| Phase { name, wall, cpu };
        times.into_iter().map(phase).collect()
    }
}

/// You give the time between two marks to the phase of the second one. A mark
/// says what begins there, so every phase gets the time of the one before it:
/// your report says that parsing waits for the network, and it has a phase named
/// `end`.
///
/// Caught by `a_phase_that_comes_again_is_added_up`.
pub mod wrong_phase_of_the_second_mark {
    pub use super::solution::with_threads;
    use super::*;

    pub fn phases(marks: &[Mark]) -> Vec<Phase> {
        let mut phases: Vec<Phase> = Vec::new();
        for pair in marks.windows(2) {
            let (wall, cpu) =
                (pair[1].wall - pair[0].wall, pair[1].cpu - pair[0].cpu);
            let name = pair[1].phase;
            match phases.iter_mut().find(|phase| phase.name == name) {
                Some(phase) => {
                    phase.wall += wall;
                    phase.cpu += cpu;
                }
                None => phases.push(Phase { name, wall, cpu }),
            }
        }
        phases
    }
}

/// You take the longest wait from the phases, where all waits of a phase have
/// been added up. Two fetches can be waited for together, so the limit is the
/// longer of them and not their sum: you promise less than threads can do, and
/// the more pages there are to fetch, the more wrong you are.
///
/// Caught by `where_little_is_computed_the_longest_wait_is_the_limit`.
pub mod wrong_wait_of_a_whole_phase {
    pub use super::solution::phases;
    use super::*;

    pub fn with_threads(marks: &[Mark], cores: u32) -> Duration {
        let phases = phases(marks);
        let computing: Duration = phases.iter().map(|phase| phase.cpu).sum();
        let wait = |phase: &Phase| phase.wall.saturating_sub(phase.cpu);
        let longest_wait = phases.iter().map(wait).max().unwrap_or_default();
        longest_wait.max(computing / cores)
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;

    fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    /// Marks from names and clock readings in milliseconds.
    fn marks(readings: &[(&'static str, u64, u64)]) -> Vec<Mark> {
        let mark =
            |&(phase, wall, cpu)| Mark { phase, wall: ms(wall), cpu: ms(cpu) };
        readings.iter().map(mark).collect()
    }

    fn crawler() -> Vec<Mark> {
        marks(&[
            ("fetch", 0, 0),
            ("parse", 100, 1),
            ("fetch", 150, 50),
            ("parse", 270, 52),
            ("store", 320, 100),
            ("end", 330, 101),
        ])
    }

    #[test]
    fn a_phase_that_comes_again_is_added_up() {
        let found = phases(&crawler());
        let fetch = found.iter().find(|phase| phase.name == "fetch").unwrap();
        assert_eq!(
            (fetch.wall, fetch.cpu),
            (ms(220), ms(3)),
            "it was fetching from 0 to 100 ms, and from 150 to 270"
        );
        let parse = found.iter().find(|phase| phase.name == "parse").unwrap();
        assert_eq!(
            (parse.wall, parse.cpu),
            (ms(100), ms(97)),
            "it was parsing from 100 to 150 ms, and from 270 to 320"
        );
    }

    #[test]
    fn phases_keep_the_order_of_their_first_marks_and_the_end_is_none() {
        let run = marks(&[
            ("read", 0, 0),
            ("parse", 10, 1),
            ("read", 20, 9),
            ("count", 30, 10),
            ("end", 40, 20),
        ]);
        let names: Vec<_> = phases(&run).iter().map(|p| p.name).collect();
        assert_eq!(
            names,
            ["read", "parse", "count"],
            "in the order in which they begin, and `end` is none of them"
        );
    }

    #[test]
    fn nothing_gets_lost_between_the_marks() {
        let found = phases(&crawler());
        assert_eq!(found.iter().map(|p| p.wall).sum::<Duration>(), ms(330));
        assert_eq!(found.iter().map(|p| p.cpu).sum::<Duration>(), ms(101));
    }

    #[test]
    fn where_little_is_computed_the_longest_wait_is_the_limit() {
        assert_eq!(
            with_threads(&crawler(), 2),
            ms(118),
            "101 ms of computing on two cores; one fetch waits for 99 ms, and \
             the other for 118, at the same time"
        );
    }

    #[test]
    fn where_much_is_computed_the_cores_are_the_limit() {
        let run =
            marks(&[("fetch", 0, 0), ("parse", 10, 0), ("end", 810, 800)]);
        assert_eq!(with_threads(&run, 1), ms(800));
        assert_eq!(with_threads(&run, 4), ms(200));
        assert_eq!(with_threads(&run, 400), ms(10), "the wait stays");
    }

    #[test]
    fn clocks_that_tick_apart_do_not_make_a_negative_wait() {
        let run = marks(&[("parse", 0, 0), ("end", 100, 101)]);
        assert_eq!(with_threads(&run, 1), ms(101));
    }

    #[test]
    fn no_marks_are_no_time() {
        assert_eq!(phases(&[]), []);
        assert_eq!(with_threads(&marks(&[("end", 0, 0)]), 2), ms(0));
    }
}
