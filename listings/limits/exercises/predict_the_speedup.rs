//! # Predict the speedup
//!
//! 15 minutes
//!
//! A program makes a report. You know how long it takes on one core, and which
//! share of that time cannot be split. You are asked how long the program will
//! take on a machine with more cores, and how many cores to buy.
//!
//! Write `time` by Amdahl's law. Then write `cores_for`, which returns the
//! smallest number of cores on which the program takes `wanted` or less. If no
//! number of cores is enough, the answer is `None`: even on a thousand cores the
//! program takes longer than its serial part.
//!
//! The starter is a salesman's answer: it divides the whole time by the cores.
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

/// You take the serial part once and then divide the whole time by the cores, as
/// if all of it split. The serial part is now counted twice, which you notice on
/// one core: the program takes a tenth longer than it was measured to take.
///
/// Caught by `sixteen_cores_make_an_hour_with_a_serial_tenth_about_nine_minutes`.
pub mod wrong_serial_part_twice {
    use super::*;

    pub fn time(program: Program, cores: u32) -> Duration {
        let serial = program.on_one_core.mul_f64(program.serial);
        serial + program.on_one_core / cores
    }

    pub fn cores_for(program: Program, wanted: Duration) -> Option<u32> {
        let serial = program.on_one_core.mul_f64(program.serial);
        if serial >= wanted {
            return None;
        }
        (1..).find(|cores| time(program, *cores) <= wanted)
    }
}

/// You solve for the cores and let the division round down. For ten minutes you
/// need thirteen and a half cores, so you buy thirteen, and every report comes
/// late by nine seconds.
///
/// Caught by `the_fewest_cores_that_are_enough`.
pub mod wrong_rounded_down {
    pub use super::solution::time;
    use super::*;

    pub fn cores_for(program: Program, wanted: Duration) -> Option<u32> {
        if program.on_one_core <= wanted {
            return Some(1);
        }
        let serial = program.on_one_core.mul_f64(program.serial);
        let left = wanted.checked_sub(serial).filter(|left| !left.is_zero())?;
        let splits = program.on_one_core - serial;
        Some((splits.as_nanos() / left.as_nanos()) as u32)
    }
}

/// You give up where the serial part alone takes longer than `wanted`, and try
/// one number of cores after the other where it does not. If it takes exactly as
/// long, nothing is left for the part that splits, which gets shorter with every
/// core and never takes no time, so you go on trying.
///
/// Caught by `below_the_serial_part_no_number_of_cores_is_enough`.
pub mod wrong_never_stops_trying {
    pub use super::solution::time;
    use super::*;

    pub fn cores_for(program: Program, wanted: Duration) -> Option<u32> {
        let serial = program.on_one_core.mul_f64(program.serial);
        if serial > wanted {
            return None;
        }
        (1..).find(|cores| time(program, *cores) <= wanted)
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
        answer.recv_timeout(Duration::from_secs(3)).unwrap_or_else(|error| {
            match error {
                RecvTimeoutError::Timeout => panic!(
                    "`cores_for` is still trying after three seconds: what does \
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
        assert_eq!(seconds(1), 3_600.0, "on one core, as it was measured");
        assert_eq!(seconds(2), 1_980.0, "half of what splits, and all else");
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
        for (minutes, cores) in [(60, 1), (90, 1), (33, 2), (10, 14), (7, 54)] {
            assert_eq!(
                asked(HOUR, Duration::from_secs(minutes * 60)),
                Some(cores),
                "for an hour with a serial tenth to take {minutes} minutes or \
                 less"
            );
        }
        // One second more than the serial part: many cores, and yet enough.
        assert_eq!(asked(HOUR, Duration::from_secs(361)), Some(3_240));
    }

    #[test]
    fn below_the_serial_part_no_number_of_cores_is_enough() {
        assert_eq!(asked(HOUR, Duration::from_secs(360)), None);
        assert_eq!(asked(HOUR, Duration::from_secs(60)), None);
    }
}
