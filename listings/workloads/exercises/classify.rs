//! # Classify a run
//!
//! 10 minutes
//!
//! You are given what a stopwatch and the operating system say of a run: wall
//! time, CPU time, and the number of cores that the program was allowed to use.
//! Say what would make it faster:
//!
//! - `TooShort`, if it took less than 50 ms: then its start is most of it;
//! - `OverlapTheWaits`, if it kept less than a tenth of a core busy;
//! - `LookAtItsPhases`, if it kept a tenth or more busy, and less than nine
//!   tenths;
//! - `AllCoresAreBusy`, if it kept nine tenths or more of all its cores busy;
//! - `UseMoreCores`, if it kept nine tenths of one core busy or more, and there
//!   are cores left.
//!
//! The tests look at each of these, and at what lies on their borders. On one
//! core nine tenths of a core are nine tenths of all.

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
        assert_eq!(advice(1_000, 20, 4), Advice::OverlapTheWaits);
        assert_eq!(advice(1_000, 99, 4), Advice::OverlapTheWaits);
    }

    #[test]
    fn a_program_that_computes_on_one_core_gains_from_more() {
        assert_eq!(advice(1_000, 990, 4), Advice::UseMoreCores);
        assert_eq!(advice(1_000, 900, 4), Advice::UseMoreCores);
        assert_eq!(advice(1_000, 3_500, 4), Advice::UseMoreCores);
    }

    #[test]
    fn a_program_that_uses_all_cores_has_none_left_to_gain_from() {
        assert_eq!(advice(1_000, 3_900, 4), Advice::AllCoresAreBusy);
        assert_eq!(advice(1_000, 3_600, 4), Advice::AllCoresAreBusy);
    }

    #[test]
    fn on_one_core_a_program_that_computes_has_all_there_is() {
        assert_eq!(advice(1_000, 950, 1), Advice::AllCoresAreBusy);
    }

    #[test]
    fn in_between_the_whole_says_nothing_of_its_parts() {
        assert_eq!(advice(1_000, 100, 4), Advice::LookAtItsPhases);
        assert_eq!(advice(1_000, 500, 1), Advice::LookAtItsPhases);
        assert_eq!(advice(1_000, 899, 4), Advice::LookAtItsPhases);
    }

    #[test]
    fn a_short_run_says_nothing() {
        assert_eq!(advice(49, 49, 4), Advice::TooShort);
        assert_eq!(advice(0, 0, 4), Advice::TooShort, "zero has no quotient");
        assert_ne!(advice(50, 50, 4), Advice::TooShort);
    }
}
