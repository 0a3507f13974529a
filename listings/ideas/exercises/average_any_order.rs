//! # Average in any order
//!
//! 15 minutes
//!
//! Weather stations send their temperatures in chunks of any length. Each chunk
//! is turned into a `Part`, and parts are put together as they come: in any
//! order, and in any grouping. In the end there has to be the average of all
//! temperatures, and the highest of them.
//!
//! The program is there, and it is wrong. Find out what a part has to remember,
//! and repair it. The tests put parts together in every order; some chunks are
//! longer than others, and some are empty. Where there is no temperature at
//! all, there is no average and no highest one: `None`.
//!
//! Hint: What do you have to know of two classes, besides the average of each,
//! to say what the average of the school is? And a maximum needs something to
//! begin with: `f64::NEG_INFINITY` is less than any temperature.

pub mod starter {
    /// What is known of some temperatures.
    #[derive(Clone, Copy, Debug)]
    pub struct Part {
        average: f64,
        highest: f64,
    }

    impl Part {
        /// Looks at one chunk.
        pub fn of(chunk: &[f64]) -> Part {
            Part {
                average: chunk.iter().sum::<f64>() / chunk.len() as f64,
                highest: chunk.iter().copied().fold(0.0, f64::max),
            }
        }

        /// Puts two parts together.
        pub fn and(self, other: Part) -> Part {
            Part {
                average: (self.average + other.average) / 2.0,
                highest: self.highest.max(other.highest),
            }
        }

        /// The average of all temperatures.
        pub fn average(self) -> Option<f64> {
            Some(self.average)
        }

        /// The highest of all temperatures.
        pub fn highest(self) -> Option<f64> {
            Some(self.highest)
        }
    }
}

pub mod solution {
    /// What is known of some temperatures.
    #[derive(Clone, Copy, Debug)]
    pub struct Part {
        // An average of averages gives a chunk of two the weight of a chunk of
        // two thousand. Sums and counts can be added in any order.
        sum: f64,
        count: usize,
        // Not 0.0 for none: it would be the highest of a winter.
        highest: Option<f64>,
    }

    impl Part {
        /// Looks at one chunk.
        pub fn of(chunk: &[f64]) -> Part {
            Part {
                sum: chunk.iter().sum(),
                count: chunk.len(),
                highest: chunk.iter().copied().reduce(f64::max),
            }
        }

        /// Puts two parts together.
        pub fn and(self, other: Part) -> Part {
            let both = [self.highest, other.highest];
            Part {
                sum: self.sum + other.sum,
                count: self.count + other.count,
                highest: both.into_iter().flatten().reduce(f64::max),
            }
        }

        /// The average of all temperatures.
        pub fn average(self) -> Option<f64> {
            (self.count > 0).then(|| self.sum / self.count as f64)
        }

        /// The highest of all temperatures.
        pub fn highest(self) -> Option<f64> {
            self.highest
        }
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;

    /// Puts the chunks together, the first of them with the rest.
    fn together(chunks: &[&[f64]]) -> Part {
        let (first, rest) = chunks.split_first().expect("some chunks");
        rest.iter()
            .fold(Part::of(first), |part, chunk| part.and(Part::of(chunk)))
    }

    #[test]
    fn one_chunk_has_its_own_average() {
        let part = Part::of(&[10.0, 14.0, 18.0]);
        assert_eq!(part.average(), Some(14.0));
        assert_eq!(part.highest(), Some(18.0));
    }

    #[test]
    fn a_long_chunk_counts_for_more_than_a_short_one() {
        let part = together(&[&[10.0, 10.0, 10.0], &[30.0]]);
        assert_eq!(
            part.average(),
            Some(15.0),
            "three times 10 degrees and once 30 degrees are 15 on average"
        );
    }

    #[test]
    fn every_order_of_the_chunks_gives_the_same() {
        let a: &[f64] = &[1.0, 2.0];
        let (b, c): (&[f64], &[f64]) = (&[3.0], &[4.0, 5.0, 21.0]);
        for chunks in
            [[a, b, c], [a, c, b], [b, a, c], [b, c, a], [c, a, b], [c, b, a]]
        {
            let part = together(&chunks);
            assert_eq!(part.average(), Some(6.0), "in the order {chunks:?}");
            assert_eq!(part.highest(), Some(21.0), "in the order {chunks:?}");
        }
    }

    #[test]
    fn every_grouping_of_the_chunks_gives_the_same() {
        let [a, b, c] = [&[0.0, 8.0][..], &[2.0], &[2.0]].map(Part::of);
        assert_eq!(a.and(b).and(c).average(), Some(3.0));
        assert_eq!(a.and(b.and(c)).average(), Some(3.0));
    }

    #[test]
    fn an_empty_chunk_changes_nothing() {
        for chunks in [[&[][..], &[7.0, 9.0]], [&[7.0, 9.0][..], &[]]] {
            assert_eq!(together(&chunks).average(), Some(8.0));
        }
    }

    #[test]
    fn a_winter_has_a_highest_temperature_below_zero() {
        let part = together(&[&[-20.0, -8.0], &[], &[-11.0]]);
        assert_eq!(part.highest(), Some(-8.0));
        assert_eq!(part.average(), Some(-13.0));
    }

    #[test]
    fn nothing_has_no_average() {
        let part = together(&[&[], &[]]);
        assert_eq!(part.average(), None, "0 divided by 0 is no temperature");
        assert_eq!(part.highest(), None);
    }
}
