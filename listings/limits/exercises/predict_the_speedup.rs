//! # Predict the speedup
//!
//! 15 minutes
//!
//! A program makes a report. On one core it takes a known time, and a known
//! share of that time cannot be split. You are asked how long it will take on a
//! machine with more cores, and how many cores to buy.
//!
//! Write `time` by Amdahl's law. Then write `cores_for`: the smallest number of
//! cores on which the program takes `wanted` or less. No number of cores can
//! bring it below its serial part, and then the answer is `None`.
//!
//! The starter is the salesman's answer: it divides the whole time by the cores.
//!
//! Hint: The serial part takes as long on any number of cores. You can try the
//! numbers of cores one after the other, if you know when to stop trying.

use std::time::Duration;

/// A program, as it was measured on one core.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    pub on_one_core: Duration,
    /// The share of that time that does not split, from 0 to 1.
    pub serial: f64,
}

pub mod starter {
    use super::*;

    /// How long the program takes on so many cores.
    pub fn time(program: Program, cores: u32) -> Duration {
        program.on_one_core / cores
    }

    /// The fewest cores on which the program takes `wanted` or less.
    pub fn cores_for(program: Program, wanted: Duration) -> Option<u32> {
        (1..).find(|cores| time(program, *cores) <= wanted)
    }
}

pub mod solution {
    use super::*;

    /// How long the program takes on so many cores.
    pub fn time(program: Program, cores: u32) -> Duration {
        let serial = program.on_one_core.mul_f64(program.serial);
        serial + (program.on_one_core - serial) / cores
    }

    /// The fewest cores on which the program takes `wanted` or less.
    pub fn cores_for(program: Program, wanted: Duration) -> Option<u32> {
        if program.on_one_core <= wanted {
            return Some(1);
        }
        // What is left for the part that splits.
        let serial = program.on_one_core.mul_f64(program.serial);
        let left = wanted.checked_sub(serial).filter(|left| !left.is_zero())?;
        let splits = program.on_one_core - serial;
        // Rounded up: a part of a core cannot be bought.
        Some(splits.as_nanos().div_ceil(left.as_nanos()) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::sync::mpsc::{self, RecvTimeoutError};
    use std::thread;

    const HOUR: Program =
        Program { on_one_core: Duration::from_secs(3_600), serial: 0.1 };

    /// The answer, or words if none comes.
    fn asked(program: Program, wanted: Duration) -> Option<u32> {
        let (done, answer) = mpsc::channel();
        thread::spawn(move || done.send(cores_for(program, wanted)));
        answer.recv_timeout(Duration::from_secs(5)).unwrap_or_else(|error| {
            match error {
                RecvTimeoutError::Timeout => panic!(
                    "`cores_for` is still trying after five seconds: what does \
                     it do where no number of cores is enough?"
                ),
                RecvTimeoutError::Disconnected => {
                    panic!("`cores_for` panicked")
                }
            }
        })
    }

    #[test]
    fn sixteen_cores_make_an_hour_with_a_serial_tenth_about_nine_minutes() {
        let seconds = |cores| time(HOUR, cores).as_secs_f64();
        assert_eq!(seconds(1), 3_600.0);
        assert_eq!(seconds(2), 1_980.0);
        assert_eq!(seconds(16), 562.5, "6.4 times as fast as one core");
    }

    #[test]
    fn what_does_not_split_takes_as_long_on_any_number_of_cores() {
        let alone = Program { serial: 1.0, ..HOUR };
        assert_eq!(time(alone, 64), HOUR.on_one_core);
        let shared = Program { serial: 0.0, ..HOUR };
        assert_eq!(time(shared, 64), Duration::from_millis(56_250));
    }

    #[test]
    fn the_fewest_cores_that_are_enough() {
        let minutes = |n: u64| Duration::from_secs(n * 60);
        assert_eq!(asked(HOUR, minutes(60)), Some(1));
        assert_eq!(asked(HOUR, minutes(90)), Some(1));
        assert_eq!(asked(HOUR, minutes(33)), Some(2));
        assert_eq!(asked(HOUR, minutes(10)), Some(14));
        assert_eq!(asked(HOUR, minutes(7)), Some(54));
    }

    #[test]
    fn below_the_serial_part_no_number_of_cores_is_enough() {
        assert_eq!(asked(HOUR, Duration::from_secs(360)), None);
        assert_eq!(asked(HOUR, Duration::from_secs(60)), None);
    }
}
