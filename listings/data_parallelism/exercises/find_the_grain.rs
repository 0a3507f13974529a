//! # Find the grain
//!
//! 15 minutes
//!
//! A program does its work in chunks, and which size of a chunk is best depends
//! on the machine. So let the program find out when it is installed: `run(chunk)`
//! does the whole work in chunks of so many items, and returns how long it took.
//! Write `find_grain`. It returns a size, and with chunks of this size the work
//! takes at most a tenth longer than with the best size there is, on machines
//! like those of the tests. A run is expensive: there is time for 40 of them,
//! even where there are a million items.
//!
//! The tests bring machines of their own, whose times are computed: 1 to 64
//! workers, hand-outs that cost nearly nothing, and hand-outs that cost more
//! than the work.
//!
//! Hint: Between 1 and a million there are a million sizes, but only 20
//! doublings. How much can the time differ between a size and its double, where
//! neither the hand-outs nor the idle workers count for much?

use std::time::Duration;

pub mod starter {
    use super::*;

    /// A size, from 1 to `items`, in which to hand out `items` items: at most a
    /// tenth slower than the best.
    ///
    /// `run` does all the work in chunks of this size. It is called 40 times at
    /// most.
    #[allow(unused_variables, unused_mut)]
    pub fn find_grain(
        items: usize,
        mut run: impl FnMut(usize) -> Duration,
    ) -> usize {
        todo!("run some sizes, and return the one that took the least time")
    }
}

pub mod solution {
    use super::*;

    /// A size, from 1 to `items`, in which to hand out `items` items: at most a
    /// tenth slower than the best.
    ///
    /// `run` does all the work in chunks of this size. It is called 40 times at
    /// most.
    pub fn find_grain(
        items: usize,
        mut run: impl FnMut(usize) -> Duration,
    ) -> usize {
        // Where a hand-out is small beside a thread's share, the valley between
        // too small and too large is wide and flat, and steps of a factor of
        // two find it. All of them are run: next to the largest sizes the times
        // go up and down, and a search that follows the slope goes astray.
        let doublings = (0..usize::BITS).map(|n| 1 << n);
        let sizes = doublings.take_while(|size| *size < items);
        let best = sizes.chain([items]).min_by_key(|size| run(*size));
        best.unwrap_or(1)
    }
}

/// You run every size and take the best. The answer is the best there is, and
/// to find it the machine does the whole work a million times, where there was
/// time for 40.
///
/// Caught by `two_cores_and_small_items`.
pub mod wrong_runs_every_size {
    use super::*;

    pub fn find_grain(
        items: usize,
        mut run: impl FnMut(usize) -> Duration,
    ) -> usize {
        let best = (1..=items).min_by_key(|size| run(*size));
        best.unwrap_or(1)
    }
}

/// You halve the range of sizes, and go to the side on which the times fall.
/// You compare neighbors, and between these the number of chunks hardly
/// changes: the smaller one looks better by a hair, although twice the size
/// would need half the hand-outs.
///
/// Caught by `handing_out_costs_more_than_the_work`.
pub mod wrong_follows_the_slope {
    use super::*;

    pub fn find_grain(
        items: usize,
        mut run: impl FnMut(usize) -> Duration,
    ) -> usize {
        let (mut low, mut high) = (1, items);
        while low < high {
            let middle = low.midpoint(high);
            if run(middle) <= run(middle + 1) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        low
    }
}

/// You ask no machine: you cut the work into a thousand chunks, which leaves 64
/// workers enough to share. Where a hand-out costs more than the work, that is
/// a thousand times a price that had to be paid once.
///
/// Caught by `handing_out_costs_more_than_the_work`.
pub mod wrong_a_thousand_chunks {
    use super::*;

    pub fn find_grain(
        items: usize,
        _run: impl FnMut(usize) -> Duration,
    ) -> usize {
        items.div_ceil(1000)
    }
}

/// You double the size and stop one step early, because `..` leaves out its
/// end. You never run a size of more than half of the items, so where handing
/// out is what costs, you cut the work into four chunks although two would do.
///
/// Caught by `handing_out_costs_more_than_the_work`.
pub mod wrong_stops_one_step_early {
    use super::*;

    pub fn find_grain(
        items: usize,
        mut run: impl FnMut(usize) -> Duration,
    ) -> usize {
        let sizes = (0..items.ilog2()).map(|doublings| 1 << doublings);
        let best = sizes.min_by_key(|size| run(*size));
        best.unwrap_or(1)
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;

    /// What a hand-out takes and what an item takes, in nanoseconds.
    struct Machine {
        workers: usize,
        hand_out: usize,
        item: usize,
    }

    impl Machine {
        /// Each worker takes a chunk as soon as it is done with its last. The
        /// chunks are equal, so the workers stay in step.
        fn time(&self, items: usize, chunk: usize) -> Duration {
            assert!(
                (1..=items).contains(&chunk),
                "{chunk} is no size for {items} items"
            );
            let whole = self.hand_out + chunk * self.item;
            let (chunks, rest) = (items / chunk, items % chunk);
            let mut nanos = chunks / self.workers * whole;
            if !chunks.is_multiple_of(self.workers) {
                nanos += whole; // some work, the others have nothing left
            } else if rest > 0 {
                nanos += self.hand_out + rest * self.item;
            }
            Duration::from_nanos(nanos as u64)
        }

        fn best(&self, items: usize) -> Duration {
            let times = (1..=items).map(|chunk| self.time(items, chunk));
            times.min().expect("there is an item")
        }
    }

    #[track_caller]
    fn finds(machine: Machine, items: usize) {
        let mut runs = 0;
        let grain = find_grain(items, |chunk| {
            runs += 1;
            assert!(runs <= 40, "that was one run more than there is time for");
            machine.time(items, chunk)
        });
        let (found, best) = (machine.time(items, grain), machine.best(items));
        assert!(
            found.as_secs_f64() <= 1.1 * best.as_secs_f64(),
            "chunks of {grain} take {found:?}, and the best take {best:?}"
        );
    }

    #[test]
    fn two_cores_and_small_items() {
        finds(Machine { workers: 2, hand_out: 100, item: 10 }, 1_000_000);
    }

    #[test]
    fn many_cores_and_small_items() {
        finds(Machine { workers: 64, hand_out: 2_000, item: 50 }, 1_000_000);
    }

    #[test]
    fn one_core_has_nobody_to_share_with() {
        finds(Machine { workers: 1, hand_out: 5_000, item: 10 }, 100_000);
    }

    #[test]
    fn few_large_items() {
        finds(Machine { workers: 8, hand_out: 1_000, item: 1_000_000_000 }, 10);
        finds(Machine { workers: 3, hand_out: 1_000, item: 1_000_000 }, 12);
    }

    #[test]
    fn handing_out_costs_more_than_the_work() {
        finds(Machine { workers: 2, hand_out: 10_000_000, item: 10 }, 1_000);
    }

    #[test]
    fn one_item_is_one_chunk() {
        finds(Machine { workers: 4, hand_out: 10, item: 10 }, 1);
    }
}
