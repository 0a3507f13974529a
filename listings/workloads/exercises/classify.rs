//! # Classify a run
//!
//! 10 minutes
//!
//! You are given what a stopwatch and the operating system say of a run: wall
//! time, CPU time, and the number of cores that the program was allowed to use.
//! Say what would make it faster:
//!
//! - `TooShort`, if it took less than 50 ms, because then its start is most of it;
//! - `OverlapTheWaits`, if it kept less than a tenth of one core busy;
//! - `LookAtItsPhases`, if it kept a tenth of one core busy or more, but less than
//!   nine tenths;
//! - `AllCoresAreBusy`, if it kept nine tenths or more of all its cores busy;
//! - `UseMoreCores`, if it kept nine tenths of one core busy or more, and there
//!   are cores left.
//!
//! The tests look at each of these, and at runs that lie right on a border. A
//! program with one core has no cores left once that one is busy.

use std::time::Duration;

/// What was seen of a run.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    pub wall: Duration,
    pub cpu: Duration,
    pub cores: u32,
}

/// What would make it faster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    TooShort,
    OverlapTheWaits,
    LookAtItsPhases,
    UseMoreCores,
    AllCoresAreBusy,
}

pub mod starter {
    use super::*;

    /// What would make this program faster.
    #[allow(unused_variables)]
    pub fn classify(run: Run) -> Advice {
        todo!("divide CPU time by wall time, and compare")
    }
}

pub mod solution {
    use super::*;

    /// What would make this program faster.
    pub fn classify(run: Run) -> Advice {
        if run.wall < Duration::from_millis(50) {
            return Advice::TooShort; // also keeps zero out of the division
        }
        let busy = run.cpu.as_secs_f64() / run.wall.as_secs_f64();
        if busy < 0.1 {
            Advice::OverlapTheWaits
        } else if busy < 0.9 {
            Advice::LookAtItsPhases
        } else if busy < 0.9 * f64::from(run.cores) {
            Advice::UseMoreCores
        } else {
            Advice::AllCoresAreBusy
        }
    }
}

/// You compare a tenth with the share of the whole machine. On four cores that
/// is four tenths of one core, so a program that computes for a third of its
/// time is told to overlap its waits, and on a machine with more cores the same
/// run gets another answer.
///
/// Caught by `in_between_the_whole_says_nothing_of_its_parts`.
pub mod wrong_tenth_of_all_cores {
    use super::*;

    pub fn classify(run: Run) -> Advice {
        if run.wall < Duration::from_millis(50) {
            return Advice::TooShort;
        }
        let busy = run.cpu.as_secs_f64() / run.wall.as_secs_f64();
        let share = busy / f64::from(run.cores);
        if share < 0.1 {
            Advice::OverlapTheWaits
        } else if busy < 0.9 {
            Advice::LookAtItsPhases
        } else if share < 0.9 {
            Advice::UseMoreCores
        } else {
            Advice::AllCoresAreBusy
        }
    }
}

/// You ask the CPU time whether the run was too short. A program that waits for
/// a whole second and computes for 20 ms of it has been measured for long
/// enough, and it is the one that gains most from overlapping its waits. You
/// tell its author to measure again.
///
/// Caught by `a_program_that_waits_gains_from_waiting_for_several_things`.
pub mod wrong_too_short_by_cpu_time {
    use super::*;

    pub fn classify(run: Run) -> Advice {
        if run.cpu < Duration::from_millis(50) {
            return Advice::TooShort;
        }
        let busy = run.cpu.as_secs_f64() / run.wall.as_secs_f64();
        if busy < 0.1 {
            Advice::OverlapTheWaits
        } else if busy < 0.9 {
            Advice::LookAtItsPhases
        } else if busy < 0.9 * f64::from(run.cores) {
            Advice::UseMoreCores
        } else {
            Advice::AllCoresAreBusy
        }
    }
}

/// You ask whether one core is busy before you ask whether all of them are. A
/// program that keeps every core busy keeps one busy, too, so on a machine with
/// several cores your last branch is never reached, and you advise more cores
/// where none is left.
///
/// Caught by `a_program_that_uses_all_cores_has_none_left_to_gain_from`.
pub mod wrong_one_core_asked_first {
    use super::*;

    pub fn classify(run: Run) -> Advice {
        if run.wall < Duration::from_millis(50) {
            return Advice::TooShort;
        }
        let busy = run.cpu.as_secs_f64() / run.wall.as_secs_f64();
        if busy < 0.1 {
            Advice::OverlapTheWaits
        } else if busy < 0.9 {
            Advice::LookAtItsPhases
        } else if run.cores > 1 {
            Advice::UseMoreCores
        } else {
            Advice::AllCoresAreBusy
        }
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;

    fn advice(wall_ms: u64, cpu_ms: u64, cores: u32) -> Advice {
        classify(Run {
            wall: Duration::from_millis(wall_ms),
            cpu: Duration::from_millis(cpu_ms),
            cores,
        })
    }

    #[test]
    fn a_program_that_waits_gains_from_waiting_for_several_things() {
        for cpu in [20, 99] {
            assert_eq!(
                advice(1_000, cpu, 4),
                Advice::OverlapTheWaits,
                "it computed for {cpu} ms of a second, and waited for the rest"
            );
        }
    }

    #[test]
    fn a_program_that_computes_on_one_core_gains_from_more() {
        for cpu in [990, 900, 3_500] {
            assert_eq!(
                advice(1_000, cpu, 4),
                Advice::UseMoreCores,
                "{cpu} ms of CPU time in a second, and it has four cores"
            );
        }
    }

    #[test]
    fn a_program_that_uses_all_cores_has_none_left_to_gain_from() {
        for cpu in [3_900, 3_600] {
            assert_eq!(
                advice(1_000, cpu, 4),
                Advice::AllCoresAreBusy,
                "{cpu} ms of CPU time in a second, of 4000 that four cores have"
            );
        }
    }

    #[test]
    fn on_one_core_a_program_that_computes_has_all_there_is() {
        assert_eq!(advice(1_000, 950, 1), Advice::AllCoresAreBusy);
    }

    #[test]
    fn in_between_the_whole_says_nothing_of_its_parts() {
        for (cpu, cores) in [(100, 4), (500, 1), (899, 4)] {
            assert_eq!(
                advice(1_000, cpu, cores),
                Advice::LookAtItsPhases,
                "it kept {cpu} thousandths of one core busy, and it has {cores}"
            );
        }
    }

    #[test]
    fn a_short_run_says_nothing() {
        assert_eq!(advice(49, 49, 4), Advice::TooShort);
        assert_eq!(advice(0, 0, 4), Advice::TooShort, "zero has no quotient");
        assert_ne!(advice(50, 50, 4), Advice::TooShort);
    }
}
