//! # One ticket
//!
//! 10 minutes
//!
//! Sell it once.
//!
//! Hint: look at the guard.

pub mod starter {
    /// Whether one is sold of so many.
    pub fn sells(left: u32) -> bool {
        todo!("look whether one is left")
    }
}

pub mod solution {
    pub fn sells(left: u32) -> bool {
        left > 0
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;

    #[test]
    fn one_is_sold() {
        assert!(sells(1), "it is still there");
    }

    #[test]
    fn none_is_sold_that_is_not_there() {
        assert!(!sells(0), "one was sold");
    }
}
