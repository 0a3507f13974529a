//! # Which bottleneck?
//!
//! 15 minutes
//!
//! A program computes, has a thread for each core or more of them, and gains less
//! than it should.
//! Write `bottleneck`, which names the likely reason from what was measured of it.
//! Look at things in this order, and take the first that fits:
//!
//! 1. The speedup, `alone` by `wall`, is at least nine tenths of the number of
//!    cores: there is `Nothing` to find.
//! 2. There are more threads than cores, and the threads changed places at least
//!    1 000 times a second: `Oversubscription`.
//! 3. At least a fifth of the CPU time was spent in the system: `Allocator` or
//!    `Lock`. It is the allocator if the threads ask for memory at least 100 000
//!    times a second.
//! 4. Less than nine tenths of the cores were busy: `Lock` if the threads changed
//!    places at least 1 000 times a second, and else `Imbalance`.
//! 5. What is left has its cores busy and is slow all the same, so it needs more
//!    CPU time than one thread alone. It is `Grain` if the threads take pieces at
//!    least 1 000 000 times a second. If not, it is `Lock` if they ask for a lock
//!    at least 100 000 times a second, and else `Bandwidth`.
//!
//! Counts are of all threads together, and rates are counts divided by the wall
//! time of the threads. CPU time is that in user mode and that in the system. The
//! limits are rules of thumb, and no wall time is zero.
//!
//! Hint: `Duration` divides by a number, and `as_secs_f64` makes a number of it.

use std::time::Duration;

/// What was measured of one run with threads, and of one with a single thread.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    pub cores: u32,
    pub threads: u32,
    /// The wall time of one thread that does all the work in one loop, and hands
    /// out nothing. It computes all the time, so it is its CPU time as well.
    pub alone: Duration,
    /// The wall time of the threads.
    pub wall: Duration,
    /// The CPU time of all threads, in user mode and in the system.
    pub user: Duration,
    pub system: Duration,
    /// How many times a thread gave up its core, or had to.
    pub switches: u64,
    /// How many times a thread took a piece of the work.
    pub pieces: u64,
    /// How many times memory was asked for, and a lock.
    pub allocations: u64,
    pub locks: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bottleneck {
    Nothing,
    Oversubscription,
    Allocator,
    Lock,
    Imbalance,
    Bandwidth,
    Grain,
}

pub mod starter {
    use super::*;

    /// The likely reason why the threads gain less than they should.
    #[allow(unused_variables)]
    pub fn bottleneck(of: &Measured) -> Bottleneck {
        todo!("look at the speedup first")
    }
}

pub mod solution {
    use super::*;

    /// The likely reason why the threads gain less than they should.
    pub fn bottleneck(of: &Measured) -> Bottleneck {
        let wall = of.wall.as_secs_f64();
        let cpu = (of.user + of.system).as_secs_f64();
        let often = |count: u64, rate: f64| count as f64 / wall >= rate;
        let cores = f64::from(of.cores);
        if of.alone.as_secs_f64() / wall >= 0.9 * cores {
            return Bottleneck::Nothing;
        }
        if of.threads > of.cores && often(of.switches, 1e3) {
            return Bottleneck::Oversubscription;
        }
        if of.system.as_secs_f64() >= 0.2 * cpu {
            return match often(of.allocations, 1e5) {
                true => Bottleneck::Allocator,
                false => Bottleneck::Lock,
            };
        }
        if cpu / wall < 0.9 * cores {
            return match often(of.switches, 1e3) {
                true => Bottleneck::Lock,
                false => Bottleneck::Imbalance,
            };
        }
        // The cores are busy, and the speedup is less than their number: they
        // need more CPU time than `alone`.
        if often(of.pieces, 1e6) {
            return Bottleneck::Grain;
        }
        match often(of.locks, 1e5) {
            true => Bottleneck::Lock,
            false => Bottleneck::Bandwidth,
        }
    }
}

/// Compares the counts themselves with the limits, and the limits are rates.
/// A run of an hour makes a thousand switches in any case, so the longer a
/// program runs, the more of them you would blame on its threads or on a lock.
///
/// Caught by `too_many_threads_that_change_places_all_the_time`.
pub mod wrong_counts_for_rates {
    use super::*;

    /// The likely reason why the threads gain less than they should.
    pub fn bottleneck(of: &Measured) -> Bottleneck {
        let wall = of.wall.as_secs_f64();
        let cpu = (of.user + of.system).as_secs_f64();
        let cores = f64::from(of.cores);
        if of.alone.as_secs_f64() / wall >= 0.9 * cores {
            return Bottleneck::Nothing;
        }
        if of.threads > of.cores && of.switches >= 1_000 {
            return Bottleneck::Oversubscription;
        }
        if of.system.as_secs_f64() >= 0.2 * cpu {
            return match of.allocations >= 100_000 {
                true => Bottleneck::Allocator,
                false => Bottleneck::Lock,
            };
        }
        if cpu / wall < 0.9 * cores {
            return match of.switches >= 1_000 {
                true => Bottleneck::Lock,
                false => Bottleneck::Imbalance,
            };
        }
        if of.pieces >= 1_000_000 {
            return Bottleneck::Grain;
        }
        match of.locks >= 100_000 {
            true => Bottleneck::Lock,
            false => Bottleneck::Bandwidth,
        }
    }
}

/// Counts a core as busy only while it runs in user mode. A core that works for
/// the system is busy as well, so a program whose threads make many system
/// calls seems to stand still, and you look for unequal pieces that it does not
/// have.
///
/// Caught by `nine_tenths_of_the_cores`.
pub mod wrong_user_time_only {
    use super::*;

    /// The likely reason why the threads gain less than they should.
    pub fn bottleneck(of: &Measured) -> Bottleneck {
        let wall = of.wall.as_secs_f64();
        let user = of.user.as_secs_f64();
        let system = of.system.as_secs_f64();
        let often = |count: u64, rate: f64| count as f64 / wall >= rate;
        let cores = f64::from(of.cores);
        if of.alone.as_secs_f64() / wall >= 0.9 * cores {
            return Bottleneck::Nothing;
        }
        if of.threads > of.cores && often(of.switches, 1e3) {
            return Bottleneck::Oversubscription;
        }
        if system >= 0.2 * (user + system) {
            return match often(of.allocations, 1e5) {
                true => Bottleneck::Allocator,
                false => Bottleneck::Lock,
            };
        }
        if user / wall < 0.9 * cores {
            return match often(of.switches, 1e3) {
                true => Bottleneck::Lock,
                false => Bottleneck::Imbalance,
            };
        }
        if often(of.pieces, 1e6) {
            return Bottleneck::Grain;
        }
        match often(of.locks, 1e5) {
            true => Bottleneck::Lock,
            false => Bottleneck::Bandwidth,
        }
    }
}

/// Asks whether cores are idle before it asks what the system did, because idle
/// cores are the first thing you see. But threads that wait for the allocator
/// leave cores idle too, so you would cut the work in other pieces, and the
/// allocator would be as slow as before.
///
/// Caught by `time_in_the_system_for_memory_or_for_a_lock`.
pub mod wrong_idle_cores_first {
    use super::*;

    /// The likely reason why the threads gain less than they should.
    pub fn bottleneck(of: &Measured) -> Bottleneck {
        let wall = of.wall.as_secs_f64();
        let cpu = (of.user + of.system).as_secs_f64();
        let often = |count: u64, rate: f64| count as f64 / wall >= rate;
        let cores = f64::from(of.cores);
        if of.alone.as_secs_f64() / wall >= 0.9 * cores {
            return Bottleneck::Nothing;
        }
        if of.threads > of.cores && often(of.switches, 1e3) {
            return Bottleneck::Oversubscription;
        }
        if cpu / wall < 0.9 * cores {
            return match often(of.switches, 1e3) {
                true => Bottleneck::Lock,
                false => Bottleneck::Imbalance,
            };
        }
        if of.system.as_secs_f64() >= 0.2 * cpu {
            return match often(of.allocations, 1e5) {
                true => Bottleneck::Allocator,
                false => Bottleneck::Lock,
            };
        }
        if often(of.pieces, 1e6) {
            return Bottleneck::Grain;
        }
        match often(of.locks, 1e5) {
            true => Bottleneck::Lock,
            false => Bottleneck::Bandwidth,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Bottleneck::*;
    use super::solution::*;
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// Four cores and threads, four seconds of work, and no trouble at all.
    fn calm() -> Measured {
        Measured {
            cores: 4,
            threads: 4,
            alone: 4_000 * MS,
            wall: 1_000 * MS,
            user: 4_000 * MS,
            system: Duration::ZERO,
            switches: 50,
            pieces: 100,
            allocations: 100,
            locks: 100,
        }
    }

    #[track_caller]
    fn is(of: Measured, expected: Bottleneck) {
        let wall = of.wall.as_secs_f64();
        let cpu = (of.user + of.system).as_secs_f64();
        let [switches, pieces, allocations, locks] =
            [of.switches, of.pieces, of.allocations, of.locks]
                .map(|count| count as f64 / wall);
        assert_eq!(
            bottleneck(&of),
            expected,
            "{} threads on {} cores: {:.3} times as fast as one, {:.3} cores \
             busy, {:.1} % of the CPU time in the system; in a second \
             {switches:.1} switches, {pieces:.1} pieces, {allocations:.1} \
             allocations, {locks:.1} locks\n{of:?}",
            of.threads,
            of.cores,
            of.alone.as_secs_f64() / wall,
            cpu / wall,
            100.0 * of.system.as_secs_f64() / cpu,
        );
    }

    #[test]
    fn a_program_that_gains_has_no_bottleneck() {
        is(calm(), Nothing);
        is(Measured { wall: 1_100 * MS, ..calm() }, Nothing);
        // Whatever else it does.
        is(Measured { switches: 9_000, threads: 64, ..calm() }, Nothing);
        is(Measured { system: 2_000 * MS, ..calm() }, Nothing);
    }

    #[test]
    fn nine_tenths_of_the_cores() {
        // A speedup of nine on ten cores, and a little less.
        let ten = Measured { cores: 10, threads: 10, ..calm() };
        let gains = Measured { alone: 9_000 * MS, user: 10_000 * MS, ..ten };
        is(gains, Nothing);
        is(Measured { alone: 8_999 * MS, ..gains }, Bandwidth);
        // Nine of ten cores busy, and a little less.
        let busy = Measured { alone: 5_000 * MS, user: 9_000 * MS, ..ten };
        is(busy, Bandwidth);
        is(Measured { user: 8_999 * MS, ..busy }, Imbalance);
        // With the system they are busy as well.
        let both = Measured { user: 8_000 * MS, system: 1_000 * MS, ..busy };
        is(both, Bandwidth);
    }

    #[test]
    fn too_many_threads_that_change_places_all_the_time() {
        let slow = Measured { wall: 2_000 * MS, ..calm() };
        let many = Measured { threads: 64, user: 7_000 * MS, ..slow };
        is(Measured { switches: 40_000, ..many }, Oversubscription);
        // The rate counts, not the number: 1 999 in two seconds are fewer than
        // 1 000 a second.
        is(Measured { switches: 2_000, ..many }, Oversubscription);
        is(Measured { switches: 1_999, user: 7_900 * MS, ..many }, Bandwidth);
        // They come before time in the system, and before busy cores.
        let changing = Measured { switches: 40_000, ..many };
        is(Measured { system: 3_000 * MS, ..changing }, Oversubscription);
        is(Measured { user: 7_900 * MS, ..changing }, Oversubscription);
        // One thread more than cores is too many.
        is(Measured { threads: 5, ..changing }, Oversubscription);
        // As many threads as cores are not too many.
        let equal = Measured { threads: 4, switches: 40_000, ..many };
        is(equal, Lock);
    }

    #[test]
    fn time_in_the_system_for_memory_or_for_a_lock() {
        let slow = Measured {
            wall: 2_000 * MS,
            user: 4_000 * MS,
            system: 1_000 * MS,
            ..calm()
        };
        is(Measured { allocations: 200_000, ..slow }, Allocator);
        is(Measured { allocations: 199_999, ..slow }, Lock);
        // A fifth of all CPU time, and not of that in user mode.
        let less = Measured { system: 900 * MS, ..slow };
        is(Measured { allocations: 200_000, ..less }, Imbalance);
    }

    #[test]
    fn cores_that_are_idle() {
        let idle = Measured { wall: 1_750 * MS, ..calm() };
        is(idle, Imbalance);
        is(Measured { switches: 1_750, ..idle }, Lock);
        is(Measured { switches: 1_749, ..idle }, Imbalance);
    }

    #[test]
    fn cores_that_are_busy_for_nothing() {
        let busy = Measured { wall: 2_000 * MS, user: 7_900 * MS, ..calm() };
        is(busy, Bandwidth);
        is(Measured { locks: 200_000, ..busy }, Lock);
        is(Measured { locks: 199_999, ..busy }, Bandwidth);
        // However little more CPU time it is than alone.
        is(
            Measured { wall: 1_200 * MS, user: 4_700 * MS, ..calm() },
            Bandwidth,
        );
    }

    #[test]
    fn cores_that_hand_out_more_than_they_compute() {
        for wall in [1_250 * MS, 2_000 * MS, 8_000 * MS] {
            let busy = Measured { wall, user: 4 * wall, ..calm() };
            let many = wall.as_micros() as u64;
            is(Measured { pieces: many, ..busy }, Grain);
            is(Measured { pieces: many - 1, ..busy }, Bandwidth);
            // Even with a lock for each: larger pieces need it less often.
            is(Measured { pieces: many, locks: many, ..busy }, Grain);
            is(Measured { pieces: many - 1, locks: many, ..busy }, Lock);
        }
        // Idle cores have another reason.
        let idle = Measured { wall: 1_750 * MS, ..calm() };
        is(Measured { pieces: 9_000_000, ..idle }, Imbalance);
    }
}
