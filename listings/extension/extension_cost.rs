//! What a call into the module costs, and handing over a number: Python's side
//! is `extension_cost.py`.
//!
//! One thread: there is no order of steps to explore.
//!
//! Runs locally only: it needs Cargo and a Python.

use std::hint::black_box;
use std::process::ExitCode;

use super::extension::run;

/// How often each empty function is called.
pub const CALLS: usize = 2_000_000;
/// Numbers in the list and in the buffer, and how often each is added up.
pub const NUMBERS: usize = 100_000;
pub const LISTS: usize = 50;
pub const BUFFERS: usize = 5_000;
/// How often Rust adds up the same.
pub const SUMS: usize = 5_000;

const SCRIPTS: [&str; 3] = [
    "listings/extension/lend.py",
    "listings/extension/panics.py",
    "listings/extension/to_thread.py",
];

/// The sum, over and over; nothing is handed over.
pub fn sums(numbers: &[i64]) -> i64 {
    (0..SUMS).fold(0, |_, _| black_box(numbers).iter().sum())
}

pub fn numbers() -> Vec<i64> {
    (1_000_000_000..).take(NUMBERS).collect()
}

/// Three programs, one after the other.
pub fn main() -> ExitCode {
    for script in SCRIPTS {
        let ended = run(script);
        if ended != ExitCode::SUCCESS {
            return ended;
        }
    }
    ExitCode::SUCCESS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_the_sum_of_the_numbers() {
        assert_eq!(sums(&[1, 2, 3]), 6);
    }
}
