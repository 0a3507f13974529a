//! # Average in any order
//!
//! 15 minutes
//!
//! Weather stations send their temperatures in chunks of any length. Each chunk
//! is turned into a `Part`, and parts are put together as they come, in any
//! order and in any grouping. In the end you want the average of all
//! temperatures and the highest of them.
//!
//! The program below does all that, but its answers are wrong. Find out what a
//! part has to remember, and repair it. The tests put parts together in every
//! order; some chunks are longer than others, and some are empty. Where there
//! is no temperature at all, there is neither an average nor a highest one, so
//! both are `None`.
//!
//! Hint: Suppose you know the average grade of each of two classes. What else do
//! you need to know to compute the average of both classes together? And a
//! maximum needs something to begin with: `f64::NEG_INFINITY` is less than any
//! temperature.

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

/// You add up the averages of the chunks and divide by the number of chunks.
/// Now neither order nor grouping matters, but a chunk of two temperatures
/// weighs as much as a chunk of two thousand, so a station that reports in many
/// short chunks pulls the average its way.
///
/// Caught by `a_long_chunk_counts_for_more_than_a_short_one`.
pub mod wrong_average_of_averages {
    #[derive(Clone, Copy, Debug)]
    pub struct Part {
        averages: f64,
        chunks: usize,
        highest: Option<f64>,
    }

    impl Part {
        pub fn of(chunk: &[f64]) -> Part {
            if chunk.is_empty() {
                return Part { averages: 0.0, chunks: 0, highest: None };
            }
            Part {
                averages: chunk.iter().sum::<f64>() / chunk.len() as f64,
                chunks: 1,
                highest: chunk.iter().copied().reduce(f64::max),
            }
        }

        pub fn and(self, other: Part) -> Part {
            let both = [self.highest, other.highest];
            Part {
                averages: self.averages + other.averages,
                chunks: self.chunks + other.chunks,
                highest: both.into_iter().flatten().reduce(f64::max),
            }
        }

        pub fn average(self) -> Option<f64> {
            (self.chunks > 0).then(|| self.averages / self.chunks as f64)
        }

        pub fn highest(self) -> Option<f64> {
            self.highest
        }
    }
}

/// You keep the average and weigh it by its count when you put two parts
/// together. That is right as long as no chunk is empty: the average of an empty
/// chunk is 0 / 0, which is *not a number*, and zero times that is still not a
/// number. One station with nothing to report wipes out everyone's average.
///
/// Caught by `an_empty_chunk_changes_nothing`.
pub mod wrong_average_of_an_empty_chunk {
    #[derive(Clone, Copy, Debug)]
    pub struct Part {
        average: f64,
        count: usize,
        highest: Option<f64>,
    }

    impl Part {
        pub fn of(chunk: &[f64]) -> Part {
            Part {
                average: chunk.iter().sum::<f64>() / chunk.len() as f64,
                count: chunk.len(),
                highest: chunk.iter().copied().reduce(f64::max),
            }
        }

        pub fn and(self, other: Part) -> Part {
            let sum = |part: Part| part.average * part.count as f64;
            let count = self.count + other.count;
            let both = [self.highest, other.highest];
            Part {
                average: (sum(self) + sum(other)) / count as f64,
                count,
                highest: both.into_iter().flatten().reduce(f64::max),
            }
        }

        pub fn average(self) -> Option<f64> {
            (self.count > 0).then_some(self.average)
        }

        pub fn highest(self) -> Option<f64> {
            self.highest
        }
    }
}

/// You begin each maximum with `f64::NEG_INFINITY` and return whatever is there
/// in the end. If no station has reported, that is the value you began with, and
/// you hand out minus infinity as the highest temperature of the day.
///
/// Caught by `nothing_has_no_average_and_no_highest`.
pub mod wrong_highest_of_nothing {
    #[derive(Clone, Copy, Debug)]
    pub struct Part {
        sum: f64,
        count: usize,
        highest: f64,
    }

    impl Part {
        pub fn of(chunk: &[f64]) -> Part {
            Part {
                sum: chunk.iter().sum(),
                count: chunk.len(),
                highest: chunk
                    .iter()
                    .copied()
                    .fold(f64::NEG_INFINITY, f64::max),
            }
        }

        pub fn and(self, other: Part) -> Part {
            Part {
                sum: self.sum + other.sum,
                count: self.count + other.count,
                highest: self.highest.max(other.highest),
            }
        }

        pub fn average(self) -> Option<f64> {
            (self.count > 0).then(|| self.sum / self.count as f64)
        }

        pub fn highest(self) -> Option<f64> {
            Some(self.highest)
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
            assert_eq!(
                together(&chunks).average(),
                Some(8.0),
                "7 and 9 degrees are 8 on average, and an empty chunk adds \
                 nothing: {chunks:?}"
            );
        }
    }

    #[test]
    fn a_winter_has_a_highest_temperature_below_zero() {
        let part = together(&[&[-20.0, -8.0], &[], &[-11.0]]);
        assert_eq!(part.highest(), Some(-8.0));
        assert_eq!(part.average(), Some(-13.0));
    }

    #[test]
    fn nothing_has_no_average_and_no_highest() {
        let part = together(&[&[], &[]]);
        assert_eq!(part.average(), None, "0 divided by 0 is no temperature");
        assert_eq!(part.highest(), None, "no temperature was sent");
    }
}
